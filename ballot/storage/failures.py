"""What keeps a file or the database from being used, in words that a person can act on.

Only failures of the machine and its set-up are told so: a full disk, a lock, a missing right, a
damaged file, a server that is away. Any other error of the database is a bug and stays one.
"""

import errno
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError

from ballot.errors import OperationError
from ballot.language import N_, Text

_FULL: Final = N_("磁盘已满，或超出了限额")
_NO_RIGHT: Final = N_("没有读写的权限")

_BY_ERRNO: Final[Mapping[int, str]] = {
    errno.EACCES: _NO_RIGHT,
    errno.EPERM: _NO_RIGHT,
    errno.EROFS: _NO_RIGHT,
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.ENOENT: N_("文件不存在"),
    errno.EISDIR: N_("这是一个文件夹"),
    errno.ENOTDIR: N_("路径中有一段不是文件夹"),
}
_BY_SQLITE_CODE: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_BUSY: N_("另一个程序正占用着它"),
    sqlite3.SQLITE_PROTOCOL: N_("另一个程序正占用着它"),
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: N_("磁盘读写失败（可能已满或损坏）"),
    sqlite3.SQLITE_PERM: _NO_RIGHT,
    sqlite3.SQLITE_READONLY: _NO_RIGHT,
    sqlite3.SQLITE_CANTOPEN: N_("打不开文件，请检查文件夹的权限"),
    sqlite3.SQLITE_CORRUPT: N_("文件已损坏，请从备份恢复"),
    sqlite3.SQLITE_NOTADB: N_("文件已损坏，或不是数据库，请从备份恢复"),
}
_READ_ONLY: Final = "25006"  # PostgreSQL: a standby, or a database set so
_ROW: Final = re.compile(r"\nDETAIL:.*?(?=\n\[|\Z)", re.DOTALL)
_PRIMARY: Final = 0xFF  # SQLite's extended codes keep the primary one in the lowest byte


class DatabaseUnreachableError(OperationError):
    """The database cannot be opened."""

    message = N_("数据库打不开：%(reason)s")


class DatabaseFailedError(DatabaseUnreachableError):
    """The database, opened before, cannot be used now; what was not committed is undone."""

    message = N_("数据库暂时不能使用：%(reason)s")

    def __init__(self, *, reason: Text | str) -> None:
        super().__init__(reason=reason)
        self.reason = reason

    def at_opening(self, path: Path | None) -> DatabaseUnreachableError:
        """Return the error for a database that cannot even be opened; an SQLite file is named."""
        told = Text("%(path)s：%(reason)s", path=path, reason=self.reason) if path else self.reason
        return DatabaseUnreachableError(reason=told)


class FileFailedError(OperationError):
    """A file or folder of the installation cannot be made, opened or written."""

    message = N_(
        "数据文件 %(path)s 不能使用：%(reason)s。请检查它和所在文件夹的权限，以及磁盘空间。"
    )


def reason_of(error: OSError) -> Text | str:
    """Return why the system refused, in words where we have them."""
    known = _BY_ERRNO.get(error.errno or 0)
    return Text(known) if known else error.strerror or type(error).__name__


@contextmanager
def telling_failures() -> Iterator[None]:
    """Turn the failures of a database, SQLite's or PostgreSQL's, into errors for people.

    Other errors pass, but without what PostgreSQL tells of the row: it may be a digest, or choices
    beside it, and errors are logged.

    Raises: DatabaseFailedError.
    """
    try:
        yield
    except Exception as error:
        driver = error.orig if isinstance(error, DBAPIError) else error
        for told in (error, driver):
            if told is not None and _of_a_driver(driver):
                told.args = tuple(_ROW.sub("", str(each)) for each in told.args)
        reason = _reason(driver)
        if reason is None:
            raise
        raise DatabaseFailedError(reason=reason) from error


def _of_a_driver(error: BaseException | None) -> bool:
    """Tell whether an error is one of a database's driver. Source: PEP 249."""
    return "DatabaseError" in _names(error)


def _names(error: BaseException | None) -> list[str]:
    return [family.__name__ for family in type(error).__mro__]


def _reason(error: BaseException | None) -> Text | str | None:
    """Return what is wrong with the machine, or None if the error is a bug."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)  # none: a mistake in calling SQLite
        known = None if code is None else _BY_SQLITE_CODE.get(code & _PRIMARY)
        return Text(known) if known else None
    if not _of_a_driver(error):
        return None
    if getattr(error, "sqlstate", None) == _READ_ONLY:
        return Text(_NO_RIGHT)
    if "OperationalError" not in _names(error):
        return None
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
