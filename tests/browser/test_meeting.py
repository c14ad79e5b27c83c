"""One whole meeting, from the hand-out to the signed report, on the pages that people use.

Twenty-two persons: ten vote with their own slips by phone, two with a spare (one slip was
damaged, one got lost), three at the shared device, five on paper; two return nothing.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ballot.demo.electorate import Voter, vote_all
from ballot.domain.people import Role
from tests.browser.chromium import CHROMIUM, sign_in
from tests.browser.test_kiosk import scan
from tests.browser.test_paper_votes import enter, register
from tests.browser.test_story import rate_and_submit
from tests.builders import PASSWORD, a_place, a_user
from tests.live import Server, a_server, answer_of, until

POLL = """
title = "2023年度党政领导评议"
scheme = "street-2023"
groups = [{ key = "leaders", name = "党政领导", ballots = 22 }]

[[sections]]
kind = "village"
component = "leaders-review"
subjects = [{ unit = "白马村", name = "白马村领导班子" }, { unit = "青龙村" }]

[[sections]]
kind = "station"
component = "leaders-review"
subjects = [{ unit = "财政所", duty = "窗口服务" }]
"""
GOOD, FAIR, SOME, POOR = range(4)
BY_PHONE = [(GOOD, GOOD, GOOD)] * 7 + [(FAIR, SOME, GOOD)] * 3 + [(POOR, POOR, POOR)]
"""Eleven of the twelve; the twelfth is a person with a browser: 较好, 好, 差."""
ON_PAPER = {1: "111", 2: "221", 3: "1x1", 4: "i", 5: "444"}
MISREAD = {**ON_PAPER, 2: "231"}
VILLAGE = {"好": 7 + 3 + 2, "较好": 3 + 1 + 1, "一般": 0, "差": 1 + 1}
"""白马村: by phone, at the device (three times 好), on paper (one paper is invalid)."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium here (apt-get install chromium)"),
]


