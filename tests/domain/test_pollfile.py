"""POLL.toml: what it may say, and one clear message per mistake with its key."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.domain.definition import (
    Blank,
    Definition,
    Group,
    Limit,
    Question,
    Quorum,
    Section,
    Subject,
    WhollyBlank,
)
from ballot.domain.definition_json import from_json, rules_hash, to_json
from ballot.domain.pollfile import read_poll_file
from ballot.errors import MistakesError
from ballot.scoring import NAMED_SCALES, Base, MeanMark, load_scheme
from tests.builders import LEADERS_POLL, ONE_GROUP_POLL, VILLAGE_POLL

HEAD = (
    'title = "测评"\nscheme = "street-2023"\nkind = "village"\ncomponent = "village-peer-review"\n'
)
SUBJECT = 'subjects = [{ unit = "白马村" }]\n'
GROUP = 'groups = [{ key = "a", name = "甲", ballots = 9 }]\n'


def mistakes(text: str) -> list[str]:
    with pytest.raises(MistakesError) as caught:
        read_poll_file(text)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_the_sample_of_the_contract_is_read_as_it_says():
    definition = read_poll_file(VILLAGE_POLL)

    assert definition.title == "白马村2023年度村述村评"
    assert [(group.key, group.ballots) for group in definition.groups] == [
        ("committee", 7),
        ("leaders", 8),
        ("party", 10),
        ("representatives", 5),
    ]
    (section,) = definition.sections
    assert section.subjects == (Subject("白马村", "白马村领导班子"),)
    assert section.rule.scale == NAMED_SCALES["four-level"]
    assert section.rule.base is Base.VALID
    assert (definition.blank, definition.quorum) == (Blank.ABSTAIN, None)


def test_one_ballot_carries_several_sections_in_paper_order():
    definition = read_poll_file(LEADERS_POLL)

    assert [(slot.index, slot.section.kind, slot.subject.unit) for slot in definition.slots] == [
        (0, "village", "白马村"),
        (1, "village", "青龙村"),
        (2, "village", "石桥社区"),
        (3, "station", "财政所"),
        (4, "station", "司法所"),
    ]
    assert [str(section.rule.full_marks) for section in definition.sections] == ["5", "20"]


def test_marks_may_be_asked_for_where_the_scheme_asks_for_levels():
    text = HEAD + SUBJECT + GROUP + 'scale = { marks = { drop_top = 1, drop_bottom = "10%" } }'

    (section,) = read_poll_file(text).sections
    (plain,) = read_poll_file(HEAD + SUBJECT + GROUP + 'scale = "marks"').sections

    assert section.on_marks
    assert section.rule.conversion == MeanMark(Fraction(1), Fraction(1, 10))
    assert (section.rule.base, plain.rule.conversion) == (Base.OPINIONS, MeanMark())
    assert from_json(to_json(read_poll_file(text))) == read_poll_file(text)


def test_each_round_is_a_poll_on_an_item_of_its_own_by_the_scheme_s_marks():
    text = """
