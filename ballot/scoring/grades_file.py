"""Reading the table of grades. A further form is a reader in `GRADES` and a module of its own."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from ballot.language import Text
from ballot.scoring.grade_rules import Cut, CutGrades, Distinction, GradeRule, PlaceGrades
from ballot.scoring.readings import Reading
from ballot.scoring.toml_table import Table


def read_grades(table: Table, readings: Mapping[str, Reading]) -> GradeRule | None:
    """Return the rule of a table of grades, None after mistakes."""
    reader = table.choice("form", GRADES)
    if reader is None:
        return None
    grades: GradeRule = reader(table, readings)
    if len(set(grades.labels)) < len(grades.labels):
        table.mistake("", Text("等次名称重复"))
    table.finish()
    return grades


def _places(table: Table, readings: Mapping[str, Reading]) -> PlaceGrades:
    """Return grades by place: a number of places, or a share of the competing units."""
    by_share = "share" in table
    if by_share and "places" in table:
        table.mistake("share", Text("“places”与“share”只能有一个"))
    split = any(key in table for key in ("upper", "upper-share", "lower"))
    fails = any(key in table for key in ("failed", "failed-below"))
    grades = PlaceGrades(
        first=table.text("first"),
        places=0 if by_share else table.whole("places"),
        failed=table.text("failed") if fails else "",
        failed_below=table.number("failed-below") if "failed-below" in table else None,
        floor=table.number("floor") if "floor" in table else None,
        fill_vacancies=table.flag("fill-vacancies", default=True),
        clause=table.text("clause", ""),
        readings=table.choices("readings", readings),
        share=table.share("share") if by_share else None,
        least=table.whole("at-least", least=0) if "at-least" in table else 0,
    )
    if "at-least" in table and not by_share:
        table.mistake("at-least", Text("只用于“share”"))
    if not split:
        return grades
    return replace(
        grades,
        upper=table.text("upper"),
        upper_share=table.share("upper-share"),
        lower=table.text("lower"),
    )


def _cuts(table: Table, readings: Mapping[str, Reading]) -> CutGrades:
    rows = table.rows("cuts", required=True)
    cuts = []
    for row in rows:
        cuts.append(Cut(row.text("grade"), row.number("at-least")))
        row.finish()
    for above, below, row in zip(cuts, cuts[1:], rows[1:], strict=False):
        if below.at_least >= above.at_least:
            row.mistake("at-least", Text("须低于前一等次的分数"))
    distinction = table.table("distinction")
    return CutGrades(
        cuts=tuple(cuts) or (Cut("", Decimal(0)),),
        otherwise=table.text("otherwise"),
        limit=table.share("limit") if "limit" in table else None,
        distinction=_distinction(distinction) if distinction else None,
        clause=table.text("clause", ""),
        readings=table.choices("readings", readings),
    )


def _distinction(table: Table) -> Distinction:
    distinction = Distinction(table.text("title"), table.share("share"))
    table.finish()
    return distinction


GRADES: Final[Mapping[str, Callable[[Table, Mapping[str, Reading]], GradeRule]]] = {
    "places": _places,
    "cuts": _cuts,
}
