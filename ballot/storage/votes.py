"""Votes: reading them for the tally, and writing them anew so that nothing links them."""

import secrets
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any

from sqlalchemy import (
    Connection,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import NullType

from ballot.domain.definition import Definition
from ballot.domain.polls import PollId
from ballot.domain.tallies import POOLED, StoredVote
from ballot.domain.votes import part
from ballot.storage.database import Database
from ballot.storage.quick import Statement, change, change_all, rows
from ballot.storage.tables import (
    assisted,
    ballots,
    comments,
    installation,
    paper_entries,
    paper_slips,
    votes,
)

_ROWS_AT_ONCE = 10_000
_TRACED = (installation, assisted, votes, comments, ballots, paper_slips, paper_entries)
_PATIENCE = 200  # milliseconds: voters of other polls wait meanwhile
_LOCK_NOT_AVAILABLE = "55P03"

_OF_POLL = votes.c.poll_id == bindparam("poll")
# As the driver reads them: to convert a million values that need it not would take most of a tally.
_AS_READ = (type_coerce(column, NullType) for column in (votes.c.valid, votes.c.choices))
_EVERY = Statement(select(votes.c.group_index, *_AS_READ).where(_OF_POLL))
_DROP_VOTES = Statement(delete(votes).where(_OF_POLL))
_KEEP_VOTE = Statement(insert(votes))
_MINE = ballots.c.poll_id == bindparam("poll")
_KEPT = (ballots.c.digest, ballots.c.group_index, ballots.c.state, ballots.c.batch_id)
_BALLOTS = Statement(select(*_KEPT).where(_MINE))
_DROP_BALLOTS = Statement(delete(ballots).where(_MINE))
_KEEP_BALLOT = Statement(insert(ballots))


def every(connection: Connection, poll_id: PollId, definition: Definition) -> Iterator[StoredVote]:
    """Yield a poll's votes in no meaningful order."""
    names = {index: group.key for index, group in enumerate(definition.groups)} | {None: POOLED}
    for group_index, valid, choices in rows(connection, _EVERY, {"poll": poll_id}):
        yield StoredVote(names[group_index], valid == 1, choices)


def number(connection: Connection, poll_id: PollId) -> int:
    """Return how many votes a poll holds."""
    statement = select(func.count()).select_from(votes).where(votes.c.poll_id == poll_id)
    return connection.execute(statement).scalar_one()


def part_and_rewrite(connection: Connection, poll_id: PollId, random: Random) -> None:
    """Write a poll's votes anew under fresh random keys, and its ballots.

    Each subject's column of choices is shuffled apart within its group (and apart for invalid
    votes), so that no stored row is anyone's ballot. The nonces go.
    """
    _rewrite_votes(connection, poll_id, random)
    _rewrite_ballots(connection, poll_id, random)


def _rewrite_votes(connection: Connection, poll_id: PollId, random: Random) -> None:
    together: dict[tuple[int | None, bool], list[bytes]] = defaultdict(list)
    for group, valid, choices in rows(connection, _EVERY, {"poll": poll_id}):
        together[group, valid].append(choices)
    change(connection, _DROP_VOTES, {"poll": poll_id})
    parted = [
        (secrets.token_bytes(16), group, valid, choices)
        for (group, valid), packed in together.items()
        for choices in part(packed, random)
    ]
    parted.sort()
    for some in _some(parted):
        change_all(
            connection,
            _KEEP_VOTE,
            [
                {"poll_id": poll_id, "id": i, "group_index": g, "valid": v, "choices": c}
                for i, g, v, c in some
            ],
        )


def _rewrite_ballots(connection: Connection, poll_id: PollId, random: Random) -> None:
    """Keep what each ballot became, in random order.

    SQLite keeps this table in the order of digests whatever the order of writing, and writes it
    many times faster in that order.
    """
    kept = rows(connection, _BALLOTS, {"poll": poll_id})
    random.shuffle(kept)
    if connection.dialect.name == "sqlite":
        kept.sort()
    change(connection, _DROP_BALLOTS, {"poll": poll_id})
    for some in _some(kept):
        change_all(
            connection,
            _KEEP_BALLOT,
            [
                {
                    "poll_id": poll_id,
                    "digest": d,
                    "group_index": g,
                    "state": s,
                    "nonce": None,
                    "batch_id": b,
                }
                for d, g, s, b in some
            ],
        )


def _some(every: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(every), _ROWS_AT_ONCE):
        yield every[start : start + _ROWS_AT_ONCE]


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
        return all(_rewritten(connection, table, now) for table in _TRACED)
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
