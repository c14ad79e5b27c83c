"""Comparison: exact differences, what differs not compared, no small group by subtraction."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.domain.comparison import Measured, compare
from ballot.domain.definition import Question, Section, Subject
from ballot.scoring import (
    MARKS,
    NAMED_SCALES,
    STANDARD_BANDS,
    Base,
    Counts,
    MeanMark,
    QuestionTally,
    Rule,
)
from ballot.scoring.compared import exact_share, group_shares

RULE = Rule(NAMED_SCALES["four-level"], STANDARD_BANDS, Base.VALID, Decimal(5))
SECTION = Section("village", "peers", "村述村评", (Subject("白马村", "白马村"),), RULE)
ON_MARKS = replace(SECTION, rule=Rule(MARKS, MeanMark(), Base.OPINIONS, Decimal(5)))
counts = st.lists(st.integers(0, 12), min_size=4, max_size=4)
shares = st.fractions(0, 1)
points = st.decimals(0, 5, places=2)


def measured(share: Fraction, point: Decimal | None = None, section: Section = SECTION) -> Measured:
    return Measured(section, section.subjects[0], share, point)


@given(shares, points, shares, points)
def test_exchanging_now_and_then_changes_the_signs_alone_rule_69(one, mine, other, theirs):
    there = compare(measured(one, mine), measured(other, theirs))
    back = compare(measured(other, theirs), measured(one, mine))

    assert (there.share, there.points) == (-back.share, -back.points)
    assert there.cautions == back.cautions == ()
    assert compare(measured(one, mine), measured(one, mine)).share == 0


def test_a_difference_is_of_exact_shares_and_rounded_once_rule_69():
    found = compare(
        measured(Fraction(2, 3), Decimal("4")), measured(Fraction(1, 3), Decimal("4.5"))
    )
    other = compare(measured(Fraction(1, 3)), measured(Fraction(1, 6)))

    assert (found.shown_share, found.shown_points) == ("+33.33", "-0.5")
    assert other.shown_share == "+16.67", "33.33 − 16.67 of the printed shares would be 16.66"


@pytest.mark.parametrize(
    ("then", "caution", "share", "point"),
    [
        (replace(SECTION, rule=replace(RULE, base=Base.RETURNED)), "基数不同", True, True),
        (replace(SECTION, rule=replace(RULE, full_marks=Decimal(20))), "满分不同", True, False),
        (
            replace(SECTION, rule=replace(RULE, scale=NAMED_SCALES["three-level"])),
            "量表不同",
            False,
            True,
        ),
        (ON_MARKS, "量表不同", False, True),
        (replace(SECTION, questions=(Question("健康度"),)), "测评项不同", True, True),
    ],
)
def test_what_differs_is_not_compared_or_said_rule_69(then, caution, share, point):
    found = compare(
        measured(Fraction(1, 2), Decimal(4)), measured(Fraction(1, 4), Decimal(3), then)
    )

    assert caution in "；".join(map(str, found.cautions))
    assert (found.share is not None, found.points is not None) == (share, point)


@given(st.lists(counts, min_size=2, max_size=4), st.integers(1, 6))
def test_of_a_subject_all_groups_are_told_or_none_and_no_small_one_follows_rule_69(groups, k):
    """Whatever is told, each group, and so each sum of groups, is of k returned ballots or more."""
    tally = {f"g{n}": Counts(tuple(marks)) for n, marks in enumerate(groups)}
    weights = {key: Fraction(1, len(tally)) for key in tally}
    questions = [QuestionTally(tally)]

    told = group_shares("白马村", questions, RULE, weights, {}, k)

    small = any(each.returned < k for each in tally.values())
    assert (told is None) == small
    if told is not None:
        assert [each.ballots for each in told] == [each.returned for each in tally.values()]
        assert all(each.ballots >= k for each in told)
        whole = exact_share("白马村", questions, RULE, weights)
        apart = sum((each.share for each in told), Fraction(0)) / len(told)
        assert whole == apart


def test_a_poll_whose_groups_are_pooled_tells_none_rule_69():
    questions = [QuestionTally({"": Counts((9, 9, 9, 9))})]

    assert group_shares("白马村", questions, RULE, {}, {}, 5) is None


def test_on_marks_the_mean_mark_is_compared_rule_69():
    marks = [0] * 101
    marks[80] = marks[90] = 1
    questions = [QuestionTally({"": Counts(tuple(marks))})]

    now = exact_share("白马村", questions, ON_MARKS.rule, {})

    assert now == 85
    assert compare(measured(now, None, ON_MARKS), measured(Fraction(80), None, ON_MARKS)).share == 5
