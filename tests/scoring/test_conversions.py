"""Rules 9 to 13: other conversions, several questions, weighted groups."""

from decimal import Decimal
from fractions import Fraction

import pytest

from ballot.scoring import (
    NAMED_SCALES,
    ApprovalRatio,
    Band,
    Bands,
    Base,
    Counts,
    Level,
    LevelMean,
    QuestionTally,
    RuleError,
    Scale,
    ScaleError,
    WeightsError,
    convert,
)
from tests.scoring.examples import a_rule, converted, lines, marks, weighted

MEAN = a_rule(conversion=LevelMean(), base=Base.OPINIONS)
RATIO = a_rule(conversion=ApprovalRatio())
THREE_GROUPS = {
    "甲类": ("0.4", marks(18, 20)),
    "乙类": ("0.3", marks(17, 20)),
    "丙类": ("0.3", marks(19, 20)),
}


def test_the_level_mean_divides_what_the_levels_are_worth_by_opinions_rule_9():
    result = converted(Counts((5, 3, 1, 0), abstain=4), MEAN)

    assert result.score == Fraction(800, 9)
    assert result.points == Decimal("88.89")
    told = lines(result.derivation)
    assert "（好 100 × 5 + 较好 80 × 3 + 一般 60 × 1 + 差 0 × 0）÷ 9 = 88.89 分" in told
    assert "计算全程用分数" in told


def test_the_approval_ratio_is_the_score_rule_10():
    result = converted(Counts((20, 6, 3, 0)), RATIO)

    assert result.score == Fraction(2600, 29)
    assert result.to_json()["score"] == "89.66"


@pytest.mark.parametrize("name", NAMED_SCALES)
def test_named_scales_are_worth_100_at_the_top_and_0_at_the_bottom(name):
    levels = NAMED_SCALES[name].levels

    assert (levels[0].value, levels[-1].value) == (100, 0)
    assert levels[0].approves
    assert not levels[-1].approves


def test_several_questions_are_converted_apart_and_their_scores_averaged_rule_11():
    questions = [
        QuestionTally({"": marks(9, 10)}, "健康度"),
        QuestionTally({"": marks(7, 10)}, "舒适度"),
    ]

    result = convert("镇", questions, a_rule())

    assert result.score == 80
    assert result.ratio == "16/20"
    assert "“健康度”好 9 + 较好 0 = 9 票" in lines(result.derivation)
    assert "各测评项平均：（90 + 70）÷ 2 = 80 分 × 1 = 80.00 分" in lines(result.derivation)


def test_questions_have_weights_rule_11():
    questions = [
        QuestionTally({"": marks(9, 10)}, "健康度", Fraction(3)),
        QuestionTally({"": marks(7, 10)}, "舒适度", Fraction(1)),
    ]

    result = convert("镇", questions, RATIO)

    assert (result.score, result.percent) == (85, "85.00")
    assert "（3 × 90 + 1 × 70）÷ 4 = 85 分" in lines(result.derivation)


def test_one_question_without_votes_leaves_the_whole_without_a_result_rule_11():
    questions = [
        QuestionTally({"": marks(9, 10)}, "健康度"),
        QuestionTally({"": Counts((0, 0, 0, 0))}, "舒适度"),
    ]

    result = convert("镇", questions, RATIO)

    assert result.points is None
    assert "“舒适度”基数（有效票）为 0" in str(result.note)


def test_groups_without_weights_are_pooled_rule_12():
    tally = QuestionTally({"两委": marks(10, 10), "代表": marks(44, 50)})

    assert convert("白马村", [tally], a_rule()).ratio == "54/60"


def test_weights_are_exact_so_that_90_percent_is_90_percent_rule_12():
    result = weighted(THREE_GROUPS, RATIO)

    assert result.score == 90
    assert result.percent == "90.00"


def test_weighted_groups_are_banded_apart_and_their_scores_combined_rule_12():
    result = weighted(THREE_GROUPS, a_rule())

    assert result.score == 87
    assert result.percent == "90.00"
    assert "0.4 × 90 + 0.3 × 80 + 0.3 × 90 = 87 分" in lines(result.derivation)
    assert "乙类：距上一档（90%）差 1 票" in lines(result.derivation)


def test_a_rule_may_combine_ratios_first_and_band_them_once_rule_12():
    result = weighted(THREE_GROUPS, a_rule(combine="ratios"))

    assert result.score == 90
    told = lines(result.derivation)
    assert "0.4 × 90.00% + 0.3 × 85.00% + 0.3 × 95.00% = 90.00% ≥ 90% → 90 分" in told


def test_a_weighted_share_that_differs_from_the_sum_of_votes_is_noted_rule_12():
    groups = {"甲类": ("1/2", marks(10, 10)), "乙类": ("1/2", marks(30, 60))}

    result = weighted(groups, RATIO)

    assert (result.ratio, result.percent) == ("40/70", "75.00")
    assert "得票率按权重合成" in str(result.note)


def test_a_small_group_counts_but_its_figures_are_not_told_apart_rule_12():
    groups = {"领导": ("1/2", marks(3, 4)), "群众": ("1/2", marks(45, 50))}

    result = weighted(groups, RATIO)

    told = lines(result.derivation)
    assert result.score == Fraction(165, 2)
    assert "有类别不足 5 票，各类别票数不单列" in told
    assert "3/4" not in told
    assert "75" not in told


