"""Kiosks: whether a poll has one, under which serial, and how many votes were assisted there.

The number grows in the commit of the vote itself, so it can neither miss nor invent one. While a
poll is open its row's versions lie beside those of votes; closing writes it anew together with
them, and the scrub takes the rest (`storage/votes.py`).
"""

from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from ballot.domain.polls import PollId
from ballot.storage.tables import assisted, kiosks


class Kiosk(NamedTuple):
    """A poll's kiosk. `serial`: which link is the present one; `open`: whether it works."""

    serial: int
    open: bool


def get(connection: Connection, poll_id: int) -> Kiosk | None:
    """Return a poll's kiosk; None if it never had one."""
    statement = select(kiosks.c.serial, kiosks.c.open).where(kiosks.c.poll_id == poll_id)
    row = connection.execute(statement).one_or_none()
    return None if row is None else Kiosk(row.serial, row.open)


def renew(connection: Connection, poll_id: PollId) -> None:
    """Open a poll's kiosk under its next serial; the first time begins to count at nothing."""
    mine = kiosks.c.poll_id == poll_id
    statement = update(kiosks).where(mine).values(serial=kiosks.c.serial + 1, open=True)
    if connection.execute(statement).rowcount == 0:
        connection.execute(insert(kiosks).values(poll_id=poll_id, serial=1, open=True))
        connection.execute(insert(assisted).values(poll_id=poll_id, number=0))


def shut(connection: Connection, poll_id: PollId) -> bool:
    """Shut a poll's kiosk and say whether this call did it."""
    mine = (kiosks.c.poll_id == poll_id) & kiosks.c.open
    return connection.execute(update(kiosks).where(mine).values(open=False)).rowcount == 1


def count_one(connection: Connection, poll_id: PollId) -> None:
    """Count an assisted vote, in the transaction that keeps it."""
    mine = assisted.c.poll_id == poll_id
    connection.execute(update(assisted).where(mine).values(number=assisted.c.number + 1))


def number_assisted(connection: Connection, poll_id: PollId) -> int | None:
    """Return how many votes were assisted; None if the poll never had a kiosk."""
    return connection.scalar(select(assisted.c.number).where(assisted.c.poll_id == poll_id))


def rewrite(connection: Connection, poll_id: PollId) -> None:
    """Write the number anew: its row then is of the transaction that wrote all votes anew."""
    number = number_assisted(connection, poll_id)
    if number is None:
        return
    connection.execute(delete(assisted).where(assisted.c.poll_id == poll_id))
    connection.execute(insert(assisted).values(poll_id=poll_id, number=number))
