"""Bringing a database to the present schema, and tying it to the installation's secret."""

import logging
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, insert, inspect, select, text

from ballot.domain.keys import Keys
from ballot.errors import OperationError
from ballot.language import N_
from ballot.storage import secret_file
from ballot.storage.database import Database, DatabaseFailedError, restrict
from ballot.storage.tables import installation

if TYPE_CHECKING:  # only a start that finds an old schema pays for this import
    from alembic.config import Config

logger = logging.getLogger(__name__)

LATEST: Final = "0013"
_MIGRATION_LOCK: Final = 0x62616C6C6F74


class UnknownRevisionError(OperationError):
    """The data was written by a newer version of this program."""

    message = N_(
        "数据来自本程序更新的版本（结构版本 %(found)s，本程序只到 %(latest)s），没有作任何改动。"
        "请换用更新的程序。"
    )


def prepare(database: Database, path: Path, now: datetime) -> Keys:
    """Bring the schema up to date and return the keys that belong to this database.

    A new database gets a new secret file unless one is there. A known database insists on the
    secret it was set up with.

    Raises: WrongSecretError, SecretFileError, DatabaseUnreachableError, FileFailedError,
        UnknownRevisionError for a database that a newer version of this program wrote.
    """
    try:
        with database.read() as connection:
            ready = _version(connection) == LATEST
            wanted = fingerprint(connection) if ready else None
        if wanted is None:
            wanted = _set_up(database, path, now)
    except DatabaseFailedError as error:
        raise error.at_opening(database.path) from error
    keys = secret_file.load(path)
    if keys.fingerprint != wanted:
        raise secret_file.WrongSecretError(wanted=wanted, found=keys.fingerprint, path=path)
    return keys


def _set_up(database: Database, path: Path, now: datetime) -> str:
    """Migrate and, in a new database, note the secret's fingerprint; return the noted one."""
    with database.migrate() as connection:
        _migrate(connection)
        wanted = fingerprint(connection)
        if wanted is None:
            keys = secret_file.load_or_create(path)
            wanted = keys.fingerprint
            connection.execute(
                insert(installation).values(id=1, key_fingerprint=wanted, created_at=now)
            )
    if database.path:
        restrict(database.path)
    return wanted


def fingerprint(connection: Connection) -> str | None:
    """Return the fingerprint of the secret that a database belongs to."""
    return connection.scalar(select(installation.c.key_fingerprint))


def _migrate(connection: Connection) -> None:
    hold(connection)
    found = _version(connection)
    if found == LATEST:
        return
    if found is not None:
        require_known(found)
    build(connection, LATEST)
    logger.info("schema brought to version %s", LATEST)


def hold(connection: Connection) -> None:
    """Keep other starts from changing the schema until the commit (SQLite: the turn does)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})


def revisions() -> list[str]:
    """Return every version the schema has had, oldest first."""
    from alembic.script import ScriptDirectory

    steps = ScriptDirectory.from_config(_config()).walk_revisions()
    return [step.revision for step in steps][::-1]


def require_known(revision: str) -> None:
    """Refuse a version of the schema that this program has never heard of.

    Raises: UnknownRevisionError.
    """
    if revision not in revisions():
        raise UnknownRevisionError(found=revision, latest=LATEST)


def build(connection: Connection, revision: str) -> None:
    """Bring the tables from whatever version they have to a later one; an empty database too."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "ballot:storage/migrations")
    return config


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
