"""SQLite's file after closing: pages, free pages, row numbers, other files, and their times."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ballot.storage.tables import metadata
from tests.anonymity import attacker
from tests.anonymity.conftest import sqlite_meetings


@sqlite_meetings
def test_no_page_is_free_and_votes_lie_in_the_order_of_their_random_numbers(seizure):
    """Which page was taken into use when would tell in what order votes came."""
    with seizure.place.database.read() as connection:
        free = connection.execute(text("PRAGMA freelist_count")).scalar_one()
        size = connection.execute(text("PRAGMA page_size")).scalar_one()
    ids = [bytes(vote.id) for vote in seizure.votes]

    pages = attacker.leaves(seizure.files.contents["ballot.db"], ids)

    assert (free, size) == (0, attacker.PAGE)
    assert len(pages) > 0.9 * len(ids)
    assert pages == sorted(pages)


@sqlite_meetings
def test_sqlite_keeps_no_samples_and_numbers_no_row_of_votes_and_ballots(seizure):
    with seizure.place.database.read() as connection:
        statement = text("SELECT name FROM sqlite_master WHERE type = 'table'")
        kept = set(connection.execute(statement).scalars())

    assert kept == {*metadata.tables, "alembic_version"}
    for table in ("votes", "ballots", "comments"):
        with (
            pytest.raises(DBAPIError, match="no such column: rowid"),
            seizure.place.database.read() as connection,
        ):
            connection.execute(text(f"SELECT rowid FROM {table}"))


@sqlite_meetings
def test_slips_and_votes_lie_in_the_database_file_alone(seizure):
    for wanted in (seizure.meeting.slips, [bytes(vote.id) for vote in seizure.votes]):
        assert attacker.Search(wanted).counts(seizure.files).keys() == {"ballot.db"}


@sqlite_meetings
def test_files_bear_the_time_of_closing_or_of_setting_up_and_none_in_between(seizure):
    """While a poll is open, the time of the newest file is that of the last vote."""
    written = dict(seizure.written)
    del written["ballot.db-shm"]  # gone with the last process that has the database open

    late = {name for name, time in written.items() if time >= seizure.closed}
    early = {name for name, time in written.items() if time <= seizure.begun}

    assert late == {"ballot.db", "ballot.db-wal"}
    assert early == {"ballot.db.turn", "secret.key"}
