"""Cycles in forms: a new one, its title, removing one, next year's copy; by real requests."""

import pytest

from ballot.domain.people import Role
from ballot.scoring import scheme_names
from ballot.services import cycles, next_year, own_schemes, units
from ballot.services.next_year import next_title
from ballot.storage import events, polls
from tests.assessment import a_clerk, a_cycle_with_units, enter
from tests.builders import LEADERS_POLL, VILLAGE_POLL, Place, a_cycle, a_poll
from tests.services.test_own_schemes import TO_TEN, change
from tests.services.test_standings import annul
from tests.web.desk import a_desk, page

NEW = "/office/cycles/new"
CYCLE = "/office/cycles/1"


def every(place: Place) -> list:
    with place.database.read() as connection:
        return cycles.every(connection)


def actions(place: Place) -> list[str]:
    with place.database.read() as connection:
        return [each.action for each in events.every(connection)]


def refusal(answer) -> str:
    return " ".join(page(answer).one("div", role="alert").text.split())


def test_from_an_empty_office_to_a_cycle_with_readings_of_ones_own(sqlite_place):
    desk = a_desk(sqlite_place)
    empty = desk.read("/office/")
    [start] = [a.get("href") for a in empty.every("a") if a.text == "新建考核周期"]
    offered = [a.get("href") for a in desk.read(start).every("a") if a.text == "用这个方案"]
    [street] = [address for address in offered if "street-2023" in address]

    made = desk.send(street, title=" 2023年度考核 ", **{"set rest-by-rank": "1/3"})

    assert len(offered) == len(scheme_names())
    assert made.location == CYCLE
    [cycle] = every(sqlite_place)
    assert (cycle.title, cycle.scheme) == ("2023年度考核", "street-2023")
    assert dict(cycle.settings) == {"rest-by-rank": "1/3"}
    assert "本周期另设口径" in desk.read(CYCLE).text


def test_a_refused_new_cycle_keeps_what_was_typed(sqlite_place):
    desk = a_desk(sqlite_place)
    address = f"{NEW}?scheme=street-2023"

    unnamed = desk.send(address, title=" ", **{"set rest-by-rank": "1/3"})
    wrong = desk.send(address, title="2023年度", **{"set rest-by-rank": "半数"})

    assert "考核周期的名称不能为空" in refusal(unnamed)
    assert page(unnamed).one("input", name="set rest-by-rank").get("value") == "1/3"
    assert "须是大于 0" in refusal(wrong)
    assert page(wrong).one("input", name="title").get("value") == "2023年度"
    assert every(sqlite_place) == []


def test_whoever_may_not_make_a_cycle_is_told_who_may(sqlite_place):
    home = a_desk(sqlite_place, Role.SCORER).read("/office/")

    assert "由组织者或管理员新建" in home.text
    assert not [a for a in home.every("a") if a.get("href") == NEW]


def test_a_cycle_is_renamed_and_named_back_and_the_log_keeps_both(sqlite_place):
    a_cycle(sqlite_place, "甲")
    desk = a_desk(sqlite_place)

    desk.send(f"{CYCLE}/edit", title="乙")
    between = every(sqlite_place)[0].title
    desk.send(f"{CYCLE}/edit", title="甲")
    refused = desk.send(f"{CYCLE}/edit", title="长" * 101)

    assert (between, every(sqlite_place)[0].title) == ("乙", "甲")
    assert actions(sqlite_place).count("cycle renamed") == 2
    assert "最多 100 个字" in refusal(refused)


def test_an_empty_cycle_is_removed_when_its_title_is_written_and_its_number_never_comes_back(place):
    a_cycle(place, "错的")
    change(place, "components", "village", fields=TO_TEN)
    desk = a_desk(place)
    token = {"csrf_token": desk.token(f"{CYCLE}/edit")}

    refused = desk.client.post(f"{CYCLE}/remove", data=token | {"words": "别的"})
    gone = desk.client.post(f"{CYCLE}/remove", data=token | {"words": "错的"})

    assert "照写周期的名称“错的”" in refusal(refused)
    assert gone.status_code == 303
    assert every(place) == []
    assert a_cycle(place, "对的") == 2
    assert desk.get(CYCLE).status_code == 404


@pytest.mark.parametrize("begun", [a_poll, a_cycle_with_units])
def test_a_cycle_that_holds_anything_is_not_removed(sqlite_place, begun):
    begun(sqlite_place)
    desk = a_desk(sqlite_place)

    refused = desk.client.post(
        f"{CYCLE}/remove",
        data={"csrf_token": desk.token(f"{CYCLE}/edit"), "words": every(sqlite_place)[0].title},
    )

    assert refused.status_code == 409
    assert "不能删除" in refusal(refused)
    assert len(every(sqlite_place)) == 1


