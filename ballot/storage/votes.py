"""Votes: reading them for the tally, and writing them anew so that nothing links them."""

import secrets
from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text

from ballot.domain.definition import Definition
from ballot.domain.polls import PollId
from ballot.domain.tallies import POOLED, StoredVote
from ballot.domain.votes import part
from ballot.storage.database import Database
from ballot.storage.tables import ballots, votes

_ROWS_AT_ONCE = 10_000
_CHECKPOINT_PATIENCE = 200  # milliseconds: voters of other polls wait meanwhile


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


def _insert(connection: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        connection.execute(insert(table), rows[start : start + _ROWS_AT_ONCE])


def scrub(database: Database) -> bool:
    """Remove what deleted rows left in the files; return False if something stood in the way.

    SQLite: deleted content was overwritten as it went (secure_delete); the write-ahead log is
    emptied, which a long reader can delay. PostgreSQL: the tables are written anew, which would
    hold up voters, so the caller waits until no poll is open.
    """
    with database.outside_transactions() as connection:
        if not database.on_sqlite:
            connection.execute(text("VACUUM (FULL) votes, ballots"))
            return True
        before = connection.execute(text("PRAGMA busy_timeout")).scalar_one()
        connection.execute(text(f"PRAGMA busy_timeout = {_CHECKPOINT_PATIENCE}"))
        busy, *_ = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
        connection.execute(text(f"PRAGMA busy_timeout = {before}"))
        return bool(busy == 0)
