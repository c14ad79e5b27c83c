"""How marks from 0 to 100 lie: how many, the plain mean, the lowest and the highest."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from ballot.scoring.figures import half_up
from ballot.scoring.mean_mark import given, total

RANGES: Final = ((90, 100), (80, 89), (70, 79), (60, 69), (0, 59))
NO_MARKS: Final = tuple((f"{low}–{high}", 0) for low, high in RANGES)
"""What `Spread.ranges` would be without an opinion."""


@dataclass(frozen=True)
class Spread:
    """How the marks of one subject lie, over all groups and questions, none dropped.

    `counts`: a number of ballots for each mark from 0 to 100; there is at least one.
    Source: docs/scoring-rules.md, rule 23.
    """

    counts: tuple[int, ...]

    @property
    def opinions(self) -> int:
        """Return how many marks were given."""
        return sum(self.counts)

    @property
    def mean(self) -> Fraction:
        """Return the plain mean: no weights, nothing dropped."""
        return Fraction(total(self.counts), self.opinions)

    @property
    def lowest(self) -> int:
        """Return the lowest mark given."""
        return given(self.counts)[0]

    @property
    def highest(self) -> int:
        """Return the highest mark given."""
        return given(self.counts)[-1]

    @property
    def ranges(self) -> tuple[tuple[str, int], ...]:
        """Return ranges of marks, the highest first, each with how many were given in it.

        For looking at only: nothing is converted by them.
        """
        return tuple((f"{low}–{high}", sum(self.counts[low : high + 1])) for low, high in RANGES)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; `counts` leaves out marks that nobody gave."""
        return {
            "opinions": self.opinions,
            "mean": f"{half_up(self.mean, 2):f}",
            "lowest": self.lowest,
            "highest": self.highest,
            "counts": {str(mark): self.counts[mark] for mark in reversed(given(self.counts))},
        }
