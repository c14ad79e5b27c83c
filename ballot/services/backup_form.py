"""The file that a backup is: lines of JSON, written in one pass and checked before it is believed.

    {header}             what it is, from when, of which schema and secret; tables with their sizes
    {"table": NAME}      then the rows of that table, one JSON list to a line; for every table
    {end}                the SHA-256 of each table's rows and of everything before, and the seal

The seal is an HMAC under a key derived from the installation's secret: who does not hold the secret
cannot change a backup and pass it off as ours. Nothing is compressed, so nothing can unfold to
more than its size; a line is read only up to a limit. Why: docs/decisions/0010-backup.md.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from ballot.domain.canonical import canonical
from ballot.domain.keys import Keys, hkdf
from ballot.errors import OperationError
from ballot.language import LANGUAGES, N_, Text
from ballot.storage.backup import Row, Shape

FORM: Final = "ballot backup"
VERSION: Final = 1
LONGEST_LINE: Final = 16 * 2**20

Progress = Callable[[int, int], None]
"""Hears how many rows are done, of how many."""


class ForeignFileError(OperationError):
    """The file is no backup."""

    message = N_("文件 %(path)s 不是民评的备份。")


class NewerBackupError(OperationError):
    """The form of the file is from a newer version of this program."""

    message = N_("备份 %(path)s 是更新的版本写的，本程序读不懂。请换用更新的程序。")


class DamagedBackupError(OperationError):
    """The file is not as it was written."""

    message = N_("备份 %(path)s 不完整或被改动过：%(what)s。没有恢复任何数据。")


@dataclass(frozen=True)
class Header:
    """What a backup says of itself.

    `schema`: the version of the tables. `log_head`: the event log's last hash. `public_url`: the
    address that slips were printed with. `open_polls`: titles of polls whose votes and ballots
    this file can link. `secret`: the text of the secret file, if it was asked for.
    """

    schema: str
    fingerprint: str
    made_at: datetime
    public_url: str
    log_head: str
    open_polls: tuple[str, ...]
    secret: str | None
    tables: tuple[Shape, ...]

    @property
    def rows(self) -> int:
        """Return the number of rows in all tables."""
        return sum(shape.rows for shape in self.tables)

    def number(self, table: str) -> int:
        """Return the number of rows of a table."""
        return sum(shape.rows for shape in self.tables if shape.name == table)

    def warnings(self) -> list[Text]:
        """Return what makes this file dangerous in the wrong hands."""
        told = []
        if self.open_polls:
            told.append(
                Text(
                    "注意：测评活动“%(titles)s”还没有结束，或还没有清理完毕：这份备份能把选票和票码"
                    "联系起来。请像封存的票箱一样保管它，投票结束并清理完毕后立即销毁。",
                    titles="”“".join(self.open_polls),
                )
            )
        if self.secret is not None:
            told.append(
                Text(
                    "注意：备份里有密钥。谁拿到它，就能查出一个票码投了没有，也能进入后台。"
                    "请把它锁好。"
                )
            )
        return told

    def notices(self) -> list[Text]:
        """Return the warnings, and where the secret is if it is not in the file."""
        if self.secret is not None:
            return self.warnings()
        apart = Text(
            "密钥不在备份里。请把指纹为 %(fingerprint)s 的密钥文件与备份分开保管："
            "没有它，备份恢复不了。",
            fingerprint=self.fingerprint,
        )
        return [*self.warnings(), apart]


def write(
    file: BinaryIO,
    header: Header,
    rows_of: Callable[[str], Generator[Row]],
    keys: Keys,
    progress: Progress,
) -> None:
    """Write a whole backup, a row at a time."""
    whole = hashlib.sha256()
    sums: dict[str, str] = {}

    def put(value: object, *sums_too: Any) -> None:
        line = _line(value)
        if len(line) > LONGEST_LINE:
            raise ValueError("a row too long to be read back")
        for each in (whole, *sums_too):
            each.update(line)
        file.write(line)

    put(_header_json(header))
    done = 0
    for shape in header.tables:
        put({"table": shape.name})
        of_table = hashlib.sha256()
        with closing(rows_of(shape.name)) as rows:
            for row in rows:
                put(row, of_table)
                done += 1
                progress(done, header.rows)
        sums[shape.name] = of_table.hexdigest()
    file.write(_line(_end(sums, whole.hexdigest(), keys)))


def _line(value: object) -> bytes:
    return canonical(value).encode("utf-8") + b"\n"


def _end(sums: Mapping[str, str], whole: str, keys: Keys) -> dict[str, Any]:
    end = {"end": FORM, "sha256": whole, "tables": dict(sums)}
    seal = hmac.digest(hkdf(keys.codes, b"ballot backup"), _line(end), "sha256")
    return {**end, "seal": seal.hex()}


def _header_json(header: Header) -> dict[str, Any]:
    notice = [text.in_(language) for language in LANGUAGES for text in header.notices()]
    return {
        **asdict(header),
        "form": FORM,
        "version": VERSION,
        "NOTICE": notice,  # the first thing that whoever opens the file sees
        "made_at": header.made_at.isoformat(timespec="microseconds"),
        "tables": [shape._asdict() for shape in header.tables],
    }


def _header(value: Mapping[str, Any]) -> Header:
    """Read what `_header_json` wrote; KeyError, TypeError or ValueError if it did not."""
    made_at = datetime.fromisoformat(value["made_at"])
    if made_at.tzinfo is None:
        raise ValueError("a time without its zone")
    secret = value["secret"]
    return Header(
        schema=_text(value["schema"]),
        fingerprint=_text(value["fingerprint"]),
        made_at=made_at,
        public_url=_text(value["public_url"]),
        log_head=_text(value["log_head"]),
        open_polls=tuple(_text(title) for title in value["open_polls"]),
        secret=None if secret is None else _text(secret),
        tables=tuple(_shape(each) for each in value["tables"]),
    )


def _shape(value: Mapping[str, Any]) -> Shape:
    columns = tuple((_text(name), _text(kind)) for name, kind in value["columns"])
    if type(value["rows"]) is not int or value["rows"] < 0:
        raise ValueError("not a number of rows")
    return Shape(_text(value["name"]), columns, value["rows"])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


class Backup:
    """An opened backup. Its header is only a claim until `check` has passed."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        """Read the header.

        Raises: ForeignFileError, NewerBackupError, DamagedBackupError.
        """
        self._path, self._file = path, file
        self._number = 0
        self._starts: dict[str, tuple[int, int]] = {}
        first = file.readline(LONGEST_LINE)
        value = _value(first)
        if not isinstance(value, dict) or value.get("form") != FORM:
            raise ForeignFileError(path=path)
        if value.get("version") != VERSION:
            raise NewerBackupError(path=path)
        try:
            self.header = _header(value)
        except (KeyError, TypeError, ValueError):
            raise self._damage(Text("首行读不懂")) from None

    def check(self, keys: Keys) -> None:
        """Compare the whole file with its own end, and the end with the secret.

        Raises: DamagedBackupError naming the first thing that does not fit.
        """
        self._file.seek(0)
        self._number = 0
        whole = hashlib.sha256(self._next())
        sums = {}
        for shape in self.header.tables:
            mark = self._next()
            if mark != _line({"table": shape.name}):
                raise self._damage(
                    Text(
                        "第 %(line)s 行应是表 %(table)s 的开头", line=self._number, table=shape.name
                    )
                )
            whole.update(mark)
            self._starts[shape.name] = self._file.tell(), self._number
            of_table = hashlib.sha256()
            for _ in range(shape.rows):
                line = self._next()
                whole.update(line)
                of_table.update(line)
            sums[shape.name] = of_table.hexdigest()
        self._check_end(_end(sums, whole.hexdigest(), keys))

    def _check_end(self, expected: Mapping[str, Any]) -> None:
        line = self._next()
        if line != _line(expected):
            raise self._damage(self._difference(_value(line), expected))
        if self._file.read(1):
            raise self._damage(Text("结尾之后还有内容"))

    def _difference(self, found: object, expected: Mapping[str, Any]) -> Text:
        if not isinstance(found, dict) or found.get("end") != FORM:
            return Text("第 %(line)s 行应是结尾", line=self._number)
        sums = found.get("tables")
        for table, digest in expected["tables"].items():
            if not isinstance(sums, dict) or sums.get(table) != digest:
                return Text("表 %(table)s 的内容与校验值不符", table=table)
        if found.get("sha256") != expected["sha256"]:
            return Text("首行与校验值不符")
        return Text("封签与密钥不符，写成之后有人改动过")

    def rows(self, shape: Shape) -> Iterator[Row]:
        """Yield a table's rows, once `check` has passed."""
        offset, self._number = self._starts[shape.name]
        self._file.seek(offset)
        for _ in range(shape.rows):
            row = _value(self._next())
            if not isinstance(row, list):
                raise self._damage(Text("第 %(line)s 行读不懂", line=self._number))
            yield row

    def bad_secret(self) -> DamagedBackupError:
        """Return the error for a secret that is none, or not the one that the header names."""
        return self._damage(Text("首行的密钥不可用"))

    def misfit(self, table: str) -> DamagedBackupError:
        """Return the error for a table that its schema does not take."""
        return self._damage(Text("表 %(table)s 与它的结构不合", table=table))

    def _next(self) -> bytes:
        line = self._file.readline(LONGEST_LINE)
        self._number += 1
        if not line.endswith(b"\n"):
            raise self._damage(Text("到第 %(line)s 行断了", line=self._number))
        return line

    def _damage(self, what: Text) -> DamagedBackupError:
        return DamagedBackupError(path=self._path, what=what)


def _value(line: bytes) -> object:
    """Return the JSON value of a line, None if it is none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
