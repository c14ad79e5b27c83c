"""A story of assisted voting (代填): voter after voter at one device, and nothing stays."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ballot.domain.people import Role
from tests.browser.chromium import CHROMIUM
from tests.browser.test_year import signed_in
from tests.builders import LEADERS_POLL, Clock, Place, a_place, a_user, an_open_poll
from tests.live import Server, a_server, answer_of, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium here (apt-get install chromium)"),
]
CHOSEN = "较好"


@pytest.fixture
def hall(sqlite_settings) -> Iterator[tuple[Server, Place, int, list[str]]]:
    """Serve an open poll; give its number and the links that a scanner types."""
    settings = replace(sqlite_settings, grace_seconds=1)
    with a_place(settings) as place:
        place.clock = Clock(datetime.now(UTC))
        poll, codes = an_open_poll(place, LEADERS_POLL)
        a_user(place, "wang", Role.ORGANISER)
        with a_server(settings) as server:
            yield server, place, poll.id, [f"{server.url}/B/{code}".upper() for code in codes]


@pytest.fixture
def device(browser) -> Iterator:
    """Give a page of a shared tablet whose clock a test can move on."""
    context = browser.new_context(viewport={"width": 768, "height": 1024}, locale="en-GB")
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.clock.install()
    yield page
    context.close()


def the_link(server: Server, browser, poll: int) -> str:
    """Open the poll's kiosk in the office and return its address."""
    desk = signed_in(browser, server, "wang")
    desk.get_by_role("link", name="2023年度党政领导评议").click()
    desk.get_by_role("link", name="代填…").click()
    desk.get_by_role("button", name="开代填").click()
    address = desk.locator(".address code").inner_text()
    desk.context.close()
    assert address.startswith(f"{server.url}/kiosk/{poll}/")
    return address


def scan(page, link: str) -> None:
    """Do as a scanner does: type the link where the cursor stands, and Enter."""
    page.locator("input#code:focus").wait_for()
    page.keyboard.type(link)
    page.keyboard.press("Enter")
    page.locator("fieldset").first.wait_for()


def choose_by_keyboard(page, cards: int) -> None:
    """Go from question to question with Tab, and choose the second level with an arrow."""
    for card in range(cards):
        page.locator(f"#c{card}-0").focus()
        page.keyboard.press("ArrowDown")
    assert page.locator("input:checked").count() == cards


def nothing_is_left(page, *secrets: str) -> None:
    """See to it that page, history and the browser's memories tell nothing of who was there."""
    page.locator("input#code").wait_for()
    assert page.locator("input#code").input_value() == ""
    for secret in secrets:
        assert secret not in page.content()
    assert page.context.cookies() == []
    kept = page.evaluate("[localStorage.length, sessionStorage.length, history.state]")
    assert kept == [0, 0, None]


def test_voter_after_voter_at_one_device_leaves_nothing_for_the_next(hall, browser, device):
    server, _, poll, links = hall
    address = the_link(server, browser, poll)
    device.goto(address)
    assert device.get_by_role("heading", level=1).inner_text() == "请扫票，或输入票码"
    entries = device.evaluate("history.length")

    scan(device, links[0])
    choose_by_keyboard(device, 5)
    device.keyboard.press("Enter")
    device.get_by_role("button", name="提交").wait_for()
    assert device.locator("dd", has_text=CHOSEN).count() == 5
    device.get_by_role("button", name="提交").click()
    device.locator(".symbols").wait_for()
    first = device.locator(".symbols").inner_text()
    device.clock.fast_forward(13_000)
    nothing_is_left(device, CHOSEN, first, links[0][-16:])

    # the second goes away in the middle of it
    scan(device, links[1])
    device.locator("label[for=c0-1]").click()
    assert not device.locator("#idle").is_visible()
    device.clock.fast_forward(46_000)
    device.locator("#idle").wait_for()
    assert "没有人操作" in device.locator("#idle").inner_text()
    device.locator("h1").click()
    device.locator("#idle").wait_for(state="hidden")
    assert device.locator("input:checked").count() == 1, "who is still there loses nothing"
    device.clock.fast_forward(61_000)
    nothing_is_left(device, CHOSEN, links[1][-16:])

    # Back leads away from the kiosk, to nothing of it
    assert device.evaluate("history.length") == entries
    device.go_back()
    assert device.url == "about:blank"
    device.go_forward()
    nothing_is_left(device, CHOSEN, links[0][-16:], links[1][-16:])

    # the slip that was left is not used up; the one that was cast is
    scan(device, links[1])
    device.get_by_role("button", name="下一步").click()
    device.get_by_role("button", name="提交").click()
    device.locator(".symbols").wait_for()
    device.get_by_role("link", name="下一位").click()
    device.locator("input#code:focus").wait_for()
    device.keyboard.type(links[0])
    device.keyboard.press("Enter")
    device.get_by_role("heading", name="此票已投").wait_for()
    device.get_by_role("link", name="下一位").click()
    nothing_is_left(device, CHOSEN)

    # English is a tap away, for one voter
    device.get_by_role("link", name="English").click()
    device.get_by_role("heading", level=1, name="Scan the slip").wait_for()
    device.clock.fast_forward(61_000)
    device.get_by_role("heading", name="请扫票，或输入票码").wait_for()

    answer_of(server.environ, "poll", "close", str(poll), "--scrutineer", "张监票")
    desk = signed_in(browser, server, "wang")
    desk.goto(f"{server.url}/office/polls/{poll}")
    assert "代填\t2 票" in desk.locator("#record + dl").inner_text().replace("\n", "\t")
    desk.context.close()
    device.clock.fast_forward(61_000)
    device.get_by_role("heading", name="投票已经结束").wait_for()


def test_without_a_network_it_clears_all_the_same_and_comes_back_by_itself(hall, browser, device):
    server, _, poll, links = hall
    device.goto(the_link(server, browser, poll))
    scan(device, links[0])
    device.locator("label[for=c0-1]").click()

    device.context.set_offline(True)
    device.get_by_role("button", name="下一步").click()
    device.locator("#offline").wait_for()
    assert device.locator("input:checked").count() == 1, "nothing is lost, and it can be sent again"
    device.clock.fast_forward(61_000)
    device.get_by_text("网络断了").wait_for()
    assert CHOSEN not in device.content()

    device.context.set_offline(False)
    device.clock.run_for(4_000)
    nothing_is_left(device, CHOSEN, links[0][-16:])


def test_without_scripts_the_clock_clears_the_page(hall, browser):
    server, _, poll, links = hall
    address = the_link(server, browser, poll)
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(address)
    scan(page, links[0])
    page.locator("label[for=c0-1]").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="提交").click()
    assert page.get_by_role("heading", level=1).inner_text() == "已计票"

    until(lambda: page.locator("input#code").count() == 1, seconds=20, what="it clears itself")

    assert page.url == address
    context.close()
