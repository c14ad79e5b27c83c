"""Polls made and changed in forms: from an occasion to drafts, nothing lost, nothing by halves."""

import tomllib

import pytest

from ballot.domain.definition import Blank
from ballot.domain.people import Role
from ballot.domain.polls import Phase
from ballot.services import confirmations, copies, polls
from ballot.services.confirmable import ANNUL
from ballot.storage import events
from tests import assessment
from tests.builders import (
    LEADERS_POLL,
    PASSWORD,
    VILLAGE_POLL,
    Place,
    a_cycle,
    a_poll,
    a_user,
    an_open_poll,
    print_ballots,
)
from tests.web.desk import LOGIN, Desk, a_desk, page
from tests.web.html_page import Page

NEW = "/office/cycles/1/polls/new"
PEER = f"{NEW}?way=each&part=village:village-peer-review"
LEADERS = f"{NEW}?way=together&part=village:leaders-review&part=station:leaders-review"
EDIT = "/office/polls/1/edit"
VILLAGES = ["白马村", "青龙村", "石桥社区"]
STATIONS = ["财政所", "司法所"]


@pytest.fixture
def place(sqlite_place: Place) -> Place:
    """Give a place with a cycle of three villages and two stations, and no poll."""
    a_cycle(sqlite_place)
    assessment.add_units(sqlite_place, 1, VILLAGES)
    assessment.add_units(sqlite_place, 1, STATIONS, kind="station")
    return sqlite_place


def typed(form: Page) -> list[tuple[str, str]]:
    """Return what a browser would send of the form as it stands, without a button."""
    pairs = []
    for field in form.every("input", "textarea", "select"):
        inside = field.inside("form")
        if inside is None or inside.get("id") != "sheet":
            continue
        kind = field.get("type")
        if field.tag == "textarea":
            pairs.append((field.get("name"), field.text))
        elif field.tag == "select":
            options = [o for o in form.every("option") if o.inside("select") is field]
            chosen = [o for o in options if "selected" in o.attributes] or options
            pairs.append((field.get("name"), chosen[0].get("value")))
        elif kind != "checkbox" or "checked" in field.attributes:
            pairs.append((field.get("name"), field.get("value")))
    return pairs


def filled(pairs: list[tuple[str, str]], **changes) -> dict[str, list[str]]:
    """Return fields for a client; `changes` by name with underscores, a list for several."""
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    for name, value in changes.items():
        fields[name.replace("_1", " 1").replace("_2", " 2")] = (
            value if isinstance(value, list) else [value]
        )
    return fields


def send(desk: Desk, form: Page, do: str, **changes):
    action = form.one("form", id="sheet").get("action")
    return desk.client.post(action, data=filled(typed(form), **changes) | {"do": [do]})


def made(desk: Desk, review: str):
    """Press the button of a review page."""
    shown = desk.read(review)
    form = next(f for f in shown.every("form") if f.get("action").endswith("/create"))
    fields = {
        field.get("name"): field.get("value")
        for field in shown.every("input")
        if field.inside("form") is form
    }
    return desk.client.post(form.get("action"), data=fields)


def every_poll(place: Place):
    with place.database.read() as connection:
        return polls.every(connection)


def test_every_village_gets_its_poll_at_once_from_a_table_that_was_pasted(place):
    desk = a_desk(place)
    assert "村述村评" in desk.read(NEW).text
    form = desk.read(PEER)
    heading = "村\t两委成员\t村民组长\t党员\t村民代表\n"
    table = f"{heading}白马村\t7\t8\t10\t5\n青龙村\t6\t9\t20\t5\n石桥社区\t5\t0\t31\t5\n"

    answer = send(desk, form, "review", pasted=table)

    assert answer.status_code == 303, page(answer).text
    review = desk.read(answer.location)
    assert "将一次建立 3 场测评活动" in review.text
    assert "石桥社区2023年度村述村评" in review.text
    assert every_poll(place) == []
    assert made(desk, answer.location).location == "/office/cycles/1/checklist"
    found = every_poll(place)
    assert [poll.title for poll in found] == [f"{name}2023年度村述村评" for name in VILLAGES]
    assert [[group.ballots for group in poll.definition.groups] for poll in found] == [
        [7, 8, 10, 5],
        [6, 9, 20, 5],
        [5, 31, 5],
    ]
    assert found[0].definition.groups[0].eligible == 7
    assert found[0].definition.sections[0].subjects[0].name == "白马村领导班子"


