"""Notices on the web: public in their period alone, without a cookie, with what may be posted."""

import re
from typing import Any

import pytest

from ballot.domain.people import Role
from ballot.domain.polls import Phase
from ballot.errors import MistakesError
from tests.anonymity.test_small_groups import a_certified_poll
from tests.assessment import (
    a_leaders_poll,
    add_units,
    approve,
    complete,
    enter,
    withdraw_approval,
)
from tests.builders import ONE_GROUP_POLL, Place, a_cycle, an_open_poll, cast, certify, close
from tests.publication import CONTACT, a_draft, a_notice, annul, publish
from tests.web.desk import Desk, a_desk, page
from tests.web.test_comments import a_commented_poll, everything_decided

NOTICES = "/office/cycles/1/notices"


def a_public_page(place: Place, number: int = 1) -> Any:
    return place.client().get(f"/notices/{number}")


def form_fields(**more: str) -> dict[str, str]:
    return {
        "title": "2023年度考核结果公示",
        "text": "现将结果予以公示。",
        "start_on": "2023-12-28",
        "days": "5",
        "contact_name": CONTACT.name,
        "contact_phone": CONTACT.phone,
        "contact_place": CONTACT.place,
        **more,
    }


def test_a_notice_is_written_looked_at_published_and_taken_down(place):
    complete(place)
    approve(place)
    desk = a_desk(place)

    saved = desk.send(f"{NOTICES}/new", **form_fields(item="kind:village"))
    draft = desk.read(saved.location)
    before = desk.client.get("/notices/1").status_code
    action = f"{NOTICES}/1/publish"
    held = {"csrf_token": desk.token(saved.location), "confirm": "yes"}
    held["seen"] = draft.one("input", name="seen").get("value")
    published = desk.client.post(action, data=held)
    public = page(desk.client.get("/notices/1"))
    taken = desk.send(f"{NOTICES}/1/withdraw", why="数字有误", confirm="yes")
    gone = page(desk.client.get("/notices/1"))

    assert "这是草稿，外面看不到" in draft.text
    assert before == 404
    assert (published.status_code, taken.status_code) == (303, 303)
    assert "白马村" in public.text
    assert "到2024年1月2日24时止" in public.text
    assert CONTACT.phone in public.text
    assert "已于 2023年12月28日" in gone.text
    assert "白马村" not in gone.text
    assert "数字有误" not in gone.text
    assert desk.read(NOTICES).one("span", **{"class": "posting withdrawn"}).text == "已撤下"


def test_the_public_page_shows_its_content_from_the_first_day_to_the_last_midnight(sqlite_place):
    poll = a_leaders_poll(sqlite_place)
    a_notice(sqlite_place, f"poll:{poll.id}", starts_in=1, days=5)

    seen = []
    for minutes in (0, 869, 2, 6 * 1440 - 2, 2):  # 09:30; 23:59, 00:01; the last day's 23:59, 00:01
        sqlite_place.clock.go(minutes=minutes)
        told = page(a_public_page(sqlite_place)).text
        words = re.search("还没有开始|公示期已满", told)
        seen.append((words[0] if words else "", "白马村" in told))
    sqlite_place.clock.go(days=400)
    listed = page(sqlite_place.client().get("/notices")).text

    coming, shown, over = ("还没有开始", False), ("", True), ("公示期已满", False)
    assert seen == [coming, coming, shown, shown, over]
    assert "现在没有公示" in listed


def test_the_public_pages_set_no_cookie_and_need_no_account_or_script(sqlite_place):
    """Headers and cookies of every answer are checked by the client itself."""
    poll = a_leaders_poll(sqlite_place)
    a_notice(sqlite_place, f"poll:{poll.id}")

    for path in ("/notices", "/notices/1", "/notices/1?lang=en"):
        answer = sqlite_place.client().get(path)
        shown = page(answer)

        assert answer.status_code == 200
        assert "set-cookie" not in {name.lower() for name, _ in answer.headers}
        assert shown.every("script") == []
        assert shown.every("form") == []
        assert shown.one("meta", name="robots").get("content") == "noindex"


