"""The hand-out record: rows with their author, withdrawn with a reason, never deleted."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from ballot.domain.hand_outs import Handed, HandOut
from ballot.domain.polls import PollId
from ballot.storage import withdrawing
from ballot.storage.tables import hand_outs
from ballot.storage.withdrawing import recorded


def add(
    connection: Connection,
    poll_id: PollId,
    group: str,
    box: str,
    what: Handed,
    number: int,
    *,
    by: str,
    now: datetime,
) -> None:
    """Keep a row."""
    values = {"poll_id": poll_id, "group_key": group, "box": box, "what": what.value}
    connection.execute(insert(hand_outs).values(**values, number=number, by=by, at=now))


def of_poll(connection: Connection, poll_id: PollId) -> list[HandOut]:
    """Return a poll's rows, oldest first, withdrawn ones too."""
    statement = select(hand_outs).where(hand_outs.c.poll_id == poll_id).order_by(hand_outs.c.id)
    return [
        HandOut(
            recorded(row),
            row.group_key,
            row.box,
            Handed(row.what),
            row.number,
        )
        for row in connection.execute(statement)
    ]


def withdraw(connection: Connection, number: int, *, why: str, by: str, now: datetime) -> bool:
    """Withdraw a row and say whether this did it."""
    return withdrawing.withdraw(connection, hand_outs, number, why=why, by=by, now=now)