title = "2023年度半年评议"
scheme = "department-2012"
kind = "department"
component = "review.half-year"
subjects = [{ unit = "甲科" }]
groups = [{ key = "all", name = "全体", ballots = 30 }]
"""

    (section,) = read_poll_file(text).sections

    assert (section.component, str(section.rule.full_marks)) == ("review.half-year", "100")
    assert section.on_marks
    with pytest.raises(MistakesError, match="scale：方案规定打 0 至 100 分，不能改用等次"):
        read_poll_file(text + 'scale = "four-level"')


def test_everything_optional_can_be_written():
    text = (
        HEAD
        + 'blank = "required"\nwholly_blank = "invalid"\nbase = "returned"\ncomments = false\n'
        + 'scale = { levels = [{ label = "优秀", value = 100, approves = true },'
        + ' { label = "不称职", value = "0" }] }\n'
        + 'questions = [{ text = "德" , weight = "0.4" }, { text = "能", weight = "3/5" }]\n'
        + 'limits = [{ level = "优秀", at_most = 1 }]\nquorum = { more_than = "1/2" }\n'
        + 'subjects = [{ unit = "甲" , duty = "主任" }, { unit = "乙" }]\n'
        + 'groups = [{ key = "a", name = "A票", ballots = 9, weight = "0.4", eligible = 9 },'
        + ' { key = "b", name = "B票", ballots = 20, weight = "0.6", eligible = 20,'
        + ' excludes = ["乙"] }]\n'
    )

    definition = read_poll_file(text)

    assert definition.blank is Blank.REQUIRED
    assert definition.wholly_blank is WhollyBlank.INVALID
    assert definition.quorum == Quorum(Fraction(1, 2), True, Base.ELIGIBLE)
    assert definition.weights == {"a": Fraction(2, 5), "b": Fraction(3, 5)}
    assert [question.weight for question in definition.sections[0].questions] == [
        Fraction(2, 5),
        Fraction(3, 5),
    ]
    assert definition.sections[0].rule.base is Base.RETURNED
    assert definition.groups[1].rates(Subject("甲", "甲"))
    assert not definition.groups[1].rates(Subject("乙", "乙"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (SUBJECT + GROUP, ["title：缺少", "scheme：缺少", "kind：缺少", "component：缺少"]),
        (HEAD + GROUP, ["subjects：缺少"]),
        (HEAD + SUBJECT, ["groups：缺少"]),
        (HEAD + SUBJECT + "groups = []", ["groups：须是至少一项的列表"]),
        (HEAD + SUBJECT + GROUP + "kinds = 1", ["kinds：未知的键；可用："]),
        (HEAD + "subjects = [{ unit = 5 }]\n" + GROUP, ["subjects[1].unit：须是非空的文字"]),
        (
            HEAD + 'subjects = [{ unit = "甲" }, { unit = "甲" }]\n' + GROUP,
            ["subjects[2]：“甲”重复"],
        ),
        (
            HEAD + SUBJECT + 'groups = [{ key = "a", name = "甲", ballots = 0 }]',
            ["groups[1].ballots：须是不小于 1 的整数"],
        ),
        (
            HEAD + SUBJECT + 'groups = [{ key = "a", name = "甲", ballots = 2.5 }]',
            ["groups[1].ballots：须是不小于 1 的整数"],
        ),
        (
            HEAD + SUBJECT + 'groups = [{ key = "a b", name = "甲", ballots = 2 }]',
            ["groups[1].key：只能用"],
        ),
        (HEAD + SUBJECT + GROUP + 'scale = "five"', ["scale：“five”无效"]),
        (
            HEAD + SUBJECT + GROUP + 'scale = "marks"\nlimits = [{ level = "好", at_most = 1 }]',
            ["limits：百分制打分没有等次"],
        ),
        (HEAD + SUBJECT + GROUP + 'scale = "marks"\nbase = "valid"', ["base：折算规则不合规"]),
        (
            HEAD + SUBJECT + GROUP + "scale = { marks = { drop_top = 1.5, drop = 1 } }",
            ["scale.marks.drop_top：须是票数", "scale.marks.drop：未知的键"],
        ),
        (HEAD + SUBJECT + GROUP + "scale = { marks = 100 }", ["scale.marks：须是表"]),
        (HEAD + SUBJECT + GROUP + 'comments = "yes"', ["comments：须是 true 或 false"]),
        (
            HEAD
            + "questions = ["
            + ", ".join(f'{{ text = "{n}" }}' for n in range(21))
            + "]\nsubjects = ["
            + ", ".join(f'{{ unit = "{n}" }}' for n in range(20))
            + "]\n"
            + GROUP,
            ["questions：一张票共 420 项，最多 400 项"],
        ),
        (HEAD + SUBJECT + GROUP + 'base = "all"', ["base：“all”无效"]),
        (HEAD + SUBJECT + GROUP + "quorum = 1", ["quorum：须是表"]),
        (
            HEAD + SUBJECT + GROUP + 'quorum = { at_least = "2/3" }',
            ["groups[1].eligible：按应到人数计算到会率时必须填写"],
        ),
        (
            HEAD + SUBJECT + GROUP + 'quorum = { at_least = "3/2", of = "issued" }',
            ["quorum.at_least：须是大于 0、不超过 1 的比例"],
        ),
        (
            HEAD + SUBJECT + GROUP + 'limits = [{ level = "优秀", at_most = 3 }]',
            ["limits[1].level：“优秀”无效，可用：好、较好、一般、差"],
        ),
        (
            HEAD.replace("village-peer-review", "base-work") + SUBJECT + GROUP,
            ["component：“base-work”不是由投票产生的考核项"],
        ),
        (
            HEAD.replace('"village"', '"town"') + SUBJECT + GROUP,
            ["kind：“town”无效，可用：village、station"],
        ),
        (HEAD.replace("street-2023", "street-2024") + SUBJECT + GROUP, ["scheme："]),
        (HEAD + SUBJECT + GROUP + 'title2 = "x', ["文件不是有效的 TOML"]),
        (
            HEAD
            + SUBJECT
            + 'groups = [{ key = "a", name = "甲", ballots = 9, weight = "0.5" },'
            + ' { key = "b", name = "乙", ballots = 9, weight = "0.4" }]',
            ["groups：权重（weight）须每个类别都写，且合计为 1"],
        ),
        (
            HEAD
            + SUBJECT
            + 'groups = [{ key = "a", name = "甲", ballots = 4 },'
            + ' { key = "b", name = "乙", ballots = 9, excludes = ["白马村", "黑马村"] }]',
            ["groups[2].excludes：没有测评对象“黑马村”", "groups：回避后只有 4 张票评价“白马村”"],
        ),
        (
            LEADERS_POLL.replace('kind = "station"', 'kind = "staton"').replace(
                'unit = "青龙村"', "unit = []"
            ),
            ["sections[1].subjects[2].unit：须是非空的文字", "sections[2].kind：“staton”无效"],
        ),
    ],
)
def test_each_mistake_is_told_once_with_its_key(text, wanted):
    found = mistakes(text)

    assert len(found) == len(wanted), found
    for one, start in zip(sorted(found), sorted(wanted), strict=True):
        assert one.startswith(start), one


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text):
    with pytest.raises(MistakesError):
        read_poll_file(text)


values = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = ["title", "scheme", "kind", "subjects", "groups", "scale", "questions", "limits", "quorum"]


@given(st.sampled_from(KEYS), values)
def test_no_value_of_the_wrong_kind_breaks_the_reader(key, value):
    from ballot.domain import pollfile
    from ballot.scoring.toml_table import Table

    content = {
        "title": "测评",
        "scheme": "street-2023",
        "kind": "village",
        "component": "village-peer-review",
        "subjects": [{"unit": "白马村"}],
        "groups": [{"key": "a", "name": "甲", "ballots": 9}],
        key: value,
    }
    found: list[object] = []

    definition = pollfile._definition(Table(content, "", found), 5)

    assert found or definition.slots


names = st.text("甲乙丙丁戊abc", min_size=1, max_size=6)
rule = load_scheme("street-2023").kinds["village"].component("village-peer-review").rule
sections = st.builds(
    Section,
    kind=st.just("village"),
    component=st.sampled_from(["leaders-review", "village-peer-review"]),
    title=names,
    subjects=st.lists(st.builds(Subject, names, names, names), min_size=1, max_size=4).map(tuple),
    rule=st.just(rule),
    questions=st.lists(st.builds(Question, names, st.fractions(0, 5)), min_size=1, max_size=3).map(
        tuple
    ),
    limits=st.lists(st.builds(Limit, names, st.integers(0, 9)), max_size=2).map(tuple),
)
definitions = st.builds(
    Definition,
    title=names,
    scheme=st.just("street-2023"),
    sections=st.lists(sections, min_size=1, max_size=3).map(tuple),
    groups=st.lists(
        st.builds(
            Group,
            names,
            names,
            st.integers(1, 99),
            st.none() | st.fractions(0, 1),
            st.none() | st.integers(0, 99),
            st.frozensets(names, max_size=2),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    blank=st.sampled_from(Blank),
    wholly_blank=st.sampled_from(WhollyBlank),
    quorum=st.none() | st.builds(Quorum, st.fractions(0, 1), st.booleans(), st.sampled_from(Base)),
    comments=st.booleans(),
    instructions=names,
)


@given(definitions)
def test_sections_and_all_else_round_trip_through_their_frozen_form(definition):
    again = from_json(to_json(definition))

    assert again == definition
    assert rules_hash(again) == rules_hash(definition)


def test_any_change_of_the_rules_changes_their_hash():
    hashes = {
        rules_hash(read_poll_file(text))
        for text in (
            ONE_GROUP_POLL,
            ONE_GROUP_POLL.replace("ballots = 60", "ballots = 61"),
            ONE_GROUP_POLL + 'base = "issued"\n',
            ONE_GROUP_POLL.replace("领导班子", "班子"),
        )
    }

    assert len(hashes) == 4


SHARES = """
title = "2022年群众满意度调查"
scheme = "{scheme}"
kind = "{kind}"
component = "{component}"
subjects = [{{ unit = "甲" }}]
groups = [{{ key = "a", name = "居民", ballots = 30 }}]
"""


def test_a_component_s_own_questions_are_asked_where_the_file_asks_none():
    text = SHARES.format(scheme="harmonious-towns", kind="town", component="satisfaction")

    asked = read_poll_file(text).sections[0].questions
    assert [question.text for question in asked] == ["健康度", "舒适度", "便捷度", "安全度"]
    own = read_poll_file('questions = [{ text = "路灯" }]' + text).sections[0].questions
    assert [question.text for question in own] == ["路灯"]


def test_an_item_with_a_rule_may_be_polled_by_itself():
    text = SHARES.format(scheme="department-2012", kind="department", component="review.year-end")

    assert read_poll_file(text).sections[0].component == "review.year-end"
