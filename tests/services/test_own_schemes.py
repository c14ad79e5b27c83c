"""A cycle's own scheme: what may change until when, and that everything follows it."""

import json

import pytest

from ballot.domain.archive import text_of
from ballot.domain.scheme_edits import Typed
from ballot.domain.scheme_paths import written
from ballot.errors import MistakesError
from ballot.scoring import read_scheme
from ballot.scoring.errors import SettingError
from ballot.scoring.scheme_file import preset_text
from ballot.services import archive, cycles, offices, own_schemes, polls
from ballot.services.own_schemes import OwnScheme
from ballot.services.scheme_fit import SchemeFixedError
from ballot.storage import events
from tests.assessment import (
    BASE,
    PEERS,
    a_clerk,
    a_cycle_with_units,
    add_units,
    adjust,
    an_approved_station,
    enter,
    standing,
)
from tests.builders import (
    LEADERS_POLL,
    ONE_GROUP_POLL,
    Place,
    a_cycle,
    a_poll,
    an_open_poll,
    cast,
    certify,
    close,
    open_poll,
    print_ballots,
)

PARTS = "kinds.village.components"
TO_TEN = {f"{PARTS}.{PEERS}.full": "10", "kinds.village.full": "105"}
"""村述村评 counts 10 instead of 5."""


def found(place: Place, cycle: int = 1) -> OwnScheme:
    with place.database.read() as connection:
        return own_schemes.of(connection, cycle)


def change(place: Place, part: str, kind: str = "", cycle: int = 1, **said) -> None:
    with place.database.write() as connection:
        own_schemes.change(
            connection,
            cycle,
            part,
            kind,
            Typed(**{"fields": {}, **said}),
            by="王组织",
            now=place.clock(),
        )


def take_in(place: Place, text: str) -> None:
    with place.database.write() as connection:
        own_schemes.take_in(connection, 1, text, by="王组织", now=place.clock())


def logged(place: Place, action: str) -> list[dict]:
    with place.database.read() as connection:
        return [dict(each.details) for each in events.every(connection) if each.action == action]


def test_a_changed_scheme_has_a_name_of_its_own_and_the_log_says_what_changed(place):
    a_cycle(place)

    change(place, "components", "village", fields=TO_TEN)
    own = found(place)

    assert (own.cycle.scheme, own.cycle.based_on) == ("street-2023+1", "street-2023")
    assert own.scheme.kinds["village"].component(PEERS).full_marks == 10
    assert read_scheme(own.text, "mine").kinds["village"].full_marks == 105
    assert [(each.before, each.now) for each in own.changes] == [("100", "105"), ("5", "10")]
    [said] = logged(place, "scheme changed")
    assert said["changed"] == [
        "“村（社区）” › 满分：100 → 105",
        "“村（社区）” › “村述村评” › 满分：5 → 10",
    ]
    assert len(said["sha256"]) == 64


def test_what_is_restored_everywhere_is_the_preset_again(sqlite_place):
    a_cycle(sqlite_place)
    change(sqlite_place, "components", "village", fields=TO_TEN)
    change(sqlite_place, "vetoes", removed={"vetoes.safety"})

    change(sqlite_place, "vetoes", restored="vetoes.safety")
    usual = {path: written(found(sqlite_place).preset, path) for path in TO_TEN}
    change(sqlite_place, "components", "village", fields=usual)

    assert found(sqlite_place).cycle.own is None
    assert found(sqlite_place).cycle.scheme == "street-2023"


def test_drafts_follow_the_scheme_and_keep_what_they_set_themselves(sqlite_place):
    poll = a_poll(sqlite_place)
    own_base = a_poll(sqlite_place, 'base = "returned"\n' + ONE_GROUP_POLL)
    band = {"rules.approval-bands.bands[1].score": "100"}

    change(sqlite_place, "components", "village", fields=TO_TEN)
    change(sqlite_place, "rules", fields=band)
    change(sqlite_place, "titles", fields={"kinds.village.title": "行政村"})

    for number, base in ((poll.id, "valid"), (own_base.id, "returned")):
        definition = sqlite_place.poll(number).definition
        [section] = definition.sections
        assert definition.scheme == "street-2023+1"
        assert section.kind_title == "行政村"
        assert section.rule.full_marks == 10
        assert section.rule.to_json()["conversion"]["edges"][0]["score"] == "100"
        assert section.rule.base.value == base


