"""Exact weights of voter groups."""

from collections.abc import Mapping
from fractions import Fraction

from ballot.scoring.errors import WeightsError
from ballot.scoring.figures import exact


def check_weights(weights: Mapping[str, Fraction]) -> None:
    """Refuse group weights that are not positive or do not add up to exactly 1.

    They are never normalised silently: 0.4 + 0.3 + 0.2 is a slip of the pen. No weights at all
    means that groups are pooled.
    Raises: WeightsError.
    Source: docs/scoring-rules.md, rule 12.
    """
    total = sum(weights.values(), Fraction(0))
    if weights and (total != 1 or any(weight <= 0 for weight in weights.values())):
        raise WeightsError(total=exact(total))
