"""Checklists: every point told, and those in the way are exactly what opening refuses."""

from dataclasses import replace

import pytest
from sqlalchemy import event

from ballot.domain.checklist import Checklist, State
from ballot.domain.people import Role
from ballot.errors import BallotError
from ballot.services import checklists, confirmations, copies, people
from ballot.services.confirmable import OPEN
from tests import assessment
from tests.builders import (
    LEADERS_POLL,
    ONE_GROUP_POLL,
    PASSWORD,
    VILLAGE_POLL,
    Place,
    a_cycle,
    a_poll,
    a_user,
    an_open_poll,
    open_poll,
    print_ballots,
)

ABOUT_A_PERSON = ONE_GROUP_POLL.replace('name = "白马村领导班子"', 'name = "李监票"')


def of(place: Place, poll_id: int = 1, **settings) -> Checklist:
    with place.database.read() as connection:
        found = checklists.of_poll(connection, poll_id, replace(place.settings, **settings))
    assert found is not None
    return found


def told(checklist: Checklist, state: State) -> str:
    return "\n".join(str(point.text) for point in checklist.having(state))


def an_account(place: Place, name: str, role: Role, *, full_name: str = "", **more) -> None:
    with place.database.write() as connection:
        people.add_user(
            connection,
            name=name,
            role=role,
            password=PASSWORD,
            full_name=full_name,
            by="test",
            now=place.clock(),
            **more,
        )


def opens(place: Place) -> bool:
    """Try to open the poll with every pair of accounts, each time to be undone."""
    details = {"closes_at": None, "grace_seconds": 0}
    with place.database.read() as connection:
        accounts = people.every_user(connection)
    for asker in accounts:
        for witness in accounts:
            if asker.role not in OPEN.askers or asker.ended or asker.temporary:
                continue
            try:
                with place.database.write() as connection:
                    said = {"asker": asker, "now": place.clock()}
                    number = confirmations.ask(connection, OPEN, 1, details, **said)
                    confirmations.confirm(connection, number, witness=witness, now=place.clock())
                    raise UndoneError
            except UndoneError:
                return True
            except BallotError:
                continue
    return False


class UndoneError(Exception):
    """The poll opened; what was done is given up."""


WITNESSES = {
    "nobody": [],
    "the organiser alone": [("zhang", Role.ORGANISER, {})],
    "a scrutineer": [("zhang", Role.ORGANISER, {}), ("li", Role.SCRUTINEER, {})],
    "a rated one": [
        ("zhang", Role.ORGANISER, {}),
        ("li", Role.SCRUTINEER, {"full_name": "李监票"}),
    ],
    "a temporary password": [
        ("zhang", Role.ORGANISER, {}),
        ("li", Role.SCRUTINEER, {"temporary": True}),
    ],
    "two organisers": [("zhang", Role.ORGANISER, {}), ("wang", Role.ORGANISER, {})],
    "scorers": [("zhang", Role.SCORER, {}), ("li", Role.SCRUTINEER, {})],
    "an auditor": [("zhang", Role.ADMIN, {}), ("li", Role.AUDITOR, {})],
}


@pytest.mark.parametrize("printed", [True, False])
@pytest.mark.parametrize("accounts", WITNESSES.values(), ids=WITNESSES)
def test_a_point_is_in_the_way_exactly_where_opening_is_refused(sqlite_place, accounts, printed):
    poll = a_poll(sqlite_place, ABOUT_A_PERSON)
    if printed:
        print_ballots(sqlite_place, poll)
    for name, role, more in accounts:
        an_account(sqlite_place, name, role, **more)

    assert of(sqlite_place).may_open == opens(sqlite_place)


def test_a_draft_as_it_is_made_lacks_nearly_everything_and_each_point_says_what(sqlite_place):
    a_poll(sqlite_place, VILLAGE_POLL)
    found = of(sqlite_place)

    assert "“两委成员”、“村民组长”、“党员”、“村民代表”还没有印票" in told(found, State.BLOCKING)
    assert "没有能确认开始的第二人" in told(found, State.BLOCKING)
    assert "还没有单位名单" in told(found, State.WARNING)
    assert "只有这台电脑自己打得开" in told(found, State.WARNING)
    assert "还没有演练" in told(found, State.TODO)
    assert "结束时间" in told(found, State.TODO)


