"""The table of jobs; migrations make it, as those in `tables.py`."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Integer, SmallInteger, String, Table, Text

from ballot.storage.columns import Moment, metadata

jobs: Final = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("work", String(10), nullable=False),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False, index=True),
    Column("poll_id", ForeignKey("polls.id", ondelete="CASCADE"), index=True),
    Column("details", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("begun_at", Moment),
    Column("ended_at", Moment),
    Column("attempts", SmallInteger, nullable=False),
    Column("place", String(32)),
    Column("file", String(32)),
    Column("size", Integer),
    Column("expires_at", Moment),
    Column("problems", Text),
    Column("gone", String(10)),
    Column("gone_at", Moment),
    Column("gone_by", Text),
)
