"""Units in a file or a typed list: read with every fault in its row, and nothing saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from ballot.domain.written import comparable
from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring import Line, Lines
from ballot.scoring.headings import extra_headings
from ballot.scoring.plain_text import unseen_problem, visible
from ballot.services import facts, units
from ballot.services.table_files import read_with_faults
from ballot.services.units import LONGEST_UNIT, MOST_UNITS, Roster
from ballot.storage.database import Connection

UNIT: Final = "unit"
EXAMPLE: Final = "（示例）"
"""How the name in a template's example begins; such a row is left out."""
_NUMBERS: Final = frozenset({"序号", "编号", "no", "no."})
"""Headings of columns that only number the rows."""
_LOOKED: Final = 10
"""Among so many filled lines the headings are looked for; people write titles above them."""


@dataclass(frozen=True)
class Fault:
    """What is wrong in a row: the column's heading, what stands there, and why it will not do."""

    column: Text | str
    value: str
    problem: Text


@dataclass(frozen=True)
class Row:
    """A unit as a file has it: what it is now, what the file makes of it, what is wrong with it.

    `number`: as a spreadsheet shows it. `before` is None where the unit is new.
    """

    number: int
    name: str
    before: Mapping[str, str] | None
    after: Mapping[str, str]
    faults: Sequence[Fault] = ()

    @property
    def changes(self) -> bool:
        """Tell whether the file changes anything about the unit, and may."""
        return not self.faults and (self.before is None or dict(self.before) != dict(self.after))


@dataclass(frozen=True)
class UnitFile:
    """A file of units that was read. `general`: faults that belong to no row."""

    name: str
    general: Sequence[Text]
    rows: Sequence[Row]
    skipped: Sequence[int] = field(default=())

    @cached_property
    def bad(self) -> Sequence[Row]:
        """Return the rows with faults."""
        return [row for row in self.rows if row.faults]

    @cached_property
    def good(self) -> Sequence[Row]:
        """Return the rows without any."""
        return [row for row in self.rows if not row.faults]

    @cached_property
    def changing(self) -> Sequence[Row]:
        """Return the rows that would be saved."""
        return [row for row in self.rows if row.changes]

    def require_faultless(self) -> None:
        """Refuse a file with faults.

        Raises: MistakesError with every fault and its row.
        """
        mistakes = [
            *self.general,
            *(
                Text(
                    "%(file)s 第 %(row)s 行“%(column)s”：%(problem)s",
                    file=self.name or Text("名单"),
                    row=row.number,
                    column=fault.column,
                    problem=fault.problem,
                )
                for row in self.bad
                for fault in row.faults
            ),
        ]
        if mistakes:
            raise MistakesError(mistakes)


def read(content: bytes, filename: str, roster: Roster) -> UnitFile:
    """Return the units of a file; a fact that has no column, or a blank cell, stays as it is.

    Raises: MistakesError for a file in which no table can be found.
    """
    lines, cells = read_with_faults(content, filename)
    reader = _Reader(lines, roster)
    for fault in cells:
        reader.cell_fault(fault.row, fault.place, fault.problem)
    return reader.read()


def read_typed(text: str, roster: Roster) -> UnitFile:
    """Return the units of a list, one in each line: the name, then the facts the kind asks for.

    They stand in the order in which the page names them, with tabs or commas between.
    """
    titles = [str(each.title) for each in facts.asked(roster.assessed.kind)]
    lines = [Line(0, ("单位", *titles))]
    for number, line in enumerate(text.splitlines(), start=1):
        cells = line.replace("，", "\t").replace(",", "\t").split("\t") if titles else [line]
        if any(cell.strip() for cell in cells):
            lines.append(Line(number, tuple(cell.strip() for cell in cells)))
    return _Reader(Lines("", tuple(lines)), roster).read()


