"""Grades as formulas: who passes, who may be first, how many come before, what a tie leaves open.

One row per unit with the steps of docs/scoring-rules.md, rules 18 to 21 and 53 to 55, in columns.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ballot.language import Text
from ballot.output import formulas
from ballot.output.grade_numbers import Ranked, lowest, worked
from ballot.output.workbook import TEXT, Look, Sheet, column
from ballot.scoring import PENDING, CutGrades, GradeRule, PlaceGrades

_ENTERED: Final = Look(entered=True)
_FIGURE: Final = Look()
_KEYS: Final = ("unit", "sector", "ranked", "total", "place", "veto", "failed", "free")
_COUNTED: Final = ("before", "level", "passed-before", "passed-level", "places", "grade")


def has_formulas(rule: GradeRule | None) -> bool:
    """Tell whether a form of grades is written as formulas; others stand as values."""
    return isinstance(rule, CutGrades) or (isinstance(rule, PlaceGrades) and rule.fill_vacancies)


class GradesSheet:
    """Writes the steps of grading; `grade` tells where a unit's grade stands."""

    def __init__(
        self, sheet: Sheet, rule: GradeRule, units: Sequence[Ranked], language: str
    ) -> None:
        self._sheet = sheet
        self._rule = rule
        self._last = len(units) + 1
        heads = _headings(rule)
        sheet.headings(1, [heads[key].in_(language) for key in (*_KEYS, *_COUNTED)], frozen=1)
        self._values = worked(rule, units)
        for row, unit in enumerate(units, start=2):
            self._entered(row, unit)
            self._counted(row, unit)

    def grade(self, number: int) -> str:
        """Return where the grade of the unit at a place counted from 0 stands."""
        return f"{self._sheet.name}{self._at('grade', number + 2)}"

    def _entered(self, row: int, unit: Ranked) -> None:
        standing, put = unit.standing, self._put
        put(row, "unit", standing.unit, TEXT)
        put(row, "sector", standing.sector, TEXT)
        ranked = int(standing.rank is not None)
        put(row, "ranked", ranked, _ENTERED)
        if standing.total is not None:
            self._formula(row, "total", unit.total, standing.total)
        put(row, "place", unit.place, _ENTERED)
        put(row, "veto", lowest(self._rule, standing), _ENTERED)
        failed, free = self._values[standing.unit][:2]
        if ranked:
            self._formula(row, "failed", self._level(row), failed)
            self._formula(row, "free", f"IF({self._at('failed', row)}=0,1,0)", free)

    def _counted(self, row: int, unit: Ranked) -> None:
        """Write how many come before a unit and on its level, and the grade that follows."""
        if unit.standing.rank is None:
            self._put(row, "grade", unit.standing.grade or "", TEXT)
            return
        numbers = self._values[unit.standing.unit][2:]
        before, level = self._better(row), self._equal(row)
        free, passed = f"({self._every('free')}=1)", f"({self._every('failed')}<9)"
        for key, formula, value in zip(
            _COUNTED[:5],
            (
                f"SUMPRODUCT({before}*{free})",
                f"SUMPRODUCT({level}*{free})",
                f"SUMPRODUCT({before}*{passed})",
                f"SUMPRODUCT({level}*{passed})",
                self._places(row),
            ),
            numbers,
            strict=True,
        ):
            self._formula(row, key, formula, value)
        by_cut = isinstance(self._rule, CutGrades)
        formula = self._by_cut(row) if by_cut else self._by_place(row)
        self._formula(row, "grade", formula, unit.standing.grade or "")

    def _level(self, row: int) -> str:
        """Return the formula of the best grade left: 0 the first, 9 the failing one."""
        total, veto = self._at("total", row), self._at("veto", row)
        if isinstance(self._rule, CutGrades):
            cuts = [
                (f"ROUND({total}*100,0)>={formulas.literal(cut.at_least * 100)}", str(number))
                for number, cut in enumerate(self._rule.cuts)
            ]
            reached = formulas.chosen(cuts, str(len(self._rule.cuts)))
            return f"MAX({veto},{reached})"
        conditions = []
        if self._rule.failed_below is not None:
            conditions.append((self._below(total, self._rule.failed_below), "9"))
        floor = self._rule.floor
        under = "0" if floor is None else formulas.chosen([(self._below(total, floor), "1")], "0")
        return formulas.chosen(conditions, f"MAX({veto},{under})")

    def _below(self, total: str, mark: Decimal) -> str:
        return f"ROUND({total}*100,0)<{formulas.literal(mark * 100)}"

    def _places(self, row: int) -> str:
        """Return how many places the first grade has in the unit's sector."""
        competing = f"SUMPRODUCT({self._same_sector(row)})"
        if isinstance(self._rule, CutGrades):
            limit = self._rule.limit
            return competing if limit is None else _share(limit, competing)
        if self._rule.share is None:
            return str(self._rule.places)
        return f"MAX({self._rule.least},{_share(self._rule.share, competing)})"

    def _by_cut(self, row: int) -> str:
        level, before, same, places = (
            self._at(key, row) for key in ("failed", "before", "level", "places")
        )
        labels = self._rule.labels
        others = formulas.chosen(
            [(f"{level}={number}", _quoted(label)) for number, label in enumerate(labels[:-1])],
            _quoted(labels[-1]),
        )
        beyond = formulas.chosen(
            [
                (f"{before}+{same}<={places}", _quoted(labels[0])),
                (f"{before}<{places}", _quoted(PENDING)),
            ],
            _quoted(labels[1]),
        )
        return f"IF({level}=0,{beyond},{others})"

    def _by_place(self, row: int) -> str:
        """Return the grade by place: first, or by the cut between upper and lower."""
        rule = self._rule
        if not isinstance(rule, PlaceGrades):
            raise TypeError("grades by place")
        failed, free, before, same, ahead, beside, places = (
            self._at(key, row)
            for key in (
                "failed",
                "free",
                "before",
                "level",
                "passed-before",
                "passed-level",
                "places",
            )
        )
        sector = self._same_sector(row)
        passed = f"SUMPRODUCT({sector}*({self._every('failed')}<9))"
        pool = f"SUMPRODUCT({sector}*({self._every('free')}=1))"
        rest = f"({passed}-MIN({places},{pool}))"
        share = rule.upper_share
        upper = f"INT(({share.numerator}*{rest}+{share.denominator - 1})/{share.denominator})"
        taken = f"(MIN({places},{before}+{same})-MIN({places},{before}))"
        start = f"({ahead}-MIN({places},{before}))"
        others = formulas.chosen(
            [
                (f"{start}+{beside}-{taken}<={upper}", _quoted(rule.upper)),
                (f"{start}>={upper}", _quoted(rule.lower)),
            ],
            _quoted(PENDING if rule.upper != rule.lower else rule.upper),
        )
        return formulas.chosen(
            [
                (f"{failed}=9", _quoted(rule.failed)),
                (f"AND({free}=1,{before}+{same}<={places})", _quoted(rule.first)),
                (f"AND({free}=1,{before}<{places})", _quoted(PENDING)),
            ],
            others,
        )

    def _same_sector(self, row: int) -> str:
        mine = self._at("sector", row)
        return f"({self._every('sector')}={mine})*({self._every('ranked')}=1)"

    def _better(self, row: int) -> str:
        """Return the condition that a unit of the same sector comes before this one."""
        totals, places = self._cents(), self._every("place")
        mine, place = f"ROUND({self._at('total', row)}*100,0)", self._at("place", row)
        ahead = f"(({totals}>{mine})+({totals}={mine})*({places}<{place}))"
        return f"{self._same_sector(row)}*{ahead}"

    def _equal(self, row: int) -> str:
        totals, places = self._cents(), self._every("place")
        mine, place = f"ROUND({self._at('total', row)}*100,0)", self._at("place", row)
        return f"{self._same_sector(row)}*({totals}={mine})*({places}={place})"

    def _cents(self) -> str:
        return f"ROUND({self._every('total')}*100,0)"

    def _every(self, key: str) -> str:
        letters = column((*_KEYS, *_COUNTED).index(key) + 1)
        return f"${letters}$2:${letters}${self._last}"

    def _at(self, key: str, row: int) -> str:
        return f"{column((*_KEYS, *_COUNTED).index(key) + 1)}{row}"

    def _put(self, row: int, key: str, value: str | int, look: Look) -> None:
        self._sheet.put(row, (*_KEYS, *_COUNTED).index(key) + 1, value, look)

    def _formula(self, row: int, key: str, formula: str, value: Decimal | int | str) -> None:
        place = (*_KEYS, *_COUNTED).index(key) + 1
        self._sheet.formula(row, place, formula, value, _FIGURE)


def _headings(rule: GradeRule) -> Mapping[str, Text]:
    return {
        "unit": Text("单位"),
        "sector": Text("分口"),
        "ranked": Text("排名次（1 是）"),
        "total": Text("总分"),
        "place": Text("同分先后"),
        "veto": Text("否决后最高可评（0 为首档，9 为不合格）"),
        "failed": Text("最高可评（0 为首档，9 为不合格）"),
        "free": Text("可评“%(grade)s”", grade=rule.first),
        "before": Text("可评且在前"),
        "level": Text("可评且同分"),
        "passed-before": Text("合格且在前"),
        "passed-level": Text("合格且同分"),
        "places": Text("“%(grade)s”名额", grade=rule.first),
        "grade": Text("等次"),
    }


def _share(share: Fraction, number: str) -> str:
    return f"INT({share.numerator}*{number}/{share.denominator})"


def _quoted(label: str) -> str:
    return '"' + label.replace('"', '""') + '"'
