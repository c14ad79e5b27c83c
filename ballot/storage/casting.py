"""Casting: marking ballots and keeping votes, many in one transaction.

One statement marks all ballots of a poll that a group of casts brings, and says which it marked;
another keeps their votes. They run on the driver itself (`quick.py`).
"""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ARRAY, Connection, LargeBinary, any_, bindparam, insert, select, text

from ballot.domain.casting import Cast, Outcome
from ballot.domain.keys import Digest
from ballot.domain.polls import Phase, PollId, takes_votes
from ballot.storage.quick import Statement, change, change_all, rows
from ballot.storage.tables import State, ballots, polls, votes

# SQLite has no arrays: digests (32 bytes) and nonces (16) come as one string of bytes each.
_SPEND_ON_SQLITE: Final = Statement(
    text(
        """
        WITH RECURSIVE given(place) AS (
            SELECT 0 UNION ALL SELECT place + 1 FROM given WHERE place + 1 < :number
        )
        UPDATE ballots SET state = :cast, nonce = substr(:nonces, place * 16 + 1, 16)
        FROM given
        WHERE digest = substr(:digests, place * 32 + 1, 32)
            AND poll_id = :poll AND state = :unused
        RETURNING digest
        """
    )
)
_BYTES: Final = ARRAY(LargeBinary)
# Held in the order of their digests: two groups that share ballots cannot wait for each other.
_HOLD_BALLOTS: Final = Statement(
    select(ballots.c.digest)
    .where(ballots.c.digest == any_(bindparam("digests", type_=_BYTES)))
    .order_by(ballots.c.digest)
    .with_for_update()
)
# No join, and `+ 0`: with its figures of a table just filled, the planner would read the whole of
# it, or the poll's whole index.
_SPEND_ON_POSTGRESQL: Final = Statement(
    text(
        """
        UPDATE ballots SET state = :cast,
            nonce = (CAST(:nonces AS bytea[]))[array_position(CAST(:digests AS bytea[]), digest)]
        WHERE digest = ANY(CAST(:digests AS bytea[])) AND poll_id + 0 = :poll AND state = :unused
        RETURNING digest
        """
    )
)
_LOOK: Final = Statement(
    select(ballots.c.state, ballots.c.nonce).where(
        ballots.c.digest == bindparam("ballot"), ballots.c.poll_id == bindparam("poll")
    )
)
_KEEP_ON_SQLITE: Final = Statement(insert(votes))
_KEEP_ON_POSTGRESQL: Final = Statement(
    text(
        """
        INSERT INTO votes (poll_id, id, group_index, valid, choices)
        SELECT * FROM unnest(
            CAST(:polls AS integer[]), CAST(:ids AS bytea[]), CAST(:groups AS smallint[]),
            CAST(:valid AS boolean[]), CAST(:choices AS bytea[])
        )
        """
    )
)
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
    first. Of a code that comes twice in one group, the first one counts.
    """
    taking = hold(connection, {cast.poll_id for cast in casts}, now)
    first: dict[Digest, int] = {}
    for place, cast in enumerate(casts):
        if cast.poll_id in taking:
            first.setdefault(cast.digest, place)
    spent = _spend(connection, [casts[place] for place in first.values()])
    counted = {first[digest] for digest in spent}
    if counted:
        _keep(connection, [casts[place] for place in counted])
    return {
        place: Outcome.COUNTED if place in counted else _explain(connection, cast)
        for place, cast in enumerate(casts)
    }


def _spend(connection: Connection, casts: Iterable[Cast]) -> set[Digest]:
    """Mark ballots as used and return those that this call marked."""
    spent: set[Digest] = set()
    for poll, together in groupby(sorted(casts, key=_poll_and_digest), lambda cast: cast.poll_id):
        ours = list(together)
        digests, nonces = [cast.digest for cast in ours], [cast.nonce for cast in ours]
        values: dict[str, Any] = {"poll": poll, "cast": State.CAST, "unused": State.UNUSED}
        if connection.dialect.name == "sqlite":
            statement = _SPEND_ON_SQLITE
            values |= {"number": len(ours), "digests": b"".join(digests)}
            values["nonces"] = b"".join(nonces)
        else:
            statement = _SPEND_ON_POSTGRESQL
            values |= {"digests": digests, "nonces": nonces}
            rows(connection, _HOLD_BALLOTS, {"digests": digests})
        spent.update(digest for (digest,) in rows(connection, statement, values))
    return spent


def _poll_and_digest(cast: Cast) -> tuple[PollId, Digest]:
    return cast.poll_id, cast.digest


def _keep(connection: Connection, casts: Sequence[Cast]) -> None:
    """Keep votes, each under a random number of its own."""
    if connection.dialect.name == "sqlite":
        change_all(connection, _KEEP_ON_SQLITE, [_vote_row(cast) for cast in casts])
        return
    values = {
        "polls": [cast.poll_id for cast in casts],
        "ids": [secrets.token_bytes(16) for _ in casts],
        "groups": [cast.group_index for cast in casts],
        "valid": [cast.vote.valid for cast in casts],
        "choices": [cast.vote.choices for cast in casts],
    }
    change(connection, _KEEP_ON_POSTGRESQL, values)


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
