"""Every table a scheme may have: what it refuses, by key path, and the settings of readings."""

from importlib.resources import files

import pytest

from ballot.errors import MistakesError
from ballot.scoring import (
    CutGrades,
    File,
    SettingError,
    load_scheme,
    read_entered,
    read_scheme,
    scheme_names,
    score,
)
from tests.scoring.presets import KINDS

NAMES = [
    "department-2012", "harmonious-towns", "municipal", "rural-works", "sanitation-2022",
    "street-2023", "township-finance", "village-difficulty", "village-instructor",
]  # fmt: skip


def text_of(name):
    return (files("ballot.scoring") / "presets" / f"{name}.toml").read_text("utf-8")


def the_mistakes(name, old, new):
    text = text_of(name)
    assert old in text, old
    with pytest.raises(MistakesError) as caught:
        read_scheme(text.replace(old, new, 1), "x")
    return str(caught.value)


def test_every_scheme_of_the_documents_ships_with_its_kinds():
    assert scheme_names() == NAMES
    assert [kind for name, kind in KINDS if name == "municipal"] == [
        "department", "district", "person", "audit-office",
    ]  # fmt: skip
    assert [kind for name, kind in KINDS if name == "rural-works"] == ["town", "department"]


@pytest.mark.parametrize("name", NAMES)
def test_every_clause_and_reading_of_a_preset_is_told(name):
    scheme = load_scheme(name)

    assert scheme.source
    assert all(reading.clause for reading in scheme.readings.values())
    for kind in scheme.kinds.values():
        assert all(component.clause for component in kind.components)
        assert all(each.clause for each in (*kind.adjustments.values(), *kind.vetoes.values()))
        assert all(limit.clause for limit in kind.limits.values())


@pytest.mark.parametrize(("name", "key"), KINDS)
def test_every_leaf_of_a_preset_has_an_office_or_a_ballot(name, key):
    for component in load_scheme(name).kind(key).components:
        for leaf in component.leaves():
            assert leaf.office or component.office or leaf.rule, leaf.key


@pytest.mark.parametrize(
    ("name", "old", "new", "mistake"),
    [
        ("sanitation-2022", 'share = "40%"', 'share = "140%"', "components[1].share：须是大于 0"),
        ("sanitation-2022", 'share = "40%"', 'share = "30%"', "community.full：各项满分合计 90"),
        ("sanitation-2022", 'combine = "mean"', 'combine = "best"', "combine：“best”无效"),
        ("sanitation-2022", 'combine = "mean"', "", "components[1].full：各项满分合计 1200"),
        ("sanitation-2022", '"m02", title = "2月", full = 100', '"m02", title = "2月", full = 50',
         "components[1].items：各分项的满分须等于整项的满分 100"),
        ("department-2012", 'weight = "1/2"', 'weight = "1/3"', "各分项权重合计 5/6，须为 1"),
        ("department-2012", 'combine = "weights"', 'combine = "mean"', "items：权重只用于"),
        ("department-2012", 'rule = "review-marks"\nclause', 'rule = "nope"\nclause',
         "components[3].rule：“nope”无效，可用：review-marks"),
        ("department-2012", 'share = "30%"', 'share = "30%"\nplaces = 2', "“places”与“share”"),
        ("department-2012", 'share = "30%"', "places = 2", "grades.at-least：只用于“share”"),
        ("department-2012", 'others = "20%"', "", "kinds.department.staff.others：缺少"),
        ("municipal", 'at-least = 80', "at-least = 90", "cuts[2].at-least：须低于前一等次的分数"),
        ("municipal", 'otherwise = "不称职"', 'otherwise = "称职"', "person.grades：等次名称重复"),
        ("municipal", 'effect = "caps", grade = "基本称职"', 'effect = "caps", grade = "差"',
         "kinds.person.vetoes.complaint：“差”不存在"),
        ("municipal", 'effect = "caps", grade = "基本称职"', 'effect = "caps"',
         "kinds.person.vetoes.complaint.grade：缺少"),
        ("municipal", 'effect = "flags", flag = "政府主要负责人不得定为优秀等次，不予表彰"',
         'effect = "flags"', "kinds.district.vetoes.veto.flag：缺少"),
        ("municipal", 'rules = ["savings-over"]', 'rules = ["savings"]', "rules：“savings”不存在"),
        ("municipal", 'rules = ["extra-case"]', 'rules = ["savings-over"]',
         "kinds.audit-office.limits：“savings-over”重复"),
        ("municipal", "at-most = 30", "", "kinds.audit-office.limits.cases.at-most：缺少"),
        ("municipal", "at-most = 30", "at-most = -30", "limits.cases.at-most：须大于 0"),
        ("municipal", "below = 60", 'below = 60, grade = "先进"', "two-years：“below”与“grade”"),
        ("municipal", 'grade = "不称职"', 'grade = "差"', "two-years.grade：“差”不存在"),
        ("municipal", 'distinction = { title = "拟表彰", share = "5%" }', "distinction = 5",
         "kinds.person.grades.distinction：须是表"),
        ("municipal", 'settings = ["kinds.person.grades.limit"]', 'settings = ["kinds.person.x"]',
         "readings.limit.settings：“kinds.person.x”不存在"),
        ("rural-works", "at-most = 10\nscaled", "scaled", "bonus.scaled：按比例折算须有上限"),
        ("rural-works", "first = 40", "first = 39", "items[2].steps：第一名的分值须等于满分"),
        ("rural-works", "first = 40, step = 5", "first = 40", "items[2].steps.step：缺少"),
        ("rural-works", "first = 40, step = 5", "first = 40, step = 5, lowest = 1",
         "items[2].steps.lowest：未知的键"),
        ("harmonious-towns", 'level = "40%"', 'level = "50%"', "indicators：两项比例合计须为 1"),
        ("harmonious-towns", 'source = "entry"', 'source = "entry"\nquestions = [""]',
         "components[1].questions：只用于有折算规则的考核项"),
        ("harmonious-towns", 'effect = "zeroes"', 'effect = "bars"',
         "kinds.town.vetoes.false-report：没有等次的类别不能用“bars”"),
        ("township-finance", '"self-assessment", at-least = 85', '"self", at-least = 85',
         "components[2].needs：“self”不存在"),
        ("township-finance", "counted = false", "counted = 0", "counted：须是 true 或 false"),
        ("village-difficulty", 'column = "difficulty"', 'column = "own-goals"',
         "coefficient.column：“own-goals”重复"),
        ("village-difficulty", 'title = "村"', 'title = "村"\nfull = 100',
         "kinds.village.full：有考核项没有满分"),
        ("village-difficulty", 'key = "own-goals"', 'key = "unit"', "“unit”是保留的列名"),
        ("street-2023", 'effect = "fails"', 'effect = "caps", grade = "合格"',
         "kinds.village.vetoes.major-problem：“caps”只用于按分数段评定的等次"),
        ("street-2023", 'upper-share = "1/2"', "", "kinds.village.grades.upper-share：缺少"),
    ],
)  # fmt: skip
def test_a_mistake_in_any_table_is_told_with_its_key_path(name, old, new, mistake):
    assert mistake in the_mistakes(name, old, new)


