"""A year from an empty database to its publication, on the pages alone.

A clerk who has read the README sets up 30 villages and 20 stations, makes their polls and prints
their slips; the votes come in; the clerk enters the other marks, has the standing approved, and
publishes. Only what happens in thirty halls at once is done by the services that the pages call.
"""

import csv
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ballot.demo.electorate import Voter, vote_all
from ballot.scoring import Source, load_scheme
from ballot.settings import Settings
from tests.browser.chromium import CHROMIUM, sign_in
from tests.builders import PASSWORD, Place, a_place, certify, close, open_poll
from tests.live import Server, a_server, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium here (apt-get install chromium)"),
]
VILLAGES = [f"{name}村" for name in "东西南北中大小高金银铜铁玉石云雾松柏竹梅兰菊荷桂桃李杏枫杨柳"]
STATIONS = [f"{name}站" for name in "财林水农畜文广计民统"] + [
    f"{name}所" for name in "国工税派卫规交电粮供"
]
GROUPS = ("两委成员", "村民组长", "党员", "村民代表")


@dataclass
class Office:
    """A running server with nothing in it, and the pages of the two people who work there."""

    settings: Settings
    server: Server
    browser: Any
    page: Any = None
    witness: Any = None

    def a_page(self) -> Any:
        context = self.browser.new_context(
            locale="zh-CN", viewport={"width": 1366, "height": 768}, accept_downloads=True
        )
        context.set_default_timeout(20_000)
        return context.new_page()

    def go(self, path: str) -> Any:
        self.page.goto(f"{self.server.url}/office/{path}")
        return self.page


@pytest.fixture
def office(sqlite_settings, browser) -> Iterator[Office]:
    """Serve an empty installation."""
    settings = replace(sqlite_settings, grace_seconds=1)
    with a_server(settings) as server:
        office = Office(settings, server, browser)
        office.page, office.witness = office.a_page(), office.a_page()
        yield office
        for page in (office.page, office.witness):
            page.context.close()


def press(page: Any, words: str) -> None:
    page.get_by_role("button", name=words).first.click()


def follow(page: Any, words: str) -> None:
    page.get_by_role("link", name=words).first.click()


def make_accounts(office: Office) -> None:
    """Make the first account with the code that the server told, and a scrutineer's."""
    page = office.go("")
    follow(page, "建立第一个账号")
    (code,) = re.findall(r"设置码 ([0-9A-Z]{4}-[0-9A-Z]{4})", office.server.output)
    page.get_by_label("设置码").fill(code)
    page.get_by_label("账号名").fill("wang")
    page.get_by_label("姓名").fill("王主任")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_label("再输一次密码").fill(PASSWORD)
    press(page, "建立管理员账号")

    page.get_by_label("账号名").fill("li")
    page.get_by_label("姓名").fill("李监票")
    page.get_by_label("角色").select_option(label="监票人")
    press(page, "新建，并显示临时密码")
    temporary = page.locator("code.secret").inner_text().strip()
    sign_in(office.witness, f"{office.server.url}/office/", "li", temporary)
    office.witness.get_by_label("新密码", exact=True).fill(PASSWORD)
    office.witness.get_by_label("再输一次新密码").fill(PASSWORD)
    press(office.witness, "保存新密码")


def make_the_cycle(office: Office) -> None:
    page = office.go("")
    follow(page, "新建考核周期")
    page.locator("li").filter(has_text="街道综合目标管理考核").get_by_role(
        "link", name="用这个方案"
    ).click()
    page.get_by_label("考核周期的名称").fill("2023年度综合目标管理考核")
    press(page, "建立考核周期")


def list_units(office: Office, kind: str, names: list[str]) -> None:
    page = office.go(f"cycles/1/kinds/{kind}/units")
    page.get_by_label("增加单位").fill("\n".join(names))
    press(page, "加入名单")
    page.get_by_text(f"共 {len(names)} 个单位").wait_for()


def choose_occasion(office: Office, name: str) -> Any:
    page = office.go("cycles/1/polls/new")
    card = page.locator("li").filter(has=page.get_by_role("heading", name=name))
    card.get_by_role("link", name="选这个").click()
    return page


