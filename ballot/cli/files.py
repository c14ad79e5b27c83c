"""Reading the files that commands are given: never more of one than such a file can hold."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from ballot.errors import OperationError
from ballot.language import N_, Text
from ballot.scoring import Scheme, load_scheme, read_scheme

MOST_BYTES: Final = 5_000_000
"""Of any file; what reads it asks for less where it knows better."""


class FileUnreadableError(OperationError):
    """A file that was named cannot be read."""

    message = N_("文件 %(path)s 读不出来：%(reason)s。")


class FileUnwritableError(OperationError):
    """A file that was to be written cannot be."""

    message = N_("文件 %(path)s 写不成：%(reason)s。")


class FileTooLargeError(OperationError):
    """A file that was named is larger than any such file; it was not read."""

    message = N_("文件 %(path)s 太大，最多 %(most)s 字节。")


def content_of(path: Path) -> bytes:
    """Return what a file holds.

    Raises: FileUnreadableError, FileTooLargeError.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise FileUnreadableError(path=path, reason=error.strerror or error) from None
    if len(content) > MOST_BYTES:
        raise FileTooLargeError(path=path, most=MOST_BYTES)
    return content


def text_of(path: Path) -> str:
    """Return the text in a file: UTF-8, with a byte order mark or without.

    Raises: FileUnreadableError, FileTooLargeError.
    """
    try:
        return content_of(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnreadableError(path=path, reason=Text("文字编码须是 UTF-8")) from None


def scheme_of(name: str, settings: Mapping[str, str] = MappingProxyType({})) -> Scheme:
    """Return the preset of a name, or the scheme in a file whose name ends in `.toml`.

    Raises: UnknownSchemeError, FileUnreadableError, FileTooLargeError, MistakesError, SettingError.
    """
    if not name.endswith(".toml"):
        return load_scheme(name, settings)
    path = Path(name)
    return read_scheme(text_of(path), path.stem, settings)
