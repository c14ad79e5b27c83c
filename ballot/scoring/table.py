"""A table as people's programs write it: its headings understood, each mistake placed.

Where the lines come from (CSV, a spreadsheet) is another module's subject: `csv_lines` here, or
whatever makes `Lines`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.figures import whole_number
from ballot.scoring.plain_text import unseen_problem

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 500
LONGEST_CELL: Final = 2_000
MOST_NOTED: Final = 1_000
"""After so many mistakes of a kind nobody reads on, and noting them would only cost memory."""


@dataclass(frozen=True)
class Line:
    """One line of a file: its number as a spreadsheet shows it, and its cells from the left."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Lines:
    """What a file holds, line by line, before anyone understood it.

    Cells have lost the white space around them; lines without any filled cell are left out.
    """

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Row:
    """One data row: its number as a spreadsheet shows it, and its cells by column key."""

    number: int
    cells: Mapping[str, str]


@dataclass
class Table:
    """A file's rows under understood headings, and the mistakes found so far.

    `top`: the number of the line that holds the headings.
    """

    name: str
    headings: Mapping[str, str]
    rows: tuple[Row, ...]
    mistakes: list[Text] = field(default_factory=list)
    top: int = 1

    def mistake(self, row: Row, column: str, problem: Text) -> None:
        """Note a mistake in a cell; a column that is absent is named by its key."""
        if len(self.mistakes) >= MOST_NOTED:
            return
        self.mistakes.append(
            Text(
                "%(file)s 第 %(row)s 行“%(column)s”：%(problem)s",
                file=self.name,
                row=row.number,
                column=self.headings.get(column, column),
                problem=problem,
            )
        )

    def heading_mistake(self, column: str, problem: Text) -> None:
        """Note a mistake in the row of headings."""
        self.mistakes.append(
            _in_headings(self.name, self.top, self.headings.get(column, column), problem)
        )

    def require(self, columns: Iterable[str], named: Mapping[str, str] | None = None) -> None:
        """Note every one of the columns that is absent, by its key or as people are told it."""
        for column in columns:
            if column not in self.headings:
                self.heading_mistake((named or {}).get(column, column), Text("缺少这一列"))

    def unique(self, columns: Iterable[str]) -> Iterator[Row]:
        """Return all rows, noting every one that repeats an earlier one in these columns."""
        present = [column for column in columns if column in self.headings]
        first: dict[tuple[str, ...], int] = {}
        for row in self.rows:
            identity = tuple(row.cells[column] for column in present)
            if identity in first:
                problem = Text(
                    "“%(value)s”与第 %(row)s 行重复",
                    value=" ".join(identity),
                    row=first[identity],
                )
                self.mistake(row, present[0], problem)
            first.setdefault(identity, row.number)
            yield row

    def whole_number(self, row: Row, column: str) -> int | None:
        """Return the number from 0 on in a cell; None after a mistake, which is noted."""
        cell = row.cells[column]
        number = whole_number(cell)
        if number is not None:
            return number
        if not cell:
            problem = Text("不能空白")
        elif cell.startswith(("-", "−")):
            problem = Text("“%(value)s”不能是负数", value=cell)
        else:
            problem = Text("“%(value)s”不是整数", value=cell)
        self.mistake(row, column, problem)
        return None

    def raise_mistakes(self) -> None:
        """Stop here if there are mistakes.

        Raises: MistakesError.
        """
        if self.mistakes:
            raise MistakesError(self.mistakes)


def read_table(
    source: Lines, understand: Callable[[str], str | None], *, may_be_empty: bool = False
) -> Table:
    """Return a file's lines as a table; the first filled line holds the headings.

    `understand` returns the key a heading stands for, None for an unknown one.
    The table notes headings not understood, cells under none, and the absence of data rows
    (unless it `may_be_empty`); its reader adds what it finds and then calls `raise_mistakes`.
    Raises: MistakesError if there is nothing to read, or far too much; for cells with characters
        that nobody sees.
    """
    name = source.name
    _refuse_unreadable(source)
    if not source.lines:
        raise MistakesError([Text("%(file)s：文件是空的", file=name)])
    top, *filled = source.lines
    keys, mistakes = _headings(top, name, understand)
    mistakes += islice(_stray_cells(top, filled, name), MOST_NOTED)
    if not filled and not may_be_empty:
        mistakes.append(Text("%(file)s：没有数据行", file=name))
    rows = tuple(Row(line.number, _cells(line, keys)) for line in filled)
    headings = {key: top.cells[place] for key, place in keys.items()}
    return Table(name, headings, rows, mistakes, top.number)


def _cells(line: Line, keys: Mapping[str, int]) -> dict[str, str]:
    """Return a row's cells by column key; a short row's missing cells are blank."""
    cells = line.cells
    return {key: cells[place] if place < len(cells) else "" for key, place in keys.items()}


def _stray_cells(top: Line, filled: Iterable[Line], name: str) -> Iterator[Text]:
    """Return a mistake for every cell that stands under no heading."""
    for line in filled:
        for place, cell in enumerate(line.cells):
            if cell and not (place < len(top.cells) and top.cells[place]):
                yield Text(
                    "%(file)s 第 %(row)s 行第 %(place)s 列“%(value)s”：这一列没有表头",
                    file=name,
                    row=line.number,
                    place=place + 1,
                    value=cell,
                )


def _refuse_unreadable(source: Lines) -> None:
    """Refuse more than a person writes, and cells that no person can read."""
    if len(source.lines) > MOST_ROWS:
        raise MistakesError([Text("%(file)s：最多 %(most)s 行", file=source.name, most=MOST_ROWS)])
    mistakes = list(islice(_unreadable(source), MOST_NOTED))
    if mistakes:
        raise MistakesError(mistakes)


def _unreadable(source: Lines) -> Iterator[Text]:
    """Return a mistake for every cell that cannot be read by a person, or is beyond all use."""
    for line in source.lines:
        if len(line.cells) > MOST_COLUMNS:
            yield Text(
                "%(file)s 第 %(row)s 行：最多 %(most)s 列",
                file=source.name,
                row=line.number,
                most=MOST_COLUMNS,
            )
            continue
        for place, cell in enumerate(line.cells, start=1):
            problem = unseen_problem(cell, lines=True)
            if len(cell) > LONGEST_CELL:
                problem = Text("最多 %(most)s 个字", most=LONGEST_CELL)
            if problem:
                yield Text(
                    "%(file)s 第 %(row)s 行第 %(place)s 列：%(problem)s",
                    file=source.name,
                    row=line.number,
                    place=place,
                    problem=problem,
                )


def _headings(
    top: Line, name: str, understand: Callable[[str], str | None]
) -> tuple[dict[str, int], list[Text]]:
    """Return each column's key with its place, and the mistakes in the headings."""
    keys: dict[str, int] = {}
    mistakes = []
    for place, heading in enumerate(top.cells):
        key = understand(heading)
        if not heading:
            continue
        if key is None:
            mistakes.append(_in_headings(name, top.number, heading, Text("未知的列")))
        elif key in keys:
            mistakes.append(_in_headings(name, top.number, heading, Text("这一列重复")))
        else:
            keys[key] = place
    return keys, mistakes


def _in_headings(name: str, row: int, heading: str, problem: Text) -> Text:
    return Text(
        "%(file)s 第 %(row)s 行“%(column)s”：%(problem)s",
        file=name,
        row=row,
        column=heading,
        problem=problem,
    )
