"""`ballot reported`: can whole ballots have given the percentages somebody printed?"""

from decimal import Decimal
from typing import Any

import click

from ballot.cli.reporting import _, expected_errors, format_option, language, write
from ballot.errors import MistakesError
from ballot.scoring import Rounding, read_percentage, reported_levels
from ballot.scoring.reported import span


class Percentage(click.ParamType[Decimal]):
    """A percentage as printed, with its decimals."""

    name = "percentage"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Return the number, with as many decimals as were printed."""
        number = value if isinstance(value, Decimal) else read_percentage(str(value))
        if number is None:
            self.fail(_("须是百分比，例如 89.29"), param, ctx)
        return number


@click.command(
    name="reported",
    help=_(
        "核对印出的百分比：BASE 票能不能得出各 PERCENTAGE，例如 28 89.29 10.71。\n"
        "\n"
        "几个百分比须合起来正好是全部的票；只核对其中一部分时加 --part。"
    ),
)
@click.argument("base", type=click.IntRange(1, 999_999_999))
@click.argument("percentages", metavar="PERCENTAGE...", nargs=-1, required=True, type=Percentage())
@click.option("--part", is_flag=True, help=_("所给百分比不是全部，只各自核对。"))
@format_option
@expected_errors
def reported_command(base: int, percentages: tuple[Decimal, ...], part: bool, form: str) -> None:
    """Tell which whole numbers of BASE ballots give printed percentages, or that none does."""
    found = reported_levels(percentages, base, whole=not part and len(percentages) > 1)
    problems = [level.text for level in found.levels if not level.possible]
    if found.problem is not None:
        problems.append(found.problem)
    if problems:
        raise MistakesError(problems)
    rows = [
        {
            "percent": f"{level.printed:f}",
            "base": base,
            "counts": span(level.counts),
            "rounding": level.rounding.value if level.rounding else None,
            "note": None if level.rounding is Rounding.HALF_UP else level.text.in_(language()),
        }
        for level in found.levels
    ]
    headings = {"percent": _("百分比"), "counts": _("票数"), "note": _("备注")}
    write(rows, form, headings if form == "table" else dict.fromkeys(rows[0], ""))