def test_every_mistake_of_a_broken_file_is_told_at_once():
    text = text_of("municipal")
    for old, new in (
        ("full = 70", "full = 71"),
        ('limit = "15%"', 'limit = "1500%"'),
        ('effect = "caps"', 'effect = "kills"'),
        ("at-most = 20", 'at-most = "viel"'),
        ('scale = "personnel"', 'scale = "five"'),
        ("sectors = true", "sectors = 1"),
    ):
        text = text.replace(old, new, 1)

    with pytest.raises(MistakesError) as caught:
        read_scheme(text, "x")

    places = [line.split("：")[0] for line in str(caught.value).splitlines()]
    assert {
        "rules.person-review.scale",
        "kinds.department.sectors",
        "kinds.department.full",
        "kinds.person.vetoes.complaint.effect",
        "kinds.person.grades.limit",
        "kinds.audit-office.limits.savings.at-most",
    } <= set(places)


def test_a_setting_of_a_reading_changes_what_it_says_it_does_rule_59():
    scheme = load_scheme("municipal", {"commended": "8‰", "limit": "20%"})
    grades = scheme.kind("person").grades

    assert isinstance(grades, CutGrades)
    assert (str(grades.distinction.share), str(grades.limit)) == ("1/125", "1/5")
    assert scheme.readings["commended"].settings[0].value == "8‰"
    assert load_scheme("municipal").kind("person").grades.limit != grades.limit


def test_a_setting_may_have_several_places_and_lists_rule_59():
    street = load_scheme("street-2023", {"fill-vacancies": "false"})
    towns = load_scheme("harmonious-towns", {"smaller": "能耗、投诉"})

    assert [kind.grades.fill_vacancies for kind in street.kinds.values()] == [False, False]
    assert towns.kind("town").indicated.indicators.smaller == ("能耗", "投诉")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"nope": "1"}, "设置“nope”不能采用：没有这一设置，可用：base-valid"),
        ({"discretion": "50"}, "没有这一设置"),
        ({"fill-vacancies": "perhaps"}, "“perhaps”无效"),
    ],
)
def test_a_setting_that_does_not_exist_or_fit_is_refused_rule_59(settings, problem):
    with pytest.raises(SettingError, match=problem):
        load_scheme("street-2023", settings)


def test_a_setting_is_checked_like_the_file_it_changes_rule_59():
    with pytest.raises(MistakesError, match=r"grades.limit：须是大于 0、不超过 1 的比例"):
        load_scheme("municipal", {"limit": "1500%"})


def test_smaller_is_better_where_the_scheme_says_so_rule_45():
    entries = "unit,能耗.level,能耗.improvement,organisation,satisfaction\n甲,1,5,0,0\n乙,2,6,0,0\n"
    kind = load_scheme("harmonious-towns", {"smaller": "能耗"}).kind("town")
    read = read_entered(kind, File("e.csv", entries.encode()))

    assert [each.unit for each in score(kind, read.entries)] == ["甲", "乙"]
