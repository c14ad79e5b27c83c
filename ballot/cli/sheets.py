"""`--sheet`: what `ballot convert` and `ballot score` computed, as a workbook of live formulas."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import click

from ballot.cli.files import FileUnwritableError
from ballot.cli.reporting import _, language, say, words
from ballot.language import Text
from ballot.scoring import Counted, Kind, Rule, Scheme, Standing

sheet_option: Final = click.option(
    "--sheet",
    type=click.Path(path_type=Path, dir_okay=False),
    help=_("另写成带公式的表格（.xlsx）。"),
)


def write_conversion(file: Path, name: str, rule: Rule, section: Sequence[Counted]) -> None:
    """Write a conversion's calculation sheet; `name` is that of the counts' file.

    Raises: FileUnwritableError.
    """
    from ballot.output.conversion_workbook import ConversionHead, conversion_xlsx

    head = ConversionHead(words(Text("%(title)s折算计算表", title=Path(name).stem)))
    _write(file, lambda: conversion_xlsx(head, rule, section, language=language()))


def write_standing(file: Path, scheme: Scheme, kind: Kind, standings: Sequence[Standing]) -> None:
    """Write a yearly standing, which nobody approved. Raises: FileUnwritableError."""
    from ballot.output.masthead import Masthead
    from ballot.output.standing_workbook import standing_xlsx

    masthead = Masthead(scheme.title, scheme, language=language())
    _write(file, lambda: standing_xlsx(masthead, kind, standings))


def _write(file: Path, made: Callable[[], bytes]) -> None:
    try:
        file.write_bytes(made())
    except OSError as error:
        raise FileUnwritableError(path=file, reason=error.strerror or error) from None
    say(Text("表格已写好：%(path)s", path=file))
