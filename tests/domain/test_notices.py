"""What may be posted, and the laws of periods and clocks over random days."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.domain.assessment import Recorded
from ballot.domain.notices import Contact, Notice, State, Wording, days_allowed, period_mistakes
from ballot.domain.periods import Clock, last_day
from ballot.domain.posting import posted_standing
from ballot.domain.reviews import Answer, Outcome, Request, Review
from ballot.language import Text
from ballot.scoring import Entry, NoticeRule, Posts, ReviewRule, load_scheme, score
from tests.builders import NOW
from tests.scoring.presets import KINDS

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
lengths = st.integers(1, 365)
STANDS = Recorded(1, "test", NOW, None, None, None)
WITHDRAWN = replace(STANDS, withdrawn_by="test", withdrawn_at=NOW, withdrawn_why="有误")
PERSON = load_scheme("municipal").kind("person")


def a_notice(start: date, length: int, recorded: Recorded = STANDS) -> Notice:
    wording = Wording("公示", "正文", ("poll:1",), start, length, Contact("李", "1", "街道"))
    return Notice(recorded, 1, wording, posted=())


# ---- days ---------------------------------------------------------------------------------------


def test_the_day_a_period_begins_is_not_counted_rule_67():
    """Ten days from 12 January end on the 22nd, at midnight."""
    assert last_day(date(2024, 1, 12), 10) == date(2024, 1, 22)
    assert last_day(date(2024, 2, 25), 7) == date(2024, 3, 3)  # a leap year


@given(start=days, length=lengths, today=days)
def test_a_notice_is_shown_on_its_first_day_and_so_many_whole_days_after_it_rule_67(
    start, length, today
):
    notice = a_notice(start, length)

    assert notice.shows(today) == (0 <= (today - start).days <= length)
    assert a_notice(start, length, WITHDRAWN).state(today) is State.WITHDRAWN


@given(start=days, length=lengths, passed=st.integers(0, 800), done=st.integers(0, 800))
def test_a_clock_is_in_time_or_late_and_never_both_rule_68(start, length, passed, done):
    clock, today = Clock(start, length), start + timedelta(days=passed)
    stopped = Clock(start, length, start + timedelta(days=done))

    assert (clock.left(today) > 0) <= (clock.late(today) == 0)
    assert clock.left(today) - clock.late(today) == length - passed
    assert stopped.late(today) == max(0, done - length)
    assert (stopped.state(today) == "kept-late") == (done > length)
    assert (clock.state(today) == "overdue") == (passed > length)


@pytest.mark.parametrize(
    ("passed", "words", "state"),
    [
        (0, "还剩 10 天", "running"),
        (7, "还剩 3 天", "soon"),
        (10, "今天是最后一天", "soon"),
        (12, "已逾期 2 天", "overdue"),
    ],
)
def test_a_clock_says_what_is_left_rule_68(passed, words, state):
    clock, today = Clock(date(2024, 1, 12), 10), date(2024, 1, 12) + timedelta(days=passed)

    assert (str(clock.words(today)), clock.state(today)) == (words, state)


@given(told=days, asked=st.integers(0, 40), answered=st.integers(0, 40))
def test_the_two_clocks_of_a_review_run_one_after_the_other_rule_68(told, asked, answered):
    received = told + timedelta(days=asked)
    request = Request("白马村", "standing", "漏计", received, told)
    answer = Answer(Outcome.UPHELD, "无误", received + timedelta(days=answered), "会议")
    review = Review(STANDS, 1, "village", request, answer)
    rule = ReviewRule()

    assert request.is_late(rule) == (asked > 10)
    assert review.answering(rule).late(received) == max(0, answered - 10)
    assert review.outcomes(rule) == (
        (Outcome.LATE,) if asked > 10 else (Outcome.UPHELD, Outcome.CHANGED)
    )
    admitted = replace(review, request=replace(request, admitted="因病住院"))
    assert admitted.outcomes(rule) == (Outcome.UPHELD, Outcome.CHANGED)
    assert not replace(request, told_on=None).is_late(rule)


@given(
    st.lists(
        st.tuples(st.integers(1, 20), st.integers(0, 20)).map(
            lambda pair: NoticeRule(Posts.ALL, pair[0], sum(pair))
        ),
        min_size=1,
        max_size=4,
    ),
    st.integers(1, 45),
)
def test_a_length_is_allowed_if_every_kind_allows_it_rule_67(rules, length):
    wording = a_notice(date(2024, 1, 1), length).wording

    fits = all(rule.least <= length <= rule.most for rule in rules)

    assert (not list(period_mistakes(wording, rules))) == fits
    least, most = days_allowed(rules)
    assert (least <= length <= most) == fits


# ---- what is posted -----------------------------------------------------------------------------


def the_table(kind, standings, order=None):
    names = order or [each.unit for each in standings]
    return posted_standing(
        kind, standings, names, source="kind:x", approval=1, approved=Text("会议审定")
    )


@given(st.lists(st.decimals(0, 30, places=2), min_size=7, max_size=14), st.data())
def test_of_persons_only_those_proposed_are_posted_and_no_figure_rule_66(ballots, data):
    """No digit at all is on the list: no marks, votes, ranks or numbers."""
    names = [f"{chr(0x7532 + n)}某" for n in range(len(ballots))]
    entries = [
        Entry(name, {"ballot": ballot, "goals": data.draw(st.decimals(60, 100, places=2))})
        for name, ballot in zip(names, ballots, strict=True)
    ]
    standings = score(PERSON, entries)

    table = the_table(PERSON, standings, names)

    honoured = {s.unit for s in standings if s.grade == "优秀" or s.distinction == "拟表彰"}
    assert table is not None
    assert [row[0] for row in table.rows] == [name for name in names if name in honoured]
    written = json.dumps([table.title, *table.rows, *table.remarks], ensure_ascii=False)
    assert not re.search(r"\d", written)


@pytest.mark.parametrize(("name", "key"), KINDS)
def test_every_preset_says_what_may_be_posted_and_how_long_reviews_take_rule_66(name, key):
    kind = load_scheme(name).kind(key)

    assert kind.notice.clause or kind.notice.readings
    assert kind.review.clause or kind.review.readings
    assert (kind.review.ask, kind.review.answer) == (10, 10)
    assert (kind.notice.least, kind.notice.most) == (5, 7)


def test_persons_marks_are_posted_under_no_preset_rule_66():
    assert PERSON.notice.posts is Posts.PROPOSED
    assert load_scheme("village-instructor").kind("instructor").notice.posts is Posts.NONE
    assert NoticeRule().posts is Posts.NONE, "a scheme that says nothing lets nothing be posted"


def test_a_village_standing_is_posted_with_its_figures_in_rank_order_rule_66():
    kind = load_scheme("street-2023").kind("village")
    figures = {"leaders-review": Decimal(5), "village-peer-review": Decimal(5)}
    entries = [
        Entry(name, {**figures, "base-work": Decimal(base), "street-review": Decimal(4)})
        for name, base in (("甲", 70), ("乙", 80))
    ]

    table = the_table(kind, score(kind, entries))

    assert table is not None
    assert [row[:3] for row in table.rows] == [("1", "乙", "94.00"), ("2", "甲", "84.00")]


def test_a_kind_without_a_rule_posts_nothing_rule_66():
    kind = replace(PERSON, notice=NoticeRule())

    assert the_table(kind, ()) is None
