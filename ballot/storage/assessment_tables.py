"""The tables of assessments: units, what is entered about them, what was decided and approved."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from ballot.storage.columns import Moment, metadata, withdrawable

# A scheme that a cycle changed: its text (TOML), and the preset it was made from ("" for none).
own_schemes = Table(
    "own_schemes",
    metadata,
    Column("cycle_id", ForeignKey("cycles.id"), primary_key=True, autoincrement=False),
    Column("based_on", Text, nullable=False),
    Column("text", Text, nullable=False),
)

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
    *withdrawable(),
)

vetoes = Table(
    "vetoes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    Column("rule", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("note", Text, nullable=False),
    *withdrawable(),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("units", Text, nullable=False),
    Column("reason", Text, nullable=False),
    *withdrawable(),
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
    *withdrawable(),
)

assignments = Table(
    "assignments",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("cycle_id", ForeignKey("cycles.id"), primary_key=True, autoincrement=False),
    Column("office", Text, primary_key=True),
)
