"""A turn at writing: on SQLite one process and one thread at a time, in order of asking.

SQLite allows one writer and would make the others poll; and before 3.51.3 its write-ahead log has
a fault that several writing processes can meet (www.sqlite.org/wal.html, "the WAL-reset bug").
A lock on a file beside the database gives each writer its turn instead.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ballot.errors import OperationError
from ballot.language import N_
from ballot.storage.failures import FileFailedError, reason_of


class AlreadyServedError(OperationError):
    """Another server holds this database."""

    message = N_("另一个服务已在使用数据库 %(path)s。请先停止它，或为这一个换一个数据库。")


class Turn:
    """A lock shared by the threads of this process and by other processes through a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = threading.Lock()
        self._file: int | None = None
        self._owner = os.getpid()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn and hold it.

        Raises: FileFailedError if its file cannot be made.
        """
        with self._thread:
            descriptor = self._descriptor()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _descriptor(self) -> int:
        """Return this process's own descriptor: one inherited by a fork would share the lock."""
        if self._file is None or self._owner != os.getpid():
            self._file = _lock_file(self._path)
            self._owner = os.getpid()
        return self._file

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None and self._owner == os.getpid():
            os.close(self._file)
        self._file = None


def _lock_file(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FileFailedError(path=path, reason=reason_of(error)) from error


_SERVED: Final = ".served"


def claim_for_serving(database: Path) -> int:
    """Become the one server of an SQLite file; the returned descriptor holds the claim.

    The claim ends with the last process that inherited the descriptor, so an orphaned child of a
    killed server still keeps others out.

    Raises: AlreadyServedError; FileFailedError if its file cannot be made.
    """
    descriptor = _lock_file(database.with_name(database.name + _SERVED))
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise AlreadyServedError(path=database) from None
    os.set_inheritable(descriptor, True)
    return descriptor
