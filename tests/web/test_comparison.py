"""The comparison page: groups only where none is small, last year found by unit and component."""

from dataclasses import replace

import pytest

from tests.anonymity.test_small_groups import a_certified_poll
from tests.assessment import a_leaders_poll
from tests.builders import Place, a_cycle, a_poll, cast, certify, close, open_poll, print_ballots
from tests.web.desk import a_desk

ONE = """
title = "{title}"
scheme = "street-2023"
kind = "village"
component = "leaders-review"
subjects = [{{ unit = "白马村" }}, {{ unit = "新村" }}]
groups = [{{ key = "leaders", name = "党政领导", ballots = {ballots} }}]
"""


def a_polled_year(place: Place, cycle: int, title: str, good: int, ballots: int, *, final=True):
    """Return a poll of a cycle in which so many approve of both villages."""
    poll = a_poll(place, ONE.format(title=title, ballots=ballots), cycle)
    codes = print_ballots(place, poll)
    open_poll(place, poll)
    for n, code in enumerate(codes):
        cast(place, poll, code, 0 if n < good else 3)
    close(place, poll)
    if final:
        certify(place, poll)
    return place.poll(poll.id)


def test_last_years_result_is_found_by_unit_and_component_and_compared_exactly(sqlite_place):
    last, this = a_cycle(sqlite_place, "2022年度"), a_cycle(sqlite_place, "2023年度")
    a_polled_year(sqlite_place, last, "2022年度评议", 4, 6)
    a_polled_year(sqlite_place, last, "没有认定的", 6, 6, final=False)
    poll = a_polled_year(sqlite_place, this, "2023年度评议", 8, 9)

    shown = a_desk(sqlite_place).read(f"/office/polls/{poll.id}/comparison")

    rows = [" ".join(row.text.split()) for row in shown.every("tr")][1:]
    assert rows[0].startswith("白马村 88.89% 66.67% +22.22 4.00 3.00 +1.00")
    assert "投票里不记类别，所以没有类别之间的对比" in shown.text
    assert [e.text for e in shown.every("a") if "aria-current" in e.attributes] == ["2022年度"]


def test_without_an_earlier_result_the_page_says_so(sqlite_place):
    poll = a_leaders_poll(sqlite_place)
    desk = a_desk(sqlite_place)

    assert "没有可以对比的上年结果" in desk.read(f"/office/polls/{poll.id}/comparison").text
    assert desk.get(f"/office/polls/{poll.id}/comparison?with=9").status_code == 404


@pytest.mark.parametrize("smallest", [4, 5])
def test_groups_are_told_apart_only_where_none_is_small(sqlite_place, smallest):
    """The large one's figures would tell the small one's by subtraction."""
    sqlite_place.settings = replace(sqlite_place.settings, smallest_group=smallest)
    poll = a_certified_poll(sqlite_place)

    told = a_desk(sqlite_place).read(f"/office/polls/{poll.id}/comparison").text

    assert ("75.00%" in told, "73.49%" in told) == (smallest == 4, smallest == 4)
    assert ("相关对象的各类别都不单列" in told) == (smallest == 5)
