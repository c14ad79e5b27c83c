"""Casting: marking ballots and keeping votes, many in one transaction.

The statements run on the driver itself (`quick.py`): each vote costs two of them.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from ballot.domain.casting import Cast, Outcome
from ballot.domain.polls import Phase, PollId, takes_votes
from ballot.storage.quick import Statement, change, change_all, rows
from ballot.storage.tables import State, ballots, polls, votes

_SPEND: Final = Statement(
    update(ballots)
    .where(
        ballots.c.digest == bindparam("ballot"),
        ballots.c.poll_id == bindparam("poll"),
        ballots.c.state == State.UNUSED,
    )
    .values(state=State.CAST, nonce=bindparam("new_nonce"))
)
_LOOK: Final = Statement(
    select(ballots.c.state, ballots.c.nonce).where(
        ballots.c.digest == bindparam("ballot"), ballots.c.poll_id == bindparam("poll")
    )
)
_KEEP: Final = Statement(insert(votes))
_HOLD: Final = Statement(
    select(polls.c.phase, polls.c.closes_at, polls.c.grace_seconds)
    .where(polls.c.id == bindparam("poll"))
    .with_for_update(read=True)
)


def hold(connection: Connection, poll_ids: Collection[PollId], now: datetime) -> set[PollId]:
    """Keep polls from being closed until the commit, and return those that take votes.

    PostgreSQL: `FOR SHARE`, so many casts hold one poll together while closing, which asks
    `FOR UPDATE`, waits. SQLite: the transaction began IMMEDIATE and holds everything.
    """
    return {poll_id for poll_id in sorted(poll_ids) if _takes_votes(connection, poll_id, now)}


def _takes_votes(connection: Connection, poll_id: PollId, now: datetime) -> bool:
    for phase, closes_at, grace_seconds in rows(connection, _HOLD, {"poll": poll_id}):
        return takes_votes(Phase(phase), closes_at, timedelta(seconds=grace_seconds), now)
    return False


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
        change_all(connection, _KEEP, kept)
    return outcomes


def _spend(connection: Connection, cast: Cast) -> bool:
    """Mark a ballot as used and say whether this call did it."""
    values = {"ballot": cast.digest, "poll": cast.poll_id, "new_nonce": cast.nonce}
    return change(connection, _SPEND, values) == 1


def _explain(connection: Connection, cast: Cast) -> Outcome:
    """Return why a cast was not taken now: a ballot's own state speaks before its poll's."""
    for state, nonce in rows(connection, _LOOK, {"ballot": cast.digest, "poll": cast.poll_id}):
        if state == State.CAST:
            same = nonce is not None and secrets.compare_digest(nonce, cast.nonce)
            return Outcome.COUNTED_BEFORE if same else Outcome.USED
        return Outcome.VOIDED if state == State.VOIDED else Outcome.CLOSED
    return Outcome.UNKNOWN


def _vote_row(cast: Cast) -> dict[str, Any]:
    return {
        "poll_id": cast.poll_id,
        "id": secrets.token_bytes(16),
        "group_index": cast.group_index,
        "valid": cast.vote.valid,
        "choices": cast.vote.choices,
    }
