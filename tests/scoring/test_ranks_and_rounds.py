"""Rules 26 and 27: marks by rank within a section, and rounds combined by weight."""

from decimal import Decimal
from fractions import Fraction

import pytest

from ballot.scoring import (
    ApprovalRatio,
    Base,
    Counted,
    Counts,
    LevelMean,
    MeanMark,
    QuestionTally,
    RankMarks,
    Round,
    WeightsError,
    combine_rounds,
    convert,
    convert_all,
)
from tests.scoring.examples import a_rule, converted, lines, marks, on_marks, the_marks

BY_RATIO = a_rule(conversion=RankMarks(ApprovalRatio()), full_marks=Decimal(20))


def a_section(*approving, of=20):
    return [
        Counted(name, [QuestionTally({"": marks(number, of)})])
        for name, number in zip("甲乙丙丁戊", approving, strict=False)
    ]


def test_place_r_of_n_gets_a_hundred_times_n_minus_r_plus_1_over_n_rule_26():
    results = convert_all(a_section(18, 20, 10, 15), BY_RATIO)

    assert [str(each.points) for each in results] == ["15.00", "20.00", "5.00", "10.00"]
    assert lines(results[0].derivation).splitlines()[-2:] == [
        "好 18 + 较好 0 = 18 票，18/20 = 90.00% → 90 分",
        "4 个对象中第 2 名：100 ×（4 − 2 + 1）÷ 4 = 75 分 × 0.2 = 15.00 分",
    ]


def test_equals_share_the_better_place_rule_26():
    results = convert_all(a_section(18, 20, 18, 15), BY_RATIO)

    assert [each.score for each in results] == [75, 100, 75, 25]
    assert "第 2 名（2 个并列）" in lines(results[0].derivation)


def test_places_are_by_exact_scores_not_printed_ones_rule_26():
    section = [
        Counted("甲", [QuestionTally({"": marks(200_000, 300_001)})]),
        Counted("乙", [QuestionTally({"": marks(200_001, 300_001)})]),
    ]

    first, second = convert_all(section, BY_RATIO)

    assert (first.percent, second.percent) == ("66.67", "66.67")
    assert (first.score, second.score) == (50, 100)


def test_a_subject_without_a_result_has_no_place_and_is_not_counted_rule_26():
    section = [*a_section(18, 10), Counted("丙", [QuestionTally({"": Counts((0, 0, 0, 0))})])]

    results = convert_all(section, BY_RATIO)

    assert [each.score for each in results] == [100, 50, None]


@pytest.mark.parametrize("by", [LevelMean(), MeanMark(Fraction(1), Fraction(1))])
def test_subjects_may_be_ranked_by_other_means_rule_26(by):
    if isinstance(by, MeanMark):
        rule = on_marks(RankMarks(by))
        section = [
            Counted("甲", [QuestionTally({"": the_marks(100, 70, 70, 0)})]),
            Counted("乙", [QuestionTally({"": the_marks(71, 71, 71)})]),
        ]
    else:
        rule = a_rule(conversion=RankMarks(by), base=Base.OPINIONS)
        section = [
            Counted("甲", [QuestionTally({"": Counts((1, 0, 0, 1))})]),
            Counted("乙", [QuestionTally({"": Counts((0, 1, 1, 0))})]),
        ]

    assert [each.score for each in convert_all(section, rule)] == [50, 100]


def test_a_rank_needs_the_whole_section_rule_26():
    with pytest.raises(ValueError, match="rank"):
        convert("甲", [QuestionTally({"": marks(1, 2)})], BY_RATIO)


HALF = Fraction(1, 2)


def test_rounds_are_combined_exactly_and_rounded_once_rule_27():
    first = converted(the_marks(90, 85, 85), on_marks())
    second = converted(the_marks(81, 80, 80), on_marks())

    result = combine_rounds(
        "财政所", [Round("上半年", HALF, first), Round("年终", HALF, second)], Decimal(100)
    )

    assert result.score == Fraction(501, 6)
    assert result.points == Decimal("83.50")  # not the mean of 86.67 and 80.33
    told = lines(result.derivation)
    assert "上半年：3 票，合计 260 分，260 ÷ 3 = 86.67 分" in told
    assert "各轮按权重合成：0.5 × 86.67 + 0.5 × 80.33 = 83.5 分 × 1 = 83.50 分" in told
    assert told.endswith("计算全程用分数，只在得分处四舍五入一次")
    assert result.to_json()["points"] == "83.50"


def test_a_round_without_a_result_leaves_none_rule_27():
    whole, none = converted(marks(9, 10)), converted(Counts((0, 0, 0, 0)))

    result = combine_rounds("甲", [Round("一", HALF, whole), Round("二", HALF, none)], Decimal(5))

    assert result.points is None
    assert str(result.note) == "二没有结果，不能合成"
    assert result.note.in_("en") == "二 has no result, so nothing can be combined"


def test_weights_of_rounds_add_up_to_one_rule_27():
    each = converted(marks(9, 10))

    with pytest.raises(WeightsError):
        combine_rounds(
            "甲", [Round("一", HALF, each), Round("二", Fraction(1, 3), each)], Decimal(5)
        )
