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
_LATIN_SHARE: Final = 1.1
_CJK_SHARE: Final = 2.1
_WIDEST: Final = 60.0


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
            sheet.fit_columns()
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
        self._print()

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

    def fit_columns(self) -> None:
        """Make columns as wide as what stands in their ruled rows; long text is wrapped."""
        for cells in self._sheet.iter_cols(min_row=self._ruled_from):
            shown = [_shown(cell, self.values) for cell in cells if not _wraps(cell)]
            headed = [str(cell.value) for cell in cells if cell.value is not None and _wraps(cell)]
            widest = max((_width(text) for text in shown), default=0.0)
            least = max((min(_width(text), 10.0) for text in headed), default=0.0)
            long = _WIDEST if any(len(text) > 30 for text in headed) else 0.0
            width = min(max(widest + 1.5, least, long, 6.0), _WIDEST)
            self._sheet.column_dimensions[get_column_letter(cells[0].column)].width = width

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

    def _print(self) -> None:
        """Print on A4, landscape, as wide as the page, with page numbers."""
        sheet = self._sheet
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
        sheet.page_setup.fitToHeight = 0
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
