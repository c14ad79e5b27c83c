"""A standing from polls, entries, ledger and decisions to its approval, and back."""

from datetime import date

import pytest

from ballot.errors import MistakesError
from ballot.services import approvals, polls, standings
from ballot.services.approvals import ChangedMeanwhileError, NotReadyError
from ballot.services.kinds import ApprovedError
from ballot.services.ledger import NoSuchRowError
from ballot.services.standings import KindStanding, NotApprovedError, NoUnitsError
from ballot.storage import events
from tests.assessment import (
    BASE,
    LEADERS,
    PEERS,
    STREET,
    VILLAGES,
    a_cycle_with_units,
    a_leaders_poll,
    add_units,
    adjust,
    approve,
    complete,
    decide,
    enter,
    log_of,
    standing,
    veto,
    withdraw,
    withdraw_approval,
)
from tests.builders import Place, a_cycle, an_open_poll, certify, close

SEVEN = tuple("甲乙丙丁戊己庚")
TIED_AT_FIVE = ("80", "79", "78", "77", "70", "70", "60")
"""The fifth of five first places is shared by two."""


def problems(found: KindStanding) -> list[str]:
    return [str(problem) for problem in found.problems]


def grades(found: KindStanding) -> dict[str, str | None]:
    return {each.unit: each.grade for each in found.standings}


def annul(place: Place, poll_id: int) -> None:
    with place.database.write() as connection:
        polls.annul(connection, poll_id, reason="重复", by="test", now=place.clock())


# ---- what comes together ------------------------------------------------------------------------


def test_polled_and_entered_figures_make_a_standing_in_rank_order(place):
    complete(place)

    found = standing(place)

    told = [(each.rank, each.unit, f"{each.total:f}") for each in found.standings]
    assert told == [(1, "白马村", "93.50"), (2, "石桥社区", "89.00"), (3, "青龙村", "83.50")]
    assert found.problems == []


def test_every_figure_tells_where_it_comes_from(sqlite_place):
    complete(sqlite_place)

    origins = {each.key: each for each in standing(sqlite_place).origins["白马村"]}

    assert list(origins) == [BASE, LEADERS, PEERS, STREET]
    assert origins[LEADERS].points is not None
    assert origins[LEADERS].points.poll_id == 1
    assert origins[BASE].entered is not None
    assert origins[BASE].entered.by == "王计分"


def test_what_is_missing_is_told_by_item_and_names_the_units(sqlite_place):
    a_cycle_with_units(sqlite_place)
    a_leaders_poll(sqlite_place, certified=False)
    enter(sqlite_place, {("白马村", BASE): "80", ("青龙村", "base-work.party.building"): "8"})

    found = standing(sqlite_place)

    told = problems(found)
    assert found.standings == ()
    assert "“基础工作”：石桥社区——缺少“基础工作”。" in told
    assert "“基础工作 › 党群工作 › 党管武装”（武装部）：青龙村——缺少“党管武装”。" in told
    assert (
        "“党政领导评议”：全部 3 个单位——"
        "测评活动 1“2023年度leaders-review”投票中，认定以后才有得分。"
    ) in told
    assert "“村述村评”：全部 3 个单位——还没有测评活动对它进行投票。" in told


def test_two_polls_about_the_same_are_refused_by_name_until_one_is_annulled(place):
    complete(place)
    again = a_leaders_poll(place, ["白马村"])

    told = problems(standing(place))
    annul(place, again.id)

    assert len(told) == 1
    assert told[0] == (
        "“白马村”的“党政领导评议”有 2 个已认定的测评活动（1“2023年度leaders-review”、"
        "3“2023年度leaders-review”），只能依据一个：请作废多余的。"
    )
    assert problems(standing(place)) == []


def test_what_may_be_polled_or_entered_is_taken_either_way_but_not_both(sqlite_place):
    complete(sqlite_place)
    a_leaders_poll(sqlite_place, ["白马村"], STREET, good=[8])

    both = problems(standing(sqlite_place))
    enter(sqlite_place, {("白马村", STREET): ""})
    polled = standing(sqlite_place)

    assert both == [
        "“白马村”的“村述街道评”既有测评活动 3“2023年度street-review”的得分，又有录入的分数，"
        "只能依据一个：请清空录入的，或作废测评活动。"
    ]
    assert f"{polled.standings[0].components[STREET]:f}" == "4.00"


def test_a_unit_that_was_voted_on_but_is_not_listed_is_named(sqlite_place):
    complete(sqlite_place)
    a_leaders_poll(sqlite_place, ["黑马村"])

    assert problems(standing(sqlite_place)) == [
        "“黑马村”有测评得分，却不在单位名单中：请先把它加入名单。"
    ]