@dataclass
class Meeting:
    """A running server, a browser, the poll, and the codes of its slips, spares last."""

    server: Server
    browser: Any
    poll: str
    codes: list[str]

    @contextmanager
    def desk(self, name: str, **options: Any) -> Iterator[Any]:
        """Give the office page of an account that has signed in, at the poll."""
        context = self.browser.new_context(
            viewport={"width": 1366, "height": 768}, locale="zh-CN", **options
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        sign_in(page, f"{self.server.url}/office/polls/{self.poll}", name)
        page.goto(self.address)
        yield page
        context.close()

    @property
    def address(self) -> str:
        return f"{self.server.url}/office/polls/{self.poll}"


@pytest.fixture
def meeting(sqlite_settings, browser, tmp_path) -> Iterator[Meeting]:
    """Serve a poll with printed slips and the people of the meeting."""
    settings = replace(sqlite_settings, grace_seconds=1)
    with a_place(replace(settings, public_url="http://127.0.0.1:8000")) as place:
        for name, role in (
            ("wang", Role.ORGANISER),
            ("zhao", Role.SCRUTINEER),
            ("li", Role.TELLER),
            ("qian", Role.TELLER),
        ):
            a_user(place, name, role)
    with a_server(settings) as server:
        file = tmp_path / "poll.toml"
        file.write_text(POLL, encoding="utf-8")
        answer_of(server.environ, "cycle", "create", "--title", "年度", "--scheme", "street-2023")
        poll = answer_of(server.environ, "poll", "create", str(file)).strip()
        links = answer_of(server.environ, "poll", "ballots", poll, "--spares", "3", "--links")
        codes = [link.rpartition("/")[2] for link in links.split()]
        yield Meeting(server, browser, poll, codes)


def ask(page: Any, link: str, button: str) -> None:
    """Ask for something that needs two people."""
    page.get_by_role("link", name=link).first.click()
    page.locator("#confirm").check()
    page.get_by_role("button", name=button).click()
    page.get_by_text("正在等待第二人确认").wait_for()


def confirm_here(page: Any, name: str) -> None:
    """Confirm on the asker's own device, with the second person's name and password."""
    page.get_by_role("link", name="在这台设备上确认").click()
    page.get_by_label("第二人的账号").fill(name)
    page.get_by_label("第二人的密码").fill(PASSWORD)
    page.locator("#confirm").check()
    page.get_by_role("button", name="确认，立即执行").click()


def confirm_elsewhere(page: Any, url: str, title: str) -> None:
    """Confirm on a device of one's own: it waits on the home page."""
    page.goto(f"{url}/office/")
    page.get_by_role("link", name=title).first.click()
    page.locator("#confirm").check()
    page.get_by_role("button", name="确认，立即执行").click()


def hand_out(page: Any) -> None:
    page.get_by_role("link", name="发放选票").click()
    page.get_by_role("button", name="除备用票外全部发出（22 张）").click()
    page.locator("strong.figure").filter(has_text="22").wait_for()


def replace_slips(page: Any, damaged: str) -> None:
    """Void a damaged slip by its code, and hand out a spare for one that got lost."""
    page.get_by_role("link", name="发放选票").click()
    page.get_by_label("票码或链接").fill(damaged)
    page.get_by_role("button", name="下一步").click()
    page.locator("#confirm").check()
    page.get_by_role("button", name="作废这张票").click()
    page.get_by_text("这张票已作废，请换发一张备用票").wait_for()
    page.get_by_role("button", name="遗失，换发 1 张备用票").click()
    page.locator("dl.counts").get_by_text("1", exact=True).nth(1).wait_for()


def vote_at_the_device(meeting: Meeting, desk: Any, codes: list[str]) -> None:
    """Let three people vote with a helper, one after another."""
    desk.goto(meeting.address)
    desk.get_by_role("link", name="代填").click()
    desk.get_by_role("button", name="开代填").click()
    address = desk.locator(".address code").inner_text()
    context = meeting.browser.new_context(viewport={"width": 768, "height": 1024}, locale="zh-CN")
    device = context.new_page()
    device.goto(address)
    for code in codes:
        scan(device, f"{meeting.server.url}/B/{code}".upper())
        for card in range(3):
            device.locator(f"label[for=c{card}-{GOOD}]").click()
        device.get_by_role("button", name="下一步").click()
        device.get_by_role("button", name="提交").click()
        device.locator(".symbols").wait_for()
        device.get_by_role("link", name="下一位").click()
    context.close()


def settle_papers(meeting: Meeting, organiser: Any, scrutineer: Any, codes: list[str]) -> None:
    """Enter five papers twice with one difference, settle it by the paper, take them over."""
    organiser.goto(f"{meeting.address}/paper")
    organiser.get_by_label("逐张录入").check()
    organiser.get_by_role("button", name="登记有纸质票").click()
    with meeting.desk("li") as li, meeting.desk("qian") as qian:
        for teller in (li, qian):
            teller.goto(f"{meeting.address}/paper")
        register(li, codes)
        enter(li, ON_PAPER)
        enter(qian, MISREAD)
    scrutineer.goto(f"{meeting.address}/paper")
    scrutineer.get_by_role("link", name="对照原票裁定").click()
    scrutineer.wait_for_load_state()  # keys are heard from then on
    scrutineer.keyboard.press("2")
    scrutineer.get_by_role("button", name="按原票裁定").click()
    scrutineer.get_by_label("张纸质票已核对无误").check()
    scrutineer.get_by_role("button", name="合并计票").click()
    scrutineer.get_by_text("纸质票已经合并计票").wait_for()


def closed(meeting: Meeting) -> bool:
    told = json.loads(answer_of(meeting.server.environ, "poll", "list", "--format", "json"))
    return bool(told[0]["phase"] == "closed")


def report_text(page: Any, folder: Path) -> str:
    """Download the count report and return its text; every font of it is embedded."""
    with page.expect_download() as started:
        page.get_by_role("link", name="计票报告单").click()
    file = folder / "report.pdf"
    started.value.save_as(file)
    fonts = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True).stdout
    assert all(" yes " in line for line in fonts.splitlines()[2:]), fonts
    told = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True)
    return told.stdout.decode("utf-8")


