"""The scheme department-2012 by worked examples: weights, competition, staff places."""

from decimal import Decimal

import pytest

from ballot.errors import MistakesError
from ballot.scoring import PENDING, MeanMark, Source, load_scheme
from tests.scoring.examples import column, grades, lines, totals, yearly

KIND = load_scheme("department-2012").kind("department")
ENTRIES = """unit,routine,standards,review.half-year,review.year-end,staff,competes
党政办,68,29,92.5,93,10,no
甲科,65,28,90,91,12,
乙科,64,27,85.333,86,9,是
丙科,66,28,80,80,4,yes
"""


def scored(entries=ENTRIES, adjustments="", vetoes="", **more):
    return yearly("department-2012", "department", entries, adjustments, vetoes, **more)


def ten(*totals):
    """Return entries of departments with these totals, out of 200."""
    rows = "".join(f"d{number},0,0,{total}\n" for number, total in enumerate(totals))
    return f"unit,routine,standards,review\n{rows}"


def test_two_reviews_are_combined_by_halves_and_innovation_comes_on_top_rule_40():
    # 乙科: (85.333 + 86) / 2 = 85.6665 -> 85.67; 64 + 27 + 85.67 = 176.67
    # 丙科: 66 + 28 + 80 + 12.345 -> 12.35: 186.35
    standings = scored(adjustments="unit,rule,marks\n丙科,innovation,12.345\n")

    assert totals(standings) == {
        "丙科": "186.35", "甲科": "183.50", "乙科": "176.67", "党政办": "189.75",
    }  # fmt: skip
    assert sum(column(standings["丙科"])) == Decimal("186.35")
    told = lines(standings["乙科"].derivation)
    assert "半年评议 85.333 × 50% + 年终评议 86 × 50% → 85.67 分（三1、四2）" in told


def test_who_is_led_directly_is_listed_out_of_competition_rule_52():
    standings = scored()

    assert [(unit, each.rank) for unit, each in standings.items()] == [
        ("甲科", 1), ("乙科", 2), ("丙科", 3), ("党政办", None),
    ]  # fmt: skip
    assert grades(standings) == {"甲科": "优秀", "乙科": None, "丙科": None, "党政办": None}
    assert standings["党政办"].to_json()["competes"] is False
    assert "不参评" in lines(standings["党政办"].derivation)


def test_staff_places_are_30_percent_for_the_excellent_and_those_led_directly_rule_56():
    # 10 x 30% = 3; 12 x 30% = 3.6 -> 3; 9 x 20% = 1.8 -> 1; 4 x 20% = 0.8 -> 0
    standings = scored()

    assert {unit: each.staff.places for unit, each in standings.items()} == {
        "党政办": 3, "甲科": 3, "乙科": 1, "丙科": 0,
    }  # fmt: skip
    assert standings["甲科"].to_json()["staff"] == {"staff": 12, "share": "30%", "places": 3}
    assert "先进工作者名额：12 人 × 30%，舍去取整为 3 人（五2）" in lines(
        standings["甲科"].derivation
    )


@pytest.mark.parametrize(("units", "places"), [(1, 1), (3, 1), (6, 1), (7, 2), (9, 2), (10, 3)])
def test_the_first_30_percent_are_excellent_rounded_down_and_at_least_one_rule_53(units, places):
    result = grades(scored(ten(*range(100, 100 - units, -1))))

    assert list(result.values()) == ["优秀"] * places + [None] * (units - places)


@pytest.mark.parametrize("veto", ["complaint", "discipline"])
def test_a_veto_moves_the_next_up_and_costs_staff_places_rule_18(veto):
    standings = scored(vetoes=f"unit,rule\n甲科,{veto}\n")

    assert (grades(standings)["甲科"], grades(standings)["乙科"]) == (None, "优秀")
    assert standings["甲科"].staff.places == 2  # 12 x 20% = 2.4


def test_without_filling_vacancies_nobody_is_excellent_rule_59():
    scheme = load_scheme("department-2012", {"fill-vacancies": "false"})

    assert scheme.kind("department").grades.fill_vacancies is False
    assert KIND.grades.fill_vacancies is True


def test_a_tie_for_the_third_place_leaves_the_staff_places_open_too_rule_56():
    rows = "".join(f"d{number},0,0,{total},10\n" for number, total in enumerate((99, 98, 97, 97)))
    low = "".join(f"e{number},0,0,{number},10\n" for number in range(6))
    standings = scored("unit,routine,standards,review,staff\n" + rows + low)

    assert list(grades(standings).values())[:4] == ["优秀", "优秀", PENDING, PENDING]
    assert standings["d2"].to_json()["staff"] == {"staff": 10, "share": None, "places": None}
    assert "等次待定，名额待定" in lines(standings["d2"].derivation)


def test_both_reviews_must_be_given_rule_40():
    entries = "unit,routine,standards,half,\n甲,70,30,90,\n".replace("half,", "review.half-year")

    with pytest.raises(MistakesError, match=r"“review.year-end”：缺少“年终评议”"):
        scored(entries.replace("90,", "90"))


def test_each_review_is_a_ballot_of_its_own_by_mean_marks():
    for key in ("review", "review.half-year", "review.year-end"):
        item = KIND.balloted(key)
        assert (item.source, item.ballot_rule().conversion) == (Source.BALLOT, MeanMark())
        assert item.ballot_rule().full_marks == 100


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        (",no", ",也许", "第 2 行“competes”：须是“是”或“否”"),
        (",10,no", ",十,no", "第 2 行“staff”：“十”不是整数"),
        ("68,29", "70.01,29", "第 2 行“routine”：70.01 超过满分 70"),
        ("competes", "sector", "第 1 行“sector”：未知的列"),
    ],
)
def test_extra_columns_are_checked(old, new, mistake):
    with pytest.raises(MistakesError, match=mistake):
        scored(ENTRIES.replace(old, new, 1))
