"""Changing a draft while its slips are printed: what is on them is what the poll is called."""

from dataclasses import replace

import pytest

from ballot.domain.definition_json import rules_hash
from ballot.domain.poll_sheet import Sheet
from ballot.domain.poll_sheet_of import sheet_of
from ballot.scoring import load_scheme
from ballot.services import poll_changes, printing
from ballot.services.poll_drafts import SheetError
from tests.builders import VILLAGE_POLL, Place, a_poll, print_ballots
from tests.jobs import a_runner, ask_slips
from tests.services.test_jobs import printed, runner_claims

STREET = load_scheme("street-2023")


def the_sheet(place: Place) -> Sheet:
    return sheet_of(place.poll(1).definition, STREET)


def change(place: Place, sheet: Sheet) -> None:
    with place.database.write() as connection:
        poll_changes.change(
            connection,
            1,
            sheet,
            seen=rules_hash(place.poll(1).definition),
            smallest_group=5,
            by="test",
            now=place.clock(),
        )


def renamed(sheet: Sheet) -> Sheet:
    first, *others = sheet.groups
    return replace(sheet, groups=(replace(first, name="“两委”成员"), *others))


def other_subjects(sheet: Sheet) -> Sheet:
    (section,) = sheet.sections
    return replace(sheet, sections=(replace(section, units=("青龙村",), told=""),))


ON_SLIPS = {
    "title": lambda sheet: replace(sheet, title="改了标题"),
    "a group's name": renamed,
    "the groups' order": lambda sheet: replace(sheet, groups=sheet.groups[::-1]),
}


@pytest.mark.parametrize("changed", ON_SLIPS.values(), ids=ON_SLIPS)
def test_slips_that_a_change_made_wrong_while_they_were_written_are_not_taken(
    sqlite_place, tmp_path, changed
):
    poll = a_poll(sqlite_place, VILLAGE_POLL)

    def write(path, stacks, **_):
        path.write_text("slips")
        change(sqlite_place, changed(the_sheet(sqlite_place)))

    with pytest.raises(printing.FaceChangedError):
        printing.print_to(
            sqlite_place.database,
            sqlite_place.keys,
            [printing.Stack(poll, printing.make_batches(poll.definition, None, count=2, spares=0))],
            tmp_path / "slips.pdf",
            write=write,
            public_url="http://127.0.0.1:8000",
            by="test",
            now=sqlite_place.clock(),
        )

    assert printed(sqlite_place) == 0
    assert list(tmp_path.glob("*.pdf*")) == list(tmp_path.glob(".*.part")) == []


def test_a_job_s_slips_are_taken_after_other_changes_but_not_after_those(sqlite_place):
    a_poll(sqlite_place, VILLAGE_POLL)
    runner = a_runner(sqlite_place)
    job = runner_claims(runner, ask_slips(sqlite_place, form="csv", spares="0"))
    made = runner.made(job)
    change(sqlite_place, ON_SLIPS["title"](the_sheet(sqlite_place)))

    with pytest.raises(printing.FaceChangedError):
        runner.take(job, made)

    assert printed(sqlite_place) == 0
    change(sqlite_place, replace(the_sheet(sqlite_place), title="白马村2023年度村述村评"))
    change(sqlite_place, other_subjects(the_sheet(sqlite_place)))
    runner.take(job, made)
    assert printed(sqlite_place) == 30


@pytest.mark.parametrize("changed", ON_SLIPS.values(), ids=ON_SLIPS)
def test_what_is_on_printed_slips_cannot_be_changed_and_the_rest_can(sqlite_place, changed):
    print_ballots(sqlite_place, a_poll(sqlite_place, VILLAGE_POLL), group="committee")

    with pytest.raises(SheetError):
        change(sqlite_place, changed(the_sheet(sqlite_place)))
    change(sqlite_place, other_subjects(the_sheet(sqlite_place)))

    assert sqlite_place.poll(1).definition.sections[0].subjects[0].unit == "青龙村"
