"""Workbooks (XLSX): the one sheet that holds something, line by line, as a person sees it.

What a person cannot see, or what the file does not say, is refused with its cell and never
guessed: formulas without a value, errors, merged cells, hidden rows and columns, a second sheet.
"""

import io
import re
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

import openpyxl
from openpyxl.utils import get_column_letter

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring import Line, Lines
from ballot.scoring.csv_table import UTF_16
from ballot.scoring.table import MOST_COLUMNS, MOST_NOTED, MOST_ROWS

MOST_BYTES: Final = 5_000_000
MOST_UNPACKED: Final = 8_000_000
"""In bytes, of all parts together; a zip file's parts never unpack to more than it declares."""
MOST_PARTS: Final = 500
Cells = Mapping[tuple[int, int], Any]
"""Filled cells by row and column, from 1 on."""
_FORMULA: Final = re.compile(rb"<(\w+:)?f[\s/>]")
_DIGITS: Final = ".15g"
"""As many digits as Excel itself keeps of a number: 0.1 + 0.2 is 0.3."""


@dataclass(frozen=True)
class CellFault:
    """What cannot be used in a sheet. `row`: the first one it stands in, 0 for a whole column."""

    row: int
    place: str
    problem: Text


def sheet_lines(content: bytes, name: str) -> Lines:
    """Return the filled lines of a workbook's one visible sheet that holds anything.

    Numbers are the decimals a person typed (18, 0.1; a percent cell 90%), dates `2023-12-28`,
    formulas their stored values. Hidden sheets are left out.
    Raises: MistakesError, each with the cell's sheet and place.
    """
    title, lines, faults = sheet_with_faults(content, name)
    if faults:
        raise MistakesError([_mistake(name, title, fault) for fault in faults[:MOST_NOTED]])
    return lines


def sheet_with_faults(content: bytes, name: str) -> tuple[str, Lines, list[CellFault]]:
    """Return a sheet's title, its lines as `sheet_lines` does, and what cannot be used in it.

    Raises: MistakesError where no sheet can be read at all.
    """
    _check_size(content, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about ornaments that the library leaves out
        sheet = _only_sheet(_opened(content, name, data_only=True), name)
        plain = sheet
        if _has_formulas(content):  # what they are, the other way of reading tells
            plain = _opened(content, name, data_only=False)[sheet.title]
    cells = _filled(sheet)
    faults = [*_unseen(plain), *_unusable(cells, plain)]
    return sheet.title, Lines(name, tuple(_lines(cells))), faults


def _lines(cells: Cells) -> Iterator[Line]:
    rows: dict[int, dict[int, str]] = defaultdict(dict)
    for (row, column), cell in cells.items():
        rows[row][column] = _shown(cell)
    for row, shown in sorted(rows.items()):
        line = Line(row, tuple(shown.get(column, "") for column in range(1, max(shown) + 1)))
        if any(line.cells):
            yield line


def _check_size(content: bytes, name: str) -> None:
    """Refuse what is no zip file, or would unpack to more than any such file."""
    if len(content) > MOST_BYTES:
        problem = Text("%(file)s：文件太大，最多 %(most)s 字节", file=name, most=MOST_BYTES)
        raise MistakesError([problem])
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            parts = file.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise _unreadable(name) from None
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise MistakesError([Text("%(file)s：展开后太大，不是填写的表格", file=name)])


def _has_formulas(content: bytes) -> bool:
    """Tell whether any sheet may hold a formula: its element, whatever its prefix."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = (file.read(part) for part in file.namelist())
        return any(_FORMULA.search(part) or part.startswith(UTF_16) for part in parts)


def _opened(content: bytes, name: str, *, data_only: bool) -> Any:
    try:
        return openpyxl.load_workbook(io.BytesIO(content), data_only=data_only)
    except Exception:  # the library raises whatever a damaged file leads it into
        raise _unreadable(name) from None


def _unreadable(name: str) -> MistakesError:
    return MistakesError([Text("%(file)s：不是可以读的 XLSX 文件，请重新另存", file=name)])


def _only_sheet(book: Any, name: str) -> Any:
    """Return the visible worksheet that holds something."""
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    filled = [sheet for sheet in visible if _filled(sheet)]
    if not filled:
        raise MistakesError([Text("%(file)s：文件是空的", file=name)])
    if len(filled) > 1:
        problem = Text(
            "%(file)s：有内容的工作表不止一张（%(sheets)s），请只留要用的一张",
            file=name,
            sheets="、".join(sheet.title for sheet in filled),
        )
        raise MistakesError([problem])
    rows, columns = (max(place) for place in zip(*_filled(filled[0]), strict=True))
    if rows > MOST_ROWS:
        raise MistakesError([Text("%(file)s：最多 %(most)s 行", file=name, most=MOST_ROWS)])
    if columns > MOST_COLUMNS:
        raise MistakesError([Text("%(file)s：最多 %(most)s 列", file=name, most=MOST_COLUMNS)])
    return filled[0]


def _filled(sheet: Any) -> Cells:
    """Return the cells that hold anything.

    Taken where the library keeps them: to walk over its rows makes a cell in every gap.
    """
    return {place: cell for place, cell in sheet._cells.items() if cell.value is not None}


def _unseen(sheet: Any) -> Iterator[CellFault]:
    """Yield a fault for every merged range, and for every hidden row or column in use."""
    cells = _filled(sheet)
    for merged in sheet.merged_cells.ranges:
        problem = Text("合并的单元格，请取消合并，每格都填写")
        yield CellFault(merged.min_row, merged.coord, problem)
    for row in sorted({row for row, _ in cells}):
        if sheet.row_dimensions[row].hidden:
            problem = Text("隐藏的行里有内容，请取消隐藏，或删去这一行")
            yield CellFault(row, f"{row}:{row}", problem)
    for column in sorted({column for _, column in cells} & _hidden_columns(sheet)):
        problem = Text("隐藏的列里有内容，请取消隐藏，或删去这一列")
        letter = get_column_letter(column)
        yield CellFault(0, f"{letter}:{letter}", problem)


def _hidden_columns(sheet: Any) -> set[int]:
    """Return the numbers of hidden columns; a run of columns is described at its first."""
    hidden: set[int] = set()
    for described in sheet.column_dimensions.values():
        if described.hidden and described.min and described.max:
            hidden.update(range(described.min, min(described.max, MOST_COLUMNS) + 1))
    return hidden


def _unusable(cells: Cells, plain: Any) -> Iterator[CellFault]:
    """Yield a fault for every formula without a stored value, and every error value."""
    for place, cell in _filled(plain).items():
        if cell.data_type == "f" and place not in cells:
            problem = Text("公式还没有算出的值，请在 Excel 里打开后保存，或改成数值")
            yield CellFault(cell.row, cell.coordinate, problem)
        elif place in cells and cells[place].data_type == "e":
            problem = Text("错误值 %(value)s", value=cells[place].value)
            yield CellFault(cell.row, cell.coordinate, problem)


def _mistake(name: str, sheet: str, fault: CellFault) -> Text:
    return Text(
        "%(file)s 工作表“%(sheet)s”%(place)s：%(problem)s",
        file=name,
        sheet=sheet,
        place=fault.place,
        problem=fault.problem,
    )


def _shown(cell: Any) -> str:
    """Return what a person reads in a cell."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, percent="%" in (cell.number_format or ""))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return str(value).strip()


def _number(value: float, *, percent: bool) -> str:
    """Return a number as the decimal it was typed as."""
    number = Decimal(value) if isinstance(value, int) else Decimal(format(value, _DIGITS))
    if percent:
        number *= 100
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text}%" if percent else text
