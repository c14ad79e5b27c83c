"""One story of the form that makes polls: what only a browser shows about losing nothing."""

import re
from collections.abc import Iterator

import pytest

from tests.assessment import add_units
from tests.browser.chromium import CHROMIUM, sign_in
from tests.builders import a_cycle, a_place, a_user
from tests.live import Server, a_server

VILLAGES = [f"{name}村" for name in ("白马", "青龙", "石桥", "东风", "红星", "新店", "河口")]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium here (apt-get install chromium)"),
]


@pytest.fixture
def server(sqlite_settings) -> Iterator[Server]:
    """Serve a cycle with villages and no poll."""
    with a_place(sqlite_settings) as place:
        a_cycle(place)
        add_units(place, 1, VILLAGES)
        a_user(place, "wang")
    with a_server(sqlite_settings) as running:
        yield running


def test_an_organiser_makes_all_villages_polls_goes_back_and_reloads_and_loses_nothing(
    browser, server
):
    context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 900})
    page = context.new_page()
    sign_in(page, f"{server.url}/office/", "wang")
    page.goto(f"{server.url}/office/cycles/1")
    page.get_by_role("link", name="新建测评活动").first.click()
    page.get_by_role("link", name=re.compile("选这个 ?村述村评")).click()

    page.get_by_role("searchbox", name="在名单里找").fill("河口")
    assert page.get_by_role("checkbox", name="白马村").is_hidden()
    page.get_by_role("button", name="全不选").click()
    page.get_by_role("searchbox", name="在名单里找").fill("")
    assert page.get_by_role("checkbox", name="白马村").is_checked(), "what was not found stays"
    assert not page.get_by_role("checkbox", name="河口村").is_checked()
    page.get_by_text("从表格里粘贴").click()
    table = "\n".join(f"{name}\t7\t8\t20\t5" for name in VILLAGES)
    page.get_by_label("每行一个单位").fill(table)
    page.get_by_role("button", name="核对：看看会建成什么").click()
    assert "将一次建立 6 场测评活动" in page.inner_text("main")

    page.reload()
    page.get_by_role("link", name="返回修改").click()
    assert page.get_by_role("textbox", name="红星村 党员").input_value() == "20"
    page.get_by_role("textbox", name="红星村 党员").fill("31")
    page.get_by_role("textbox", name="红星村 党员").press("Enter")
    assert "党员 31" in page.inner_text("main"), "Enter goes on, and moves or removes nothing"
    page.go_back()
    page.go_forward()
    page.get_by_role("button", name="建立这 6 场").click()

    assert "测评活动已全部建好" in page.inner_text("main")
    page.get_by_role("link", name="红星村2023年度村述村评").click()
    page.get_by_role("link", name="预览手机页面和样票").click()
    page.get_by_text("好", exact=True).first.click()
    assert page.locator(".phone button[type=submit]").is_disabled()
    context.close()
