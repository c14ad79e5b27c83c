"""The tables. Migrations make them (`migrations/`); a test holds the two equal.

What is deliberately not here: a time, sequence, address, agent or ballot beside a vote.
Tables whose physical order would tell the order of casting have no row numbers on SQLite, and
are rewritten at closing on both databases (`storage/votes.py`).
"""

from enum import IntEnum
from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
)

from ballot.storage import assessment_tables, comment_tables, job_tables, publication_tables
from ballot.storage.columns import Moment, withdrawable

metadata: Final = assessment_tables.units.metadata
"""All tables: those of these modules are in it too, whoever imports this."""
comments: Final = comment_tables.comments
jobs: Final = job_tables.jobs
notices: Final = publication_tables.notices


class State(IntEnum):
    """Where a ballot stands."""

    UNUSED = 0
    CAST = 1
    VOIDED = 2
    PAPER = 3


USED: Final = literal_column("state <> 0", Boolean)
"""Of ballots: cast, voided, on paper. Written out, so that the planner sees that the index fits."""


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
    Column("copy_of", ForeignKey("polls.id")),
)

# Numbers of wiped rehearsals and deleted drafts: given to no other poll, since the event log goes
# on speaking of them.
wiped = Table(
    "wiped",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("scrubbed", Boolean, nullable=False),
)

# No key: the screen is off. `step`: how far the reveal is, 0 before it begins.
screens = Table(
    "screens",
    metadata,
    Column("poll_id", ForeignKey("polls.id"), primary_key=True, autoincrement=False),
    Column("key", String(20)),
    Column("by_rank", Boolean, nullable=False),
    Column("step", Integer, nullable=False),
    UniqueConstraint("key"),
)

batches = Table(
    "batches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("poll_id", ForeignKey("polls.id"), nullable=False, index=True),
    Column("group_key", Text, nullable=False),
    Column("printed", Integer, nullable=False),
    Column("spares", Integer, nullable=False),
    Column("box", Text),
    Column("voided_by", Text),
    Column("voided_at", Moment),
    Column("voided_why", Text),
)

ballots = Table(
    "ballots",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("poll_id", Integer, nullable=False),
    Column("group_index", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("nonce", LargeBinary(16)),
    Column("batch_id", Integer),
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

paper_piles = Table(
    "paper_piles",
    metadata,
    Column("poll_id", ForeignKey("polls.id"), primary_key=True, autoincrement=False),
    Column("mode", String(10), nullable=False),
    Column("step", String(12), nullable=False),
    Column("first_teller", Text),
    Column("second_teller", Text),
    Column("first_done", Boolean, nullable=False),
    Column("second_done", Boolean, nullable=False),
)

paper_slips = Table(
    "paper_slips",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("poll_id", Integer, nullable=False),
    Column("group_index", SmallInteger, nullable=False),
    Column("set_aside", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

paper_entries = Table(
    "paper_entries",
    metadata,
    Column("poll_id", Integer, primary_key=True, autoincrement=False),
    Column("hand", SmallInteger, primary_key=True, autoincrement=False),
    Column("group_index", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("said", Text, nullable=False),
    sqlite_with_rowid=False,
)

kiosks = Table(
    "kiosks",
    metadata,
    Column("poll_id", ForeignKey("polls.id"), primary_key=True, autoincrement=False),
    Column("serial", Integer, nullable=False),
    Column("open", Boolean, nullable=False),
)

assisted = Table(
    "assisted",
    metadata,
    Column("poll_id", ForeignKey("polls.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
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
    Column("full_name", Text, nullable=False, server_default=""),
    Column("temporary", Boolean, nullable=False, server_default=false()),
    Column("ended_at", Moment),
    UniqueConstraint("name"),
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("action", String(40), nullable=False),
    Column("poll_id", ForeignKey("polls.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("details", Text, nullable=False),
    Column("asker_id", ForeignKey("users.id"), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("state", String(10), nullable=False),
    Column("settler_id", ForeignKey("users.id")),
    Column("settled_at", Moment),
    Column("reason", Text),
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

hand_outs = Table(
    "hand_outs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("poll_id", ForeignKey("polls.id"), nullable=False, index=True),
    Column("group_key", Text, nullable=False),
    Column("box", Text, nullable=False),
    Column("what", String(10), nullable=False),
    Column("number", Integer, nullable=False),
    *withdrawable(),
)
