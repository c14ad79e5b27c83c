"""The scheme municipal by worked examples: departments, districts, persons, an office."""

from decimal import Decimal

import pytest

from ballot.errors import MistakesError
from ballot.scoring import PENDING, Decision
from tests.scoring.examples import column, grades, lines, totals, yearly

DEPARTMENTS = """unit,sector,business,public,last-year
发改委,经济,66,28,80
财政局,经济,66,27.99,
教育局,社会,50,9.99,59.5
卫生局,社会,69,30,
"""
PERSONS = "姓名,民主测评,goals.business,goals.public,上年\n"


def departments(entries=DEPARTMENTS, adjustments="", vetoes="", **more):
    return yearly("municipal", "department", entries, adjustments, vetoes, **more)


def persons(*marks, vetoes="", last="", **more):
    """Return the standings of persons whose ballot and goals bring these totals."""
    rows = []
    for number, total in enumerate(marks, start=1):
        goals = min(Decimal(total), Decimal(70))
        rows.append(f"p{number:02},{Decimal(total) - goals},{goals / 70 * 90},{goals / 7},{last}\n")
    return yearly("municipal", "person", PERSONS + "".join(rows), "", vetoes, **more)


def test_departments_are_ranked_and_graded_inside_their_sector_rules_51_and_53():
    standings = departments()

    assert {unit: (each.sector, each.rank) for unit, each in standings.items()} == {
        "卫生局": ("社会", 1),
        "教育局": ("社会", 2),
        "发改委": ("经济", 1),
        "财政局": ("经济", 2),
    }
    assert grades(standings) == {"卫生局": "先进", "教育局": None, "发改委": "先进", "财政局": None}
    assert "“社会”内第 1 名" in lines(standings["卫生局"].derivation)
    assert standings["卫生局"].to_json()["sector"] == "社会"


@pytest.mark.parametrize(("units", "places"), [(1, 1), (9, 1), (19, 1), (20, 2), (29, 2)])
def test_a_tenth_of_the_sector_is_rounded_down_and_at_least_one_rule_53(units, places):
    rows = "".join(f"部门{number},{70 - number},30\n" for number in range(units))

    result = list(grades(departments("unit,business,public\n" + rows)).values())

    assert result == ["先进"] * places + [None] * (units - places)


def test_a_veto_on_the_leader_moves_the_next_up_and_is_noted_for_its_head_rule_50():
    standings = departments(vetoes="unit,rule,note\n卫生局,veto,通报\n")

    assert grades(standings)["教育局"] == "先进"
    assert grades(standings)["卫生局"] is None
    assert standings["卫生局"].rank == 1
    assert standings["卫生局"].to_json()["flags"] == [
        "执纪执法部门一票否决：主要负责人不得定为优秀等次，不予表彰（一（四））"
    ]


def test_rows_that_name_one_item_count_once_with_the_highest_rule_47():
    # 试点: 市级业务 4 (twice) and 市级政府 6 -> 6; another item 4; -5: 94 + 6 + 4 - 5 = 99
    adjustments = (
        "unit,rule,times,item\n发改委,line-city,2,试点\n发改委,government-city,,试点\n"
        "发改委,line-city,,普法\n发改委,criticised,,\n"
    )
    standing = departments(adjustments=adjustments)["发改委"]

    assert [str(each.marks) for each in standing.adjustments] == ["0.00", "6.00", "4.00", "-5.00"]
    assert standing.total == 99 == sum(column(standing))
    assert "4 × 2 = +8.00 分，同一事项只计最高的一次，计 +0.00 分" in lines(standing.derivation)
    assert standing.to_json()["adjustments"][0]["before"] == "8.00"


def test_one_item_several_times_in_one_row_counts_once_rule_47():
    adjustments = "unit,rule,times,item\n发改委,line-city,3,试点\n财政局,line-city,3,\n"
    standings = departments(adjustments=adjustments)

    assert standings["发改委"].adjustments[0].marks == 4
    assert standings["财政局"].adjustments[0].marks == 12  # three things without a name


