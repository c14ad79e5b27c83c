"""The tables of assessments: units, what is entered about them, what was decided and approved."""

from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from ballot.storage.columns import Moment, metadata

units = Table(
    "units",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("facts", Text, nullable=False),
    UniqueConstraint("cycle_id", "kind", "name"),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    Column("item", Text, nullable=False),
    Column("figure", Text),
    Column("source", String(10), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)


def _withdrawable() -> tuple[Column[Any], ...]:
    """Return the columns of a row that is never deleted: who wrote it, and who took it back."""
    return (
        Column("by", Text, nullable=False),
        Column("at", Moment, nullable=False),
        Column("withdrawn_by", Text),
        Column("withdrawn_at", Moment),
        Column("withdrawn_why", Text),
    )


adjustments = Table(
    "adjustments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    Column("rule", Text, nullable=False),
    Column("times", Integer, nullable=False),
    Column("marks", Text),
    Column("item", Text, nullable=False),
    Column("note", Text, nullable=False),
    *_withdrawable(),
)

vetoes = Table(
    "vetoes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    Column("rule", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("note", Text, nullable=False),
    *_withdrawable(),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("units", Text, nullable=False),
    Column("reason", Text, nullable=False),
    *_withdrawable(),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("meeting", Text, nullable=False),
    Column("held_on", String(10), nullable=False),
    Column("standing", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    *_withdrawable(),
)

assignments = Table(
    "assignments",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("cycle_id", ForeignKey("cycles.id"), primary_key=True, autoincrement=False),
    Column("office", Text, primary_key=True),
)
