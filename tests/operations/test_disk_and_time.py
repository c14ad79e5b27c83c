"""What docs/operations.md says of disk space and time zones."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ballot.settings import from_environment
from ballot.storage import watching
from tests.builders import LEADERS_POLL, Place, a_place, a_poll, an_open_poll, cast, print_ballots
from tests.live import answer_of, environment
from tests.operations.recipes import section

NUMBER = 1000
NEW_YORK, SHANGHAI = "America/New_York", "Asia/Shanghai"


def bytes_of(place: Place) -> int:
    with place.database.read() as connection:
        return watching.size(connection, place.database)


def kilobytes_told(of: str) -> int:
    """Return a figure of the section, such as `at most 250 KB on SQLite`."""
    found = re.search(rf"at most (\d+) KB {of}", " ".join(section("Disk").split()))
    assert found, of
    return int(found[1])


def test_a_thousand_ballots_take_no_more_space_than_told(place):
    """The most is taken after casting: SQLite's log is full, PostgreSQL has old row versions."""
    before = bytes_of(place)

    poll, codes = an_open_poll(place, LEADERS_POLL.replace("ballots = 11", f"ballots = {NUMBER}"))
    with ThreadPoolExecutor(32) as phones:
        list(phones.map(lambda code: cast(place, poll, code, 0), codes))

    taken = (bytes_of(place) - before) / 1000
    if place.database.on_sqlite:
        assert taken < kilobytes_told("on SQLite") + kilobytes_told("for its write-ahead log")
        assert taken > kilobytes_told("for its write-ahead log") / 10
    else:
        assert kilobytes_told("on PostgreSQL") / 10 < taken < kilobytes_told("on PostgreSQL")


@pytest.mark.slow
def test_the_machines_time_zone_changes_no_time_that_people_write_or_read(tmp_path):
    folder: Path = tmp_path / "var"
    settings = from_environment({"BALLOT_FOLDER": str(folder)})
    end = datetime.now(UTC) + timedelta(days=2)
    with a_place(settings) as place:
        first, second = a_poll(place), a_poll(place)
        for poll in (first, second):
            print_ballots(place, poll)
    written = f"{end:%Y-%m-%d} 11:30"

    told = []
    for poll, zone in ((first, NEW_YORK), (second, SHANGHAI)):
        environ = environment(settings, TZ=zone)
        answer_of(environ, "poll", "open", str(poll.id), "--closes-at", written)
        told.append(answer_of(environ, "poll", "list", "--format", "csv"))

    with a_place(settings) as place:
        ends = {place.poll(poll.id).closes_at for poll in (first, second)}
        assert ends == {end.replace(hour=3, minute=30, second=0, microsecond=0)}, "in UTC"
    assert told[0].splitlines()[1] == told[1].splitlines()[1]