def test_a_poll_without_any_opinion_has_no_result_to_stand_on(sqlite_place):
    a_cycle_with_units(sqlite_place, ["白马村"])
    a_leaders_poll(sqlite_place, ["白马村"], good=[10])
    empty, _ = an_open_poll(sqlite_place)  # of 村述村评, nobody votes
    close(sqlite_place, empty)
    certify(sqlite_place, empty)

    told = problems(standing(sqlite_place))

    assert told[0].startswith("“白马村”的“村述村评”没有结果：测评活动 2")
    assert not any("还没有测评活动" in each for each in told)


# ---- ledger and vetoes --------------------------------------------------------------------------


def test_the_ledger_counts_until_it_is_withdrawn_and_stays_to_be_seen(place):
    complete(place)
    number = adjust(place, "青龙村", "award-city", times=2)

    with_award = {each.unit: f"{each.total:f}" for each in standing(place).standings}
    withdraw(place, "adjustment", number)
    after = standing(place)

    assert with_award["青龙村"] == "85.50"
    assert {each.unit: f"{each.total:f}" for each in after.standings}["青龙村"] == "83.50"
    [row] = after.adjustments
    assert (row.recorded.by, row.recorded.withdrawn_by, row.recorded.withdrawn_why) == (
        "王计分", "李计分", "记错了单位",
    )  # fmt: skip
    assert log_of(place)[-2:] == ["adjustment recorded", "adjustment withdrawn"]


def test_a_veto_bars_until_it_is_withdrawn(place):
    complete(place)
    number = veto(place, "白马村", "case-filed")

    barred = grades(standing(place))
    withdraw(place, "veto", number)

    assert barred["白马村"] == "良好"
    assert grades(standing(place))["白马村"] == "先进"


@pytest.mark.parametrize(
    ("rule", "said", "told"),
    [
        ("nothing", {}, "没有加减分规则“nothing”"),
        ("award-city", {"marks": 3}, "每次固定 1 分，不能另填分值"),
        ("award-city", {"times": 0}, "次数须是不小于 1 的整数"),
        ("award-city", {"times": 1001}, "次数最多 1000 次"),
        ("award-city", {"note": " "}, "请写明事由或依据"),
        ("award-city", {"note": "x" * 201}, "备注：最多 200 个字"),
        ("award-city", {"item": "\u202e"}, "事项：含有看不见的"),
    ],
)
def test_a_row_of_the_ledger_that_does_not_fit_is_refused(sqlite_place, rule, said, told):
    a_cycle_with_units(sqlite_place)

    with pytest.raises(MistakesError, match=told):
        adjust(sqlite_place, "白马村", rule, **said)

    assert standing(sqlite_place).adjustments == []


def test_a_row_is_withdrawn_once_and_with_a_reason(sqlite_place):
    a_cycle_with_units(sqlite_place)
    number = adjust(sqlite_place, "白马村", "award-city")

    with pytest.raises(MistakesError, match="须写明理由"):
        withdraw(sqlite_place, "adjustment", number, why="\n")
    withdraw(sqlite_place, "adjustment", number)
    for what, wrong in (("adjustment", number), ("veto", number), ("adjustment", 99)):
        with pytest.raises(NoSuchRowError):
            withdraw(sqlite_place, what, wrong)


# ---- ties ---------------------------------------------------------------------------------------


def test_a_tie_over_a_cut_waits_for_a_decision_that_is_recorded_and_can_be_withdrawn(place):
    complete(place, TIED_AT_FIVE, SEVEN)

    before = standing(place)
    number = decide(place, "己", "戊")
    decided = standing(place)
    withdraw(place, "decision", number)

    assert [sorted(units) for units in before.ties] == [["己", "戊"]]
    assert {unit for unit, grade in grades(before).items() if grade == "待定"} == {"戊", "己"}
    assert (grades(decided)["己"], grades(decided)["戊"]) == ("先进", "良好")
    assert decided.ties == []
    assert grades(standing(place))["己"] == "待定"


@pytest.mark.parametrize(
    ("order", "reason", "told"),
    [
        (["甲", "乙"], "理由", "各单位总分不同"),
        (["己", "无名"], "理由", "没有单位“无名”"),
        (["己", "戊"], " ", "须写明理由"),
        ([], "理由", "没有单位"),
    ],
)
def test_a_decision_about_units_that_are_not_tied_is_refused(sqlite_place, order, reason, told):
    complete(sqlite_place, TIED_AT_FIVE, SEVEN)

    with pytest.raises(MistakesError, match=told):
        decide(sqlite_place, *order, reason=reason)

    assert standing(sqlite_place).decisions == []


def test_a_decision_that_no_longer_fits_is_told_and_can_be_withdrawn(sqlite_place):
    complete(sqlite_place, TIED_AT_FIVE, SEVEN)
    number = decide(sqlite_place, "己", "戊")
    enter(sqlite_place, {("己", BASE): "71"})

    [told] = problems(standing(sqlite_place))
    withdraw(sqlite_place, "decision", number)

    assert told == ("所定先后次序（己、戊）不能采用：各单位总分不同，不是同分。请先撤回这个决定。")
    assert problems(standing(sqlite_place)) == []


