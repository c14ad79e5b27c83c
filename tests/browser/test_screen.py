"""The hall's story: a screen follows a meeting to the reveal and over a restart; a rehearsal goes.

Screenshots of every state are kept where BALLOT_SCREENSHOTS names a folder.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ballot.demo.electorate import Voter, vote_all
from ballot.settings import Settings
from tests.browser.chromium import CHROMIUM, sign_in
from tests.live import Server, a_server, answer_of, ballot, until

PASSWORD = "a long enough password"
POLL = """
title = "白马镇2023年度党政领导评议"
scheme = "street-2023"
groups = [
  { key = "leaders", name = "党政领导", ballots = 11 },
  { key = "staff", name = "中层干部", ballots = 9 },
  { key = "guests", name = "特邀代表", ballots = 2 },
]

[[sections]]
kind = "village"
component = "leaders-review"
subjects = [
  { unit = "白马村", name = "白马村领导班子" }, { unit = "青龙村" }, { unit = "石桥社区" }
]
"""
GOOD, FAIR, SOME, POOR = range(4)
SMALLEST = 40

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium here (apt-get install chromium)"),
]


@pytest.fixture
def settings(sqlite_settings: Settings) -> Settings:
    return replace(sqlite_settings, grace_seconds=1)


@pytest.fixture
def projector(browser) -> Iterator:
    """Give the page of a projector, with JavaScript and without an account."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    context.set_default_timeout(15_000)
    yield context.new_page()
    assert context.cookies() == []
    context.close()


@pytest.fixture
def desk(browser) -> Iterator:
    """Give the presenter's page."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def keep(page, name: str) -> None:
    folder = os.environ.get("BALLOT_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")


def can_be_read(page) -> None:
    """Fail for type that is too small, or for anything outside the picture."""
    small = page.evaluate(
        """least => [...document.querySelectorAll('main *')].filter(each =>
            [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())
        ).map(each => {
            const scale = each.ownerSVGElement ? each.getCTM().a : 1;
            return [each.textContent.trim(), parseFloat(getComputedStyle(each).fontSize) * scale];
        }).filter(([, size]) => size < least)""",
        SMALLEST,
    )
    outside = page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter(each => {
            const box = each.getBoundingClientRect();
            return box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1;
        }).map(each => each.outerHTML.slice(0, 80))"""
    )
    assert (small, outside) == ([], [])


def shows(page, name: str, *words: str) -> None:
    """Wait until a screen shows some words, without having been touched."""
    for each in words:
        page.locator("main").filter(has_text=re.compile(re.escape(each))).wait_for()
    keep(page, f"screen-{name}")
    can_be_read(page)


def set_up(server: Server, folder: Path) -> str:
    file = folder / "poll.toml"
    file.write_text(POLL, encoding="utf-8")
    answer_of(server.environ, "cycle", "create", "--title", "2023年度", "--scheme", "street-2023")
    poll = answer_of(server.environ, "poll", "create", str(file)).strip()
    environ = server.environ | {"BALLOT_NEW_PASSWORD": PASSWORD}
    made = ballot(environ, "user", "add", "wang", "--role", "organiser")
    assert made.returncode == 0, made.stderr
    return poll


def codes_of(server: Server, poll: str) -> list[str]:
    links = answer_of(server.environ, "poll", "ballots", poll, "--links").split()
    return [link.rpartition("/")[2] for link in links]


def step(page, number: int) -> None:
    page.get_by_text(f"第 {number} 步，共 4 步").wait_for()


