"""Laws that hold for all counts: monotone, symmetric, exact."""

import json
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from ballot.scoring import (
    NAMED_SCALES,
    STANDARD_BANDS,
    Adjustment,
    ApprovalRatio,
    Base,
    Counted,
    Counts,
    Entry,
    LevelMean,
    MeanMark,
    QuestionTally,
    RankMarks,
    Rule,
    convert,
    convert_all,
    score,
)
from tests.scoring.examples import (
    VILLAGE,
    a_rule,
    converted,
    marks,
    on_marks,
    the_marks,
    villages,
    weighted,
)

few = st.integers(0, 40)
counts = st.builds(
    Counts, st.tuples(few, few, few, few), abstain=st.integers(0, 5), invalid=st.integers(0, 5)
)
rules = st.builds(
    a_rule,
    scale=st.sampled_from([NAMED_SCALES["four-level"], NAMED_SCALES["personnel"]]),
    conversion=st.sampled_from([STANDARD_BANDS, LevelMean(), ApprovalRatio()]),
    base=st.sampled_from([Base.OPINIONS, Base.VALID, Base.RETURNED]),
    full_marks=st.decimals("0.1", "200", places=1),
    clause=st.text(),
    empty_group=st.sampled_from(["block", "renormalise"]),
    combine=st.sampled_from(["scores", "ratios"]),
    readings=st.lists(st.text()).map(tuple),
)
mark_rules = st.builds(
    on_marks,
    st.builds(
        MeanMark,
        st.integers(0, 4).map(Fraction),
        st.fractions(0, "0.9"),
        st.integers(0, 99),
        st.sampled_from(["", "up"]),
    ).flatmap(lambda mean: st.sampled_from([mean, RankMarks(mean)])),
)
figures = st.decimals(0, 5, places=4)
drops = st.integers(0, 4).map(Fraction) | st.fractions(0, "0.45", max_denominator=20)
means = st.builds(
    MeanMark,
    drops,
    drops,
    only_above=st.integers(0, 10),
    rounding=st.sampled_from(["", "down", "up", "half-up"]),
)
given_marks = st.lists(st.integers(0, 100), min_size=1, max_size=40)


@given(rated=counts, rule=rules)
def test_one_more_approving_ballot_never_lowers_the_points(rated, rule):
    assume(rated.valid and rated.opinions)
    best = (rated.marks[0] + 1, *rated.marks[1:])

    before = converted(rated, rule)
    after = converted(Counts(best, rated.abstain, rated.invalid), rule)

    assert after.points >= before.points


@given(questions=st.lists(counts, min_size=2, max_size=4), rule=rules, data=st.data())
def test_the_order_of_questions_changes_nothing(questions, rule, data):
    named = [
        QuestionTally({"": each}, f"第{number}项", Fraction(number + 1))
        for number, each in enumerate(questions)
    ]

    one = convert("村", named, rule)
    other = convert("村", data.draw(st.permutations(named)), rule)

    assert (one.score, one.points, one.ratio, one.percent) == (
        other.score,
        other.points,
        other.ratio,
        other.percent,
    )


@given(marks=given_marks, mean=means, data=st.data())
def test_the_order_of_ballots_changes_no_mean_mark_rule_24(marks, mean, data):
    mixed = data.draw(st.permutations(marks))

    assert converted(the_marks(*mixed), on_marks(mean)) == converted(
        the_marks(*marks), on_marks(mean)
    )


@given(marks=given_marks, mean=means)
def test_dropping_never_leaves_the_range_of_the_marks_and_keeps_somebody_rule_25(marks, mean):
    kept = mean.kept(the_marks(*marks).marks)

    assert sum(kept) >= 1
    assert len(marks) - sum(kept) == sum(mean.dropped(len(marks)))
    assert min(marks) <= converted(the_marks(*marks), on_marks(mean)).score <= max(marks)


@given(marks=given_marks, mean=means)
def test_dropping_keeps_the_marks_between_as_sorting_them_would_rule_25(marks, mean):
    top, bottom = mean.dropped(len(marks))
    between = sorted(marks)[bottom : len(marks) - top]

    assert converted(the_marks(*marks), on_marks(mean)).score == Fraction(
        sum(between), len(between)
    )


@given(mark=st.integers(0, 100), ballots=st.integers(1, 40), mean=means)
def test_the_mean_of_equal_marks_is_that_mark_rule_24(mark, ballots, mean):
    assert converted(the_marks(*[mark] * ballots), on_marks(mean)).score == mark


@given(marks=given_marks, mean=means, data=st.data())
def test_one_mark_raised_never_lowers_the_mean_rule_25(marks, mean, data):
    place = data.draw(st.integers(0, len(marks) - 1))
    raised = [*marks]
    raised[place] = data.draw(st.integers(marks[place], 100))

    before = converted(the_marks(*marks), on_marks(mean)).score
    assert converted(the_marks(*raised), on_marks(mean)).score >= before


