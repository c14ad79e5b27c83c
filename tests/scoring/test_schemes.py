"""Schemes as files: the preset of street-2023, and every mistake a file can hold."""

import json
import re
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import pytest

from ballot.errors import MistakesError
from ballot.scoring import (
    Bands,
    Base,
    Effect,
    NotByBallotError,
    Rule,
    RuleFormatError,
    Source,
    UnknownComponentError,
    UnknownKindError,
    UnknownSchemeError,
    load_scheme,
    read_scheme,
    scheme_names,
)
from tests.scoring.examples import PEER_REVIEW, STATION, STREET, VILLAGE

SMALL = """
title = "方案"
[readings.r]
text = "读作"
[rules.bands]
scale = "four-level"
conversion = "bands"
bands = [{ at-least = "90%", score = 90 }]
otherwise = 40
readings = ["r"]
[adjustments.praise]
title = "表扬"
marks = 0.5
[vetoes.safety]
title = "安全"
effect = "bars"
[kinds.village]
title = "村"
full = 10
[[kinds.village.components]]
key = "work"
title = "工作"
full = 6
source = "entry"
items = [{ key = "one", title = "一", full = 2.5 }, { key = "two", title = "二", full = 3.5 }]
[[kinds.village.components]]
key = "review"
title = "评议"
full = 4
source = "ballot"
rule = "bands"
[kinds.village.grades]
form = "places"
first = "先进"
places = 5
upper = "良好"
upper-share = "1/2"
lower = "合格"
failed = "不合格"
failed-below = 60
"""


def the_mistakes(text):
    with pytest.raises(MistakesError) as caught:
        read_scheme(text, "x")
    return str(caught.value).splitlines()


def test_the_preset_has_the_marks_of_the_document():
    leaves = list(VILLAGE.component("base-work").leaves())

    assert "street-2023" in scheme_names()
    assert (VILLAGE.full_marks, STATION.full_marks) == (100, 100)
    assert {item.title: item.full_marks for item in VILLAGE.component("base-work").items} == {
        "党群工作": 13,
        "廉政建设": 5,
        "意识形态": 5,
        "社会稳定": 12,
        "农业农村": 18,
        "社会事务与经济发展": 32,
    }
    assert sum(item.full_marks for item in leaves) == 85
    assert all(item.office for item in leaves)
    assert {each.key: each.full_marks for each in STATION.components} == {
        "finance": 10,
        "duties": 40,
        "key-work": 10,
        "leaders-review": 20,
        "report-review": 20,
    }


def test_the_preset_s_ballot_rule_is_the_document_s_rule_4():
    rule = STATION.component("report-review").ballot_rule()

    assert isinstance(rule.conversion, Bands)
    assert [(band.at_least, band.score) for band in rule.conversion.edges] == [
        (Fraction(9, 10), 90), (Fraction(8, 10), 80), (Fraction(7, 10), 70), (Fraction(6, 10), 60),
    ]  # fmt: skip
    assert (rule.conversion.otherwise, rule.conversion.discretionary) == (40, True)
    assert (rule.base, rule.factor) == (Base.VALID, Fraction(1, 5))
    assert PEER_REVIEW.factor == Fraction(1, 20)


def test_the_preset_s_adjustments_are_the_document_s_rule_15():
    marks = {key: rule.marks for key, rule in VILLAGE.adjustments.items()}

    assert marks == {
        "praise-province": Decimal("0.5"),
        "praise-city": Decimal("0.3"),
        "praise-county": Decimal("0.2"),
        "criticism-province": Decimal("-0.5"),
        "criticism-city": Decimal("-0.3"),
        "criticism-county": Decimal("-0.2"),
        "award-province": 2,
        "award-city": 1,
        "award-county": Decimal("0.5"),
        "late-reply": Decimal("-0.2"),
    }
    assert [key for key, veto in STATION.vetoes.items() if veto.effect is Effect.FAILS] == [
        "major-problem"
    ]


