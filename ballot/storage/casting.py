"""Casting: marking ballots and keeping votes, many in one transaction.

One statement marks all ballots of a poll that a group of casts brings, and says which it marked;
another keeps their votes. They run on the driver itself (`quick.py`).
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final

from sqlalchemy import bindparam, select, text

from ballot.domain.casting import Cast, Outcome
from ballot.domain.keys import Digest
from ballot.domain.polls import Phase, PollId, takes_votes
from ballot.storage import comments
from ballot.storage.quick import (
    DIGESTS_ON_POSTGRESQL,
    GIVEN_ON_POSTGRESQL,
    GIVEN_ON_SQLITE,
    Statement,
    Transaction,
    change,
    rows,
)
from ballot.storage.tables import State, ballots, polls

# Digests have 32 bytes, nonces and numbers 16 (`GIVEN_ON_SQLITE`).
# On SQLite one step for a whole group, without rows to fetch: between two steps the event loop
# would take the interpreter.
_SPEND_ON_SQLITE: Final = """
    UPDATE ballots SET state = :cast, nonce = substr(:nonces, place * 16 + 1, 16)
    FROM GIVEN
    WHERE digest = substr(:digests, place * 32 + 1, 32) AND poll_id = :poll AND state = :unused
""".replace("GIVEN", GIVEN_ON_SQLITE)
_SPEND_ALL_ON_SQLITE: Final = Statement(text(_SPEND_ON_SQLITE))
_SPEND_SOME_ON_SQLITE: Final = Statement(text(_SPEND_ON_SQLITE + " RETURNING digest"))
_SAVEPOINT: Final = Statement(text("SAVEPOINT spending"))
_BACK: Final = Statement(text("ROLLBACK TO spending"))
# Held in the order of their digests: two groups that share ballots cannot wait for each other.
_HOLD_BALLOTS: Final = Statement(
    text(
        """
        SELECT digest FROM ballots WHERE digest = ANY(DIGESTS) ORDER BY digest FOR UPDATE
        """.replace("DIGESTS", DIGESTS_ON_POSTGRESQL)
    )
)
# No join, and `+ 0`: with its figures of a table just filled, the planner would read the whole of
# it, or the poll's whole index.
_SPEND_ON_POSTGRESQL: Final = Statement(
    text(
        """
        UPDATE ballots SET state = :cast,
            nonce = substr(CAST(:nonces AS bytea), array_position(DIGESTS, digest) * 16 - 15, 16)
        WHERE digest = ANY(DIGESTS) AND poll_id + 0 = :poll AND state = :unused
        RETURNING digest
        """.replace("DIGESTS", DIGESTS_ON_POSTGRESQL)
    )
)
_KEEP_THOSE: Final = """
    INSERT INTO votes (poll_id, id, group_index, valid, choices)
    SELECT CAST(:poll AS integer), substr(:ids, place * 16 + 1, 16), CAST(:group AS smallint),
        CAST(:valid AS boolean), substr(:choices, place * :width + 1, :width)
    FROM GIVEN