def test_a_persons_marks_are_never_on_the_public_page(sqlite_place):
    """A person is a subject with a duty: left out, and a poll of persons alone is refused."""
    text = ONE_GROUP_POLL.replace(
        'subjects = [{ unit = "白马村", name = "白马村领导班子" }]',
        'subjects = [{ unit = "白马村" }, { unit = "石桥社区", name = "张三", duty = "书记" }]',
    )
    mixed, codes = an_open_poll(sqlite_place, text, 8)
    for n, code in enumerate(codes):
        cast(sqlite_place, mixed, code, 0, 0 if n < 5 else 3)
    close(sqlite_place, mixed)
    certify(sqlite_place, mixed)
    a_notice(sqlite_place, f"poll:{mixed.id}")

    told = page(a_public_page(sqlite_place)).text

    assert "白马村8/8100.00%4.50" in told
    assert "张三" not in told
    assert "62.50" not in told
    assert "个人的结果不公示" in told


PERSONS = [f"{letter}同志" for letter in "甲乙丙丁戊己庚"]
PERSONS_POLL = f"""
title = "2023年度民主测评"
scheme = "municipal"
kind = "person"
component = "ballot"
subjects = [{", ".join(f'{{ unit = "{name}" }}' for name in PERSONS)}]
groups = [{{ key = "all", name = "干部职工", ballots = 6 }}]
"""


def test_of_municipal_persons_only_the_names_of_those_proposed_are_public(sqlite_place):
    """Seven persons, one place for 优秀: one name is posted, without a figure; their poll never."""
    cycle = a_cycle(sqlite_place, scheme="municipal")
    add_units(sqlite_place, cycle, PERSONS, "person")
    poll, codes = an_open_poll(sqlite_place, PERSONS_POLL)
    for code in codes:
        cast(sqlite_place, poll, code, 0)
    close(sqlite_place, poll)
    certify(sqlite_place, poll)
    goals = {(name, "goals"): f"{99 - n}.25" for n, name in enumerate(PERSONS)}
    enter(sqlite_place, goals, kind="person")
    approve(sqlite_place, "person")

    with pytest.raises(MistakesError, match="这类测评的结果不公示"):
        a_draft(sqlite_place, f"poll:{poll.id}")
    a_notice(sqlite_place, "kind:person")
    posted = page(a_public_page(sqlite_place))

    assert [cell.text for cell in posted.every("td")] == ["甲同志", "优秀"]
    assert [name for name in PERSONS[1:] if name in posted.text] == []
    assert "99" not in posted.text


def test_what_the_scheme_does_not_let_be_posted_cannot_be_chosen(sqlite_place):
    a_cycle(sqlite_place, scheme="village-instructor")
    add_units(sqlite_place, 1, ["张三"], "instructor")
    desk = a_desk(sqlite_place)

    form = desk.read(f"{NOTICES}/new")
    answer = desk.send(f"{NOTICES}/new", **form_fields(item="kind:instructor"))

    assert "disabled" in form.one("input", name="item").attributes
    assert "什么都不公示" in form.text
    assert answer.status_code == 422
    assert "什么都不公示" in page(answer).text
    assert page(answer).one("input", id="contact_phone").get("value") == CONTACT.phone


def test_publishing_publishes_its_polls_and_an_annulled_one_is_shown_no_more(sqlite_place):
    poll = a_leaders_poll(sqlite_place)
    a_notice(sqlite_place, f"poll:{poll.id}")
    published = sqlite_place.poll(poll.id).phase

    annul(sqlite_place, poll.id)
    told = page(a_public_page(sqlite_place)).text

    assert published is Phase.PUBLISHED
    assert "已经撤销或更正，不再公示" in told
    assert "白马村" not in told


def test_a_standing_whose_approval_was_withdrawn_is_shown_no_more(sqlite_place):
    complete(sqlite_place)
    approve(sqlite_place)
    a_notice(sqlite_place, "kind:village")
    before = page(a_public_page(sqlite_place)).text

    withdraw_approval(sqlite_place)
    after = page(a_public_page(sqlite_place)).text

    assert "93.50" in before
    assert "93.50" not in after
    assert "已经撤销或更正" in after


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"item": ""}, "请选择要公示的内容。"),
        ({"item": "poll:99"}, "请选择要公示的内容。"),
        ({"days": "8"}, "公示期应为 5 至 7 天。"),
        ({"days": "五"}, "公示期应为 5 至 7 天。"),
        ({"start_on": "2023-12-27"}, "开始日期已经过去。"),
        ({"contact_phone": " "}, "请填写联系电话。"),
        ({"title": "公\u202e示"}, "标题："),
    ],
)
def test_a_form_that_is_not_whole_is_refused_and_loses_nothing(sqlite_place, changed, told):
    poll = a_leaders_poll(sqlite_place)
    desk = a_desk(sqlite_place)

    fields = form_fields(item=f"poll:{poll.id}", **{})
    answer = desk.send(f"{NOTICES}/new", **{**fields, **changed})

    assert answer.status_code == 422
    assert told in page(answer).one("div", **{"class": "refusal"}).text
    assert page(answer).one("textarea", id="text").text == fields["text"]