# ---- approval -----------------------------------------------------------------------------------


def test_until_the_approval_is_recorded_there_is_only_a_draft(place):
    cycle = complete(place)

    def given() -> list[KindStanding]:
        with place.database.read() as connection:
            return standings.approved(connection, cycle, smallest_group=5)

    with pytest.raises(NotApprovedError, match="“村（社区）”的总评还没有经党政会议审定"):
        given()
    approve(place)

    [found] = given()
    assert found.approved is not None
    assert (found.approved.meeting, found.approved.held_on) == ("党工委会议", date(2023, 12, 27))
    assert not found.differs


def test_an_approved_standing_changes_no_more_until_an_admin_withdraws_the_approval(place):
    complete(place, TIED_AT_FIVE, SEVEN)
    row = adjust(place, "甲", "late-reply")
    decision = decide(place, "己", "戊")
    approve(place)

    for forbidden in (
        lambda: adjust(place, "甲", "award-city"),
        lambda: veto(place, "甲", "other"),
        lambda: withdraw(place, "adjustment", row),
        lambda: withdraw(place, "decision", decision),
        lambda: decide(place, "己", "戊"),
        lambda: approve(place),
    ):
        with pytest.raises(ApprovedError):
            forbidden()
    withdraw_approval(place)
    withdraw(place, "adjustment", row)

    assert standing(place).approved is None
    assert log_of(place)[-3:] == [
        "standing approved", "approval withdrawn", "adjustment withdrawn",
    ]  # fmt: skip


def test_the_log_holds_the_hash_of_what_was_approved(sqlite_place):
    complete(sqlite_place)
    approve(sqlite_place)

    with sqlite_place.database.read() as connection:
        told = list(events.every(connection))[-1]

    assert told.action == "standing approved"
    assert told.details["sha256"] == standing(sqlite_place).hash
    assert told.details["meeting"] == "党工委会议"


def test_a_standing_that_is_not_whole_is_not_approved(sqlite_place):
    a_cycle_with_units(sqlite_place)

    with pytest.raises(
        NotReadyError, match="“村（社区）”的总评还不能审定：“基础工作”：全部 3 个单位"
    ):
        approve(sqlite_place)
    with pytest.raises(NotReadyError, match="还没有单位名单"):
        approve(sqlite_place, "station")


def test_a_standing_with_an_open_tie_is_not_approved(sqlite_place):
    complete(sqlite_place, TIED_AT_FIVE, SEVEN)

    with pytest.raises(NotReadyError, match="的等次待定，须先决定同分的先后"):
        approve(sqlite_place)


def test_what_changed_since_it_was_looked_at_is_not_approved(place):
    complete(place)
    seen = standing(place).hash
    enter(place, {("白马村", BASE): "79"})

    with pytest.raises(ChangedMeanwhileError):
        approve(place, seen=seen)
    approve(place, seen=standing(place).hash)

    assert standing(place).approved is not None


@pytest.mark.parametrize(
    ("meeting", "day", "told"),
    [
        (" ", date(2023, 12, 27), "请写明是哪次会议审定的"),
        ("会" * 201, date(2023, 12, 27), "会议：最多 200 个字"),
        ("党工委会议", date(2023, 12, 30), "会议日期还没有到"),
    ],
)
def test_an_approval_names_a_meeting_that_was_held(sqlite_place, meeting, day, told):
    complete(sqlite_place)

    with pytest.raises(MistakesError, match=told), sqlite_place.database.write() as connection:
        approvals.approve(
            connection,
            1,
            "village",
            meeting=meeting,
            held_on=day,
            seen=None,
            smallest_group=5,
            by="王计分",
            now=sqlite_place.clock(),
        )


def test_figures_that_are_no_longer_the_approved_ones_are_told(sqlite_place):
    """A poll that is annulled afterwards takes its points away with it."""
    complete(sqlite_place)
    approve(sqlite_place)
    before = standing(sqlite_place)

    annul(sqlite_place, 1)
    after = standing(sqlite_place)

    assert not before.differs
    assert after.differs
    assert after.approved is not None
    assert after.to_json()["approval"]["unchanged"] is False
    assert after.approved.standing == before.figures


def test_a_cycle_without_units_has_no_standing(sqlite_place):
    cycle = a_cycle(sqlite_place)

    with pytest.raises(NoUnitsError), sqlite_place.database.read() as connection:
        standings.approved(connection, cycle, smallest_group=5)


def test_another_kind_is_not_touched_by_an_approval(sqlite_place):
    complete(sqlite_place)
    approve(sqlite_place)

    add_units(sqlite_place, 1, ["财政所"], "station")

    assert standing(sqlite_place, "station").approved is None
    assert len(standing(sqlite_place).standings) == len(VILLAGES)
