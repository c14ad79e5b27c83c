"""The event log as it is kept: appended to in the transaction of what it tells."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text

from ballot.domain import events as chain
from ballot.domain.definition_json import canonical
from ballot.domain.events import Event
from ballot.storage.tables import events


def append(
    connection: Connection, *, now: datetime, actor: str, action: str, **details: Any
) -> Event:
    """Append an entry, chained to the last one; one writer at a time."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE events IN EXCLUSIVE MODE"))
    event = chain.chained(last(connection), at=now, actor=actor, action=action, details=details)
    connection.execute(
        insert(events).values(
            number=event.number,
            at=event.at,
            actor=event.actor,
            action=event.action,
            details=canonical(event.details),
            previous=event.previous,
            hash=event.hash,
        )
    )
    return event


def last(connection: Connection) -> Event | None:
    """Return the newest entry."""
    row = connection.execute(select(events).order_by(events.c.number.desc()).limit(1)).first()
    return _event(row) if row else None


def every(connection: Connection) -> Iterator[Event]:
    """Yield the log from its start."""
    for row in connection.execute(select(events).order_by(events.c.number)):
        yield _event(row)


def _event(row: Row[Any]) -> Event:
    return Event(
        number=row.number,
        at=row.at,
        actor=row.actor,
        action=row.action,
        details=json.loads(row.details),
        previous=row.previous,
        hash=row.hash,
    )
