"""The event log on its page: in words, filtered, in pages, taken away, and whether it holds."""

import csv
import io
import json

import pytest
from sqlalchemy import text

from ballot.domain.events import START, Event, verify
from ballot.domain.people import Role
from ballot.services import polls
from ballot.storage import events
from tests.builders import a_poll, an_open_poll
from tests.web.desk import a_desk, page

LOG = "/office/log"


def actions(shown) -> list[str]:
    return [strong.text.strip() for strong in shown.every("strong") if strong.inside("li")]


def test_the_log_is_told_in_words_newest_first_with_its_head(place):
    poll, _ = an_open_poll(place)
    desk = a_desk(place, Role.AUDITOR)

    shown = desk.read(LOG)

    assert actions(shown)[:3] == ["新建账号", "开始投票", "印票"]
    assert "监票人：张监票" in shown.text
    assert shown.every("a", href=f"/office/polls/{poll.id}")
    with place.database.read() as connection:
        head = events.last(connection)
    assert head is not None
    assert shown.one("code", **{"class": "hash"}).text == head.hash
    assert "日志完整" in shown.text


def test_the_log_is_filtered_by_poll_person_action_and_day(place):
    first, second = a_poll(place), a_poll(place)
    with place.database.write() as connection:
        polls.annul(connection, second.id, reason="改期", by="li", now=place.clock())
    place.clock.go(days=2)
    desk = a_desk(place, Role.AUDITOR)

    assert actions(desk.read(f"{LOG}?poll={second.id}")) == ["作废测评活动", "新建测评活动"]
    assert actions(desk.read(f"{LOG}?poll={first.id}")) == ["新建测评活动"]
    assert actions(desk.read(f"{LOG}?actor=li")) == ["作废测评活动"]
    assert actions(desk.read(f"{LOG}?action=poll+created")) == ["新建测评活动"] * 2
    assert actions(desk.read(f"{LOG}?since=2023-12-29")) == ["新建账号"]
    assert "新建账号" not in actions(desk.read(f"{LOG}?until=2023-12-28"))
    assert actions(desk.read(f"{LOG}?actor=nobody")) == []
    assert actions(desk.read(f"{LOG}?actor=%00")) != []


def test_a_day_that_is_none_is_told(sqlite_place):
    answer = a_desk(sqlite_place, Role.AUDITOR).get(f"{LOG}?since=tomorrow")

    assert answer.status_code == 422
    assert "日期应写成 2024-01-12 的样子。" in page(answer).text


def test_pages_hold_a_hundred_entries(sqlite_place):
    with sqlite_place.database.write() as connection:
        for number in range(150):
            events.append(
                connection, now=sqlite_place.clock(), actor="li", action="token made", number=number
            )
    desk = a_desk(sqlite_place, Role.AUDITOR)

    first, second = desk.read(f"{LOG}?actor=li"), desk.read(f"{LOG}?actor=li&page=2")

    assert (len(actions(first)), len(actions(second))) == (100, 50)
    assert first.every("a", href=f"{LOG}?actor=li&page=2")
    assert "第 2 页，共 2 页" in second.text
    assert actions(desk.read(f"{LOG}?page=999999999")) == []


def test_exports_hold_what_the_page_shows_and_the_whole_one_verifies(place):
    an_open_poll(place)
    desk = a_desk(place, Role.AUDITOR)

    rows = json.loads(desk.get(f"{LOG}.json").data)
    table = list(csv.DictReader(io.StringIO(desk.get(f"{LOG}.csv").data.decode("utf-8-sig"))))
    some = json.loads(desk.get(f"{LOG}.json?action=poll+opened").data)

    assert [row["number"] for row in rows] == [int(row["number"]) for row in table]
    assert [row["words"] for row in some] == ["开始投票"]
    assert json.loads(table[-1]["details"]) == rows[-1]["details"]
    with place.database.read() as connection:
        whole = list(events.every(connection))
    again = [
        Event(
            row["number"],
            event.at,
            row["actor"],
            row["action"],
            row["details"],
            row["previous"],
            row["hash"],
        )
        for row, event in zip(rows, whole, strict=True)
    ]
    assert verify(again) == rows[-1]["hash"] != START


def test_a_spreadsheet_takes_no_cell_of_the_log_for_a_formula(sqlite_place):
    with sqlite_place.database.write() as connection:
        events.append(connection, now=sqlite_place.clock(), actor="=1+1", action="token made")

    answer = a_desk(sqlite_place, Role.AUDITOR).get(f"{LOG}.csv?action=token+made")

    assert "'=1+1" in answer.data.decode("utf-8-sig")


@pytest.mark.parametrize("role", [Role.ADMIN, Role.ORGANISER, Role.SCRUTINEER, Role.AUDITOR])
def test_who_may_read_the_log_finds_it_in_the_head_of_every_page(sqlite_place, role):
    assert a_desk(sqlite_place, role).read("/office/").every("a", href=LOG)


def test_a_log_that_was_changed_is_told_on_its_page(sqlite_place):
    desk = a_desk(sqlite_place, Role.AUDITOR)
    with sqlite_place.database.write() as connection:
        names = connection.execute(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'events'")
        ).scalars()
        for name in list(names):
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE events SET actor = 'mallory' WHERE number = 1"))

    assert "事件日志在第 1 条处断开" in page(desk.get(LOG)).text
