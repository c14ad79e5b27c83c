"""The tables. Migrations make them (`migrations/`); a test holds the two equal.

What is deliberately not here: a time, sequence, address, agent or ballot beside a vote.
Tables whose physical order would tell the order of casting have no row numbers on SQLite, and
are rewritten at closing on both databases (`storage/votes.py`).
"""

from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware time, kept and returned in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time as it is kept."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time as an aware one."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class State(IntEnum):
    """Where a ballot stands."""

    UNUSED = 0
    CAST = 1
    VOIDED = 2


USED: Final = literal_column("state <> 0", Boolean)
"""Of ballots: cast or voided. Written out, so that the planner sees that the index fits."""


installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_fingerprint", String(16), nullable=False),
    Column("created_at", Moment, nullable=False),
)

cycles = Table(
    "cycles",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("settings", Text, nullable=False, server_default="{}"),
)

polls = Table(
    "polls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False, index=True),
    Column("mode", String(10), nullable=False),
    Column("definition", Text, nullable=False),
    Column("rules_hash", String(64), nullable=False),
    Column("phase", String(10), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("opened_at", Moment),
    Column("closes_at", Moment),
    Column("closing", Boolean, nullable=False, default=False),
    Column("grace_seconds", Integer, nullable=False, default=0),
    Column("closing_step", SmallInteger, nullable=False, default=0),
)

batches = Table(
    "batches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("poll_id", ForeignKey("polls.id"), nullable=False, index=True),
    Column("group_key", Text, nullable=False),
    Column("printed", Integer, nullable=False),
    Column("spares", Integer, nullable=False),
)

ballots = Table(
    "ballots",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("poll_id", Integer, nullable=False),
    Column("group_index", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("nonce", LargeBinary(16)),
    Index(
        "ix_ballots_turnout",
        "poll_id",
        "group_index",
        "state",
        sqlite_where=USED,
        postgresql_where=USED,
    ),
    sqlite_with_rowid=False,
)

votes = Table(
    "votes",
    metadata,
    Column("poll_id", Integer, primary_key=True, autoincrement=False),
    Column("id", LargeBinary(16), primary_key=True),
    Column("group_index", SmallInteger),
    Column("valid", Boolean, nullable=False),
    Column("choices", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

tallies = Table(
    "tallies",
    metadata,
    Column("poll_id", ForeignKey("polls.id"), primary_key=True, autoincrement=False),
    Column("tally", Text, nullable=False),
    Column("account", Text, nullable=False),
)

discretions = Table(
    "discretions",
    metadata,
    Column("poll_id", ForeignKey("polls.id"), primary_key=True, autoincrement=False),
    Column("section", SmallInteger, primary_key=True, autoincrement=False),
    Column("unit", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", String(20), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("name"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    UniqueConstraint("hash"),
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
