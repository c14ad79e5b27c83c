"""The workbook of a yearly standing: formulas that come to our totals, ranks and grades."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from ballot.output.masthead import Masthead
from ballot.output.standing_workbook import standing_xlsx
from ballot.scoring import Adjustment, Decision, Entry, Kind, Scheme, Veto, load_scheme, score
from tests.output.recalculated import (
    differences,
    formulas,
    needs_office,
    opened,
    recalculated,
    table,
)
from tests.output.reports import CYCLE, MEETING, STATION, STREET, VILLAGE, a_masthead, standings
from tests.scoring.examples import villages
from tests.scoring.presets import KINDS, assessments

UNITS = ["白马村", "青龙村", "=1+1", "石桥村", "@村", "柳河村", "高坪村"]
ADJUSTMENTS = [
    Adjustment("白马村", "award-city", item="全市综治先进"),
    Adjustment("青龙村", "late-reply", times=3, note="三次未按时回复"),
]
VETOES = [Veto("石桥村", "safety", note="8月事故"), Veto("柳河村", "major-problem")]
TIED = ["95", "94", "93", "92", "91", "91", "91", "80", "80", "59"]


def drawn(kind: Kind) -> Mapping[str, Any]:
    """Return an assessment of a kind by the same dice every time: that with most to score."""
    found: list[Mapping[str, Any]] = []

    @seed(7)
    @settings(
        max_examples=20,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(assessments(kind, most=9))
    def draw(entered: Mapping[str, Any]) -> None:
        found.append(entered)

    draw()
    return max(found, key=lambda each: sum(map(len, each.values())))


def made(scheme: Scheme, kind: Kind, entered: Mapping[str, Any]) -> bytes:
    standing = score(kind, **entered)
    return standing_xlsx(Masthead(CYCLE, scheme), kind, standing, entered.get("decisions", ()))


@needs_office
@pytest.mark.slow
def test_every_formula_comes_to_our_figure_for_every_kind_of_every_preset(tmp_path):
    books = {}
    for name, key in KINDS:
        scheme = load_scheme(name)
        books[f"{name} {key}"] = made(scheme, scheme.kind(key), drawn(scheme.kind(key)))

    again = recalculated(tmp_path, list(books.values()))

    wrong = [
        f"{name}: {line}"
        for (name, ours), theirs in zip(books.items(), again, strict=True)
        for line in differences(ours, theirs)
    ]
    assert wrong == []


@needs_office
@pytest.mark.slow
def test_grades_ties_and_decisions_come_out_alike(tmp_path):
    decided = [Decision(("己", "戊"), "会议讨论", "李四")]
    cases = [
        {"entries": villages(*TIED)},
        {"entries": villages(*TIED), "decisions": decided},
        {"entries": villages(*TIED), "vetoes": [Veto("乙", "safety"), Veto("丙", "major-problem")]},
        {"entries": villages(*(["90"] * 10))},
        {"entries": villages("90", "80", "80", "80")},
        {"entries": villages("59.99", "60", "70", "70", "75", "75", "76")},
    ]
    ours = [made(STREET, VILLAGE, case) for case in cases]

    again = recalculated(tmp_path, ours)

    assert [line for pair in zip(ours, again, strict=True) for line in differences(*pair)] == []
    grades = [[row["等次"] for row in table(book, "总评", "单位").values()] for book in again]
    assert grades[0][4:7] == ["待定"] * 3
    assert "待定" not in grades[1][:6]
    for case, book in zip(cases, again, strict=True):
        rows = table(book, "总评", "单位")
        for standing in score(VILLAGE, **case):
            assert rows[standing.unit]["等次"] == standing.grade
            assert rows[standing.unit]["名次"] == standing.rank


@needs_office
@pytest.mark.slow
def test_exact_points_of_polls_come_to_our_points_where_rounding_twice_would_not(tmp_path):
    # 100/7 x 0.4 = 5.714 (14.29 x 0.4 = 5.716); 400/11 x 0.4 = 14.545 (36.36 x 0.4 = 14.544)
    scheme = load_scheme("sanitation-2022")
    kind = scheme.kind("community")
    polled = [("甲", Fraction(100, 7), "5.71"), ("乙", Fraction(400, 11), "14.55")]
    rest = {"upper": Decimal(80), "office": Decimal(90)}
    entries = [Entry(unit, {**rest, "satisfaction": each}) for unit, each, _ in polled]
    book = made(scheme, kind, {"entries": entries})

    [again] = recalculated(tmp_path, [book])

    assert differences(book, again) == []
    found = {formula for sheet, _, formula in formulas(book) if sheet == "分项"}
    assert {"=100/7", "=400/11"} <= found
    rows = table(again, "总评", "单位")
    for unit, _, points in polled:
        assert rows[unit]["群众满意度（满分 100）"] == float(points)


def the_book(**changes: Any) -> bytes:
    found = standings(VILLAGE, UNITS, ADJUSTMENTS, VETOES)
    return standing_xlsx(a_masthead(**changes), VILLAGE, found)


def text_of(book: bytes, sheet: str) -> str:
    rows = opened(book, values=True)[sheet].iter_rows()
    return "\n".join(str(cell.value) for row in rows for cell in row if cell.value is not None)


def test_the_stored_values_are_our_figures():
    found = standings(VILLAGE, UNITS, ADJUSTMENTS, VETOES)

    rows = table(the_book(), "总评", "单位")

    assert list(rows) == [standing.unit for standing in found]
    for standing in found:
        row = rows[standing.unit]
        assert (row["名次"], row["等次"]) == (standing.rank, standing.grade)
        assert row["总分"] == float(standing.total)
        for component in VILLAGE.components:
            heading = f"{component.title}（满分 {component.full_marks}）"
            assert row[heading] == float(standing.components[component.key])


def test_points_adjustments_totals_ranks_and_grades_are_formulas():
    book = the_book()

    found = {(sheet, place) for sheet, place, _ in formulas(book)}
    values, plain = opened(book, values=True)["总评"], opened(book, values=False)["总评"]
    headings = [cell.value for cell in plain[6]]
    assert headings[:2] == ["名次", "单位"]
    for heading in ("名次", "总分", "等次", "加减分", "基础工作（满分 85）"):
        for row in range(7, 7 + len(UNITS)):
            cell = plain.cell(row, headings.index(heading) + 1)
            assert ("总评", cell.coordinate) in found, heading
            assert values[cell.coordinate].value is not None


def test_what_was_entered_stands_as_values_by_item_with_full_marks():
    items = opened(the_book(), values=False)["分项"]

    headings = [cell.value for cell in items[1]]
    place = headings.index("党建工作（满分 8）") + 1
    assert all(items.cell(row, place).data_type == "n" for row in range(2, 2 + len(UNITS)))


def test_adjustments_and_vetoes_have_sheets_with_their_clauses():
    book = the_book()

    for part in ("全市综治先进", "三次未按时回复", "-0.6", "一（六）"):
        assert part in text_of(book, "加减分")
    for part in ("8月事故", "一（五）", "不得评为最高等次"):
        assert part in text_of(book, "否决情形")


def test_the_head_says_scheme_and_whether_it_is_a_draft():
    final, draft = text_of(the_book(), "总评"), text_of(the_book(approval=None), "总评")

    assert STREET.title in final
    assert MEETING.meeting in final
    assert "草案" not in final
    assert "草案，未经审定" in draft


def test_it_prints_on_a4_across_with_its_headings_on_every_page():
    for sheet in opened(the_book(), values=False):
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 0)
        assert sheet.print_title_rows
        assert sheet.freeze_panes
    assert opened(the_book(), values=False)["分项"].page_setup.fitToWidth > 1


def test_names_that_look_like_formulas_stay_names():
    book = the_book()

    assert not [line for line in formulas(book) if line[2] in ("=1+1", "=@村")]
    assert text_of(book, "总评").count("=1+1") >= 1


def test_where_vacancies_stay_empty_grades_are_values():
    rule = replace(VILLAGE.grades, fill_vacancies=False)
    kind = replace(VILLAGE, grades=rule)
    found = score(kind, villages(*TIED))

    book = standing_xlsx(a_masthead(), kind, found)

    assert "等次" not in opened(book, values=True).sheetnames
    rows = table(book, "总评", "单位")
    assert [row["等次"] for row in rows.values()] == [each.grade for each in found]


def test_the_workbook_speaks_english_and_is_the_same_twice():
    found = standings(STATION, ["A", "B", "C"])

    book = standing_xlsx(a_masthead(language="en"), STATION, found)

    assert opened(book, values=True).sheetnames[0] == "Standing"
    assert table(book, "Standing", "Unit")["A"]["Rank"]
    assert book == standing_xlsx(a_masthead(language="en"), STATION, found)
