"""Requests for a second person's confirmation."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ballot.domain.canonical import canonical
from ballot.domain.confirmations import Details, NoSuchRequestError, Request, State
from ballot.domain.people import User
from ballot.domain.polls import PollId
from ballot.storage import people
from ballot.storage.tables import confirmations


def add(
    connection: Connection,
    *,
    action: str,
    poll_id: PollId,
    details: Details,
    asker: User,
    now: datetime,
    expires_at: datetime,
) -> int:
    """Keep a new request and return its number."""
    statement = insert(confirmations).values(
        action=action,
        poll_id=poll_id,
        details=canonical(details),
        asker_id=asker.id,
        asked_at=now,
        expires_at=expires_at,
        state=State.WAITING.value,
    )
    return int(connection.execute(statement.returning(confirmations.c.id)).scalar_one())


def get(connection: Connection, request_id: int, *, hold: bool = False) -> Request:
    """Return a request; with `hold`, keep others from answering it until the commit.

    Raises: NoSuchRequestError.
    """
    statement = select(confirmations).where(confirmations.c.id == request_id)
    if hold:
        statement = statement.with_for_update()  # SQLite: the writer's turn holds everything
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NoSuchRequestError(id=request_id)
    return _request(connection, row)


def waiting(connection: Connection, now: datetime, poll_id: int | None = None) -> list[Request]:
    """Return what waits for an answer, oldest first; of one poll if it is named."""
    statement = (
        select(confirmations)
        .where(confirmations.c.state == State.WAITING.value, confirmations.c.expires_at > now)
        .order_by(confirmations.c.id)
    )
    if poll_id is not None:
        statement = statement.where(confirmations.c.poll_id == poll_id)
    return [_request(connection, row) for row in connection.execute(statement).all()]


def settle(
    connection: Connection,
    request_id: int,
    state: State,
    *,
    by: User,
    now: datetime,
    reason: str | None = None,
) -> bool:
    """End a request that waits, and say whether this call did it."""
    statement = update(confirmations).where(
        confirmations.c.id == request_id, confirmations.c.state == State.WAITING.value
    )
    values = {"state": state.value, "settler_id": by.id, "settled_at": now, "reason": reason}
    return connection.execute(statement.values(**values)).rowcount == 1


def _request(connection: Connection, row: Row[Any]) -> Request:
    asker = people.user(connection, row.asker_id)
    if asker is None:
        raise NoSuchRequestError(id=row.id)
    return Request(
        id=row.id,
        action=row.action,
        poll_id=PollId(row.poll_id),
        details=json.loads(row.details),
        asker=asker,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        kept=State(row.state),
        settler=None if row.settler_id is None else people.user(connection, row.settler_id),
        settled_at=row.settled_at,
        reason=row.reason,
    )
