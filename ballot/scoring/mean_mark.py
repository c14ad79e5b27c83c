"""The mean mark: the exact mean of the marks 0 to 100 given, the highest and lowest dropped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any, ClassVar, Final, Literal, cast, get_args

from ballot.language import Text
from ballot.scoring.counts import Counts
from ballot.scoring.errors import RuleError
from ballot.scoring.figures import exact, half_up
from ballot.scoring.scales import AnyScale

Rounding = Literal["", "down", "up", "half-up"]
NOTHING: Final = Fraction(0)


@dataclass(frozen=True)
class MeanMark:
    """The mean of the marks given, after dropping some from the top and the bottom.

    `drop_top`, `drop_bottom`: from 1 on a number of ballots, below 1 a share of the opinions.
    `only_above`: nothing is dropped unless more than so many gave a mark.
    `rounding`: of a share to a whole number of ballots; where the source says nothing (""), down.
    Raises: RuleError for what cannot be dropped.
    Source: docs/scoring-rules.md, rules 24 and 25.
    """

    drop_top: Fraction = NOTHING
    drop_bottom: Fraction = NOTHING
    only_above: int = 0
    rounding: Rounding = ""
    name: ClassVar[str] = "mean-mark"

    def __post_init__(self) -> None:
        for drop in (self.drop_top, self.drop_bottom):
            if drop < 0 or (drop > 1 and drop.denominator != 1):
                raise RuleError(problem=Text("去掉的须是整数张票，或小于 1 的比例"))
        if self.only_above < 0:
            raise RuleError(problem=Text("人数不能是负数"))

    def measure(self, counts: Counts, scale: AnyScale, base: int) -> Fraction:  # noqa: ARG002
        """Return the mean of what is kept; there must be an opinion."""
        kept = self.kept(counts.marks)
        return Fraction(total(kept), sum(kept))

    def score(self, measure: Fraction) -> Fraction:
        """Return the score out of 100: the mean itself."""
        return measure

    @property
    def drops(self) -> bool:
        """Tell whether the rule ever drops a mark."""
        return bool(self.drop_top or self.drop_bottom)

    def dropped(self, opinions: int) -> tuple[int, int]:
        """Return how many of so many marks are dropped from the top and from the bottom.

        Nothing is dropped where nothing would be left.
        Source: docs/scoring-rules.md, rule 25.
        """
        top, bottom = (
            self._number(self.drop_top, opinions),
            self._number(self.drop_bottom, opinions),
        )
        if opinions <= self.only_above or top + bottom >= opinions:
            return 0, 0
        return top, bottom

    def kept(self, marks: Sequence[int]) -> tuple[int, ...]:
        """Return the histogram of the marks that count."""
        top, bottom = self.dropped(sum(marks))
        return _without_highest(_without_highest(marks, top)[::-1], bottom)[::-1]

    def _number(self, drop: Fraction, opinions: int) -> int:
        if drop >= 1:
            return int(drop)
        share = drop * opinions
        if self.rounding == "half-up":
            return int(half_up(share, 0))
        return ceil(share) if self.rounding == "up" else floor(share)

    def to_json(self) -> dict[str, Any]:
        """Return the conversion as plain JSON values, exact."""
        return {
            "name": self.name,
            "drop_top": exact(self.drop_top),
            "drop_bottom": exact(self.drop_bottom),
            "only_above": str(self.only_above),
            "rounding": self.rounding,
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "MeanMark":
        """Return the conversion that `to_json` wrote.

        Raises: KeyError, TypeError, ValueError for anything else.
        """
        if written["rounding"] not in get_args(Rounding):
            raise ValueError(written["rounding"])
        return cls(
            Fraction(written["drop_top"]),
            Fraction(written["drop_bottom"]),
            int(written["only_above"]),
            cast(Rounding, written["rounding"]),
        )


def total(marks: Sequence[int]) -> int:
    """Return the sum of all marks of a histogram."""
    return sum(mark * ballots for mark, ballots in enumerate(marks))


def given(marks: Sequence[int]) -> list[int]:
    """Return the marks that were given at all, from the lowest to the highest."""
    return [mark for mark, ballots in enumerate(marks) if ballots]


def _without_highest(marks: Sequence[int], number: int) -> tuple[int, ...]:
    """Return a histogram without so many ballots of its last places."""
    left, kept = number, list(marks)
    for place in range(len(kept) - 1, -1, -1):
        gone = min(left, kept[place])
        kept[place] -= gone
        left -= gone
    return tuple(kept)