@pytest.mark.parametrize("weights", [("0.4", "0.3"), ("0.5", "0.6"), ("1.5", "-0.5"), ("1", "0")])
def test_weights_that_are_not_shares_of_one_are_refused_rule_12(weights):
    groups = {key: (weight, marks(9, 10)) for key, weight in zip("甲乙", weights, strict=True)}

    with pytest.raises(WeightsError, match="合计为 1"):
        weighted(groups, RATIO)


def test_an_empty_group_blocks_the_result_and_is_named_rule_13():
    groups = {"甲类": ("0.4", marks(0, 0)), "乙类": ("0.6", marks(9, 10))}

    result = weighted(groups, RATIO)

    assert (result.score, result.points, result.percent) == (None, None, "")
    assert str(result.note) == "类别“甲类”没有有效票，没有结果"


def test_an_empty_group_may_give_its_weight_to_the_others_rule_13():
    groups = {
        "甲类": ("0.4", marks(0, 0)),
        "乙类": ("0.3", marks(9, 10)),
        "丙类": ("0.3", marks(8, 10)),
    }

    result = weighted(groups, a_rule(conversion=ApprovalRatio(), empty_group="renormalise"))

    assert result.score == 85
    assert "其余类别按权重重新折算" in str(result.note)


def test_a_group_that_never_voted_is_an_empty_group_rule_13():
    tally = QuestionTally({"乙类": marks(9, 10)})
    weights = {"甲类": Fraction(1, 2), "乙类": Fraction(1, 2)}

    assert convert("白马村", [tally], RATIO, weights=weights).points is None


def test_a_group_without_a_weight_is_a_bug():
    tally = QuestionTally({"甲类": marks(9, 10), "丁类": marks(1, 2)})

    with pytest.raises(ValueError, match="丁类"):
        convert("白马村", [tally], RATIO, weights={"甲类": Fraction(1)})


def level(label="好", value=100, approves=True):
    return Level(label, Fraction(value), approves)


@pytest.mark.parametrize(
    ("levels", "problem"),
    [
        ([level()], "2 至 6 个"),
        ([level(str(n), 100 - n) for n in range(7)], "2 至 6 个"),
        ([level(), level()], "重复"),
        ([level(), level(" ", 0, False)], "空白"),
        ([level(value=101), level("差", 0, False)], "0 至 100"),
        ([level(value=60), level("差", 80, False)], "由高到低"),
        ([level(approves=False), level("差", 0, True)], "排在不认可"),
        ([level(approves=False), level("差", 0, False)], "至少要有一个认可"),
    ],
)
def test_a_scale_that_breaks_a_rule_is_refused(levels, problem):
    with pytest.raises(ScaleError, match=problem):
        Scale(tuple(levels))


def band(at_least, score):
    return Band(Fraction(at_least), Fraction(score))


@pytest.mark.parametrize(
    ("bands", "otherwise", "problem"),
    [
        ([], 40, "至少要有一档"),
        ([band("11/10", 90)], 40, "不超过 100%"),
        ([band("1/2", 60), band("9/10", 90)], 40, "由高到低"),
        ([band("9/10", 90), band("9/10", 80)], 40, "不得相同"),
        ([band("9/10", 90), band("8/10", 95)], 40, "不得低于"),
        ([band("9/10", 90)], 95, "不得低于"),
        ([band("9/10", 190)], 40, "0 至 100"),
    ],
)
def test_bands_out_of_order_are_refused(bands, otherwise, problem):
    with pytest.raises(RuleError, match=problem):
        Bands(tuple(bands), Fraction(otherwise))


def test_full_marks_of_nothing_are_refused():
    with pytest.raises(RuleError, match="满分"):
        a_rule(full_marks=Decimal(0))


def test_derivations_call_groups_by_their_names_and_tell_equal_names_apart_rule_12():
    names = {"甲类": "村民", "乙类": "村民", "丙类": "两委成员"}

    result = weighted(THREE_GROUPS, a_rule(), names=names)

    told = lines(result.derivation)
    assert "村民·甲类：好 18 + 较好 0 = 18 票" in told
    assert "村民·乙类：好 17 + 较好 0 = 17 票" in told
    assert "两委成员：好 19 + 较好 0 = 19 票" in told
    assert "村民·甲类: " in "\n".join(line.in_("en") for line in result.derivation)


def test_notes_on_empty_groups_use_names_and_each_language_s_own_marks_rule_13():
    groups = {key: (weight, Counts((0, 0, 0, 0))) for key, (weight, _) in THREE_GROUPS.items()}

    note = weighted(groups, a_rule(), names={"甲类": "村民", "丙类": "两委成员"}).note

    assert str(note) == "类别“村民、乙类、两委成员”没有有效票，没有结果"
    assert "村民, 乙类, 两委成员" in note.in_("en")


def test_two_notes_are_joined_by_each_language_s_own_semicolon_rule_7():
    groups = {"甲": ("0.5", Counts((1, 1, 0, 0))), "乙": ("0.5", Counts((0, 0, 1, 0)))}

    note = weighted(groups, a_rule()).note

    assert str(note) == (
        "各等次百分比合计 99.99%，是四舍五入所致；得票率按权重合成，不等于合计票数之比"
    )
    assert "; " in note.in_("en")
    assert "；" not in note.in_("en")
