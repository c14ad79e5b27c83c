"""The ledger, vetoes, decisions on ties and approvals: rows that are withdrawn, never deleted."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Select, Table, insert, select

from ballot.domain.assessment import Approval, LedgerRow, TieDecision
from ballot.domain.canonical import canonical
from ballot.scoring import Adjustment, Veto
from ballot.storage import withdrawing
from ballot.storage.assessment_tables import adjustments, approvals, decisions, units, vetoes
from ballot.storage.withdrawing import recorded

_TABLES = {
    "adjustment": adjustments,
    "veto": vetoes,
    "decision": decisions,
    "approval": approvals,
}


def of_kind(connection: Connection, cycle_id: int, kind: str) -> list[LedgerRow]:
    """Return a kind's adjustments, oldest first, withdrawn ones too."""
    return [
        LedgerRow(
            recorded(row),
            Adjustment(
                row.name,
                row.rule,
                row.times,
                None if row.marks is None else Decimal(row.marks),
                row.item,
                row.note,
            ),
        )
        for row in connection.execute(_of_units(adjustments, cycle_id, kind))
    ]


def vetoes_of(connection: Connection, cycle_id: int, kind: str) -> list[LedgerRow]:
    """Return a kind's vetoes, oldest first, withdrawn ones too."""
    return [
        LedgerRow(recorded(row), Veto(row.name, row.rule, row.item, row.note))
        for row in connection.execute(_of_units(vetoes, cycle_id, kind))
    ]


def decisions_of(connection: Connection, cycle_id: int, kind: str) -> list[TieDecision]:
    """Return a kind's decisions on ties, oldest first, withdrawn ones too."""
    rows = connection.execute(_of_cycle(decisions, cycle_id, kind))
    return [TieDecision(recorded(row), tuple(json.loads(row.units)), row.reason) for row in rows]


def approvals_of(connection: Connection, cycle_id: int, kind: str) -> list[Approval]:
    """Return a kind's approvals, oldest first, withdrawn ones too."""
    rows = connection.execute(_of_cycle(approvals, cycle_id, kind))
    return [
        Approval(
            recorded(row), row.meeting, date.fromisoformat(row.held_on), row.standing, row.hash
        )
        for row in rows
    ]


def add_adjustment(
    connection: Connection, unit_id: int, said: Adjustment, *, by: str, now: datetime
) -> int:
    """Keep an adjustment and return its number."""
    return _add(
        connection,
        adjustments,
        unit_id=unit_id,
        rule=said.rule,
        times=said.times,
        marks=None if said.marks is None else f"{said.marks:f}",
        item=said.item,
        note=said.note,
        by=by,
        at=now,
    )


def add_veto(connection: Connection, unit_id: int, said: Veto, *, by: str, now: datetime) -> int:
    """Keep a veto and return its number."""
    return _add(
        connection,
        vetoes,
        unit_id=unit_id,
        rule=said.rule,
        item=said.item,
        note=said.note,
        by=by,
        at=now,
    )


def add_decision(
    connection: Connection,
    cycle_id: int,
    kind: str,
    order: Sequence[str],
    reason: str,
    *,
    by: str,
    now: datetime,
) -> int:
    """Keep a decision on a tie and return its number."""
    return _add(
        connection,
        decisions,
        cycle_id=cycle_id,
        kind=kind,
        units=canonical(list(order)),
        reason=reason,
        by=by,
        at=now,
    )


def add_approval(
    connection: Connection,
    cycle_id: int,
    kind: str,
    *,
    meeting: str,
    held_on: date,
    standing: str,
    sha256: str,
    by: str,
    now: datetime,
) -> int:
    """Keep an approval and return its number."""
    return _add(
        connection,
        approvals,
        cycle_id=cycle_id,
        kind=kind,
        meeting=meeting,
        held_on=held_on.isoformat(),
        standing=standing,
        hash=sha256,
        by=by,
        at=now,
    )


def withdraw(
    connection: Connection, what: str, number: int, *, why: str, by: str, now: datetime
) -> bool:
    """Withdraw a row (`adjustment`, `veto`, `decision`, `approval`) and say whether this did it."""
    return withdrawing.withdraw(connection, _TABLES[what], number, why=why, by=by, now=now)


def _of_units(table: Table, cycle_id: int, kind: str) -> Select[Any]:
    mine = (units.c.cycle_id == cycle_id) & (units.c.kind == kind)
    return select(table, units.c.name).join(units).where(mine).order_by(table.c.id)


def _of_cycle(table: Table, cycle_id: int, kind: str) -> Select[Any]:
    mine = (table.c.cycle_id == cycle_id) & (table.c.kind == kind)
    return select(table).where(mine).order_by(table.c.id)


def _add(connection: Connection, table: Table, **values: Any) -> int:
    statement = insert(table).values(**values).returning(table.c.id)
    return int(connection.execute(statement).scalar_one())
