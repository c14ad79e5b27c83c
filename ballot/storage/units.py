"""The units of a cycle, and which line office enters what."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from ballot.domain.assessment import Unit
from ballot.domain.canonical import canonical
from ballot.storage.assessment_tables import adjustments, assignments, entries, units, vetoes
from ballot.storage.publication_tables import deliveries, reviews


def every(connection: Connection, cycle_id: int, kind: str) -> list[Unit]:
    """Return a kind's units in the order in which they were added."""
    mine = (units.c.cycle_id == cycle_id) & (units.c.kind == kind)
    return [
        _unit(row) for row in connection.execute(select(units).where(mine).order_by(units.c.id))
    ]


def every_kind(connection: Connection, cycle_id: int) -> Mapping[str, list[Unit]]:
    """Return a cycle's units by kind, of a kind without any an empty list, in the same order."""
    found: defaultdict[str, list[Unit]] = defaultdict(list)
    mine = select(units).where(units.c.cycle_id == cycle_id).order_by(units.c.id)
    for row in connection.execute(mine):
        found[row.kind].append(_unit(row))
    return found


def names(connection: Connection, cycle_id: int) -> Mapping[str, list[str]]:
    """Return the names of a cycle's units by kind, as `every_kind` returns the units."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    mine = select(units.c.kind, units.c.name).where(units.c.cycle_id == cycle_id)
    for row in connection.execute(mine.order_by(units.c.id)):
        found[row.kind].append(row.name)
    return found


def _unit(row: Row[Any]) -> Unit:
    return Unit(row.id, row.name, json.loads(row.facts))


def add(
    connection: Connection, cycle_id: int, kind: str, name: str, facts: Mapping[str, str]
) -> None:
    """Keep a new unit; the caller holds the cycle and has seen that the name is free."""
    connection.execute(
        insert(units).values(cycle_id=cycle_id, kind=kind, name=name, facts=canonical(dict(facts)))
    )


def set_facts(connection: Connection, unit_id: int, facts: Mapping[str, str]) -> None:
    """Keep what is said about a unit besides figures."""
    statement = update(units).where(units.c.id == unit_id)
    connection.execute(statement.values(facts=canonical(dict(facts))))


def rename(connection: Connection, unit_id: int, name: str) -> None:
    """Give a unit another name; the caller holds the cycle and has seen that the name is free."""
    connection.execute(update(units).where(units.c.id == unit_id).values(name=name))


def is_bare(connection: Connection, unit_id: int) -> bool:
    """Tell whether nothing was ever recorded for a unit."""
    found = (
        connection.execute(select(table.c.id).where(table.c.unit_id == unit_id).limit(1)).first()
        for table in (entries, adjustments, vetoes, reviews, deliveries)
    )
    return not any(found)


def remove(connection: Connection, unit_id: int) -> None:
    """Remove a unit for which nothing was ever recorded."""
    connection.execute(delete(units).where(units.c.id == unit_id))


def offices_of(connection: Connection, user_id: int, cycle_id: int) -> frozenset[str]:
    """Return the offices for which a person enters figures in a cycle."""
    mine = (assignments.c.user_id == user_id) & (assignments.c.cycle_id == cycle_id)
    return frozenset(connection.scalars(select(assignments.c.office).where(mine)))


def cycles_of(connection: Connection, user_id: int) -> frozenset[int]:
    """Return the cycles in which a person enters figures for an office."""
    statement = select(assignments.c.cycle_id).where(assignments.c.user_id == user_id)
    return frozenset(connection.scalars(statement))


def rename_office(connection: Connection, cycle_id: int, old: str, new: str) -> None:
    """Let whoever enters for an office of a cycle enter for it under its new name."""
    mine = (assignments.c.cycle_id == cycle_id) & (assignments.c.office == old)
    for user_id in list(connection.scalars(select(assignments.c.user_id).where(mine))):
        offices = {*offices_of(connection, user_id, cycle_id), new} - {old}
        assign(connection, user_id, cycle_id, offices)


def assign(connection: Connection, user_id: int, cycle_id: int, offices: Collection[str]) -> None:
    """Let a person enter for these offices in a cycle, and no others."""
    mine = (assignments.c.user_id == user_id) & (assignments.c.cycle_id == cycle_id)
    connection.execute(delete(assignments).where(mine))
    for office in sorted(offices):
        connection.execute(
            insert(assignments).values(user_id=user_id, cycle_id=cycle_id, office=office)
        )
