"""Figures entered by several people: nothing is lost, and every mistake has its place."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.domain.assessment import Way
from ballot.domain.canonical import fingerprint
from ballot.domain.merging import merge
from ballot.domain.spread import spread
from ballot.errors import MistakesError
from ballot.services import entries, entry_files, offices, units
from ballot.services.entries import CellMistakesError, NotYourItemError
from ballot.services.kinds import ApprovedError
from ballot.services.people import NoSuchUserError
from ballot.storage import events
from tests.assessment import (
    BASE,
    LEADERS,
    STREET,
    a_clerk,
    a_cycle_with_units,
    add_units,
    approve,
    complete,
    enter,
    figures,
    number_of,
    standing,
)
from tests.builders import LEADERS_POLL, a_cycle, a_poll, a_user

BUILDING, MILITIA = "base-work.party.building", "base-work.party.militia"
PARTY = "base-work.party"


def sentences(error: pytest.ExceptionInfo[MistakesError]) -> list[str]:
    return [str(text) for text in error.value.texts()]


# ---- units --------------------------------------------------------------------------------------


def test_units_are_listed_as_they_were_added_and_added_once(place):
    cycle = a_cycle_with_units(place, ["青龙村", "白马村"])

    add_units(place, cycle, ["白马村", " 石桥社区 ", ""])

    with place.database.read() as connection:
        there = units.roster(connection, cycle, "village").units
    assert [unit.name for unit in there] == ["青龙村", "白马村", "石桥社区"]


def test_units_of_polls_that_are_not_listed_yet_are_offered(sqlite_place):
    a_poll(sqlite_place, LEADERS_POLL)
    add_units(sqlite_place, 1, ["青龙村"])

    with sqlite_place.database.read() as connection:
        villages = units.roster(connection, 1, "village").from_polls
        stations = units.roster(connection, 1, "station").from_polls

    assert (villages, stations) == (["白马村", "石桥社区"], ["财政所", "司法所"])


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "请写明单位名称，每行一个。"),
        (["甲", "甲"], "“甲”写了两次。"),
        (["甲" * 41], f"{'甲' * 40}：最多 40 个字"),
        (["甲\u200b"], "甲\u200b：含有看不见的或改变文字方向的字符 U+200B，请删去"),
    ],
)
def test_a_unit_needs_a_name_of_its_own_that_can_be_read(sqlite_place, names, told):
    with pytest.raises(MistakesError) as refused:
        a_cycle_with_units(sqlite_place, names)

    assert told in sentences(refused)


def test_a_unit_is_removed_only_while_nothing_was_recorded_for_it(place):
    cycle = a_cycle_with_units(place)
    enter(place, {("白马村", BASE): "80"})
    enter(place, {("白马村", BASE): ""})

    def remove(name: str) -> None:
        with place.database.write() as connection:
            units.remove(
                connection, cycle, "village", number_of(place, name), by="t", now=place.clock()
            )

    remove("青龙村")
    with pytest.raises(units.UnitInUseError, match="“白马村”不能改名或删去：已有录入的数据"):
        remove("白马村")
    with pytest.raises(units.NoSuchUnitError), place.database.write() as connection:
        units.remove(connection, cycle, "village", 999, by="t", now=place.clock())
    with place.database.read() as connection:
        left = units.roster(connection, cycle, "village").units
    assert [unit.name for unit in left] == ["白马村", "石桥社区"]


# ---- entering -----------------------------------------------------------------------------------


def test_what_was_entered_is_kept_exactly_with_who_and_when_and_what_stood_before(place):
    a_cycle_with_units(place)
    enter(place, {("白马村", BUILDING): "7.12345", ("青龙村", BUILDING): "８"})
    place.clock.go(minutes=5)
    enter(place, {("白马村", BUILDING): "7.5"}, by="李计分")

    with place.database.read() as connection:
        table = entries.table(connection, 1, "village")
    figure = table.figures[number_of(place, "白马村"), BUILDING]
    assert (figure.value, figure.before) == (Decimal("7.5"), Decimal("7.12345"))
    assert (figure.by, figure.at, figure.way) == ("李计分", place.clock(), Way.TYPED)
    assert figures(place)["青龙村", BUILDING] == "8"


def test_the_log_vouches_for_figures_and_does_not_tell_them(sqlite_place):
    """Every poll's archive holds the log; marks stay secret until the meeting has fixed them."""
    a_cycle_with_units(sqlite_place)
    enter(sqlite_place, {("白马村", BASE): "81.375"})

    with sqlite_place.database.read() as connection:
        told = list(events.every(connection))[-1]
    assert told.action == "figures entered"
    assert told.details["sha256"] == fingerprint([["白马村", BASE, "81.375"]])
    assert "81.375" not in str(told.details)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("8.01", "8.01 超过满分 8"),
        ("-1", "不能小于 0"),
        ("七", "不是数字"),
        ("1e3", "不是数字"),
        ("0." + "1" * 30, "不是数字"),
    ],
)
def test_a_figure_that_cannot_be_taken_is_told_with_its_cell_and_nothing_is_saved(
    sqlite_place, text, told
):
    a_cycle_with_units(sqlite_place)

    with pytest.raises(CellMistakesError) as refused:
        enter(sqlite_place, {("青龙村", BUILDING): "7", ("白马村", BUILDING): text})

    assert sentences(refused) == [f"“白马村”的“党建工作”：{told}。"]
    assert list(refused.value.cells) == [(number_of(sqlite_place, "白马村"), BUILDING)]
    assert figures(sqlite_place) == {}


