"""Files that are complete under their name or not there at all, for their owner only."""

import os
import shutil
from pathlib import Path
from typing import BinaryIO

from ballot.errors import OperationError, RefusedError
from ballot.language import N_
from ballot.storage.private_file import new_file, sync


class FileExistsAlreadyError(RefusedError):
    """A file of that name is there; nothing is overwritten."""

    message = N_("文件 %(path)s 已经存在。请换一个文件名，或先把它移走。")


class FileNotWrittenError(OperationError):
    """The file cannot be written; nothing is left under its name."""

    message = N_("文件 %(path)s 写不成：%(reason)s。")


def write_new(path: Path, content: BinaryIO) -> None:
    """Write a new file, mode 0600, and give it its name once it is on disk.

    Raises: FileExistsAlreadyError, FileNotWrittenError.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with new_file(part) as file:
            shutil.copyfileobj(content, file)
        os.link(part, path)  # unlike a rename, never replaces a file
        sync(path.parent)
    except FileExistsError:
        raise FileExistsAlreadyError(path=path) from None
    except OSError as error:
        raise FileNotWrittenError(path=path, reason=error.strerror or error) from error
    finally:
        part.unlink(missing_ok=True)
