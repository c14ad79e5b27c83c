"""The option `--set READING=VALUE`: another setting of a scheme's reading."""

from collections.abc import Sequence

import click

from ballot.cli.reporting import _


def _read(
    context: click.Context, option: click.Parameter, written: Sequence[str]
) -> dict[str, str]:
    """Return the values by their readings' keys."""
    chosen: dict[str, str] = {}
    for each in written:
        reading, equals, value = (part.strip() for part in each.partition("="))
        if not equals:
            raise click.BadParameter(_("须写成 READING=VALUE"), context, option)
        if reading in chosen:
            raise click.BadParameter(_("同一口径只能设一次"), context, option)
        chosen[reading] = value
    return chosen


set_option = click.option(
    "--set",
    "settings",
    metavar="READING=VALUE",
    multiple=True,
    callback=_read,
    help=_("改用口径的另一设置，如 commended=8‰；可重复。"),
)