def test_full_marks_themselves_and_nothing_at_all_are_fine(sqlite_place):
    a_cycle_with_units(sqlite_place)

    enter(sqlite_place, {("白马村", BUILDING): "8.00", ("青龙村", BUILDING): "0"})

    assert figures(sqlite_place) == {("白马村", BUILDING): "8", ("青龙村", BUILDING): "0"}


def test_a_component_that_is_voted_on_takes_no_figure(sqlite_place):
    a_cycle_with_units(sqlite_place)

    with pytest.raises(CellMistakesError, match="由投票产生，不能录入"):
        enter(sqlite_place, {("白马村", LEADERS): "4.5"})


def test_whole_and_parts_are_not_both_taken(sqlite_place):
    a_cycle_with_units(sqlite_place)
    enter(sqlite_place, {("白马村", BUILDING): "8"})

    with pytest.raises(CellMistakesError, match="已整项给出，不能再分项给出"):
        enter(sqlite_place, {("白马村", PARTY): "12"})
    enter(sqlite_place, {("白马村", PARTY): "12", ("白马村", BUILDING): ""})

    assert figures(sqlite_place) == {("白马村", PARTY): "12"}


# ---- two people ---------------------------------------------------------------------------------


def test_two_clerks_who_change_different_cells_both_have_their_way(place):
    a_cycle_with_units(place)

    enter(place, {("白马村", BUILDING): "8", ("青龙村", BUILDING): ""}, seen={})
    enter(place, {("青龙村", BUILDING): "7", ("白马村", BUILDING): ""}, seen={})

    assert figures(place) == {("白马村", BUILDING): "8", ("青龙村", BUILDING): "7"}


def test_of_two_clerks_who_change_one_cell_the_second_hears_who_was_first(place):
    a_cycle_with_units(place)
    enter(place, {("白马村", BUILDING): "8"}, seen={}, by="王五")

    with pytest.raises(CellMistakesError) as refused:
        enter(place, {("白马村", BUILDING): "7", ("青龙村", BUILDING): "6"}, seen={})

    assert sentences(refused) == [
        "“白马村”的“党建工作”：王五 刚刚把它改为 8，您写的是 7；仍要以您的为准，请再保存一次。"
    ]
    assert figures(place) == {("白马村", BUILDING): "8"}
    enter(place, {("白马村", BUILDING): "7"}, seen={("白马村", BUILDING): "8"})
    assert figures(place)["白马村", BUILDING] == "7"


