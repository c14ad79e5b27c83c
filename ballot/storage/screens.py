"""Big screens: their keys, and how far each reveal has come."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from ballot.domain.polls import PollId
from ballot.domain.reveal import Screen
from ballot.storage.tables import screens


def get(connection: Connection, poll_id: PollId) -> Screen:
    """Return a poll's screen; one that was never set up is off."""
    row = connection.execute(select(screens).where(screens.c.poll_id == poll_id)).one_or_none()
    return Screen() if row is None else _screen(row)


def by_key(connection: Connection, key: str) -> tuple[PollId, Screen] | None:
    """Return the screen that a key opens, with its poll."""
    row = connection.execute(select(screens).where(screens.c.key == key)).one_or_none()
    return None if row is None else (PollId(row.poll_id), _screen(row))


def put(connection: Connection, poll_id: PollId, screen: Screen) -> None:
    """Keep a poll's screen; the caller holds the poll."""
    connection.execute(delete(screens).where(screens.c.poll_id == poll_id))
    connection.execute(
        insert(screens).values(
            poll_id=poll_id, key=screen.key, by_rank=screen.by_rank, step=screen.step
        )
    )


def _screen(row: Row[Any]) -> Screen:
    return Screen(key=row.key, by_rank=row.by_rank, step=row.step)
