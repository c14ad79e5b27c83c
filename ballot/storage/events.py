"""The event log as it is kept: appended to in the transaction of what it tells."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, func, insert, or_, select, text

from ballot.domain import events as chain
from ballot.domain.canonical import canonical
from ballot.domain.events import CHANGING_NOTHING, Event
from ballot.domain.polls import PollId
from ballot.domain.written import require_readable
from ballot.storage.tables import events


def append(
    connection: Connection, *, now: datetime, actor: str, action: str, **details: Any
) -> Event:
    """Append an entry, chained to the last one; one writer at a time.

    Raises: MistakesError for words that a reader of the log could not see.
    """
    require_readable([actor, *details.values()])
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


def every(connection: Connection, until: int | None = None) -> Iterator[Event]:
    """Yield the log from its start, up to an entry if one is named."""
    statement = select(events).order_by(events.c.number)
    if until is not None:
        statement = statement.where(events.c.number <= until)
    for row in connection.execute(statement):
        yield _event(row)


@dataclass(frozen=True)
class Wanted:
    """Which entries are asked for; `None` means all. `since` and `before` are aware."""

    poll_id: int | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    before: datetime | None = None


def some(
    connection: Connection, wanted: Wanted, *, limit: int | None = None, skip: int = 0
) -> list[Event]:
    """Return the entries that are asked for, newest first."""
    statement = select(events).where(*_conditions(wanted)).order_by(events.c.number.desc())
    rows = connection.execute(statement.limit(limit).offset(skip) if limit else statement)
    return [_event(row) for row in rows]


def count(connection: Connection, wanted: Wanted) -> int:
    """Return how many entries are asked for."""
    statement = select(func.count()).select_from(events).where(*_conditions(wanted))
    return int(connection.execute(statement).scalar_one())


def actors(connection: Connection) -> list[str]:
    """Return everybody whom the log names as acting."""
    return _distinct(connection, events.c.actor)


def actions(connection: Connection) -> list[str]:
    """Return every action that the log holds."""
    return _distinct(connection, events.c.action)


def _distinct(connection: Connection, column: Column[str]) -> list[str]:
    return sorted(connection.execute(select(column).distinct()).scalars())


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    asked: list[ColumnElement[bool]] = []
    if wanted.poll_id is not None:
        asked.append(_about(wanted.poll_id))
    if wanted.actor is not None:
        asked.append(events.c.actor == wanted.actor)
    if wanted.action is not None:
        asked.append(events.c.action == wanted.action)
    if wanted.since is not None:
        asked.append(events.c.at >= wanted.since)
    if wanted.before is not None:
        asked.append(events.c.at < wanted.before)
    return asked


def last_about(connection: Connection, poll_id: PollId) -> Event:
    """Return the newest entry that changed a poll; that something was asked changed nothing."""
    changing = events.c.action.not_in(CHANGING_NOTHING)
    statement = select(events).where(_about(poll_id), changing)
    newest = statement.order_by(events.c.number.desc()).limit(1)
    return _event(connection.execute(newest).one())


def about(connection: Connection, poll_id: PollId) -> list[Event]:
    """Return every entry about a poll, oldest first."""
    statement = select(events).where(_about(poll_id)).order_by(events.c.number)
    return [_event(row) for row in connection.execute(statement)]


def _about(poll_id: int) -> ColumnElement[bool]:
    """Match entries about a poll.

    Entries are canonical JSON, in which no text can hold an unescaped quotation mark.
    """
    return or_(*(events.c.details.contains(f'"poll":{poll_id}{end}') for end in ",}"))


def number_since(connection: Connection, action: str, actor: str, since: datetime) -> int:
    """Return how often somebody did something since a moment."""
    mine = (events.c.action == action, events.c.actor == actor, events.c.at > since)
    statement = select(func.count()).select_from(events).where(*mine)
    return connection.execute(statement).scalar_one()


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
