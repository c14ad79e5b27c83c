"""Closing that is interrupted, held up, or goes on beside another poll: traces go in the end.

Until then the poll says that they are there, which is true.
"""

import ast
import os
import sqlite3
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import event, text

from ballot.domain.polls import Phase, WrongPhaseError
from ballot.services import closing, polls, receipts, results
from ballot.storage import votes
from tests.anonymity import attacker, seized
from tests.anonymity.meeting import Meeting, a_meeting, begun, voting
from tests.anonymity.seized import Traces
from tests.builders import Place, a_place
from tests.live import ROOT
from tests.web.desk import a_desk

PENDING = "清理待完成"


def order(meeting: Meeting) -> None:
    place = meeting.place
    with place.database.write() as connection:
        closing.order(connection, meeting.poll.id, scrutineer="张", by="test", now=place.clock())
    place.clock.go(seconds=1)


def go_on(place: Place) -> None:
    closing.go_on(place.database, place.clock(), Random(7))


def step_of(meeting: Meeting) -> int:
    return meeting.place.poll(meeting.poll.id).closing_step


def logged(place: Place) -> list[str]:
    return [row[3] for row in seized.everything_stored(place)["events"]]


def left(traces: Traces, place: Place) -> dict[str, Counter[str]]:
    return traces.found_in(attacker.files(place))


def test_killed_before_the_scrub_the_poll_says_so_and_the_next_start_finishes(settings):
    with a_place(settings) as place:
        meeting = a_meeting(place, 60)
        traces = Traces(meeting)
        order(meeting)
        closing._close_if_due(place.database, meeting.poll.id, place.clock())
        closing._part(place.database, meeting.poll.id, Random(1))

        assert traces.all_lie_in(attacker.files(place)), "what the page says is true"
        assert PENDING in a_desk(place).read(f"/office/polls/{meeting.poll.id}").text
        assert "traces scrubbed" not in logged(place)

    with a_place(settings) as place:  # the next start
        go_on(place)

        assert left(traces, place) == {}
        assert place.poll(meeting.poll.id).closing_step == closing.SCRUBBED
        assert logged(place)[-1] == "traces scrubbed"


@pytest.mark.parametrize(
    ("table", "isolation"), [("polls", "REPEATABLE READ"), ("votes", "READ COMMITTED")]
)
def test_the_scrub_waits_for_whoever_still_reads_an_old_state(place, table, isolation):
    """PostgreSQL rewrites a table with the dead rows that any session's snapshot may still see.

    It would also wait for whoever has looked at the table, and everybody else behind it.
    """
    meeting = a_meeting(place, 60)
    traces = Traces(meeting)
    reader = place.database.engine.connect()
    if not place.database.on_sqlite:
        reader.execution_options(isolation_level=isolation)
    reader.execute(text(f"SELECT count(*) FROM {table}"))

    order(meeting)
    go_on(place)

    assert step_of(meeting) == closing.PARTED
    assert "numbers" in left(traces, place)
    reader.close()
    go_on(place)
    assert step_of(meeting) == closing.SCRUBBED
    assert left(traces, place) == {}


@pytest.mark.parametrize("when", ["PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM"])
def test_the_scrub_waits_for_another_program_that_writes_to_the_file(sqlite_place, when):
    meeting = a_meeting(sqlite_place, 5)
    traces = Traces(meeting)
    order(meeting)
    closing._close_if_due(sqlite_place.database, meeting.poll.id, sqlite_place.clock())
    closing._part(sqlite_place.database, meeting.poll.id, Random(1))
    other = sqlite3.connect(sqlite_place.database.path, isolation_level=None)

    def write_too(_: object, __: object, statement: str, *___: object) -> None:
        if statement == when and not other.in_transaction:
            other.execute("BEGIN IMMEDIATE")

    event.listen(sqlite_place.database.engine, "before_cursor_execute", write_too)
    assert votes.scrub(sqlite_place.database) is False
    event.remove(sqlite_place.database.engine, "before_cursor_execute", write_too)

    assert other.in_transaction
    other.execute("ROLLBACK")
    other.close()
    go_on(sqlite_place)
    assert step_of(meeting) == closing.SCRUBBED
    assert left(traces, sqlite_place) == {}


def test_the_scrub_writes_no_file_outside_the_data_folder(sqlite_place):
    """SQLite would build a large file anew in /tmp, where its blocks stay on the disk."""
    a_meeting(sqlite_place, 60)
    database = sqlite_place.database
    before, during = opened_files(), set()

    def prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA cache_size = 10")  # pages: the file is large beside that
        connection.set_progress_handler(lambda: during.update(opened_files()), 100)

    database.engine.dispose()
    event.listen(database.engine, "connect", prepare)
    assert votes.scrub(database)

    new = {Path(path).name for path in during - before}
    assert "ballot.db-wal" in {Path(path).name for path in during}
    assert new <= {"ballot.db", "ballot.db-wal", "ballot.db-shm", "ballot.db.turn"}