def test_two_years_below_60_are_noted_and_60_is_not_rule_57():
    entries = DEPARTMENTS.replace("50,9.99,59.5", "50,10,59.5")

    assert "上年 59.5，本年 59.99：连续两年低于 60 分" in str(departments()["教育局"].flags[0])
    assert departments(entries)["教育局"].flags == ()
    assert departments(DEPARTMENTS.replace("59.5", "60"))["教育局"].flags == ()


def test_a_tie_for_the_only_place_is_left_to_a_person_in_that_sector_only_rule_21():
    entries = DEPARTMENTS.replace("27.99", "28")
    standings = departments(entries)

    assert (grades(standings)["发改委"], grades(standings)["财政局"]) == (PENDING, PENDING)
    assert "发改委、财政局同分" in str(standings["发改委"].note)
    assert grades(standings)["卫生局"] == "先进"

    settled = departments(entries, decisions=[Decision(("财政局",), "税收")])
    assert (grades(settled)["财政局"], grades(settled)["发改委"]) == ("先进", None)


def test_equal_totals_in_two_sectors_are_no_tie_rule_21():
    entries = "unit,sector,business,public\n甲,一,60,20\n乙,二,60,20\n"

    assert grades(departments(entries)) == {"甲": "先进", "乙": "先进"}


def test_the_first_two_districts_are_first_and_a_veto_concerns_the_head_only_rule_50():
    entries = "unit,业务目标,党的建设,党风廉政建设,思想政治工作,招商引资\n"
    entries += "甲区,70,10,10,5,5\n乙区,60,10,10,5,5\n丙区,59.99,10,10,5,5\n"
    standings = yearly("municipal", "district", entries, "", "unit,rule\n甲区,veto\n")

    assert totals(standings) == {"甲区": "100.00", "乙区": "90.00", "丙区": "89.99"}
    assert grades(standings) == {"甲区": "先进", "乙区": "先进", "丙区": None}
    assert "政府主要负责人不得定为优秀等次" in str(standings["甲区"].flags[0])


def test_a_person_has_30_marks_by_ballot_and_70_percent_by_goals_rule_41():
    # (81.5 + 9.25) x 0.7 = 63.525 -> 63.53; + 27.123 -> 27.12: 90.65
    standing = yearly("municipal", "person", PERSONS + "张三,27.123,81.5,9.25,\n")["张三"]

    assert (str(standing.total), standing.grade) == ("90.65", "称职")  # 15% of one is none
    assert "(业务目标 81.5 + 公共目标 9.25) × 70% → 63.53 分" in lines(standing.derivation)


def test_grades_go_by_cuts_and_a_cut_belongs_to_the_grade_above_it_rule_54():
    standings = persons("90", "89.99", "80", "79.99", "60", "59.99", "1")

    assert list(grades(standings).values()) == [
        "优秀", "称职", "称职", "基本称职", "基本称职", "不称职", "不称职",
    ]  # fmt: skip


def test_the_best_grade_goes_to_15_percent_rounded_down_rule_54():
    # 13 persons: 1.95 -> 1; 14: 2.1 -> 2
    assert list(grades(persons("95", "94", "91", *["70"] * 10)).values())[:3] == [
        "优秀", "称职", "称职",
    ]  # fmt: skip
    assert list(grades(persons("95", "94", "93", *["70"] * 11)).values())[:3] == [
        "优秀", "优秀", "称职",
    ]  # fmt: skip


def test_a_tie_across_the_15_percent_is_left_to_a_person_and_named_rule_54():
    marks = ("95", "94", "94", *["70"] * 11)
    standings = persons(*marks)

    assert list(grades(standings).values())[:4] == ["优秀", PENDING, PENDING, "基本称职"]
    assert "p02、p03同分，跨“优秀”的界线" in str(standings["p02"].note)

    settled = persons(*marks, decisions=[Decision(("p03", "p02"), "实绩", "党组")])
    assert list(grades(settled).values())[:3] == ["优秀", "优秀", "称职"]
    assert list(settled)[1] == "p03"


