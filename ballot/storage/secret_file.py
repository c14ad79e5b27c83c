"""The secret file: two random keys outside the database, made exclusively, for its owner only."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from ballot.domain.keys import Keys
from ballot.errors import OperationError
from ballot.language import N_, Text
from ballot.storage.failures import FileFailedError, reason_of
from ballot.storage.private_file import new_file, sync

_NAMES: Final = ("ballots", "sessions")
_KEY_BYTES: Final = 32


class SecretFileError(OperationError):
    """The secret file is missing, unreadable or not what it should be."""

    message = N_("密钥文件 %(path)s 不可用：%(reason)s。请从备份恢复这个文件。")


class WrongSecretError(OperationError):
    """The database was set up with another secret."""

    message = N_(
        "数据库是用指纹为 %(wanted)s 的密钥建立的，而密钥文件 %(path)s 的指纹是 %(found)s。"
        "请换回原来的密钥文件（变量 BALLOT_SECRET_FILE），否则已印的票都将失效。"
    )


def load(path: Path) -> Keys:
    """Return the keys that a secret file holds.

    Raises: SecretFileError.
    """
    try:
        text = path.read_text("ascii")
    except OSError as error:
        raise SecretFileError(path=path, reason=reason_of(error)) from None
    except UnicodeDecodeError:
        text = ""
    lines = text.split()
    found = dict(zip(lines[::2], lines[1::2], strict=False))
    try:
        values = [bytes.fromhex(found[name]) for name in _NAMES]
    except (KeyError, ValueError):
        values = []
    if [len(value) for value in values] != [_KEY_BYTES] * len(_NAMES):
        raise SecretFileError(path=path, reason=Text("内容不完整，或不是密钥文件"))
    return Keys.from_secrets(*values)


def load_or_create(path: Path) -> Keys:
    """Return the keys of a secret file, which is made if it is not there.

    Raises: SecretFileError, FileFailedError.
    """
    return load(path) if os.path.exists(path) else create(path)  # False where one may not look


def create(path: Path) -> Keys:
    """Make the secret file, readable by its owner only, and return its keys.

    The file is complete on disk under its own name or not there at all; if another process made
    it first, that one is used.

    Raises: FileFailedError if it cannot be made; SecretFileError if the one made first is damaged.
    """
    try:
        _write(path)
    except OSError as error:
        raise FileFailedError(path=path, reason=reason_of(error)) from error
    return load(path)


def _write(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with new_file(part) as file:
            for name in _NAMES:
                file.write(f"{name} {secrets.token_hex(_KEY_BYTES)}\n".encode("ascii"))
        with suppress(FileExistsError):
            os.link(part, path)  # unlike a rename, never replaces a file
    finally:
        with suppress(OSError):  # what is told is why writing failed
            part.unlink()
    sync(path.parent)
