"""The voter's phone on a bad network: whatever fails, what the page says is true."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from ballot.settings import from_environment
from tests.browser.chromium import CHROMIUM
from tests.browser.phones import WIDTHS, Hall, a_hall, chosen, heading, rate, review, submit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium here (apt-get install chromium)"),
]
COUNTED = "已计票"


@pytest.fixture(scope="module")
def served(browser, tmp_path_factory) -> Iterator[Hall]:
    """Serve one open poll for all these stories: each takes slips of its own."""
    folder = tmp_path_factory.mktemp("phones")
    settings = from_environment({"BALLOT_FOLDER": str(folder / "var")})
    with a_hall(replace(settings, public_url="http://127.0.0.1:8000"), browser) as hall:
        yield hall


@pytest.fixture
def hall(served: Hall) -> Iterator[Hall]:
    """Give the hall; whatever happened there, each marked ballot has its vote and no more."""
    yield served
    served.put_away()
    kept, marked = served.votes()
    assert kept == marked


def only_casts(route) -> bool:
    return route.request.method == "POST" and "step=cast" in (route.request.post_data or "")


@pytest.mark.parametrize("width", WIDTHS)
def test_choices_outlive_reload_and_a_closed_page_and_are_gone_once_submitted(hall, width):
    slip, page = hall.a_slip(), hall.phone(width)
    page.goto(slip)
    rate(page, {0: "好", 1: "较好", 11: "差"})

    page.reload()
    assert chosen(page) == ["好", "较好", "差"]
    again = page.context.new_page()
    page.close()
    again.goto(slip)
    assert chosen(again) == ["好", "较好", "差"]
    assert "刚才选的还在" in again.locator(".restored").inner_text()

    review(again)
    submit(again)
    again.get_by_role("heading", name=COUNTED).wait_for()
    assert again.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))") == []


def test_a_draft_can_be_cleared_and_another_slip_never_meets_it(hall):
    slip, page = hall.a_slip(), hall.phone()
    page.goto(slip)
    rate(page, {0: "好"})

    page.goto(hall.a_slip())
    assert chosen(page) == []
    page.goto(slip)
    page.get_by_role("button", name="清空重选").click()
    assert chosen(page) == []
    page.reload()
    assert chosen(page) == []


def test_what_is_kept_on_the_phone_holds_no_code(hall):
    slip, page = hall.a_slip(), hall.phone()
    page.goto(slip)
    rate(page, {0: "好"})

    kept = page.evaluate("JSON.stringify(localStorage)")
    assert '\\"c0\\":\\"0\\"' in kept
    assert slip.rpartition("/")[2] not in kept


@pytest.mark.parametrize("committed", [False, True], ids=["before", "after"])
def test_a_request_lost_before_or_after_the_commit_is_sent_again_and_counts_once(hall, committed):
    page, lost, nonces = hall.phone(), [], []

    def lose(route):
        if only_casts(route):
            nonces.append(route.request.post_data.partition("nonce=")[2][:32])
            if len(lost) < 2:
                lost.append(committed and route.fetch())
                route.abort("connectionreset")
                return
        route.continue_()

    page.route("**/B/*", lose)
    page.goto(hall.a_slip())
    rate(page, {0: "好"})
    review(page)
    before = hall.votes()[0]
    submit(page)

    page.get_by_text("不确定是否已计票").wait_for()
    page.get_by_role("heading", name=COUNTED).wait_for()
    assert hall.votes()[0] == before + 1
    assert len(nonces) == 3
    assert len(set(nonces)) == 1
    assert ("没有重复计票" in page.locator("main").inner_text()) == committed


def test_a_network_that_stays_away_ends_in_not_certain_and_the_same_button_settles_it(hall):
    page, away = hall.phone(), [True]

    def lose(route):
        if away and only_casts(route):
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.clock.install()
    page.route("**/B/*", lose)
    page.goto(hall.a_slip())
    rate(page, {3: "一般"})
    review(page)
    before = hall.votes()[0]
    submit(page)
    for _ in range(8):
        page.wait_for_timeout(150)
        page.clock.run_for(9_000)

    page.get_by_text("请再点一次“提交”，不会重复计票").wait_for()
    away.clear()
    submit(page)
    page.get_by_role("heading", name=COUNTED).wait_for()
    assert hall.votes()[0] == before + 1


def test_offline_says_that_nothing_was_submitted_and_goes_on_by_itself_when_online(hall):
    page = hall.phone()
    page.goto(hall.a_slip())
    rate(page, {0: "好"})
    review(page)
    before = hall.votes()
    page.context.set_offline(True)
    submit(page)
    page.get_by_text("手机没有联网，还没有提交").wait_for()
    assert hall.votes() == before

    page.context.set_offline(False)
    page.get_by_role("heading", name=COUNTED).wait_for()


def test_five_seconds_of_silence_say_that_it_is_being_submitted(hall):
    page = hall.phone()
    held = []
    page.route(
        "**/B/*", lambda route: held.append(route) if only_casts(route) else route.continue_()
    )
    page.goto(hall.a_slip())
    review(page)
    submit(page)
    page.get_by_text("正在提交，请稍候").wait_for()
    page.wait_for_timeout(5_000)
    assert "正在提交" in page.locator(".state").inner_text()

    held.pop().continue_()
    page.get_by_role("heading", name=COUNTED).wait_for()


def test_a_double_tap_sends_one_request(hall):
    page, sent = hall.phone(), []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    page.goto(hall.a_slip())
    review(page)

    page.get_by_role("button", name="提交", exact=True).dblclick()
    page.get_by_role("heading", name=COUNTED).wait_for()
    assert sum("step=cast" in body for body in sent) == 1


def test_back_leads_from_the_review_to_the_choices_and_from_the_end_to_nothing(hall):
    page = hall.phone()
    page.goto(hall.a_slip())
    rate(page, {0: "较好", 5: "差"})
    review(page)
    page.go_back()
    page.get_by_role("button", name="下一步").wait_for()
    assert chosen(page) == ["较好", "差"]

    rate(page, {0: "一般"})
    review(page)
    page.get_by_role("button", name="返回修改").click()
    page.get_by_role("button", name="下一步").wait_for()
    assert chosen(page) == ["一般", "差"]
    review(page)
    submit(page)
    page.get_by_role("heading", name=COUNTED).wait_for()
    page.go_back()
    page.get_by_role("heading", name="此票已投").wait_for()
    page.go_forward()
    page.wait_for_load_state()
    for word in ("一般", "较好", "差"):
        assert word not in page.locator("main").inner_text()


def test_of_two_tabs_the_first_to_submit_counts_and_the_other_hears_it(hall):
    slip, page = hall.a_slip(), hall.phone()
    other = page.context.new_page()
    for tab, level in ((page, "好"), (other, "差")):
        tab.goto(slip)
        rate(tab, {0: level})
        review(tab)
    submit(page)
    page.get_by_role("heading", name=COUNTED).wait_for()

    submit(other)
    other.get_by_role("heading", name="此票已投").wait_for()
    assert other.evaluate("Object.keys(localStorage)") == []


def test_a_choice_changed_after_a_lost_reply_is_told_that_the_first_one_counts(hall):
    slip, page = hall.a_slip(), hall.phone()

    def lose(route):
        if only_casts(route):
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.goto(slip)
    rate(page, {0: "好"})
    review(page)
    page.route("**/B/*", lose)
    submit(page)
    page.get_by_text("不确定是否已计票").wait_for()
    page.unroute("**/B/*")
    page.reload()

    assert heading(page) == "此票已投"
    assert "以第一次提交为准" in page.locator("main").inner_text()
    assert page.evaluate("Object.keys(localStorage)") == []


@pytest.mark.parametrize("width", WIDTHS)
def test_twelve_subjects_take_twelve_taps_and_two(hall, width):
    page = hall.phone(width)
    page.goto(hall.a_slip())
    taps = 0
    for place in range(12):
        page.locator("fieldset").nth(place).get_by_text("较好", exact=True).click()
        taps += 1
    assert page.locator(".rated").inner_text() == "12"
    for name in ("下一步", "提交"):
        page.get_by_role("button", name=name, exact=True).click()
        taps += 1

    page.get_by_role("heading", name=COUNTED).wait_for()
    assert taps == 12 + 2


def test_the_next_blank_is_found_and_what_is_rated_is_counted(hall):
    page = hall.phone()
    page.goto(hall.a_slip())
    rate(page, {0: "好", 1: "好", 2: "好", 4: "差"})
    assert page.locator(".rated").inner_text() == "4"

    page.get_by_role("button", name="下一个未评").click()
    focused = page.evaluate("document.activeElement.closest('fieldset').innerText")
    assert "第6村" in focused or "第4村" in focused
    assert page.locator(".count b").evaluate("b => getComputedStyle(b, '::after').content")
