"""Rules 18 to 21: first places, bars, failing, the others, and ties across a cut."""

from dataclasses import replace
from decimal import Decimal
from itertools import groupby, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.language import Text
from ballot.scoring import PENDING, Decision, DecisionError, Veto, score
from ballot.scoring.grades import grade
from ballot.scoring.grading import Candidate
from tests.scoring.examples import STATION, VILLAGE, lines, station, village, villages

NINE = ("95", "90", "85", "80", "75", "70", "65", "62", "60")
NO_FILLING = replace(VILLAGE, grades=replace(VILLAGE.grades, fill_vacancies=False))


def grades(standings):
    return {standing.unit: standing.grade for standing in standings}


def test_the_first_five_villages_are_first_and_the_upper_half_of_the_rest_is_good_rule_20():
    result = grades(score(VILLAGE, villages(*NINE)))

    assert list(result.values()) == ["先进"] * 5 + ["良好"] * 2 + ["合格"] * 2


def test_an_odd_rest_rounds_its_upper_half_up_rule_20():
    result = grades(score(VILLAGE, villages(*NINE[:8])))

    assert list(result.values()) == ["先进"] * 5 + ["良好"] * 2 + ["合格"]


def test_the_first_four_stations_are_first_rule_18():
    entries = [station(str(number), str(90 - number)) for number in range(6)]

    assert list(grades(score(STATION, entries)).values()) == ["先进"] * 4 + ["良好", "合格"]


def test_a_veto_on_the_leader_moves_the_next_up_rule_18():
    standings = score(VILLAGE, villages(*NINE), vetoes=[Veto("甲", "safety", note="事故")])

    assert grades(standings)["甲"] == "良好"
    assert grades(standings)["己"] == "先进"
    assert standings[0].rank == 1
    assert "安全生产造成较大影响（一（五）2），不得评为“先进”" in lines(standings[0].derivation)
    assert standings[0].to_json()["vetoes"] == [{"rule": "safety", "item": "", "note": "事故"}]


def test_without_filling_vacancies_the_place_stays_empty_rule_18():
    result = grades(score(NO_FILLING, villages(*NINE), vetoes=[Veto("甲", "safety")]))

    assert list(result.values()) == ["良好"] + ["先进"] * 4 + ["良好"] * 2 + ["合格"] * 2


@pytest.mark.parametrize(
    "rule", ["criticised-city", "safety", "epidemic", "case-filed", "petition", "other"]
)
def test_every_bar_keeps_a_unit_out_of_the_first_rule_18(rule):
    assert grades(score(VILLAGE, villages("95"), vetoes=[Veto("甲", rule)])) == {"甲": "良好"}


def test_a_major_problem_fails_whatever_the_total_rule_19():
    result = grades(score(VILLAGE, villages(*NINE), vetoes=[Veto("甲", "major-problem")]))

    assert result["甲"] == "不合格"
    assert result["己"] == "先进"


def test_60_passes_and_less_fails_rule_19():
    result = grades(score(VILLAGE, villages("60", "59.99", "59.994", "59.995")))

    assert result == {"甲": "先进", "丁": "先进", "丙": "不合格", "乙": "不合格"}


def test_a_station_below_70_cannot_be_first_and_at_70_can_rule_18():
    standings = score(STATION, [station("甲", "70"), station("乙", "69.99")])

    assert grades(standings) == {"甲": "先进", "乙": "良好"}
    assert "总分 69.99 < 70，不得评为“先进”" in lines(standings[1].derivation)


def test_a_village_below_70_can_be_first_rule_18():
    assert grades(score(VILLAGE, villages("61"))) == {"甲": "先进"}


def test_a_tie_for_the_fifth_place_is_left_to_a_person_and_named_rule_21():
    standings = score(VILLAGE, villages("95", "90", "85", "80", "75", "75", "70", "65"))

    assert list(grades(standings).values()) == ["先进"] * 4 + [PENDING] * 2 + ["良好", "合格"]
    for standing in standings[4:6]:
        assert standing.rank == 5
        assert str(standing.note).startswith("己、戊同分，跨“先进”的界线")
    assert all(standing.note is None for standing in [*standings[:4], *standings[6:]])


def test_a_tie_within_one_grade_is_no_tie_for_anyone_to_break_rule_21():
    result = grades(score(VILLAGE, villages("95", "95", "85", "80", "75", "70", "70", "62", "61")))

    assert PENDING not in result.values()


