"""Occasions: whatever a scheme lets ballots decide can be made, from what the scheme says."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ballot.domain.definition import Definition
from ballot.domain.occasions import (
    UNIT,
    NoOccasionError,
    Occasion,
    Way,
    balloted,
    occasion,
    occasions,
    spelt_like,
    year_of,
)
from ballot.domain.poll_sheet import GroupRow, SectionSheet, Sheet, each_values
from ballot.domain.poll_sheet import sheet_values as values_of
from ballot.domain.poll_sheet_of import sheet_of
from ballot.domain.poll_table import read_cells
from ballot.domain.pollfile import read_poll_file
from ballot.domain.pollfile_written import poll_file, toml_text
from ballot.errors import MistakesError
from ballot.scoring import Scheme, load_scheme, scheme_names
from tests.builders import LEADERS_POLL, ONE_GROUP_POLL, VILLAGE_POLL

PRESETS = [load_scheme(name) for name in scheme_names()]
STREET = load_scheme("street-2023")
EVERYTHING = """
title = "2023年度民主测评"
scheme = "municipal"
blank = "required"
wholly_blank = "invalid"
quorum = { more_than = "1/2", of = "issued" }
instructions = "第一行\\n“第二行”"
kind = "person"
component = "ballot"
base = "returned"
scale = { levels = [{ label = "好, 很", value = 99.5, approves = true }, {label="差",value=0}] }
subjects = [{ unit = "张三", duty = "主任,书记" }, { unit = "李,四", name = "李 四" }]
questions = [{ text = "德 x2" }, { text = "能", weight = "1/3" }]
limits = [{ level = "差", at_most = 1 }]
groups = [
  { key = "a", name = "甲", ballots = 9, weight = 0.3, eligible = 10 },
  { key = "g1", name = "乙", ballots = 8, weight = "7/10", eligible = 8, excludes = ["李 四"] },
]
"""
MARKS = ONE_GROUP_POLL + 'scale = { marks = { drop_top = 1, drop_bottom = "10%", only_above = 5 } }'
ROUND = """
title = "半年评议"
scheme = "department-2012"
kind = "department"
component = "review.half-year"
scale = { marks = { drop_top = "1/3" } }
subjects = [{ unit = "甲科" }]
groups = [{ key = "a", name = "甲", ballots = 9 }]
"""
FILES = [VILLAGE_POLL, LEADERS_POLL, ONE_GROUP_POLL, EVERYTHING, MARKS, ROUND]


def filled_in(scheme: Scheme, chosen: Occasion) -> list[Definition]:
    """Return what an occasion's form makes when only numbers are added to what it proposes."""
    rows = tuple(
        GroupRow(name=group.name, ballots="9", weight=str(group.weight or ""))
        for group in chosen.groups
    )
    sheet = Sheet(
        title=chosen.poll_title("2023"),
        groups=rows,
        sections=tuple(
            SectionSheet(part.key, ("甲", "乙"), suffix=chosen.team) for part in chosen.parts
        ),
        cells=dict.fromkeys(("甲", "乙"), ("9",) * len(rows)),
    )
    each = chosen.way is Way.EACH
    made = (
        [x.values for x in each_values(sheet, scheme.name)]
        if each
        else [values_of(sheet, scheme.name)]
    )
    return [read_poll_file(toml_text(values)) for values in made]


@pytest.mark.parametrize("scheme", PRESETS, ids=lambda scheme: scheme.name)
def test_every_component_that_ballots_can_decide_is_reached_and_makes_a_poll(scheme):
    wanted = {
        f"{kind.key}:{node.key}"
        for kind in scheme.kinds.values()
        for node in kind.nodes()
        if node.rule is not None
    }

    found = occasions(scheme)

    assert {part.key for each in found for part in each.parts} == wanted
    for chosen in found:
        polls = filled_in(scheme, chosen)
        assert len(polls) == (2 if chosen.way is Way.EACH else 1)
        sections = {(s.kind, s.component) for poll in polls for s in poll.sections}
        assert sections == {(part.kind.key, part.item.key) for part in chosen.parts}
        assert len({poll.title for poll in polls}) == len(polls)


def test_the_occasions_are_those_of_the_source_documents():
    told = {
        (scheme.name, each.title): (each.way, [group.name for group in each.groups])
        for scheme in PRESETS
        for each in occasions(scheme)
    }

    assert told["street-2023", "村述村评"] == (
        Way.EACH,
        ["两委成员", "村民组长", "党员", "村民代表"],
    )
    assert told["street-2023", "党政领导评议"] == (Way.TOGETHER, ["党政领导"])
    assert told["street-2023", "年底述职民主测评"] == (Way.TOGETHER, ["街道干部"])
    half, whole = (told["department-2012", f"工作综合评议（{x}评议）"] for x in ("半年", "年终"))
    assert (half[0], len(half[1]), len(whole[1])) == (Way.TOGETHER, 6, 4)
    assert told["sanitation-2022", "群众满意度"] == (Way.EACH, ["居民"])
    assert told["harmonious-towns", "公众满意度"] == (Way.EACH, ["群众"])
    assert told["municipal", "民主测评"][0] is Way.TOGETHER


