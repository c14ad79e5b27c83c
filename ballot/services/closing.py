"""Closing a poll: ordered or by the clock, then three steps that a restart goes on with.

1. The final phase, with the stored tally and ballot account.
2. Votes and ballots written anew, every column of choices shuffled apart.
3. The scrub: what deleted rows left in the files goes. Retried until done.
"""

from collections.abc import Mapping
from datetime import datetime
from random import Random

from ballot.domain.account import Account
from ballot.domain.events import CLOCK
from ballot.domain.hand_outs import account_of, renewed
from ballot.domain.people import refuse_rated
from ballot.domain.polls import Phase, Poll, PollId
from ballot.domain.quorum import require_quorum
from ballot.domain.tallies import Tally, tally
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.services import results
from ballot.storage import ballots, comments, events, hand_outs, kiosks, polls, tallies, votes
from ballot.storage.database import Connection, Database

TALLIED, PARTED, SCRUBBED = 1, 2, 3


class NotPartedYetError(RefusedError):
    """The closing steps are still at work."""

    message = N_("测评活动“%(title)s”还在收尾，请稍候片刻再认定。")


class TooLateError(RefusedError):
    """The account is of a form that takes no hand-outs any more."""

    message = N_("“%(title)s”由早先的版本计票，发放记录不能再补；请在认定时填写发出数。")


def order(
    connection: Connection, poll_id: int, *, scrutineer: str, by: str, now: datetime
) -> datetime:
    """Order a poll closed and return when its last votes are taken (end plus grace).

    From now on no ballot page is given out; a vote on its way is still taken. Ordering twice
    changes nothing.

    Raises: NoSuchPollError, WrongPhaseError, RatedPersonError, MistakesError for a missing
        scrutineer.
    """
    poll = polls.get(connection, poll_id, hold=True)
    poll.require(Phase.OPEN, Text("结束投票"))
    if not scrutineer.strip():
        raise MistakesError([Text("请填写监票人姓名。")])
    refuse_rated(poll.definition, scrutineer)
    if poll.closing and poll.closes_at is not None:
        return poll.closes_at + poll.grace
    return _begin(connection, poll, by=by, now=now, scrutineer=scrutineer.strip())


def _begin(
    connection: Connection, poll: Poll, *, by: str, now: datetime, **details: str
) -> datetime:
    ends = now if poll.closes_at is None else min(now, poll.closes_at)
    polls.begin_closing(connection, poll, ends)
    events.append(connection, now=now, actor=by, action="closing begun", poll=poll.id, **details)
    return ends + poll.grace


def go_on(database: Database, now: datetime, random: Random) -> list[PollId]:
    """Do what is due for every poll that is closing, and return those it finished.

    Called by the working process again and again; safe from several processes at once.
    """
    with database.read() as connection:
        waiting = polls.unfinished(connection)
    return [poll.id for poll in waiting if _go_on_with(database, poll, now, random)]


def _go_on_with(database: Database, poll: Poll, now: datetime, random: Random) -> bool:
    if poll.phase is Phase.OPEN and not _close_if_due(database, poll.id, now):
        return False
    _part(database, poll.id, random)
    return _scrub(database, poll.id, now)


def _close_if_due(database: Database, poll_id: PollId, now: datetime) -> bool:
    """Step 1: tally and close, once the grace is over. Holding the poll keeps casts out."""
    with database.write() as connection:
        poll = polls.get(connection, poll_id, hold=True)
        if poll.is_closing(now) and not poll.closing:
            _begin(connection, poll, by=CLOCK, now=now)
        if poll.phase is not Phase.OPEN:
            return True
        if poll.takes_votes(now):
            return False
        counted = tally(poll.definition, votes.every(connection, poll.id, poll.definition))
        account = _account(connection, poll, counted)
        tallies.store(connection, poll.id, counted, account)
        polls.advance(connection, poll, Phase.CLOSED)
        polls.closing_step_done(connection, poll, TALLIED)
        events.append(
            connection,
            now=now,
            actor=CLOCK,
            action="poll closed",
            poll=poll.id,
            returned=account.total.returned,
            invalid=account.invalid,
            voided=account.voided,
            boxes=account.returned_by_box,
            **_assisted(connection, poll),
            **_comments(connection, poll),
        )
    return True


