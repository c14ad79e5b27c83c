"""The files of a yearly standing: entries, adjustments and vetoes."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ballot.language import Text
from ballot.scoring.components import Combine
from ballot.scoring.csv_table import csv_lines
from ballot.scoring.entries import Adjustment, Entry, Veto, indicator_names, nodes
from ballot.scoring.entry_problems import (
    above,
    condition_problems,
    figure_problem,
    key_problems,
    last_year_problem,
)
from ballot.scoring.figures import decimal_number, whole_number
from ballot.scoring.headings import entry_column
from ballot.scoring.kinds import Kind
from ballot.scoring.ledger_file import read_adjustments, read_vetoes
from ballot.scoring.table import Lines, Row, Table, read_table

YES: Final = frozenset({"", "yes", "true", "1", "是", "参评"})
NO: Final = frozenset({"no", "false", "0", "否", "不参评"})


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
    table = read_table(_lines(entries), entry_column(kind))
    mistakes = table.mistakes
    read = _entries(kind, table)
    units = {row.cells.get("unit", "") for row in table.rows}
    names = indicator_names(kind, read)
    added: list[Adjustment] = []
    met: list[Veto] = []
    if adjustments:
        added = list(read_adjustments(kind, units, _lines(adjustments), mistakes))
    if vetoes:
        met = list(read_vetoes(kind, units, names, _lines(vetoes), mistakes))
    table.raise_mistakes()
    return Entered(read, added, met)


def _lines(file: File | Lines) -> Lines:
    return file if isinstance(file, Lines) else file.lines()


def _entries(kind: Kind, table: Table) -> list[Entry]:
    table.require(["unit"])
    reader = _EntryReader(kind, table)
    for column, problem in key_problems(kind, set(reader.columns)):
        table.heading_mistake(column, problem)
    if table.mistakes:
        return []
    return [reader.entry(row) for row in table.unique(["unit"])]


class _EntryReader:
    """Reads the rows of one file of entries."""

    def __init__(self, kind: Kind, table: Table) -> None:
        self._kind = kind
        self._table = table
        self._known = nodes(kind)
        extra = {"unit", *kind.columns}
        self.columns = [column for column in table.headings if column not in extra]
        self._optional = {column for column in self.columns if self._may_be_blank(column)}

    def entry(self, row: Row) -> Entry:
        """Return a row's entry; what is wrong with it is noted."""
        unit = row.cells["unit"]
        if not unit:
            self._table.mistake(row, "unit", Text("不能空白"))
        before = len(self._table.mistakes)
        figures = dict(self._figures(row))
        if len(self._table.mistakes) == before:
            for problems in (
                key_problems(self._kind, figures.keys()),
                condition_problems(self._kind, figures),
            ):
                for column, problem in problems:
                    self._table.mistake(row, column, problem)
        return Entry(unit, figures, **self._extras(row))

    def _may_be_blank(self, column: str) -> bool:
        """Tell whether a blank is no mistake by itself: one of a mean, or of a condition."""
        wholes = [self._known[key] for key in above(column) if key in self._known]
        component = self._known.get(column.split(".")[0])
        conditional = any(
            each.needs is not None for each in self._kind.components if each is component
        )
        return conditional or any(whole.combine is Combine.MEAN for whole in wholes)

    def _figures(self, row: Row) -> Iterator[tuple[str, Decimal]]:
        for column in self.columns:
            if not row.cells[column] and column in self._optional:
                continue
            figure = self._figure(row, column)
            if figure is None:
                continue
            item = self._known.get(column)
            problem = figure_problem(item, figure) if item else None
            if problem:
                self._table.mistake(row, column, problem)
            yield column, figure

    def _figure(self, row: Row, column: str) -> Decimal | None:
        cell = row.cells[column]
        figure = decimal_number(cell)
        if figure is None:
            blank = Text("不能空白")
            problem = Text("“%(value)s”不是数字", value=cell) if cell else blank
            self._table.mistake(row, column, problem)
        return figure

    def _extras(self, row: Row) -> dict[str, Any]:
        """Return what the kind's extra columns hold; absent and blank ones mean the default."""
        cells = {column: row.cells.get(column, "") for column in self._kind.columns}
        factor = self._kind.coefficient.column if self._kind.coefficient else ""
        return {
            "sector": cells.get("sector", ""),
            "competes": self._competes(row, cells.get("competes", "")),
            "staff": self._staff(row, cells.get("staff", "")),
            "coefficient": self._coefficient(row, factor) if cells.get(factor) else None,
            "last_year": self._last_year(row, cells.get("last-year", "")),
        }

    def _competes(self, row: Row, cell: str) -> bool:
        if cell.lower() not in YES | NO:
            self._table.mistake(row, "competes", Text("须是“是”或“否”"))
        return cell.lower() not in NO

    def _staff(self, row: Row, cell: str) -> int | None:
        number = whole_number(cell) if cell else None
        if cell and number is None:
            self._table.mistake(row, "staff", Text("“%(value)s”不是整数", value=cell))
        return number

    def _coefficient(self, row: Row, column: str) -> Decimal | None:
        factor = self._figure(row, column)
        if factor is not None and factor <= 0:
            self._table.mistake(row, column, Text("须大于 0"))
        return factor

    def _last_year(self, row: Row, cell: str) -> str:
        problem = last_year_problem(self._kind, cell)
        if problem:
            self._table.mistake(row, "last-year", problem)
        return cell