@pytest.mark.parametrize(
    ("title", "later"),
    [
        ("2023年度综合目标管理考核", "2024年度综合目标管理考核"),
        ("2023—2024年度考核", "2024—2025年度考核"),
        ("二〇二三年度考核", "二〇二三年度考核".replace("二三", "二四")),
        ("二〇二九年考核", "二〇三〇年考核"),
        ("二零二三年考核", "二〇二四年考核"),
        ("第12023号文件", "第12023号文件"),
        ("综合考核", "综合考核"),
    ],
)
def test_every_year_in_a_title_is_one_later(title, later):
    assert next_title(title) == later


def test_next_years_cycle_takes_over_what_was_ticked_and_nothing_that_was_voted(sqlite_place):
    a_cycle_with_units(sqlite_place)
    a_poll(sqlite_place, VILLAGE_POLL)
    a_poll(sqlite_place, LEADERS_POLL)
    annul(sqlite_place, a_poll(sqlite_place, LEADERS_POLL.replace("2023年度", "作废的")).id)
    change(sqlite_place, "components", "village", fields=TO_TEN)
    enter(sqlite_place, {("白马村", "base-work.party.militia"): "2"})
    a_clerk(sqlite_place, "党建办")
    desk = a_desk(sqlite_place)

    shown = desk.read(f"{CYCLE}/copy")
    made = desk.send(
        f"{CYCLE}/copy", poll="1", kind="village", duties="yes", confirm="yes",
        **{"title 1": "白马村2024年度村民评议"},
    )  # fmt: skip

    assert "作废的" not in shown.text
    assert made.location == "/office/cycles/2"
    old, new = every(sqlite_place)
    assert (new.title, new.scheme) == ("2024年度综合目标管理考核", "street-2023+2")
    assert (old.own, old.scheme) == (new.own, "street-2023+1")
    with sqlite_place.database.read() as connection:
        [draft] = polls.every(connection, 2)
        names = [unit.name for unit in units.roster(connection, 2, "village").units]
        duties = next_year.plan(connection, 2).duties
    assert names == ["白马村", "青龙村", "石桥社区"]
    assert (draft.title, draft.definition.scheme) == ("白马村2024年度村民评议", "street-2023+2")
    assert [group.ballots for group in draft.definition.groups] == [7, 8, 10, 5]
    assert draft.definition.sections[0].rule.full_marks == 10
    assert [(each.user.name, set(each.offices)) for each in duties] == [("office", {"党建办"})]
    assert {"cycle copied", "poll copied"} <= set(actions(sqlite_place))


def test_a_copy_that_is_refused_makes_nothing_and_keeps_the_ticks(sqlite_place):
    a_poll(sqlite_place, VILLAGE_POLL)
    a_poll(sqlite_place, LEADERS_POLL)
    desk = a_desk(sqlite_place)

    refused = desk.send(
        f"{CYCLE}/copy", poll="2", confirm="yes", title="", **{"title 2": "长" * 61}
    )

    assert "考核周期的名称不能为空" in refusal(refused)
    assert "测评活动 2 的名称：最多 60 个字" in refusal(refused)
    ticks = page(refused).every("input", name="poll")
    assert ["checked" in each.attributes for each in ticks] == [False, True]
    assert len(every(sqlite_place)) == 1


def test_a_copied_cycle_goes_its_own_way(sqlite_place):
    a_cycle(sqlite_place)
    with sqlite_place.database.write() as connection:
        said = {"titles": {}, "duties": False, "by": "test", "now": sqlite_place.clock()}
        number = next_year.copy(connection, 1, title="下一年", kinds=[], **said)

    change(sqlite_place, "components", "village", cycle=number, fields=TO_TEN)

    with sqlite_place.database.read() as connection:
        assert own_schemes.of(connection, 1).changes == []
        assert len(own_schemes.of(connection, number).changes) == 2


def test_no_cycle_is_copied_renamed_or_made_to_the_title_of_another(sqlite_place):
    a_cycle(sqlite_place)
    desk = a_desk(sqlite_place)
    year = "2024年度综合目标管理考核"

    copied = desk.send(f"{CYCLE}/copy", title=year, confirm="yes")
    again = desk.send(f"{CYCLE}/copy", title=year, confirm="yes")
    renamed = desk.send(f"{CYCLE}/edit", title=year)
    made = desk.send(f"{NEW}?scheme=street-2023", title=f" {year}")

    assert copied.status_code == 303
    for refused in (again, renamed, made):
        assert refused.status_code == 409
        assert f"已有名为“{year}”的考核周期" in page(refused).one("div", role="alert").text
    with sqlite_place.database.read() as connection:
        assert len(cycles.every(connection)) == 2
