"""Exact figures: rounding, shares, and how numbers are read and written."""

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ballot.language import Text
from ballot.scoring.errors import NoVotesError

WHOLE: Final = re.compile(r"[0-9]{1,9}")
NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def half_up(value: Fraction, places: int) -> Decimal:
    """Return the value rounded to a number of decimals; halves go away from zero (四舍五入).

    Source: docs/scoring-rules.md, rule 7.
    """
    tenfold = abs(value) * 10**places
    units = (2 * tenfold.numerator + tenfold.denominator) // (2 * tenfold.denominator)
    digits = tuple(int(digit) for digit in str(units))
    return Decimal((int(value < 0 and units > 0), digits, -places))


def approval_ratio(*, approving: int, base: int) -> Fraction:
    """Return the share of approving ballots (较好以上票) in the counted base.

    Units: both arguments are numbers of ballots; the result lies in [0, 1].
    Exact: 54 of 60 is Fraction(9, 10), never 0.8999, so a subject that sits precisely on a
        band's edge is scored the same on every machine.
    Raises: NoVotesError if the base is empty; ValueError for a negative count or more
        approvals than ballots.
    Source: docs/scoring-rules.md, rule 2.
    """
    if not 0 <= approving <= base:
        raise ValueError(f"impossible counts: {approving=} {base=}")
    if base == 0:
        raise NoVotesError
    return Fraction(approving, base)


def percentage(ratio: Fraction) -> str:
    """Return a share as a percentage with two decimals, without its sign: `89.66`."""
    return f"{half_up(ratio * 100, 2):f}"


def percent(count: int, base: int) -> str:
    """Return a count's percentage of a base with two decimals: 26 of 29 is `89.66`.

    Raises: NoVotesError if the base is empty.
    Source: docs/scoring-rules.md, rule 7.
    """
    if base == 0:
        raise NoVotesError
    return percentage(Fraction(count, base))


def exact(value: Fraction | Decimal) -> str:
    """Return a number as it is: `0.05`, `90`, and as `1/3` where no decimal is exact."""
    number = Fraction(value)
    places, rest = 0, number.denominator
    for factor in (10, 5, 2):
        while rest % factor == 0:
            rest //= factor
            places += 1
    if rest != 1:
        return f"{number.numerator}/{number.denominator}"
    return f"{half_up(number, places):f}"


def readable(value: Fraction | Decimal) -> Text | str:
    """Return a number for reading: `90`, and as `88.89（800/9）` where no decimal is exact.

    What is computed with is the fraction; the decimals only say how large it is.
    """
    written = exact(value)
    if "/" not in written:
        return written
    about = f"{half_up(Fraction(value), 2):f}"
    return Text("%(about)s（%(exact)s）", about=about, exact=written)


def in_percent(share: Fraction | Decimal) -> str:
    """Return a share as it is, in percent: `30%`, `0.8%`, and `1/3` where no decimal is exact."""
    hundredfold = Fraction(share) * 100
    written = exact(hundredfold)
    return exact(share) if "/" in written else f"{written}%"


def shown(value: Fraction) -> str:
    """Return a score for reading: at most two decimals, no trailing zeros."""
    return exact(half_up(value, 2))


def is_shown_exactly(value: Fraction) -> bool:
    """Say whether `shown` loses nothing."""
    return Fraction(half_up(value, 2)) == value


def signed(value: Decimal) -> str:
    """Return marks that are added or taken off: `+0.50`, `-0.20`."""
    return f"{value:+f}"


def whole_number(text: str) -> int | None:
    """Return the count a cell holds, or None if it is no whole number from 0 on."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return int(plain) if WHOLE.fullmatch(plain) else None


def decimal_number(text: str) -> Decimal | None:
    """Return the number a cell holds, with all its decimals, or None if it holds none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return Decimal(plain) if NUMBER.fullmatch(plain) else None
