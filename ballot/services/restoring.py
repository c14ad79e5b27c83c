"""Restoring a backup into an empty place: all of it, checked, or nothing."""

import glob
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from ballot.domain import events as chain
from ballot.domain.keys import Keys
from ballot.errors import OperationError
from ballot.language import N_
from ballot.services.backup import give_name, working_name
from ballot.services.backup_form import Backup, Header, Progress
from ballot.settings import Settings
from ballot.storage import backup as stored
from ballot.storage import events, private_file, schema, secret_file
from ballot.storage import restoring as into
from ballot.storage.database import Connection, Database
from ballot.storage.turn import claim_for_serving


class BackupUnreadableError(OperationError):
    """The file cannot be opened."""

    message = N_("备份 %(path)s 读不出来：%(reason)s。")


class SecretNeededError(OperationError):
    """The backup has no secret in it, and none is at hand."""

    message = N_(
        "这份备份不含密钥。请先把指纹为 %(wanted)s 的密钥文件放到 %(path)s"
        "（变量 BALLOT_SECRET_FILE），再恢复。"
    )


class OtherSecretError(OperationError):
    """The secret that is there is not the backup's."""

    message = N_(
        "备份需要指纹为 %(wanted)s 的密钥，而密钥文件 %(path)s 的指纹是 %(found)s，没有覆盖它。"
        "请用 BALLOT_SECRET_FILE 指明另一个文件，或先把它移走。"
    )


class PlaceNotWritableError(OperationError):
    """The place cannot be written to; nothing remains there."""

    message = N_("不能恢复到 %(place)s：%(reason)s。没有留下任何数据。")


def restore(
    settings: Settings,
    path: Path,
    *,
    by: str,
    now: datetime,
    progress: Progress = lambda *_: None,
) -> Header:
    """Bring back an installation from a backup of this or an earlier version.

    The secret comes from the backup, or has to be where the settings say. Nothing gets its name
    before everything is loaded and the event log is verified; if anything fails, what was made
    is removed.

    Raises: NotEmptyError, AlreadyServedError, BackupUnreadableError, SecretNeededError,
        OtherSecretError, UnknownRevisionError, NoRoomError, PlaceNotWritableError,
        BrokenLogError, and the errors of a file that is foreign, newer or damaged.
    """
    with _opened(path) as backup, ExitStack() as undo:
        header = backup.header
        schema.require_known(header.schema)
        try:
            _require_empty(settings)
            keys, name_secret = _secret(settings.secret_file, backup, undo)
            backup.check(keys)
            with _new_database(settings) as database, into.filling(database) as connection:
                _load(connection, backup, progress)
                _append(connection, header, by=by, now=now)
                name_secret()
        except FileExistsError as error:  # somebody was faster
            raise into.NotEmptyError(found=error.filename2 or error.filename) from error
        except OSError as error:
            place = error.filename or settings.folder
            raise PlaceNotWritableError(place=place, reason=error.strerror or error) from error
        undo.pop_all()
    return header


@contextmanager
def _opened(path: Path) -> Iterator[Backup]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupUnreadableError(path=path, reason=error.strerror or error) from error
    with file:
        yield Backup(path, file)


def _require_empty(settings: Settings) -> None:
    """Refuse a place where something is, before anything is done.

    A log left beside an SQLite file that is gone would be played into the new one.
    """
    if settings.sqlite_file is None:
        database = Database(settings.database_url)
        try:
            table = stored.found_in(database)
        finally:
            database.close()
        if table:
            raise into.NotEmptyError(found=table)
        return
    for suffix in ("", "-wal", "-journal"):
        found = Path(f"{settings.sqlite_file}{suffix}")
        if found.exists():
            raise into.NotEmptyError(found=found)


def _secret(path: Path, backup: Backup, undo: ExitStack) -> tuple[Keys, Callable[[], None]]:
    """Return the keys, and what gives a secret file that came with the backup its name.

    A secret that is there is kept if it is the right one, and never replaced.
    """
    header = backup.header
    if path.exists():
        keys = secret_file.load(path)
        if keys.fingerprint != header.fingerprint:
            raise OtherSecretError(wanted=header.fingerprint, found=keys.fingerprint, path=path)
        return keys, lambda: None
    if header.secret is None:
        raise SecretNeededError(wanted=header.fingerprint, path=path)
    _make_folder(path.parent, undo)
    _remove_parts(path)  # of a restore that was killed
    part = working_name(path)
    undo.callback(part.unlink, missing_ok=True)
    with private_file.new_file(part) as file:
        file.write(header.secret.encode("utf-8", "replace"))
    try:
        keys = secret_file.load(part)
    except secret_file.SecretFileError:
        raise backup.bad_secret() from None
    if keys.fingerprint != header.fingerprint:
        raise backup.bad_secret()

    def name() -> None:
        give_name(part, path)
        undo.callback(path.unlink)
        private_file.sync(path.parent)

    return keys, name


def _make_folder(folder: Path, undo: ExitStack) -> None:
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        undo.callback(_remove_empty, folder)


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # something else lives there by now
        folder.rmdir()


@contextmanager
def _new_database(settings: Settings) -> Iterator[Database]:
    """Give a database that is there for others only when the block has succeeded."""
    if settings.sqlite_file is None:
        database = Database(settings.database_url)
        try:
            yield database  # its one transaction is all or nothing
        finally:
            database.close()
        return
    with _new_file(settings.sqlite_file) as part:
        database = Database(f"sqlite:///{part}")
        try:
            yield database
        finally:
            database.close()


@contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """Give a private working file for an SQLite database; it gets its name when all is done."""
    with ExitStack() as undo:
        _make_folder(path.parent, undo)
        with ExitStack() as always:
            always.callback(os.close, claim_for_serving(path))
            always.callback(_remove_parts, path)  # also of killed ones: the claim says we are alone
            part = working_name(path)
            private_file.make(part)
            yield part
            give_name(part, path)
            private_file.sync(path.parent)
        undo.pop_all()


def _remove_parts(path: Path) -> None:
    """Remove working files that bear a file's name in theirs."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part*"):
        left.unlink(missing_ok=True)


def _load(connection: Connection, backup: Backup, progress: Progress) -> None:
    """Load every table, bring it up to date, and verify what can only be verified there."""
    header = backup.header
    done = 0

    def rows_of(shape: stored.Shape) -> Iterator[stored.Row]:
        nonlocal done
        for row in backup.rows(shape):
            yield row
            done += 1
            progress(done, header.rows)

    try:
        into.fill(connection, header.schema, header.tables, rows_of)
    except into.MisfitError as error:
        raise backup.misfit(error.table) from error
    schema.build(connection, schema.LATEST)
    try:
        head = chain.verify(events.every(connection))
    except (ValueError, RecursionError):  # what it tells is no JSON
        head = ""
    if head != header.log_head:
        raise backup.misfit("events")
    if schema.fingerprint(connection) != header.fingerprint:
        raise backup.misfit("installation")


def _append(connection: Connection, header: Header, *, by: str, now: datetime) -> None:
    events.append(
        connection,
        now=now,
        actor=by,
        action="backup restored",
        made_at=header.made_at.isoformat(timespec="seconds"),
        schema=header.schema,
    )
