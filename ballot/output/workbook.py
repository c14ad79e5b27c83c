"""Workbooks (XLSX) whose figures are live formulas, and that print well.

Every formula is kept together with its value, worked out exactly by us: programs that do not
calculate (previews on a phone) show that value, and others come to the same. Text is never taken
for a formula, whatever it begins with.
"""

import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any, Final
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

Value = str | int | Decimal | Fraction | None
POINTS: Final = "0.00"
PERCENT: Final = "0.00%"
PLAIN: Final = "General"

_THIN: Final = Side(style="thin", color="999999")
_BOX: Final = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_SHADE: Final = PatternFill("solid", fgColor="EDEDED")
_ENTERED: Final = PatternFill("solid", fgColor="FFF9E5")
_TITLE: Final = Font(size=16, bold=True)
_BOLD: Final = Font(bold=True)
_FORMULA: Final = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"([^>]*)><f>(.*?)</f><v ?/?>(?:</v>)?</c>', re.S
)
_TIMES: Final = re.compile(rb"<dcterms:.*</dcterms:[a-z]+>")
_LATIN_SHARE: Final = 1.1
_CJK_SHARE: Final = 2.1
_WIDEST: Final = 40.0
_WIDEST_WRAPPED: Final = 26.0
_LINE_HEIGHT: Final = 14.5
_COLUMNS_A_PAGE: Final = 21


class Book:
    """A workbook being written, sheet by sheet."""

    def __init__(self, title: str) -> None:
        self._book = Workbook()
        self._book.remove(self._book.worksheets[0])
        self._book.properties.title = title
        self._book.properties.creator = "Ballot"
        self._book.calculation.fullCalcOnLoad = True
        self._sheets: list[Sheet] = []

    def sheet(self, name: str) -> "Sheet":
        """Begin a new sheet."""
        sheet = Sheet(self._book.create_sheet(name))
        self._sheets.append(sheet)
        return sheet

    def finish(self) -> bytes:
        """Return the file, with the value of every formula beside it."""
        for sheet in self._sheets:
            sheet.fit()
        file = io.BytesIO()
        self._book.save(file)
        return _with_values(file.getvalue(), [sheet.values for sheet in self._sheets])


@dataclass(frozen=True)
class Look:
    """How a cell looks: its number format, and whether it is bold, shaded, wrapped."""

    form: str = PLAIN
    bold: bool = False
    shaded: bool = False
    entered: bool = False
    wrapped: bool = False
    left: bool = False


TEXT: Final = Look(left=True)
HEADING: Final = Look(bold=True, shaded=True, wrapped=True)


