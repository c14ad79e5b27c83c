"""The count report by real requests."""

import pytest

from ballot.domain.people import Role
from tests.builders import Place, an_open_poll, cast, certify, close
from tests.output.reports import texts
from tests.web.desk import a_desk

REPORT = "/office/polls/1/count-report.pdf"
RESULTS = "/office/polls/1/results"


@pytest.fixture
def voted(sqlite_place: Place) -> Place:
    """Give a place with an open poll in which 26 of 29 approve."""
    poll, codes = an_open_poll(sqlite_place)
    for number, code in enumerate(codes[:29]):
        cast(sqlite_place, poll, code, 0 if number < 20 else 1 if number < 26 else 3)
    return sqlite_place


def test_there_is_no_count_report_before_closing(voted):
    answer = a_desk(voted).get(REPORT)

    assert answer.status_code == 409
    assert "89.66" not in answer.text


def test_the_count_report_holds_the_figures_of_the_page_and_their_hashes(voted):
    close(voted, voted.poll(1))
    desk = a_desk(voted, Role.AUDITOR)

    answer = desk.get(REPORT)

    page, paper = desk.read(RESULTS).text, "".join(texts(answer.data))
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="count-report-1.pdf"'
    assert "未认定，仅供核对" in paper
    found = voted.results(1)
    for figure in ("89.66%", found.rules_hash, found.sealed_by.hash):
        assert figure in page
        assert figure in paper


def test_certified_the_report_bears_no_mark_and_names_who_certified(voted):
    close(voted, voted.poll(1))
    certify(voted, voted.poll(1))

    paper = "".join(texts(a_desk(voted).get(REPORT).data))

    assert "未认定" not in paper
    assert "张监票（开始投票、结束投票、认定结果）" in paper


def test_the_results_page_links_to_the_report_and_draws_both_bars(voted):
    close(voted, voted.poll(1))

    page = a_desk(voted).read(RESULTS)

    assert REPORT in {link.get("href") for link in page.every("a")}
    labels = [each.get("aria-label") for each in page.every("svg", role="img")]
    assert "好 20（68.97%），较好 6（20.69%），差 3（10.34%）" in labels
    assert "较好以上率 89.66%" in labels
    assert [line.get("x1") for line in page.every("line")] == ["90%", "80%", "70%", "60%"]
