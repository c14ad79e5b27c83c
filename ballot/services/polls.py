"""Polls before and while they run: creating, opening, watching turnout, voiding, annulling."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ballot.domain.codes import Code
from ballot.domain.definition import Group
from ballot.domain.definition_json import rules_hash
from ballot.domain.hand_outs import HALL, Handed
from ballot.domain.keys import Keys
from ballot.domain.people import refuse_rated
from ballot.domain.pollfile import read_poll_file
from ballot.domain.polls import CycleId, Phase, Poll, PollId
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.services import cycles as cycle_service
from ballot.services import jobs, paper_piles
from ballot.storage import ballots, cycles, events, hand_outs, polls
from ballot.storage.database import Connection

ANNULLABLE: Final = frozenset({Phase.DRAFT, Phase.CLOSED, Phase.CERTIFIED, Phase.PUBLISHED})
"""Phases in which a poll may be annulled; an open one is closed first."""


class SchemeMismatchError(RefusedError):
    """The poll's scheme is not its cycle's."""

    message = N_("考核周期 %(cycle)s 采用方案 %(wanted)s，而文件写的是 %(found)s。")


class NoBallotsError(MistakesError):
    """Some groups have no printed ballots."""


class NotVoidableError(RefusedError):
    """The ballot is unknown here, or used, or voided already."""

    message = N_("这张票不能作废：它不属于本次测评，或已经投出，或早已作废。")


@dataclass(frozen=True)
class GroupTurnout:
    """One group's turnout, in ballots: cast by phone or counted on paper; spares are printed."""

    key: str
    name: str
    printed: int
    cast: int


def create(
    connection: Connection,
    text: str,
    *,
    cycle_id: int | None,
    smallest_group: int,
    by: str,
    now: datetime,
) -> PollId:
    """Create a poll as a draft from a POLL.toml; nothing is kept of a file with mistakes.

    Raises: MistakesError; NoSuchCycleError, NoCycleError, SeveralCyclesError,
        SchemeMismatchError.
    """
    if cycle_id is not None:
        cycles.get(connection, cycle_id, hold=True)  # its scheme stays until the draft is there
    definition = read_poll_file(
        text,
        smallest_group=smallest_group,
        schemes=lambda name: cycle_service.scheme_for_poll(connection, name, cycle_id),
    )
    if cycle_id is None:
        cycle = CycleId(cycle_service.belonging(connection, definition.scheme))
    else:
        wanted = cycles.get(connection, cycle_id)
        if wanted.scheme != definition.scheme:
            raise SchemeMismatchError(cycle=cycle_id, wanted=wanted.scheme, found=definition.scheme)
        cycle = wanted.id
    poll_id = polls.add(connection, cycle_id=cycle, definition=definition, now=now)
    _log(connection, now, by, "poll created", poll_id, title=definition.title)
    return poll_id


def get(connection: Connection, poll_id: int) -> Poll:
    """Return a poll.

    Raises: NoSuchPollError.
    """
    return polls.get(connection, poll_id)


def every(connection: Connection, cycle_id: int | None = None) -> list[Poll]:
    """Return all polls, or those of a cycle."""
    return polls.every(connection, cycle_id)


def open_poll(
    connection: Connection,
    poll_id: int,
    *,
    scrutineer: str,
    closes_at: datetime | None,
    grace_seconds: int,
    by: str,
    now: datetime,
) -> None:
    """Open a poll for voting; from now on its definition is frozen.

    Raises: NoSuchPollError, WrongPhaseError, NoBallotsError (a text per group without ballots),
        RatedPersonError, MistakesError for a missing scrutineer or an end that has passed.
    """
    poll = polls.get(connection, poll_id, hold=True)
    poll.require(Phase.DRAFT, Text("开始投票"))
    _named(scrutineer)
    refuse_rated(poll.definition, scrutineer)
    if closes_at is not None and closes_at <= now:
        raise MistakesError([Text("结束时间已经过去。")])
    missing = [
        Text("“%(group)s”还没有印票。", group=line.name)
        for line in turnout(connection, poll)
        if not line.printed
    ]
    if missing:
        raise NoBallotsError(missing)
    polls.opened(connection, poll, now=now, closes_at=closes_at, grace=grace_seconds)
    jobs.forget_opened(connection, poll.id, by=by, now=now)
    frozen = rules_hash(poll.definition)
    _log(
        connection,
        now,
        by,
        "poll opened",
        poll.id,
        scrutineer=scrutineer.strip(),
        rules_hash=frozen,
    )


def turnout(connection: Connection, poll: Poll) -> list[GroupTurnout]:
    """Return how many ballots of each group were printed and cast: all that is told early."""
    groups = poll.definition.groups
    counts = ballots.counts(connection, poll.id, [group.key for group in groups])
    return [
        GroupTurnout(group.key, group.name, count.printed, count.cast + count.paper)
        for group, count in zip(groups, counts, strict=True)
    ]


def void_ballot(
    connection: Connection,
    keys: Keys,
    poll_id: int,
    code: Code,
    *,
    replaced: bool = True,
    by: str,
    now: datetime,
) -> Group:
    """Void a damaged, unused slip by its code and return its group; nothing takes that back.

    `replaced`: its holder gets a spare for it; else it was spoilt before anybody had it. The log
    tells that one was voided, not which.

    Raises: NoSuchPollError, NotVoidableError.
    """
    poll = polls.get(connection, poll_id, hold=True)
    takes = poll.phase in {Phase.DRAFT, Phase.OPEN}
    voided = ballots.void(connection, keys.digest(code), poll.id) if takes else None
    if voided is None:
        raise NotVoidableError
    group, box = poll.definition.groups[voided.group_index], voided.box or HALL
    what = Handed.DAMAGED if replaced else Handed.SPOILT
    hand_outs.add(connection, poll.id, group.key, box, what, 1, by=by, now=now)
    details = {"group": group.key, "box": box, "replaced": replaced}
    _log(connection, now, by, "ballot voided", poll.id, **details)
    return group


def annul(connection: Connection, poll_id: int, *, reason: str, by: str, now: datetime) -> None:
    """Annul a poll: it is kept, never counted. An open one has to be closed first.

    Raises: NoSuchPollError, WrongPhaseError, MistakesError for a missing reason.
    """
    poll = polls.get(connection, poll_id, hold=True)
    if not reason.strip():
        raise MistakesError([Text("请写明作废的理由。")])
    if poll.phase not in ANNULLABLE:
        poll.require(Phase.CLOSED, Text("作废"))
    paper_piles.discard(connection, poll)
    polls.advance(connection, poll, Phase.ANNULLED)
    _log(connection, now, by, "poll annulled", poll.id, reason=reason.strip())


def _named(person: str) -> None:
    if not person.strip():
        raise MistakesError([Text("请填写监票人姓名。")])


def _log(
    connection: Connection, now: datetime, by: str, action: str, poll_id: PollId, **details: object
) -> None:
    events.append(connection, now=now, actor=by, action=action, poll=poll_id, **details)