def test_what_changed_since_it_was_looked_at_is_not_published(sqlite_place):
    poll = a_leaders_poll(sqlite_place)
    draft = a_draft(sqlite_place, f"poll:{poll.id}")
    desk = a_desk(sqlite_place)
    token = desk.token(f"{NOTICES}/1")

    fields = {"csrf_token": token, "seen": "0" * 64, "confirm": "yes"}
    answer = desk.client.post(f"{NOTICES}/1/publish", data=fields)
    publish(sqlite_place, draft)
    again = desk.client.post(f"{NOTICES}/1/publish", data=fields)

    assert "在您查看以后有了变动" in page(answer).text
    assert (answer.status_code, again.status_code) == (409, 409)
    assert desk.get(f"{NOTICES}/1/edit").status_code == 409


def test_only_organisers_write_notices_and_the_staff_reads_them(sqlite_place):
    poll = a_leaders_poll(sqlite_place)
    a_draft(sqlite_place, f"poll:{poll.id}")
    auditor = a_desk(sqlite_place, Role.AUDITOR)

    assert "发布公示" not in auditor.read(f"{NOTICES}/1").text
    assert auditor.get(f"{NOTICES}/new").status_code == 403


def test_comments_are_posted_only_after_moderation_and_with_the_poll(sqlite_place):
    address = a_commented_poll(sqlite_place)
    desk = a_desk(sqlite_place)
    certify(sqlite_place, sqlite_place.poll(1))
    before = desk.read(a_draft_page(desk))
    everything_decided(sqlite_place, desk, address)
    assert desk.send(f"{address}/publish", confirm="yes").status_code == 303

    a_notice(sqlite_place, "poll:1")
    told = page(a_public_page(sqlite_place, 2)).text

    assert "意见（经审核）" not in before.text
    assert "意见（经审核）" in told
    assert "骂人的话" not in told
    assert "张三" not in told


def a_draft_page(desk: Desk) -> str:
    """Write a draft about the first poll and return its address."""
    return str(desk.send(f"{NOTICES}/new", **form_fields(item="poll:1")).location)


def test_few_ballots_and_small_groups_are_not_posted(sqlite_place):
    """Fewer than k: refused. A small weighted group: points alone, which two shares would tell."""
    few, codes = an_open_poll(sqlite_place, ONE_GROUP_POLL)
    for code in codes[:4]:
        cast(sqlite_place, few, code, 0)
    close(sqlite_place, few)
    certify(sqlite_place, few)
    weighted = a_certified_poll(sqlite_place)

    with pytest.raises(MistakesError, match="收回不足 5 票"):
        a_draft(sqlite_place, f"poll:{few.id}")
    a_notice(sqlite_place, f"poll:{weighted.id}")
    told = page(a_public_page(sqlite_place))

    assert [cell.text for cell in told.every("td")] == ["白马村", "3.50"]
    assert "只公示得分" in told.text


def test_a_draft_that_may_not_be_posted_any_more_can_be_changed_and_given_up(sqlite_place):
    complete(sqlite_place)
    approve(sqlite_place)
    a_draft(sqlite_place, "kind:village")
    withdraw_approval(sqlite_place)
    desk = a_desk(sqlite_place)

    opened = desk.get(f"{NOTICES}/1")
    form = page(opened).one("form", **{"class": "publishing"})
    links = [a.get("href") for a in page(opened).every("a")]

    assert opened.status_code == 409
    assert "总评还没有审定" in page(opened).one("div", role="alert").text
    assert form.get("action") == f"{NOTICES}/1/edit"
    assert f"{NOTICES}/1/withdraw" in links
    assert desk.send(f"{NOTICES}/1/withdraw", why="撤销审定", confirm="yes").status_code == 303
