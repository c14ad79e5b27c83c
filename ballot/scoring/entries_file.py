"""The files of a yearly standing: entries, adjustments and vetoes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.csv_table import csv_lines
from ballot.scoring.entries import (
    Adjustment,
    Entry,
    Veto,
    adjustment_problems,
    figure_problem,
    headings,
    key_problems,
    nodes,
    veto_problems,
)
from ballot.scoring.figures import decimal_number, whole_number
from ballot.scoring.schemes import Kind
from ballot.scoring.table import Lines, Row, Table, read_table

UNIT: Final[Mapping[str, str]] = {"单位": "unit"}
ADJUSTMENT_NAMES: Final[Mapping[str, str]] = {
    "单位": "unit",
    "规则": "rule",
    "次数": "times",
    "分值": "marks",
    "事项": "item",
    "备注": "note",
}
VETO_NAMES: Final[Mapping[str, str]] = {
    name: key for name, key in ADJUSTMENT_NAMES.items() if key not in ("times", "marks")
}


@dataclass(frozen=True)
class File:
    """A CSV file's name, for messages, with its content."""

    name: str
    content: bytes

    def lines(self) -> Lines:
        """Return the file line by line.

        Raises: MistakesError.
        """
        return csv_lines(self.content, self.name)


@dataclass(frozen=True)
class Entered:
    """What the files hold."""

    entries: list[Entry]
    adjustments: list[Adjustment]
    vetoes: list[Veto]


def read_entered(
    kind: Kind,
    entries: File | Lines,
    adjustments: File | Lines | None = None,
    vetoes: File | Lines | None = None,
) -> Entered:
    """Return what was entered for a kind's standing: in CSV files, or lines of whatever file.

    Raises: MistakesError with the mistakes of all files, each with file, row and column.
    Source: docs/scoring-rules.md, rules 14 and 15.
    """
    table = read_table(_lines(entries), _entry_column(kind))
    mistakes = table.mistakes
    read = _entries(kind, table)
    units = {row.cells.get("unit", "") for row in table.rows}
    added = list(_adjustments(kind, units, adjustments, mistakes)) if adjustments else []
    barred = list(_vetoes(kind, units, vetoes, mistakes)) if vetoes else []
    table.raise_mistakes()
    return Entered(read, added, barred)


def _lines(file: File | Lines) -> Lines:
    return file if isinstance(file, Lines) else file.lines()


def _entry_column(kind: Kind) -> Callable[[str], str | None]:
    known = {**headings(kind), "unit": "unit", **UNIT}
    return known.get


def _entries(kind: Kind, table: Table) -> list[Entry]:
    table.require(["unit"])
    keys = table.headings.keys() - {"unit"}
    for column, problem in key_problems(kind, keys):
        table.heading_mistake(column, problem)
    if table.mistakes:
        return []
    return [_entry(kind, table, row) for row in table.unique(["unit"])]


def _entry(kind: Kind, table: Table, row: Row) -> Entry:
    unit = row.cells["unit"]
    if not unit:
        table.mistake(row, "unit", Text("不能空白"))
    known = nodes(kind)
    figures = {}
    for column in table.headings:
        if column == "unit":
            continue
        figure = _figure(table, row, column)
        if figure is None:
            continue
        problem = figure_problem(known[column], figure)
        if problem:
            table.mistake(row, column, problem)
        figures[column] = figure
    return Entry(unit, figures)


def _figure(table: Table, row: Row, column: str) -> Decimal | None:
    cell = row.cells[column]
    figure = decimal_number(cell)
    if figure is None:
        blank = Text("不能空白")
        table.mistake(row, column, Text("“%(value)s”不是数字", value=cell) if cell else blank)
    return figure


def _adjustments(
    kind: Kind, units: set[str], file: File | Lines, mistakes: list[Text]
) -> Iterator[Adjustment]:
    for table, row in _rows(file, ADJUSTMENT_NAMES, mistakes):
        adjustment = _adjustment(row)
        problems = dict(adjustment_problems(kind, units, adjustment))
        if adjustment.marks is None and row.cells.get("marks"):
            problems["marks"] = Text("“%(value)s”不是数字", value=row.cells["marks"])
        for column, problem in problems.items():
            table.mistake(row, column, problem)
        yield adjustment


def _adjustment(row: Row) -> Adjustment:
    """Return a row's adjustment: blank times mean once; what is no number becomes a mistake."""
    cells = row.cells
    return Adjustment(
        unit=cells["unit"],
        rule=cells["rule"],
        times=(whole_number(cells["times"]) or 0) if cells.get("times") else 1,
        marks=decimal_number(cells.get("marks", "")),
        item=cells.get("item", ""),
        note=cells.get("note", ""),
    )


def _vetoes(
    kind: Kind, units: set[str], file: File | Lines, mistakes: list[Text]
) -> Iterator[Veto]:
    for table, row in _rows(file, VETO_NAMES, mistakes):
        cells = row.cells
        veto = Veto(cells["unit"], cells["rule"], cells.get("item", ""), cells.get("note", ""))
        for column, problem in veto_problems(kind, units, veto):
            table.mistake(row, column, problem)
        yield veto


def _rows(
    file: File | Lines, names: Mapping[str, str], mistakes: list[Text]
) -> Iterator[tuple[Table, Row]]:
    """Return a file's rows with their table, whose mistakes join the others.

    None where its headings hold mistakes.
    """
    known = {**names, **{key: key for key in names.values()}}
    try:
        table = read_table(_lines(file), known.get, may_be_empty=True)
    except MistakesError as error:
        mistakes.extend(error.mistakes)
        return
    table.require(["unit", "rule"])
    rows = () if table.mistakes else table.rows
    mistakes.extend(table.mistakes)
    table.mistakes = mistakes
    yield from ((table, row) for row in rows)
