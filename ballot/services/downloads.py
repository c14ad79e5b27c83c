"""The folder of finished jobs' files, beside the data: for its owner only, names by chance.

One worker at a time holds the folder; what it says of a running job there is true. Files that no
job speaks of are removed, whoever left them.
"""

import fcntl
import os
import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from ballot.domain.jobs import Job
from ballot.errors import NotFoundError, RefusedError
from ballot.language import N_
from ballot.storage.failures import FileFailedError, reason_of
from ballot.storage.private_file import sync

FOLDER: Final = "downloads"
_HELD: Final = ".worker"
_NAME: Final = re.compile("[0-9a-f]{32}")


class FileGoneError(NotFoundError):
    """The file is not there any more."""

    message = N_("这份文件已不在服务器上。")


class BeingFetchedError(RefusedError):
    """Somebody else's download is on its way."""

    message = N_("这份文件正在下载中。下载没有完成的，请稍候再试。")


class Downloads:
    """The folder; `held` tells which one it is, once this process holds it."""

    def __init__(self, data: Path) -> None:
        self.folder = data / FOLDER
        self._lock: int | None = None
        self._place = ""

    @property
    def there(self) -> bool:
        """Tell whether anything was ever put there."""
        return self.folder.is_dir()

    @property
    def lock(self) -> int:
        """Return the descriptor that holds the folder, for a child process to inherit."""
        if self._lock is None:
            raise RuntimeError("the folder is not held")
        return self._lock

    def place(self) -> str:
        """Return what tells this folder from those of other machines; empty if it is not there."""
        with suppress(OSError):
            self._place = self._place or (self.folder / _HELD).read_text("ascii")
        return self._place

    def hold(self) -> bool:
        """Become the one who does jobs here, until this process and its heirs have ended.

        Raises: FileFailedError if the folder cannot be made.
        """
        if self._lock is not None:
            return True
        path = self.folder / _HELD
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FileFailedError(path=path, reason=reason_of(error)) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        if not os.fstat(lock).st_size:
            os.write(lock, secrets.token_hex(16).encode("ascii"))
            os.fsync(lock)
        self._lock = lock
        return True

    def let_go(self) -> None:
        """Let another worker have the folder."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def path(self, name: str) -> Path:
        """Return where a file is."""
        if not _NAME.fullmatch(name):
            raise ValueError("not a name of a download")
        return self.folder / name

    def names(self) -> set[str]:
        """Return what lies in the folder."""
        with suppress(FileNotFoundError):
            return {path.name for path in self.folder.iterdir()} - {_HELD}
        return set()

    def remove(self, name: str) -> None:
        """Remove a file, or whatever else bears the name, if it is there."""
        path = self.folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
            return
        with suppress(OSError):
            path.unlink()

    def sync(self) -> None:
        """Make new names survive a power cut."""
        sync(self.folder)

    def open(self, job: Job) -> BinaryIO:
        """Open a finished job's file, for one reader at a time.

        Raises: FileGoneError, BeingFetchedError.
        """
        if not job.has_file or job.file is None:
            raise FileGoneError
        try:
            file = self.path(job.file).open("rb")
        except OSError:
            raise FileGoneError from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise BeingFetchedError from None
        return file


def new_name() -> str:
    """Return a name that nobody guesses."""
    return secrets.token_hex(16)
