"""A workbook (XLSX) of texts, streamed: it goes to its file alone, and to no temporary one.

What is written are codes, so a library that keeps rows in a file elsewhere will not do.
Source: ECMA-376, part 1, 18 (SpreadsheetML), and part 2 (packages).
"""

from collections.abc import Iterable, Sequence
from typing import BinaryIO, Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPES: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Final = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>"
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>"
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
        '<sheets><sheet name="选票" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
}
_SHEET: Final = "xl/worksheets/sheet1.xml"


def write_table(file: BinaryIO, rows: Iterable[Sequence[str]], widths: Sequence[int]) -> None:
    """Write rows of texts, which no spreadsheet takes for formulas; `widths` are in characters.

    The first row stays in sight. No time stands in the file.
    """
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        for name, content in _PARTS.items():
            package.writestr(_part(name), (_HEAD + content).encode("utf-8"))
        with package.open(_part(_SHEET), "w", force_zip64=True) as sheet:
            sheet.write((_HEAD + _opening(widths)).encode("utf-8"))
            for row in rows:
                sheet.write(_row(row).encode("utf-8"))
            sheet.write(b"</sheetData></worksheet>")


def _part(name: str) -> ZipInfo:
    part = ZipInfo(name)  # its time is that of nothing: 1980
    part.compress_type = ZIP_DEFLATED
    return part


def _opening(widths: Sequence[int]) -> str:
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, width in enumerate(widths, start=1)
    )
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}'
        f"</sheetView></sheetViews><cols>{columns}</cols><sheetData>"
    )


def _row(cells: Sequence[str]) -> str:
    texts = (
        f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
        for cell in cells
    )
    return f"<row>{''.join(texts)}</row>"
