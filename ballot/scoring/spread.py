"""How marks from 0 to 100 lie: how many, the plain mean, the lowest and the highest."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ballot.scoring.figures import half_up
from ballot.scoring.mean_mark import given, total


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
    def by_tens(self) -> tuple[int, ...]:
        """Return the numbers of marks from 90 to 100, from 80 to 89, … from 0 to 9."""
        tens = [sum(self.counts[least : least + 10]) for least in range(0, 100, 10)]
        tens[-1] += self.counts[100]
        return tuple(reversed(tens))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; `counts` leaves out marks that nobody gave."""
        return {
            "opinions": self.opinions,
            "mean": f"{half_up(self.mean, 2):f}",
            "lowest": self.lowest,
            "highest": self.highest,
            "counts": {str(mark): self.counts[mark] for mark in reversed(given(self.counts))},
        }