def test_who_was_complained_about_is_capped_and_takes_no_place_rule_50():
    standings = persons("95", "94", *["70"] * 11, vetoes="unit,rule\np01,complaint\np03,fraud\n")

    assert grades(standings)["p01"] == "基本称职"
    assert grades(standings)["p02"] == "优秀"
    assert grades(standings)["p03"] == "基本称职"
    assert "最高评为“基本称职”" in lines(standings["p01"].derivation)


def test_a_cap_never_lifts_a_lower_grade_rule_50():
    assert grades(persons("50", vetoes="unit,rule\np01,fraud\n")) == {"p01": "不称职"}


def test_five_percent_are_commended_from_the_best_rule_55():
    # 20 persons: 15% are 3, 5% is 1
    standings = persons("95", "94", "93", "92", *["70"] * 16)

    assert [each.distinction for each in standings.values()][:4] == ["拟表彰", None, None, None]
    assert standings["p01"].to_json()["distinction"] == "拟表彰"
    assert "“拟表彰”1 个名额（20 个 × 5%，舍去取整）" in lines(standings["p01"].derivation)


def test_a_tie_for_the_commendation_leaves_the_grade_known_rule_55():
    standings = persons("95", "95", "93", *["70"] * 17)

    assert [(each.grade, each.distinction) for each in standings.values()][:3] == [
        ("优秀", PENDING), ("优秀", PENDING), ("优秀", None),
    ]  # fmt: skip
    assert "p01、p02同分，跨“拟表彰”的界线" in str(standings["p01"].note)


def test_two_years_incompetent_are_noted_rule_57():
    assert "按规定予以辞退" in str(persons("59", last="不称职")["p01"].flags[0])
    assert persons("59", last="基本称职")["p01"].flags == ()
    assert persons("60", last="不称职")["p01"].flags == ()
    with pytest.raises(MistakesError, match="第 2 行“上年”：“差”无效，可用：优秀、称职"):
        persons("59", last="差")


OFFICE = (
    "unit,projects,savings,quality,handwriting,archive,software,cases,"
    "order,reports,news,integrity,training,subscriptions,civility,enterprise-year\n"
    "一科,40,60,118.333,20,18,30,30,10,8,10,10,10,10,10,10\n"
)


def office(adjustments):
    entries = OFFICE
    parts = {
        "tasks": ["projects", "savings"],
        "informatics": ["handwriting", "archive", "software", "cases"],
        "other": [
            "order", "reports", "news", "integrity", "training", "subscriptions", "civility",
            "enterprise-year",
        ],
    }  # fmt: skip
    for component, keys in parts.items():
        for key in keys:
            entries = entries.replace(f",{key}", f",{component}.{key}", 1)
    return yearly("municipal", "audit-office", entries, adjustments)["一科"]


def test_an_office_has_400_marks_and_its_extra_marks_are_capped_rule_48():
    # 100 + 118.33 + 98 + 78 = 394.33; savings 3 x 4 = 12, then 3 x 4 -> 8 of 20; cases 40 -> 30; 50
    standing = office(
        "unit,rule,times\n一科,savings-over,4\n一科,savings-over,4\n一科,extra-case,4\n"
        "一科,expert-experience,1\n"
    )

    assert [str(each.marks) for each in standing.adjustments] == ["12.00", "8.00", "30.00", "50.00"]
    assert str(standing.total) == "494.33"
    assert sum(column(standing)) == standing.total
    assert standing.grade is None
    assert "“多交应用实例”最多 30 分，计 +30.00 分" in lines(standing.derivation)


def test_extra_marks_just_at_their_cap_are_left_alone_rule_48():
    standing = office("unit,rule,times\n一科,extra-case,3\n")

    assert standing.adjustments[0].marks == 30
    assert standing.adjustments[0].reason is None