@given(approving=st.lists(st.integers(0, 20), min_size=1, max_size=8), data=st.data())
def test_a_better_ratio_never_has_a_worse_mark_by_rank_rule_26(approving, data):
    rule = a_rule(conversion=RankMarks(ApprovalRatio()))
    section = [
        Counted(str(n), [QuestionTally({"": marks(a, 20)})]) for n, a in enumerate(approving)
    ]
    mixed = data.draw(st.permutations(section))

    scores = {each.subject: each.score for each in convert_all(mixed, rule)}

    assert max(scores.values()) == 100
    for one, here in enumerate(approving):
        for other, there in enumerate(approving):
            assert (scores[str(one)] > scores[str(other)]) == (here > there)


def test_three_weighted_groups_together_are_exactly_ninety_percent_rule_12():
    groups = {
        "甲": ("0.4", marks(18, 20)),
        "乙": ("0.3", marks(17, 20)),
        "丙": ("0.3", marks(19, 20)),
    }

    result = weighted(groups, a_rule(combine="ratios"))

    assert (result.score, result.percent) == (90, "90.00")


@given(rated=counts, rule=rules, level=st.integers(1, 3))
def test_one_mark_moved_to_a_better_level_never_lowers_the_points(rated, rule, level):
    assume(rated.marks[level] > 0)
    moved = list(rated.marks)
    moved[level] -= 1
    moved[level - 1] += 1

    before = converted(rated, rule)
    after = converted(Counts(tuple(moved), rated.abstain, rated.invalid), rule)

    assert after.points >= before.points


@given(rated=counts, rule=rules, factor=st.integers(2, 9))
def test_as_many_times_the_votes_change_no_ratio_and_no_points(rated, rule, factor):
    whole = Counts(
        tuple(mark * factor for mark in rated.marks), rated.abstain * factor, rated.invalid * factor
    )

    before, after = converted(rated, rule), converted(whole, rule)

    assert (after.score, after.points, after.percent) == (
        before.score,
        before.points,
        before.percent,
    )


@given(
    groups=st.lists(counts, min_size=2, max_size=4), rule=rules, data=st.data(), share=st.booleans()
)
def test_the_order_of_groups_changes_nothing(groups, rule, data, share):
    named = {f"g{number}": each for number, each in enumerate(groups)}
    order = data.draw(st.permutations(list(named)))
    weights = {key: Fraction(1, len(named)) for key in named} if share else {}

    one = convert("村", [QuestionTally(named)], rule, weights=weights)
    other = convert(
        "村",
        [QuestionTally({key: named[key] for key in order})],
        rule,
        weights={key: weights[key] for key in order if share},
    )

    assert (one.score, one.points, one.ratio, one.percent) == (
        other.score,
        other.points,
        other.ratio,
        other.percent,
    )


@given(rule=rules | mark_rules)
def test_a_frozen_rule_reads_back_equal_rule_22(rule):
    written = json.dumps(rule.to_json(), sort_keys=True)

    assert Rule.from_json(json.loads(written)) == rule
    assert json.dumps(Rule.from_json(json.loads(written)).to_json(), sort_keys=True) == written


@given(rated=counts, rule=rules)
def test_the_points_are_the_exact_score_rounded_once_rule_6(rated, rule):
    result = converted(rated, rule)
    assume(result.points is not None)

    exact = result.score * Fraction(rule.full_marks) / 100
    assert abs(Fraction(result.points) - exact) <= Fraction(1, 200)
    assert result.points == result.points.quantize(Decimal("0.01"))


@given(parts=st.lists(figures, min_size=4, max_size=4), times=st.integers(1, 9))
def test_the_printed_column_adds_up_to_the_printed_total_rule_16(parts, times):
    keys = [component.key for component in VILLAGE.components]
    entry = Entry("甲", dict(zip(keys, parts, strict=True)))

    row = score(VILLAGE, [entry], [Adjustment("甲", "late-reply", times)])[0].to_json()

    printed = [*row["components"].values(), *(each["marks"] for each in row["adjustments"])]
    assert sum(Decimal(each) for each in printed) == Decimal(row["total"])


@given(totals=st.lists(st.integers(55, 75), min_size=1, max_size=9), data=st.data())
def test_the_order_of_units_changes_nothing_rule_17(totals, data):
    entries = villages(*map(str, totals))
    mixed = data.draw(st.permutations(entries))

    one = [standing.to_json() for standing in score(VILLAGE, entries)]
    other = [standing.to_json() for standing in score(VILLAGE, mixed)]

    assert one == other


@given(totals=st.lists(st.integers(55, 70), min_size=1, max_size=9))
def test_a_better_total_never_has_a_worse_grade_rule_18(totals):
    worth = {"先进": 3, "良好": 2, "合格": 1, "不合格": 0}

    standings = score(VILLAGE, villages(*map(str, totals)))

    known = [worth[standing.grade] for standing in standings if standing.grade != "待定"]
    assert known == sorted(known, reverse=True)
