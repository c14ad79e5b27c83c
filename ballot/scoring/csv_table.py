"""CSV as people's programs write it: decoded, its headings understood, each mistake placed."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.plain_text import unseen_problem

MOST_BYTES: Final = 2_000_000
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 500
LONGEST_CELL: Final = 2_000
MOST_NOTED: Final = 1_000
"""After so many mistakes of a kind nobody reads on, and noting them would only cost memory."""


@dataclass(frozen=True)
class Row:
    """One data row: its number as a spreadsheet shows it, and its cells by column key."""

    number: int
    cells: Mapping[str, str]


@dataclass
class CsvTable:
    """A file's rows under understood headings, and the mistakes found so far."""

    name: str
    headings: Mapping[str, str]
    rows: tuple[Row, ...]
    mistakes: list[Text] = field(default_factory=list)

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
        self.mistakes.append(_in_headings(self.name, self.headings.get(column, column), problem))

    def require(self, columns: Iterable[str]) -> None:
        """Note every one of the columns that is absent."""
        for column in columns:
            if column not in self.headings:
                self.heading_mistake(column, Text("缺少这一列"))

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

    def raise_mistakes(self) -> None:
        """Stop here if there are mistakes.

        Raises: MistakesError.
        """
        if self.mistakes:
            raise MistakesError(self.mistakes)


def read_csv(
    content: bytes,
    name: str,
    understand: Callable[[str], str | None],
    *,
    may_be_empty: bool = False,
) -> CsvTable:
    """Return the table in a CSV file: UTF-8, with a byte order mark or without, or GB18030.

    `understand` returns the key a heading stands for, None for an unknown one. Blank rows are
    skipped; cells lose the white space around them.
    The table notes headings not understood, cells under none, and the absence of data rows
    (unless it `may_be_empty`); its reader adds what it finds and then calls `raise_mistakes`.
    Raises: MistakesError if there is nothing to read, or far too much; for cells with characters
        that nobody sees.
    """
    if len(content) > MOST_BYTES:
        raise MistakesError(
            [Text("%(file)s：文件太大，最多 %(most)s 字节", file=name, most=MOST_BYTES)]
        )
    lines = _lines(content, name)
    if not lines:
        raise MistakesError([Text("%(file)s：文件是空的", file=name)])
    keys, mistakes = _headings(lines[0], name, understand)
    filled = [(number, line) for number, line in enumerate(lines[1:], start=2) if any(line)]
    mistakes += islice(_stray_cells(lines[0], filled, name), MOST_NOTED)
    if not filled and not may_be_empty:
        mistakes.append(Text("%(file)s：没有数据行", file=name))
    rows = tuple(Row(number, _cells(line, keys)) for number, line in filled)
    headings = {key: lines[0][place] for key, place in keys.items()}
    return CsvTable(name, headings, rows, mistakes)


def _cells(line: list[str], keys: Mapping[str, int]) -> dict[str, str]:
    """Return a row's cells by column key; a short row's missing cells are blank."""
    return {key: line[place] if place < len(line) else "" for key, place in keys.items()}


def _stray_cells(
    headings: list[str], filled: list[tuple[int, list[str]]], name: str
) -> Iterator[Text]:
    """Return a mistake for every cell that stands under no heading."""
    for number, line in filled:
        for place, cell in enumerate(line):
            if cell and not (place < len(headings) and headings[place]):
                yield Text(
                    "%(file)s 第 %(row)s 行第 %(place)s 列“%(value)s”：这一列没有表头",
                    file=name,
                    row=number,
                    place=place + 1,
                    value=cell,
                )


def _lines(content: bytes, name: str) -> list[list[str]]:
    text = _decoded(content, name)
    lines = []
    try:
        for line in csv.reader(io.StringIO(text, newline="")):
            lines.append([cell.strip() for cell in line])
            _refuse_excess(lines, name)
    except csv.Error as error:
        problem = Text("%(file)s：不是有效的 CSV:%(problem)s", file=name, problem=str(error))
        raise MistakesError([problem]) from error
    mistakes = list(islice(_unreadable(lines, name), MOST_NOTED))
    if mistakes:
        raise MistakesError(mistakes)
    return lines


def _refuse_excess(lines: list[list[str]], name: str) -> None:
    """Stop reading a file that no person wrote."""
    if len(lines) > MOST_ROWS:
        raise MistakesError([Text("%(file)s：最多 %(most)s 行", file=name, most=MOST_ROWS)])
    if len(lines[-1]) > MOST_COLUMNS:
        problem = Text(
            "%(file)s 第 %(row)s 行：最多 %(most)s 列",
            file=name,
            row=len(lines),
            most=MOST_COLUMNS,
        )
        raise MistakesError([problem])


def _unreadable(lines: list[list[str]], name: str) -> Iterator[Text]:
    """Return a mistake for every cell that cannot be read by a person, or is beyond all use."""
    for number, line in enumerate(lines, start=1):
        for place, cell in enumerate(line, start=1):
            problem = unseen_problem(cell, lines=True)
            if len(cell) > LONGEST_CELL:
                problem = Text("最多 %(most)s 个字", most=LONGEST_CELL)
            if problem:
                yield Text(
                    "%(file)s 第 %(row)s 行第 %(place)s 列：%(problem)s",
                    file=name,
                    row=number,
                    place=place,
                    problem=problem,
                )


def _decoded(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise MistakesError([Text("%(file)s：文字编码须是 UTF-8 或 GB18030", file=name)])


def _headings(
    line: list[str], name: str, understand: Callable[[str], str | None]
) -> tuple[dict[str, int], list[Text]]:
    """Return each column's key with its place, and the mistakes in the headings."""
    keys: dict[str, int] = {}
    mistakes = []
    for place, heading in enumerate(line):
        key = understand(heading)
        if not heading:
            continue
        if key is None:
            mistakes.append(_in_headings(name, heading, Text("未知的列")))
        elif key in keys:
            mistakes.append(_in_headings(name, heading, Text("这一列重复")))
        else:
            keys[key] = place
    return keys, mistakes


def _in_headings(name: str, heading: str, problem: Text) -> Text:
    return Text(
        "%(file)s 第 1 行“%(column)s”：%(problem)s", file=name, column=heading, problem=problem
    )