def test_a_meeting_from_the_hand_out_to_the_signed_report(meeting, tmp_path):
    codes = meeting.codes
    own, spares = codes[:22], codes[22:]
    with meeting.desk("wang") as wang, meeting.desk("zhao") as zhao:
        hand_out(wang)
        wang.goto(meeting.address)
        ask(wang, "开始投票", "提请开始投票")
        confirm_here(wang, "zhao")
        wang.get_by_text("投票中").wait_for()

        replace_slips(wang, damaged=own[20])
        by_phone = [*own[:9], spares[0], spares[1]]
        vote_all(
            meeting.server.url,
            [Voter(code, said) for code, said in zip(by_phone, BY_PHONE, strict=True)],
            lambda _: None,
        )
        person = meeting.browser.new_context(java_script_enabled=False, locale="zh-CN")
        receipt = rate_and_submit(person.new_page(), f"{meeting.server.url}/B/{own[9]}")
        person.close()
        vote_at_the_device(meeting, wang, own[10:13])

        wang.goto(meeting.address)
        ask(wang, "结束投票", "提请结束投票")
        confirm_elsewhere(zhao, meeting.server.url, "结束投票")
        until(lambda: closed(meeting), seconds=60, what="the poll is closed and counted")
        settle_papers(meeting, wang, zhao, [*own[13:18], own[0]])

        wang.goto(meeting.address)
        ask(wang, "认定结果", "提请认定结果")
        confirm_elsewhere(zhao, meeting.server.url, "认定结果")
        wang.goto(f"{meeting.address}/results")
        words = report_text(wang, tmp_path)
        reveal(meeting, wang)

    told = json.loads(answer_of(meeting.server.environ, "poll", "results", "1", "--format", "json"))
    village = next(row for row in told if row["unit"] == "白马村")
    assert {label: level["count"] for label, level in village["levels"].items()} == VILLAGE
    assert (village["ratio"], village["valid"]) == ("17/19", 19)
    for expected in ("17", "89.47%", "张监票" if "张监票" in words else "zhao", "计票报告单"):
        assert expected in words
    assert receipt in answer_of(meeting.server.environ, "poll", "receipts", "1")
    everything_can_be_counted_again(meeting, tmp_path)


def reveal(meeting: Meeting, desk: Any) -> None:
    """Let the big screen show the first subject, at the presenter's key."""
    desk.goto(f"{meeting.address}/screen")
    desk.get_by_role("button", name="生成网址").click()
    address = desk.get_by_role("link", name="打开大屏").get_attribute("href")
    context = meeting.browser.new_context(viewport={"width": 1920, "height": 1080})
    projector = context.new_page()
    projector.goto(f"{meeting.server.url}{address}")
    assert "89.47" not in projector.content()
    desk.keyboard.press("ArrowRight")
    projector.get_by_text("89.47%").first.wait_for()
    context.close()


def everything_can_be_counted_again(meeting: Meeting, folder: Path) -> None:
    archive = folder / "archive.txt"
    answer_of(meeting.server.environ, "export", "1", str(archive))
    answer_of(meeting.server.environ, "verify", str(archive))
    account = next(
        json.loads(line)["account"]
        for line in archive.read_text("utf-8").splitlines()
        if line.startswith('{"account"')
    )
    (line,) = account["lines"]
    assert (line["issued"], line["returned"], line["voided"]) == (22, 20, 1)
    assert (line["on_paper"], line["set_aside"], account["invalid"]) == (5, 1, 1)
