"""Wiping a poll: every row that belongs to it goes, and its number is given to no other."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, text, update

from ballot.domain.polls import PollId
from ballot.storage.tables import metadata, polls, wiped


def wipe(connection: Connection, poll_id: PollId, *, traces: bool = True) -> None:
    """Delete a poll and whatever belongs to it in any table, and note its number as taken.

    `traces`: there may have been ballots and votes, which are to be scrubbed from the files.
    """
    mine = _belonging(poll_id)
    for table in reversed(metadata.sorted_tables):  # what refers to a table comes after it
        if table in mine:
            connection.execute(delete(table).where(mine[table]))
    connection.execute(insert(wiped).values(number=poll_id, scrubbed=not traces))


def _belonging(poll_id: PollId) -> dict[Table, ColumnElement[bool]]:
    """Return which rows of each table belong to a poll, directly or by way of another table.

    It is asked of the schema itself, so that a new table needs no change here.
    """
    mine: dict[Table, ColumnElement[bool]] = {polls: polls.c.id == poll_id}
    for table in metadata.sorted_tables:
        if table is polls:
            continue
        if "poll_id" in table.c:
            mine[table] = table.c.poll_id == poll_id
            continue
        for key in table.foreign_keys:
            owner = key.column.table
            if owner in mine:
                mine[table] = key.parent.in_(select(key.column).where(mine[owner]))
    return mine


def unscrubbed(connection: Connection) -> list[PollId]:
    """Return the wiped polls whose traces still lie in the files."""
    statement = select(wiped.c.number).where(~wiped.c.scrubbed).order_by(wiped.c.number)
    return [PollId(number) for number in connection.execute(statement).scalars()]


def scrubbed(connection: Connection, poll_id: PollId) -> bool:
    """Note that a wiped poll's traces are gone, and say whether this call did it."""
    statement = update(wiped).where(wiped.c.number == poll_id, ~wiped.c.scrubbed)
    return connection.execute(statement.values(scrubbed=True)).rowcount == 1


def fresh_number(connection: Connection) -> dict[str, Any]:
    """Return the value that gives a new poll a number no poll ever had.

    SQLite would give the last number again once its row is gone. PostgreSQL counts on by itself,
    but a restored backup makes it count from the last row that is there.
    """
    if connection.dialect.name == "sqlite":
        last = func.coalesce(func.max(polls.c.id), 0)
        taken = select(func.coalesce(func.max(wiped.c.number), 0)).scalar_subquery()
        return {"id": select(func.max(last, taken) + 1).scalar_subquery()}
    connection.execute(
        text(
            """
            SELECT setval(pg_get_serial_sequence('polls', 'id'), taken.last)
            FROM (SELECT max(number) AS last FROM wiped) AS taken
            WHERE taken.last > coalesce(
                pg_sequence_last_value(pg_get_serial_sequence('polls', 'id')::regclass), 0)
            """
        )
    )
    return {}
