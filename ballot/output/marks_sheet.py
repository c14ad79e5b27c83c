"""The sheet of single marks behind a mean mark: how many ballots gave each, how many count."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from ballot.language import Text
from ballot.output.workbook import TEXT, Look, Sheet
from ballot.scoring import MeanMark
from ballot.scoring.mean_mark import given
from ballot.scoring.parts import Part

_ENTERED: Final = Look(entered=True)
_FIGURE: Final = Look()


class MarksSheet:
    """Writes the marks of one part after the other, from the highest down."""

    def __init__(self, sheet: Sheet, rule: MeanMark, language: str) -> None:
        self._sheet = sheet
        self._rule = rule
        self._row = 1
        headings = (Text("对象"), Text("测评项"), Text("类别"), Text("分数"), Text("票数"))
        texts = [text.in_(language) for text in (*headings, Text("计入票数"))]
        sheet.headings(1, texts, frozen=1)
        self.mean = ""

    def write(
        self,
        main: Sheet,
        row: int,
        columns: tuple[int, int, int],
        part: Part,
        labels: Sequence[str],
    ) -> None:
        """Write a part's marks, and into its row on the main sheet how many are dropped.

        `columns` there: those of dropped highest, dropped lowest, and opinions. `mean` is then the
        formula of the part's mean mark.
        """
        marks = given(part.counts.marks)[::-1]
        first, last = self._row + 1, self._row + len(marks)
        opinions = main.formula(
            row, columns[2], f"SUM({self._range('E', first, last)})", part.counts.opinions, _FIGURE
        )
        top, bottom = self._rule.dropped(part.counts.opinions)
        raw = [self._raw(drop, opinions) for drop in (self._rule.drop_top, self._rule.drop_bottom)]
        none = f"OR({opinions}<={self._rule.only_above},{raw[0]}+{raw[1]}>={opinions})"
        highest = main.formula(row, columns[0], f"IF({none},0,{raw[0]})", top, _FIGURE)
        lowest = main.formula(row, columns[1], f"IF({none},0,{raw[1]})", bottom, _FIGURE)
        kept = self._rule.kept(part.counts.marks)
        for mark in marks:
            self._row += 1
            for column, label in enumerate(labels, start=1):
                self._sheet.put(self._row, column, label, TEXT)
            self._sheet.put(self._row, 4, mark, _ENTERED)
            self._sheet.put(self._row, 5, part.counts.marks[mark], _ENTERED)
            formula = self._kept(first, last, f"{main.name}{highest}", f"{main.name}{lowest}")
            self._sheet.formula(self._row, 6, formula, kept[mark], _FIGURE)
        counted = self._range("F", first, last)
        self.mean = f"SUMPRODUCT({self._range('D', first, last)},{counted})/SUM({counted})"

    def _kept(self, first: int, last: int, top: str, bottom: str) -> str:
        """Return how many ballots of this row's mark are neither among the top nor the bottom."""
        row, here = self._row, f"E{self._row}"
        above = f"SUM(E{first}:E{row - 1})" if row > first else "0"
        below = f"SUM(E{row + 1}:E{last})" if row < last else "0"
        gone = (
            f"MAX(0,MIN({here},{drop}-{rest}))" for drop, rest in ((top, above), (bottom, below))
        )
        return f"{here}-{'-'.join(gone)}"

    def _raw(self, drop: Fraction, opinions: str) -> str:
        """Return how many are dropped where anything is: a number, or a share rounded."""
        if drop >= 1 or not drop:
            return str(int(drop))
        product, whole = f"{drop.numerator}*{opinions}", drop.denominator
        if self._rule.rounding == "half-up":
            return f"INT((2*{product}+{whole})/{2 * whole})"
        if self._rule.rounding == "up":
            return f"INT(({product}+{whole - 1})/{whole})"
        return f"INT({product}/{whole})"

    def _range(self, column: str, first: int, last: int) -> str:
        return f"{self._sheet.name}${column}${first}:${column}${last}"