def test_many_clerks_at_the_same_moment_lose_nothing_and_one_of_them_wins_a_cell(place):
    a_cycle_with_units(place)

    def clerk(number: int) -> str:
        try:
            enter(place, {("白马村", BUILDING): str(number)}, seen={})
        except CellMistakesError:
            return "told"
        return str(number)

    with ThreadPoolExecutor(6) as clerks:
        answers = list(clerks.map(clerk, range(1, 7)))

    assert sorted(answers)[1:] == ["told"] * 5
    assert figures(place) == {("白马村", BUILDING): min(answers)}


cells = st.dictionaries(
    st.tuples(st.integers(1, 3), st.sampled_from("ab")), st.sampled_from(["", "1", "2"])
)


@given(seen=cells, wanted=cells, stored=cells)
def test_a_merge_never_undoes_what_another_wrote_without_saying_so(seen, wanted, stored):
    merged = merge(seen=seen, wanted=wanted, stored=stored)

    for cell, text in stored.items():
        if text != seen.get(cell, "") and cell in merged.changes:
            assert cell in merged.conflicts
    for cell, text in wanted.items():
        if text != seen.get(cell, ""):
            assert merged.changes.get(cell, stored.get(cell, "")) == text
        else:
            assert cell not in merged.changes


# ---- rights -------------------------------------------------------------------------------------


def test_a_line_office_enters_its_own_items_and_no_others(sqlite_place):
    a_cycle_with_units(sqlite_place)
    mine = frozenset({"党建办"})

    enter(sqlite_place, {("白马村", BUILDING): "8"}, offices=mine)
    with pytest.raises(NotYourItemError, match="“党管武装”不由您负责的线办录入"):
        enter(sqlite_place, {("白马村", MILITIA): "2"}, offices=mine)
    with pytest.raises(NotYourItemError):
        enter(sqlite_place, {("白马村", BASE): "80"}, offices=mine)

    assert figures(sqlite_place) == {("白马村", BUILDING): "8"}


def test_offices_are_assigned_anew_each_time_and_by_cycle(place):
    a_cycle(place)
    a_cycle(place, "另一周期")
    clerk = a_clerk(place, "党建办", "妇联")
    with place.database.write() as connection:
        offices.assign(connection, 1, "office", ["纪工委"], by="t", now=place.clock())

    with place.database.read() as connection:
        assert entries.offices_of(connection, clerk, 1) == {"纪工委"}
        assert entries.offices_of(connection, clerk, 2) == frozenset()
        [duty] = offices.duties_of(connection, clerk)
    assert (duty.cycle.id, [(o, [k.key for k in ks]) for o, ks in duty.offices]) == (
        1, [("纪工委", ["village"])],
    )  # fmt: skip


def test_only_offices_of_the_scheme_are_assigned_and_only_to_line_offices(sqlite_place):
    a_cycle(sqlite_place)
    a_user(sqlite_place, "zhang")
    a_clerk(sqlite_place)

    def assign(name: str, office: str) -> None:
        with sqlite_place.database.write() as connection:
            offices.assign(connection, 1, name, [office], by="t", now=sqlite_place.clock())

    with pytest.raises(MistakesError, match="账号“zhang”的角色不是线办"):
        assign("zhang", "党建办")
    with pytest.raises(MistakesError, match="方案没有写明“外星办”负责的考核项"):
        assign("office", "外星办")
    with pytest.raises(NoSuchUserError):
        assign("nobody", "党建办")


# ---- files --------------------------------------------------------------------------------------


def read_file(place, content: str, mine: frozenset[str] | None = None):
    with place.database.read() as connection:
        table = entries.table(connection, 1, "village")
    return entry_files.read(content.encode(), "表.csv", table, mine)


def test_a_file_tells_what_it_would_change_and_blank_cells_change_nothing(sqlite_place):
    a_cycle_with_units(sqlite_place)
    enter(sqlite_place, {("白马村", BUILDING): "8", ("青龙村", BUILDING): "7"})

    found = read_file(
        sqlite_place, f"单位,党建工作,{STREET}\n白马村,8.0,\n青龙村,6.5,5\n石桥社区,,"
    )

    told = [(each.unit, each.column.title, each.before, each.after) for each in found.changes]
    assert told == [("青龙村", "党建工作", "7", "6.5"), ("青龙村", "村述街道评", "", "5")]
    assert figures(sqlite_place) == {("白马村", BUILDING): "8", ("青龙村", BUILDING): "7"}


