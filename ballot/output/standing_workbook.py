"""The yearly standing of a kind as a workbook: what was entered as values, the rest as formulas."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ballot.language import Text
from ballot.output import formulas
from ballot.output.derivation_sheet import beside, write_derivations
from ballot.output.grade_numbers import Ranked
from ballot.output.masthead import Masthead
from ballot.output.standing_grades import GradesSheet, has_formulas
from ballot.output.standing_items import ItemsSheet, headed
from ballot.output.standing_ledger import LedgerSheet, write_vetoes
from ballot.output.standing_words import NOTHING, adjusted, remarks
from ballot.output.workbook import POINTS, TEXT, Book, Look, Sheet, column
from ballot.scoring import ComponentWork, Decision, Kind, Standing
from ballot.scoring.decisions import decided_places

_FIGURE: Final = Look()
_MARKS: Final = Look(POINTS)
_TOTAL: Final = Look(POINTS, bold=True)
_ENTERED: Final = Look(entered=True)
_LONG: Final = Look(wrapped=True, left=True)


def standing_xlsx(
    masthead: Masthead,
    kind: Kind,
    standings: Sequence[Standing],
    decisions: Sequence[Decision] = (),
) -> bytes:
    """Return the standing as a workbook; `decisions` are those it rests on.

    Sheets: the standing, what was entered by item, adjustments, vetoes, the steps of grading. What
    limits took from adjustments, and grades where vacancies stay empty, stand as values. The same
    arguments give the same bytes.
    Raises: DecisionError.
    """
    words = masthead.words
    book = Book(words(Text("%(cycle)s总评", cycle=masthead.cycle)))
    sheet = book.sheet(words(Text("总评")))
    items = ItemsSheet(book.sheet(words(Text("分项"))), kind, standings, masthead.language)
    ledger = LedgerSheet(book.sheet(words(Text("加减分"))), standings, masthead.language)
    write_vetoes(book.sheet(words(Text("否决情形"))), standings, words)
    summary = _Summary(sheet, masthead, kind, standings)
    for number, standing in enumerate(standings):
        summary.write(number, standing, items, ledger)
    if kind.grades is not None and has_formulas(kind.grades):
        results = {
            each.unit: (each.sector, each.total)
            for each in standings
            if each.rank is not None and each.total is not None
        }
        places = decided_places(results, decisions)
        ranked = [
            Ranked(each, f"{sheet.name}{summary.total(number)}", places.get(each.unit, 0))
            for number, each in enumerate(standings)
        ]
        steps = book.sheet(words(Text("等次")))
        summary.grade_by(GradesSheet(steps, kind.grades, ranked, masthead.language), standings)
    told = [(each.unit, [words(line) for line in each.derivation]) for each in standings]
    write_derivations(book.sheet(words(Text("计算过程"))), told, words)
    summary.print_without_derivations()
    return book.finish()


class _Summary:
    """The first sheet: one row per unit in rank order."""

    def __init__(
        self, sheet: Sheet, masthead: Masthead, kind: Kind, standings: Sequence[Standing]
    ) -> None:
        self._sheet = sheet
        self._masthead = masthead
        self._kind = kind
        self._standings = standings
        words = masthead.words
        lines = [
            words(
                Text(
                    "方案：《%(scheme)s》；类别：%(kind)s。%(state)s。",
                    scheme=masthead.scheme.title,
                    kind=kind.title,
                    state=masthead.state,
                )
            ),
            words(
                Text(
                    "黄底是录入的数字和投票的得分（除不尽的写成分数），白底是公式；"
                    "得分和总分四舍五入到两位小数。"
                )
            ),
            words(Text("各项投票的基数写在计算过程里。")),
        ]
        self._first = sheet.head(book_title(masthead), lines) + 1
        named = _columns(kind, words)
        self._keys = list(named)
        sheet.headings(self._first - 1, list(named.values()), frozen=3)

    def write(
        self, number: int, standing: Standing, items: ItemsSheet, ledger: LedgerSheet
    ) -> None:
        """Write a unit's row: points, what was added, total, rank, and how it came about."""
        row, words = self._first + number, self._masthead.words
        self._put(row, "sector", standing.sector, TEXT)
        self._put(row, "unit", standing.unit, TEXT)
        self._put(row, "competes", words(Text("是") if standing.competes else Text("否")), TEXT)
        terms = []
        for done in standing.working:
            place = self._points(row, number, done, items)
            if place and done.component.counted:
                terms.append(place)
        if standing.coefficient is not None:
            terms.append(self._coefficient(row, standing, terms))
        marks = adjusted(standing)
        if standing.coefficient is not None:
            marks -= standing.coefficient.marks
        place = self._formula(row, "adjustments", ledger.total(number), marks, _MARKS)
        if standing.total is None:
            self._put(row, "total", NOTHING, TEXT)
        else:
            total = formulas.total([*terms, place])
            self._formula(row, "total", total, standing.total, _TOTAL)
        self._rank(row, standing)
        self._put(row, "grade", standing.grade or "", TEXT)
        self._put(row, "distinction", standing.distinction or "", TEXT)
        flags = [words(flag) for flag in standing.flags]
        told = [remarks(standing, self._masthead), *flags]
        self._put(row, "note", "\n".join(filter(None, told)), _LONG)
        self._put(row, "derivation", beside(map(words, standing.derivation), words), TEXT)

    def total(self, number: int) -> str:
        """Return where the total of the unit at a place counted from 0 stands."""
        return self._at("total", self._first + number)

    def print_without_derivations(self) -> None:
        """Print all but the last column, which has a sheet of its own for that."""
        self._sheet.print_to(len(self._keys) - 1)

    def grade_by(self, grades: GradesSheet, standings: Sequence[Standing]) -> None:
        """Let the grades come from the sheet that works them out."""
        for number, standing in enumerate(standings):
            row = self._first + number
            self._formula(row, "grade", grades.grade(number), standing.grade or "", _FIGURE)

    def _points(self, row: int, number: int, done: ComponentWork, items: ItemsSheet) -> str | None:
        """Write a component's points; a blank one is a dash."""
        key, share = done.component.key, done.component.share
        if done.work is None:
            self._put(row, key, NOTHING, TEXT)
            return None
        value = items.place(done.work.key, number)
        if done.points is None:
            return self._formula(row, key, value, done.work.value, _FIGURE)
        whole = value if share == 1 else f"{formulas.literal(share)}*{value}"
        return self._formula(row, key, formulas.half_up(whole, 2), done.points, _MARKS)

    def _coefficient(self, row: int, standing: Standing, terms: Sequence[str]) -> str:
        """Write the coefficient and what it adds to the sum of the components (rule 46)."""
        applied = standing.coefficient
        if applied is None:
            raise ValueError("no coefficient")
        factor = self._put(row, "factor", applied.factor, _ENTERED)
        before = f"({'+'.join(terms) or '0'})"
        formula = f"ROUND({formulas.half_up(f'{before}*{factor}', 2)}-ROUND({before},2),2)"
        return self._formula(row, "coefficient", formula, applied.marks, _MARKS)

    def _rank(self, row: int, standing: Standing) -> None:
        """Write the competition rank among those of the sector that compete."""
        if standing.rank is None:
            self._put(row, "rank", NOTHING, TEXT)
            return
        totals = self._every("total")
        conditions = [f"ISNUMBER({totals})"]
        if self._kind.sectors:
            conditions.append(f"({self._every('sector')}={self._at('sector', row)})")
        if self._kind.competes:
            conditions.append(f"({self._every('competes')}={self._at('competes', row)})")
        better = f"({totals}>{self._at('total', row)})"
        formula = f"1+SUMPRODUCT({'*'.join([*conditions, better])})"
        self._formula(row, "rank", formula, standing.rank, _FIGURE)

    def _every(self, key: str) -> str:
        letters, last = self._letters(key), self._first + len(self._standings) - 1
        return f"${letters}${self._first}:${letters}${last}"

    def _at(self, key: str, row: int) -> str:
        return f"{self._letters(key)}{row}"

    def _letters(self, key: str) -> str:
        return column(self._keys.index(key) + 1)

    def _put(self, row: int, key: str, value: str | Decimal, look: Look) -> str:
        if key not in self._keys:
            return ""
        return self._sheet.put(row, self._keys.index(key) + 1, value, look)

    def _formula(
        self, row: int, key: str, formula: str, value: str | int | Decimal | Fraction, look: Look
    ) -> str:
        return self._sheet.formula(row, self._keys.index(key) + 1, formula, value, look)


def book_title(masthead: Masthead) -> str:
    """Return what stands over the standing."""
    return masthead.words(Text("%(cycle)s总评", cycle=masthead.cycle))


def _columns(kind: Kind, words: Callable[[Text], str]) -> dict[str, str]:
    """Return the heading of every column the kind needs, by key."""
    named = {"sector": Text("分口")} if kind.sectors else {}
    named |= {"rank": Text("名次"), "unit": Text("单位")}
    if kind.competes:
        named["competes"] = Text("参评")
    told = {key: words(text) for key, text in named.items()}
    for component in kind.components:
        told[component.key] = headed(component.title, component.full_marks, words)
    named = {"adjustments": Text("加减分"), "total": Text("总分")}
    if kind.coefficient:
        told["factor"] = kind.coefficient.title
        named = {"coefficient": Text("系数加减"), **named}
    if kind.grades is not None:
        named["grade"] = Text("等次")
    if kind.distinguishes:
        named["distinction"] = Text("表彰")
    named |= {"note": Text("备注"), "derivation": Text("计算过程")}
    return {**told, **{key: words(text) for key, text in named.items()}}