"""
_KEEP: Final = {
    "sqlite": Statement(text(_KEEP_THOSE.replace("GIVEN", GIVEN_ON_SQLITE))),
    "postgresql": Statement(text(_KEEP_THOSE.replace("GIVEN", GIVEN_ON_POSTGRESQL))),
}
_ID_BYTES: Final = 16
_LOOK: Final = Statement(
    select(ballots.c.state, ballots.c.nonce).where(
        ballots.c.digest == bindparam("ballot"), ballots.c.poll_id == bindparam("poll")
    )
)
_HOLD: Final = Statement(
    select(polls.c.phase, polls.c.closes_at, polls.c.grace_seconds)
    .where(polls.c.id == bindparam("poll"))
    .with_for_update(read=True)
)


def hold(connection: Transaction, poll_ids: Collection[PollId], now: datetime) -> set[PollId]:
    """Keep polls from being closed until the commit, and return those that take votes.

    PostgreSQL: `FOR SHARE`, so many casts hold one poll together while closing, which asks
    `FOR UPDATE`, waits. SQLite: the transaction began IMMEDIATE and holds everything.
    """
    return {poll_id for poll_id in sorted(poll_ids) if _takes_votes(connection, poll_id, now)}


def _takes_votes(connection: Transaction, poll_id: PollId, now: datetime) -> bool:
    for phase, closes_at, grace_seconds in rows(connection, _HOLD, {"poll": poll_id}):
        return takes_votes(Phase(phase), closes_at, timedelta(seconds=grace_seconds), now)
    return False


def cast_all(
    connection: Transaction, casts: Sequence[Cast], now: datetime
) -> Mapping[int, Outcome]:
    """Cast votes and return the outcome of each by its place in `casts`.

    One statement decides and changes together, so two phones at the same moment cannot both be
    first. Of a code that comes twice in one group, the first one counts.
    """
    taking = hold(connection, {cast.poll_id for cast in casts}, now)
    first: dict[PollId, dict[Digest, int]] = {poll: {} for poll in sorted(taking)}
    for place, cast in enumerate(casts):
        if cast.poll_id in taking:
            first[cast.poll_id].setdefault(cast.digest, place)
    counted: set[int] = set()
    for poll, places in first.items():
        spent = _spend(connection, poll, [casts[place] for place in places.values()])
        counted |= {places[digest] for digest in spent}
    if counted:
        kept = [casts[place] for place in counted]
        _keep(connection, kept)
        comments.keep(connection, kept)
    return {
        place: Outcome.COUNTED if place in counted else _explain(connection, cast)
        for place, cast in enumerate(casts)
    }


def _spend(connection: Transaction, poll: PollId, casts: Sequence[Cast]) -> set[Digest]:
    """Mark ballots of a poll as used and return those that this call marked.

    In the order of their digests, since their votes are kept in the order in which they came.
    """
    casts = sorted(casts, key=attrgetter("digest"))
    digests = [cast.digest for cast in casts]
    values = {
        "poll": poll,
        "cast": State.CAST,
        "unused": State.UNUSED,
        "number": len(casts),
        "digests": b"".join(digests),
        "nonces": b"".join([cast.nonce for cast in casts]),
    }
    if connection.dialect.name == "postgresql":
        rows(connection, _HOLD_BALLOTS, values)
        return {digest for (digest,) in rows(connection, _SPEND_ON_POSTGRESQL, values)}
    change(connection, _SAVEPOINT, {})
    if change(connection, _SPEND_ALL_ON_SQLITE, values) == len(casts):
        return set(digests)
    change(connection, _BACK, {})  # some could not be marked: once more, asking which could
    return {digest for (digest,) in rows(connection, _SPEND_SOME_ON_SQLITE, values)}


def _keep(connection: Transaction, casts: Sequence[Cast]) -> None:
    """Keep votes, each under a random number of its own; all of a poll's have one length."""
    alike: dict[tuple[PollId, int | None, bool], list[Cast]] = {}
    for cast in casts:
        alike.setdefault((cast.poll_id, cast.group_index, cast.vote.valid), []).append(cast)
    for (poll, group, valid), together in alike.items():
        values = {
            "poll": poll,
            "group": group,
            "valid": valid,
            "number": len(together),
            "ids": secrets.token_bytes(_ID_BYTES * len(together)),
            "choices": b"".join([cast.vote.choices for cast in together]),
            "width": len(together[0].vote.choices),
        }
        change(connection, _KEEP[connection.dialect.name], values)


def _explain(connection: Transaction, cast: Cast) -> Outcome:
    """Return why a cast was not taken now: a ballot's own state speaks before its poll's."""
    for state, nonce in rows(connection, _LOOK, {"ballot": cast.digest, "poll": cast.poll_id}):
        if state == State.CAST:
            same = nonce is not None and secrets.compare_digest(nonce, cast.nonce)
            return Outcome.COUNTED_BEFORE if same else Outcome.USED
        return Outcome.VOIDED if state == State.VOIDED else Outcome.CLOSED
    return Outcome.UNKNOWN
