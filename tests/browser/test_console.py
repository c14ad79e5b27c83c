"""A year from an empty database to its publication, on the pages alone.

A clerk who has read the README sets up 30 villages and 20 stations, makes their polls and prints
their slips; the votes come in; the clerk enters the other marks, has the standing approved, and
publishes. Only what happens in thirty halls at once is done by the services that the pages call.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.browser.chromium import CHROMIUM, sign_in
from tests.builders import PASSWORD
from tests.live import Server, a_server

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
    with a_server(replace(sqlite_settings, grace_seconds=1)) as server:
        office = Office(server, browser)
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


def test_from_an_empty_database_to_a_published_year(office):
    make_accounts(office)
    make_the_cycle(office)
    list_units(office, "village", VILLAGES)
    list_units(office, "station", STATIONS)
    make_village_polls(office)
    make_poll(office, "党政领导评议", 9)
    make_poll(office, "年底述职民主测评", 12)