def test_a_tie_across_the_second_cut_is_left_to_a_person_too_rule_21():
    standings = score(VILLAGE, villages("95", "90", "85", "80", "75", "70", "70"))

    assert list(grades(standings).values()) == ["先进"] * 5 + [PENDING] * 2
    assert "己、庚同分，跨“良好”的界线" in str(standings[5].note)


def test_a_recorded_decision_settles_a_tie_and_is_told_rule_21():
    entries = villages("95", "90", "85", "80", "75", "75", "70", "65")
    decision = Decision(("己",), "粮食生产任务更重", "党政会议")

    standings = score(VILLAGE, entries, decisions=[decision])

    assert [standing.unit for standing in standings[4:6]] == ["己", "戊"]
    assert grades(standings)["己"] == "先进"
    assert grades(standings)["戊"] == "良好"
    assert [standing.rank for standing in standings[4:6]] == [5, 5]
    assert "同分先后：己；理由：粮食生产任务更重（党政会议）" in lines(standings[4].derivation)


def test_a_decision_that_leaves_a_tie_leaves_it_pending_rule_21():
    entries = villages("95", "90", "85", "80", "75", "75", "75")

    result = grades(score(VILLAGE, entries, decisions=[Decision(("己",), "理由")]))

    assert (result["己"], result["戊"], result["庚"]) == ("先进", PENDING, PENDING)


@pytest.mark.parametrize(
    ("decisions", "problem"),
    [
        ([Decision(("甲", "乙"), "理由")], "不是同分"),
        ([Decision(("天",), "理由")], "没有单位“天”"),
        ([Decision((), "理由")], "没有单位"),
        ([Decision(("乙", "乙"), "理由")], "写了两次"),
        ([Decision(("乙",), "理由"), Decision(("丙",), "理由")], "已有一个决定"),
        ([Decision(("乙",), " ")], "须写明理由"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused_rule_21(decisions, problem):
    with pytest.raises(DecisionError, match=problem):
        score(VILLAGE, villages("90", "80", "80"), decisions=decisions)


def test_a_kind_without_grades_gives_none():
    assert grades(score(replace(VILLAGE, grades=None), [village("甲", "90")])) == {"甲": None}


def test_units_whose_cut_moves_with_the_decision_wait_as_well_rule_21():
    rule = replace(VILLAGE.grades, places=1, fill_vacancies=False)
    tied = [a_candidate("甲", 9, barred=True), a_candidate("乙", 9)]
    rest = [a_candidate("丙", 8), a_candidate("丁", 7)]

    result = grade([*tied, *rest], rule)

    assert {unit: each.grade for unit, each in result.items()} == {
        "甲": "良好",
        "乙": PENDING,
        "丙": PENDING,
        "丁": "合格",
    }
    assert "乙、甲同分" in str(result["丙"].note)


def a_candidate(unit, total, *, barred=False, failed=False, place=0):
    reason = (Text("理由"),)
    return Candidate(
        unit, (Decimal(-total), place), reason if failed else (), reason if barred else ()
    )


@given(
    units=st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from(["free", "free", "barred", "failed"])),
        min_size=1,
        max_size=6,
    ),
    places=st.integers(1, 4),
    fill=st.booleans(),
)
def test_a_grade_is_pending_exactly_when_orders_of_the_tied_disagree_rule_21(units, places, fill):
    rule = replace(VILLAGE.grades, places=places, fill_vacancies=fill)
    candidates = [
        a_candidate(f"u{number}", total, barred=status == "barred", failed=status == "failed")
        for number, (total, status) in enumerate(units)
    ]

    result = grade(candidates, rule)

    possible = {candidate.unit: set() for candidate in candidates}
    for order in every_order_of_the_tied(candidates):
        settled = [
            replace(each, position=(each.position[0], place)) for place, each in enumerate(order)
        ]
        for unit, each in grade(settled, rule).items():
            possible[unit].add(each.grade)
    assert {unit: each.grade for unit, each in result.items()} == {
        unit: PENDING if len(grades) > 1 else grades.pop() for unit, grades in possible.items()
    }
    assert all((each.note is not None) == (each.grade == PENDING) for each in result.values())


def every_order_of_the_tied(candidates):
    ordered = sorted(candidates, key=lambda candidate: candidate.position)
    groups = [list(group) for _, group in groupby(ordered, key=lambda each: each.position)]
    for orders in product(*(permutations(group) for group in groups)):
        yield [candidate for order in orders for candidate in order]
