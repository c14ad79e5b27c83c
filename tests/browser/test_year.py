"""One story of the year: a line office enters, a scorer ranks, the meeting approves, all see it."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ballot.domain.people import Role
from ballot.services import entries
from tests.assessment import a_clerk, a_cycle_with_units, a_leaders_poll, enter
from tests.browser.chromium import CHROMIUM, sign_in
from tests.builders import Place, a_place, a_user
from tests.live import Server, a_server, answer_of

BUILDING = "base-work.party.building"
MARKS = {"白马村": "8", "青龙村": "6.5", "石桥社区": "4"}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium here (apt-get install chromium)"),
]


@pytest.fixture
def year(sqlite_settings) -> Iterator[tuple[Server, str]]:
    """Serve a year in which everything is there but one office's marks; give an API token too."""
    with a_place(replace(sqlite_settings, public_url="http://127.0.0.1:8000")) as place:
        _prepare(place)
    with a_server(sqlite_settings) as server:
        made = answer_of(server.environ, "token", "create", "计分系统", "--scope", "standings:read")
        yield server, made.strip()


def _prepare(place: Place) -> None:
    a_cycle_with_units(place, list(MARKS))
    a_leaders_poll(place, list(MARKS))
    a_leaders_poll(place, list(MARKS), "village-peer-review")
    with place.database.read() as connection:
        table = entries.table(connection, 1, "village")
    wanted = {
        (name, column.key): f"{column.full:f}"
        for name in MARKS
        for column in table.assessed.columns
        if not column.whole and column.key != BUILDING
    }
    enter(place, wanted)
    a_clerk(place, "党建办", name="li")
    a_user(place, "wang", Role.SCORER)
    a_user(place, "chen", Role.AUDITOR)


def signed_in(browser, server: Server, name: str):
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, f"{server.url}/office/", name)
    return page


def box(page, unit: str):
    """Return the box for a unit's marks."""
    return page.get_by_role("textbox", name=f"{unit} 党建工作", exact=True)


def standings(server: Server, token: str) -> tuple[int, list[tuple[int, str, str]]]:
    status, body = server.ask("GET", "/api/v1/cycles/1/standings", Authorization=f"Bearer {token}")
    told = json.loads(body)
    rows = told["standings"][0]["standings"] if status == 200 else []
    return status, [(row["rank"], row["unit"], row["total"]) for row in rows]


@pytest.mark.slow
def test_from_a_line_offices_marks_to_the_standing_that_the_meeting_approved(
    year,
    browser,
):
    server, token = year

    clerk = signed_in(browser, server, "li")
    clerk.get_by_role("link", name="党建办 · 村（社区）").click()
    for name, mark in MARKS.items():
        box(clerk, name).fill(mark)
    box(clerk, "白马村").fill("9")
    clerk.get_by_role("button", name="保存").click()
    assert "9 超过满分 8" in clerk.locator("td.wrong").inner_text()
    assert box(clerk, "青龙村").input_value() == "6.5"
    box(clerk, "白马村").fill("8")
    clerk.get_by_role("button", name="保存").click()
    assert "已保存。" in clerk.locator("main").inner_text()
    assert clerk.locator("svg.bands").first.get_attribute("aria-label").endswith("2、0、1、0、0")

    scorer = signed_in(browser, server, "wang")
    scorer.get_by_role("link", name="进度与下一步").first.click()
    scorer.get_by_role("link", name="总评").first.click()
    assert scorer.locator(".stamp").inner_text() == "草案"
    first = scorer.locator("tbody").first
    first.locator("summary").click()
    assert "党建工作 8" in first.locator("details").inner_text()
    assert "li" in first.locator("details").inner_text()
    assert standings(server, token) == (409, [])

    scorer.get_by_role("link", name="记录审定…").click()
    scorer.get_by_label("会议", exact=True).fill("党工委会议（第3次）")
    scorer.get_by_label("会议日期").fill("2023-12-28")
    scorer.get_by_label("会议已经审定").check()
    scorer.get_by_role("button", name="记录审定").click()
    assert scorer.locator(".stamp").inner_text() == "已审定"

    assert standings(server, token) == (
        200,
        [(1, "白马村", "99.00"), (2, "青龙村", "97.50"), (3, "石桥社区", "95.00")],
    )
    auditor = signed_in(browser, server, "chen")
    auditor.goto(f"{server.url}/office/cycles/1/kinds/village/standing")
    assert "党工委会议（第3次）审定" in auditor.locator("main").inner_text()
    clerk.reload()
    assert clerk.locator("td input").count() == 0
