"""Rules 1 to 8: one subject's votes, bands, points."""

from decimal import Decimal
from fractions import Fraction

import pytest

from ballot.scoring import (
    Base,
    BaseTooSmallError,
    BaseUnknownError,
    Counts,
    Discretion,
    DiscretionError,
    NoVotesError,
    approval_ratio,
    half_up,
    percent,
)
from tests.scoring.examples import PEER_REVIEW, a_rule, converted, lines, marks


@pytest.mark.parametrize(
    ("approving", "base", "score", "points"),
    [
        (54, 60, 90, "4.50"),  # exactly 90%
        (53, 60, 80, "4.00"),  # 88.33%
        (27, 30, 90, "4.50"),
        (26, 29, 80, "4.00"),  # 89.66%, never rounded up into the band
        (43, 48, 80, "4.00"),  # 89.58%
        (53, 59, 80, "4.00"),  # 89.83%
        (8999, 10000, 80, "4.00"),
        (17999, 20000, 80, "4.00"),  # 89.995% prints 90.00% and is still below
        (4, 5, 80, "4.00"),
        (79, 99, 70, "3.50"),  # 79.80%
        (7, 10, 70, "3.50"),
        (69, 99, 60, "3.00"),
        (3, 5, 60, "3.00"),
        (59, 99, 40, "2.00"),  # 59.60%
        (0, 7, 40, "2.00"),
        (7, 7, 90, "4.50"),
    ],
)
def test_every_edge_belongs_to_the_band_above_it_rule_4(approving, base, score, points):
    result = converted(marks(approving, base))

    assert result.score == score
    assert result.points == Decimal(points)
    assert result.ratio == f"{approving}/{base}"


def test_the_worked_example_of_the_scheme_is_told_as_a_person_would_rule_6():
    result = converted(Counts((40, 14, 5, 1), invalid=2))

    told = lines(result.derivation)
    assert "好 40 + 较好 14 = 54 票，54/60 = 90.00% ≥ 90% → 90 分 × 0.05 = 4.50 分" in told
    assert "基数为有效票：收回 62 − 无效 2 = 60" in told
    assert "依据：三、2(2)" in told
    assert "口径：" in told
    assert "距上一档" not in told


def test_the_distance_to_the_next_band_is_told_in_votes_rule_4():
    result = converted(Counts((40, 13, 5, 2)))

    assert "距上一档（90%）差 1 票" in lines(result.derivation)
    assert "≥ 80%，< 90% → 80 分" in lines(result.derivation)


def test_an_empty_base_is_no_result_and_never_40_rule_8():
    result = converted(Counts((0, 0, 0, 0), invalid=3))

    assert (result.score, result.points, result.ratio, result.percent) == (None, None, "0/0", "")
    assert str(result.note) == "基数（有效票）为 0，没有结果"
    assert result.to_json()["score"] is None
    assert result.to_json()["points"] is None


def test_abstentions_lower_the_ratio_of_valid_ballots_but_not_of_opinions_rule_3():
    counts = Counts((9, 0, 1, 0), abstain=2)

    assert converted(counts, a_rule()).ratio == "9/12"
    assert converted(counts, a_rule(base=Base.OPINIONS)).ratio == "9/10"


@pytest.mark.parametrize(
    ("base", "ratio", "named"),
    [
        (Base.OPINIONS, "9/10", "表态票"),
        (Base.VALID, "9/11", "有效票"),
        (Base.RETURNED, "9/12", "收回票"),
        (Base.ISSUED, "9/15", "发出票"),
        (Base.ELIGIBLE, "9/20", "应到人数"),
    ],
)
def test_the_base_is_chosen_and_named_in_words_rule_3(base, ratio, named):
    counts = Counts((9, 0, 1, 0), abstain=1, invalid=1, issued=15, eligible=20)

    result = converted(counts, a_rule(base=base))

    assert result.ratio == ratio
    assert named in str(result.derivation[0])


def test_a_base_that_was_never_counted_is_refused_rule_3():
    with pytest.raises(BaseUnknownError, match="“白马村”没有发出票的数字"):
        converted(marks(9, 10), a_rule(base=Base.ISSUED))


def test_more_marks_than_the_base_holds_are_refused_rule_3():
    with pytest.raises(BaseTooSmallError, match="多于基数应到人数 8"):
        converted(marks(9, 10, eligible=8), a_rule(base=Base.ELIGIBLE))