def test_one_village_s_mistake_is_named_with_its_group_and_makes_none_of_the_polls(place):
    desk = a_desk(place)
    table = "白马村\t7\t8\t10\t5\n青龙村\t6\t许多\t20\t5\n石桥社区\t\t0\t31\t5\n"

    answer = send(desk, desk.read(PEER), "review", pasted=table)

    assert answer.status_code == 422
    told = page(answer)
    assert "“青龙村”：“村民组长”的票数：须是不小于 1 的整数。" in told.text
    assert "“石桥社区”：“两委成员”的票数：缺少。" in told.text
    assert "白马村”：" not in told.text
    assert len([cell for cell in told.every("td") if cell.get("class") == "wrong"]) == 2
    assert ("cell 1", "许多") in typed(told), "nothing that was typed is lost"
    assert every_poll(place) == []


def test_a_pasted_table_with_a_stranger_in_it_is_refused_line_by_line(place):
    desk = a_desk(place)
    table = "单位\t两委成员\t组长\n白马存\t7\t8\n青龙村\t6\t9\n"

    answer = send(desk, desk.read(PEER), "paste", pasted=table)

    assert answer.status_code == 422
    told = page(answer)
    assert "第 1 行：没有参评人员类别“组长”" in told.text
    assert "第 2 行：名单里没有“白马存”，是不是“白马村”？" in told.text
    assert told.one("textarea", name="pasted").text == table


def test_many_villages_are_one_text_that_the_form_keeps(place):
    names = [f"第{number}村" for number in range(150)]
    assessment.add_units(place, 1, names)
    desk = a_desk(place)
    form = desk.read(PEER)
    assert not [e for e in form.every("input") if e.get("name").startswith("cell")]
    everybody = [*VILLAGES, *names]
    table = "\n".join(f"{name}\t7\t8\t{place}\t5" for place, name in enumerate(everybody, 9))

    more = send(desk, form, "more", pasted=table)
    kept = desk.read(more.location) if more.status_code == 303 else page(more)
    review = send(desk, kept, "review")

    assert kept.one("textarea", name="pasted").text.splitlines()[3] == "第0村\t7\t8\t12\t5"
    shown = desk.read(review.location) if review.status_code == 303 else page(review)
    assert "将一次建立 153 场测评活动" in shown.text


def test_leaders_rate_villages_and_stations_on_one_ballot_with_recusals_and_limits(place):
    desk = a_desk(place)
    form = desk.read(LEADERS)

    answer = send(
        desk,
        form,
        "review",
        key=["", ""],
        name=["党政领导", "人大代表"],
        ballots=["11", "6"],
        eligible=["11", "6"],
        weight=["70%", "0.3"],
        excludes_1=["财政所"],
        limits_1="好 2",
        told_2="司法所，所长王某，司法所王某",
        quorum_how="at_least",
        quorum="2/3",
        blank="required",
        instructions="请实事求是。",
        comments="yes",
    )

    assert answer.status_code == 303, page(answer).text
    assert "不评：财政所" in desk.read(answer.location).text
    done = made(desk, answer.location)
    assert done.location == "/office/polls/1"
    definition = every_poll(place)[0].definition
    assert [section.kind for section in definition.sections] == ["village", "station"]
    assert [limit.at_most for limit in definition.sections[0].limits] == [2]
    assert definition.sections[1].subjects[1].duty == "所长王某"
    assert definition.groups[0].excludes == {"财政所"}
    assert [str(group.weight) for group in definition.groups] == ["7/10", "3/10"]
    assert definition.blank is Blank.REQUIRED
    assert definition.comments
    assert str(definition.quorum.fraction) == "2/3"
    text = desk.get("/office/polls/1/poll.toml").text
    assert tomllib.loads(text)["sections"][1]["subjects"][1]["name"] == "司法所王某"


def test_mistakes_stand_at_their_fields_in_the_form_s_own_words(place):
    desk = a_desk(place)

    answer = send(
        desk,
        desk.read(LEADERS),
        "review",
        title=" ",
        ballots=["x"],
        limits_2="优秀 1",
        unit_1=[],
        told_2="李某，所长",
    )

    assert answer.status_code == 422
    told = page(answer)
    for words in (
        "标题：须是非空的文字。",
        "第 1 个类别“党政领导”的票数：须是不小于 1 的整数。",
        "第 1 张测评表的测评对象：须是至少一项的列表。",
        "第 2 张测评表的限额第 1 行：“优秀”无效",
        "职务写给了“李某”",
    ):
        assert words in told.text
    beside = [e.text for e in told.every("small") if "error" in e.get("class")]
    assert len(beside) == 5


