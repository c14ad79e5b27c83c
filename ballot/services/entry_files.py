"""Figures in a file: read into cells, every mistake placed, nothing saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ballot.domain.assessment import Cell
from ballot.language import Text
from ballot.scoring.entries import nodes
from ballot.scoring.entry_problems import figure_problem
from ballot.scoring.figures import decimal_number, exact
from ballot.scoring.headings import entry_column
from ballot.scoring.table import Row, read_table
from ballot.scoring.table import Table as FileTable
from ballot.services.entries import Table, may_enter
from ballot.services.kinds import Column
from ballot.services.table_files import read_table_file

UNIT: Final = "unit"


@dataclass(frozen=True)
class Change:
    """What a file would change in a cell; `before` is empty where nothing stands."""

    unit: str
    column: Column
    before: str
    after: str


@dataclass(frozen=True)
class Proposal:
    """What a file wants: its figures by cell, and those among them that change something."""

    wanted: Mapping[Cell, str]
    changes: tuple[Change, ...]


def read(content: bytes, filename: str, table: Table, offices: frozenset[str] | None) -> Proposal:
    """Return what a file would change; blank cells leave what stands there.

    `offices`: for whom the person may enter, None for everybody.
    Raises: MistakesError with every mistake of the file, each with its row and column.
    """
    found = read_table(read_table_file(content, filename), entry_column(table.assessed.kind))
    found.require([UNIT], {UNIT: "单位"})
    columns = _columns(found, table, offices)
    numbers = {unit.name: unit.id for unit in table.units}
    wanted: dict[Cell, str] = {}
    for row in found.unique([UNIT]) if UNIT in found.headings else ():
        name = row.cells[UNIT]
        if name not in numbers:
            found.mistake(row, UNIT, Text("名单中没有单位“%(unit)s”", unit=name))
            continue
        for key in columns:
            figure = _figure(found, table, row, key)
            if figure:
                wanted[numbers[name], key] = figure
    found.raise_mistakes()
    return propose(table, wanted)


def propose(table: Table, wanted: Mapping[Cell, str]) -> Proposal:
    """Return what figures would change as things stand now."""
    stored = table.texts
    keys = dict.fromkeys(key for _, key in wanted)
    changes = tuple(
        Change(unit.name, column, stored.get((unit.id, key), ""), wanted[unit.id, key])
        for unit in table.units
        for key in keys
        if wanted.get((unit.id, key), "") and wanted[unit.id, key] != stored.get((unit.id, key))
        if (column := table.assessed.column(key)) is not None
    )
    return Proposal(wanted, changes)


def _columns(found: FileTable, table: Table, offices: frozenset[str] | None) -> list[str]:
    mine = []
    for key in found.headings:
        column = table.assessed.column(key)
        if key == UNIT:
            continue
        if key in table.assessed.kind.columns:
            found.heading_mistake(key, Text("不是分数，请在“单位名单”里填写"))
        elif column is None:
            found.heading_mistake(key, Text("由投票产生，不能录入"))
        elif not may_enter(column, offices):
            found.heading_mistake(key, Text("不由您负责的线办录入"))
        else:
            mine.append(key)
    return mine


def _figure(found: FileTable, table: Table, row: Row, key: str) -> str:
    cell = row.cells[key]
    if not cell:
        return ""
    figure = decimal_number(cell)
    if figure is None:
        found.mistake(row, key, Text("“%(value)s”不是数字", value=cell))
        return ""
    item = nodes(table.assessed.kind).get(key)
    problem = figure_problem(item, figure) if item else None
    if problem:
        found.mistake(row, key, problem)
    return exact(figure)
