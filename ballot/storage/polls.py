"""Polls: their definition, phase and times."""

import json
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ballot.domain import definition_json
from ballot.domain.canonical import canonical
from ballot.domain.definition import Definition
from ballot.domain.polls import CycleId, Phase, Poll, PollId
from ballot.errors import NotFoundError
from ballot.language import N_
from ballot.storage import wiping
from ballot.storage.tables import polls


class NoSuchPollError(NotFoundError):
    """No poll of that number."""

    message = N_("没有编号为 %(id)s 的测评活动。")


def add(
    connection: Connection,
    *,
    cycle_id: CycleId,
    definition: Definition,
    now: datetime,
    copy_of: PollId | None = None,
) -> PollId:
    """Keep a new poll as a draft and return its number, which no poll ever had."""
    statement = insert(polls).values(
        **wiping.fresh_number(connection),
        cycle_id=cycle_id,
        mode=definition.mode.value,
        **_defined(definition),
        phase=Phase.DRAFT.value,
        created_at=now,
        copy_of=copy_of,
    )
    return PollId(connection.execute(statement.returning(polls.c.id)).scalar_one())


def get(connection: Connection, poll_id: int, *, hold: bool = False) -> Poll:
    """Return a poll; with `hold`, keep casts and other changes away until the commit.

    Raises: NoSuchPollError.
    """
    statement = select(polls).where(polls.c.id == poll_id)
    if hold:
        statement = statement.with_for_update()  # SQLite: the writer's turn holds everything
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NoSuchPollError(id=poll_id)
    return _poll(row)


def every(connection: Connection, cycle_id: int | None = None) -> list[Poll]:
    """Return all polls, or a cycle's, oldest first."""
    statement = select(polls).order_by(polls.c.id)
    if cycle_id is not None:
        statement = statement.where(polls.c.cycle_id == cycle_id)
    return [_poll(row) for row in connection.execute(statement)]


def standing(connection: Connection, cycle_id: int) -> list[Poll]:
    """Return the polls of a cycle that count or will, oldest first."""
    return [poll for poll in every(connection, cycle_id) if poll.stands]


def copies(connection: Connection, poll_id: PollId) -> list[Poll]:
    """Return the polls that took over a poll's definition, oldest first."""
    statement = select(polls).where(polls.c.copy_of == poll_id).order_by(polls.c.id)
    return [_poll(row) for row in connection.execute(statement)]


def unfinished(connection: Connection) -> list[Poll]:
    """Return the polls that closing has work with: open ones that end, closed ones not scrubbed."""
    ending = (polls.c.phase == Phase.OPEN.value) & polls.c.closes_at.is_not(None)
    half = polls.c.closing_step.between(1, 2)
    return [_poll(row) for row in connection.execute(select(polls).where(ending | half))]


def any_open(connection: Connection) -> bool:
    """Tell whether any poll takes votes."""
    statement = select(polls.c.id).where(polls.c.phase == Phase.OPEN.value).limit(1)
    return connection.execute(statement).first() is not None


def redefine(connection: Connection, poll: Poll, definition: Definition) -> None:
    """Give a poll that is not open yet another definition; its hash follows."""
    _set(connection, poll, **_defined(definition))


def opened(
    connection: Connection, poll: Poll, *, now: datetime, closes_at: datetime | None, grace: int
) -> None:
    """Put a poll into the open phase."""
    values = {"phase": Phase.OPEN.value, "opened_at": now, "closes_at": closes_at}
    _set(connection, poll, **values, grace_seconds=grace)


def begin_closing(connection: Connection, poll: Poll, closes_at: datetime) -> None:
    """Note that closing began, which no clock set back undoes."""
    _set(connection, poll, closing=True, closes_at=closes_at)


def advance(connection: Connection, poll: Poll, phase: Phase) -> None:
    """Put a poll into a later phase."""
    _set(connection, poll, phase=phase.value)


def closing_step_done(connection: Connection, poll: Poll, step: int) -> None:
    """Note how many of the three closing steps are done."""
    _set(connection, poll, closing_step=step)


def _set(connection: Connection, poll: Poll, **values: Any) -> None:
    connection.execute(update(polls).where(polls.c.id == poll.id).values(**values))


def _defined(definition: Definition) -> dict[str, str]:
    return {
        "definition": canonical(definition_json.to_json(definition)),
        "rules_hash": definition_json.rules_hash(definition),
    }


def _poll(row: Row[Any]) -> Poll:
    return Poll(
        id=PollId(row.id),
        cycle_id=CycleId(row.cycle_id),
        definition=read_definition(row.definition),
        phase=Phase(row.phase),
        created_at=row.created_at,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        closing=row.closing,
        grace=timedelta(seconds=row.grace_seconds),
        closing_step=row.closing_step,
        copy_of=None if row.copy_of is None else PollId(row.copy_of),
    )


@lru_cache(maxsize=256)
def read_definition(text: str) -> Definition:
    """Return the definition that a poll's canonical JSON holds; read once for each text."""
    return definition_json.from_json(json.loads(text))
