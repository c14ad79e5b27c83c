"""The count report's table as a sheet of the conversion's workbook.

Nothing is entered twice: counts, shares and points are formulas on the cells of the conversion,
except what that does not hold (ballots issued, the highest and the lowest mark).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ballot.language import Text
from ballot.output import formulas
from ballot.output.conversion_columns import LEVEL
from ballot.output.conversion_rows import (
    ENTERED,
    FIGURE,
    RESULT,
    SCORE,
    SHARE,
    Rows,
    Told,
    own_score,
)
from ballot.output.workbook import TEXT, Look, Sheet, Value, column
from ballot.scoring import Scale, percent
from ballot.scoring.mean_mark import given

NOTHING: Final = "—"


@dataclass(frozen=True)
class _Cell:
    """A cell: a formula with the value that it comes to, or without one an entered value."""

    value: Value
    look: Look
    formula: str = ""


class CountSheet:
    """Writes the table: one row per subject, from the rows of its conversion (`last`)."""

    def __init__(
        self, sheet: Sheet, rows: Rows, told: Sequence[Told], last: Sequence[int], language: str
    ) -> None:
        self._sheet = sheet
        self._rows = rows
        self._told = told
        self._last = last
        self._language = language
        self._issued = all(each.total.issued is not None for each in told)

    def write(self, title: str, lines: Sequence[str]) -> None:
        """Write head, headings and rows; ranks once all points have their place."""
        keys = list(self._headings())
        top = self._sheet.head(title, lines)
        words = [self._said(text) for text in self._headings().values()]
        self._sheet.headings(top, words, frozen=2)
        first, end = top + 1, top + len(self._told)
        points = column(keys.index("points") + 1)
        every = f"{points}${first}:{points}${end}"
        rows = range(first, end + 1)
        for row, each, source in zip(rows, self._told, self._last, strict=True):
            cells = {"number": _Cell(row - top, FIGURE), **self._cells(row, keys, each, source)}
            cells["rank"] = self._rank(each, f"RANK({points}{row},{every})")
            for number, key in enumerate(keys, start=1):
                self._put(row, number, cells[key])
        self._sheet.print_to(len(keys))

    def _headings(self) -> dict[str, Text]:
        named = {"number": Text("序号"), "subject": Text("对象")}
        if self._issued:
            named["issued"] = Text("发出")
        named |= {"returned": Text("收回"), "valid": Text("有效"), "invalid": Text("无效")}
        scale = self._rows.rule.scale
        if isinstance(scale, Scale):
            for label in scale.labels:
                named[LEVEL + label] = Text("%(level)s票数", level=label)
                named[f"share {label}"] = Text("%(level)s占比", level=label)
            named["abstain"] = Text("弃权")
            named["approving"] = Text("%(levels)s票", levels=scale.approval)
            named["percent"] = Text("%(levels)s率", levels=scale.approval)
            named["own"] = Text("折算分")
        else:
            named |= {"opinions": Text("打分票"), "abstain": Text("弃权")}
            named |= {"highest": Text("最高分"), "lowest": Text("最低分"), "own": Text("平均分")}
        return {**named, "points": Text("得分"), "rank": Text("名次")}

    def _cells(self, row: int, keys: Sequence[str], each: Told, source: int) -> dict[str, _Cell]:
        total, converted, rule = each.total, each.converted, self._rows.rule
        cells = {
            "subject": _Cell(each.counted.subject, TEXT),
            "issued": _Cell(total.issued, ENTERED),
            "returned": self._same("returned", source, total.returned),
            "valid": self._same("valid", source, total.valid),
            "invalid": self._same("invalid", source, total.invalid),
            "abstain": self._same("abstain", source, total.abstain),
        }
        if isinstance(rule.scale, Scale):
            cells |= self._levels(row, keys, each, source)
        else:
            marks = given(total.marks)
            cells["opinions"] = self._same("opinions", source, total.opinions)
            cells["highest"] = _Cell(marks[-1] if marks else NOTHING, ENTERED)
            cells["lowest"] = _Cell(marks[0] if marks else NOTHING, ENTERED)
        if converted.score is None:
            return cells | dict.fromkeys(("own", "points"), _Cell(NOTHING, FIGURE))
        return cells | {
            "own": self._same("own", source, own_score(each, rule), SCORE),
            "points": self._same("points", source, converted.points, RESULT),
        }

    def _rank(self, each: Told, formula: str) -> _Cell:
        """Return a subject's rank by points, equals sharing the better one."""
        own = each.converted.points
        if own is None:
            return _Cell(NOTHING, FIGURE)
        points = [other.converted.points for other in self._told]
        better = sum(other is not None and other > own for other in points)
        return _Cell(1 + better, FIGURE, formula)

    def _levels(self, row: int, keys: Sequence[str], each: Told, source: int) -> dict[str, _Cell]:
        """Return votes and shares of each level, and of those that approve together."""
        scale, base = self._rows.rule.levels, each.total.of(self._rows.rule.base) or 0
        cells, approving = {}, []
        for level, votes in zip(scale.levels, each.total.marks, strict=True):
            key = LEVEL + level.label
            cells[key] = self._same(key, source, votes)
            place = f"{column(keys.index(key) + 1)}{row}"
            approving += [place] * level.approves
            cells[f"share {level.label}"] = _Cell(NOTHING, FIGURE)
            if base:
                share = formulas.half_up(f"{place}/{self._source('base', source)}", 4)
                value = Decimal(percent(votes, base)) / 100
                cells[f"share {level.label}"] = _Cell(value, SHARE, share)
        number = scale.approving(each.total.marks)
        cells["approving"] = _Cell(number, FIGURE, "+".join(approving))
        told = each.converted.percent
        cells["percent"] = _Cell(NOTHING, FIGURE)
        if told:
            cells["percent"] = self._same("percent", source, Decimal(told) / 100, SHARE)
        return cells

    def _same(self, key: str, row: int, value: Value, look: Look = FIGURE) -> _Cell:
        """Return a cell that holds what stands on the conversion's sheet."""
        return _Cell(value, look, self._source(key, row))

    def _source(self, key: str, row: int) -> str:
        return f"{self._rows.sheet.name}{self._rows.columns.place(key, row)}"

    def _put(self, row: int, number: int, cell: _Cell) -> None:
        if cell.formula:
            self._sheet.formula(row, number, cell.formula, cell.value, cell.look)
        else:
            self._sheet.put(row, number, cell.value, cell.look)

    def _said(self, text: Text) -> str:
        return text.in_(self._language)


def heading_lines(rows: Rows) -> Iterator[Text]:
    """Say what shares are of, and how ranks go."""
    yield Text("占比的基数：%(base)s。", base=rows.rule.base.text)
    yield Text("名次按得分由高到低排列，得分相同的并列，其后的名次顺延（1、2、2、4）。")
