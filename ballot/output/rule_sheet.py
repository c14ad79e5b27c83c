"""The sheet with a rule's numbers: bands, worths, full marks, to which formulas refer."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from ballot.language import Text
from ballot.output.workbook import TEXT, Look, Sheet
from ballot.scoring import Bands, Rule, Scale
from ballot.scoring.figures import exact

_NUMBER: Final = Look(entered=True)


@dataclass(frozen=True)
class RuleCells:
    """Where a rule's numbers stand, as formulas on another sheet write it.

    `bands`: each band's least percent and its score, from the highest on; `worths`: one per level.
    """

    full: str
    bands: Sequence[tuple[str, str]] = ()
    otherwise: str = ""
    worths: Sequence[str] = ()


def write_rule(sheet: Sheet, rule: Rule, language: str) -> RuleCells:
    """Write a rule's numbers, its clause and its readings."""

    def words(text: Text) -> str:
        return text.in_(language)

    sheet.headings(1, [words(Text("折算规则")), words(Text("数值")), words(Text("得分"))], frozen=0)
    rows = _Rows(sheet)
    full = rows.add(words(Text("满分")), Fraction(rule.full_marks))
    bands, otherwise = [], ""
    if isinstance(rule.own, Bands):
        for band in rule.own.edges:
            text = words(Text("得票率 ≥ %(edge)s%%", edge=exact(band.at_least * 100)))
            edge = rows.add(text, band.at_least * 100)
            bands.append((edge, rows.beside(band.score)))
        last = Text("其余，酌情") if rule.own.discretionary else Text("其余")
        otherwise = rows.add(words(last), rule.own.otherwise)
    worths = []
    if isinstance(rule.scale, Scale):
        for level in rule.scale.levels:
            named = Text("等次“%(label)s”", label=level.label)
            approving = Text("%(level)s，认可", level=named)
            worths.append(rows.add(words(approving if level.approves else named), level.value))
    told = [Text("依据：%(clause)s", clause=rule.clause)] if rule.clause else []
    told += [Text("口径：%(reading)s", reading=reading) for reading in rule.readings]
    for line in told:
        rows.say(words(line))
    return RuleCells(full, tuple(bands), otherwise, tuple(worths))


class _Rows:
    """Rows under one another; each number's place is handed out for formulas elsewhere."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.row = 1

    def add(self, text: str, number: Fraction) -> str:
        """Write what a number is, and the number."""
        self.say(text)
        self.sheet.put(self.row, 2, number, _NUMBER)
        return f"{self.sheet.name}$B${self.row}"

    def beside(self, number: Fraction) -> str:
        """Write a second number into the row."""
        self.sheet.put(self.row, 3, number, _NUMBER)
        return f"{self.sheet.name}$C${self.row}"

    def say(self, text: str) -> None:
        """Write a text into a row of its own."""
        self.row += 1
        self.sheet.put(self.row, 1, text, TEXT)
