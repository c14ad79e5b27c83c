"""Hand-outs (发出) as they were recorded, and the ballot account that follows from them.

Source: docs/scoring-rules.md, rules 61 to 65.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from ballot.domain.account import Account, AccountLine
from ballot.domain.assessment import Recorded
from ballot.domain.definition import Group
from ballot.language import N_, Text

HALL = ""
"""Where slips are handed out that belong to no mobile box."""


class Handed(StrEnum):
    """What happened to slips: handed out to persons, or exchanged, or spoilt on the table."""

    ISSUED = "issued"
    LOST = "lost"
    DAMAGED = "damaged"
    SPOILT = "spoilt"

    @property
    def text(self) -> Text:
        """Return it in words."""
        return Text(_WORDS[self])

    @property
    def final(self) -> bool:
        """Tell whether it voided a slip, which nothing takes back."""
        return self in {Handed.DAMAGED, Handed.SPOILT}


_WORDS = {
    Handed.ISSUED: N_("发出"),
    Handed.LOST: N_("遗失换发"),
    Handed.DAMAGED: N_("损坏换发（旧票已作废）"),
    Handed.SPOILT: N_("未发出即作废"),
}


@dataclass(frozen=True)
class HandOut:
    """A row of the hand-out record, in slips; `box` is a mobile box's name or `HALL`."""

    recorded: Recorded
    group: str
    box: str
    what: Handed
    number: int


class PartCount(NamedTuple):
    """The ballots of a group in the hall, or in one of its boxes.

    `printed` includes spares and voided ones; `planned` is what is to be handed out: all but the
    spares, and nothing of batches that were voided as a whole.
    """

    printed: int = 0
    spares: int = 0
    planned: int = 0
    voided: int = 0
    cast: int = 0


Part = tuple[str, str]
"""A group's key and a mobile box's name or `HALL`."""


def number_of(rows: Iterable[HandOut], what: Handed, part: Part | None = None) -> int:
    """Return how many slips the standing rows tell of, in all or of a part."""
    return sum(
        row.number
        for row in rows
        if row.recorded.stands and row.what is what and part in {None, (row.group, row.box)}
    )


def account_of(
    groups: Sequence[Group], counts: Mapping[Part, PartCount], rows: Sequence[HandOut], invalid: int
) -> Account:
    """Return the account as the machine knows it.

    What was handed out is what the rows say; of a group without any, all but the spares.
    """
    lines, boxes = [], []
    for group in groups:
        mine = [row for row in rows if row.group == group.key]
        known = any(row.what is Handed.ISSUED and row.recorded.stands for row in mine)
        parts = {
            box: _line(key, box, count, mine, known)
            for (key, box), count in sorted({(group.key, HALL): PartCount(), **counts}.items())
            if key == group.key
        }
        whole = parts.pop(HALL)
        for box in parts.values():
            whole += box
            boxes.append(box)
        lines.append(replace(whole, name=group.name, eligible=group.eligible))
    return Account(tuple(lines), invalid, tuple(boxes))


def renewed(account: Account, made: Account) -> Account:
    """Return an account with what another, made anew from the rows, says of hand-outs."""

    def line(old: AccountLine, new: AccountLine) -> AccountLine:
        return replace(
            old,
            issued=new.issued,
            damaged=new.damaged,
            lost=new.lost,
            handed_out=new.handed_out,
        )

    return replace(
        account,
        lines=tuple(map(line, account.lines, made.lines)),
        boxes=tuple(map(line, account.boxes, made.boxes)),
    )


def _line(
    group: str, box: str, count: PartCount, rows: Sequence[HandOut], known: bool
) -> AccountLine:
    part = (group, box)
    handed_out = number_of(rows, Handed.ISSUED, part) if known else None
    lost = number_of(rows, Handed.LOST, part)
    presumed = max(0, min(count.planned, count.printed - count.voided - lost))
    return AccountLine(
        group=group,
        name=box,
        printed=count.printed,
        spares=count.spares,
        voided=count.voided,
        issued=presumed if handed_out is None else handed_out,
        returned=count.cast,
        damaged=number_of(rows, Handed.DAMAGED, part),
        lost=lost,
        handed_out=handed_out,
    )
