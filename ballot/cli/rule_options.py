"""The options by which `ballot convert` chooses a rule: a scheme's, or one made on the spot."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import click

from ballot.cli.files import scheme_of
from ballot.cli.reporting import _, words
from ballot.language import Text
from ballot.scoring import (
    CONVERSIONS,
    MEASURES,
    SCALES,
    AnyScale,
    Conversion,
    LevelMean,
    MarksScale,
    MeanMark,
    RankMarks,
    Rule,
)
from ballot.scoring.figures import decimal_number
from ballot.scoring.rule_file import default_base


class Marks(click.ParamType[Decimal]):
    """A number above 0, read exactly."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Return the number."""
        number = value if isinstance(value, Decimal) else decimal_number(str(value))
        if number is None or number <= 0:
            self.fail(_("须是大于 0 的数字"), param, ctx)
        return number


class Dropped(click.ParamType[Fraction]):
    """A number of ballots from 1 on, or a share below 1 such as 10%."""

    name = "ballots"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Fraction:
        """Return the number."""
        if isinstance(value, Fraction):
            return value
        text = str(value)
        number = decimal_number(text.removesuffix("%"))
        share = None if number is None else Fraction(number) / (100 if "%" in text else 1)
        if share is None or share < 0 or (share >= 1 and (share.denominator != 1 or "%" in text)):
            self.fail(_("须是票数（如 1）或小于 1 的比例（如 10%）"), param, ctx)
        return share


def chosen_rule(
    scheme: str | None,
    kind: str | None,
    component: str | None,
    scale: str | None,
    conversion: str | None,
    full_marks: Decimal | None,
    **details: Any,
) -> Rule:
    """Return the rule that the options choose."""
    own = [scale, conversion, full_marks, *details.values()]
    if scheme and kind and component and all(each is None for each in own):
        return scheme_of(scheme).kind(kind).balloted(component).ballot_rule()
    if scale and conversion and not (scheme or kind or component):
        method = _conversion(SCALES[scale], conversion, **details)
        return Rule(SCALES[scale], method, default_base(method), full_marks or Decimal(100))
    raise click.UsageError(
        words(
            Text(
                "请给出 --scheme、--kind 和 --component，"
                "或者给出 --scale 和 --conversion（可加 --full-marks），二者取一。"
            )
        )
    )


def chosen_weights(
    scheme: str | None, kind: str | None, component: str | None, **_others: Any
) -> Mapping[str, Fraction]:
    """Return the weights of voter groups by name that the chosen component sets, if it does."""
    if not (scheme and kind and component):
        return {}
    return dict(scheme_of(scheme).kind(kind).balloted(component).groups)


def _conversion(
    scale: AnyScale,
    name: str,
    by: str | None,
    drop_top: Fraction | None,
    drop_bottom: Fraction | None,
    only_above: int | None,
) -> Conversion:
    """Return a conversion of its own, without a scheme; details for another one are refused."""
    on_marks = isinstance(scale, MarksScale)
    measure = by or (MeanMark.name if on_marks else LevelMean.name)
    if name != RankMarks.name:
        measure = name
    dropping = [drop_top, drop_bottom, only_above]
    if (by and name != RankMarks.name) or (
        measure != MeanMark.name and any(each is not None for each in dropping)
    ):
        problem = Text("--by 只用于 rank-marks，去掉高低分只用于 mean-mark。")
        raise click.UsageError(words(problem))
    method: Conversion = CONVERSIONS[measure]
    if isinstance(method, MeanMark):
        method = MeanMark(drop_top or Fraction(0), drop_bottom or Fraction(0), only_above or 0)
    if name == RankMarks.name:
        return RankMarks(MEASURES[measure] if not isinstance(method, MeanMark) else method)
    return method
