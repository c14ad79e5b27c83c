"""Bringing a database to the present schema, and tying it to the installation's secret."""

import logging
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, insert, inspect, select, text
from sqlalchemy.exc import OperationalError

from ballot.domain.keys import Keys
from ballot.storage import secret_file
from ballot.storage.database import Database, explain_unreachable, restrict
from ballot.storage.tables import installation

logger = logging.getLogger(__name__)

LATEST: Final = "0001"
_MIGRATION_LOCK: Final = 0x62616C6C6F74


def prepare(database: Database, path: Path, now: datetime) -> Keys:
    """Bring the schema up to date and return the keys that belong to this database.

    A new database gets a new secret file unless one is there. A known database insists on the
    secret it was set up with.

    Raises: WrongSecretError, SecretFileError, DatabaseUnreachableError.
    """
    try:
        with database.read() as connection:
            ready = _version(connection) == LATEST
            wanted = connection.scalar(select(installation.c.key_fingerprint)) if ready else None
        if wanted is None:
            wanted = _set_up(database, path, now)
    except OperationalError as error:
        raise explain_unreachable(error) from error
    keys = secret_file.load(path)
    if keys.fingerprint != wanted:
        raise secret_file.WrongSecretError(wanted=wanted, found=keys.fingerprint, path=path)
    return keys


def _set_up(database: Database, path: Path, now: datetime) -> str:
    """Migrate and, in a new database, note the secret's fingerprint; return the noted one."""
    with database.migrate() as connection:
        _migrate(connection)
        wanted = connection.scalar(select(installation.c.key_fingerprint))
        if wanted is None:
            keys = secret_file.load(path) if path.exists() else secret_file.create(path)
            wanted = keys.fingerprint
            connection.execute(
                insert(installation).values(id=1, key_fingerprint=wanted, created_at=now)
            )
    if database.path:
        restrict(database.path)
    return wanted


def _migrate(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    if _version(connection) == LATEST:
        return
    from alembic import command  # only a start that finds an old schema pays for this import
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "ballot:storage/migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    logger.info("schema brought to version %s", LATEST)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
