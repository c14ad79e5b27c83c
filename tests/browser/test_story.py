"""One story from paper to points: a slip is printed, photographed, opened, filled in, counted."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from ballot.demo.electorate import Voter, vote_all
from tests.browser.chromium import CHROMIUM, sign_in
from tests.conftest import slow_on_postgresql
from tests.live import Server, a_server, answer_of, ballot

PASSWORD = "a long enough password"
POLL = """
title = "2023年度党政领导评议"
scheme = "street-2023"
groups = [{ key = "leaders", name = "党政领导", ballots = 11 }]

[[sections]]
kind = "village"
component = "leaders-review"
subjects = [{ unit = "白马村", name = "白马村领导班子" }, { unit = "青龙村" }]

[[sections]]
kind = "station"
component = "leaders-review"
subjects = [{ unit = "财政所", duty = "窗口服务" }]
"""
UNITS = ("白马村", "青龙村", "财政所")
GOOD, FAIR, SOME, POOR = range(4)
CHOSEN = {"白马村领导班子": "较好", "青龙村": "好", "财政所": "差"}
OTHERS = [
    # nine more of the eleven vote; one ballot is never used
    *[(GOOD, GOOD, GOOD)] * 4,
    *[(GOOD, FAIR, FAIR)] * 2,
    *[(FAIR, SOME, FAIR)] * 2,
    (SOME, POOR, None),
]
EXPECTED = {
    # with the browser's vote: 9 of 10 approve exactly; 7 of 10; 8 of 10, one of them abstaining
    "白马村": ("9/10", "90.00", "90", "4.50"),
    "青龙村": ("7/10", "70.00", "70", "3.50"),
    "财政所": ("8/10", "80.00", "80", "16.00"),
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium here (apt-get install chromium)"),
]


@pytest.fixture
def page(browser) -> Iterator:
    """Give a page of a phone: small, without JavaScript and without a memory."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="zh-CN"
    )
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def server(settings) -> Iterator[Server]:
    """Serve an empty installation, once on each kind of database."""
    with a_server(replace(settings, grace_seconds=1)) as running:
        yield running


def scan(slips: Path) -> list[str]:
    """Photograph every sheet and return the links of its QR codes."""
    document = pypdfium2.PdfDocument(slips)
    found = [
        code.text
        for sheet in document
        for code in zxingcpp.read_barcodes(sheet.render(scale=150 / 72).to_pil())
    ]
    document.close()
    return found


def printed_and_open(server: Server, folder: Path) -> tuple[str, list[str]]:
    """Set up a poll by the commands an organiser types; return its number and its slips' links."""
    file, slips = folder / "poll.toml", folder / "slips.pdf"
    file.write_text(POLL, encoding="utf-8")
    answer_of(server.environ, "cycle", "create", "--title", "2023年度", "--scheme", "street-2023")
    poll = answer_of(server.environ, "poll", "create", str(file)).strip()
    answer_of(server.environ, "poll", "ballots", poll, "--pdf", str(slips))
    answer_of(server.environ, "poll", "open", poll, "--scrutineer", "张监票")
    return poll, scan(slips)


def rate_and_submit(page, link: str) -> str:
    """Fill in a ballot as a person does, and return the receipt."""
    page.goto(link)
    assert page.locator("input:checked").count() == 0, "nothing is chosen beforehand"
    cards = page.locator("fieldset")
    assert cards.count() == len(CHOSEN)
    for subject, level in CHOSEN.items():
        card = cards.filter(has_text=subject)
        card.locator("label").filter(has=page.get_by_text(level, exact=True)).click()
    page.get_by_role("button", name="下一步").click()

    assert "请核对" in page.locator("h1").inner_text()
    review = page.locator("main").inner_text()
    assert [name for name in CHOSEN if name not in review] == []
    page.get_by_role("button", name="提交", exact=True).click()

    assert page.locator("h1").inner_text() == "已计票"
    return "".join(page.locator(".symbols").inner_text().split())


def api_points(server: Server, token: str) -> dict[str, tuple[str, ...]]:
    status, body = server.ask("GET", "/api/v1/cycles/1/points", Authorization=f"Bearer {token}")
    assert status == 200, body
    return {
        row["unit"]: (row["ratio"], row["percent"], row["score"], row["points"])
        for row in json.loads(body)["points"]
    }


@slow_on_postgresql
def test_from_a_slip_of_paper_to_the_scorers_points(server, page, browser, tmp_path):
    poll, links = printed_and_open(server, tmp_path)
    token = answer_of(server.environ, "token", "create", "计分系统").strip()
    assert len(set(links)) == 11
    assert all(link.startswith(f"{server.url}/B/".upper()) for link in links)

    receipt = rate_and_submit(page, links[0])

    assert len(receipt) == 8
    page.goto(links[0])
    assert "此票已投" in page.locator("main").inner_text()
    assert page.locator("form").count() == 0, "nothing is left to send"
    codes = [link.rpartition("/")[2] for link in links]
    vote_all(
        server.url,
        [Voter(code, said) for code, said in zip(codes[1:], OTHERS, strict=False)],
        lambda _: None,
    )
    assert api_points(server, token) == {}, "no result before closing"

    answer_of(server.environ, "poll", "close", poll, "--scrutineer", "张监票")
    page.goto(links[10])
    assert "投票已经结束" in page.locator("main").inner_text()
    assert api_points(server, token) == {}, "no points before the result is certified"
    answer_of(server.environ, "poll", "certify", poll, "--scrutineer", "张监票")

    assert api_points(server, token) == EXPECTED
    assert server.ask("GET", "/api/v1/cycles/1/points")[0] == 401
    assert page.context.cookies() == [], "the voter's browser was given nothing to keep"
    the_office_shows_the_result(server, browser)


def the_office_shows_the_result(server: Server, browser) -> None:
    environ = server.environ | {"BALLOT_NEW_PASSWORD": PASSWORD}
    made = ballot(environ, "user", "add", "wang", "--role", "scorer")
    assert made.returncode == 0, made.stderr
    desk = browser.new_context(java_script_enabled=False, locale="zh-CN")
    desk.set_default_timeout(15_000)
    page = desk.new_page()

    sign_in(page, f"{server.url}/office/", "wang")
    page.get_by_role("link", name="2023年度党政领导评议").click()
    page.get_by_role("link", name="查看结果").click()

    rows = {
        row.locator("th").inner_text().split()[0]: row.inner_text()
        for row in page.locator("section[aria-labelledby^=section] tbody tr").all()
    }
    assert {name.removesuffix("领导班子") for name in rows} == set(UNITS)
    for name, row in rows.items():
        ratio, percent, _, points = EXPECTED[name.removesuffix("领导班子")]
        assert ratio in row
        assert f"{percent}%" in row
        assert points in row
    assert {cookie["path"] for cookie in desk.cookies()} == {"/office/"}
    desk.close()
