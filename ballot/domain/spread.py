"""How the marks for an item spread over five bands (由高到低分五个档次)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

BANDS: Final = 5


@dataclass(frozen=True)
class Spread:
    """The marks of all units for one item. `bands`: numbers of units, from the highest band down.

    `same`: all units got one and the same mark, so it tells none of them apart.
    """

    bands: tuple[int, ...]
    highest: Decimal
    lowest: Decimal
    different: int
    same: bool


def spread(marks: Sequence[Decimal], full_marks: Decimal | None) -> Spread | None:
    """Return how marks spread over fifths of the full marks; None where there are none.

    A mark on an edge belongs to the higher band (以上 includes the number). Where there are no
    full marks the highest mark stands for them.
    """
    if not marks:
        return None
    highest, lowest = max(marks), min(marks)
    whole = Fraction(full_marks if full_marks is not None else highest)
    bands = [0] * BANDS
    for mark in marks:
        bands[_band(Fraction(mark), whole)] += 1
    different = len({Fraction(mark) for mark in marks})
    return Spread(tuple(bands), highest, lowest, different, len(marks) > 1 and different == 1)


def _band(mark: Fraction, whole: Fraction) -> int:
    if whole <= 0 or mark >= whole:
        return 0
    if mark <= 0:
        return BANDS - 1
    fifths = mark * BANDS / whole
    return BANDS - 1 - min(BANDS - 1, fifths.numerator // fifths.denominator)