def test_villages_and_stations_share_the_leaders_ballot_and_titles_name_the_year_once():
    leaders = next(each for each in occasions(STREET) if each.title == "党政领导评议")
    titles = {each.poll_title("2023") for each in occasions(STREET)}

    assert [part.kind.key for part in leaders.parts] == ["village", "station"]
    assert titles == {
        "2023年度党政领导评议",
        f"{UNIT}2023年度村述村评",
        "2023年年底述职民主测评",
        "2023年度村述街道评",
    }
    assert [each.title for each in occasions(STREET) if each.optional] == ["村述街道评"]


@given(st.lists(st.sampled_from([part.key for part in balloted(STREET)]), unique=True), st.data())
def test_any_parts_make_one_ballot_and_only_a_single_one_a_poll_for_each_unit(keys, data):
    way = data.draw(st.sampled_from(["each", "together", "", "x"]))
    possible = (way == "together" and keys) or (way == "each" and len(keys) == 1)

    if possible:
        assert {part.key for part in occasion(STREET, keys, way).parts} == set(keys)
    else:
        with pytest.raises(NoOccasionError):
            occasion(STREET, keys, way)


def test_weights_that_a_scheme_sets_for_groups_are_proposed():
    (part,) = (part for part in balloted(STREET) if part.key == "station:report-review")
    weighted = part.item.__class__(
        **{**vars(part.item), "groups": (("领导", Fraction(3, 10)), ("职工", Fraction(7, 10)))}
    )

    proposed = Occasion((part.__class__(part.kind, weighted),), Way.TOGETHER).groups

    assert [(group.name, group.weight) for group in proposed] == [
        ("领导", Fraction(3, 10)),
        ("职工", Fraction(7, 10)),
    ]


@pytest.mark.parametrize("text", FILES)
def test_a_poll_file_is_written_so_that_reading_it_gives_the_same_poll(text):
    definition = read_poll_file(text)
    scheme = load_scheme(definition.scheme)

    assert read_poll_file(poll_file(definition, scheme)) == definition
    assert read_poll_file(toml_text(values_of(sheet_of(definition, scheme), scheme.name))) == (
        definition
    ), "and so does the form that it is changed in"


words = st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=12)


@given(st.lists(words, min_size=1, max_size=4, unique=True), words, words, st.booleans())
def test_whatever_people_write_comes_back_from_the_file_that_is_written(names, duty, title, lines):
    text = toml_text(
        {
            "title": title,
            "scheme": "street-2023",
            "instructions": f"{duty}\n\t{title}" if lines else duty,
            "groups": [{"key": "a", "name": names[0], "ballots": 9}],
            "sections": [
                {
                    "kind": "village",
                    "component": "leaders-review",
                    "subjects": [{"unit": name, "duty": duty} for name in names],
                }
            ],
        }
    )
    try:
        definition = read_poll_file(text)
    except MistakesError as error:
        assume("看不见" not in str(error))  # the one reason not to take what people write
        raise

    assert [subject.unit for subject in definition.sections[0].subjects] == names
    assert read_poll_file(poll_file(definition, STREET)) == definition


@given(
    st.dictionaries(
        st.sampled_from(["甲村", "乙村", "丙村"]), st.tuples(*[st.integers(0, 99)] * 2)
    ),
    st.booleans(),
    st.sampled_from(["\t", ",", "，", "；"]),
)
def test_a_pasted_table_is_read_in_any_order_of_columns_and_between_any_marks(table, turned, mark):
    groups, order = ["甲", "乙"], (1, 0) if turned else (0, 1)
    lines = [mark.join(("单位", *(groups[place] for place in order), "合计"))]
    lines += [
        mark.join((name, *(str(row[place]) for place in order), str(sum(row))))
        for name, row in table.items()
    ]

    read = read_cells("\n".join(lines), groups, ["甲村", "乙村", "丙村"], {"丁村": ("1", "2")})

    assert read == {"丁村": ("1", "2")} | {
        name: (str(row[0]), str(row[1])) for name, row in table.items()
    }


def test_cells_that_were_left_out_of_a_pasted_table_stay_as_they_were():
    read = read_cells("甲村\t5", ["甲", "乙"], ["甲村"], {"甲村": ("1", "2")})

    assert read == {"甲村": ("5", "2")}


def test_a_year_is_found_in_a_title_and_a_name_like_another():
    assert year_of("2023年度考核", 2024) == "2023"
    assert year_of("年度考核", 2024) == "2024"
    assert spelt_like("白马存", ["青龙村", "白马村"]) == "白马村"
    assert spelt_like("财政所", ["青龙村", "白马村"]) is None