def test_readings_are_kept_with_what_rests_on_them():
    station_leaders = STATION.component("leaders-review")

    assert "按赋分表计" in station_leaders.reading
    assert any("按赋分表计" in text for text in station_leaders.ballot_rule().readings)
    assert STREET.readings["discretion"].clause == "三、2(2)"


def test_an_entered_component_with_a_rule_may_be_polled_and_others_may_not():
    street_review = VILLAGE.component("street-review")

    assert street_review.source is Source.ENTRY
    assert street_review.ballot_rule().full_marks == 5
    with pytest.raises(NotByBallotError, match="base-work"):
        VILLAGE.component("base-work").ballot_rule()


def test_unknown_names_are_told_with_the_known_ones():
    with pytest.raises(UnknownSchemeError, match="street-2023"):
        load_scheme("../street-2023")
    with pytest.raises(UnknownKindError, match="village、station"):
        STREET.kind("town")
    with pytest.raises(UnknownComponentError, match="leaders-review"):
        VILLAGE.component("nope")


def test_a_small_scheme_reads_whole():
    kind = read_scheme(SMALL, "x").kind("village")

    assert [leaf.key for leaf in kind.component("work").leaves()] == ["work.one", "work.two"]
    assert kind.component("review").ballot_rule().readings == ("读作",)


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ('title = "方案"', "", "title：缺少"),
        ('title = "方案"', "title = 3", "title：须是非空的文字"),
        ('title = "方案"', 'title = " "', "title：须是非空的文字"),
        ('title = "方案"', 'title = "方案"\nnmae = 1', "nmae：未知的键"),
        ("full = 10", "full = 11", "kinds.village.full：各项满分合计 10，不等于 11"),
        ("full = 10", "full = -10", "kinds.village.full：须大于 0"),
        ("full = 10", 'full = "ten"', "kinds.village.full：须是数字"),
        ("full = 10", "full = inf", "kinds.village.full：须是数字"),
        ("full = 3.5", "full = 3", "kinds.village.components[1].full：各项满分合计 5.5，不等于 6"),
        ('key = "two"', 'key = "one"', "kinds.village.components[1].items[2].key：“one”重复"),
        ('key = "two"', 'key = "Two"', "components[1].items[2].key：名称只能用"),
        ('key = "review"', 'key = "work"', "kinds.village.components[2].key：“work”重复"),
        ('rule = "bands"', "", "kinds.village.components[2].rule：由投票产生的考核项须有折算规则"),
        ('rule = "bands"', 'rule = "nope"', "components[2].rule：“nope”无效，可用：bands"),
        ('source = "ballot"', 'source = "vote"', "components[2].source：“vote”无效"),
        ('scale = "four-level"', 'scale = "five"', "rules.bands.scale：“five”无效"),
        ('scale = "four-level"', "levels = []", "rules.bands.levels：须是至少一项的列表"),
        (
            'scale = "four-level"',
            'levels = [{ label = "好", value = 100, approves = true }]',
            "rules.bands.levels：等次须有 2 至 6 个",
        ),
        ('conversion = "bands"', 'conversion = "rank"', "rules.bands.conversion：“rank”无效"),
        ('"90%"', '"190%"', "rules.bands.bands[1].at-least：须是大于 0"),
        ('"90%"', "[]", "rules.bands.bands[1].at-least：须是大于 0"),
        ("score = 90", "score = 30", "rules.bands.bands：比例高的档位"),
        ("otherwise = 40", 'otherwise = 40\ndiscretionary = "yes"', "discretionary：须是 true"),
        ("otherwise = 40", 'otherwise = 40\nbase = "all"', "rules.bands.base：“all”无效"),
        ('readings = ["r"]', 'readings = ["s"]', "rules.bands.readings：“s”不存在"),
        ('readings = ["r"]', 'readings = "r"', "rules.bands.readings：须是列表"),
        ("marks = 0.5", 'marks = "much"', "adjustments.praise.marks：须是数字"),
        ('effect = "bars"', 'effect = "kills"', "vetoes.safety.effect：“kills”无效"),
        ("[vetoes.safety]", "[vetoes.Safety]", "vetoes.Safety：名称只能用"),
        ("places = 5", "places = 0", "kinds.village.grades.places：须是不小于 1 的整数"),
        ('form = "places"', 'form = "cup"', "kinds.village.grades.form：“cup”无效"),
        ('lower = "合格"', 'lower = "良好"', "kinds.village.grades：等次名称重复"),
        ("[kinds.village.grades]", "[kinds.village.grade]", "kinds.village.grade：未知的键"),
        ("[readings.r]", "[readings]\nq = 1\n[readings.r]", "readings.q：须是表"),
    ],
)
def test_a_mistake_in_a_scheme_is_told_with_its_key_path(old, new, mistake):
    assert old in SMALL

    told = the_mistakes(SMALL.replace(old, new, 1))

    assert any(mistake in line for line in told), told


