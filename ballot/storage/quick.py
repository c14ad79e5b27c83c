"""Statements that voters wait for: written with SQLAlchemy, run by the database's driver itself.

What SQLAlchemy does around each execution costs more than the statement (docs/performance.md), so
these are turned into the driver's text once, with the same conversions of values in and out.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from sqlalchemy import ClauseElement, Connection, Dialect, Engine, Select, TextualSelect
from sqlalchemy.exc import DBAPIError

from ballot.storage.failures import telling_failures

Values = Mapping[str, Any]

GIVEN_ON_SQLITE: Final = """(
    WITH RECURSIVE given(place) AS (
        SELECT 0 UNION ALL SELECT place + 1 FROM given WHERE place + 1 < :number
    ) SELECT place FROM given
)"""
"""The places 0 to `:number` - 1. Many values of one length come as one string of bytes, from which
`substr` takes each: SQLite has no arrays, and for PostgreSQL's its driver takes 7 µs a value."""
GIVEN_ON_POSTGRESQL: Final = "generate_series(0, CAST(:number AS integer) - 1) AS given(place)"
DIGESTS_ON_POSTGRESQL: Final = """ARRAY(
    SELECT substr(CAST(:digests AS bytea), place * 32 + 1, 32) FROM GIVEN
)""".replace("GIVEN", GIVEN_ON_POSTGRESQL)


class Statement:
    """A Core statement with named `bindparam`s, compiled at its first use on a dialect."""

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._forms: dict[str, _Form] = {}

    def form(self, dialect: Dialect) -> "_Form":
        """Return the statement as a dialect's driver takes it."""
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = _Form(self._statement, dialect)
        return form


class _Form:
    """A statement's text, and what turns values into the driver's and back."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self._positions: list[str] | None = compiled.positiontup
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        self._binds = {
            name: processor
            for name, bind in binds.items()
            if (processor := bind.type.dialect_impl(dialect).bind_processor(dialect))
        }
        self._fixed = {name: bind.value for name, bind in binds.items() if not bind.required}
        self.results = _processors(statement, dialect)

    def parameters(self, values: Values) -> Any:
        """Return the values as the driver takes them."""
        given = {**self._fixed, **values} if self._fixed else values
        if self._positions is None:
            return {**given, **{name: to(given[name]) for name, to in self._binds.items()}}
        binds = self._binds
        return [
            binds[name](given[name]) if name in binds else given[name] for name in self._positions
        ]


def _processors(
    statement: ClauseElement, dialect: Dialect
) -> list[tuple[int, Callable[[Any], Any]]]:
    """Return what turns columns of a result into our values, by place."""
    if not isinstance(statement, Select | TextualSelect):
        return []
    found = [
        column.type.dialect_impl(dialect).result_processor(dialect, None)
        for column in statement.selected_columns
    ]
    return [(place, processor) for place, processor in enumerate(found) if processor]


class Direct:
    """A transaction on a driver's own connection (`Writer`)."""

    __slots__ = ("dialect", "driver")

    def __init__(self, dialect: Dialect, driver: Any) -> None:
        self.dialect = dialect
        self.driver = driver


Transaction = Connection | Direct
"""What quick statements run in: SQLAlchemy's transaction, or one without it."""


def change(connection: Transaction, statement: Statement, values: Values) -> int:
    """Run a statement in a transaction and return how many rows it changed."""
    form = statement.form(connection.dialect)
    cursor = _driver(connection).cursor()
    cursor.execute(form.text, form.parameters(values))
    return int(cursor.rowcount)


def change_all(connection: Transaction, statement: Statement, rows: Sequence[Values]) -> None:
    """Run a statement in a transaction for each row."""
    form = statement.form(connection.dialect)
    _driver(connection).cursor().executemany(form.text, [form.parameters(row) for row in rows])


def rows(connection: Transaction, statement: Statement, values: Values) -> list[tuple[Any, ...]]:
    """Return a statement's rows, read in a transaction."""
    form = statement.form(connection.dialect)
    cursor = _driver(connection).cursor()
    cursor.execute(form.text, form.parameters(values))
    found: list[tuple[Any, ...]] = cursor.fetchall()
    return [_converted(row, form) for row in found] if form.results else found


def _driver(connection: Transaction) -> Any:
    if isinstance(connection, Direct):
        return connection.driver
    return connection.connection.dbapi_connection


