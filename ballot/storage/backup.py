"""Every row of every table, out of one snapshot; `storage/restoring.py` brings them back.

Rows travel as lists of JSON values in the order of their primary keys, never in physical order:
for ballots and votes the keys are random, so the order tells nothing. What tables and columns
there are is asked of the schema itself, so that a new one needs no change here.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, Connection, Table, TypeDecorator, func, inspect, select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.types import TypeEngine

from ballot.errors import OperationError
from ballot.storage import events
from ballot.storage.database import Database, explain_unreachable
from ballot.storage.tables import metadata

Row = list[Any]
"""A row as JSON values, in the order of its table's columns."""

ROWS_AT_ONCE: Final = 2_000
VERSION_TABLE: Final = "alembic_version"
_BIGGEST: Final = 2**63 - 1


class _Kind(NamedTuple):
    """How values of a column travel: as which type of JSON, and how they become it and back."""

    name: str
    travels_as: type
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:
    return value


def _read_integer(value: int) -> int | None:
    return value if -_BIGGEST <= value <= _BIGGEST else None


def _read_text(value: str) -> str:
    value.encode("utf-8")  # half a surrogate pair is no text
    return value


def _write_moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


_KINDS: Final = {
    bool: _Kind("boolean", bool, _as_it_is, _as_it_is),
    int: _Kind("integer", int, _as_it_is, _read_integer),
    str: _Kind("text", str, _as_it_is, _read_text),
    bytes: _Kind("bytes", str, bytes.hex, bytes.fromhex),
    datetime: _Kind("moment", str, _write_moment, datetime.fromisoformat),
}
_NAMED: Final = {kind.name: kind for kind in _KINDS.values()}


class Shape(NamedTuple):
    """A table as a backup describes it: (column, kind) pairs, and how many rows it holds."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: int


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """Give a connection that sees one state of all tables and holds up nobody who writes.

    SQLite: a read transaction, which its write-ahead log serves beside a writer. PostgreSQL:
    REPEATABLE READ. There the tables are locked (in the mode of any reader) before the snapshot
    is taken: a scrub that ran in between would have to keep the old rows this snapshot sees.

    Raises: DatabaseUnreachableError, also when the database goes away meanwhile.
    """
    try:
        with database.read() as connection:
            if not database.on_sqlite:
                _freeze(connection)
            yield connection
    except OperationalError as error:
        raise explain_unreachable(error) from error


def _freeze(connection: Connection) -> None:
    connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    names = ", ".join(table.name for table in metadata.sorted_tables)
    connection.execute(text(f"LOCK TABLE {names} IN ACCESS SHARE MODE"))


def shapes(connection: Connection) -> tuple[Shape, ...]:
    """Return what every table looks like, those that others refer to first."""
    return tuple(
        Shape(
            table.name,
            columns_of(table),
            connection.execute(select(func.count()).select_from(table)).scalar_one(),
        )
        for table in metadata.sorted_tables
    )


def columns_of(table: Table) -> tuple[tuple[str, str], ...]:
    """Return the columns of a table with the names of their kinds."""
    return tuple((column.name, _kind(column).name) for column in table.columns)


def _kind(column: Column[Any]) -> _Kind:
    """Return the kind of a column; a KeyError means that this module has to learn a new one."""
    kept: TypeEngine[Any] = column.type
    if isinstance(kept, TypeDecorator):
        kept = kept.impl_instance
    return _KINDS[kept.python_type]


def rows(connection: Connection, name: str) -> Generator[Row]:
    """Yield a table's rows by primary key, a bounded number at a time in memory.

    Whoever stops before the end closes it, before the connection.
    """
    table = metadata.tables[name]
    writers = [_kind(column).write for column in table.columns]
    statement = select(table).order_by(*table.primary_key.columns)
    with connection.execute(statement, execution_options={"yield_per": ROWS_AT_ONCE}) as found:
        for row in found:
            yield [
                None if value is None else write(value)
                for write, value in zip(writers, row, strict=True)
            ]


def read_value(kind: str, value: Any) -> Any:
    """Return what became of a column's value of a kind when its row was written.

    Raises: ValueError for what `rows` never writes.
    """
    if value is None:
        return None
    _, travels_as, write, read = _NAMED[kind]
    found = read(value) if type(value) is travels_as else None
    if found is None or write(found) != value:
        raise ValueError(f"not a value of kind {kind}")
    return found


def note(database: Database, *, now: datetime, actor: str, action: str, **details: Any) -> bool:
    """Append to the event log, and say whether the database took it.

    A full disk must not keep anybody from carrying the data elsewhere.
    """
    try:
        with database.write() as connection:
            events.append(connection, now=now, actor=actor, action=action, **details)
    except (DBAPIError, OperationError, OSError):
        return False
    return True


def found_in(database: Database) -> str | None:
    """Return the name of one of our tables that a database holds, None if it holds none.

    Raises: DatabaseUnreachableError.
    """
    try:
        with database.read() as connection:
            return ours_in(connection)
    except OperationalError as error:
        raise explain_unreachable(error) from error


def ours_in(connection: Connection) -> str | None:
    """Return the name of one of our tables that this database holds, None if it holds none."""
    ours = {VERSION_TABLE, *metadata.tables}
    return min(ours.intersection(inspect(connection).get_table_names()), default=None)
