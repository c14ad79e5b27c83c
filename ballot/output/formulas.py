"""Formulas of spreadsheets that come to exactly our figures, though they compute in binary.

Shares are compared as whole numbers, never as quotients. What is rounded first loses the error of
binary fractions (it stays below 1e-9), then a half is added to a whole number of cents: halves go
up, in every program, as in docs/scoring-rules.md, rule 7.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from ballot.scoring.figures import exact


def literal(number: Fraction | Decimal | int) -> str:
    """Return a number as a formula writes it: `0.05`, and `(4/7)` where no decimal is exact."""
    text = exact(Fraction(number))
    return f"({text})" if "/" in text else text


def half_up(expression: str, places: int) -> str:
    """Return an expression rounded half up; it must not be negative."""
    scale = 10**places
    return f"INT(ROUND({scale}*({expression}),9)+0.5)/{scale}"


def half_up_signed(expression: str, places: int) -> str:
    """Return an expression rounded half up, halves away from zero."""
    return f"SIGN({expression})*{half_up(f'ABS({expression})', places)}"


def total(places: Sequence[str]) -> str:
    """Return the sum of cells that hold decimals of two places, as such a decimal."""
    return f"ROUND({'+'.join(places) or '0'},2)"


def reaches(count: str, base: str, percent: str) -> str:
    """Return the condition that a count is at least so many percent of a base.

    The counts are whole numbers; the product may carry a binary error, which `ROUND` takes away.
    """
    return f"{count}*100>=ROUND({percent}*{base},6)"


def share_reaches(share: str, percent: str) -> str:
    """Return the condition that a share, put together of others, is at least so many percent."""
    return f"ROUND({share}*100,9)>=ROUND({percent},9)"


def chosen(conditions: Sequence[tuple[str, str]], otherwise: str) -> str:
    """Return what belongs to the first condition that holds."""
    formula = otherwise
    for condition, result in reversed(conditions):
        formula = f"IF({condition},{result},{formula})"
    return formula
