"""Cycles: one assessment year of one organisation, under one scheme or more."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from ballot.domain.definition_json import canonical
from ballot.domain.polls import CycleId
from ballot.errors import NotFoundError
from ballot.language import N_
from ballot.storage.tables import cycles


class NoSuchCycleError(NotFoundError):
    """No cycle of that number."""

    message = N_("没有编号为 %(id)s 的考核周期。")


@dataclass(frozen=True)
class Cycle:
    """A cycle as it is kept.

    `settings`: the readings of its scheme that it sets otherwise, by key; fixed when it is made.
    """

    id: CycleId
    title: str
    scheme: str
    created_at: datetime
    settings: Mapping[str, str]


def add(
    connection: Connection,
    *,
    title: str,
    scheme: str,
    settings: Mapping[str, str],
    now: datetime,
) -> CycleId:
    """Keep a new cycle and return its number."""
    statement = insert(cycles).values(
        title=title, scheme=scheme, settings=canonical(dict(settings)), created_at=now
    )
    return CycleId(connection.execute(statement.returning(cycles.c.id)).scalar_one())


def get(connection: Connection, cycle_id: int, *, hold: bool = False) -> Cycle:
    """Return a cycle; with `hold`, keep other changes of its standings away until the commit.

    Raises: NoSuchCycleError.
    """
    statement = select(cycles).where(cycles.c.id == cycle_id)
    if hold:  # SQLite: the writer's turn holds everything
        statement = statement.with_for_update(key_share=True)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NoSuchCycleError(id=cycle_id)
    return _cycle(row)


def every(connection: Connection) -> list[Cycle]:
    """Return all cycles, oldest first."""
    rows = connection.execute(select(cycles).order_by(cycles.c.id))
    return [_cycle(row) for row in rows]


def _cycle(row: Row[Any]) -> Cycle:
    return Cycle(**{**row._mapping, "settings": json.loads(row.settings)})
