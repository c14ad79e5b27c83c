"""Comments: kept in the transaction of their vote, rewritten at closing so that nothing links them.

While a poll is open, a comment's row and its vote's are of one transaction. Closing writes all
votes and all comments anew, in one transaction, each in the order of fresh random keys.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from ballot.domain.casting import Cast
from ballot.domain.moderation import Decision, Verdict, Why
from ballot.domain.polls import PollId
from ballot.storage.comment_tables import comments, published_comments
from ballot.storage.quick import Statement, Transaction, change_all

ID_BYTES: Final = 16
_KEEP: Final = Statement(insert(comments))


class Comment(NamedTuple):
    """A stored comment; `decision` is None until somebody moderated it."""

    id: bytes
    text: str
    decision: Decision | None = None


class Publication(NamedTuple):
    """When a poll's comments were published, and by which account."""

    at: datetime
    by: str


def keep(connection: Transaction, casts: Iterable[Cast]) -> None:
    """Keep the comments of casts that count, in their transaction, in the order of random keys."""
    written = [(cast.poll_id, cast.comment) for cast in casts if cast.comment]
    if written:
        _insert(connection, [(poll, secrets.token_bytes(ID_BYTES), t) for poll, t in written])


def _insert(connection: Transaction, rows: list[tuple[PollId, bytes, str]]) -> None:
    rows.sort(key=lambda row: row[1])
    none = {"verdict": None, "why": None, "masked": None}
    change_all(connection, _KEEP, [{"poll_id": p, "id": i, "text": t, **none} for p, i, t in rows])


def rewrite(connection: Connection, poll_id: PollId) -> None:
    """Write a poll's comments anew under fresh random keys, in their order; decisions stay."""
    mine = comments.c.poll_id == poll_id
    found = [dict(row) for row in connection.execute(select(comments).where(mine)).mappings()]
    connection.execute(delete(comments).where(mine))
    if not found:
        return
    for row in found:
        row["id"] = secrets.token_bytes(ID_BYTES)
    connection.execute(insert(comments), sorted(found, key=lambda row: row["id"]))


def every(connection: Connection, poll_id: PollId) -> list[Comment]:
    """Return a poll's comments in the order of their random keys."""
    statement = select(comments).where(comments.c.poll_id == poll_id).order_by(comments.c.id)
    return [
        Comment(
            row.id,
            row.text,
            row.verdict and Decision(Verdict(row.verdict), row.why and Why(row.why), row.masked),
        )
        for row in connection.execute(statement)
    ]


def number(connection: Connection, poll_id: PollId) -> int:
    """Return how many comments a poll holds."""
    statement = select(func.count()).select_from(comments).where(comments.c.poll_id == poll_id)
    return connection.execute(statement).scalar_one()


def decide(
    connection: Connection, poll_id: PollId, comment: bytes, decision: Decision | None
) -> None:
    """Note what was decided about a comment; None takes a decision back."""
    statement = update(comments).where(comments.c.poll_id == poll_id, comments.c.id == comment)
    connection.execute(
        statement.values(
            verdict=decision and decision.verdict.value,
            why=decision and decision.why and decision.why.value,
            masked=decision and decision.masked,
        )
    )


def publication(connection: Connection, poll_id: PollId) -> Publication | None:
    """Return whether and when a poll's comments were published."""
    mine = published_comments.c.poll_id == poll_id
    statement = select(published_comments.c.at, published_comments.c.by).where(mine)
    row = connection.execute(statement).one_or_none()
    return None if row is None else Publication(row.at, row.by)


def publish(connection: Connection, poll_id: PollId, *, by: str, now: datetime) -> None:
    """Note that a poll's comments are published."""
    connection.execute(insert(published_comments).values(poll_id=poll_id, at=now, by=by))


def withdraw(connection: Connection, poll_id: PollId) -> None:
    """Note that they are not, or no longer."""
    connection.execute(delete(published_comments).where(published_comments.c.poll_id == poll_id))