def test_all_mistakes_of_a_scheme_are_told_at_once():
    text = SMALL.replace("full = 10", "full = 11").replace("places = 5", "places = 0")

    assert len(the_mistakes(text)) == 2


def test_what_is_no_toml_is_told_with_its_line():
    assert "line 1" in the_mistakes("title = \n")[0]


def test_a_scheme_without_kinds_is_refused():
    assert the_mistakes('title = "x"') == ["kinds：至少要有一个类别"]


def test_marks_are_read_exactly_never_as_floats():
    text = SMALL.replace("marks = 0.5", "marks = 0.10000000000000000001")

    marks = read_scheme(text, "x").kind("village").adjustments["praise"].marks
    assert str(marks) == "0.10000000000000000001"


def test_the_rule_of_the_preset_survives_being_frozen_rule_22():
    written = json.dumps(PEER_REVIEW.to_json(), ensure_ascii=False)

    assert Rule.from_json(json.loads(written)) == PEER_REVIEW
    assert json.loads(written)["conversion"]["edges"][0] == {"at_least": "0.9", "score": "90"}


@pytest.mark.parametrize(
    "change",
    [
        {"base": "all"},
        {"scale": []},
        {"scale": [{"label": "好", "value": 100.0, "approves": True}]},
        {"full_marks": 5},
        {"full_marks": "NaN"},
        {"full_marks": "five"},
        {"empty_group": "ignore"},
        {"conversion": {"name": "rank"}},
        {"conversion": {"name": "bands", "edges": [], "otherwise": "1/0", "discretionary": True}},
        {"readings": None},
    ],
)
def test_a_tampered_rule_is_refused_with_a_sentence_rule_22(change):
    with pytest.raises(RuleFormatError, match="存档格式有误"):
        Rule.from_json({**PEER_REVIEW.to_json(), **change})


def test_scoring_can_be_imported_by_any_system_that_has_python():
    code = (
        "import sys; before = set(sys.modules); import ballot.scoring; "
        "ballot.scoring.load_scheme('street-2023'); "
        "print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    loaded = set(printed.stdout.split())
    assert loaded - set(sys.stdlib_module_names) == {"ballot"}


def test_scoring_imports_only_the_leaves_of_this_system():
    code = "import sys, ballot.scoring; print(*[n for n in sys.modules if n.startswith('ballot.')])"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    others = [name for name in printed.stdout.split() if not name.startswith("ballot.scoring")]
    assert sorted(others) == ["ballot.errors", "ballot.language"]


def test_every_rule_number_in_the_code_is_in_the_book(pytestconfig):
    root = pytestconfig.rootpath
    book = (root / "docs" / "scoring-rules.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^(\d+)\. \*\*", book, flags=re.MULTILINE))
    files = [
        *(root / "ballot/scoring").glob("*.py"),
        *(root / "tests/scoring").glob("test_*.py"),
        *(root / "ballot/domain").glob("*.py"),  # the ballot account, rules 61 to 65
        root / "tests/domain/test_account.py",
    ]

    used = set()
    for file in files:
        text = file.read_text(encoding="utf-8")
        used.update(re.findall(r"\brules? (\d+)", text), re.findall(r"_rule_(\d+)\(", text))

    assert used == known
