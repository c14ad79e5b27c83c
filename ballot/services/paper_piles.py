"""Whether a poll has paper votes, how they will be entered, and how far they are.

From declaring them until they are taken over the poll shows no result: whoever saw one without the
papers would learn theirs by subtraction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ballot.domain.paper_sheets import fits_sheets
from ballot.domain.paper_votes import Mode
from ballot.domain.polls import Phase, Poll, PollId
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.services.closing import PARTED, TALLIED, NotPartedYetError
from ballot.storage import events, polls
from ballot.storage import paper_votes as stored
from ballot.storage.database import Connection
from ballot.storage.paper_votes import Pile, Step


class NoPileError(RefusedError):
    """No paper votes were declared for the poll."""

    message = N_("测评活动“%(title)s”没有登记纸质票。")


class PileTakenError(RefusedError):
    """The papers are part of the votes already."""

    message = N_("测评活动“%(title)s”的纸质票已经合并计票，不能再改。")


class PileDeclaredError(RefusedError):
    """Paper votes were declared before."""

    message = N_("测评活动“%(title)s”已经登记有纸质票。")


class NoSheetsError(RefusedError):
    """The poll's papers cannot be entered as counts."""

    message = N_("这次测评打分数或内容太多，纸质票只能逐张录入。")


class WrongStepError(RefusedError):
    """Another step of the paper votes has to come first."""

    message = N_("纸质票现在不能这样做：%(why)s")


@dataclass(frozen=True)
class GroupPile:
    """A voter group's papers: how many are registered, and how many were set aside."""

    index: int
    key: str
    name: str
    papers: int
    set_aside: int


@dataclass(frozen=True)
class Piles:
    """A poll's papers, in numbers. `pile` is None where no paper votes were declared."""

    poll: Poll
    pile: Pile | None
    groups: Sequence[GroupPile]

    @property
    def pending(self) -> bool:
        """Tell whether papers were declared and are not taken over."""
        return self.pile is not None and self.pile.step is not Step.TAKEN

    @property
    def papers(self) -> int:
        """Return how many papers are registered."""
        return sum(group.papers for group in self.groups)

    @property
    def set_aside(self) -> int:
        """Return how many slips were set aside."""
        return sum(group.set_aside for group in self.groups)

    @property
    def sheets_fit(self) -> bool:
        """Tell whether the papers may be entered as counts."""
        return fits_sheets(self.poll.definition)


def of_poll(connection: Connection, poll_id: int) -> Piles:
    """Return a poll's papers in numbers.

    Raises: NoSuchPollError.
    """
    poll = polls.get(connection, poll_id)
    return piles(connection, poll)


def piles(connection: Connection, poll: Poll) -> Piles:
    """Return a poll's papers in numbers."""
    papers = stored.slips(connection, poll.id, set_aside=False)
    aside = stored.slips(connection, poll.id, set_aside=True)
    groups = [
        GroupPile(index, group.key, group.name, papers.get(index, 0), aside.get(index, 0))
        for index, group in enumerate(poll.definition.groups)
    ]
    return Piles(poll, stored.pile(connection, poll.id), groups)


def declare(connection: Connection, poll_id: int, mode: Mode, *, by: str, now: datetime) -> None:
    """Declare that a poll has paper votes, and how they will be entered.

    From now on the poll shows no result and cannot be certified until they are taken over. Best
    done before closing: whoever saw the result without the papers learns them by subtraction.

    Raises: NoSuchPollError, WrongPhaseError, PileDeclaredError, NoSheetsError.
    """
    poll = polls.get(connection, poll_id, hold=True)
    if poll.phase not in {Phase.DRAFT, Phase.OPEN}:
        poll.require(Phase.CLOSED, Text("登记纸质票"))
    if stored.pile(connection, poll.id) is not None:
        raise PileDeclaredError(title=poll.title)
    if mode is Mode.COUNTS and not fits_sheets(poll.definition):
        raise NoSheetsError
    stored.declare(connection, poll.id, mode)
    log(connection, now, by, "paper votes declared", poll.id, mode=mode.value)


def cancel(connection: Connection, poll_id: int, *, reason: str, by: str, now: datetime) -> None:
    """Take back that a poll has paper votes: slips and entries are deleted, and their traces.

    Raises: NoSuchPollError, NoPileError, PileTakenError, MistakesError for a missing reason.
    """
    poll, _ = held(connection, poll_id)
    if not reason.strip():
        raise MistakesError([Text("请写明撤销纸质票的理由。")])
    papers = piles(connection, poll).papers
    discard(connection, poll)
    log(
        connection,
        now,
        by,
        "paper votes cancelled",
        poll.id,
        papers=papers,
        reason=reason.strip(),
    )


def discard(connection: Connection, poll: Poll) -> None:
    """Delete what is kept of a poll's papers that were not taken over, and have it scrubbed."""
    pile = stored.pile(connection, poll.id)
    if pile is None or pile.step is Step.TAKEN:
        return
    stored.discard(connection, poll.id)
    if poll.closing_step > TALLIED:
        polls.closing_step_done(connection, poll, TALLIED)


def held(connection: Connection, poll_id: int) -> tuple[Poll, Pile]:
    """Return a poll, held against others, and its pile that may still change.

    Raises: NoSuchPollError, NoPileError, PileTakenError.
    """
    poll = polls.get(connection, poll_id, hold=True)
    return poll, _changing(poll, stored.pile(connection, poll.id))


def _changing(poll: Poll, pile: Pile | None) -> Pile:
    if pile is None:
        raise NoPileError(title=poll.title)
    if pile.step is Step.TAKEN:
        raise PileTakenError(title=poll.title)
    return pile


def _require_closed(poll: Poll, pile: Pile | None) -> Pile:
    changing = _changing(poll, pile)
    poll.require(Phase.CLOSED, Text("录入纸质票"))
    if poll.closing_step < PARTED:
        raise NotPartedYetError(title=poll.title)
    return changing


def require_registering(poll: Poll, pile: Pile | None) -> Pile:
    """Return a closed poll's pile that takes slips.

    Raises: WrongPhaseError, NotPartedYetError, NoPileError, PileTakenError, WrongStepError.
    """
    found = _require_closed(poll, pile)
    if found.step is not Step.REGISTERING:
        raise WrongStepError(why=Text("收票登记已经结束。"))
    return found


def require_entering(poll: Poll, pile: Pile | None) -> Pile:
    """Return a closed poll's pile that is being entered.

    Raises: as `require_registering`.
    """
    found = _require_closed(poll, pile)
    if found.step is not Step.ENTERING:
        raise WrongStepError(why=Text("收票登记还没有结束。"))
    return found


def log(
    connection: Connection, now: datetime, by: str, action: str, poll_id: PollId, **details: object
) -> None:
    """Put into the event log what was done with a poll's papers."""
    events.append(connection, now=now, actor=by, action=action, poll=poll_id, **details)