def test_a_draft_that_is_ready_has_nothing_left_but_its_end(sqlite_place):
    a_cycle(sqlite_place)
    assessment.add_units(sqlite_place, 1, ["白马村"])
    poll = a_poll(sqlite_place, VILLAGE_POLL)
    print_ballots(sqlite_place, poll, spares=2)
    a_user(sqlite_place, "zhang")
    a_user(sqlite_place, "li", Role.SCRUTINEER)
    with sqlite_place.database.write() as connection:
        number = copies.rehearse(connection, poll.id, by="test", now=sqlite_place.clock())
    rehearsal = sqlite_place.poll(number)
    print_ballots(sqlite_place, rehearsal)
    assert "还没有演练" in told(of(sqlite_place), State.TODO), "a rehearsal that never opened"
    open_poll(sqlite_place, rehearsal)

    found = of(sqlite_place, public_url="https://pingyi.example.cn")

    assert [str(point.text)[:4] for point in found.open_points] == ["结束时间"]
    with sqlite_place.database.write() as connection:
        said = {"by": "test", "now": sqlite_place.clock()}
        copies.wipe(connection, number, words="清除演练", **said)
    assert "已经演练过" in told(of(sqlite_place), State.OK), "the log remembers a wiped one"


def test_units_spelt_otherwise_few_slips_and_small_groups_are_warned_of(sqlite_place):
    a_cycle(sqlite_place)
    assessment.add_units(sqlite_place, 1, ["白马村（社区）"])
    weighted = ONE_GROUP_POLL.replace(
        '{ key = "voters", name = "村民", ballots = 60 }',
        '{ key = "a", name = "甲", ballots = 60, eligible = 70, weight = 0.5 },'
        '{ key = "b", name = "乙", ballots = 4, weight = 0.5 }',
    )
    poll = a_poll(sqlite_place, weighted)
    assert "“甲”应到 70 人，只准备印 60 张票" in told(of(sqlite_place), State.WARNING)

    print_ballots(sqlite_place, poll)
    found = told(of(sqlite_place), State.WARNING)

    assert "白马村（白马村（社区）？）" in found
    assert "“甲”应印 70 张，除备用和作废外只有 60 张" in found
    assert "“乙”少于 5 张票，它的结果不会单独显示" in found
    assert "权重合计为 1" in told(of(sqlite_place), State.OK)
    assert "没有备用票" in told(of(sqlite_place), State.TODO)


@pytest.mark.parametrize(
    ("url", "reached"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://localhost", False),
        ("http://[::1]:8000", False),
        ("http://0.0.0.0:8000", False),
        ("http://192.168.1.5:8000", True),
        ("https://pingyi.example.cn", True),
    ],
)
def test_an_address_that_only_this_machine_opens_is_warned_of(sqlite_place, url, reached):
    a_poll(sqlite_place)

    assert ("打得开" not in told(of(sqlite_place, public_url=url), State.WARNING)) == reached


def test_a_second_poll_about_the_same_is_warned_of_and_an_opened_one_has_no_checklist(sqlite_place):
    an_open_poll(sqlite_place)
    again = a_poll(sqlite_place)

    with sqlite_place.database.read() as connection:
        assert checklists.of_poll(connection, 1, sqlite_place.settings) is None
    warned = told(of(sqlite_place, again.id), State.WARNING)
    assert "“白马村2023年度村述村评”（编号 1）已经测评同一考核项：白马村" in warned


def test_a_cycle_s_checklist_lists_drafts_and_the_units_that_no_poll_is_about(sqlite_place):
    a_cycle(sqlite_place)
    assessment.add_units(sqlite_place, 1, ["白马村", "青龙村", "石桥社区", "东风村"])
    a_poll(sqlite_place, VILLAGE_POLL)
    a_poll(sqlite_place, LEADERS_POLL)

    with sqlite_place.database.read() as connection:
        found = checklists.of_cycle(connection, 1, sqlite_place.settings)

    assert [each.poll.id for each in found.drafts] == [1, 2]
    assert [str(point.text)[:6] for point in found.shared] == [
        "没有能确认开",
        "公开网址是 ",
        "还没有演练。",
        "结束时间在开",
    ], "what all lack is told once"
    assert [(each.part.key, each.without, each.begun) for each in found.missing] == [
        ("village:leaders-review", ["东风村"], True),
        ("village:village-peer-review", ["青龙村", "石桥社区", "东风村"], True),
    ]


def test_another_draft_is_checked_for_two_more_questions_to_the_database(sqlite_place):
    asked: list[str] = []
    a_poll(sqlite_place, VILLAGE_POLL)
    event.listen(sqlite_place.database.engine, "before_cursor_execute", lambda *_: asked.append(""))

    def questions() -> int:
        asked.clear()
        with sqlite_place.database.read() as connection:
            checklists.of_cycle(connection, 1, sqlite_place.settings)
        return len(asked)

    alone = questions()
    a_poll(sqlite_place, LEADERS_POLL)

    assert questions() == alone + 2, "its ballots as printed and as used"
