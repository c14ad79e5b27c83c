"""A comment on a phone: counted as one writes, kept until submitted, as long on its way as none."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ballot.services import kiosks
from ballot.settings import from_environment
from tests.browser.chromium import CHROMIUM, barriers
from tests.browser.phones import POLL, Hall, a_hall, rate, review, submit
from tests.builders import a_place

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium here (apt-get install chromium)"),
]
SAID = "路灯坏了，\n请修一修😀"


@pytest.fixture(scope="module")
def hall(browser, tmp_path_factory) -> Iterator[Hall]:
    folder = tmp_path_factory.mktemp("comments")
    settings = from_environment({"BALLOT_FOLDER": str(folder / "var")})
    settings = replace(settings, public_url="http://127.0.0.1:8000")
    with a_hall(settings, browser, "comments = true\n" + POLL) as opened:
        yield opened
        opened.put_away()


def comment(page):
    return page.get_by_label("意见（可以不写）")


def test_a_comment_outlives_a_reload_the_review_and_a_dead_network_and_is_gone_once_submitted(hall):
    slip, page = hall.a_slip(), hall.phone()
    page.goto(slip)
    rate(page, {0: "好"})
    comment(page).fill(SAID)
    page.reload()
    assert comment(page).input_value() == SAID

    review(page)
    assert page.locator("p.own").last.inner_text() == SAID
    page.get_by_role("button", name="返回修改").click()
    assert comment(page).input_value() == SAID
    review(page)
    lost = []

    def lose(route):
        if not lost and route.request.method == "POST":
            lost.append(route.fetch())
            route.abort("connectionreset")
            return
        route.continue_()

    page.route("**/B/*", lose)
    submit(page)
    page.get_by_role("heading", name="已计票").wait_for()
    assert lost
    assert "没有重复计票" in page.locator("main").inner_text()
    assert page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))") == []


def test_what_is_left_to_write_is_counted_as_people_count_and_too_much_is_said(hall):
    page = hall.phone()
    page.goto(hall.a_slip())
    left = page.locator(".left")

    comment(page).fill("  好😀\n")
    assert left.inner_text() == "还可以写 298 个字。"
    comment(page).fill("好" * 302)
    assert left.inner_text() == "多了 2 个字，请删短一些。"
    page.get_by_role("button", name="下一步").click()
    page.get_by_text("最多写 300 个字，现在是 302 个字").first.wait_for()
    assert comment(page).input_value() == "好" * 302


@pytest.mark.parametrize("written", ["", "好", "字" * 300, "&" * 300, "\ud83d半个"])
def test_what_a_phone_sends_is_as_long_with_a_comment_as_without(hall, written):
    page, sent = hall.phone(), []
    page.on("request", lambda asked: sent.append(asked.post_data) if asked.post_data else None)
    page.goto(hall.a_slip())
    page.evaluate("text => { document.querySelector('textarea').value = text; }", written)

    rate(page, {0: "好"})
    review(page)
    submit(page)
    page.get_by_role("heading", name="已计票").wait_for()

    assert [len(body) for body in sent] == [4096, 4096]


@pytest.mark.parametrize(("large", "scheme"), [(True, "dark"), (False, "light")])
def test_axe_finds_nothing_about_the_place_to_write_and_nothing_is_wider_than_the_screen(
    hall, large, scheme
):
    page = hall.phone(320, color_scheme=scheme)
    if large:
        page.add_init_script("localStorage.setItem('ballot-large', '1')")
    page.goto(hall.a_slip())
    faults = _faults(page)
    comment(page).fill("W" * 301)
    page.get_by_role("button", name="下一步").click()
    page.get_by_text("现在是 301 个字").first.wait_for()
    faults += _faults(page)
    comment(page).fill("W" * 300)
    review(page)

    assert faults + _faults(page) == []


def _faults(page) -> list[str]:
    """Return what axe finds on a page, and whether it is wider than its screen."""
    wide = page.evaluate("document.documentElement.scrollWidth") > 320
    return [str(each) for each in barriers(page)] + ["too wide"] * wide


def test_what_a_kiosk_sends_is_as_long_with_a_comment_as_without(hall):
    settings = from_environment({"BALLOT_FOLDER": str(Path(hall.database).parent)})
    with a_place(settings) as place, place.database.write() as connection:
        kiosks.open_kiosk(connection, hall.poll.id, by="test", now=place.clock())
        key = kiosks.of_poll(connection, place.keys, hall.poll.id).key
    page, sent = hall.phone(), []
    page.on("request", lambda asked: sent.append(asked.post_data) if asked.post_data else None)

    for said in ("", SAID):
        page.goto(f"{hall.server.url}/kiosk/{hall.poll.id}/{key}")
        page.get_by_label("票码").fill(hall.a_slip().rpartition("/")[2])
        page.get_by_role("button", name="打开这张票").click()
        comment(page).fill(said)
        review(page)
        submit(page)
        page.get_by_role("heading", name="已计票").wait_for()

    assert [len(body) for body in sent if "step=open" not in body] == [4096] * 4