def test_a_screen_follows_the_meeting_to_the_reveal_and_over_a_restart(
    settings, projector, desk, tmp_path
):
    with a_server(settings) as server:
        poll = set_up(server, tmp_path)
        sign_in(desk, f"{server.url}/office/", "wang")
        desk.goto(f"{server.url}/office/polls/{poll}/screen")
        desk.get_by_role("button", name="生成网址").click()
        address = desk.get_by_role("link", name="打开大屏").get_attribute("href")
        projector.goto(f"{server.url}{address}")
        shows(projector, "1-preparing", "准备中", "127.0.0.1")

        codes = codes_of(server, poll)
        answer_of(server.environ, "poll", "open", poll, "--scrutineer", "张监票")
        shows(projector, "2-voting", "投票中", "发出22", "收回0")
        said = [(GOOD, FAIR, POOR)] * 8 + [(GOOD, SOME, GOOD)] * 8
        vote_all(
            server.url,
            [Voter(code, each) for code, each in zip(codes, said, strict=False)],
            lambda _: None,
        )
        shows(projector, "2-voting-later", "收回16", "其他类别")
        assert "特邀代表" not in projector.locator("main").inner_text()
        answer_of(server.environ, "poll", "close", poll, "--scrutineer", "张监票")
        shows(projector, "3-closed", "已结束，等待认定", "收回16")
        told = projector.content()
        assert not [word for word in ("青龙村", "较好", "得分") if word in told]
        environ = server.environ
        port = server.port

        answer_of(environ, "poll", "certify", poll, "--scrutineer", "张监票")
        shows(projector, "4-certified", "即将揭晓")
        desk.reload()
        keep(desk, "office-reveal")
        step(desk, 0)
        desk.keyboard.press("ArrowRight")
        step(desk, 1)
        shows(projector, "5-first", "白马村领导班子", "100.00%", "4.50")
        assert "青龙村" not in projector.content()
        desk.keyboard.press(" ")
        step(desk, 2)
        shows(projector, "6-second", "青龙村", "50.00%")
        assert server.terminate() == 0

    projector.get_by_text("连接中断，正在重试").wait_for()
    assert "青龙村" in projector.locator("main").inner_text(), "the last state stays"
    keep(projector, "screen-7-lost")
    with a_server(settings, options=("--port", str(port)), ready=False):
        projector.get_by_text("连接中断，正在重试").wait_for(state="hidden")
        shows(projector, "8-back", "青龙村", "50.00%")
        desk.keyboard.press("ArrowLeft")
        step(desk, 1)
        shows(projector, "5-first-again", "白马村领导班子")
        for number in (2, 3, 4):
            desk.keyboard.press("PageDown")
            step(desk, number)
        shows(projector, "9-table", "名次", "石桥社区")
        rows = projector.locator("tbody tr").all_inner_texts()
        assert [row.split()[:2] for row in rows] == [
            ["1", "白马村领导班子"],
            ["2", "青龙村"],
            ["2", "石桥社区"],
        ]
        desk.keyboard.press("ArrowRight")
        step(desk, 4)
        desk.get_by_role("button", name="停用网址").click()
        projector.get_by_text("已经停用").wait_for()


def test_without_javascript_the_screen_loads_itself_anew(settings, browser, tmp_path):
    with a_server(settings) as server:
        poll = set_up(server, tmp_path)
        context = browser.new_context(java_script_enabled=False, locale="zh-CN")
        context.set_default_timeout(20_000)
        page = context.new_page()
        sign_in(page, f"{server.url}/office/", "wang")
        page.goto(f"{server.url}/office/polls/{poll}/screen")
        page.get_by_role("button", name="生成网址").click()
        page.goto(server.url + str(page.get_by_role("link", name="打开大屏").get_attribute("href")))
        assert "准备中" in page.locator("main").inner_text()

        codes_of(server, poll)
        answer_of(server.environ, "poll", "open", poll, "--scrutineer", "张监票")

        page.get_by_text("投票中").wait_for()
        context.close()


def test_a_rehearsal_from_its_slips_to_its_wiping(settings, projector, desk, tmp_path):
    with a_server(settings) as server:
        poll = set_up(server, tmp_path)
        sign_in(desk, f"{server.url}/office/", "wang")
        desk.goto(f"{server.url}/office/polls/{poll}")
        desk.get_by_role("button", name="建一场演练").click()
        desk.get_by_text("这是演练，不是正式测评").wait_for()
        rehearsal = desk.url.rpartition("/")[2]
        keep(desk, "office-rehearsal")
        codes = codes_of(server, rehearsal)
        answer_of(server.environ, "poll", "open", rehearsal, "--scrutineer", "张监票")
        projector.goto(f"{server.url}/b/{codes[0]}")
        assert "这是演练，不是正式测评" in projector.locator("main").inner_text()
        desk.goto(f"{server.url}/office/polls/{rehearsal}/screen")
        desk.get_by_role("button", name="生成网址").click()
        address = str(desk.get_by_role("link", name="打开大屏").get_attribute("href"))
        projector.goto(server.url + address)
        shows(projector, "rehearsal", "演练 · 不计入任何结果", "投票中")
        vote_all(
            server.url, [Voter(code, (GOOD, GOOD, GOOD)) for code in codes[:8]], lambda _: None
        )
        for word in ("close", "certify"):
            answer_of(server.environ, "poll", word, rehearsal, "--scrutineer", "张监票")

        desk.goto(f"{server.url}/office/polls/{rehearsal}")
        desk.get_by_role("link", name="清除这场演练").click()
        desk.get_by_label("请写“清除演练”确认").fill("清除演练")
        keep(desk, "office-wipe")
        desk.get_by_role("button", name="清除演练").click()
        desk.get_by_text("演练已清除").wait_for()

        projector.get_by_text("已经停用").wait_for()
        projector.goto(f"{server.url}/b/{codes[9]}")
        assert "没有这张票" in projector.locator("main").inner_text()
        listed = answer_of(server.environ, "poll", "list", "--format", "csv")
        assert "演练" not in listed
        assert answer_of(server.environ, "cycle", "points", "1", "--format", "json") == "[]\n"
        assert answer_of(server.environ, "log", "verify")
        until(lambda: scrubbed(settings), seconds=10, what="the scrub after wiping")


def scrubbed(settings: Settings) -> bool:
    """Tell whether the server's working process scrubbed after the wiped rehearsal."""
    from ballot.storage import wiping
    from ballot.storage.database import Database

    database = Database(settings.database_url)
    with database.read() as connection:
        waiting = wiping.unscrubbed(connection)
    database.close()
    return waiting == []
