"""Rules 14 to 17: components, adjustments, totals, ranks."""

from decimal import Decimal

import pytest

from ballot.errors import MistakesError
from ballot.scoring import Adjustment, Entry, Veto, score
from tests.scoring.examples import VILLAGE, lines, village, villages

WHOLE = {
    "base-work": "80",
    "leaders-review": "4.5",
    "village-peer-review": "4",
    "street-review": "5",
}
AGRICULTURE = {
    "farming": "4.125", "forestry": "3", "animals": "2", "water": "1.5", "ecology": "2",
    "revival": "4",
}  # fmt: skip
GROUPS = {"party": "13", "integrity": "5", "ideology": "5", "stability": "12", "society": "32"}


def entry(unit="甲", **figures):
    return Entry(unit, {key: Decimal(figure) for key, figure in figures.items()})


def by_items(prefix="base-work.agriculture"):
    groups = {f"base-work.{key}": figure for key, figure in GROUPS.items()}
    items = {f"{prefix}.{key}": figure for key, figure in AGRICULTURE.items()}
    others = {key: figure for key, figure in WHOLE.items() if key != "base-work"}
    return {**groups, **items, **others}


def the_mistakes(entries, *more):
    with pytest.raises(MistakesError) as caught:
        score(VILLAGE, entries, *more)
    return str(caught.value)


def test_a_total_is_the_sum_of_its_components_and_adjustments_rule_16():
    adjustments = [
        Adjustment("甲", "praise-city", 2),
        Adjustment("甲", "late-reply"),
        Adjustment("甲", "award-province", item="粮食生产", note="省文件"),
    ]

    standing = score(VILLAGE, [entry(**WHOLE)], adjustments)[0]

    assert standing.to_json() | {"derivation": None} == {
        "unit": "甲",
        "total": "95.90",
        "rank": 1,
        "grade": "先进",
        "components": {
            "base-work": "80.00",
            "leaders-review": "4.50",
            "village-peer-review": "4.00",
            "street-review": "5.00",
        },
        "adjustments": [
            {"rule": "praise-city", "times": 2, "marks": "0.60", "item": "", "note": ""},
            {"rule": "late-reply", "times": 1, "marks": "-0.20", "item": "", "note": ""},
            {
                "rule": "award-province",
                "times": 1,
                "marks": "2.00",
                "item": "粮食生产",
                "note": "省文件",
            },
        ],
        "vetoes": [],
        "derivation": None,
        "note": None,
    }
    told = lines(standing.derivation)
    assert "总分：80.00 + 4.50 + 4.00 + 5.00 + 0.60 − 0.20 + 2.00 = 95.90 分" in told
    assert "市（地级）通报表扬：0.3 × 2 = +0.60 分（一（六）1）" in told


def test_items_are_added_exactly_and_rounded_once_as_a_component_rule_14():
    standing = score(VILLAGE, [entry(**by_items())])[0]

    assert standing.components["base-work"] == Decimal("83.63")  # 83.625
    assert "农业 4.125 + 林业（含森林防火） 3" in lines(standing.derivation)


def test_the_full_marks_of_a_village_and_of_a_station_are_100():
    assert score(VILLAGE, [village("甲", "100")])[0].total == 100


def test_ranks_are_competition_ranks_rule_17():
    standings = score(VILLAGE, villages("70", "80", "80", "60"))

    assert [(each.unit, each.rank) for each in standings] == [
        ("丙", 1), ("乙", 1), ("甲", 3), ("丁", 4),
    ]  # fmt: skip


def test_ranks_use_the_printed_totals_rule_17():
    standings = score(VILLAGE, villages("70.001", "70.004", "70.005"))

    assert [(str(each.total), each.rank) for each in standings] == [
        ("70.01", 1), ("70.00", 2), ("70.00", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"base-work": "85.01"}, "单位“甲”的“base-work”：85.01 超过满分 85"),
        ({"base-work": "-1"}, "“base-work”：不能小于 0"),
        ({"extra": "1"}, "“extra”：类别“village”没有这一考核项"),
        ({"base-work.party": "13"}, "“base-work”已整项给出，不能再分项给出"),
        ({"base-work.party.women": "1"}, "“base-work”已整项给出，不能再分项给出"),
    ],
)
def test_figures_that_do_not_fit_are_refused_rule_14(change, mistake):
    assert mistake in the_mistakes([entry(**{**WHOLE, **change})])


def test_a_missing_component_is_refused_rule_14():
    figures = {key: figure for key, figure in WHOLE.items() if key != "street-review"}

    assert the_mistakes([entry(**figures)]) == "单位“甲”的“street-review”：缺少“村述街道评”"


def test_a_missing_item_is_refused_rule_14():
    figures = by_items()
    del figures["base-work.agriculture.water"]

    assert "“base-work.agriculture.water”：缺少“河长制" in the_mistakes([entry(**figures)])


def test_a_repeated_unit_is_refused():
    assert the_mistakes([entry(**WHOLE), entry(**WHOLE)]) == "单位“甲”重复"


@pytest.mark.parametrize(
    ("adjustment", "mistake"),
    [
        (Adjustment("乙", "late-reply"), "没有单位“乙”"),
        (Adjustment("甲", "nope"), "没有加减分规则“nope”"),
        (Adjustment("甲", "late-reply", 0), "次数须是不小于 1 的整数"),
        (Adjustment("甲", "late-reply", marks=Decimal(3)), "每次固定 -0.2 分"),
    ],
)
def test_an_adjustment_that_does_not_fit_is_refused_rule_15(adjustment, mistake):
    assert mistake in the_mistakes([entry(**WHOLE)], [adjustment])


def test_a_veto_that_does_not_exist_is_refused():
    told = the_mistakes([entry(**WHOLE)], [], [Veto("甲", "nope"), Veto("乙", "safety")])

    assert "没有否决情形“nope”" in told
    assert "没有单位“乙”" in told


def test_all_mistakes_are_told_at_once():
    told = the_mistakes([entry(**WHOLE), entry("乙")], [Adjustment("丙", "nope")])

    assert told.count("\n") == 5