class Sheet:
    """One sheet; rows and columns are counted from 1."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self.values: dict[str, Value] = {}
        self._ruled_from = 1
        self._fixed: dict[int, float] = {}

    @property
    def name(self) -> str:
        """Return the sheet's name as formulas elsewhere write it, with the exclamation mark."""
        return f"'{self._sheet.title}'!"

    def head(self, title: str, lines: Sequence[str]) -> int:
        """Write a title with lines under it and return the number of the row after them."""
        self._text(1, 1, title).font = _TITLE
        for number, line in enumerate(lines, start=2):
            self._text(number, 1, line)
        self._ruled_from = len(lines) + 3
        return self._ruled_from

    def headings(self, row: int, texts: Sequence[str], *, frozen: int) -> None:
        """Write a row of headings that stays in view, with so many columns to its left."""
        for column, text in enumerate(texts, start=1):
            self.put(row, column, text, HEADING)
        self._sheet.freeze_panes = self._sheet.cell(row + 1, frozen + 1)
        self._sheet.print_title_rows = f"{row}:{row}"
        self._sheet.print_title_cols = f"A:{get_column_letter(max(frozen, 1))}"
        self._print(ceil(len(texts) / _COLUMNS_A_PAGE))

    def put(self, row: int, column: int, value: Value, look: Look = TEXT) -> str:
        """Write a text or a number and return its place, such as `C5`."""
        if isinstance(value, str):
            cell = self._text(row, column, value)
        else:
            cell = self._sheet.cell(row, column)
            cell.value = _number(value)
        return self._dressed(cell, look)

    def formula(self, row: int, column: int, formula: str, value: Value, look: Look) -> str:
        """Write a formula (without its `=`) that comes to a value; return its place."""
        cell = self._sheet.cell(row, column)
        cell.value = f"={formula}"
        self.values[cell.coordinate] = value
        return self._dressed(cell, look)

    def widen(self, number: int, width: float) -> None:
        """Make a column so many digits wide, whatever stands in it."""
        self._fixed[number] = width

    def print_to(self, number: int) -> None:
        """Print the columns up to one; what stands to its right is for the screen."""
        last = max(self._sheet.max_row, self._ruled_from)
        self._sheet.print_area = f"A1:{get_column_letter(number)}{last}"

    def fit(self) -> None:
        """Make columns as wide, and rows as high, as what stands in their ruled part."""
        widths = {
            cells[0].column: self._fixed.get(cells[0].column) or self._needed(cells)
            for cells in self._sheet.iter_cols(min_row=self._ruled_from)
        }
        for number, width in widths.items():
            self._sheet.column_dimensions[get_column_letter(number)].width = width
        for cells in self._sheet.iter_rows(min_row=self._ruled_from):
            lines = max(_lines(cell, widths[cell.column]) for cell in cells)
            if lines > 1:
                self._sheet.row_dimensions[cells[0].row].height = lines * _LINE_HEIGHT

    def _needed(self, cells: Sequence[Cell]) -> float:
        """Return the width of what is not wrapped; headings and notes are broken into lines."""
        plain = [_width(_shown(cell, self.values)) for cell in cells if not _wraps(cell)]
        wrapped = [_width(str(cell.value or "")) for cell in cells if _wraps(cell)]
        half = [width / 2 if width < _WIDEST_WRAPPED else width for width in wrapped]
        own, broken = max([*plain, 4.0]), max([*half, 0.0])
        return max(min(own + 1.5, _WIDEST), min(broken + 2, _WIDEST_WRAPPED))

    def _text(self, row: int, column: int, text: str) -> Cell:
        cell: Cell = self._sheet.cell(row, column)
        cell.value = "".join(each for each in text if each == "\n" or _may_stand(each))
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(("=", "+", "-", "@"))
        return cell

    def _dressed(self, cell: Cell, look: Look) -> str:
        cell.number_format = look.form
        cell.border = _BOX
        cell.alignment = Alignment(
            horizontal="left" if look.left else "center",
            vertical="center",
            wrap_text=look.wrapped,
        )
        if look.bold:
            cell.font = _BOLD
        if look.shaded or look.entered:
            cell.fill = _SHADE if look.shaded else _ENTERED
        return str(cell.coordinate)

    def _print(self, across: int) -> None:
        """Print on A4, landscape, as wide as one page, or several, with page numbers."""
        sheet = self._sheet
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.page_setup.fitToHeight = 0
        sheet.page_setup.fitToWidth = across
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.page_margins.left = sheet.page_margins.right = 0.4
        sheet.page_margins.top = sheet.page_margins.bottom = 0.6
        sheet.oddFooter.center.text = "— &P / &N —"
        sheet.oddFooter.right.text = "&A"


def column(number: int) -> str:
    """Return a column's letters."""
    return str(get_column_letter(number))


def _number(value: Value) -> Any:
    """Return what a cell holds: decimals as they are; a spreadsheet knows no other fractions."""
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else float(value)
    return value


def _may_stand(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs")


def _wraps(cell: Cell) -> bool:
    return bool(cell.alignment and cell.alignment.wrap_text)


def _shown(cell: Cell, values: Mapping[str, Value]) -> str:
    value = values.get(cell.coordinate, cell.value)
    if isinstance(value, Fraction | Decimal | float):
        return f"{float(value):.4f}"
    return "" if value is None else str(value)


def _lines(cell: Cell, width: float) -> int:
    """Return how many lines a wrapped cell takes in a column of a width."""
    if not _wraps(cell) or cell.value is None:
        return 1
    return sum(max(1, ceil(_width(line) / (width - 1))) for line in str(cell.value).split("\n"))


def _width(text: str) -> float:
    """Return about how wide a text is, in widths of a digit."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return wide * _CJK_SHARE + (len(text) - wide) * _LATIN_SHARE


def _with_values(content: bytes, values: Sequence[Mapping[str, Value]]) -> bytes:
    """Return a workbook with the values of its formulas written in, which openpyxl cannot."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            found = re.fullmatch(r"xl/worksheets/sheet([0-9]+)\.xml", name)
            if name == "docProps/core.xml":
                part = _TIMES.sub(b"", part)  # the same figures are the same bytes
            if found:
                part = _valued(part, values[int(found[1]) - 1])
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _valued(sheet: bytes, values: Mapping[str, Value]) -> bytes:
    def cell(match: re.Match[bytes]) -> bytes:
        value = values[match[1].decode()]
        kind = ' t="str"' if isinstance(value, str) else ""
        told = "" if value is None else escape(str(_number(value)))
        place = f'<c r="{match[1].decode()}"{match[2].decode()}{kind}>'.encode()
        return place + b"<f>" + match[3] + b"</f><v>" + told.encode() + b"</v></c>"

    return _FORMULA.sub(cell, sheet)
