"""Backing up: the whole installation in one file, while the server goes on."""

import errno
import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from ballot.domain import events as chain
from ballot.domain.keys import Keys
from ballot.domain.polls import Phase, Poll
from ballot.errors import OperationError
from ballot.language import N_
from ballot.services import backup_form, closing
from ballot.services.backup_form import Header, Progress
from ballot.services.start import open_installation
from ballot.settings import Settings
from ballot.storage import backup as stored
from ballot.storage import events, paper_votes, polls, schema
from ballot.storage.database import Connection, Database
from ballot.storage.private_file import new_file, sync

_BESIDE: Final = ("", "-wal", "-shm", "-journal", ".turn", ".served")


class NothingToBackUpError(OperationError):
    """There is no installation where the settings point."""

    message = N_("这里还没有数据，没有可备份的：%(place)s。请检查 BALLOT_FOLDER 等设置。")


class BackupExistsError(OperationError):
    """The backup would replace a file."""

    message = N_("文件 %(path)s 已经存在，没有覆盖。要覆盖请加 --replace。")


class OwnFileError(OperationError):
    """The backup would replace the installation itself."""

    message = N_("文件 %(path)s 正是要备份的数据或密钥，不能用作备份的文件名。")


class BackupNotWritableError(OperationError):
    """The file cannot be written; nothing of it remains."""

    message = N_("备份 %(path)s 写不成：%(reason)s。没有留下文件。")


def back_up(
    settings: Settings,
    path: Path,
    *,
    with_secret: bool,
    replace: bool,
    by: str,
    now: datetime,
    progress: Progress = lambda *_: None,
) -> tuple[Header, bool]:
    """Write everything into one file, complete under its name or not there, its owner's only.

    Return what the file says of itself, and whether the event log could note that it was made.

    Raises: NothingToBackUpError, BackupExistsError, OwnFileError, BackupNotWritableError,
        BrokenLogError for a log that could not be restored; those of a start.
    """
    _require_free(settings, path, replace)
    database, keys = _open_existing(settings, now)
    try:
        noted = _note(database, with_secret=with_secret, by=by, now=now)
        with stored.snapshot(database) as connection:
            secret = settings.secret_file.read_text("ascii") if with_secret else None
            header = _header(connection, settings, keys, secret, now)
            _write(path, header, connection, keys, replace, progress)
    finally:
        database.close()
    return header, noted


def _require_free(settings: Settings, path: Path, replace: bool) -> None:
    own = [settings.secret_file]
    if settings.sqlite_file:
        own += [Path(f"{settings.sqlite_file}{suffix}") for suffix in _BESIDE]
    try:
        if path.resolve() in [each.resolve() for each in own]:
            raise OwnFileError(path=path)
        if path.exists() and not replace:
            raise BackupExistsError(path=path)
    except OSError as error:
        raise BackupNotWritableError(path=path, reason=error.strerror or error) from error


def _open_existing(settings: Settings, now: datetime) -> tuple[Database, Keys]:
    """Open the installation, but never make one: its backup would hold nothing."""
    if settings.sqlite_file is None:
        database = Database(settings.database_url)
        try:
            there = stored.found_in(database) is not None
        finally:
            database.close()
        place = "PostgreSQL"
    else:
        there, place = settings.sqlite_file.exists(), str(settings.sqlite_file)
    if not there:
        raise NothingToBackUpError(place=place)
    return open_installation(settings, now)


def _note(database: Database, *, with_secret: bool, by: str, now: datetime) -> bool:
    with database.read() as connection:
        linked = [poll.id for poll in _linkable(connection)]
    return stored.note(
        database,
        now=now,
        actor=by,
        action="backup begun",
        with_secret=with_secret,
        open_polls=linked,
    )


def _linkable(connection: Connection) -> list[Poll]:
    """Return the polls whose votes still lie beside their ballots, or papers beside their slips."""
    papers = paper_votes.pending(connection)
    return [
        poll
        for poll in polls.every(connection)
        if poll.phase is Phase.OPEN
        or 0 < poll.closing_step < closing.SCRUBBED
        or (poll.id in papers and poll.phase is Phase.CLOSED)
    ]


def _header(
    connection: Connection, settings: Settings, keys: Keys, secret: str | None, now: datetime
) -> Header:
    head = chain.verify(events.every(connection))
    last = events.last(connection)
    return Header(
        schema=schema.LATEST,
        fingerprint=keys.fingerprint,
        made_at=max(now, last.at) if last else now,
        public_url=settings.public_url,
        log_head=head,
        open_polls=tuple(poll.title for poll in _linkable(connection)),
        secret=secret,
        tables=stored.shapes(connection),
    )


def _write(
    path: Path,
    header: Header,
    connection: Connection,
    keys: Keys,
    replace: bool,
    progress: Progress,
) -> None:
    part = working_name(path)
    try:
        with new_file(part) as file:
            backup_form.write(
                file, header, lambda table: stored.rows(connection, table), keys, progress
            )
        if replace:
            os.replace(part, path)
        else:
            give_name(part, path)
        sync(path.parent)
    except FileExistsError:
        raise BackupExistsError(path=path) from None
    except OSError as error:
        raise BackupNotWritableError(path=path, reason=error.strerror or error) from error
    finally:
        with suppress(OSError):
            part.unlink()


def working_name(path: Path) -> Path:
    """Return the hidden name beside a file under which it is written."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def give_name(part: Path, path: Path) -> None:
    """Give a complete file its name, unless that is taken.

    Raises: FileExistsError.
    """
    try:
        os.link(part, path)  # unlike a rename, never replaces a file
    except FileExistsError:
        raise
    except OSError:  # a stick or share without links
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.rename(part, path)
    else:
        part.unlink()