def _assisted(connection: Connection, poll: Poll) -> dict[str, int]:
    """Return the number of assisted votes, of a poll that had a kiosk: so it is in the archive."""
    number = kiosks.number_assisted(connection, poll.id)
    return {} if number is None else {"assisted": number}


def _comments(connection: Connection, poll: Poll) -> dict[str, int]:
    """Return the number of comments, of a poll that asked for them."""
    return {"comments": comments.number(connection, poll.id)} if poll.definition.comments else {}


def _account(connection: Connection, poll: Poll, counted: Tally) -> Account:
    """Return the account as the machine knows it."""
    groups = poll.definition.groups
    counts = ballots.part_counts(connection, poll.id, [group.key for group in groups])
    rows = hand_outs.of_poll(connection, poll.id)
    return account_of(groups, counts, rows, sum(counted.invalid.values()))


def renew_account(connection: Connection, poll: Poll) -> None:
    """Bring a closed poll's account up to date with its hand-out record.

    Raises: TooLateError where an earlier version closed the poll.
    """
    counted, account = tallies.stored(connection, poll.id)
    if not account.counts_replacements:
        raise TooLateError(title=poll.title)
    tallies.set_account(connection, poll.id, renewed(account, _account(connection, poll, counted)))


def _part(database: Database, poll_id: PollId, random: Random) -> None:
    """Step 2, in one transaction: it happened, or it did not."""
    with database.write() as connection:
        poll = polls.get(connection, poll_id, hold=True)
        if poll.closing_step == TALLIED:
            votes.part_and_rewrite(connection, poll.id, random)
            comments.rewrite(connection, poll.id)
            kiosks.rewrite(connection, poll.id)
            polls.closing_step_done(connection, poll, PARTED)


def _scrub(database: Database, poll_id: PollId, now: datetime) -> bool:
    """Step 3; False where it has to wait: for readers (SQLite), for open polls (PostgreSQL)."""
    if not database.on_sqlite:
        with database.read() as connection:
            if polls.any_open(connection):
                return False
    if not votes.scrub(database):
        return False
    with database.write() as connection:
        poll = polls.get(connection, poll_id, hold=True)
        if poll.closing_step == PARTED:
            polls.closing_step_done(connection, poll, SCRUBBED)
            events.append(connection, now=now, actor=CLOCK, action="traces scrubbed", poll=poll.id)
    return True


def certify(
    connection: Connection,
    poll_id: int,
    *,
    issued: Mapping[str, int],
    scrutineer: str,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    """Make a closed poll's result final, once its account balances and its quorum is met.

    `issued`: ballots handed out, by group key (its mobile boxes included) or `GROUP@BOX`, where
    that is not what the account says. `reason`: why
    it is certified below its quorum, or with more votes than rights, if it is.

    Raises: NoSuchPollError, WrongPhaseError, NotPartedYetError, PapersPendingError,
        UnknownGroupError, AccountError, ExcessError, QuorumError, BaseTooSmallError,
        BaseUnknownError, RatedPersonError, MistakesError for a missing scrutineer.
    """
    poll = polls.get(connection, poll_id, hold=True)
    poll.require(Phase.CLOSED, Text("认定结果"))
    if poll.closing_step < PARTED:
        raise NotPartedYetError(title=poll.title)
    results.refuse_pending_papers(connection, poll)
    if not scrutineer.strip():
        raise MistakesError([Text("请填写监票人姓名。")])
    refuse_rated(poll.definition, scrutineer)
    account = tallies.stored(connection, poll.id)[1]
    for key in issued.keys() - account.issued_by_box.keys():
        poll.definition.group(key)
    account = account.declaring(issued)
    account.check()
    account.require_reason_for_excess(reason)
    require_quorum(poll.definition.quorum, account, reason)
    tallies.set_account(connection, poll.id, account)
    results.of_poll(connection, poll.id)  # a base smaller than its votes is refused now
    polls.advance(connection, poll, Phase.CERTIFIED)
    events.append(
        connection,
        now=now,
        actor=by,
        action="result certified",
        poll=poll.id,
        scrutineer=scrutineer.strip(),
        issued=account.total.issued,
        returned=account.total.returned,
        boxes=account.issued_by_box,
        reason=reason.strip(),
    )