def test_new_polls_are_made_under_the_cycles_own_scheme(sqlite_place):
    a_cycle(sqlite_place)
    change(sqlite_place, "components", "village", fields=TO_TEN)

    poll = a_poll(sqlite_place, ONE_GROUP_POLL.replace("street-2023", "street-2023+1"))

    [section] = poll.definition.sections
    assert (section.rule.full_marks, section.kind_title) == (10, "村（社区）")


def test_a_poll_under_an_own_scheme_is_archived_counted_again_and_scored(place, tmp_path):
    a_cycle(place)
    change(place, "components", "village", fields=TO_TEN)
    text = LEADERS_POLL.replace("street-2023", "street-2023+1")
    poll, codes = an_open_poll(place, text)
    for code in codes:
        cast(place, poll, code, 0)
    close(place, poll)
    certify(place, poll)
    file = tmp_path / "poll.archive"

    archive.export(
        place.database,
        place.keys,
        poll.id,
        file,
        smallest_group=5,
        small_groups=False,
        by="test",
        now=place.clock(),
    )
    read, _ = archive.verify(file)  # by both verifiers, neither of which knows the scheme

    assert text_of(read) == file.read_text("utf-8")
    assert [each.kind_title for each in read.definition.sections] == ["村（社区）", "站办所"]
    rules = json.loads(file.read_text("utf-8").splitlines()[1])["rules"]
    assert rules["scheme"] == "street-2023+1"


OWN = """
title = "白马镇村级考核"
[adjustments.award-city]
title = "市级表彰"
marks = 1
[kinds.village]
title = "村"
full = 100
[[kinds.village.components]]
key = "work"
title = "工作"
full = 100
source = "entry"
"""


def test_a_standing_is_made_under_the_cycles_own_scheme(sqlite_place):
    a_cycle(sqlite_place)
    take_in(sqlite_place, OWN)
    add_units(sqlite_place, 1, ["白马村"])
    change(sqlite_place, "adjustments", fields={"adjustments.award-city.marks": "4.5"})
    enter(sqlite_place, {("白马村", "work"): "89"})

    adjust(sqlite_place, "白马村", "award-city")

    [only] = standing(sqlite_place).standings
    assert str(only.total) == "93.50"


def test_nothing_changes_once_a_poll_opened_or_a_standing_was_approved(place):
    a_cycle(place, "甲")
    poll = a_poll(place, cycle_id=1)
    print_ballots(place, poll)
    open_poll(place, poll)

    with pytest.raises(SchemeFixedError, match="已经开始投票"):
        change(place, "components", "village", fields=TO_TEN)
    with pytest.raises(SchemeFixedError):
        take_in(place, preset_text("municipal"))
    with pytest.raises(SchemeFixedError), place.database.write() as connection:
        own_schemes.set_readings(connection, 1, {}, by="test", now=place.clock())

    assert found(place).cycle.own is None


def test_an_approved_standing_fixes_the_scheme(sqlite_place):
    a_cycle(sqlite_place)
    an_approved_station(sqlite_place)

    with pytest.raises(SchemeFixedError, match="“站办所”的总评已经审定"):
        change(sqlite_place, "titles", fields={"title": "新"})


def test_a_rehearsal_that_opened_does_not_fix_the_scheme(sqlite_place):
    from ballot.services import copies

    poll = a_poll(sqlite_place)
    with sqlite_place.database.write() as connection:
        number = copies.rehearse(connection, poll.id, by="test", now=sqlite_place.clock())
    rehearsal = sqlite_place.poll(number)
    print_ballots(sqlite_place, rehearsal)
    open_poll(sqlite_place, rehearsal)

    change(sqlite_place, "components", "village", fields=TO_TEN)

    assert sqlite_place.poll(poll.id).definition.sections[0].rule.full_marks == 10
    assert sqlite_place.poll(rehearsal.id).definition.sections[0].rule.full_marks == 5


def test_what_a_cycle_holds_already_cannot_be_taken_from_under_it(sqlite_place):
    a_cycle_with_units(sqlite_place)
    a_poll(sqlite_place)
    enter(sqlite_place, {("白马村", f"{BASE}.party.militia"): "2"})
    adjust(sqlite_place, "白马村", "award-city")
    militia = f"{PARTS}.base-work.items.party.items.militia"
    to_98 = {"kinds.village.full": "98"}

    with pytest.raises(MistakesError, match="“党管武装”已有录入的数据或台账记录"):
        change(sqlite_place, "components", "village", removed={militia}, fields=to_98)
    with pytest.raises(MistakesError, match="“市（地级）表彰荣誉”已有录入"):
        change(sqlite_place, "adjustments", removed={"adjustments.award-city"})
    peers, to_95 = {f"{PARTS}.{PEERS}"}, {"kinds.village.full": "95"}
    with pytest.raises(MistakesError, match="不再是由投票产生的考核项"):
        change(sqlite_place, "components", "village", removed=peers, fields=to_95)
    with pytest.raises(MistakesError, match="“村（社区）”已有单位名单"):
        take_in(sqlite_place, preset_text("municipal"))

    assert found(sqlite_place).cycle.own is None