class _Reader:
    """Reads the lines of one file; faults are noted by row, and reading goes on."""

    def __init__(self, lines: Lines, roster: Roster) -> None:
        self.lines, self.roster = lines, roster
        self.kind = roster.assessed.kind
        self.general: list[Text] = []
        self.faults: dict[int, list[Fault]] = {}
        known = extra_headings(self.kind)
        self.known = {**known, **{str(Text(title)): key for key, title in facts.OPTIONAL.items()}}
        self.keys = (*self.kind.columns, *facts.OPTIONAL)
        self.top = self._top()
        self.columns = self._columns()
        self.there = {unit.name: unit.facts for unit in roster.units}
        self.alike = {comparable(name): name for name in self.there}
        self.seen: dict[str, tuple[int, str]] = {}

    def understand(self, heading: str) -> str | None:
        """Return the key that a heading stands for, None for an unknown one."""
        plain = "".join(heading.split())
        return self.known.get(plain.lower()) or self.known.get(plain)

    def _top(self) -> int:
        """Return which filled line holds the headings: the first that names the units' column."""
        if not self.lines.lines:
            raise MistakesError([Text("%(file)s：文件是空的", file=self.lines.name)])
        for place, line in enumerate(self.lines.lines[:_LOOKED]):
            if UNIT in {self.understand(cell) for cell in line.cells}:
                return place
        problem = Text("没有“单位”这一列。表头要有一格写“单位”（人员写“姓名”）。")
        raise MistakesError([Text("%(file)s：%(problem)s", file=self.lines.name, problem=problem)])

    def _columns(self) -> dict[int, str]:
        """Return the key of each column by its place; headings not understood are noted."""
        found: dict[int, str] = {}
        for place, heading in enumerate(self.lines.lines[self.top].cells):
            key = self.understand(heading)
            if key is not None and key in found.values():
                self._heading(heading, Text("这一列重复"))
            elif key is not None:
                found[place] = key
            elif heading and heading.lower() not in _NUMBERS:
                self._heading(heading, Text("未知的列，请删去或改用模板里的表头"))
        return found

    def _heading(self, heading: str, problem: Text) -> None:
        self.general.append(Text("表头“%(column)s”：%(problem)s", column=heading, problem=problem))

    def cell_fault(self, row: int, place: str, problem: Text) -> None:
        """Note what the workbook itself says of a place; above the headings it does not matter."""
        if row == 0:
            self.general.append(Text("%(place)s：%(problem)s", place=place, problem=problem))
        elif row >= self.lines.lines[self.top].number:
            self.faults.setdefault(row, []).append(Fault(place, "", problem))

    def read(self) -> UnitFile:
        """Return what the lines below the headings hold."""
        rows, skipped = [], []
        for line in self.lines.lines[self.top + 1 :]:
            cells = {key: _cell(line, place) for place, key in self.columns.items()}
            if cells[UNIT].startswith(EXAMPLE):
                skipped.append(line.number)
            else:
                rows.append(self._row(line, cells))
        kept = {row.number for row in rows}
        rows += [
            Row(number, "", None, {}, tuple(faults))
            for number, faults in self.faults.items()
            if number not in kept and number not in skipped
        ]
        rows.sort(key=lambda row: row.number)
        new = sum(row.before is None and not row.faults for row in rows)
        if len(self.there) + new > MOST_UNITS:
            self.general.append(Text("一个类别最多 %(most)s 个单位。", most=MOST_UNITS))
        if not rows:
            self.general.append(Text("没有数据行。"))
        return UnitFile(self.lines.name, tuple(self.general), tuple(rows), tuple(skipped))

    def _row(self, line: Line, cells: Mapping[str, str]) -> Row:
        name = cells[UNIT]
        noted = self.faults.get(line.number, [])
        noted += [
            Fault(self._title(UNIT), visible(name[:LONGEST_UNIT]), problem)
            for problem in self._name_problems(line.number, name)
        ]
        written = {key: cells[key] for key in self.keys if cells.get(key)}
        for key, value in written.items():
            found = facts.problem(self.kind, key, value)
            if found:
                noted.append(Fault(self._title(key), visible(value[:LONGEST_UNIT]), found))
        noted += self._strays(line)
        before = self.there.get(name)
        after = {**(before or {}), **written}
        return Row(line.number, name, before, after, tuple(noted))

    def _name_problems(self, number: int, name: str) -> Sequence[Text]:
        if not name:
            return [Text("不能空白")]
        unseen = unseen_problem(name)
        if unseen:
            return [unseen]
        if len(name) > LONGEST_UNIT:
            return [Text("最多 %(most)s 个字", most=LONGEST_UNIT)]
        plain = comparable(name)
        first = self.seen.setdefault(plain, (number, name))
        if first[0] != number:
            return [_again(first, name)]
        saved = self.alike.get(plain, name)
        if saved != name:
            return [Text("名单里已有“%(name)s”，只差空格、全角半角或间隔号", name=saved)]
        return []

    def _strays(self, line: Line) -> list[Fault]:
        """Return a fault for every cell that stands under no heading."""
        top = self.lines.lines[self.top].cells
        return [
            Fault(
                Text("第 %(place)s 列", place=place + 1),
                cell[:LONGEST_UNIT],
                Text("这一列没有表头"),
            )
            for place, cell in enumerate(line.cells)
            if cell and not (place < len(top) and top[place])
        ]

    def _title(self, key: str) -> str:
        place = next(place for place, each in self.columns.items() if each == key)
        return self.lines.lines[self.top].cells[place]


def _again(first: tuple[int, str], name: str) -> Text:
    number, same = first
    if same == name:
        return Text("与第 %(row)s 行重复", row=number)
    return Text("与第 %(row)s 行的“%(name)s”只差空格、全角半角或间隔号", row=number, name=same)


def _cell(line: Line, place: int) -> str:
    return line.cells[place] if place < len(line.cells) else ""


def take_typed(
    connection: Connection, cycle_id: int, kind: str, text: str, *, by: str, now: datetime
) -> None:
    """Add the units of a typed list, with their facts where the kind asks for some.

    Raises: MistakesError with every fault of the list; as `units.add` and `units.describe`.
    """
    roster = units.roster(connection, cycle_id, kind)
    if not facts.asked(roster.assessed.kind):
        units.add(connection, cycle_id, kind, text.splitlines(), by=by, now=now)
        return
    found = read_typed(text, roster)
    found.require_faultless()
    told = {row.name: row.after for row in found.rows}
    units.describe(connection, cycle_id, kind, told, by=by, now=now)
