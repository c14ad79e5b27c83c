"""Figures entered for units: every one is kept, the last one of a cell holds."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, func, insert, select

from ballot.domain.assessment import Cell, Figure, Way
from ballot.storage.assessment_tables import entries, units


def current(connection: Connection, cycle_id: int, kind: str) -> dict[Cell, Figure]:
    """Return the last figure of every cell, with the one before it; cleared cells too."""
    mine = (units.c.cycle_id == cycle_id) & (units.c.kind == kind)
    statement = select(entries).join(units).where(mine).order_by(entries.c.id)
    found: dict[Cell, Figure] = {}
    for row in connection.execute(statement):
        before = found.get((row.unit_id, row.item))
        found[row.unit_id, row.item] = Figure(
            value=None if row.figure is None else Decimal(row.figure),
            way=Way(row.source),
            by=row.by,
            at=row.at,
            before=before.value if before else None,
        )
    return found


def keys(connection: Connection, cycle_id: int, kind: str) -> list[str]:
    """Return the keys under which anything was ever entered, oldest first."""
    mine = (units.c.cycle_id == cycle_id) & (units.c.kind == kind)
    first = func.min(entries.c.id)
    statement = select(entries.c.item).join(units).where(mine).group_by(entries.c.item)
    return list(connection.scalars(statement.order_by(first)))


def add(
    connection: Connection, figures: Mapping[Cell, str], *, way: Way, by: str, now: datetime
) -> None:
    """Keep new figures as exact texts; an empty one clears its cell."""
    rows = [
        {
            "unit_id": unit_id,
            "item": key,
            "figure": figure or None,
            "source": way.value,
            "by": by,
            "at": now,
        }
        for (unit_id, key), figure in figures.items()
    ]
    if rows:
        connection.execute(insert(entries), rows)
