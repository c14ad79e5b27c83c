"""The sheets of marks added or taken off, and of vetoes, unit by unit."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from ballot.language import Text
from ballot.output import formulas
from ballot.output.workbook import POINTS, TEXT, Look, Sheet
from ballot.scoring import AppliedAdjustment, Standing

_ENTERED: Final = Look(entered=True)
_MARKS: Final = Look(POINTS)
_LIMITED: Final = Look(POINTS, entered=True)
_LONG: Final = Look(wrapped=True, left=True)
_ADJUSTMENTS: Final = (
    Text("单位"),
    Text("加减分规则"),
    Text("每次分值"),
    Text("次数"),
    Text("计算分值"),
    Text("计入分值"),
    Text("事项"),
    Text("说明"),
    Text("依据"),
)
_VETOES: Final = (
    Text("单位"),
    Text("否决情形"),
    Text("后果"),
    Text("事项"),
    Text("说明"),
    Text("依据"),
)


class LedgerSheet:
    """Every adjustment in a row of its own; a unit's rows follow one another."""

    def __init__(self, sheet: Sheet, standings: Sequence[Standing], language: str) -> None:
        self._sheet = sheet
        self._spans: list[tuple[int, int]] = []
        sheet.headings(1, [text.in_(language) for text in _ADJUSTMENTS], frozen=1)
        row = 1
        for standing in standings:
            first = row + 1
            for each in standing.adjustments:
                row += 1
                self._write(row, standing.unit, each, language)
            self._spans.append((first, row))

    def total(self, number: int) -> str:
        """Return the sum of a unit's adjustments, for the unit at a place counted from 0."""
        first, last = self._spans[number]
        return f"ROUND(SUM({self._sheet.name}F{first}:F{last}),2)" if last >= first else "0"

    def _write(self, row: int, unit: str, each: AppliedAdjustment, language: str) -> None:
        put = self._sheet.put
        marks = each.rule.marks if each.rule.marks is not None else each.entry.marks
        put(row, 1, unit, TEXT)
        put(row, 2, each.rule.title, TEXT)
        once = put(row, 3, marks or Decimal(0), _ENTERED)
        times = put(row, 4, each.entry.times, _ENTERED)
        formula = formulas.half_up_signed(f"({once}*{times})", 2)
        worked = self._sheet.formula(row, 5, formula, each.before, _MARKS)
        if each.reason is None:
            self._sheet.formula(row, 6, worked, each.marks, _MARKS)
        else:
            put(row, 6, each.marks, _LIMITED)
        put(row, 7, each.entry.item, TEXT)
        reason = "" if each.reason is None else each.reason.in_(language)
        put(row, 8, "\n".join(filter(None, (each.entry.note, reason))), _LONG)
        put(row, 9, each.rule.clause, TEXT)


def write_vetoes(sheet: Sheet, standings: Sequence[Standing], words: Callable[[Text], str]) -> None:
    """Write every veto in a row of its own."""
    sheet.headings(1, [words(text) for text in _VETOES], frozen=1)
    row = 1
    for standing in standings:
        for each in standing.vetoes:
            row += 1
            told = (
                standing.unit,
                each.rule.title,
                words(each.rule.effect.text),
                each.entry.item,
                each.entry.note,
                each.rule.clause,
            )
            for place, text in enumerate(told, start=1):
                sheet.put(row, place, text, _LONG if place == 5 else TEXT)