def test_every_mistake_is_told_in_the_schemes_own_words_and_nothing_is_kept(sqlite_place):
    a_cycle(sqlite_place)
    fields = {
        f"{PARTS}.{PEERS}.full": "-1",
        f"{PARTS}.leaders-review.full": "",
    }

    with pytest.raises(MistakesError) as refused:
        change(sqlite_place, "components", "village", fields=fields)

    told = [str(text) for text in refused.value.texts()]
    assert "“村（社区）” › “村述村评” › 满分：须大于 0" in told
    assert "“村（社区）” › “党政领导评议” › 满分：缺少" in told
    assert "“村（社区）” › 满分：有考核项没有满分，整个类别不能有满分" in told
    assert found(sqlite_place).cycle.own is None
    assert logged(sqlite_place, "scheme changed") == []


def test_who_entered_for_an_office_goes_on_when_the_office_has_another_name(place):
    a_cycle_with_units(place)
    a_clerk(place, "妇联", "团委")
    party = f"{PARTS}.base-work.items.party.items"
    discipline = f"{PARTS}.base-work.items.integrity.items.discipline"

    renamed = {f"{party}.women.office": "妇女联合会", f"{discipline}.office": "纪检监察组"}
    change(place, "components", "village", fields=renamed)

    with place.database.read() as connection:
        [clerk] = offices.of_cycle(connection, 1).assignments
    assert clerk.offices == {"妇女联合会", "团委"}  # 纪工委 is still there: half of it moved


def test_readings_are_set_and_set_back_until_the_first_poll_opens(sqlite_place):
    poll = a_poll(sqlite_place)

    def set_readings(**settings: str) -> None:
        chosen = {key.replace("_", "-"): value for key, value in settings.items()}
        with sqlite_place.database.write() as connection:
            own_schemes.set_readings(connection, 1, chosen, by="test", now=sqlite_place.clock())

    set_readings(base_valid="returned", fill_vacancies="true")  # the second as it is anyway
    held = found(sqlite_place).cycle
    assert (held.scheme, dict(held.settings)) == ("street-2023", {"base-valid": "returned"})
    assert sqlite_place.poll(poll.id).definition.sections[0].rule.base.value == "returned"
    with pytest.raises(MistakesError, match="基数：“all”无效"):
        set_readings(base_valid="all")
    with pytest.raises(SettingError):
        set_readings(nope="1")
    set_readings()
    assert found(sqlite_place).cycle.settings == {}
    assert sqlite_place.poll(poll.id).definition.sections[0].rule.base.value == "valid"


def test_a_scheme_of_ones_own_is_taken_in_whole_and_given_back_byte_for_byte(sqlite_place):
    a_cycle(sqlite_place)
    text = preset_text("municipal").replace("市直部门", "区直部门")

    take_in(sqlite_place, text)
    own = found(sqlite_place)

    assert own.text == text
    assert own.scheme.kinds["department"].title == "区直部门"
    assert cycles.scheme_of(own.cycle).name == "street-2023+1"
    with pytest.raises(MistakesError, match="TOML"):
        take_in(sqlite_place, "title = ")
    with sqlite_place.database.write() as connection:
        own_schemes.restore(connection, 1, by="test", now=sqlite_place.clock())
    assert found(sqlite_place).cycle.scheme == "street-2023"


def test_a_draft_cannot_be_made_under_a_scheme_that_another_cycle_changed(sqlite_place):
    a_cycle(sqlite_place)
    a_cycle(sqlite_place, "另一周期")
    change(sqlite_place, "components", "village", fields=TO_TEN)
    text = ONE_GROUP_POLL.replace("street-2023", "street-2023+1")

    with pytest.raises(MistakesError, match="street-2023"):
        a_poll(sqlite_place, text, cycle_id=2)
    with pytest.raises(polls.SchemeMismatchError):
        a_poll(sqlite_place, ONE_GROUP_POLL, cycle_id=1)
