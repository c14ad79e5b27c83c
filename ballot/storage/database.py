"""The database: SQLite in one file, or PostgreSQL; reading and writing, and nothing between.

Everything inside one `read()` or `write()` is one transaction. On SQLite a writer waits for its
turn (`turn.py`), begins IMMEDIATE and commits with synchronous=FULL in WAL mode. What the machine
stands in the way of is told as DatabaseFailedError (`failures.py`). Errors never show a
statement's values: they may be a digest beside choices, and errors are logged.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError

from ballot.language import Text
from ballot.storage.failures import (
    DatabaseFailedError,
    DatabaseUnreachableError,
    reason_of,
    telling_failures,
)
from ballot.storage.quick import Direct, Reader, Writer
from ballot.storage.turn import Turn

__all__ = ["Connection", "Database", "DatabaseFailedError", "DatabaseUnreachableError"]

THREADS: Final = 40
_BUSY_SECONDS: Final = 3  # for a program that does not ask for the turn; a voter waits meanwhile
_CONNECT_SECONDS: Final = 10


class Database:
    """A database by its URL (`sqlite:///FILE` or `postgresql+psycopg://…`)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:") else None
        if self.path:
            _make_private_folder(self.path.parent)
            self._turn = Turn(self.path.with_name(self.path.name + ".turn"))
        self.engine = _sqlite(url) if self.path else _postgresql(url)
        self.refused: list[Callable[[], None]] = []
        self.reader = Reader(self.engine, self._tell_refusal)
        self._writer = Writer(self.engine, self._tell_refusal)

    @property
    def on_sqlite(self) -> bool:
        """Whether this is SQLite."""
        return self.path is not None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that reads one consistent state."""
        with telling_failures(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection whose work is committed as a whole, or undone."""
        with self.turn(), self._connect_to_write() as connection, connection.begin():
            try:
                yield connection
            except self.engine.dialect.loaded_dbapi.Error:  # of a quick statement
                self._tell_refusal()
                raise

    @contextmanager
    def write_quickly(self) -> Iterator[Direct]:
        """Give what `write` gives, for quick statements only, without SQLAlchemy around them."""
        with self.turn(), telling_failures(), self._writer.transaction() as transaction:
            yield transaction

    def _tell_refusal(self) -> None:
        """Tell whoever counts that the driver refused a statement; SQLAlchemy tells of its own."""
        for tell in self.refused:
            tell()

    @contextmanager
    def migrate(self) -> Iterator[Connection]:
        """Give a connection that may rebuild tables: references are checked at the end instead."""
        with self.turn(), self._connect_to_write() as connection:
            raw: Any = connection.connection.dbapi_connection
            if self.on_sqlite:
                raw.execute("PRAGMA foreign_keys = OFF")  # has no effect inside a transaction
            with connection.begin():
                yield connection
                if self.on_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").all():
                    raise RuntimeError("a migration broke a reference")
            if self.on_sqlite:
                raw.execute("PRAGMA foreign_keys = ON")

    def require_writable(self) -> None:
        """Make sure that this process may write, by a change of nothing.

        Raises: DatabaseFailedError, FileFailedError.
        """
        with self.write() as connection:
            connection.execute(text("UPDATE installation SET id = id WHERE id < 0"))

    @contextmanager
    def outside_transactions(self) -> Iterator[Connection]:
        """Give a connection without a transaction, for VACUUM and checkpoints."""
        with self.turn(), telling_failures(), self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn at writing (SQLite); PostgreSQL orders writers itself."""
        with self._turn.taken() if self.path else nullcontext():
            yield

    @contextmanager
    def _connect_to_write(self) -> Iterator[Connection]:
        try:
            with telling_failures(), self.engine.connect() as connection:
                yield connection.execution_options(ballot_writes=True)
        except DatabaseFailedError:
            if self.path:  # what was opened while the file could not be written stays so for good
                self.engine.dispose()
            raise

    def close(self) -> None:
        """Give every connection back."""
        self.reader.close()
        self._writer.close()
        self.engine.dispose()
        if self.path:
            self._turn.close()


def _make_private_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = Text("%(path)s：%(reason)s", path=folder, reason=reason_of(error))
        raise DatabaseUnreachableError(reason=reason) from error


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=THREADS,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": _BUSY_SECONDS},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """Set what every connection needs; transactions are begun by `_begin_sqlite` alone."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "trusted_schema = OFF",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("ballot_writes") else "BEGIN")


def _postgresql(url: str) -> Engine:
    return create_engine(
        url,
        pool_size=THREADS,
        max_overflow=0,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"connect_timeout": _CONNECT_SECONDS},
    )


def explain_unreachable(error: OperationalError) -> DatabaseUnreachableError:
    """Return the error a person can act on, without the address's password."""
    lines = str(error.orig).strip().splitlines()
    return DatabaseUnreachableError(reason=lines[0] if lines else "")


def sqlite_version(connection: Connection) -> str:
    """Return the version of the SQLite library in use."""
    return str(connection.execute(text("SELECT sqlite_version()")).scalar_one())


def restrict(path: Path) -> None:
    """Let only the owner read a file."""
    if path.exists():
        os.chmod(path, 0o600)
