"""What can be watched of the database: whether it answers, its errors, its size."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from sqlalchemy import event, func, select
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError

from ballot.domain.polls import Phase
from ballot.storage.database import Connection, Database
from ballot.storage.tables import installation, polls

_ONE_ROW = select(installation.c.id)


def answers(database: Database) -> bool:
    """Tell whether the database answers; costs one read of one row."""
    try:
        with database.read() as connection:
            return connection.execute(_ONE_ROW).first() is not None
    except SQLAlchemyError:
        return False


def call_on_errors(database: Database, failed: Callable[[], None]) -> None:
    """Call `failed` for each statement or commit that the database refuses from now on."""

    def refused(context: ExceptionContext) -> None:
        if not context.is_pre_ping:  # an old connection that is replaced, which harms nobody
            failed()

    event.listen(database.engine, "handle_error", refused)
    database.refused.append(failed)


def phases(connection: Connection) -> Mapping[Phase, int]:
    """Return how many polls are in each phase that has any."""
    statement = select(polls.c.phase, func.count()).group_by(polls.c.phase)
    return {Phase(phase): number for phase, number in connection.execute(statement)}


def size(connection: Connection, database: Database) -> int:
    """Return how many bytes the database takes on its disk, its write-ahead log included.

    PostgreSQL tells the size without its log, which all its databases share.
    """
    if database.path is None:
        return int(connection.execute(func.pg_database_size(func.current_database())).scalar_one())
    total = 0
    for ending in ("", "-wal"):
        with suppress(FileNotFoundError):  # the log comes and goes
            total += database.path.with_name(database.path.name + ending).stat().st_size
    return total
