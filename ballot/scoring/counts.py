"""What was counted: votes for each answer, abstentions, invalid ballots, and their bases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Final

from ballot.language import Text


class Base(StrEnum):
    """The denominator (基数) of a share."""

    OPINIONS = "opinions"
    VALID = "valid"
    RETURNED = "returned"
    ISSUED = "issued"
    ELIGIBLE = "eligible"

    @property
    def text(self) -> Text:
        """The base in words, as every printed table names it."""
        return BASE_TEXTS[self]


BASE_TEXTS: Final[Mapping[Base, Text]] = {
    Base.OPINIONS: Text("表态票"),
    Base.VALID: Text("有效票"),
    Base.RETURNED: Text("收回票"),
    Base.ISSUED: Text("发出票"),
    Base.ELIGIBLE: Text("应到人数"),
}


@dataclass(frozen=True)
class Counts:
    """The counts of one subject on one question, of one group or of all together.

    Units: numbers of ballots; `eligible` is a number of persons. `marks` has one number for each
        answer of the scale, in its order: per level, or per mark from 0 to 100.
    Source: docs/scoring-rules.md, rule 1.
    """

    marks: tuple[int, ...]
    abstain: int = 0
    invalid: int = 0
    issued: int | None = None
    eligible: int | None = None

    def __post_init__(self) -> None:
        numbers = (*self.marks, self.abstain, self.invalid, self.issued or 0, self.eligible or 0)
        if any(number < 0 for number in numbers):
            raise ValueError(f"a count cannot be negative: {self}")

    @property
    def opinions(self) -> int:
        """Ballots that name a level or a mark."""
        return sum(self.marks)

    @property
    def valid(self) -> int:
        """Valid ballots: marks and abstentions."""
        return self.opinions + self.abstain

    @property
    def returned(self) -> int:
        """Ballots that came back, invalid ones among them."""
        return self.valid + self.invalid

    def of(self, base: Base) -> int | None:
        """Return the number that a base stands for, None if it was not recorded."""
        numbers: Mapping[Base, int | None] = {
            Base.OPINIONS: self.opinions,
            Base.VALID: self.valid,
            Base.RETURNED: self.returned,
            Base.ISSUED: self.issued,
            Base.ELIGIBLE: self.eligible,
        }
        return numbers[base]

    def __add__(self, other: "Counts") -> "Counts":
        pairs = zip(self.marks, other.marks, strict=True)
        return Counts(
            marks=tuple(mine + theirs for mine, theirs in pairs),
            abstain=self.abstain + other.abstain,
            invalid=self.invalid + other.invalid,
            issued=_both(self.issued, other.issued),
            eligible=_both(self.eligible, other.eligible),
        )


def _both(mine: int | None, theirs: int | None) -> int | None:
    return None if mine is None or theirs is None else mine + theirs


def pooled(counts: Iterable[Counts]) -> Counts:
    """Return the counts of several groups added up (rule 12)."""
    return reduce(add, counts)


@dataclass(frozen=True)
class QuestionTally:
    """The counts on one question by group; the single key `""` where groups are pooled."""

    counts: Mapping[str, Counts]
    text: str = ""
    weight: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if not self.counts:
            raise ValueError("a question without counts")
        if self.weight <= 0:
            raise ValueError(f"a question's weight must be positive: {self.weight}")
