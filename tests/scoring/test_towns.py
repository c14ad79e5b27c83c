"""The schemes of towns, villages and instructors by worked examples."""

from decimal import Decimal

import pytest

from ballot.errors import MistakesError
from ballot.scoring import Counts, How, QuestionTally, convert, load_scheme
from tests.scoring.examples import column, grades, lines, totals, yearly

# ---- harmonious-towns --------------------------------------------------------------------------

TOWNS = """unit,绿化.level,绿化.improvement,污水.现状,污水.改善,organisation,satisfaction
甲镇,38.5,2.1,90,-1,90,85
乙镇,40,1,92,3,95,80
丙镇,38.5,3,85,5,88,92.5
"""


def towns(entries=TOWNS, vetoes=""):
    return yearly("harmonious-towns", "town", entries, "", vetoes)


def test_indicators_are_marked_by_rank_and_ties_share_the_better_place_rule_45():
    # 甲: 绿化 200/3 x 0.4 + 200/3 x 0.6 = 200/3; 污水 200/3 x 0.4 + 100/3 x 0.6 = 140/3
    #     mean 170/3 = 56.67, x 0.6 = 34.00; + 18 + 17 = 69.00
    # 乙: 绿化 40 + 20 = 60; 污水 40 + 40 = 80; mean 70 x 0.6 = 42; + 19 + 16 = 77.00
    # 丙: 绿化 200/3 x 0.4 + 60 = 260/3; 污水 40/3 + 60 = 220/3; mean 80 x 0.6 = 48; + 17.6 + 18.5
    standings = towns()

    assert totals(standings) == {"丙镇": "84.10", "乙镇": "77.00", "甲镇": "69.00"}
    told = lines(standings["甲镇"].derivation)
    assert "绿化现状 38.5：3 个中第 2，100 × (3 − 2 + 1) ÷ 3 = 66.67（200/3）" in told
    assert standings["甲镇"].to_json()["figures"]["污水.improvement"] == "-1"


def test_a_false_report_brings_its_indicator_to_nothing_for_that_town_alone_rule_50():
    # 甲: (0 + 140/3) / 2 x 0.6 = 14.00
    standings = towns(vetoes="unit,rule,item\n甲镇,false-report,绿化\n")

    assert totals(standings) == {"丙镇": "84.10", "乙镇": "77.00", "甲镇": "49.00"}
    assert "虚报、瞒报：“绿化”计 0 分（二（三））" in lines(standings["甲镇"].derivation)
    part = standings["甲镇"].working[0].work.parts[1]
    assert (part.key, part.how, part.value) == ("绿化", How.ZEROED, 0)


def test_a_false_report_must_name_an_indicator_that_was_entered_rule_50():
    with pytest.raises(MistakesError, match=r"v.csv 第 2 行“item”：“噪声”不是考核项或指标"):
        towns(vetoes="unit,rule,item\n甲镇,false-report,噪声\n")


def test_a_town_alone_has_the_best_place_rule_45():
    entries = "unit,绿化.level,绿化.improvement,organisation,satisfaction\n甲镇,1,-5,0,0\n"

    assert totals(towns(entries)) == {"甲镇": "60.00"}


def test_an_indicator_needs_both_columns_and_every_town_rule_45():
    with pytest.raises(MistakesError, match=r"第 1 行“绿化.improvement”：缺少这一列"):
        towns("unit,绿化.level,organisation,satisfaction\n甲镇,1,0,0\n")
    with pytest.raises(MistakesError, match=r"第 2 行“绿化.level”：不能空白"):
        towns(TOWNS.replace("甲镇,38.5", "甲镇,"))
    with pytest.raises(MistakesError, match=r"第 1 行“绿化.rank”：未知的列"):
        towns(TOWNS.replace("绿化.level", "绿化.rank"))


def test_the_preset_asks_the_public_about_four_dimensions():
    component = load_scheme("harmonious-towns").kind("town").component("satisfaction")

    assert component.questions == ("健康度", "舒适度", "便捷度", "安全度")


# ---- township-finance --------------------------------------------------------------------------

FINANCE = "unit,self-assessment,verified\n甲,90,88\n乙,84.99,\n丙,85,84.99\n丁,95,85\n"


