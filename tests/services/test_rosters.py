"""Rosters: read from tables and pasted lines, counted, applied to drafts; names end there."""

import io

import openpyxl
import pytest

from ballot.domain.definition_json import rules_hash
from ballot.domain.polls import Poll, WrongPhaseError
from ballot.errors import MistakesError
from ballot.services import rosters
from ballot.services.start import verify_log
from ballot.storage import events
from tests.builders import (
    VILLAGE_POLL,
    Place,
    a_poll,
    an_open_poll,
    open_poll,
    print_ballots,
)

NAMES = ["欧阳测试甲", "欧阳测试乙", "欧阳测试丙", "欧阳测试丁"]
LIST = f"""姓名,类别,备注
{NAMES[0]},两委成员,
{NAMES[0]},党员,
{NAMES[1]},leaders,备忘一
{NAMES[2]},党员,
{NAMES[3]},representatives,
"""
PERSONS = {"committee": 1, "leaders": 1, "party": 1, "representatives": 1}


def counted(place: Place, poll: Poll, content: str = LIST) -> rosters.Counted:
    rows = rosters.read_file(content.encode("utf-8"), "名单.csv")
    with place.database.read() as connection:
        return rosters.count(connection, poll.id, rows, smallest_group=5)


def apply(place: Place, poll: Poll, persons: dict[str, int], seen: str) -> None:
    with place.database.write() as connection:
        rosters.apply(
            connection,
            poll.id,
            persons,
            seen=seen,
            smallest_group=5,
            by="test",
            now=place.clock(),
        )


def log_of(place: Place) -> list[events.Event]:
    with place.database.read() as connection:
        return list(events.every(connection))


def mistakes_of(text: str) -> list[str]:
    with pytest.raises(MistakesError) as refused:
        rosters.read_pasted(text, "名单")
    return [str(mistake) for mistake in refused.value.texts()]


def test_counting_changes_and_logs_nothing(place):
    poll = a_poll(place, VILLAGE_POLL)
    before = log_of(place)

    found = counted(place, poll)

    assert found.roster.persons == PERSONS
    assert [(group.ballots, group.eligible) for group in found.groups] == [
        (7, None),
        (8, None),
        (10, None),
        (5, None),
    ]
    assert place.poll(poll.id) == poll
    assert log_of(place) == before


def test_applying_sets_ballots_and_the_entitled_and_logs_numbers_only(place):
    poll = a_poll(place, VILLAGE_POLL)
    found = counted(place, poll)

    apply(place, poll, dict(found.roster.persons), found.seen)

    changed = place.poll(poll.id).definition
    last = log_of(place)[-1]
    assert [(group.ballots, group.eligible) for group in changed.groups] == [(1, 1)] * 4
    assert (last.action, last.details) == (
        "roster counted",
        {"poll": poll.id, "persons": PERSONS, "rules_hash": rules_hash(changed)},
    )
    assert rules_hash(changed) != found.seen
    verify_log(place.database)


def test_the_new_rules_are_those_that_opening_freezes_and_voters_meet(place):
    poll = a_poll(place, VILLAGE_POLL)
    apply(place, poll, dict.fromkeys(PERSONS, 6), counted(place, poll).seen)

    changed = place.poll(poll.id)
    codes = print_ballots(place, changed)
    open_poll(place, changed)

    opened = log_of(place)[-1]
    assert len(codes) == 24
    assert opened.details["rules_hash"] == rules_hash(changed.definition)


def test_after_printing_the_numbers_still_change_and_too_few_slips_are_told(place):
    poll = a_poll(place, VILLAGE_POLL)
    print_ballots(place, poll, 1, "party")
    more = LIST + "欧阳测试戊,党员,\n"

    found = counted(place, poll, more)
    apply(place, poll, dict(found.roster.persons), found.seen)

    assert [str(text) for text in found.too_few_printed] == [
        "“党员”已印 1 张，名单 2 人：还差 1 张，请补印。"
    ]
    assert place.poll(poll.id).definition.group("party").eligible == 2


def test_an_open_poll_is_neither_counted_for_nor_changed(place):
    poll, _ = an_open_poll(place, VILLAGE_POLL)

    with pytest.raises(WrongPhaseError, match="投票中，不能按名单统计人数"):
        counted(place, poll)
    with pytest.raises(WrongPhaseError):
        apply(place, poll, PERSONS, rules_hash(poll.definition))
    assert place.poll(poll.id) == poll


def test_numbers_counted_for_other_rules_are_not_applied(place):
    poll = a_poll(place, VILLAGE_POLL)
    seen = counted(place, poll).seen
    apply(place, poll, dict.fromkeys(PERSONS, 9), seen)

    with pytest.raises(rosters.PollChangedError):
        apply(place, poll, PERSONS, seen)

    assert place.poll(poll.id).definition.group("party").ballots == 9


def test_a_group_without_anybody_is_shown_and_not_applied(place):
    poll = a_poll(place, VILLAGE_POLL)
    found = counted(place, poll, f"姓名,类别\n{NAMES[0]},党员\n")

    assert len(found.obstacles) == 3
    with pytest.raises(MistakesError, match="“两委成员”一个人也没有"):
        apply(place, poll, dict(found.roster.persons), found.seen)
    assert place.poll(poll.id) == poll


def test_no_name_or_note_is_in_the_files_or_in_the_log(sqlite_place, caplog):
    caplog.set_level("DEBUG")
    poll = a_poll(sqlite_place, VILLAGE_POLL)
    found = counted(sqlite_place, poll)
    apply(sqlite_place, poll, dict(found.roster.persons), found.seen)

    files = [file for file in sqlite_place.settings.folder.rglob("*") if file.is_file()]
    held = b"".join(file.read_bytes() for file in files)
    assert "两委成员".encode() in held, "the files are those that hold the poll"
    for word in ("欧阳测试", "备忘一"):
        assert word.encode("utf-8") not in held
        assert word not in caplog.text
        assert word not in repr(log_of(sqlite_place))


def test_a_workbook_is_read_like_a_csv_file():
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (["类别", "编号", "姓名"], ["党员", 12, "张三"]):
        book.active.append(row)
    book.save(file)

    (row,) = rosters.read_file(file.getvalue(), "名单.xlsx")

    assert (row.number, row.name, row.group, row.note) == (2, "张三", "党员", "12")


@pytest.mark.parametrize("between", ["\t", ",", "，", "；"])
def test_pasted_lines_need_no_headings(between):
    found = rosters.read_pasted(
        f"张 三{between}党员\r\n\r\n李四{between}party{between}二组\n", "名单"
    )

    assert [(row.number, row.name, row.group, row.note) for row in found] == [
        (1, "张 三", "党员", ""),
        (3, "李四", "party", "二组"),
    ]


def test_pasted_headings_say_which_column_is_which():
    (row,) = rosters.read_pasted("类别\t姓名\n党员\t张三", "名单")

    assert (row.number, row.name, row.group) == (2, "张三", "党员")


def test_what_a_list_lacks_or_has_too_much_is_told():
    assert mistakes_of("姓名\t电话\n张三\t1") == [
        "名单 第 1 行“电话”：未知的列",
        "名单 第 1 行“类别”：缺少这一列",
    ]
    assert mistakes_of("张三,党员,一组,男") == ["名单 第 1 行第 4 列“男”：这一列没有表头"]
