"""A cycle's converted points as a workbook: one row per unit and component."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from ballot.language import SOURCE, Text
from ballot.output.workbook import PERCENT, POINTS, TEXT, Book, Look, Sheet, Value
from ballot.scoring import Base

_LONG: Final = Look(wrapped=True, left=True)
_PLAIN: Final = Look()
_HEADINGS: Final[Mapping[str, Text]] = {
    "unit": Text("单位"),
    "kind": Text("类别"),
    "component": Text("考核项"),
    "full_marks": Text("满分"),
    "valid": Text("有效票"),
    "base": Text("基数"),
    "ratio": Text("认可票/基数"),
    "percent": Text("得票率"),
    "levels": Text("各等次"),
    "score": Text("折算分"),
    "points": Text("得分"),
    "note": Text("备注"),
    "derivation": Text("计算过程"),
    "poll": Text("测评活动"),
}


def points_xlsx(title: str, rows: Sequence[Mapping[str, Any]], *, language: str = SOURCE) -> bytes:
    """Return points as a workbook; `rows` as `PointsRow.to_json` writes them, in this language.

    Figures are values here: their formulas stand on the calculation sheet of each conversion.
    """
    book = Book(title)
    sheet = book.sheet(Text("得分表").in_(language))
    first = sheet.head(title, [Text("只列已认定的测评活动。").in_(language)])
    sheet.headings(first, [text.in_(language) for text in _HEADINGS.values()], frozen=1)
    for number, row in enumerate(rows, start=first + 1):
        _row(sheet, number, row, language)
    return book.finish()


def _row(sheet: Sheet, number: int, row: Mapping[str, Any], language: str) -> None:
    percent = row["percent"]
    cells: Mapping[str, tuple[Value, Look]] = {
        "unit": (row["unit"], TEXT),
        "kind": (row["kind"], TEXT),
        "component": (row["component"], TEXT),
        "full_marks": (Decimal(row["full_marks"]), _PLAIN),
        "valid": (row["valid"], _PLAIN),
        "base": (Base(row["base"]).text.in_(language), TEXT),
        "ratio": (row["ratio"] or "", TEXT),
        "percent": (None if percent is None else Decimal(percent) / 100, Look(PERCENT)),
        "levels": ("\n".join(_levels(row["levels"])), _LONG),
        "score": (_decimal(row["score"]), _PLAIN),
        "points": (_decimal(row["points"]), Look(POINTS, bold=True)),
        "note": (row["note"] or "", _LONG),
        "derivation": ("\n".join(row["derivation"]), _LONG),
        "poll": (row["poll"], _PLAIN),
    }
    for place, key in enumerate(_HEADINGS, start=1):
        sheet.put(number, place, *cells[key])


def _levels(levels: Mapping[str, Mapping[str, Any]]) -> list[str]:
    told = []
    for label, level in levels.items():
        share = "" if level["percent"] is None else f" ({level['percent']}%)"
        told.append(f"{label} {level['count']}{share}")
    return told


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
