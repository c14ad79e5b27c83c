"""Points of polls enter a standing exact: whatever is made of them is rounded once (rule 41)."""

from collections.abc import Sequence

from ballot.services import calculation_sheets
from tests.assessment import add_units, enter, standing
from tests.builders import Place, a_cycle, an_open_poll, cast, certify, close
from tests.output.recalculated import opened, table

SATISFIED, NOT_SATISFIED = 0, 2


def a_certified_poll(
    place: Place, scheme: str, kind: str, component: str, votes: Sequence[int]
) -> None:
    """Leave a poll about 甲, in which each vote says the same to all questions."""
    poll, codes = an_open_poll(
        place,
        f"""
title = "{component}"
scheme = "{scheme}"
kind = "{kind}"
component = "{component}"
subjects = [{{ unit = "甲" }}]
groups = [{{ key = "all", name = "参评人员", ballots = {len(votes)} }}]
""",
    )
    for code, said in zip(codes, votes, strict=True):
        cast(place, poll, code, said)
    close(place, poll)
    certify(place, poll)


def a_community(place: Place) -> None:
    """Leave a community that one resident of seven is satisfied with."""
    a_cycle(place, scheme="sanitation-2022")
    add_units(place, 1, ["甲"], "community")
    votes = [SATISFIED, *[NOT_SATISFIED] * 6]
    a_certified_poll(place, "sanitation-2022", "community", "satisfaction", votes)
    enter(place, {("甲", "upper"): "80", ("甲", "office"): "90"}, kind="community")


def a_department(place: Place) -> None:
    """Leave a department rated by seven, twice."""
    a_cycle(place, scheme="department-2012")
    add_units(place, 1, ["甲"], "department")
    first, second = [80] * 5 + [81] * 2, [80] * 7
    for component, marks in (("review.half-year", first), ("review.year-end", second)):
        a_certified_poll(place, "department-2012", "department", component, marks)
    enter(place, {("甲", "routine"): "60", ("甲", "standards"): "20"}, kind="department")


def test_points_with_a_share_are_rounded_once(place):
    # Both questions: 1 of 7, a score of 100/7, printed on the count report as 14.29.
    # Once: 100/7 x 0.4 = 40/7 = 5.714... -> 5.71. Twice: 14.29 x 0.4 = 5.716 -> 5.72.
    # Total: 80 x 0.4 + 90 x 0.2 + 5.71 = 32 + 18 + 5.71 = 55.71.
    a_community(place)

    found = standing(place, "community")

    [one] = found.standings
    assert found.problems == []
    assert (f"{one.components['satisfaction']:f}", f"{one.total:f}") == ("5.71", "55.71")
    assert one.to_json()["components"]["satisfaction"] == "5.71"


def test_points_of_polls_that_are_weighted_together_are_rounded_once(place):
    # Half-year: 5 x 80 + 2 x 81 = 562, 562/7 = 80.285714..., printed 80.29; year-end: 80.
    # Once: (562/7 + 80) / 2 = 561/7 = 80.142857... -> 80.14. Twice: (80.29 + 80) / 2 = 80.145
    # -> 80.15. Total: 60 + 20 + 80.14 = 160.14.
    a_department(place)

    found = standing(place, "department")

    [one] = found.standings
    assert found.problems == []
    assert (f"{one.components['review']:f}", f"{one.total:f}") == ("80.14", "160.14")


def test_the_derivation_shows_what_the_report_prints_and_the_fraction_it_counts_with(
    sqlite_place,
):
    a_community(sqlite_place)

    [one] = standing(sqlite_place, "community").standings

    told = [str(line) for line in one.derivation]
    english = [line.in_("en") for line in one.derivation]
    assert "群众满意度（满分 100，占 40%）：14.29（100/7） × 40% → 5.71 分（二（五）、四）" in told
    assert "上级成绩（满分 100，占 40%）：80 × 40% → 32.00 分（三（一）1、四）" in told
    assert any("14.29 (100/7) × 40%" in line for line in english)


def test_both_rounds_stand_in_the_derivation_each_as_it_is(sqlite_place):
    a_department(sqlite_place)

    [one] = standing(sqlite_place, "department").standings

    [line] = [str(each) for each in one.derivation if "80.14 分" in str(each)]
    assert "半年评议 80.29（562/7） × 50% + 年终评议 80 × 50% → 80.14 分" in line


def test_the_origin_of_polled_points_is_exact_and_readable(sqlite_place):
    a_community(sqlite_place)

    origins = {each.key: each for each in standing(sqlite_place, "community").origins["甲"]}

    assert (origins["satisfaction"].value * 7, origins["upper"].value) == (100, 80)


def test_the_workbook_holds_polled_points_as_their_fraction(sqlite_place):
    a_community(sqlite_place)

    book = calculation_sheets.of_standing(standing(sqlite_place, "community"))

    formulas = [
        cell.value for row in opened(book, values=False)["分项"].iter_rows() for cell in row
    ]
    assert "=100/7" in formulas
    assert table(book, "总评", "单位")["甲"]["群众满意度（满分 100）"] == 5.71