def make_village_polls(office: Office) -> None:
    """Make the thirty polls of 村述村评 at once, their numbers pasted from a table."""
    page = choose_occasion(office, "村述村评")
    page.get_by_text("从表格里粘贴").click()
    rows = ["\t".join((name, "3", "2", "4", "3")) for name in VILLAGES]
    page.get_by_label("每行一个单位").fill("\n".join(["\t".join(("单位", *GROUPS)), *rows]))
    press(page, "填进上面的表")
    press(page, "核对：看看会建成什么")
    page.get_by_text("将一次建立 30 场测评活动").wait_for()
    press(page, "建立这 30 场")


def make_poll(office: Office, occasion: str, ballots: int) -> None:
    """Make one poll in which the same people rate everybody."""
    page = choose_occasion(office, occasion)
    page.get_by_label("票数").first.fill(str(ballots))
    press(page, "核对：看看会建成什么")
    press(page, "建立这场测评活动")


def print_slips(office: Office) -> dict[str, list[str]]:
    """Print every slip of the year in one job, fetch its file once, and return codes by poll."""
    page = office.go("cycles/1/print")
    page.get_by_label("CSV 表格").check()
    page.get_by_label("每个类别另加的备用票").fill("0")
    press(page, "生成票的文件")
    page.get_by_label("我知道下载后文件即删除").check(timeout=60_000)
    with page.expect_download() as started:
        press(page, "下载文件")
    rows = list(csv.reader(Path(started.value.path()).read_text("utf-8-sig").splitlines()))[1:]
    until(lambda: "接下来：打印、裁开" in page.reload().text(), seconds=20, what="the file is gone")
    codes: dict[str, list[str]] = {}
    for title, *_, link in rows:
        codes.setdefault(title, []).append(link.rpartition("/")[2])
    return codes


def with_two(office: Office, poll: int, link: str, button: str, action: str) -> None:
    """Ask for something on a poll's page, and let the scrutineer confirm it."""
    page, witness = office.go(f"polls/{poll}"), office.witness
    follow(page, link)
    page.locator("#confirm").check()
    press(page, button)
    page.get_by_text("正在等待第二人确认").wait_for()
    witness.goto(f"{office.server.url}/office/")
    follow(witness, action)
    witness.locator("#confirm").check()
    press(witness, "确认，立即执行")
    witness.wait_for_url("**/polls/*")


def hold_on_pages(office: Office, poll: int, voters: list[Voter]) -> None:
    """Open a poll, let its slips vote, close and certify it, all on pages."""
    with_two(office, poll, "开始投票", "提请开始投票", "开始投票")
    vote_all(office.server.url, voters, lambda _: None)
    with_two(office, poll, "结束投票", "提请结束投票", "结束投票")
    page = office.page
    until(
        lambda: "已结束" in office.go(f"polls/{poll}").locator(".phase").first.inner_text(),
        seconds=60,
        what="the poll is closed and counted",
    )
    with_two(office, poll, "认定结果", "提请认定结果", "认定结果")
    page.get_by_text("正在等待第二人确认").wait_for(state="hidden")  # it looks again by itself


def hold_elsewhere(place: Place, office: Office, poll: int, voters: list[Voter]) -> None:
    """Hold a meeting in another hall: the votes by real requests, the rest by the services."""
    found = place.poll(poll)
    place.clock.now = datetime.now(UTC)
    open_poll(place, found)
    vote_all(office.server.url, voters, lambda _: None)
    close(place, found)
    certify(place, found)


def hold_every_meeting(office: Office, codes: dict[str, list[str]]) -> None:
    """Vote on all 32 polls; the better a unit, the earlier it stands in its list."""
    with a_place(office.settings) as place:
        for poll in [place.poll(number) for number in range(1, 33)]:
            slots = len(poll.definition.slots)
            voters = [
                Voter(code, tuple(int(3 * slot / slots + turn % 2) for slot in range(slots)))
                for turn, code in enumerate(codes[poll.title])
            ]
            if poll.id in {1, 31, 32}:
                hold_on_pages(office, poll.id, voters)
            else:
                hold_elsewhere(place, office, poll.id, voters)


