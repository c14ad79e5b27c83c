"""Slips in the hall: handed out, exchanged, taken back; each entry with its author and time.

Nothing here tells whether a slip was used: before closing no number of votes or of voided slips
is read for a box or batch. Voiding: `services/voiding.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ballot.domain.definition import Group
from ballot.domain.hand_outs import HALL, Handed, HandOut, number_of
from ballot.domain.polls import Phase, Poll
from ballot.errors import MistakesError, NotFoundError, RefusedError
from ballot.language import N_, Text
from ballot.services import closing
from ballot.services.ledger import a_reason
from ballot.storage import ballots, events, hand_outs, polls
from ballot.storage.ballots import StoredBatch
from ballot.storage.database import Connection

MOST_AT_ONCE: Final = 100_000
_TAKES: Final = frozenset({Phase.DRAFT, Phase.OPEN, Phase.CLOSED})


class HandOutsFixedError(RefusedError):
    """The account is certified, or the poll annulled: its hand-outs stand as they are."""

    message = N_("测评活动“%(title)s”%(phase)s，发放记录不能再改。")


class NoSuchPartError(NotFoundError):
    """No group of that key, or no such mobile box of it."""

    message = N_("没有这个类别或流动票箱，请从页面上选择。")


class NoSuchHandOutError(NotFoundError):
    """The row is not there, or was withdrawn already."""

    message = N_("没有这条发放记录，或者它早已撤回。")


class FinalError(RefusedError):
    """The row voided a slip."""

    message = N_("作废一张票不能撤回：旧票已经不能再投。")


@dataclass(frozen=True)
class PartSlips:
    """The slips of a group in the hall or in a mobile box, as recorded; all in slips.

    `printed`, `spares`: of batches that were not voided as a whole. `recorded`: anything was.
    """

    group: Group
    box: str
    printed: int
    spares: int
    handed_out: int
    damaged: int
    lost: int
    spoilt: int
    recorded: bool

    @property
    def on_table(self) -> int:
        """Return how many good slips are still to be there."""
        gone = self.handed_out + self.damaged + self.lost + self.spoilt
        return self.printed - gone

    @property
    def rest(self) -> int:
        """Return how many slips are to be handed out yet, so that only the spares stay."""
        return max(0, min(self.printed - self.spares - self.handed_out, self.on_table))

    @property
    def key(self) -> str:
        """Return what names the part in a form."""
        return f"{self.group.key}@{self.box}"


@dataclass(frozen=True)
class Hall:
    """A poll's slips: by group and box, the rows about them, batches, and who rates whom not."""

    poll: Poll
    parts: Sequence[PartSlips]
    rows: Sequence[HandOut]
    batches: Sequence[StoredBatch]

    @property
    def takes_entries(self) -> bool:
        """Tell whether hand-outs may still be recorded."""
        return self.poll.phase in _TAKES

    @property
    def takes_voids(self) -> bool:
        """Tell whether slips may still be voided."""
        return self.poll.phase in {Phase.DRAFT, Phase.OPEN}

    def row(self, number: int) -> HandOut:
        """Return a row that stands.

        Raises: NoSuchHandOutError.
        """
        for row in self.rows:
            if row.recorded.id == number and row.recorded.stands:
                return row
        raise NoSuchHandOutError

    def name(self, row: HandOut) -> Text:
        """Return the group of a row, and its box."""
        return part_name(self.poll.definition.group(row.group), row.box)


def part_name(group: Group, box: str) -> Text:
    """Return a group's name, with the mobile box if it is one's."""
    if box == HALL:
        return Text("%(group)s", group=group.name)
    return Text("%(group)s · 流动票箱“%(box)s”", group=group.name, box=box)