def test_who_may_not_apply_stays_blank_without_rank_rule_42():
    standings = yearly("township-finance", "town", FINANCE)

    assert totals(standings) == {"甲": "88.00", "丁": "85.00", "丙": "84.99", "乙": None}
    assert [each.rank for each in standings.values()] == [1, 2, 3, None]
    assert grades(standings) == {
        "甲": "规范化单位",
        "丁": "规范化单位",
        "丙": "未达标",
        "乙": "未达标",
    }
    assert standings["乙"].to_json()["components"] == {"verified": None}
    assert standings["甲"].to_json()["figures"] == {"self-assessment": "90", "verified": "88"}
    assert "自评（满分 100，不计入总分）：90" in lines(standings["甲"].derivation)


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("90,88", "90,", "第 2 行“verified”：不能空白"),
        ("84.99,\n", "84.99,80\n", "第 3 行“verified”：“自评”84.99，低于 85，须空白"),
        ("90,88", ",88", "第 2 行“self-assessment”：不能空白"),
    ],
)
def test_a_figure_stays_blank_exactly_where_its_condition_is_not_met_rule_42(old, new, mistake):
    with pytest.raises(MistakesError, match=mistake):
        yearly("township-finance", "town", FINANCE.replace(old, new))


def test_a_veto_refuses_the_title_whatever_the_marks_rule_50():
    vetoes = "unit,rule\n甲,deficit-budget\n"
    standings = yearly("township-finance", "town", FINANCE, "", vetoes)

    assert grades(standings)["甲"] == "未达标"
    assert standings["甲"].rank == 1
    assert "否决：编制赤字预算" in lines(standings["甲"].derivation)


# ---- village-difficulty ------------------------------------------------------------------------


def test_the_difficulty_multiplies_the_sum_and_the_column_still_adds_up_rule_46():
    # 甲 (60 + 30) x 1.1 = 99.00; 乙 (10.1 + 10.1) x 1.05 = 21.21; 丙 without one: 99.00
    entries = "unit,common-goals,own-goals,难度系数\n甲,60,30,1.1\n乙,10.1,10.1,1.05\n丙,90,9,\n"
    standings = yearly("village-difficulty", "village", entries)

    assert totals(standings) == {"丙": "99.00", "甲": "99.00", "乙": "21.21"}
    assert [each.rank for each in standings.values()] == [1, 1, 3]
    assert standings["乙"].to_json()["coefficient"] == {
        "column": "difficulty",
        "factor": "1.05",
        "before": "20.20",
        "marks": "1.01",
    }
    assert all(sum(column(each)) == each.total for each in standings.values())
    assert "难度系数：90.00 × 1.1 = 99.00，+9.00 分（二）" in lines(standings["甲"].derivation)


def test_without_full_marks_any_figure_from_0_on_is_taken_rule_43():
    entries = "unit,common-goals,own-goals\n甲,1234.5,0\n"

    assert totals(yearly("village-difficulty", "village", entries)) == {"甲": "1234.50"}


@pytest.mark.parametrize("factor", ["0", "-1", "高"])
def test_a_difficulty_is_a_number_above_0_rule_46(factor):
    entries = f"unit,common-goals,own-goals,difficulty\n甲,1,1,{factor}\n"

    with pytest.raises(MistakesError, match="第 2 行“difficulty”"):
        yearly("village-difficulty", "village", entries)


# ---- rural-works -------------------------------------------------------------------------------


def rural_towns(adjustments):
    entries = "unit,organisation,reports,quantitative\n甲镇,5,4,81\n乙镇,5,5,85\n丙镇,4,5,80\n"
    entries = entries.replace("organisation", "qualitative.organisation")
    entries = entries.replace("reports", "qualitative.reports")
    return yearly("rural-works", "town", entries, adjustments)


def test_the_highest_bonus_counts_as_10_and_all_others_in_proportion_rule_49():
    # 甲 10 + 3 = 13 -> 10.00; 乙 3 x 3 = 9 -> 9 x 10/13 = 6.923 -> 6.92; 丙 1 -> 0.77
    standings = rural_towns(
        "unit,rule,times,item\n甲镇,award-nation,1,路\n甲镇,award-city,1,桥\n"
        "乙镇,award-city,3,\n丙镇,site-visit-district,1,\n"
    )

    assert [str(each.marks) for each in standings["甲镇"].adjustments] == ["7.69", "2.31"]
    assert totals(standings) == {"乙镇": "101.92", "甲镇": "100.00", "丙镇": "89.77"}
    assert all(sum(column(each)) == each.total for each in standings.values())
    assert "“项目加分”最高 13 分计 10 分，各单位按同一比例折算，计 +6.92 分" in lines(
        standings["乙镇"].derivation
    )


