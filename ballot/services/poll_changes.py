"""Changing and deleting a draft: what printed slips leave open, and what they do not.

A slip bears the poll's title, its group's name and colour; the ballot it stands for knows its
group by its place. So these stay once slips are printed. Subjects, questions, scale, numbers and
rules stand on no slip: they change until the poll opens, and printed slips stay good.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ballot.domain.definition import Definition
from ballot.domain.definition_json import rules_hash
from ballot.domain.paper_sheets import fits_sheets
from ballot.domain.paper_votes import Mode
from ballot.domain.poll_mistakes import Mistake
from ballot.domain.poll_sheet import Sheet
from ballot.domain.pollfile_written import poll_file, values_of
from ballot.domain.polls import Phase, Poll
from ballot.errors import BallotError, RefusedError
from ballot.language import N_, Text
from ballot.scoring import Scheme
from ballot.services import paper_piles, poll_drafts
from ballot.services.cycles import scheme_of
from ballot.services.poll_drafts import SheetError
from ballot.services.polls import GroupTurnout, turnout
from ballot.services.rosters import PollChangedError
from ballot.storage import confirmations, cycles, events, polls, units, wiping
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection


class RehearsalNotChangedError(RefusedError):
    """A rehearsal is a copy: what it rehearses is changed instead."""

    message = N_("“%(title)s”是演练，不能修改或删除。请修改它所演练的测评活动，再另建演练。")


class AwaitedError(RefusedError):
    """Somebody asked a second person about the poll as it stands."""

    message = N_("“%(title)s”有一项操作正等第二人确认，暂时不能修改。请先撤回那项请求。")


class PrintedError(RefusedError):
    """Slips of the draft are printed: they would lead nowhere."""

    message = N_("“%(title)s”已经印了 %(printed)s 张票，不能删除，只能作废（记录保留）。")


class CopiedError(RefusedError):
    """Other polls say that they are copies of this one."""

    message = N_("“%(title)s”有演练或复制的活动（编号 %(ids)s），不能删除。演练可先清除。")


@dataclass(frozen=True)
class Draft:
    """A draft that may be changed. `groups`: its printed ballots; `seen`: its rules hash."""

    poll: Poll
    cycle: Cycle
    scheme: Scheme
    groups: Sequence[GroupTurnout]
    seen: str

    @property
    def printed(self) -> int:
        """Return how many ballots were printed, spares included."""
        return sum(group.printed for group in self.groups)

    @property
    def bound(self) -> int:
        """Return how many of the groups, from the first on, keep their places."""
        places = [place for place, group in enumerate(self.groups, 1) if group.printed]
        return max(places, default=0)


def draft(connection: Connection, poll_id: int, *, now: datetime, hold: bool = False) -> Draft:
    """Return a draft that may be changed.

    Raises: NoSuchPollError, WrongPhaseError, RehearsalNotChangedError, AwaitedError.
    """
    poll = polls.get(connection, poll_id, hold=hold)
    poll.require(Phase.DRAFT, Text("修改"))
    if poll.rehearsal:
        raise RehearsalNotChangedError(title=poll.title)
    if confirmations.waiting(connection, now, poll.id):
        raise AwaitedError(title=poll.title)
    cycle = cycles.get(connection, poll.cycle_id)
    groups = turnout(connection, poll)
    return Draft(poll, cycle, scheme_of(cycle), groups, rules_hash(poll.definition))


@dataclass(frozen=True)
class Changed:
    """What a changed form makes of a draft. `keys`: what differs, as a POLL.toml calls it."""

    draft: Draft
    definition: Definition
    keys: Sequence[str]
    warnings: Sequence[Text]


def planned(
    connection: Connection,
    poll_id: int,
    sheet: Sheet,
    *,
    smallest_group: int,
    now: datetime,
    hold: bool = False,
) -> Changed:
    """Return what a form would make of a draft; nothing is stored.

    Raises: as `draft`; SheetError with every mistake and its field.
    """
    found = draft(connection, poll_id, now=now, hold=hold)
    definition = poll_drafts.checked(found.cycle, sheet, smallest_group)
    known = units.names(connection, found.cycle.id)
    others = [
        poll for poll in polls.standing(connection, found.cycle.id) if poll.id != found.poll.id
    ]
    problems = [
        *_bound(found, definition),
        *_paper(connection, found.poll, definition),
        *poll_drafts.strangers(known, sheet),
    ]
    if definition.title != found.poll.title and definition.title in {p.title for p in others}:
        problems.append(poll_drafts.taken(definition.title))
    if problems:
        raise SheetError(problems)
    return Changed(
        found,
        definition,
        _differing(found, definition),
        poll_drafts.warnings(known, others, definition),
    )


def _bound(found: Draft, definition: Definition) -> list[Mistake]:
    """Return what printed slips do not allow."""
    problems = []
    if found.printed and definition.title != found.poll.title:
        text = Text("票已印好，标题印在票上，不能再改。确需改的，作废这场测评，另建一场。")
        problems.append(Mistake("title", text))
    keys = [group.key for group in definition.groups[: found.bound]]
    if keys != [group.key for group in found.groups[: found.bound]]:
        text = Text(
            "已经印票的类别和排在它们前面的类别不能删去，也不能换位置：印好的票按位置认类别。"
        )
        return [*problems, Mistake("groups", text)]
    for place, (old, new) in enumerate(zip(found.groups, definition.groups, strict=False), 1):
        if old.printed and old.name != new.name:
            text = Text("“%(group)s”已经印票，名称印在票上，不能再改。", group=old.name)
            problems.append(Mistake(f"name {place}", text))
    return problems


def _paper(connection: Connection, poll: Poll, definition: Definition) -> list[Mistake]:
    pile = paper_piles.of_poll(connection, poll.id).pile
    if pile is None or pile.mode is not Mode.COUNTS or fits_sheets(definition):
        return []
    text = Text("已登记纸质票按票数汇总录入，不能改成打分。请先撤销纸质票的登记。")
    return [Mistake("scale 1", text)]


def _differing(found: Draft, definition: Definition) -> list[str]:
    """Return the keys of POLL.toml that differ, those of sections by their own names."""
    old, new = (values_of(each, found.scheme) for each in (found.poll.definition, definition))
    keys = [key for key in {**old, **new} if key != "sections" and old.get(key) != new.get(key)]
    parts = [_by_part(values["sections"]) for values in (old, new)]
    if list(parts[0]) != list(parts[1]):
        keys.append("sections")
    inside = (
        key
        for part in parts[0].keys() & parts[1].keys()
        for key in {**parts[0][part], **parts[1][part]}
        if parts[0][part].get(key) != parts[1][part].get(key)
    )
    return [*keys, *dict.fromkeys(sorted(inside))]


def _by_part(sections: Sequence[dict[str, object]]) -> dict[object, dict[str, object]]:
    return {(each["kind"], each["component"]): each for each in sections}


def change(
    connection: Connection,
    poll_id: int,
    sheet: Sheet,
    *,
    seen: str,
    smallest_group: int,
    by: str,
    now: datetime,
) -> None:
    """Give a draft what its form says; its rules hash follows, copies of it stay as they are.

    `seen`: the rules hash of what the form was made of.
    Raises: as `planned`; PollChangedError.
    """
    found = planned(connection, poll_id, sheet, smallest_group=smallest_group, now=now, hold=True)
    if found.draft.seen != seen:
        raise PollChangedError(title=found.draft.poll.title)
    if not found.keys:
        return
    polls.redefine(connection, found.draft.poll, found.definition)
    events.append(
        connection,
        now=now,
        actor=by,
        action="poll changed",
        poll=found.draft.poll.id,
        title=found.definition.title,
        changed=list(found.keys),
        rules_hash=rules_hash(found.definition),
    )


def to_delete(connection: Connection, poll_id: int, *, now: datetime, hold: bool = False) -> Poll:
    """Return a draft that may be deleted: nothing is printed, and nothing is a copy of it.

    Raises: as `draft`; PrintedError, CopiedError.
    """
    found = draft(connection, poll_id, now=now, hold=hold)
    if found.printed:
        raise PrintedError(title=found.poll.title, printed=found.printed)
    copies = polls.copies(connection, found.poll.id)
    if copies:
        ids = "、".join(str(each.id) for each in copies)
        raise CopiedError(title=found.poll.title, ids=ids)
    return found.poll


def delete(connection: Connection, poll_id: int, *, by: str, now: datetime) -> Poll:
    """Delete a draft and return it; its number is given to no other, and the log keeps it.

    Raises: as `to_delete`.
    """
    poll = to_delete(connection, poll_id, now=now, hold=True)
    wiping.wipe(connection, poll.id, traces=False)  # without slips nobody could vote
    events.append(
        connection, now=now, actor=by, action="poll deleted", poll=poll.id, title=poll.title
    )
    return poll


def file_of(connection: Connection, poll_id: int) -> str:
    """Return a poll's POLL.toml, from which the same can be made again.

    Raises: NoSuchPollError.
    """
    poll = polls.get(connection, poll_id)
    try:
        scheme = scheme_of(cycles.get(connection, poll.cycle_id))
    except BallotError:  # a scheme that this version does not have any more
        scheme = None
    return poll_file(poll.definition, scheme)
