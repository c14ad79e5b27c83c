"""Ballots: batches of digests, and what became of each."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from ballot.domain.keys import Digest
from ballot.domain.polls import PollId
from ballot.storage.tables import USED, State, ballots, batches

_ROWS_AT_ONCE = 10_000


class GroupCount(NamedTuple):
    """One group's ballots, in numbers; `printed` includes spares and voided ones.

    `cast` were cast by phone, `paper` counted on paper.
    """

    printed: int
    spares: int
    voided: int
    cast: int
    paper: int


def add_batch(
    connection: Connection,
    *,
    poll_id: PollId,
    group_key: str,
    group_index: int,
    digests: Collection[Digest],
    spares: int,
) -> None:
    """Keep a batch of printed ballots; stored in the digests' order, not the printing order."""
    connection.execute(
        insert(batches).values(
            poll_id=poll_id, group_key=group_key, printed=len(digests), spares=spares
        )
    )
    rows = [
        {"digest": digest, "poll_id": poll_id, "group_index": group_index, "state": State.UNUSED}
        for digest in sorted(digests)
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        connection.execute(insert(ballots), rows[start : start + _ROWS_AT_ONCE])


def void(connection: Connection, digest: Digest, poll_id: PollId) -> bool:
    """Void an unused ballot and say whether this call did it; a used one cannot be voided."""
    statement = (
        update(ballots)
        .where(
            ballots.c.digest == digest,
            ballots.c.poll_id == poll_id,
            ballots.c.state == State.UNUSED,
        )
        .values(state=State.VOIDED)
    )
    return connection.execute(statement).rowcount == 1


def counts(connection: Connection, poll_id: PollId, groups: Collection[str]) -> list[GroupCount]:
    """Return the number of ballots of each group, in the groups' order."""
    printed = {
        row.group_key: (int(row.printed), int(row.spares))
        for row in connection.execute(
            select(
                batches.c.group_key,
                func.sum(batches.c.printed).label("printed"),
                func.sum(batches.c.spares).label("spares"),
            )
            .where(batches.c.poll_id == poll_id)
            .group_by(batches.c.group_key)
        )
    }
    states = {
        (row.group_index, row.state): row.number
        for row in connection.execute(
            select(ballots.c.group_index, ballots.c.state, func.count().label("number"))
            .where(ballots.c.poll_id == poll_id, USED)
            .group_by(ballots.c.group_index, ballots.c.state)
        )
    }
    return [
        GroupCount(
            *printed.get(group, (0, 0)),
            states.get((index, State.VOIDED), 0),
            states.get((index, State.CAST), 0),
            states.get((index, State.PAPER), 0),
        )
        for index, group in enumerate(groups)
    ]


def used_digests(connection: Connection, poll_id: PollId) -> list[Digest]:
    """Return the digests of the ballots that were cast, for the list of receipts."""
    statement = select(ballots.c.digest).where(
        ballots.c.poll_id == poll_id, USED, ballots.c.state == State.CAST
    )
    return [Digest(digest) for digest in connection.execute(statement).scalars()]
