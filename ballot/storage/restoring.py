"""Rows of a backup, back into an empty database: all of them, or nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from sqlalchemy import Connection, MetaData, Table, func, insert, inspect, literal, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from ballot.errors import OperationError
from ballot.language import N_
from ballot.storage import schema
from ballot.storage.backup import (
    ROWS_AT_ONCE,
    VERSION_TABLE,
    Row,
    Shape,
    columns_of,
    ours_in,
    read_value,
)
from ballot.storage.database import Database, DatabaseFailedError


class NotEmptyError(OperationError):
    """Something is where a backup should be restored."""

    message = N_(
        "这里已经有数据：%(found)s。恢复只能在空的地方进行，什么也没有改动。"
        "请用 BALLOT_FOLDER 或 BALLOT_DATABASE_URL 另指一个位置，或先把原来的数据移走。"
    )


class NoRoomError(OperationError):
    """The database fails while a backup is loaded."""

    message = N_("数据库没能装下这份备份：%(reason)s。没有留下任何数据。")


class MisfitError(Exception):
    """A row or table is not what its schema wants; the caller knows which file it came from."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


@contextmanager
def filling(database: Database) -> Iterator[Connection]:
    """Give a connection that fills an empty database: all of it is committed, or nothing.

    Raises: NotEmptyError, NoRoomError.
    """
    try:
        with database.migrate() as connection:
            schema.hold(connection)
            found = ours_in(connection)
            if found:
                raise NotEmptyError(found=found)
            yield connection
        _settle(database)
    except DatabaseFailedError as error:
        raise NoRoomError(reason=error.reason) from error
    except DBAPIError as error:
        lines = str(error.orig).strip().splitlines()
        raise NoRoomError(reason=lines[0] if lines else "?") from error


def _settle(database: Database) -> None:
    """Bring what was committed from SQLite's write-ahead log into the file itself."""
    if database.on_sqlite:
        with database.outside_transactions() as connection:
            busy, *_ = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
        if busy:
            raise RuntimeError("somebody reads a database that has no name yet")


def fill(
    connection: Connection,
    revision: str,
    tables: Sequence[Shape],
    rows_of: Callable[[Shape], Iterable[Row]],
) -> None:
    """Make the tables of an earlier or the present revision, and load them.

    Raises: MisfitError.
    """
    made = _build(connection, revision)
    shapes = {shape.name: shape for shape in tables}
    if made.keys() != shapes.keys():
        raise MisfitError(min(made.keys() ^ shapes.keys()))
    for shape in tables:
        if sorted(shape.columns) != sorted(columns_of(made[shape.name])):
            raise MisfitError(shape.name)
        try:
            _load(connection, made[shape.name], shape, rows_of(shape))
        except (IntegrityError, DataError) as error:
            raise MisfitError(shape.name) from error
    _require_references(connection)


def _build(connection: Connection, revision: str) -> dict[str, Table]:
    """Make the tables of a revision and return them as the database describes them."""
    before = {*inspect(connection).get_table_names(), VERSION_TABLE}
    schema.build(connection, revision)
    names = set(inspect(connection).get_table_names()) - before
    made = MetaData()
    made.reflect(connection, only=sorted(names))
    return {name: made.tables[name] for name in names}


def _load(connection: Connection, table: Table, shape: Shape, given: Iterable[Row]) -> None:
    names = [name for name, _ in shape.columns]
    kinds = [kind for _, kind in shape.columns]
    values = (dict(zip(names, _values(shape.name, kinds, row), strict=True)) for row in given)
    while chunk := list(islice(values, ROWS_AT_ONCE)):
        connection.execute(insert(table), chunk)
    loaded = connection.execute(select(func.count()).select_from(table)).scalar_one()
    if loaded != shape.rows:
        raise MisfitError(shape.name)
    _number_on(connection, table)


def _values(table: str, kinds: Sequence[str], row: Row) -> Row:
    if not isinstance(row, list) or len(row) != len(kinds):
        raise MisfitError(table)
    try:
        return [read_value(kind, value) for kind, value in zip(kinds, row, strict=True)]
    except ValueError:
        raise MisfitError(table) from None


def _number_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL give the next row the number after the last; SQLite looks for itself."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        sequence = connection.execute(
            select(func.pg_get_serial_sequence(table.name, column.name))
        ).scalar()
        if sequence:
            last = func.coalesce(func.max(column), 1)
            connection.execute(
                select(func.setval(literal(sequence), last, func.count(column) > 0))
            ).scalar()


def _require_references(connection: Connection) -> None:
    """Find rows that refer to nothing; PostgreSQL refused them as they came."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken:
            raise MisfitError(str(broken[0]))
