"""Templates of unit lists: what a person downloads, fills in, and brings back."""

import csv
import io

from ballot.language import Text
from ballot.scoring import Kind
from ballot.services import facts
from ballot.services.unit_files import EXAMPLE

_EXAMPLES = {
    "sector": "党政综合口",
    "competes": "是",
    "staff": "12",
    "last-year": "86.50",
}
_HINTS = {
    "sector": Text("不分口的空着"),
    "competes": Text("写“是”或“否”，空着算“是”"),
    "staff": Text("整数"),
    "last-year": Text("上年的总分或等次，没有的空着"),
}


def rows(kind: Kind) -> tuple[list[str], list[str], list[str]]:
    """Return a template's explanation, its headings, and its example."""
    asked = facts.asked(kind)
    told = [Text("每行一个“%(kind)s”，名称要与测评活动里的一致。", kind=kind.title)]
    told += [
        Text("%(fact)s：%(hint)s。", fact=each.title, hint=_HINTS.get(each.key, Text("数字")))
        for each in asked
    ]
    told.append(Text("人员可以加一列“职务”，建测评活动时自动带出。"))
    told.append(Text("以“（示例）”开头的行不会读入，可以不删。"))
    headings = [str(Text("单位")), *(str(each.title) for each in asked)]
    example = [f"{EXAMPLE}白马村", *(_EXAMPLES.get(each.key, "1.00") for each in asked)]
    return ["".join(map(str, told))], headings, example


def as_csv(kind: Kind) -> bytes:
    """Return the template as CSV in UTF-8, with the mark by which Excel knows it."""
    file = io.StringIO()
    csv.writer(file).writerows(rows(kind))
    return file.getvalue().encode("utf-8-sig")


def as_workbook(kind: Kind) -> bytes:
    """Return the template as a workbook."""
    import openpyxl  # a large library
    from openpyxl.styles import Alignment, Font

    told, headings, example = rows(kind)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = str(Text("名单"))
    for row in (told, headings, example):
        sheet.append(row)
    sheet["A1"].alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[1].height = 90
    sheet.column_dimensions["A"].width = 34
    for cell in sheet[2]:
        cell.font = Font(bold=True)
    for cell in sheet[3]:
        cell.font = Font(italic=True, color="808080")
    sheet.freeze_panes = "A3"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
