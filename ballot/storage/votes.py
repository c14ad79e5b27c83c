"""Votes: reading them for the tally, and writing them anew so that nothing links them."""

import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, text
from sqlalchemy.exc import OperationalError

from ballot.domain.definition import Definition
from ballot.domain.polls import PollId
from ballot.domain.tallies import POOLED, StoredVote
from ballot.domain.votes import part
from ballot.storage.database import Database
from ballot.storage.tables import ballots, installation, votes

_ROWS_AT_ONCE = 10_000
_PATIENCE = 200  # milliseconds: voters of other polls wait meanwhile
_LOCK_NOT_AVAILABLE = "55P03"


def every(connection: Connection, poll_id: PollId, definition: Definition) -> Iterator[StoredVote]:
    """Yield a poll's votes in no meaningful order."""
    keys = [group.key for group in definition.groups]
    statement = select(votes.c.group_index, votes.c.valid, votes.c.choices)
    for group_index, valid, choices in connection.execute(
        statement.where(votes.c.poll_id == poll_id)
    ):
        yield StoredVote(POOLED if group_index is None else keys[group_index], valid, choices)


def number(connection: Connection, poll_id: PollId) -> int:
    """Return how many votes a poll holds."""
    statement = select(func.count()).select_from(votes).where(votes.c.poll_id == poll_id)
    return connection.execute(statement).scalar_one()


def part_and_rewrite(connection: Connection, poll_id: PollId, random: Random) -> None:
    """Write a poll's votes and ballots anew, in the order of fresh random keys.

    Each subject's column of choices is shuffled apart within its group (and apart for invalid
    votes), so that no stored row is anyone's ballot. The nonces go.
    """
    _rewrite_votes(connection, poll_id, random)
    _rewrite_ballots(connection, poll_id, random)


def _rewrite_votes(connection: Connection, poll_id: PollId, random: Random) -> None:
    together: dict[tuple[int | None, bool], list[bytes]] = defaultdict(list)
    mine = votes.c.poll_id == poll_id
    for group, valid, choices in connection.execute(
        select(votes.c.group_index, votes.c.valid, votes.c.choices).where(mine)
    ):
        together[group, valid].append(choices)
    connection.execute(delete(votes).where(mine))
    parted = [
        (secrets.token_bytes(16), group, valid, choices)
        for (group, valid), packed in together.items()
        for choices in part(packed, random)
    ]
    names = ("id", "group_index", "valid", "choices")
    rows = [{"poll_id": poll_id, **dict(zip(names, row, strict=True))} for row in sorted(parted)]
    _insert(connection, votes, rows)


def _rewrite_ballots(connection: Connection, poll_id: PollId, random: Random) -> None:
    mine = ballots.c.poll_id == poll_id
    rows = [
        {**row._mapping, "nonce": None} for row in connection.execute(select(ballots).where(mine))
    ]
    connection.execute(delete(ballots).where(mine))
    random.shuffle(rows)
    _insert(connection, ballots, rows)


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        connection.execute(insert(table), rows[start : start + _ROWS_AT_ONCE])


def scrub(database: Database) -> bool:
    """Write anew what holds traces of deleted rows; return False if something stood in the way.

    Nothing is done by halves for good: the caller tries again until this returns True.
    """
    with database.outside_transactions() as connection:
        work = _scrub_sqlite if database.on_sqlite else _scrub_postgresql
        try:
            return work(connection)
        except OperationalError as error:
            if _in_use(error):
                return False
            raise


def _scrub_sqlite(connection: Connection) -> bool:
    """Build the whole file anew and empty the write-ahead log.

    `secure_delete` is not enough: when SQLite moves rows from page to page, it leaves copies in
    the pages' unused space. Voters of other polls wait while the file is built, in memory. The
    first checkpoint is there to find a long reader before that work is done for nothing.
    """
    before = connection.execute(text("PRAGMA busy_timeout")).scalar_one()
    connection.execute(text(f"PRAGMA busy_timeout = {_PATIENCE}"))
    try:
        if not _emptied_log(connection):
            return False
        connection.execute(text("PRAGMA temp_store = MEMORY"))  # else a copy lies in /tmp
        connection.execute(text("VACUUM"))
        return _emptied_log(connection)
    finally:
        connection.execute(text(f"PRAGMA busy_timeout = {before}"))


def _emptied_log(connection: Connection) -> bool:
    busy, *_ = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
    return bool(busy == 0)


def _scrub_postgresql(connection: Connection) -> bool:
    """Write the tables anew, and make sure that no dead row had to be kept.

    That would hold up voters, so the caller waits until no poll is open. A tiny table goes first,
    to find an old snapshot before the large ones are written anew for nothing.
    """
    connection.execute(text(f"SET lock_timeout = {_PATIENCE}"))
    try:
        now = connection.execute(text("SELECT pg_current_xact_id()::xid::text")).scalar_one()
        return all(_rewritten(connection, table, now) for table in (installation, votes, ballots))
    finally:
        connection.execute(text("RESET lock_timeout"))


def _rewritten(connection: Connection, table: Table, transaction: str) -> bool:
    """Write a table anew and tell whether all rows that died before `transaction` are gone.

    Rows that a snapshot still sees, of whatever session, are kept by `VACUUM FULL` without a word.
    What it notes as the table's oldest transaction is the one it had to keep rows from; it stays
    behind also where the account may not vacuum the table.
    """
    connection.execute(text(f"VACUUM (FULL) {table.name}"))
    statement = text(
        "SELECT age(relfrozenxid) <= age(CAST(CAST(:now AS text) AS xid))"
        " FROM pg_class WHERE oid = CAST(:name AS regclass)"
    )
    values = {"now": transaction, "name": table.name}
    return bool(connection.execute(statement, values).scalar_one())


def _in_use(error: OperationalError) -> bool:
    """Tell whether another program holds what the scrub needs."""
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE
