"""The tables of comments. Nothing in them says of whom, when, or with which vote one came.

As votes are, comments are rewritten under fresh random keys at closing (`storage/comments.py`).
"""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from ballot.storage.columns import Moment, metadata

# `verdict`, `why`, `masked`: what a moderator decided after closing; none before.
comments = Table(
    "comments",
    metadata,
    Column("poll_id", Integer, primary_key=True, autoincrement=False),
    Column("id", LargeBinary(16), primary_key=True),
    Column("text", Text, nullable=False),
    Column("verdict", String(10)),
    Column("why", String(10)),
    Column("masked", Text),
    sqlite_with_rowid=False,
)

published_comments = Table(
    "published_comments",
    metadata,
    Column("poll_id", ForeignKey("polls.id"), primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
)
