"""A scheme in forms: what a sheet offers, what typing into it makes, what differs from before."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.domain.scheme_changes import changes, was
from ballot.domain.scheme_edits import Typed, edited, governed
from ballot.domain.scheme_paths import at, words, written
from ballot.domain.scheme_sheets import Sheet, sheet, sheets
from ballot.errors import MistakesError
from ballot.scoring import read_scheme, scheme_names
from ballot.scoring.scheme_file import preset_text
from ballot.scoring.toml_text import read_toml
from ballot.scoring.toml_writing import write_toml

STREET = read_toml(preset_text("street-2023"))
VILLAGE = "kinds.village.components"
BUILDING = f"{VILLAGE}.base-work.items.party.items.building"


def a_sheet(part: str, kind: str = "", values=STREET) -> Sheet:
    found = sheet(values, part, kind)
    assert found is not None
    return found


def typed(part: str, kind: str = "", values=STREET, preset=STREET, **said):
    return edited(values, preset, a_sheet(part, kind, values), Typed(**{"fields": {}, **said}))


def scheme_of(values):
    return read_scheme(write_toml(values), "test")


@pytest.mark.parametrize("name", scheme_names())
def test_every_preset_survives_its_forms_and_its_file_unchanged(name):
    values = read_toml(preset_text(name))
    text = write_toml(values)

    for each in sheets(values):
        fields = {
            line.field_path(column): written(values, line.field_path(column))
            for block in each.blocks
            for line in block.lines
            for column in line.columns
        }
        assert edited(values, values, each, Typed(fields)) == (values, [])

    assert read_toml(text) == values
    assert read_scheme(text, name) == read_scheme(preset_text(name), name)


LEAVES = (
    st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.decimals(-1000, 1000, places=3)
    | st.text("字'\"\\ {}[],=#é", max_size=6)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.dictionaries(st.text("abc-1字", min_size=1, max_size=4), inner, max_size=4)
        | st.lists(
            st.dictionaries(st.text("xy", min_size=1, max_size=2), inner), min_size=1, max_size=3
        )
    ),
    max_leaves=12,
)


@settings(max_examples=40)
@given(values=st.dictionaries(st.text("abc-1字", min_size=1, max_size=4), TREES, max_size=5))
def test_whatever_is_written_as_toml_is_read_back_equal(values):
    assert read_toml(write_toml(values)) == values


def test_a_changed_mark_adds_up_in_everything_above_it_but_the_total():
    new, mistakes = typed("components", "village", fields={f"{BUILDING}.full": "９.5"})

    assert mistakes == []
    assert at(new, f"{BUILDING}.full") == Decimal("9.5")
    assert at(new, f"{VILLAGE}.base-work.items.party.full") == Decimal("14.5")
    assert at(new, f"{VILLAGE}.base-work.full") == Decimal("86.5")
    assert at(new, "kinds.village.full") == 100
    with pytest.raises(MistakesError, match=r"101\.5"):
        scheme_of(new)


def test_an_item_is_added_under_the_one_that_was_chosen_and_a_component_that_is_polled():
    rows = [
        {"into": f"{VILLAGE}.base-work.items.party.items", "title": "网格党建", "full": "2"},
        {"into": VILLAGE, "title": "群众评议", "full": "4", "source": "ballot approval-bands"},
        {"into": VILLAGE, "title": " ", "full": "", "source": "entry"},
    ]
    total = {"kinds.village.full": "106"}

    new, mistakes = typed("components", "village", added=rows, fields=total)
    village = scheme_of(new).kinds["village"]

    assert mistakes == []
    assert [item.title for item in village.component("base-work").below()].count("网格党建") == 1
    assert village.components[-1].title == "群众评议"
    assert village.components[-1].ballot_rule().full_marks == 4
    assert village.full_marks == 106


def test_what_is_taken_away_is_gone_from_whatever_named_it():
    municipal = read_toml(preset_text("municipal"))
    path = "kinds.department.adjustments.line-city"

    new, _ = typed("adjustments", values=municipal, preset=municipal, removed={path})
    department = scheme_of(new).kinds["department"]

    assert "line-city" not in department.adjustments
    assert "line-city" not in department.limits["innovation"].rules


def test_a_removed_item_comes_back_in_its_old_place():
    party = f"{VILLAGE}.base-work.items.party.items"
    gone, _ = typed("components", "village", removed={f"{party}.militia"})
    assert at(gone, f"{party}.militia") is None

    back, _ = typed("components", "village", values=gone, restored=f"{party}.militia")

    assert back == STREET


@pytest.mark.parametrize(
    "path",
    ["", ".", "nope", "kinds", "kinds.nope.full", "rules.approval-bands.bands[9].score", "[1]"],
)
def test_what_has_no_place_to_come_back_to_changes_nothing(path):
    assert typed("components", "village", restored=path) == (STREET, [])


def test_a_band_that_was_taken_away_comes_back():
    path = "rules.approval-bands.bands[4]"
    gone, _ = typed("rules", removed={path})

    assert len(at(gone, "rules.approval-bands.bands")) == 3
    assert typed("rules", values=gone, restored=path) == (STREET, [])


def test_bands_stand_from_high_to_low_however_they_were_typed():
    row = {"into": "rules.approval-bands.bands", "at-least": "95％", "score": "100"}
    removed = {"rules.approval-bands.bands[4]"}

    new, mistakes = typed("rules", added=[row], removed=removed)

    assert mistakes == []
    assert [each["at-least"] for each in at(new, "rules.approval-bands.bands")] == [
        "95%", "90%", "80%", "70%",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "kind", "fields", "told"),
    [
        ("components", "village", {f"{BUILDING}.full": "八"}, "“党建工作” › 满分：“八”不是数字"),
        ("components", "village", {f"{BUILDING}.title": " "}, "“党建工作” › 名称：不能空白"),
        ("grades", "village", {"kinds.village.grades.places": "五"}, "名额：“五”不是整数"),
        ("rules", "", {"rules.approval-bands.bands[2].at-least": "八成"}, "“八成”不是比例"),
        ("vetoes", "", {"vetoes.safety.effect": "shame"}, "请从列出的里面选"),
        ("vetoes", "", {"vetoes.safety.title": "安\u202e全"}, "看不见的"),
    ],
)
def test_what_cannot_be_read_is_named_in_the_schemes_own_words(part, kind, fields, told):
    _, mistakes = typed(part, kind, fields=fields)

    assert len(mistakes) == 1
    assert told in str(mistakes[0])


def test_a_form_changes_nothing_that_is_not_on_its_sheet():
    fields = {
        "kinds.station.full": "50",
        "rules.approval-bands.conversion": "level-mean",
        "kinds.village.grades.upper-share": "1/3",  # a reading sets it
    }

    for part, kind in (("components", "village"), ("rules", ""), ("grades", "village")):
        assert typed(part, kind, fields=fields, removed={"kinds.station"}) == (STREET, [])

    assert governed(STREET)["kinds.village.grades.upper-share"] == "rest-by-rank"


def test_changes_are_told_place_by_place_with_what_the_preset_says():
    new, _ = typed(
        "adjustments",
        fields={"adjustments.late-reply.marks": "-0.5"},
        removed={"adjustments.award-county"},
        added=[{"into": "adjustments", "title": "典型经验", "marks": "3"}],
    )

    told = [(str(each.where), each.before, each.now) for each in changes(new, STREET)]

    assert told == [
        ("“整改通知、催办通知、重要批示未及时办结” › 分值", "-0.2", "-0.5"),
        ("“典型经验”", None, "典型经验"),
        ("“市（县级）表彰荣誉”", "市（县级）表彰荣誉", None),
    ]
    assert was(new, STREET, "adjustments.late-reply.marks") == "-0.2"
    assert was(new, STREET, "adjustments.own-1.marks") is None


def test_a_place_is_told_by_titles_also_where_the_checks_count_rows():
    assert str(words(STREET, "kinds.village.components[1].items[2].full")) == (
        "“村（社区）” › “基础工作” › “廉政建设” › 满分"
    )
    assert str(words(STREET, "rules.approval-bands.bands[2].score")) == (
        "折算规则 approval-bands › 档位 › 第 2 行 › 折算分"
    )
