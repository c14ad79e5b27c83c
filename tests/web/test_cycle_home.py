"""A cycle's home page: where everything stands, and what to do next."""

from ballot.domain.people import Role
from tests.assessment import a_cycle_with_units, a_leaders_poll, approve, complete
from tests.builders import ONE_GROUP_POLL, a_cycle, a_poll, an_open_poll, close, print_ballots
from tests.web.desk import a_desk

HOME = "/office/cycles/1"
ELSEWHERE = ONE_GROUP_POLL.replace("白马村", "青龙村")


def steps(page):
    (listed,) = page.every("ol", **{"class": "steps"})
    return {
        " ".join(one.text.split()): [
            a.get("href") for a in page.every("a") if a.inside("li") is one
        ]
        for one in page.every("li")
        if one.inside("ol") is listed
    }


def test_an_empty_cycle_asks_for_its_units_first(sqlite_place):
    a_cycle(sqlite_place)
    assert steps(a_desk(sqlite_place).read(HOME)) == {
        "录入参加考核的单位名单。": ["/office/cycles/1/kinds/village/units"]
    }


def test_what_is_next_is_told_for_every_poll_and_office_with_a_way_there(sqlite_place):
    a_cycle_with_units(sqlite_place)
    draft = a_poll(sqlite_place)
    printed = a_poll(sqlite_place, ELSEWHERE)
    print_ballots(sqlite_place, printed)
    a_leaders_poll(sqlite_place, certified=False)

    told = steps(a_desk(sqlite_place, Role.ADMIN).read(HOME))
    assert list(told) == [
        "为“村述村评”建立测评活动：石桥社区。",
        "印票：1 个测评活动还没有印票。",
        "开始投票：1 个测评活动已印好票。",
        "正在投票：1 个测评活动，投完后结束投票。",
        "录入“村（社区）”的分数：还差 105 项（党建办6、武装部3、政务服务中心3、妇联3、团委3…）。",
    ]
    links = [link for found in told.values() for link in found]
    assert f"/office/polls/{draft.id}/print" in links
    assert f"/office/polls/{printed.id}" in links
    assert "/office/cycles/1/kinds/village/entries" in links


def test_a_kind_of_which_everything_is_there_is_to_be_approved_and_then_made_known(
    sqlite_place,
):
    complete(sqlite_place)
    desk = a_desk(sqlite_place, Role.SCORER)
    assert list(steps(desk.read(HOME))) == [
        "“村（社区）”的分数已经齐全：核对总评，报党政会议审定。"
    ]
    approve(sqlite_place)
    assert list(steps(desk.read(HOME))) == [
        "公示：“村（社区）”的总评已审定，还没有公示。",
        "书面通知“村（社区）”：还有 3 个没有送达。",
    ]


def test_a_units_votes_count_once_where_they_are_furthest(sqlite_place):
    a_cycle_with_units(sqlite_place)
    a_leaders_poll(sqlite_place, ["白马村", "青龙村"])
    a_leaders_poll(sqlite_place, ["青龙村", "石桥社区"], certified=False)
    shown = " ".join(a_desk(sqlite_place).read(HOME).text.split())
    assert "党政领导评议 投票 已认定 2 / 3 · 进行中 1" in shown


def test_polls_are_found_by_words_of_their_title_or_subjects_and_by_phase(sqlite_place):
    a_cycle_with_units(sqlite_place)
    poll, _ = an_open_poll(sqlite_place)
    close(sqlite_place, poll)
    a_poll(sqlite_place, ELSEWHERE)
    desk = a_desk(sqlite_place)

    def found(query):
        page = desk.read(f"{HOME}?{query}")
        return [a.text.strip() for a in page.every("a") if "/office/polls/" in a.get("href")][-2:]

    both = ["白马村2023年度村述村评", "青龙村2023年度村述村评"]
    assert found("q=") == found("q=村述村评 2023") == both
    assert found("q=青龙村领导")[-1:] == both[1:]
    assert "没有符合条件的测评活动。" in desk.get(f"{HOME}?q=青龙&phase=closed").text
    assert "没有符合条件的测评活动。" not in desk.get(f"{HOME}?q=白马&phase=closed").text
    assert found("phase=nonsense") == both


def test_of_many_polls_the_first_page_lists_those_that_need_somebody(sqlite_place):
    a_cycle_with_units(sqlite_place)
    for _ in range(12):
        a_poll(sqlite_place)
    poll, _ = an_open_poll(sqlite_place, ELSEWHERE)
    page = a_desk(sqlite_place).read("/office/")
    links = [a.get("href") for a in page.every("a")]
    assert [link for link in links if "/polls/" in link] == [f"/office/polls/{poll.id}"]
    assert "全部 13 个测评活动" in page.text