def test_the_lowest_band_is_40_unless_discretion_is_recorded_rule_5():
    rated = marks(1, 10)

    default = converted(rated)
    decided = converted(rated, discretion=Discretion(Decimal("32.5"), "整改不力", "计分员甲"))

    assert (default.score, default.points) == (40, Decimal("2.00"))
    assert "酌情 40 分 × 0.05 = 2.00 分" in lines(default.derivation)
    assert (decided.score, decided.points) == (Fraction(65, 2), Decimal("1.63"))
    assert "酌情 32.5 分由计分员甲决定，理由：整改不力" in lines(decided.derivation)


@pytest.mark.parametrize(
    ("approving", "rule", "value", "reason", "problem"),
    [
        (1, PEER_REVIEW, "41", "理由", "须在 0 至 40 分之间"),
        (1, PEER_REVIEW, "-1", "理由", "须在 0 至 40 分之间"),
        (1, PEER_REVIEW, "30", " ", "须写明理由和决定人"),
        (9, PEER_REVIEW, "30", "理由", "得票率不在酌情档"),
        (1, a_rule(), "30", "理由", "规则没有酌情档"),
    ],
)
def test_discretion_outside_its_place_is_refused_rule_5(approving, rule, value, reason, problem):
    recorded = Discretion(Decimal(value), reason, "计分员甲")

    with pytest.raises(DiscretionError, match=problem):
        converted(marks(approving, 10), rule, discretion=recorded)


def test_level_percentages_that_do_not_add_up_are_left_alone_and_noted_rule_7():
    result = converted(Counts((1, 1, 1, 0)))

    assert [level["percent"] for level in result.levels.values()] == [
        "33.33", "33.33", "33.33", "0.00",
    ]  # fmt: skip
    assert str(result.note) == "各等次百分比合计 99.99%，是四舍五入所致"
    assert converted(Counts((1, 0, 0, 1))).note is None


def test_blank_choices_are_noted_beside_the_percentages_rule_7():
    result = converted(Counts((9, 0, 0, 0), abstain=1))

    assert str(result.note) == "各等次百分比合计 90.00%，基数中另有 1 票没有选择等次"


def test_halves_are_rounded_up_and_away_from_zero_rule_7():
    assert str(half_up(Fraction(1, 200), 2)) == "0.01"
    assert str(half_up(Fraction(-1, 200), 2)) == "-0.01"
    assert str(half_up(Fraction(-1, 1000), 2)) == "0.00"
    assert str(half_up(Fraction(499, 100000), 2)) == "0.00"
    assert str(half_up(Fraction(10**40, 3), 2)).endswith("33.33")


def test_percentages_have_two_decimals_rule_7():
    assert percent(26, 29) == "89.66"
    assert percent(27, 30) == "90.00"
    with pytest.raises(NoVotesError):
        percent(0, 0)


def test_a_ratio_of_nothing_is_no_ratio_rule_2():
    with pytest.raises(NoVotesError):
        approval_ratio(approving=0, base=0)
    with pytest.raises(ValueError, match="impossible"):
        approval_ratio(approving=3, base=2)


def test_counts_know_their_bases_and_add_up_rule_1():
    one = Counts((3, 2), abstain=1, invalid=2, issued=9, eligible=10)
    other = Counts((1, 1), issued=2)

    assert (one.opinions, one.valid, one.returned) == (5, 6, 8)
    assert one + other == Counts((4, 3), abstain=1, invalid=2, issued=11, eligible=None)
    with pytest.raises(ValueError, match="negative"):
        Counts((1, -1))


def test_counts_for_another_scale_are_a_bug_not_a_result():
    with pytest.raises(ValueError, match="2 marks for a scale of 4"):
        converted(Counts((1, 2)))


def test_the_json_is_the_contract_of_the_command_line():
    assert converted(Counts((20, 7, 3, 0))).to_json() == {
        "subject": "白马村",
        "valid": 30,
        "approving": 27,
        "base": "valid",
        "ratio": "27/30",
        "percent": "90.00",
        "levels": {
            "好": {"count": 20, "percent": "66.67"},
            "较好": {"count": 7, "percent": "23.33"},
            "一般": {"count": 3, "percent": "10.00"},
            "差": {"count": 0, "percent": "0.00"},
        },
        "score": "90",
        "points": "4.50",
        "derivation": [
            "基数为有效票：收回 30 − 无效 0 = 30",
            "好 20 + 较好 7 = 27 票，27/30 = 90.00% ≥ 90% → 90 分 × 0.05 = 4.50 分",
            "依据：三、2(2)",
            *[f"口径：{reading}" for reading in PEER_REVIEW.readings],
        ],
        "note": None,
    }
