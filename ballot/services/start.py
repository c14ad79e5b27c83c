"""Opening an installation: its database at the present schema, and the keys that belong to it."""

from datetime import datetime

from ballot.clock import SteadyClock
from ballot.domain import events as chain
from ballot.domain.keys import Keys
from ballot.settings import Settings
from ballot.storage import events, schema
from ballot.storage.database import Database, sqlite_version


def open_installation(settings: Settings, now: datetime) -> tuple[Database, Keys]:
    """Return the database and the keys, making both at the very first start.

    Raises: OperationError's family, each with a sentence that says which file it wants.
    """
    database = Database(settings.database_url)
    try:
        return database, schema.prepare(database, settings.secret_file, now)
    except BaseException:
        database.close()
        raise


def steady_clock(database: Database) -> SteadyClock:
    """Return a clock that never tells a time before the latest one stored."""
    with database.read() as connection:
        event = events.last(connection)
    return SteadyClock(event.at if event else None)


def verify_log(database: Database) -> str:
    """Check the event log from its start and return its head.

    Raises: BrokenLogError.
    """
    with database.read() as connection:
        return chain.verify(events.every(connection))


def describe(database: Database) -> str:
    """Return which database this is, as the start of a server tells it: no password."""
    if database.path is None:
        return "PostgreSQL"
    with database.read() as connection:
        return f"{database.path} (SQLite {sqlite_version(connection)})"
