"""Rosters: lists of names become numbers of persons by group; no name is kept or logged."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ballot.domain.definition_json import rules_hash
from ballot.domain.polls import Phase, Poll
from ballot.domain.roster import (
    RosterCount,
    RosterRow,
    count_roster,
    obstacles,
    with_persons,
)
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.scoring import Line, Lines
from ballot.scoring.table import read_table
from ballot.services.polls import turnout
from ballot.services.table_files import read_table_file
from ballot.storage import events, polls
from ballot.storage.database import Connection

_HEADINGS: Final = {
    **dict.fromkeys(("name", "姓名", "名字"), "name"),
    **dict.fromkeys(("group", "类别", "参评人员类别"), "group"),
    **dict.fromkeys(("note", "备注", "编号"), "note"),
}
_SEPARATOR: Final = re.compile(r"[\t,，;；]")
_WITHOUT_HEADINGS: Final = Line(0, ("姓名", "类别", "备注"))


class PollChangedError(RefusedError):
    """The poll is not what it was when the roster was counted."""

    message = N_("统计以后，测评活动“%(title)s”已被改动，人数没有采用。请重新统计。")


@dataclass(frozen=True)
class CountedGroup:
    """A group's numbers before and after, in persons; `printed` in ballots, with spares."""

    key: str
    name: str
    listed: int
    persons: int
    ballots: int
    eligible: int | None
    printed: int

    @property
    def short(self) -> int:
        """Return how many ballots there are too few of what was printed already."""
        return max(0, self.persons - self.printed) if self.printed else 0


@dataclass(frozen=True)
class Counted:
    """A counted roster of a draft. `seen`: its rules hash then; `obstacles`: against applying."""

    poll: Poll
    roster: RosterCount
    groups: tuple[CountedGroup, ...]
    seen: str
    obstacles: tuple[Text, ...]

    @property
    def too_few_printed(self) -> list[Text]:
        """Return for which groups more ballots have to be printed."""
        return [
            Text(
                "“%(group)s”已印 %(printed)s 张，名单 %(persons)s 人：还差 %(short)s 张，请补印。",
                group=group.name,
                printed=group.printed,
                persons=group.persons,
                short=group.short,
            )
            for group in self.groups
            if group.short
        ]


def draft(connection: Connection, poll_id: int, *, hold: bool = False) -> Poll:
    """Return a poll whose numbers may still be set.

    Raises: NoSuchPollError, WrongPhaseError.
    """
    poll = polls.get(connection, poll_id, hold=hold)
    poll.require(Phase.DRAFT, Text("按名单统计人数"))
    return poll


def read_file(content: bytes, filename: str) -> list[RosterRow]:
    """Return the rows of a table: CSV or XLSX with the columns 姓名, 类别, and perhaps 备注.

    Raises: MistakesError for what cannot be read as it stands, or lacks a column.
    """
    return _rows(read_table_file(content, filename))


def read_pasted(text: str, name: str) -> list[RosterRow]:
    """Return the rows of pasted lines: name, group and perhaps a note, by tabs or commas.

    A line of headings may come first. `name`: for messages. Raises: as `read_file`.
    """
    lines = [
        Line(number, tuple(cell.strip() for cell in _SEPARATOR.split(line)))
        for number, line in enumerate(text.splitlines(), 1)
    ]
    filled = [line for line in lines if any(line.cells)]
    if filled and not any(cell in _HEADINGS for cell in filled[0].cells):
        filled.insert(0, _WITHOUT_HEADINGS)
    return _rows(Lines(name, tuple(filled)))


def _rows(lines: Lines) -> list[RosterRow]:
    table = read_table(lines, _HEADINGS.get)
    table.require(["name", "group"], {"name": "姓名", "group": "类别"})
    table.raise_mistakes()
    return [
        RosterRow(row.number, row.cells["name"], row.cells["group"], row.cells.get("note", ""))
        for row in table.rows
    ]


def count(
    connection: Connection, poll_id: int, rows: Sequence[RosterRow], *, smallest_group: int
) -> Counted:
    """Count the persons of a roster for a draft; nothing is stored or logged.

    Raises: NoSuchPollError, WrongPhaseError; MistakesError with every mistaken row.
    """
    poll = draft(connection, poll_id)
    roster = count_roster(poll.definition.groups, rows)
    printed = {line.key: line.printed for line in turnout(connection, poll)}
    groups = tuple(
        CountedGroup(
            key=group.key,
            name=group.name,
            listed=found.listed,
            persons=found.persons,
            ballots=group.ballots,
            eligible=group.eligible,
            printed=printed[group.key],
        )
        for group, found in zip(poll.definition.groups, roster.groups, strict=True)
    )
    against = obstacles(poll.definition, roster.persons, smallest_group)
    return Counted(poll, roster, groups, rules_hash(poll.definition), tuple(against))


def apply(
    connection: Connection,
    poll_id: int,
    persons: Mapping[str, int],
    *,
    seen: str,
    smallest_group: int,
    by: str,
    now: datetime,
) -> None:
    """Give each group of a draft its number of persons: ballots to print, and entitled (应到).

    Also after printing: slips stay valid, more can be printed, and the entitled are what quorum
    and turnout rest on. `seen`: the rules hash when the roster was counted.
    Raises: NoSuchPollError, WrongPhaseError, PollChangedError; MistakesError for numbers that the
        poll cannot have.
    """
    poll = draft(connection, poll_id, hold=True)
    if rules_hash(poll.definition) != seen:
        raise PollChangedError(title=poll.title)
    against = obstacles(poll.definition, persons, smallest_group)
    if against:
        raise MistakesError(against)
    changed = with_persons(poll.definition, persons)
    polls.redefine(connection, poll, changed)
    events.append(
        connection,
        now=now,
        actor=by,
        action="roster counted",
        poll=poll.id,
        persons={group.key: group.ballots for group in changed.groups},
        rules_hash=rules_hash(changed),
    )
