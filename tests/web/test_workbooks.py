"""Workbooks downloaded by real requests: drafts for scorers, approved ones for all the staff."""

import pytest

from ballot.domain.people import Role
from tests.assessment import a_cycle_with_units, a_leaders_poll, adjust, approve, complete, standing
from tests.builders import Place
from tests.output.recalculated import formulas, opened, table
from tests.web.desk import a_desk

STANDING = "/office/cycles/1/kinds/village/standing"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def scored(sqlite_place: Place) -> Place:
    complete(sqlite_place)
    adjust(sqlite_place, "白马村", "award-city")
    return sqlite_place


def test_a_draft_says_so_and_is_for_scorers_alone(scored):
    book = a_desk(scored, Role.SCORER).get(f"{STANDING}/standing.xlsx")

    assert "草案，未经审定" in opened(book.data, values=True)["总评"]["A2"].value
    assert a_desk(scored, Role.AUDITOR).get(f"{STANDING}/standing.xlsx").status_code == 409


def test_an_approved_standing_holds_the_figures_of_the_page_for_all_the_staff(scored):
    approve(scored)

    book = a_desk(scored, Role.AUDITOR).get(f"{STANDING}/standing.xlsx")

    found = standing(scored)
    rows = table(book.data, "总评", "单位")
    assert book.mimetype == XLSX
    assert "no-store" in book.headers["Cache-Control"]
    assert list(rows) == [each.unit for each in found.standings]
    for each in found.standings:
        assert (rows[each.unit]["总分"], rows[each.unit]["名次"]) == (float(each.total), each.rank)
    assert found.approved.meeting in opened(book.data, values=True)["总评"]["A2"].value


def test_a_closed_poll_s_conversion_comes_with_its_formulas(scored):
    book = a_desk(scored, Role.AUDITOR).get("/office/polls/1/conversion.xlsx")

    row = table(book.data, "折算", "对象")["白马村"]
    assert (row["好"], row["得票率"], row["得分"]) == (10, 1, 4.5)
    assert any("*100>=" in formula for _, _, formula in formulas(book.data))
    assert "结果已认定" in opened(book.data, values=True)["折算"]["A2"].value


def test_before_closing_there_is_no_conversion(sqlite_place):
    a_cycle_with_units(sqlite_place)
    a_leaders_poll(sqlite_place, certified=False)

    answer = a_desk(sqlite_place, Role.SCORER).get("/office/polls/1/conversion.xlsx")

    assert answer.status_code == 409
    assert "PK" not in answer.text


def test_a_section_that_is_not_there_is_not_found(scored):
    desk = a_desk(scored, Role.SCORER)

    for section in ("0", "2", "x", "-1"):
        path = f"/office/polls/1/conversion.xlsx?section={section}"
        assert desk.get(path).status_code == 404


def test_points_come_as_a_workbook_too(scored):
    answer = a_desk(scored, Role.SCORER).get("/office/cycles/1/points.xlsx")

    rows = table(answer.data, "得分表", "单位")
    assert rows["白马村"]["得分"] == 4.5
    assert rows["白马村"]["认可票/基数"] == "10/10"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="points-1.xlsx"'


def test_the_pages_link_to_their_workbooks(scored):
    desk = a_desk(scored, Role.SCORER)

    for page, file in (
        (STANDING, f"{STANDING}/standing.xlsx"),
        ("/office/polls/1/results", "/office/polls/1/conversion.xlsx?section=1"),
        ("/office/cycles/1/points", "/office/cycles/1/points.xlsx"),
    ):
        assert file in {link.get("href") for link in desk.read(page).every("a")}
        assert desk.get(file).status_code == 200


def test_without_a_standing_there_is_no_workbook_but_a_sentence(sqlite_place):
    a_cycle_with_units(sqlite_place)

    answer = a_desk(sqlite_place, Role.SCORER).get(f"{STANDING}/standing.xlsx")

    assert answer.status_code == 409
    assert "还没有总评" in answer.text