def test_rows_of_groups_come_and_go_and_the_address_keeps_what_was_typed(place):
    desk = a_desk(place)

    more = send(desk, desk.read(LEADERS), "more", ballots=["11"], title="评议")
    form = desk.read(more.location)
    assert len(form.every("input", name="name")) == 2
    both = send(desk, form, "review", name=["党政领导", "人大代表"], ballots=["11", "5"])
    back = next(a for a in desk.read(both.location).every("a") if a.text == "返回修改")
    up = send(desk, desk.read(back.get("href")), "up 1")
    first = send(desk, desk.read(up.location), "remove 1")

    assert [e.get("value") for e in desk.read(up.location).every("input", name="name")] == [
        "人大代表",
        "党政领导",
    ]
    kept = dict(typed(desk.read(first.location)))
    assert (kept["name"], kept["ballots"], kept["title"]) == ("人大代表", "5", "评议")


def test_pressing_create_twice_makes_the_polls_once(place):
    desk = a_desk(place)
    review = send(desk, desk.read(LEADERS), "review", ballots=["11"]).location

    first = made(desk, review)
    again = desk.get(review)

    assert first.status_code == 303
    assert again.status_code == 422
    assert "已有名为“2023年度党政领导评议”的测评活动" in page(again).text
    assert len(every_poll(place)) == 1


def test_a_form_that_came_too_late_is_sent_again_after_signing_in(place):
    desk = a_desk(place)
    fields = filled(typed(desk.read(LEADERS)), ballots=["11"]) | {"do": ["review"]}
    place.clock.go(hours=2)

    lapsed = page(desk.client.post(NEW, data=fields))
    held = {
        field.get("name"): field.get("value")
        for field in lapsed.every("input", type="hidden")
        if field.inside("form") is lapsed.one("input", name="held").inside("form")
    }
    again = page(desk.client.post(LOGIN, data=held | {"name": "organiser", "password": PASSWORD}))
    form = next(f for f in again.every("form") if f.get("action") == NEW)
    sent = [
        (field.get("name"), field.get("value"))
        for field in again.every("input")
        if field.inside("form") is form
    ]
    review = desk.client.post(NEW, data=filled(sent))

    assert review.status_code == 303
    assert "党政领导 11 张票" in desk.read(review.location).text


def test_a_questionnaire_of_own_questions_and_levels_becomes_a_poll(sqlite_place):
    a_cycle(sqlite_place, "2022年度整脏治乱", "sanitation-2022")
    assessment.add_units(sqlite_place, 1, ["东门社区"], kind="community")
    desk = a_desk(sqlite_place)
    form = desk.read(f"{NEW}?way=each&part=community:satisfaction")

    answer = send(
        desk,
        form,
        "review",
        cell_0=["200"],
        **{"cell 0": ["200"]},
        questions_1="街道干净吗\n垃圾清运及时吗 ×2",
        scale_1="levels",
        levels_1="满意，100，认可\n一般，50，不认可\n不满意，0，不认可",
    )

    assert answer.status_code == 303, page(answer).text
    assert made(desk, answer.location).location == "/office/polls/1"
    (section,) = every_poll(sqlite_place)[0].definition.sections
    assert [(q.text, q.weight) for q in section.questions] == [
        ("街道干净吗", 1),
        ("垃圾清运及时吗", 2),
    ]
    assert section.rule.scale.labels == ("满意", "一般", "不满意")


def test_a_draft_is_changed_in_the_form_it_came_from_and_the_log_says_what(place):
    a_poll(place, VILLAGE_POLL)
    with place.database.write() as connection:
        copies.rehearse(connection, 1, by="test", now=place.clock())
    desk = a_desk(place)
    form = desk.read(EDIT)
    unchanged = send(desk, form, "save")
    assert unchanged.status_code == 303

    saved = send(desk, form, "save", title="白马村村述村评", ballots=["8", "8", "10", "5"])

    assert (saved.status_code, saved.location) == (303, "/office/polls/1")
    definition = place.poll(1).definition
    assert (definition.title, definition.groups[0].ballots) == ("白马村村述村评", 8)
    assert definition.groups[0].key == "committee"
    assert place.poll(2).definition.groups[0].ballots == 7, "its rehearsal stays what it was"
    with place.database.read() as connection:
        told = [
            e.details["changed"] for e in events.every(connection) if e.action == "poll changed"
        ]
    assert told == [["title", "groups"]]


