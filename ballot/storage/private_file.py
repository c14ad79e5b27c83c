"""New files for their owner only, and what makes them survive a power cut."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Give a new file, mode 0600, to write; once the block has ended it is on disk.

    Raises: OSError, FileExistsError if a file of that name is there.
    """
    with os.fdopen(_made(path), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def make(path: Path) -> None:
    """Make an empty file, mode 0600, for others to write to by its name.

    Raises: OSError, FileExistsError if a file of that name is there.
    """
    os.close(_made(path))


def _made(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def sync(path: Path) -> None:
    """Make what was written to a file, or the new names in a folder, survive a power cut.

    Raises: OSError.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
