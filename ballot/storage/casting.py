"""Casting: marking ballots and keeping votes, many in one transaction."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from ballot.domain.casting import Cast, Outcome
from ballot.domain.polls import Phase, PollId, takes_votes
from ballot.storage.tables import State, ballots, polls, votes

_SPEND = (
    update(ballots)
    .where(
        ballots.c.digest == bindparam("ballot"),
        ballots.c.poll_id == bindparam("poll"),
        ballots.c.state == State.UNUSED,
    )
    .values(state=State.CAST, nonce=bindparam("new_nonce"))
)
_LOOK = select(ballots.c.state, ballots.c.nonce).where(
    ballots.c.digest == bindparam("ballot"), ballots.c.poll_id == bindparam("poll")
)
_KEEP = insert(votes)
_HOLD = (
    select(polls.c.id, polls.c.phase, polls.c.closes_at, polls.c.grace_seconds)
    .where(polls.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(polls.c.id)
    .with_for_update(read=True)
)


def hold(connection: Connection, poll_ids: Collection[PollId], now: datetime) -> set[PollId]:
    """Keep polls from being closed until the commit, and return those that take votes.

    PostgreSQL: `FOR SHARE`, so many casts hold one poll together while closing, which asks
    `FOR UPDATE`, waits. SQLite: the transaction began IMMEDIATE and holds everything.
    """
    return {
        PollId(row.id)
        for row in connection.execute(_HOLD, {"ids": sorted(poll_ids)})
        if takes_votes(Phase(row.phase), row.closes_at, timedelta(seconds=row.grace_seconds), now)
    }


def cast_all(connection: Connection, casts: Sequence[Cast], now: datetime) -> Mapping[int, Outcome]:
    """Cast votes and return the outcome of each by its place in `casts`.

    One statement decides and changes together, so two phones at the same moment cannot both be
    first. Sorted by digest, so that two groups of casts cannot wait for each other.
    """
    taking = hold(connection, {cast.poll_id for cast in casts}, now)
    outcomes: dict[int, Outcome] = {}
    kept: list[dict[str, Any]] = []
    for place, cast in sorted(enumerate(casts), key=lambda item: item[1].digest):
        if cast.poll_id in taking and _spend(connection, cast):
            kept.append(_vote_row(cast))
            outcomes[place] = Outcome.COUNTED
        else:
            outcomes[place] = _explain(connection, cast)
    if kept:
        connection.execute(_KEEP, kept)
    return outcomes


def _spend(connection: Connection, cast: Cast) -> bool:
    """Mark a ballot as used and say whether this call did it."""
    values = {"ballot": cast.digest, "poll": cast.poll_id, "new_nonce": cast.nonce}
    return connection.execute(_SPEND, values).rowcount == 1


def _explain(connection: Connection, cast: Cast) -> Outcome:
    """Return why a cast was not taken now: a ballot's own state speaks before its poll's."""
    row = connection.execute(_LOOK, {"ballot": cast.digest, "poll": cast.poll_id}).one_or_none()
    if row is None:
        return Outcome.UNKNOWN
    if row.state == State.CAST:
        same = row.nonce is not None and secrets.compare_digest(row.nonce, cast.nonce)
        return Outcome.COUNTED_BEFORE if same else Outcome.USED
    return Outcome.VOIDED if row.state == State.VOIDED else Outcome.CLOSED


def _vote_row(cast: Cast) -> dict[str, Any]:
    return {
        "poll_id": cast.poll_id,
        "id": secrets.token_bytes(16),
        "group_index": cast.group_index,
        "valid": cast.vote.valid,
        "choices": cast.vote.choices,
    }
