"""Ballots: batches of digests, and what became of each."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from ballot.domain.hand_outs import HALL, Part, PartCount
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


class StoredBatch(NamedTuple):
    """A batch as it is kept, in ballots; `voided_…` say who voided it as a whole, and why."""

    id: int
    group: str
    box: str
    printed: int
    spares: int
    voided_by: str | None
    voided_at: datetime | None
    voided_why: str | None


def add_batch(
    connection: Connection,
    *,
    poll_id: PollId,
    group_key: str,
    group_index: int,
    digests: Collection[Digest],
    spares: int,
    box: str | None = None,
) -> None:
    """Keep a batch of printed ballots; stored in the digests' order, not the printing order.

    `box`: the mobile box that carries them.
    """
    batch = insert(batches).values(
        poll_id=poll_id, group_key=group_key, printed=len(digests), spares=spares, box=box
    )
    whole = {
        "poll_id": poll_id,
        "group_index": group_index,
        "state": State.UNUSED,
        "batch_id": connection.execute(batch.returning(batches.c.id)).scalar_one(),
    }
    rows = [{"digest": digest, **whole} for digest in sorted(digests)]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        connection.execute(insert(ballots), rows[start : start + _ROWS_AT_ONCE])


class Voided(NamedTuple):
    """Where a ballot that was voided belongs; no box for the hall and for old ballots."""

    group_index: int
    box: str | None


def void(connection: Connection, digest: Digest, poll_id: PollId) -> Voided | None:
    """Void an unused ballot; None if that could not be: a used one cannot be voided."""
    statement = (
        update(ballots)
        .where(
            ballots.c.digest == digest,
            ballots.c.poll_id == poll_id,
            ballots.c.state == State.UNUSED,
        )
        .values(state=State.VOIDED)
        .returning(ballots.c.group_index, ballots.c.batch_id)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    box = select(batches.c.box).where(batches.c.id == row.batch_id)
    return Voided(row.group_index, connection.execute(box).scalar_one_or_none())


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


def part_counts(
    connection: Connection, poll_id: PollId, groups: Sequence[str]
) -> Mapping[Part, PartCount]:
    """Return the ballots of each group's hall and boxes; read at closing, not while people vote."""
    found: dict[Part, PartCount] = {(group, HALL): PartCount() for group in groups}
    of_batch: dict[int | None, str] = {}
    for row in connection.execute(select(batches).where(batches.c.poll_id == poll_id)):
        part = (row.group_key, row.box or HALL)
        of_batch[row.id] = row.box or HALL
        old = found.get(part, PartCount())
        planned = 0 if row.voided_at else row.printed - row.spares
        found[part] = old._replace(
            printed=old.printed + row.printed,
            spares=old.spares + row.spares,
            planned=old.planned + planned,
        )
    for row in connection.execute(
        select(ballots.c.group_index, ballots.c.batch_id, ballots.c.state, func.count().label("n"))
        .where(ballots.c.poll_id == poll_id, USED)
        .group_by(ballots.c.group_index, ballots.c.batch_id, ballots.c.state)
    ):
        part = (groups[row.group_index], of_batch.get(row.batch_id, HALL))
        if row.state == State.PAPER:
            continue  # after closing; papers count for their group (services/paper_votes)
        name = "voided" if row.state == State.VOIDED else "cast"
        found[part] = found[part]._replace(**{name: getattr(found[part], name) + row.n})
    return found


def batches_of(connection: Connection, poll_id: PollId) -> list[StoredBatch]:
    """Return a poll's batches in the order of their printing."""
    statement = select(batches).where(batches.c.poll_id == poll_id).order_by(batches.c.id)
    return [
        StoredBatch(
            row.id,
            row.group_key,
            row.box or HALL,
            row.printed,
            row.spares,
            row.voided_by,
            row.voided_at,
            row.voided_why,
        )
        for row in connection.execute(statement)
    ]


def void_batch(
    connection: Connection, poll_id: PollId, batch_id: int, *, why: str, by: str, now: datetime
) -> bool:
    """Void all unused ballots of a batch, and say whether this call did it."""
    mine = (batches.c.id == batch_id, batches.c.poll_id == poll_id, batches.c.voided_at.is_(None))
    values = {"voided_by": by, "voided_at": now, "voided_why": why}
    if connection.execute(update(batches).where(*mine).values(**values)).rowcount != 1:
        return False
    unused = (
        ballots.c.poll_id == poll_id,
        ballots.c.batch_id == batch_id,
        ballots.c.state == State.UNUSED,
    )
    connection.execute(update(ballots).where(*unused).values(state=State.VOIDED))
    return True


def used_digests(connection: Connection, poll_id: PollId) -> list[Digest]:
    """Return the digests of the ballots that were cast, for the list of receipts."""
    statement = select(ballots.c.digest).where(
        ballots.c.poll_id == poll_id, USED, ballots.c.state == State.CAST
    )
    return [Digest(digest) for digest in connection.execute(statement).scalars()]
