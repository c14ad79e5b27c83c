"""The CSV files of a yearly standing: entries, adjustments and vetoes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.csv_table import CsvTable, Row, read_csv
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
    """A file's name, for messages, with its content."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Entered:
    """What the files hold."""

    entries: list[Entry]
    adjustments: list[Adjustment]
    vetoes: list[Veto]


def read_entered(
    kind: Kind, entries: File, adjustments: File | None = None, vetoes: File | None = None
) -> Entered:
    """Return what was entered for a kind's standing.

    Raises: MistakesError with the mistakes of all files, each with file, row and column.
    Source: docs/scoring-rules.md, rules 14 and 15.
    """
    mistakes: list[Text] = []
    table = _table(entries, _entry_column(kind), mistakes)
    read = _entries(kind, table, mistakes) if table else []
    units = {entry.unit for entry in read}
    if table:
        units |= {row.cells.get("unit", "") for row in table.rows}
    added = list(_adjustments(kind, units, adjustments, mistakes)) if adjustments else []
    barred = list(_vetoes(kind, units, vetoes, mistakes)) if vetoes else []
    if mistakes:
        raise MistakesError(mistakes)
    return Entered(read, added, barred)


def _table(
    file: File, understand: Callable[[str], str | None], mistakes: list[Text]
) -> CsvTable | None:
    """Return a file's table, its further mistakes going to the common list."""
    try:
        table = read_csv(file.content, file.name, understand)
    except MistakesError as error:
        mistakes.extend(error.mistakes)
        return None
    table.mistakes = mistakes
    return table


def _entry_column(kind: Kind) -> Callable[[str], str | None]:
    known = {**headings(kind), "unit": "unit", **UNIT}
    return known.get


def _column(names: Mapping[str, str]) -> Callable[[str], str | None]:
    known = {**names, **{key: key for key in names.values()}}
    return known.get


def _entries(kind: Kind, table: CsvTable, mistakes: list[Text]) -> list[Entry]:
    before = len(mistakes)
    table.require(["unit"])
    keys = table.headings.keys() - {"unit"}
    for column, problem in key_problems(kind, keys):
        table.heading_mistake(column, problem)
    if len(mistakes) > before:
        return []
    return [_entry(kind, table, row) for row in table.unique(["unit"])]


def _entry(kind: Kind, table: CsvTable, row: Row) -> Entry:
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


def _figure(table: CsvTable, row: Row, column: str) -> Decimal | None:
    cell = row.cells[column]
    figure = decimal_number(cell)
    if figure is None:
        blank = Text("不能空白")
        table.mistake(row, column, Text("「%(value)s」不是数字", value=cell) if cell else blank)
    return figure


def _adjustments(
    kind: Kind, units: set[str], file: File, mistakes: list[Text]
) -> Iterator[Adjustment]:
    table = _table(file, _column(ADJUSTMENT_NAMES), mistakes)
    for row in _rows(table):
        adjustment = _adjustment(row)
        problems = list(adjustment_problems(kind, units, adjustment))
        if adjustment.marks is None and row.cells.get("marks"):
            problems.append(("marks", Text("「%(value)s」不是数字", value=row.cells["marks"])))
        for column, problem in problems:
            table.mistake(row, column, problem)  # type: ignore[union-attr]
        yield adjustment


def _adjustment(row: Row) -> Adjustment:
    """Return a row's adjustment; absent or blank times mean once, what is no number means 0."""
    cells = row.cells
    return Adjustment(
        unit=cells["unit"],
        rule=cells["rule"],
        times=(whole_number(cells["times"]) or 0) if cells.get("times") else 1,
        marks=decimal_number(cells.get("marks", "")),
        item=cells.get("item", ""),
        note=cells.get("note", ""),
    )


def _vetoes(kind: Kind, units: set[str], file: File, mistakes: list[Text]) -> Iterator[Veto]:
    table = _table(file, _column(VETO_NAMES), mistakes)
    for row in _rows(table):
        veto = Veto(
            row.cells["unit"],
            row.cells["rule"],
            row.cells.get("item", ""),
            row.cells.get("note", ""),
        )
        for column, problem in veto_problems(kind, units, veto):
            table.mistake(row, column, problem)  # type: ignore[union-attr]
        yield veto


def _rows(table: CsvTable | None) -> tuple[Row, ...]:
    """Return a file's rows, none if its unit and rule columns are not there."""
    if table is None:
        return ()
    table.require(["unit", "rule"])
    return table.rows if {"unit", "rule"} <= table.headings.keys() else ()