def hall(connection: Connection, poll_id: int) -> Hall:
    """Return a poll's slips and all that was recorded about them.

    Raises: NoSuchPollError.
    """
    poll = polls.get(connection, poll_id)
    rows = hand_outs.of_poll(connection, poll.id)
    batches = ballots.batches_of(connection, poll.id)
    parts = []
    for group in poll.definition.groups:
        boxes = {batch.box for batch in batches if batch.group == group.key} | {HALL}
        known = any(
            row.group == group.key and row.what is Handed.ISSUED and row.recorded.stands
            for row in rows
        )
        parts += [_part(group, box, rows, batches, known) for box in sorted(boxes)]
    return Hall(poll, parts, rows, batches)


def _part(
    group: Group, box: str, rows: Sequence[HandOut], batches: Sequence[StoredBatch], known: bool
) -> PartSlips:
    part = (group.key, box)
    good = [b for b in batches if (b.group, b.box) == part and b.voided_at is None]
    return PartSlips(
        group,
        box,
        sum(batch.printed for batch in good),
        sum(batch.spares for batch in good),
        number_of(rows, Handed.ISSUED, part),
        number_of(rows, Handed.DAMAGED, part),
        number_of(rows, Handed.LOST, part),
        number_of(rows, Handed.SPOILT, part),
        known,
    )


def hand_out(
    connection: Connection,
    poll_id: int,
    part: str,
    number: int | None,
    *,
    what: Handed = Handed.ISSUED,
    by: str,
    now: datetime,
) -> None:
    """Record slips handed out, or spares given for lost ones; `number` None: all but the spares.

    `part`: as `PartSlips.key`. Raises: NoSuchPollError, HandOutsFixedError, TooLateError,
        NoSuchPartError, MistakesError for a number that cannot be.
    """
    poll, found = _to_change(connection, poll_id)
    mine = next((each for each in found.parts if each.key == part), None)
    if mine is None:
        raise NoSuchPartError
    number = mine.rest if number is None else number
    _require_there(mine, number)
    hand_outs.add(connection, poll.id, mine.group.key, mine.box, what, number, by=by, now=now)
    _note(connection, poll, "slips handed out", mine.group.key, mine.box, what, number, by, now)


def _require_there(part: PartSlips, number: int) -> None:
    name = part_name(part.group, part.box)
    if not 1 <= number <= MOST_AT_ONCE:
        raise MistakesError([Text("%(part)s：张数应为大于 0 的整数。", part=name)])
    if number > part.on_table:
        raise MistakesError(
            [
                Text(
                    "%(part)s：要发 %(number)s 张，而按记录手里只剩 %(left)s 张。",
                    part=name,
                    number=number,
                    left=part.on_table,
                )
            ]
        )


def withdraw(
    connection: Connection, poll_id: int, number: int, *, why: str, by: str, now: datetime
) -> None:
    """Withdraw a row with a reason; it stays to be seen. What voided a slip is final.

    Raises: NoSuchPollError, HandOutsFixedError, TooLateError, NoSuchHandOutError, FinalError,
        MistakesError without a reason.
    """
    poll, found = _to_change(connection, poll_id)
    row = found.row(number)
    if row.what.final:
        raise FinalError
    reason = a_reason(why)
    if not hand_outs.withdraw(connection, number, why=reason, by=by, now=now):
        raise NoSuchHandOutError
    _note(
        connection,
        poll,
        "hand-out withdrawn",
        row.group,
        row.box,
        row.what,
        row.number,
        by,
        now,
        reason=reason,
    )


def _to_change(connection: Connection, poll_id: int) -> tuple[Poll, Hall]:
    poll = polls.get(connection, poll_id, hold=True)
    if poll.phase not in _TAKES:
        raise HandOutsFixedError(title=poll.title, phase=poll.phase.text)
    return poll, hall(connection, poll_id)


def _note(
    connection: Connection,
    poll: Poll,
    action: str,
    group: str,
    box: str,
    what: Handed,
    number: int,
    by: str,
    now: datetime,
    **more: str,
) -> None:
    """Note a change in the log; a closed poll's account follows at once."""
    details = {"group": group, "box": box, "what": what.value, "slips": number, **more}
    events.append(connection, now=now, actor=by, action=action, poll=poll.id, **details)
    if poll.phase is Phase.CLOSED:
        closing.renew_account(connection, poll)
