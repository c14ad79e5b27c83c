"""Printing: making codes, writing them to a file, and letting the poll take their digests.

What codes were printed is kept nowhere. Making codes and slips needs no database; the poll takes
digests, so another authority may make the codes.
"""

import csv
import os
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from ballot.domain.account import BOX_MARK
from ballot.domain.codes import Code, new_code, shown
from ballot.domain.definition import Definition, Group
from ballot.domain.keys import Keys
from ballot.domain.polls import Phase, Poll
from ballot.domain.written import problems
from ballot.errors import MistakesError, OperationError
from ballot.language import N_, Text
from ballot.output.cells import safe_text
from ballot.output.qr import ballot_link
from ballot.output.slips import SlipBatch, write_slips
from ballot.storage import ballots, events, polls
from ballot.storage.database import Connection, Database

LONGEST_BOX: Final = 20


class NotWritableError(OperationError):
    """The file of slips cannot be written; no ballot was made."""

    message = N_("票的文件 %(path)s 写不成：%(reason)s。没有生成任何票，请换一个位置再试。")


class NotNamedError(OperationError):
    """The slips are complete and counted as printed, but their file kept its working name."""

    message = N_("票已全部写好并生效，但文件没能改名为 %(path)s，请使用 %(part)s。")


@dataclass(frozen=True)
class Batch:
    """Fresh codes of one group: `codes` to hand out, then `spares` more.

    `colour`: the group's place in its poll, which gives its slips their colour. `rehearsal`: they
    are for practice, and say so. `box`: the
    mobile box (流动票箱) that carries them.
    """

    group: Group
    colour: int
    codes: tuple[Code, ...]
    spares: tuple[Code, ...]
    rehearsal: bool = False
    box: str | None = None

    @property
    def every(self) -> tuple[Code, ...]:
        """Return all codes of the batch."""
        return self.codes + self.spares


class Writer(Protocol):
    """Writes batches to a path."""

    def __call__(
        self,
        path: Path,
        title: str,
        public_url: str,
        batches: Sequence[Batch],
        progress: Callable[[int], None],
    ) -> None: ...


def make_batches(
    definition: Definition,
    group_key: str | None,
    *,
    count: int | None,
    spares: int,
    box: str | None = None,
) -> list[Batch]:
    """Make codes for one group, or for all; `count` is each group's planned number unless given.

    `box`: the mobile box that carries them; it needs a group and a count.
    Needs no database. Raises: UnknownGroupError, MistakesError for what cannot be a box.
    """
    wanted = definition.group(group_key) if group_key else None
    if box is not None:
        _require_box(box, wanted, count)
    return [
        Batch(
            group,
            colour,
            _codes(group.ballots if count is None else count),
            _codes(spares),
            definition.rehearsal,
            box,
        )
        for colour, group in enumerate(definition.groups)
        if wanted is None or group == wanted
    ]


def _require_box(box: str, group: Group | None, count: int | None) -> None:
    mistakes = problems(Text("流动票箱名称"), box, most=LONGEST_BOX)
    if not box.strip() or box != box.strip() or BOX_MARK in box:
        mistakes.append(Text("流动票箱名称不能空白，首尾不能有空格，也不能含“@”。"))
    if group is None or count is None:
        mistakes.append(Text("给流动票箱印票，须写明类别和张数。"))
    if mistakes:
        raise MistakesError(mistakes)


def _codes(count: int) -> tuple[Code, ...]:
    return tuple(new_code() for _ in range(count))


def links(public_url: str, batches: Sequence[Batch]) -> list[str]:
    """Return the link of every ballot."""
    return [ballot_link(public_url, code) for batch in batches for code in batch.every]


def print_to(
    database: Database,
    keys: Keys,
    poll: Poll,
    batches: Sequence[Batch],
    path: Path,
    *,
    write: Writer,
    public_url: str,
    by: str,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Write ballots to a file and let the poll take them.

    They count as printed only when the file is complete on disk; the file gets its name last, so
    that a slip in hand is always one that the poll knows. If anything fails, neither a file nor a
    ballot remains.

    Raises: NotWritableError, NotNamedError, WrongPhaseError.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        _touch_privately(part)
        write(part, poll.title, public_url, batches, progress)
        _sync(part)
        with database.write() as connection:
            take(connection, keys, poll.id, batches, by=by, now=now)
    except BaseException as error:
        with suppress(OSError):  # what is told is why writing failed
            part.unlink()
        if isinstance(error, OSError):
            raise NotWritableError(path=path, reason=error.strerror or error) from error
        raise
    try:
        os.replace(part, path)
    except OSError as error:
        raise NotNamedError(path=path, part=part) from error


def take(
    connection: Connection,
    keys: Keys,
    poll_id: int,
    batches: Sequence[Batch],
    *,
    by: str,
    now: datetime,
) -> None:
    """Let a poll take ballots; to an open poll they are added, and printed ones stay valid.

    Raises: NoSuchPollError, WrongPhaseError, UnknownGroupError; MistakesError if nothing is made.
    """
    poll = polls.get(connection, poll_id, hold=True)
    if poll.phase is not Phase.OPEN or poll.is_closing(now):
        poll.require(Phase.DRAFT, Text("印票"))
    if not any(batch.every for batch in batches):
        raise MistakesError([Text("票数为 0，没有可印的票。")])
    order = [group.key for group in poll.definition.groups]
    for batch in batches:
        ballots.add_batch(
            connection,
            poll_id=poll.id,
            group_key=batch.group.key,
            group_index=order.index(poll.definition.group(batch.group.key).key),
            digests=[keys.digest(code) for code in batch.every],
            spares=len(batch.spares),
            box=batch.box,
        )
        events.append(
            connection,
            now=now,
            actor=by,
            action="ballots printed",
            poll=poll.id,
            group=batch.group.key,
            printed=len(batch.every),
            spares=len(batch.spares),
            **({"box": batch.box} if batch.box else {}),
        )


def write_pdf(
    path: Path,
    title: str,
    public_url: str,
    batches: Sequence[Batch],
    progress: Callable[[int], None],
) -> None:
    """Write slips, a colour and a fresh page for each group."""
    parts = [
        SlipBatch(
            batch.group.name,
            batch.colour,
            codes,
            spares=codes is batch.spares,
            rehearsal=batch.rehearsal,
        )
        for batch in batches
        for codes in (batch.codes, batch.spares)
        if codes
    ]
    with path.open("wb") as file:
        write_slips(file, title=title, public_url=public_url, batches=parts, progress=progress)


def write_csv(
    path: Path,
    title: str,
    public_url: str,
    batches: Sequence[Batch],
    progress: Callable[[int], None],
) -> None:
    """Write a table for a print shop: poll, group, spare, code, link."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["测评活动", "类别", "备用", "票码", "链接"])
        for batch in batches:
            words = [safe_text(title), safe_text(batch.group.name)]
            for spare, codes in (("", batch.codes), ("备用", batch.spares)):
                for code in codes:
                    writer.writerow([*words, spare, shown(code), ballot_link(public_url, code)])
    progress(sum(len(batch.every) for batch in batches))


def _touch_privately(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
