"""What every form of grades has in common: who is graded, what comes out, ties across a cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

from ballot.language import Text
from ballot.scoring.readings import with_clause

PENDING: Final = "待定"
Position = tuple[Decimal, int]
"""The total with its sign turned, then the place a decision gave among equals: low is better."""


@dataclass(frozen=True)
class Candidate:
    """A unit as grading sees it, with the reasons why it failed or is barred from first.

    `capped` are the best grades that vetoes leave it, each with its reason.
    """

    unit: str
    position: Position
    failed: tuple[Text, ...] = ()
    barred: tuple[Text, ...] = ()
    capped: tuple[tuple[str, Text], ...] = ()

    @property
    def free(self) -> bool:
        """Whether it may be among the first."""
        return not (self.failed or self.barred or self.capped)


@dataclass(frozen=True)
class Graded:
    """A grade with how it came about; `note` names the tied units where it is pending.

    `grade` is None where the scheme has none for it. `distinction` is a further mark of honour,
    pending as a grade may be.
    """

    grade: str | None
    derivation: tuple[Text, ...]
    note: Text | None = None
    distinction: str | None = None


@dataclass(frozen=True)
class FirstCut:
    """The places of the first grade: who surely has one, and who is tied for the last ones.

    Only where vacancies are not filled are barred and failed units among the tied, for then one
    of them that comes first uses up a place.
    """

    sure: frozenset[str]
    tied: tuple[Candidate, ...]
    places: int

    @cached_property
    def outcomes(self) -> list[tuple[int, int]]:
        """How many free and how many barred ones the order of the tied may put on the places."""
        failed = len(self.tied) - self.free - self.barred
        return [
            (chosen, using)
            for chosen in range(self.free + 1)
            for using in range(self.barred + 1)
            if 0 <= self.places - chosen - using <= failed
        ]

    @cached_property
    def free(self) -> int:
        """How many of the tied may be among the first."""
        return sum(candidate.free for candidate in self.tied)

    @cached_property
    def barred(self) -> int:
        """How many of the tied are barred but have passed."""
        return sum(bool(each.barred and not each.failed) for each in self.tied)


def tie(tied: Sequence[Candidate], label: str) -> Text:
    """Name the tied units whose order a person must decide (rule 21)."""
    return Text(
        "%(units)s同分，跨“%(grade)s”的界线，须由人决定先后并记录理由",
        units="、".join(candidate.unit for candidate in tied),
        grade=label,
    )


def grade_line(label: str, clause: str) -> Text:
    """Tell a grade with the clause it rests on."""
    return with_clause(Text("等次：%(grade)s", grade=label), clause)


def joined(texts: Sequence[Text]) -> Text:
    """Return several texts as one."""
    whole = texts[0]
    for text in texts[1:]:
        whole = Text("%(first)s;%(second)s", first=whole, second=text)
    return whole


def first_cut(pool: Sequence[Candidate], places: int) -> FirstCut:
    """Return who has a place among the first, from units in order (rule 18)."""
    if places == 0:
        return FirstCut(frozenset(), (), 0)
    if len(pool) <= places:
        return FirstCut(_free(pool), (), 0)
    last = pool[places - 1].position
    above = [candidate for candidate in pool if candidate.position < last]
    level = [candidate for candidate in pool if candidate.position == last]
    left = places - len(above)
    if len(level) <= left or not _free(level):
        return FirstCut(_free(pool[:places]), (), 0)
    return FirstCut(_free(above), tuple(level), left)


def _free(candidates: Sequence[Candidate]) -> frozenset[str]:
    return frozenset(candidate.unit for candidate in candidates if candidate.free)
