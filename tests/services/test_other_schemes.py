"""Standings of schemes other than the street's: no code of the application knows one by name."""

from collections.abc import Mapping

import pytest

from ballot.errors import MistakesError
from ballot.scoring import Source, load_scheme, scheme_names
from ballot.scoring.entries import nodes
from ballot.services import entries, entry_files, kinds, unit_files, units
from tests.assessment import add_units, enter, standing
from tests.builders import Place, a_cycle

KINDS = [(scheme, kind) for scheme in scheme_names() for kind in load_scheme(scheme).kinds]


def describe(place: Place, kind: str, told: Mapping[str, Mapping[str, str]]) -> int:
    with place.database.write() as connection:
        return units.describe(connection, 1, kind, told, by="test", now=place.clock())


def import_figures(place: Place, kind: str, content: str) -> int:
    with place.database.read() as connection:
        table = entries.table(connection, 1, kind)
    wanted = entry_files.read(content.encode(), "表.csv", table, None).wanted
    names = {unit.id: unit.name for unit in table.units}
    return enter(
        place, {(names[number], key): text for (number, key), text in wanted.items()}, kind=kind
    )


@pytest.mark.parametrize(("scheme", "kind"), KINDS)
def test_every_kind_of_every_scheme_can_be_entered_as_far_as_it_is_not_voted_on(
    sqlite_place, scheme, kind
):
    a_cycle(sqlite_place, scheme=scheme)
    add_units(sqlite_place, 1, ["甲", "乙"], kind)
    with sqlite_place.database.read() as connection:
        found = kinds.of(connection, 1, kind)

    marks = {
        column.key: "1" if column.full is None else f"{column.full:f}"
        for column in found.columns
        if not column.whole
    }
    marks |= {key: "1" for key in marks if nodes(found.kind)[key].steps}
    enter(
        sqlite_place,
        {(unit, key): mark for unit in ("甲", "乙") for key, mark in marks.items()},
        kind=kind,
    )
    made = standing(sqlite_place, kind)

    voted = [each.title for each in found.kind.components if each.source is Source.BALLOT]
    if found.kind.indicated:
        voted.append(found.kind.indicated.title)
    told = [str(problem) for problem in made.problems]
    assert [title for title in voted if not any(f"“{title}”" in each for each in told)] == []
    assert len(told) == len(voted)
    assert {each.unit for each in made.standings} == (set() if voted else {"甲", "乙"})


def test_sectors_and_units_out_of_competition_come_from_the_list_of_units(place):
    a_cycle(place, scheme="municipal")
    told = {
        "财政局": {"sector": "经济"},
        "发改局": {"sector": "经济"},
        "教育局": {"sector": "社会", "last-year": "59"},
    }
    assert describe(place, "department", told) == 3
    assert describe(place, "department", told) == 0

    enter(
        place,
        {
            (unit, key): mark
            for unit, business in (("财政局", "60"), ("发改局", "50"), ("教育局", "20"))
            for key, mark in (("business", business), ("public", "30"))
        },
        kind="department",
    )
    found = standing(place, "department")

    assert found.problems == []
    assert {each.unit: (each.sector, each.rank) for each in found.standings} == {
        "财政局": ("经济", 1),
        "发改局": ("经济", 2),
        "教育局": ("社会", 1),
    }
    assert [each.unit for each in found.standings if each.flags] == ["教育局"]


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"last-year": "良好"}, "“财政局”的“上年结果”：“良好”不是数字。"),
        ({"colour": "红"}, "“财政局”的“colour”：没有这一项。"),
        (
            {"sector": "经\u202e济"},
            "“财政局”的“分口”：所写的文字：含有看不见的或改变文字方向的字符",
        ),
    ],
)
def test_a_fact_that_cannot_be_is_told_with_its_unit(sqlite_place, facts, told):
    a_cycle(sqlite_place, scheme="municipal")

    with pytest.raises(MistakesError) as refused:
        describe(sqlite_place, "department", {"财政局": facts})

    assert str(refused.value.texts()[0]).startswith(told)


def test_a_file_of_units_tells_what_is_new_and_what_changes(sqlite_place):
    a_cycle(sqlite_place, scheme="municipal")
    describe(sqlite_place, "department", {"财政局": {"sector": "经济"}, "教育局": {}})
    with sqlite_place.database.read() as connection:
        roster = units.roster(connection, 1, "department")

    content = "单位,分口,上年\n财政局,经济,\n教育局,社会,61\n审计局,,\n"
    rows = unit_files.read(content.encode(), "名单.csv", roster).rows
    faulty = unit_files.read("单位,上年\n财政局,好\n,1\n".encode(), "名单.csv", roster)
    with pytest.raises(MistakesError) as refused:
        faulty.require_faultless()

    assert [(row.name, row.changes) for row in rows] == [
        ("财政局", False), ("教育局", True), ("审计局", True),
    ]  # fmt: skip
    assert rows[1].after == {"sector": "社会", "last-year": "61"}
    assert [str(text) for text in refused.value.texts()] == [
        "名单.csv 第 2 行“上年”：“好”不是数字",
        "名单.csv 第 3 行“单位”：不能空白",
    ]


def test_a_coefficient_multiplies_what_was_entered(sqlite_place):
    a_cycle(sqlite_place, scheme="village-difficulty")
    describe(sqlite_place, "village", {"甲": {"difficulty": "1.1"}, "乙": {}})
    enter(
        sqlite_place,
        {(unit, key): "50" for unit in "甲乙" for key in ("common-goals", "own-goals")},
    )

    found = standing(sqlite_place)

    assert {each.unit: f"{each.total:f}" for each in found.standings} == {
        "甲": "110.00", "乙": "100.00",
    }  # fmt: skip


def test_indicators_are_brought_in_a_file_and_have_columns_from_then_on(place):
    a_cycle(place, scheme="harmonious-towns")
    add_units(place, 1, ["甲", "乙"], "town")

    import_figures(
        place,
        "town",
        "单位,绿化率.level,绿化率.improvement,organisation\n甲,40,2,90\n乙,35,3,80\n",
    )
    with place.database.read() as connection:
        columns = [each.title for each in kinds.of(connection, 1, "town").columns]
    found = standing(place, "town")

    assert {"绿化率 现状", "绿化率 改善"} <= set(columns)
    [voted] = [c.title for c in found.assessed.kind.components if c.source is Source.BALLOT]
    assert [str(problem) for problem in found.problems] == [
        f"“{voted}”：全部 2 个单位——还没有测评活动对它进行投票。"
    ]