def test_a_bonus_of_exactly_10_scales_nothing_rule_49():
    standings = rural_towns("unit,rule,times\n甲镇,award-nation,1\n乙镇,award-city,3\n")

    assert totals(standings) == {"乙镇": "104.00", "甲镇": "100.00", "丙镇": "89.00"}
    assert standings["乙镇"].adjustments[0].reason is None


def test_scaled_rows_add_up_to_the_bonus_rounded_once_rule_49():
    # 3 + 3 + 3 + 1 + 1 = 11 -> 10.00, though 2.727 x 3 + 0.909 x 2 rounded apart were 10.01
    rows = "甲镇,award-city,1\n" * 3 + "甲镇,site-visit-district,1\n" * 2
    standing = rural_towns("unit,rule,times\n" + rows)["甲镇"]

    assert sum(each.marks for each in standing.adjustments) == 10


def test_a_place_in_the_city_becomes_marks_rule_44():
    entries = "unit,分解,资料报送,市交任务,市对口考核\n"
    entries = entries.replace("分解", "任务分解和考核细则")
    rows = "甲,10,10,40,1\n乙,10,5,38.5,3\n丙,10,0,40,9\n丁,10,10,40,20\n"
    standings = yearly("rural-works", "department", entries + rows)

    assert totals(standings) == {"甲": "100.00", "乙": "83.50", "丁": "60.00", "丙": "50.00"}
    assert "市对口考核：第 3 名，40 − 5 × 2，最低 0 → 30 分" in lines(standings["乙"].derivation)
    assert standings["乙"].to_json()["figures"]["quantitative.city-rank"] == "3"


@pytest.mark.parametrize("place", ["0", "1.5", "-1"])
def test_a_place_is_a_whole_number_from_1_on_rule_44(place):
    entries = f"unit,qualitative,市交任务,市对口考核\n甲,20,40,{place}\n"

    with pytest.raises(MistakesError, match="第 2 行“市对口考核”：名次须是不小于 1 的整数"):
        yearly("rural-works", "department", entries)


# ---- village-instructor ------------------------------------------------------------------------


def test_an_instructor_has_three_shares_rule_41():
    # 95.5 x 0.4 = 38.20; 88.88 x 0.3 = 26.664 -> 26.66; 92.105 x 0.3 = 27.6315 -> 27.63
    entries = "姓名,日常管理,年终考核,群众评议\n张三,95.5,88.88,92.105\n李四,100,100,100\n"
    standings = yearly("village-instructor", "instructor", entries)

    assert totals(standings) == {"李四": "100.00", "张三": "92.49"}
    assert standings["张三"].total == Decimal("92.49") == sum(column(standings["张三"]))
    assert grades(standings) == {"李四": None, "张三": None}


def test_a_veto_may_bring_a_whole_component_to_nothing_rule_50():
    standings = towns(vetoes="unit,rule,item\n甲镇,false-report,organisation\n")

    assert totals(standings)["甲镇"] == "51.00"  # 69.00 - 18.00
    assert "组织保障：因否决情形计 0 分" in lines(standings["甲镇"].derivation)


# ---- from ballots to a standing ----------------------------------------------------------------


def test_satisfaction_comes_from_a_ballot_over_several_questions_rule_11():
    # four dimensions: 18/20, 20/20, 15/20, 19/20: (90 + 100 + 75 + 95) / 4 = 90.00 of 100
    component = load_scheme("harmonious-towns").kind("town").component("satisfaction")
    asked = [
        QuestionTally({"": Counts((approving, 0, 20 - approving))}, text)
        for approving, text in zip((18, 20, 15, 19), component.questions, strict=True)
    ]

    converted = convert("甲镇", asked, component.ballot_rule())

    assert str(converted.points) == "90.00"
    assert totals(towns(TOWNS.replace("90,85", f"90,{converted.points}")))["甲镇"] == "70.00"


def test_a_person_s_ballot_is_the_mean_of_the_levels_times_0_3_rule_9():
    # (20 x 100 + 6 x 80 + 2 x 60 + 1 x 0) / 29 opinions = 89.655.. x 0.3 = 26.896.. -> 26.90
    rule = load_scheme("municipal").kind("person").component("ballot").ballot_rule()

    converted = convert("张三", [QuestionTally({"": Counts((20, 6, 2, 1), abstain=3)})], rule)

    assert str(converted.points) == "26.90"
