"""Results: what a closed poll's stored tally becomes, and the values that a scorer may set."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ballot.domain.account import Account
from ballot.domain.definition_json import rules_hash
from ballot.domain.events import Event
from ballot.domain.polls import Phase, Poll, PollId
from ballot.domain.results import RecordedDiscretion, SectionResult, results
from ballot.domain.written import require_readable
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.storage import events, paper_votes, polls, tallies
from ballot.storage.database import Connection

_NUMBER: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")


class NoResultYetError(RefusedError):
    """Before closing nobody learns anything but turnout."""

    message = N_("测评活动“%(title)s”%(phase)s，投票结束后才有结果。")


class AnnulledResultError(RefusedError):
    """An annulled poll is kept, never counted."""

    message = N_("测评活动“%(title)s”已作废，不计票、不出结果。")


class PapersPendingError(RefusedError):
    """Papers are still to be counted; a result without them would tell what they say."""

    message = N_("测评活动“%(title)s”有纸质票还没有录完，合并计票以后才有结果。")


class NoSuchSubjectError(RefusedError):
    """The poll has no such subject."""

    message = N_("测评活动“%(title)s”中没有测评对象“%(unit)s”。")


@dataclass(frozen=True)
class Results:
    """A closed poll's account and results.

    `sealed_by`: the log's last entry about the poll; its hash stands for everything before it.
    """

    poll: Poll
    account: Account
    sections: tuple[SectionResult, ...]
    sealed_by: Event

    @property
    def final(self) -> bool:
        """Tell whether the results are certified."""
        return self.poll.phase.final

    @property
    def rules_hash(self) -> str:
        """Return the hash of the rules that were frozen when the poll opened."""
        return rules_hash(self.poll.definition)


def account_of(connection: Connection, poll_id: int) -> tuple[Poll, Account]:
    """Return a closed poll with its ballot account, which never rests on the results.

    Raises: NoSuchPollError, NoResultYetError, AnnulledResultError, PapersPendingError.
    """
    poll = polls.get(connection, poll_id)
    _require_told(connection, poll)
    return poll, tallies.stored(connection, poll.id)[1]


def refuse_pending_papers(connection: Connection, poll: Poll) -> None:
    """Refuse a result while papers wait to be counted: the difference would be theirs.

    Raises: PapersPendingError.
    """
    if poll.id in paper_votes.pending(connection):
        raise PapersPendingError(title=poll.title)


def _require_told(connection: Connection, poll: Poll) -> None:
    if poll.phase is Phase.ANNULLED:
        raise AnnulledResultError(title=poll.title)
    if not poll.phase.counted:
        raise NoResultYetError(title=poll.title, phase=poll.phase.text)
    refuse_pending_papers(connection, poll)


def of_poll(connection: Connection, poll_id: int, *, smallest_group: int = 5) -> Results:
    """Return a closed poll's results; never before closing.

    Raises: NoSuchPollError, NoResultYetError, AnnulledResultError, PapersPendingError.
    """
    poll = polls.get(connection, poll_id)
    _require_told(connection, poll)
    tally, account = tallies.stored(connection, poll.id)
    recorded = tallies.discretions_of(connection, poll.id)
    sections = results(poll.definition, tally, account, recorded, smallest_group)
    return Results(poll, account, sections, events.last_about(connection, poll.id))


def set_discretion(
    connection: Connection,
    poll_id: int,
    *,
    unit: str,
    value: str,
    reason: str,
    by: str,
    now: datetime,
    component: str | None = None,
) -> None:
    """Record another value for a subject in the discretionary lowest band, before certifying.

    `component`: where a unit stands in several sections.
    Raises: NoSuchPollError, WrongPhaseError, NoSuchSubjectError, MistakesError for a value that
        is no number or an unreadable reason, DiscretionError where the rule or the ratio has no
        room for it.
    """
    poll = polls.get(connection, poll_id, hold=True)
    poll.require(Phase.CLOSED, Text("记录酌情分"))
    section = _section_of(poll, unit, component)
    if not _NUMBER.fullmatch(value):
        raise MistakesError([Text("酌情分应为数字，如 35 或 35.5。")])
    require_readable([reason, by])
    recorded = RecordedDiscretion(section, unit, value, reason.strip(), by)
    tallies.set_discretion(connection, poll.id, recorded)
    of_poll(connection, poll.id)  # refuses what does not fit
    _log_discretion(connection, poll.id, recorded, now)


def _section_of(poll: Poll, unit: str, component: str | None) -> int:
    for place, section in enumerate(poll.definition.sections):
        units = {subject.unit for subject in section.subjects}
        if unit in units and component in {None, section.component}:
            return place
    raise NoSuchSubjectError(title=poll.title, unit=unit)


def _log_discretion(
    connection: Connection, poll_id: PollId, recorded: RecordedDiscretion, now: datetime
) -> None:
    events.append(
        connection,
        now=now,
        actor=recorded.by,
        action="discretion recorded",
        poll=poll_id,
        section=recorded.section,
        unit=recorded.unit,
        value=recorded.value,
        reason=recorded.reason,
    )