def _converted(row: tuple[Any, ...], form: _Form) -> tuple[Any, ...]:
    if not form.results:
        return row
    values = list(row)
    for place, processor in form.results:
        values[place] = processor(values[place])
    return tuple(values)


class _Connections:
    """Connections of the driver outside SQLAlchemy's pool, one for each thread that asks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._mine = threading.local()
        self._every: list[Any] = []
        self._lock = threading.Lock()
        self.error: Final = engine.dialect.loaded_dbapi.Error

    def mine(self) -> Any:
        """Return this thread's connection."""
        return getattr(self._mine, "connection", None) or self._connect()

    def _connect(self) -> Any:
        fairy = self._engine.raw_connection()
        connection: Any = fairy.dbapi_connection
        fairy.detach()
        if self._engine.dialect.name == "postgresql":
            connection.autocommit = True
        self._mine.connection = connection
        with self._lock:
            self._every.append(connection)
        return connection

    def drop(self) -> None:
        """Give this thread's connection up, which undoes what it had begun."""
        connection = getattr(self._mine, "connection", None)
        self._mine.connection = None
        if connection is None:
            return
        with self._lock:
            self._every.remove(connection)
        with suppress(self.error):
            connection.close()

    def close(self) -> None:
        """Give every thread's connection back."""
        with self._lock:
            connections, self._every = self._every, []
        self._mine = threading.local()
        for connection in connections:
            with suppress(self.error):
                connection.close()


class Reader:
    """Single reads, each on the reading thread's own connection and outside any transaction.

    One SELECT is consistent in itself. A connection that broke (a database that was restarted) is
    replaced once.
    """

    def __init__(self, engine: Engine, refused: Callable[[], None]) -> None:
        self._dialect = engine.dialect
        self._refused = refused
        self._connections = _Connections(engine)

    def one(self, statement: Statement, values: Values) -> tuple[Any, ...] | None:
        """Return the row that a statement finds, or None.

        Raises: DatabaseFailedError where the database is away.
        """
        found = self.raw(statement, values)
        return self.converted(statement, found[0]) if found else None

    def raw(self, statement: Statement, values: Values) -> list[tuple[Any, ...]]:
        """Return the rows that a statement finds as the driver gives them, for `converted`.

        Raises: DatabaseFailedError where the database is away.
        """
        form = statement.form(self._dialect)
        parameters = form.parameters(values)
        try:
            return self._run(form.text, parameters)
        except self._connections.error:
            self._connections.drop()
            return self._again(form.text, parameters)

    def converted(self, statement: Statement, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return a row of a statement with our values in it."""
        return _converted(row, statement.form(self._dialect))

    def _again(self, text: str, parameters: Any) -> list[tuple[Any, ...]]:
        try:
            return self._run(text, parameters)
        except self._connections.error as error:
            self._connections.drop()
            self._refused()
            with telling_failures():
                raise DBAPIError(text, None, error, hide_parameters=True) from error

    def _run(self, text: str, parameters: Any) -> list[tuple[Any, ...]]:
        cursor = self._connections.mine().execute(text, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()  # one left unfinished holds its snapshot
        cursor.close()
        return found

    def close(self) -> None:
        """Give every thread's connection back."""
        self._connections.close()


class Writer:
    """Transactions of quick statements, on the writing thread's own connection."""

    def __init__(self, engine: Engine, refused: Callable[[], None]) -> None:
        self._dialect = engine.dialect
        self._refused = refused
        self._connections = _Connections(engine)
        self._on_sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Direct]:
        """Give a transaction whose work is committed as a whole, or undone.

        After any failure its connection is given up: it may be broken, or, on SQLite, have been
        opened while the file could not be written, which stays so for good.
        """
        try:
            driver = self._begun()
            yield Direct(self._dialect, driver)
            driver.execute("COMMIT")
        except BaseException as error:
            self._connections.drop()
            if isinstance(error, self._connections.error):
                self._refused()
            raise

    def _begun(self) -> Any:
        """Return the connection in a transaction; one that broke before is replaced."""
        driver = self._connections.mine()
        if self._on_sqlite:
            driver.execute("BEGIN IMMEDIATE")
            return driver
        try:
            driver.execute("BEGIN")
        except self._connections.error:
            self._connections.drop()
            driver = self._connections.mine()
            driver.execute("BEGIN")
        return driver

    def close(self) -> None:
        """Give the connections back."""
        self._connections.close()
