"""Figures that others reported: can whole ballots have given a printed percentage?

"98% of 24 ballots" is a slip of the pen or worse: 23 ballots are 96%, 24 are 100%. `reported`
looks at one percentage, `reported_levels` at those of all levels together.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Final

from ballot.language import Text
from ballot.scoring.errors import NoVotesError
from ballot.scoring.figures import half_up

PERCENTAGE: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,15})?)\s*%?")


class Rounding(StrEnum):
    """How a share was made into the printed percentage (rule 36)."""

    HALF_UP = "half-up"
    HALF_EVEN = "half-even"
    CUT = "cut"

    @property
    def text(self) -> Text:
        """The rounding in words."""
        return {
            Rounding.HALF_UP: Text("四舍五入"),
            Rounding.HALF_EVEN: Text("四舍六入五成双"),
            Rounding.CUT: Text("只舍不入"),
        }[self]


@dataclass(frozen=True)
class Reported:
    """What a printed percentage of a base can have come from.

    Units: ballots (persons, for turnout). `counts` are all the whole numbers that print so by
        `rounding`; without any, `rounding` is None and `nearest` are the numbers just below and
        above, each with the percentage that it would print.
    """

    printed: Decimal
    base: int
    counts: range
    rounding: Rounding | None
    nearest: tuple[tuple[int, str], ...] = ()

    @property
    def possible(self) -> bool:
        """Whether any whole number of ballots gives it, by any of the roundings."""
        return self.rounding is not None

    @property
    def text(self) -> Text:
        """What a reader should know, in a sentence."""
        if self.rounding is None:
            near = "、".join(f"{count}/{self.base} = {told}%" for count, told in self.nearest)
            return Text(
                "以 %(base)s 为基数，不可能是 %(percent)s%%，最接近的是 %(near)s",
                base=self.base,
                percent=f"{self.printed:f}",
                near=near,
            )
        line = Text(
            "%(percent)s%% 是 %(base)s 中的 %(counts)s",
            percent=f"{self.printed:f}",
            base=self.base,
            counts=span(self.counts),
        )
        if self.rounding is Rounding.HALF_UP:
            return line
        return Text(
            "%(line)s（%(rounding)s，不是四舍五入）", line=line, rounding=self.rounding.text
        )


@dataclass(frozen=True)
class ReportedLevels:
    """What the percentages of all levels can have come from together.

    The counts of each level are narrowed to those with which the levels can add up; where no
    such counts exist, `problem` says so.
    """

    levels: tuple[Reported, ...]
    problem: Text | None = None

    @property
    def possible(self) -> bool:
        """Whether some whole numbers of ballots give all of them."""
        return self.problem is None and all(level.possible for level in self.levels)


def span(counts: range) -> str:
    """Return consecutive counts in writing: `25`, `240–249`, nothing for none."""
    if len(counts) < 2:
        return "".join(map(str, counts))
    return f"{counts[0]}–{counts[-1]}"


def read_percentage(text: str) -> Decimal | None:
    """Return a percentage with the decimals it was printed with; None for anything else.

    The percent sign may be absent, and all may be full-width.
    """
    found = PERCENTAGE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return Decimal(found[1]) if found else None


def reported(printed: Decimal, base: int) -> Reported:
    """Return what a printed percentage of a base can have come from.

    The number of decimals is that of `printed`: `Decimal("25.00")` was printed with two.
    Raises: NoVotesError for an empty base; ValueError for a negative number.
    Source: docs/scoring-rules.md, rules 35 to 37.
    """
    if base < 0 or printed < 0:
        raise ValueError(f"impossible figures: {printed=} {base=}")
    if base == 0:
        raise NoVotesError
    for rounding in Rounding:
        counts = _counts(printed, base, rounding)
        if counts:
            return Reported(printed, base, counts, rounding)
    return Reported(printed, base, range(0), None, _nearest(printed, base))


def reported_levels(printed: Sequence[Decimal], base: int, *, whole: bool = True) -> ReportedLevels:
    """Return what the percentages of all levels of one base can have come from together.

    `whole`: the levels make up the whole base; else ballots without a level may remain.
    Raises: NoVotesError for an empty base; ValueError for a negative number.
    Source: docs/scoring-rules.md, rule 38.
    """
    levels = [reported(each, base) for each in printed]
    if not all(level.possible for level in levels):
        return ReportedLevels(tuple(levels))
    least = sum(level.counts[0] for level in levels)
    most = sum(level.counts[-1] for level in levels)
    if least > base:
        return ReportedLevels(
            tuple(levels),
            Text("各等次合计至少 %(least)s 票，多于 %(base)s 票", least=least, base=base),
        )
    if whole and most < base:
        return ReportedLevels(
            tuple(levels),
            Text("各等次合计至多 %(most)s 票，不足 %(base)s 票", most=most, base=base),
        )
    wanted = base if whole else least
    return ReportedLevels(tuple(_narrowed(level, base - least, wanted - most) for level in levels))


def count_problem(count: int, base: int, printed: Decimal) -> Text | None:
    """Say what is wrong with a percentage printed beside a count, None if nothing is.

    Source: docs/scoring-rules.md, rules 35 to 37.
    """
    found = reported(printed, base)
    if any(count in _counts(printed, base, rounding) for rounding in Rounding):
        return None
    right = f"{half_up(Fraction(100 * count, base), _places(printed)):f}"
    return Text(
        "%(count)s/%(base)s 应为 %(right)s%%，不是 %(percent)s%%：%(reason)s",
        count=count,
        base=base,
        right=right,
        percent=f"{printed:f}",
        reason=found.text,
    )


def _places(printed: Decimal) -> int:
    return max(0, -int(printed.as_tuple().exponent))


def _counts(printed: Decimal, base: int, rounding: Rounding) -> range:
    """Return the whole numbers that print so: shares from a lower edge to just below an upper."""
    unit = Fraction(1, 10 ** _places(printed))
    share = Fraction(printed)
    below = Fraction(0) if rounding is Rounding.CUT else unit / 2
    low, high = ((share + edge) * base / 100 for edge in (-below, unit - below))
    first, last = ceil(low), ceil(high) - 1
    if rounding is Rounding.HALF_EVEN:
        even = (share / unit) % 2 == 0
        first += not even and first == low
        last += even and last + 1 == high
    return range(max(first, 0), min(last, base) + 1)


def _nearest(printed: Decimal, base: int) -> tuple[tuple[int, str], ...]:
    below = min(int(Fraction(printed) * base / 100), base)
    near = (below,) if below == base else (below, below + 1)
    places = _places(printed)
    return tuple((count, f"{half_up(Fraction(100 * count, base), places):f}") for count in near)


def _narrowed(level: Reported, spare: int, lacking: int) -> Reported:
    """Return a level with the counts that leave enough, and not too much, to the others.

    `spare` is how far the levels' least counts stay below the base, `lacking` (0 or less) how
    far their greatest go beyond it.
    """
    first, last = level.counts[0], level.counts[-1]
    return replace(level, counts=range(max(first, last + lacking), min(last, first + spare) + 1))