def test_printed_slips_hold_title_and_groups_in_place_and_leave_the_rest_open(place):
    poll = a_poll(place, VILLAGE_POLL)
    print_ballots(place, poll, group="leaders")
    desk = a_desk(place)
    form = desk.read(EDIT)
    assert "已印 8 张票，都还有效" in form.text
    names = ["两委成员", "村民组长", "党员", "村民代表"]

    refused = {
        "title": send(desk, form, "save", title="另一个标题"),
        "name": send(desk, form, "save", name=[names[0], "组长", *names[2:]]),
        "gone": send(desk, form, "save", name=["", *names[1:]], ballots=["", "8", "10", "5"]),
    }
    allowed = send(
        desk,
        form,
        "save",
        name=["“两委”成员", *names[1:3], ""],
        ballots=["7", "9", "10", ""],
        unit_1=["青龙村"],
    )

    assert {key: answer.status_code for key, answer in refused.items()} == dict.fromkeys(
        refused, 422
    )
    assert "标题印在票上，不能再改" in page(refused["title"]).text
    assert "名称印在票上，不能再改" in page(refused["name"]).text
    assert "印好的票按位置认类别" in page(refused["gone"]).text
    assert allowed.status_code == 303, page(allowed).text
    definition = place.poll(1).definition
    assert [group.key for group in definition.groups] == ["committee", "leaders", "party"]
    assert definition.sections[0].subjects[0].unit == "青龙村"


def test_a_draft_is_not_changed_under_the_eyes_of_who_has_to_confirm(place):
    a_poll(place, VILLAGE_POLL)
    asker = a_user(place, "asker")
    desk = a_desk(place)
    form = desk.read(EDIT)
    with place.database.write() as connection:
        said = {"asker": asker, "now": place.clock()}
        confirmations.ask(connection, ANNUL, 1, {"reason": "错了"}, **said)

    assert desk.get(EDIT).status_code == 409
    assert "正等第二人确认" in page(send(desk, form, "save", title="新")).text


def test_two_who_change_a_draft_at_once_do_not_overwrite_each_other(place):
    a_poll(place, VILLAGE_POLL)
    desk = a_desk(place)
    mine, yours = desk.read(EDIT), desk.read(EDIT)

    assert send(desk, mine, "save", title="甲").status_code == 303
    late = send(desk, yours, "save", title="乙")

    assert late.status_code == 409
    assert ("title", "乙") in typed(page(late))
    assert place.poll(1).title == "甲"


def test_a_draft_without_slips_is_deleted_for_good_and_one_with_slips_is_not(place):
    a_poll(place, VILLAGE_POLL)
    print_ballots(place, a_poll(place, LEADERS_POLL))
    rehearsed = a_poll(place, VILLAGE_POLL)
    with place.database.write() as connection:
        copies.rehearse(connection, rehearsed.id, by="test", now=place.clock())
    desk = a_desk(place)

    unticked = desk.send("/office/polls/1/delete")
    done = desk.send("/office/polls/1/delete", confirm="yes")

    assert unticked.status_code == 422
    assert (done.status_code, done.location) == (303, "/office/cycles/1")
    assert desk.get("/office/polls/1").status_code == 404
    assert "已经印了 11 张票" in page(desk.get("/office/polls/2/delete")).text
    assert "有演练或复制的活动（编号 4）" in page(desk.get("/office/polls/3/delete")).text
    assert "是演练" in page(desk.get("/office/polls/4/delete")).text
    assert a_poll(place, VILLAGE_POLL).id == 5, "its number is not given again"


def test_an_open_poll_is_neither_changed_nor_deleted(place):
    an_open_poll(place, VILLAGE_POLL)
    desk = a_desk(place)

    assert desk.get(EDIT).status_code == desk.get("/office/polls/1/delete").status_code == 409
    assert place.poll(1).phase is Phase.OPEN


@pytest.mark.parametrize("packed", ["x", "AAAA", "eJyLjgUAARUAuQ==", "%00"])
def test_an_address_that_no_page_made_is_refused_in_words(place, packed):
    desk = a_desk(place)

    answer = desk.get(f"{NEW}?s={packed}")

    assert answer.status_code in {409, 422, 200}
    assert "Traceback" not in answer.text


def test_an_occasion_that_the_scheme_does_not_have_is_refused(place):
    desk = a_desk(place, Role.ADMIN)

    for wrong in ("way=each&part=village:base-work", "way=x&part=station:report-review"):
        assert "本方案没有这样的测评" in page(desk.get(f"{NEW}?{wrong}")).text
