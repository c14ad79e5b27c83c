"""The scheme sanitation-2022 by worked examples: shares, the mean of months, the ledger."""

from decimal import Decimal

import pytest

from ballot.errors import MistakesError
from tests.scoring.examples import column, grades, lines, totals, yearly

ENTRIES = """单位,upper.m01,upper.m02,upper.m03,本办成绩,群众满意度
甲社区,90,95.5,,88,86.67
乙社区,,91,,90,100
丙社区,80,85,88.25,95,75.5
"""


def scored(entries=ENTRIES, adjustments="", vetoes=""):
    return yearly("sanitation-2022", "community", entries, adjustments, vetoes)


def test_components_out_of_100_count_with_their_shares_rule_41():
    # 甲: (90 + 95.5) / 2 = 92.75, x 0.4 = 37.10; 88 x 0.2 = 17.60; 86.67 x 0.4 = 34.668 -> 34.67
    # 乙: 91 x 0.4 = 36.40; 90 x 0.2 = 18; 40.00.  丙: 253.25 / 3 x 0.4 -> 33.77; 19; 30.20
    standings = scored()

    assert totals(standings) == {"乙社区": "94.40", "甲社区": "89.37", "丙社区": "82.97"}
    assert [str(points) for points in standings["甲社区"].components.values()] == [
        "37.10", "17.60", "34.67",
    ]  # fmt: skip
    assert grades(standings) == {"乙社区": None, "甲社区": None, "丙社区": None}
    told = lines(standings["甲社区"].derivation)
    assert "上级成绩（满分 100，占 40%）：(1月 90 + 2月 95.5) ÷ 2 × 40% → 37.10 分" in told
    assert "口径：上级每月考核一次：年度成绩取已填各月的平均" in told


def test_months_may_be_left_out_but_not_all_of_them_rule_40():
    entries = "unit,upper.m06,upper.m12,office,satisfaction\n甲,,,80,80\n"

    with pytest.raises(MistakesError, match=r"e.csv 第 2 行“upper”：缺少“上级成绩”"):
        scored(entries)


def test_eight_decimals_are_kept_until_the_component_is_rounded_rule_41():
    # 99.98750000 x 0.4 = 39.995 exactly -> 40.00; 99.98749999 x 0.4 = 39.994999996 -> 39.99
    entries = "unit,upper,office,satisfaction\n甲,99.98750000,0,0\n乙,99.98749999,0,0\n"

    assert totals(scored(entries)) == {"甲": "40.00", "乙": "39.99"}


def test_the_ledger_comes_after_the_shares_rule_15():
    # 甲 89.37 - 0.1 x 3 - 2 - 2 + 1 = 86.07
    adjustments = (
        "单位,规则,次数,备注\n甲社区,office-late,3,\n甲社区,leader-instruction,,暗访\n"
        "甲社区,leader-instruction-late,,\n甲社区,honour-city,1,市文件\n"
    )
    standing = scored(adjustments=adjustments)["甲社区"]

    assert standing.total == Decimal("86.07") == sum(column(standing))
    assert "（三（二）1（4））" in lines(standing.derivation)


def test_a_rule_may_be_named_by_its_title_rule_15():
    standings = scored(adjustments="unit,rule\n甲社区,长效管理不落实，同一问题再次出现\n")

    assert standings["甲社区"].adjustments[0].marks == -2


def test_one_community_alone_is_first_of_one_rule_17():
    standings = scored("unit,upper,office,satisfaction\n甲,0,0,0\n")

    assert (standings["甲"].rank, standings["甲"].total) == (1, 0)
