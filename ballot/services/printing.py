"""Printing: making codes, writing them to a file, and letting the poll take their digests.

What codes were printed is kept nowhere. Making codes and slips needs no database; the poll takes
digests, so another authority may make the codes.
"""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from ballot.domain.account import BOX_MARK
from ballot.domain.codes import Code, new_code
from ballot.domain.definition import Definition, Group
from ballot.domain.definition_json import face_of_slips
from ballot.domain.keys import Digest, Keys
from ballot.domain.polls import Poll
from ballot.domain.written import problems
from ballot.errors import MistakesError, OperationError, RefusedError
from ballot.language import N_, Text
from ballot.output.qr import ballot_link
from ballot.storage import ballots, events, polls, private_file
from ballot.storage.database import Connection, Database

LONGEST_BOX: Final = 20


class NotWritableError(OperationError):
    """The file of slips cannot be written; no ballot was made."""

    message = N_("票的文件 %(path)s 写不成：%(reason)s。没有生成任何票，请换一个位置再试。")


class NotNamedError(OperationError):
    """The slips are complete and counted as printed, but their file kept its working name."""

    message = N_("票已全部写好并生效，但文件没能改名为 %(path)s，请使用 %(part)s。")


class FaceChangedError(RefusedError):
    """The draft was changed while its slips were written: they bear what it is not called now."""

    message = N_(
        "印票途中，测评活动“%(title)s”的标题或类别被改动，所以没有生成任何票。请重新印票。"
    )


class PhaseChangedError(RefusedError):
    """The poll was opened after its slips were asked for: their file would still hold codes."""

    message = N_(
        "印票途中，测评活动“%(title)s”的状态变为“%(phase)s”，所以没有生成任何票。请重新提交印票任务。"
    )


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


class Taking(NamedTuple):
    """What a poll takes of a batch: the digests of its codes, spares among them."""

    group: str
    digests: Sequence[Digest]
    spares: int
    box: str | None = None


class Stack(NamedTuple):
    """Batches of one poll, as they follow each other in a file."""

    poll: Poll
    batches: Sequence[Batch]


class Writer(Protocol):
    """Writes the batches of polls to a path."""

    def __call__(
        self,
        path: Path,
        stacks: Sequence[Stack],
        *,
        public_url: str,
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
    stacks: Sequence[Stack],
    path: Path,
    *,
    write: Writer,
    public_url: str,
    by: str,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Write ballots of one poll or of several to a file and let the polls take them.

    They count as printed only when the file is complete on disk; the file gets its name last, so
    that a slip in hand is always one that the poll knows. If anything fails, neither a file nor a
    ballot remains.

    Raises: NotWritableError, NotNamedError, WrongPhaseError.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        write_privately(part, stacks, write=write, public_url=public_url, progress=progress)
        takings = {stack.poll.id: takings_of(keys, stack.batches) for stack in stacks}
        faces = {stack.poll.id: face_of_slips(stack.poll.definition) for stack in stacks}
        with database.write() as connection:
            for poll_id, taken in takings.items():
                face = faces[poll_id]
                take_digests(connection, poll_id, taken, by=by, now=now, face=face)
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


def write_privately(
    path: Path,
    stacks: Sequence[Stack],
    *,
    write: Writer,
    public_url: str,
    progress: Callable[[int], None],
) -> None:
    """Write a new file of slips for its owner only, complete on disk before this returns.

    Raises: OSError; whatever the writer raises. The caller then removes what is there.
    """
    private_file.make(path)
    write(path, stacks, public_url=public_url, progress=progress)
    private_file.sync(path)


def takings_of(keys: Keys, batches: Sequence[Batch]) -> list[Taking]:
    """Return what a poll takes of batches; no code is in it."""
    return [
        Taking(
            batch.group.key,
            [keys.digest(code) for code in batch.every],
            len(batch.spares),
            batch.box,
        )
        for batch in batches
    ]


def take(
    connection: Connection,
    keys: Keys,
    poll_id: int,
    batches: Sequence[Batch],
    *,
    by: str,
    now: datetime,
) -> None:
    """Let a poll take ballots, as `take_digests` does."""
    take_digests(connection, poll_id, takings_of(keys, batches), by=by, now=now)


def take_digests(
    connection: Connection,
    poll_id: int,
    takings: Sequence[Taking],
    *,
    by: str,
    now: datetime,
    phases: Mapping[int, str] | None = None,
    face: str | None = None,
) -> None:
    """Let a poll take ballots; to an open poll they are added, and printed ones stay valid.

    `phases`: of polls when the ballots were asked for, where that must not have changed; `face`:
    what their slips bear.
    Raises: NoSuchPollError, WrongPhaseError, PhaseChangedError, FaceChangedError,
        UnknownGroupError; MistakesError if nothing is made.
    """
    poll = polls.get(connection, poll_id, hold=True)
    poll.require_takes_slips(now)
    if phases is not None and poll.phase != phases[poll.id]:
        raise PhaseChangedError(title=poll.title, phase=poll.phase.text)
    if face is not None and face_of_slips(poll.definition) != face:
        raise FaceChangedError(title=poll.title)
    if not any(taking.digests for taking in takings):
        raise MistakesError([Text("票数为 0，没有可印的票。")])
    order = [group.key for group in poll.definition.groups]
    for taking in takings:
        ballots.add_batch(
            connection,
            poll_id=poll.id,
            group_key=taking.group,
            group_index=order.index(poll.definition.group(taking.group).key),
            digests=taking.digests,
            spares=taking.spares,
            box=taking.box,
        )
        events.append(
            connection,
            now=now,
            actor=by,
            action="ballots printed",
            poll=poll.id,
            group=taking.group,
            printed=len(taking.digests),
            spares=taking.spares,
            **({"box": taking.box} if taking.box else {}),
        )
