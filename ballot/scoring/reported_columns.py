"""Printed percentages typed beside the counts of a file: each is held against its count."""

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from ballot.language import Text
from ballot.scoring.counts import Base, Counts
from ballot.scoring.reported import count_problem, read_percentage
from ballot.scoring.table import Row, Table

PERCENT: Final = "percent "
"""Put before a level's label to make the key of the column of its percentages."""

TURNOUT: Final = "turnout"
TURNOUT_NAMES: Final = (TURNOUT, "参评率")


def percentage_column(heading: str, labels: Collection[str]) -> str | None:
    """Return the key of a column of percentages: `好%` or `参评率`; None for another heading."""
    plain = unicodedata.normalize("NFKC", heading).strip()
    if plain.removesuffix("%").rstrip() in TURNOUT_NAMES:
        return TURNOUT
    for label in labels:
        if plain == f"{label}%" or plain == f"{label} %":
            return f"{PERCENT}{label}"
    return None


def check_percentages(
    table: Table, row: Row, counts: Counts, labels: Sequence[str], base: Base
) -> None:
    """Note every percentage of a row that its count cannot have given; blank ones are not asked.

    Those of levels are of `base`; turnout is returned ballots of persons entitled.
    Source: docs/scoring-rules.md, rules 35 to 39.
    """
    for column, count, number in _columns(counts, labels, base):
        cell = row.cells.get(column, "")
        problem = _problem(cell, count, number) if cell else None
        if problem:
            table.mistake(row, column, problem)


def _columns(
    counts: Counts, labels: Sequence[str], base: Base
) -> Iterator[tuple[str, int, int | None]]:
    for label, mark in zip(labels, counts.marks, strict=True):
        yield f"{PERCENT}{label}", mark, counts.of(base)
    yield TURNOUT, counts.returned, counts.eligible


def _problem(cell: str, count: int, base: int | None) -> Text | None:
    printed = read_percentage(cell)
    if printed is None:
        return Text("“%(value)s”不是百分比", value=cell)
    if not base:
        return Text("基数为 0 或没有填写，不能有百分比")
    return count_problem(count, base, printed)