def enter_the_rest(office: Office, folder: Path, kind: str, names: list[str]) -> None:
    """Import the marks of the line offices from a table, look them over, save them."""
    keys = [
        leaf.key
        for component in load_scheme("street-2023").kind(kind).components
        if component.source is Source.ENTRY
        for leaf in component.leaves()
    ]
    full = {item.key: item.full_marks for item in load_scheme("street-2023").kind(kind).nodes()}
    file = folder / f"{kind}.csv"
    rows = [
        [name, *(f"{full[key] * (100 - place) / 100:.2f}" for key in keys)]
        for place, name in enumerate(names)
    ]
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["unit", *keys], *rows])
    page = office.go(f"cycles/1/kinds/{kind}/entries/import")
    page.get_by_label("文件").set_input_files(file)
    press(page, "预览")
    page.locator("#confirm").check()
    press(page, "保存")
    page.get_by_text("表格已导入").first.wait_for()


def approve(office: Office, kind: str) -> None:
    page = office.go(f"cycles/1/kinds/{kind}/standing")
    follow(page, "审定")
    page.get_by_label("会议", exact=True).fill("街道党工委会议")
    page.locator("#held_on").fill("2024-01-12")
    page.locator("#confirm").check()
    press(page, "记录审定")
    page.get_by_text("已审定").first.wait_for()


def post_a_notice(office: Office) -> str:
    """Write a notice of everything that may be posted, publish it, and return its address."""
    page = office.go("cycles/1/notices/new")
    for box in page.locator("input[name=item]:enabled").all():
        box.check()
    page.get_by_label("联系人", exact=True).fill("陈干事")
    page.get_by_label("联系电话").fill("0730-1234567")
    page.get_by_label("受理地点").fill("街道办事处3楼党建办")
    press(page, "保存草稿，看一遍")
    page.locator("#confirm").check()
    press(page, "发布公示")
    page.get_by_role("link", name="打开公众页面").wait_for()
    return str(page.get_by_role("link", name="打开公众页面").get_attribute("href"))


def anybody_reads(office: Office, path: str) -> None:
    """Look at a notice as somebody who walks by: no account, no cookie."""
    passer_by = office.a_page()
    answer = passer_by.goto(f"{office.server.url}{path}")
    assert answer.status == 200
    words = passer_by.locator("main").inner_text()
    assert all(name in words for name in (*VILLAGES, *STATIONS, "先进", "陈干事"))
    assert passer_by.context.cookies() == []
    passer_by.context.close()


def tell_everybody(office: Office, kind: str, names: list[str]) -> None:
    """Print the written notices, and record that all were delivered."""
    page = office.go(f"cycles/1/kinds/{kind}/standing")
    follow(page, "书面通知和送达登记")
    with page.expect_download() as started:
        follow(page, "全部书面通知")
    told = ["pdftotext", str(started.value.path()), "-"]
    words = subprocess.run(told, capture_output=True, check=True).stdout.decode()
    assert all(name in words for name in names)
    for box in page.locator("input[name=unit]").all():
        box.check()
    press(page, "登记勾选的为已送达")
    page.get_by_text("还有 0 个没有送达").wait_for()


def keep_the_archives(office: Office) -> None:
    """Fetch the year's archives and recount each with the verifier."""
    page = office.go("cycles/1/archives")
    press(page, "生成归档文件")
    page.get_by_role("button", name="下载文件").wait_for(timeout=120_000)
    with page.expect_download() as started:
        press(page, "下载文件")
    with zipfile.ZipFile(started.value.path()) as found:
        archives = [name for name in found.namelist() if name.startswith("poll-")]
    assert len(archives) == 32


def test_from_an_empty_database_to_a_published_year(office, tmp_path):
    make_accounts(office)
    make_the_cycle(office)
    list_units(office, "village", VILLAGES)
    list_units(office, "station", STATIONS)
    make_village_polls(office)
    make_poll(office, "党政领导评议", 9)
    make_poll(office, "年底述职民主测评", 12)
    hold_every_meeting(office, print_slips(office))
    enter_the_rest(office, tmp_path, "village", VILLAGES)
    enter_the_rest(office, tmp_path, "station", STATIONS)
    approve(office, "village")
    approve(office, "station")
    anybody_reads(office, post_a_notice(office))
    tell_everybody(office, "village", VILLAGES)
    tell_everybody(office, "station", STATIONS)
    keep_the_archives(office)
    office.go("cycles/1").get_by_text("目前没有待办的事。").wait_for()
