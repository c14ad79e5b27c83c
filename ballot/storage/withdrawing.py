"""Withdrawing a row: it stays, with who took it back, when and why."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, update

from ballot.domain.assessment import Recorded


def recorded(row: Row[Any]) -> Recorded:
    """Return who wrote a row of a table with `withdrawable` columns, and who took it back."""
    return Recorded(row.id, row.by, row.at, row.withdrawn_by, row.withdrawn_at, row.withdrawn_why)


def withdraw(
    connection: Connection, table: Table, number: int, *, why: str, by: str, now: datetime
) -> bool:
    """Withdraw a row and say whether this call did it, and nobody before."""
    statement = update(table).where(table.c.id == number, table.c.withdrawn_at.is_(None))
    values = {"withdrawn_by": by, "withdrawn_at": now, "withdrawn_why": why}
    return connection.execute(statement.values(**values)).rowcount == 1
