"""The tables of publication: notices, reviews, who was told in writing, and whom to turn to."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from ballot.storage.columns import Moment, metadata, withdrawable

contacts = Table(
    "contacts",
    metadata,
    Column("cycle_id", ForeignKey("cycles.id"), primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("place", Text, nullable=False),
)

# No content: a draft. `items`, `posted`: JSON; days are written as dates.
notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("items", Text, nullable=False),
    Column("start_on", String(10), nullable=False),
    Column("days", Integer, nullable=False),
    Column("contact_name", Text, nullable=False),
    Column("contact_phone", Text, nullable=False),
    Column("contact_place", Text, nullable=False),
    Column("posted", Text),
    Column("hash", String(64)),
    *withdrawable(),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False, index=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    Column("about", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("received_on", String(10), nullable=False),
    Column("told_on", String(10)),
    Column("admitted", Text, nullable=False),
    Column("outcome", String(10)),
    Column("answer", Text),
    Column("answered_on", String(10)),
    Column("decided_by", Text),
    Column("answered_by", Text),
    Column("answered_at", Moment),
    *withdrawable(),
)

# That a unit was told in writing (书面通知) of the result that an approval fixed.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("unit_id", ForeignKey("units.id"), nullable=False, index=True),
    Column("approval_id", ForeignKey("approvals.id"), nullable=False, index=True),
    Column("told_on", String(10), nullable=False),
    *withdrawable(),
)
