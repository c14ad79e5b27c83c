"""Cycles: one assessment year of one organisation, under one scheme or more."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from ballot.domain.canonical import canonical
from ballot.domain.polls import CycleId
from ballot.errors import NotFoundError
from ballot.language import N_
from ballot.storage.assessment_tables import assignments, own_schemes
from ballot.storage.tables import cycles, events, metadata

MADE: Final = ("cycle created", "cycle copied")
"""The actions by which the log tells of a new cycle."""
_GONE_WITH_IT: Final = (own_schemes, assignments)
"""What an empty cycle may have, and loses with its row."""


class NoSuchCycleError(NotFoundError):
    """No cycle of that number."""

    message = N_("没有编号为 %(id)s 的考核周期。")


@dataclass(frozen=True)
class Cycle:
    """A cycle as it is kept.

    `settings`: the readings of its scheme that it sets otherwise, by key.
    `own`: the text of a scheme of its own (TOML), None where it has a preset as it is written;
    `based_on`: the preset that was changed for it, "" where it is no changed preset.
    """

    id: CycleId
    title: str
    scheme: str
    created_at: datetime
    settings: Mapping[str, str]
    own: str | None = None
    based_on: str = ""


def add(
    connection: Connection,
    *,
    title: str,
    scheme: str,
    settings: Mapping[str, str],
    now: datetime,
) -> CycleId:
    """Keep a new cycle and return its number, which no cycle ever had."""
    statement = insert(cycles).values(
        **_fresh_number(connection),
        title=title,
        scheme=scheme,
        settings=canonical(dict(settings)),
        created_at=now,
    )
    return CycleId(connection.execute(statement.returning(cycles.c.id)).scalar_one())


def _fresh_number(connection: Connection) -> dict[str, int]:
    """Return the value that gives a new cycle a number of its own: the log speaks of old ones.

    SQLite would give the last number again once its row is gone; PostgreSQL counts on by itself.
    """
    if connection.dialect.name != "sqlite":
        return {}
    told = connection.scalars(select(events.c.details).where(events.c.action.in_(MADE)))
    there = connection.scalars(select(cycles.c.id))
    return {
        "id": max([*there, *(json.loads(text).get("cycle", 0) for text in told)], default=0) + 1
    }


def get(connection: Connection, cycle_id: int, *, hold: bool = False) -> Cycle:
    """Return a cycle; with `hold`, keep other changes of its standings away until the commit.

    Raises: NoSuchCycleError.
    """
    statement = _all().where(cycles.c.id == cycle_id)
    if hold:  # SQLite: the writer's turn holds everything
        statement = statement.with_for_update(key_share=True, of=cycles)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NoSuchCycleError(id=cycle_id)
    return _cycle(row)


def every(connection: Connection) -> list[Cycle]:
    """Return all cycles, oldest first."""
    return [_cycle(row) for row in connection.execute(_all().order_by(cycles.c.id))]


def rename(connection: Connection, cycle_id: CycleId, title: str) -> None:
    """Give a cycle another title."""
    connection.execute(update(cycles).where(cycles.c.id == cycle_id).values(title=title))


def keep_scheme(
    connection: Connection,
    cycle_id: CycleId,
    *,
    scheme: str,
    settings: Mapping[str, str],
    own: str | None,
    based_on: str,
) -> None:
    """Give a cycle another scheme: a preset by its name, or a text of its own."""
    values = {"scheme": scheme, "settings": canonical(dict(settings))}
    connection.execute(update(cycles).where(cycles.c.id == cycle_id).values(**values))
    connection.execute(delete(own_schemes).where(own_schemes.c.cycle_id == cycle_id))
    if own is not None:
        row = {"cycle_id": cycle_id, "based_on": based_on, "text": own}
        connection.execute(insert(own_schemes).values(**row))


def is_empty(connection: Connection, cycle_id: CycleId) -> bool:
    """Tell whether nothing belongs to a cycle: no poll, no unit, nothing that was ever decided.

    It is asked of the schema itself, so that a new table needs no change here.
    """
    found = (
        connection.execute(select(key.parent).where(key.parent == cycle_id).limit(1)).first()
        for table in metadata.sorted_tables
        if table not in _GONE_WITH_IT
        for key in table.foreign_keys
        if key.column.table is cycles
    )
    return not any(found)


def remove(connection: Connection, cycle_id: CycleId) -> None:
    """Remove an empty cycle, with its own scheme and who would have entered for which office."""
    for table in _GONE_WITH_IT:
        connection.execute(delete(table).where(table.c.cycle_id == cycle_id))
    connection.execute(delete(cycles).where(cycles.c.id == cycle_id))


def _all() -> Select[Any]:
    joined = cycles.outerjoin(own_schemes, own_schemes.c.cycle_id == cycles.c.id)
    return select(cycles, own_schemes.c.text.label("own"), own_schemes.c.based_on).select_from(
        joined
    )


def _cycle(row: Row[Any]) -> Cycle:
    return Cycle(
        id=CycleId(row.id),
        title=row.title,
        scheme=row.scheme,
        created_at=row.created_at,
        settings=json.loads(row.settings),
        own=row.own,
        based_on=row.based_on or "",
    )
