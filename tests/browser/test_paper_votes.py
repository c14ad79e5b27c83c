"""One story of paper: five papers and a slip cast by phone, two tellers, one difference settled."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ballot.domain.people import Role
from tests.browser.chromium import CHROMIUM, sign_in
from tests.builders import LEADERS_POLL, Place, a_place, a_user, an_open_poll, cast, close
from tests.live import Server, a_server, answer_of

GOOD = 0
KEYS = {1: "11111", 2: "22120", 3: "13x11", 4: "i", 5: "44444"}
"""What is typed for each paper: a key for each row, or the whole paper invalid."""
MISREAD = {**KEYS, 2: "22130"}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium here (apt-get install chromium)"),
]


@pytest.fixture
def hall(sqlite_settings) -> Iterator[tuple[Server, list[str]]]:
    """Serve a closed poll of eleven ballots, five of them cast by phone; give the codes."""
    with a_place(replace(sqlite_settings, public_url="http://127.0.0.1:8000")) as place:
        codes = _prepare(place)
    with a_server(sqlite_settings) as server:
        yield server, codes


def _prepare(place: Place) -> list[str]:
    a_user(place, "organiser", Role.ORGANISER)
    for name in ("wang", "li"):
        a_user(place, name, Role.TELLER)
    a_user(place, "zhao", Role.SCRUTINEER)
    poll, codes = an_open_poll(place, LEADERS_POLL)
    for code in codes[:5]:
        cast(place, poll, code, GOOD)
    close(place, poll)
    return list(codes)


def signed_in(browser, server: Server, name: str):
    context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, f"{server.url}/office/", name)
    page.goto(f"{server.url}/office/polls/1/paper")
    return page


def register(page, codes: list[str]) -> None:
    """Scan slips as a scanner does: the code and Enter."""
    page.get_by_role("link", name="扫描票码").click()
    for number, code in enumerate(codes, 1):
        page.get_by_label("票码").fill(code)
        page.keyboard.press("Enter")
        told = f"第 {number} 张" if number < len(codes) else "另存：此票已用手机投过"
        page.get_by_role("status").filter(has_text=told).wait_for()
    page.get_by_label("党政领导").fill("5")
    page.get_by_role("button", name="登记完毕").click()


def enter(page, keys: dict[int, str]) -> None:
    """Enter all papers by keyboard alone."""
    page.reload()
    page.get_by_role("button", name="开始录入").click()
    for number, typed in keys.items():
        assert page.locator("h1").inner_text() == f"党政领导第 {number} 号"
        for key in typed:
            page.keyboard.press(key)
        page.keyboard.press("Enter")
        page.locator(".have").nth(number - 1).wait_for()
    page.get_by_role("button", name="全部录完").click()


@pytest.mark.slow
def test_five_papers_two_tellers_one_difference_settled(browser, hall):
    server, codes = hall
    pages = {name: signed_in(browser, server, name) for name in ("organiser", "wang", "li", "zhao")}
    organiser, zhao = pages["organiser"], pages["zhao"]

    organiser.get_by_label("逐张录入").check()
    organiser.get_by_role("button", name="登记有纸质票").click()
    pages["wang"].reload()
    register(pages["wang"], [*codes[-5:], codes[0]])
    enter(pages["wang"], KEYS)
    enter(pages["li"], MISREAD)
    zhao.reload()
    zhao.get_by_role("link", name="对照原票裁定").click()
    assert "第 4 行“财政所”" in zhao.locator("tr.here").inner_text()
    zhao.wait_for_load_state()  # keys are heard from then on
    zhao.keyboard.press("2")
    zhao.get_by_role("button", name="按原票裁定").click()
    zhao.get_by_label("张纸质票已核对无误").check()
    zhao.get_by_role("button", name="合并计票").click()
    assert "纸质票已经合并计票" in zhao.locator(".done").last.inner_text()

    told = json.loads(answer_of(server.environ, "poll", "results", "1", "--format", "json"))
    village = next(row for row in told if row["unit"] == "白马村")
    assert (village["ratio"], village["valid"]) == ("8/9", 9)
    for page in pages.values():
        page.context.close()
