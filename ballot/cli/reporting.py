"""How every command answers: rows in the form asked for, messages apart, errors as clear lines."""

import csv
import functools
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

import click
from tabulate import tabulate

from ballot.errors import BallotError
from ballot.language import Text, closest, translations
from ballot.output.cells import safe

P = ParamSpec("P")
R = TypeVar("R")


def language() -> str:
    """Return the language the commands speak (`BALLOT_LANGUAGE`, Chinese unless set)."""
    return closest(os.environ.get("BALLOT_LANGUAGE"))


def _(message: str) -> str:
    """Return a message in the commands' language: for help, headings and prompts."""
    return translations(language()).gettext(message)


def words(text: Text) -> str:
    """Return a text in the commands' language."""
    return text.in_(language())


format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help=_("结果的形式。"),
)


def say(text: Text | str) -> None:
    """Tell the person something: on stderr, so that stdout stays for results."""
    click.echo(words(text) if isinstance(text, Text) else text, err=True)


def expected_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors a person can act on into lines on stderr and exit code 1."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except BallotError as error:
            for text in error.texts():
                say(text)
            raise SystemExit(1) from None

    return guarded


def write(rows: Sequence[Mapping[str, Any]], form: str, columns: Mapping[str, str]) -> None:
    """Write rows to stdout as a table, CSV or JSON.

    `columns` names the keys that tables and CSV show, in order, with their headings (a table's;
    CSV keeps the keys, for other programs). JSON holds every key. Lists are joined by newlines.
    """
    if form == "json":
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=2))
        return
    lines = [[_cell(row.get(key)) for key in columns] for row in rows]
    if form == "csv":
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([safe(cell) for cell in line] for line in lines)
        click.echo(file.getvalue(), nl=False)
        return
    click.echo(
        tabulate(
            lines, headers=list(columns.values()), tablefmt="simple_outline", disable_numparse=True
        )
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "\n".join(str(item) for item in value)
    return str(value)


def write_derivations(rows: Sequence[Mapping[str, Any]], name: Callable[[Any], str]) -> None:
    """Write under a table how its figures came about; what holds for all rows is told once."""
    told = [list(row["derivation"]) for row in rows]
    common = [line for line in told[0] if all(line in lines for lines in told)] if told else []
    if len(rows) < 2:
        common = []
    for row, lines in zip(rows, told, strict=True):
        click.echo(f"\n{name(row)}")
        for line in lines:
            if line not in common:
                click.echo(f"  {line}")
    if common:
        click.echo("\n" + words(Text("以上各项共同的依据和口径")))
        for line in common:
            click.echo(f"  {line}")