def opened_files() -> set[str]:
    """Return the files that this process has open."""
    found = set()
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            target = os.readlink(link)
            if target.startswith("/"):
                found.add(target)
    return found


@pytest.mark.slow
def test_a_poll_that_goes_on_in_the_same_database_keeps_no_trace_of_one_that_was_closed(place):
    """Votes of two polls share commits, pages and the write-ahead log; one is closed half-way.

    On PostgreSQL the scrub waits until no poll is open, and says so.
    """
    ending, staying = begun(place, 600, title="甲"), begun(place, 1200, title="乙")
    goes_on = voting(staying, 1200)
    for _ in voting(ending, 600):
        next(goes_on)
    traces = Traces(ending)
    assert traces.all_lie_in(attacker.files(place))

    order(ending)
    go_on(place)
    if place.database.on_sqlite:
        is_scrubbed_and_built_anew(ending, traces)
    else:
        assert step_of(ending) == closing.PARTED
        assert PENDING in a_desk(place).read(f"/office/polls/{ending.poll.id}").text
    assert sum(1 for _ in goes_on) > 30, "the other poll's voters vote on"
    if place.database.on_sqlite:
        assert left(traces, place) == {}
    others = Traces(staying)
    order(staying)
    go_on(place)
    go_on(place)

    for meeting, its_traces in ((ending, traces), (staying, others)):
        assert step_of(meeting) == closing.SCRUBBED
        assert left(its_traces, place) == {}
        counted = seized.columns([vote.choices for vote in seized.votes(place, meeting.poll)])
        assert counted == seized.columns([said.vote.choices for said in meeting.said])


def is_scrubbed_and_built_anew(meeting: Meeting, traces: Traces) -> None:
    """Of an SQLite file; copies in unused space are few, but the order of pages tells for sure."""
    place = meeting.place
    file = attacker.files(place).contents["ballot.db"]
    pages = attacker.leaves(file, [vote.id for vote in seized.votes(place, meeting.poll)])

    assert step_of(meeting) == closing.SCRUBBED
    assert left(traces, place) == {}
    assert len(pages) > 500
    assert pages == sorted(pages)


def test_an_annulled_poll_s_votes_are_parted_and_scrubbed_like_any_other_s(place):
    """A rehearsal is a poll that is annulled. Even one annulled at once after its tally."""
    meeting = a_meeting(place, 60)
    traces = Traces(meeting)
    order(meeting)
    closing._close_if_due(place.database, meeting.poll.id, place.clock())
    annul(meeting)

    go_on(place)

    assert place.poll(meeting.poll.id).phase is Phase.ANNULLED
    assert step_of(meeting) == closing.SCRUBBED
    assert left(traces, place) == {}
    stored = {bytes(vote.choices) for vote in seized.votes(place, meeting.poll) if vote.valid}
    assert stored & set(meeting.rows) == set()
    assert {ballot.nonce for ballot in seized.ballots(place, meeting.poll)} == {None}
    with place.database.read() as connection, pytest.raises(results.AnnulledResultError):
        receipts.of_poll(connection, place.keys, meeting.poll.id)


def test_an_open_poll_is_annulled_only_by_way_of_closing_which_parts_its_votes(place):
    meeting = a_meeting(place, 5)

    with pytest.raises(WrongPhaseError, match="投票中，不能作废"):
        annul(meeting)
    order(meeting)
    with pytest.raises(WrongPhaseError, match="投票中，不能作废"):
        annul(meeting)

    go_on(place)
    annul(meeting)
    assert step_of(meeting) == closing.SCRUBBED


def annul(meeting: Meeting) -> None:
    place = meeting.place
    with place.database.write() as connection:
        polls.annul(connection, meeting.poll.id, reason="演练", by="test", now=place.clock())


def test_the_dice_of_closing_are_the_systems():
    """A dice with a seed would let whoever knows it put the columns together again."""
    seeded = [
        str(path)
        for path in (ROOT / "ballot").rglob("*.py")
        if "demo" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        if ast.unparse(node.func).rpartition(".")[2] in {"Random", "seed"}
    ]
    rolled = [
        ast.unparse(node.args[2])
        for path in (ROOT / "ballot" / "cli").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "closing.go_on"
    ]

    assert seeded == []
    assert rolled == ["SystemRandom()"] * 2
