"""Rules 23 to 25: marks from 0 to 100, their mean, and the highest and lowest dropped."""

from decimal import Decimal
from fractions import Fraction

import pytest

from ballot.scoring import MARKS, Base, Counts, LevelMean, MeanMark, QuestionTally, Rule, RuleError
from tests.scoring.examples import a_rule, converted, lines, on_marks, the_marks, weighted

NINE = (98, 95, 95, 92, 90, 88, 85, 80, 60)
ONE_EACH = MeanMark(Fraction(1), Fraction(1))


def test_the_mean_is_over_those_who_gave_a_mark_and_exact_rule_24():
    result = converted(the_marks(100, 90, 85, abstain=2, invalid=1), on_marks())

    assert result.score == Fraction(275, 3)
    assert result.points == Decimal("91.67")
    assert lines(result.derivation).splitlines() == [
        "基数为表态票：有效 5 − 弃权 2 = 3",
        "3 票，合计 275 分，275 ÷ 3 = 91.67 分 × 1 = 91.67 分",
        "计算全程用分数，只在得分处四舍五入一次",
    ]


def test_the_highest_and_the_lowest_are_dropped_and_told_rule_25():
    result = converted(the_marks(*NINE), on_marks(ONE_EACH, full_marks=Decimal(5)))

    assert result.score == Fraction(625, 7)
    assert (
        "9 票，去掉最高 1 票（98）、最低 1 票（60），余 7 票，合计 625 分，625 ÷ 7 = 89.29 分"
        " × 0.05 = 4.46 分" in lines(result.derivation)
    )


def test_the_derivation_is_told_in_english_with_its_own_punctuation_rule_25():
    [_, told, _] = [
        line.in_("en") for line in converted(the_marks(*NINE), on_marks(ONE_EACH)).derivation
    ]

    assert told.isascii() is False  # the signs of arithmetic
    assert not set(told) & set("，。；：（）、")


@pytest.mark.parametrize(
    ("mean", "dropped"),
    [
        (MeanMark(Fraction(1, 10), Fraction(1, 10)), (0, 0)),
        (MeanMark(Fraction(1, 5), Fraction(1, 10)), (1, 0)),
        (MeanMark(Fraction(1, 5), Fraction(1, 10), rounding="up"), (2, 1)),
        (MeanMark(Fraction(1, 5), Fraction(1, 20), rounding="half-up"), (2, 0)),
        (MeanMark(Fraction(1, 3), Fraction(2)), (3, 2)),
        (MeanMark(Fraction(1), Fraction(1), only_above=8), (1, 1)),
        (MeanMark(Fraction(1), Fraction(1), only_above=9), (0, 0)),
        (MeanMark(Fraction(5), Fraction(4)), (0, 0)),
        (MeanMark(Fraction(5), Fraction(3)), (5, 3)),
    ],
)
def test_of_nine_marks_so_many_are_dropped_from_top_and_bottom_rule_25(mean, dropped):
    assert mean.dropped(9) == dropped


def test_where_nothing_is_dropped_the_derivation_says_so_rule_25():
    result = converted(the_marks(90, 80), on_marks(MeanMark(Fraction(1), only_above=5)))

    assert "2 票，不去掉高低分，合计 170 分，170 ÷ 2 = 85 分" in lines(result.derivation)


def test_a_share_that_is_no_whole_number_of_ballots_is_rounded_down_as_our_reading_rule_25():
    tenth = MeanMark(Fraction(1, 10), Fraction(1, 10))
    reading = "口径：10% × 18 票 = 1.8 票，不足一票的舍去"

    result = converted(the_marks(*range(70, 88)), on_marks(tenth))

    assert reading in lines(result.derivation)
    assert "去掉最高 1 票（87）、最低 1 票（70），余 16 票" in lines(result.derivation)
    said = MeanMark(Fraction(1, 10), Fraction(1, 10), rounding="down")
    assert reading not in lines(converted(the_marks(*range(70, 88)), on_marks(said)).derivation)


def test_several_dropped_marks_are_told_as_a_range_rule_25():
    result = converted(the_marks(*range(80, 90)), on_marks(MeanMark(Fraction(2), Fraction(2))))

    assert "去掉最高 2 票（89 至 88）、最低 2 票（80 至 81）" in lines(result.derivation)


def test_marks_drop_within_each_weighted_group_rule_25():
    groups = {"甲": ("0.6", the_marks(100, 90, 80)), "乙": ("0.4", the_marks(70, 60, 50))}

    result = weighted(groups, on_marks(ONE_EACH), smallest_group=1)

    assert result.score == Fraction("0.6") * 90 + Fraction("0.4") * 60
    assert "各类别按权重合成：0.6 × 90 + 0.4 × 60 = 78 分" in lines(result.derivation)


def test_a_small_group_s_marks_are_not_told_rule_25():
    groups = {"甲": ("0.6", the_marks(*[90] * 9)), "乙": ("0.4", the_marks(70, 60, 50))}

    told = lines(weighted(groups, on_marks(ONE_EACH)).derivation)

    assert "有类别不足 5 票，各类别票数不单列" in told
    assert "70" not in told


def test_nobody_s_marks_make_no_result_rule_24():
    result = converted(the_marks(abstain=3), on_marks())

    assert (result.points, result.spread) == (None, None)
    assert result.to_json()["marks"] is None
    assert "基数（表态票）为 0，没有结果" in str(result.note)


def test_marks_have_a_spread_and_no_levels_rule_23():
    row = converted(the_marks(100, 90, 90, 9), on_marks()).to_json()

    assert (row["approving"], row["ratio"], row["percent"], row["levels"]) == (None, None, None, {})
    assert row["marks"] == {
        "opinions": 4,
        "mean": "72.25",
        "lowest": 9,
        "highest": 100,
        "counts": {"100": 1, "90": 2, "9": 1},
    }
    spread = converted(the_marks(100, 90, 89, 9), on_marks()).spread
    assert spread.ranges == (
        ("90–100", 2),
        ("80–89", 1),
        ("70–79", 0),
        ("60–69", 0),
        ("0–59", 1),
    )


def test_several_questions_on_marks_are_averaged_rule_24():
    from ballot.scoring import convert

    questions = [QuestionTally({"": the_marks(90)}, "德"), QuestionTally({"": the_marks(80)}, "能")]

    assert convert("甲", questions, on_marks()).score == 85


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Rule(MARKS, LevelMean(), Base.OPINIONS, Decimal(100)),
        lambda: a_rule(conversion=MeanMark(), base=Base.OPINIONS),
        lambda: on_marks(base=Base.VALID),
        lambda: MeanMark(Fraction(-1)),
        lambda: MeanMark(Fraction(3, 2)),
        lambda: MeanMark(only_above=-1),
    ],
)
def test_what_does_not_fit_marks_is_refused_rule_24(wrong):
    with pytest.raises(RuleError):
        wrong()


def test_counts_of_other_scales_do_not_pass_for_marks_rule_23():
    assert MARKS.answers == 101
    assert Counts((0,) * 101).opinions == 0
