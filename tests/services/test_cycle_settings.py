"""A cycle's own settings: readings of its scheme that it sets otherwise, once and for good."""

import pytest

from ballot.domain.people import Role
from ballot.errors import MistakesError
from ballot.scoring import SettingError
from ballot.services import cycles, polls
from ballot.storage import events
from tests.assessment import add_units, enter, standing
from tests.builders import Place, a_cycle
from tests.web.desk import a_desk

UNITS = {"甲": "60", "乙": "50", "丙": "40", "丁": "30"}
QUESTIONNAIRE = """
title = "群众满意度"
scheme = "sanitation-2022"
kind = "community"
component = "satisfaction"
subjects = [{ unit = "甲" }]
groups = [{ key = "all", name = "居民", ballots = 10 }]
"""


def departments(place: Place, **settings: str) -> None:
    """Leave four departments with all figures entered."""
    a_cycle(place, scheme="municipal", **settings)
    add_units(place, 1, list(UNITS), "department")
    enter(
        place,
        {
            (unit, key): mark
            for unit, business in UNITS.items()
            for key, mark in (("business", business), ("public", "30"))
        },
        kind="department",
    )


def kept(place: Place) -> list[dict[str, str]]:
    with place.database.read() as connection:
        return [dict(each.settings) for each in cycles.every(connection)]


def test_a_standing_goes_by_the_cycles_own_settings(place):
    # 10% of four departments: 0.4, at least 1 is 先进; 50%: 2 are.
    departments(place, sector_quota="50%")

    found = standing(place, "department")

    assert kept(place) == [{"sector-quota": "50%"}]
    assert [each.unit for each in found.standings if each.grade == "先进"] == ["甲", "乙"]
    assert any("至少 1 个（另设为 50%）" in str(line) for line in found.standings[0].derivation)


def test_a_cycle_without_settings_has_the_scheme_as_it_is_written(place):
    departments(place)

    found = standing(place, "department")

    assert kept(place) == [{}]
    assert [each.unit for each in found.standings if each.grade == "先进"] == ["甲"]
    assert not any("另设" in str(line) for line in found.standings[0].derivation)


@pytest.mark.parametrize("named", [True, False])
def test_a_poll_is_made_by_the_settings_of_its_cycle(place, named):
    a_cycle(place, "去年", scheme="street-2023")
    cycle = a_cycle(place, scheme="sanitation-2022", satisfaction_ballot="four-level")

    with place.database.write() as connection:
        made = polls.create(
            connection,
            QUESTIONNAIRE,
            cycle_id=cycle if named else None,
            smallest_group=5,
            by="test",
            now=place.clock(),
        )
    poll = place.poll(made)

    [section] = poll.definition.sections
    assert section.rule.levels.labels == ("好", "较好", "一般", "差")
    assert any("另设为 four-level" in reading for reading in section.rule.readings)


@pytest.mark.parametrize(
    ("setting", "wrong", "told"),
    [
        ({"nope": "1"}, SettingError, "设置“nope”不能采用：没有这一设置，可用：sector-quota"),
        ({"limit": "lots"}, MistakesError, "kinds.person.grades.limit：须是大于 0"),
    ],
)
def test_a_setting_the_scheme_cannot_have_is_refused_and_nothing_kept(
    sqlite_place, setting, wrong, told
):
    with pytest.raises(wrong, match=told):
        a_cycle(sqlite_place, scheme="municipal", **setting)

    assert kept(sqlite_place) == []


def test_the_log_holds_a_cycles_settings(sqlite_place):
    a_cycle(sqlite_place, scheme="municipal", commended="8‰")

    with sqlite_place.database.read() as connection:
        [made] = [each for each in events.every(connection) if each.action == "cycle created"]

    assert made.details["settings"] == {"commended": "8‰"}


def test_the_pages_of_a_cycle_tell_which_readings_it_sets_otherwise(sqlite_place):
    departments(sqlite_place, sector_quota="50%")
    desk = a_desk(sqlite_place, Role.SCORER)
    told = "本周期另设口径 sector-quota：50%，方案原设 10%（分口内按综合得分排名"

    for address in ("/office/", "/office/cycles/1", "/office/cycles/1/kinds/department/standing"):
        assert told in desk.client.get(address).get_data(as_text=True), address