def test_every_mistake_of_a_file_is_told_at_once_with_its_place(sqlite_place):
    a_cycle_with_units(sqlite_place)

    with pytest.raises(MistakesError) as refused:
        read_file(sqlite_place, "单位,党建工作,leaders-review,党管武装\n白马村,9,4,x\n黑马村,1,1,1")

    assert sentences(refused) == [
        "表.csv 第 1 行“leaders-review”：由投票产生，不能录入",
        "表.csv 第 2 行“党建工作”：9 超过满分 8",
        "表.csv 第 2 行“党管武装”：“x”不是数字",
        "表.csv 第 3 行“单位”：名单中没有单位“黑马村”",
    ]


def test_a_line_offices_file_holds_its_own_items_only(sqlite_place):
    a_cycle_with_units(sqlite_place)

    with pytest.raises(MistakesError, match="第 1 行“党管武装”：不由您负责的线办录入"):
        read_file(sqlite_place, "单位,党建工作,党管武装\n白马村,8,2", frozenset({"党建办"}))


# ---- whole columns ------------------------------------------------------------------------------


def put(place, column: dict[str, str], key: str = STREET) -> int:
    with place.database.write() as connection:
        return entries.replace_column(
            connection, 1, "village", key, column, by="计分系统", now=place.clock()
        )


def test_a_column_is_replaced_whole_and_the_same_once_more_changes_nothing(place):
    a_cycle_with_units(place)

    assert put(place, {"白马村": "4.5", "青龙村": "5"}) == 2
    assert put(place, {"青龙村": "5.0", "白马村": "4.50"}) == 0
    assert put(place, {"青龙村": "4"}) == 2

    assert figures(place) == {("青龙村", STREET): "4"}


def test_a_column_with_an_unknown_unit_is_refused_whole(sqlite_place):
    a_cycle_with_units(sqlite_place)

    with pytest.raises(MistakesError, match="名单中没有单位“黑马村”"):
        put(sqlite_place, {"白马村": "4.5", "黑马村": "5"})

    assert figures(sqlite_place) == {}


def test_once_approved_nothing_is_entered_any_more(place):
    complete(place)
    approve(place)
    before = figures(place)

    with pytest.raises(ApprovedError, match="已经审定"):
        enter(place, {("白马村", BASE): "1"})
    with pytest.raises(ApprovedError):
        put(place, {"白马村": "1"})
    with pytest.raises(ApprovedError):
        add_units(place, 1, ["新村"])

    assert figures(place) == before
    assert standing(place).approved is not None


# ---- five bands ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "band"),
    [("8", 0), ("6.4", 0), ("6.39", 1), ("4.8", 1), ("3.2", 2), ("1.6", 3), ("1.59", 4), ("0", 4)],
)
def test_a_mark_on_an_edge_belongs_to_the_higher_band(mark, band):
    found = spread([Decimal(mark)], Decimal(8))

    assert found is not None
    assert found.bands == tuple(int(place == band) for place in range(5))


def test_marks_that_are_all_the_same_are_told():
    alike = spread([Decimal("7.0"), Decimal(7), Decimal("7.00")], Decimal(8))
    unlike = spread([Decimal(7), Decimal("7.01")], Decimal(8))
    alone = spread([Decimal(7)], Decimal(8))

    assert alike is not None
    assert alike.same
    assert unlike is not None
    assert not unlike.same
    assert alone is not None
    assert not alone.same
    assert spread([], Decimal(8)) is None


@given(st.lists(st.decimals(0, 8, places=2), min_size=1), st.sampled_from([None, Decimal(8)]))
def test_every_mark_is_in_one_band(marks, full):
    found = spread(marks, full)

    assert found is not None
    assert sum(found.bands) == len(marks)
