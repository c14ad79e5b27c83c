"""Assisted voting (代填): a kiosk that the office opens for a poll, and casting at it.

A kiosk is a page for a device that many voters share. Its link bears a key; whoever holds it can
do no more than anybody with a slip in hand, only that the vote is counted among the assisted ones.
Of those only the number is kept, and told after closing: which votes they are, nothing says.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ballot.domain.casting import Cast, Outcome
from ballot.domain.codes import Code
from ballot.domain.keys import Keys
from ballot.domain.polls import Phase, Poll
from ballot.errors import NotFoundError, OperationError, RefusedError
from ballot.language import N_
from ballot.services import voting
from ballot.services.casting import UncertainError
from ballot.services.voting import Admission, Counted, StateOfBallotError
from ballot.storage import events, kiosks, polls
from ballot.storage.casting import cast_all
from ballot.storage.database import Connection, Database

logger = logging.getLogger(__name__)

_BEFORE_ITS_END: Final = frozenset({Phase.DRAFT, Phase.OPEN})


class NoSuchKioskError(NotFoundError):
    """The link is not, or no longer, that of a kiosk."""

    message = N_("这个代填链接不对，或者已经收回。请向工作人员要新的链接。")


class KioskTooLateError(RefusedError):
    """Voting is over."""

    message = N_("测评活动“%(title)s”的投票已经结束，不能再开代填。")


class OtherPollError(StateOfBallotError):
    """The slip belongs to another poll than the kiosk."""

    heading = N_("不是这次测评的票")
    message = N_("这张票属于另一次测评，不能在这里投。这张票没有使用，请交给工作人员查看。")


@dataclass(frozen=True)
class PollsKiosk:
    """A poll and the key of its kiosk; None where it has no open one."""

    poll: Poll
    key: str | None


def of_poll(connection: Connection, keys: Keys, poll_id: int) -> PollsKiosk:
    """Return a poll's kiosk. Once the poll takes no more votes it has none.

    Raises: NoSuchPollError.
    """
    poll = polls.get(connection, poll_id)
    found = kiosks.get(connection, poll.id)
    works = found is not None and found.open and poll.phase in _BEFORE_ITS_END
    return PollsKiosk(poll, keys.kiosk(poll.id, found.serial) if works and found else None)


def open_kiosk(connection: Connection, poll_id: int, *, by: str, now: datetime) -> None:
    """Open a poll's kiosk under a new link; an earlier one is worthless from now on.

    Raises: NoSuchPollError, KioskTooLateError.
    """
    poll = polls.get(connection, poll_id, hold=True)
    if poll.phase not in _BEFORE_ITS_END:
        raise KioskTooLateError(title=poll.title)
    kiosks.renew(connection, poll.id)
    events.append(connection, now=now, actor=by, action="kiosk opened", poll=poll.id)


def shut_kiosk(connection: Connection, poll_id: int, *, by: str, now: datetime) -> None:
    """Take a kiosk's link back; shutting it twice changes nothing.

    Raises: NoSuchPollError.
    """
    poll = polls.get(connection, poll_id, hold=True)
    if kiosks.shut(connection, poll.id):
        events.append(connection, now=now, actor=by, action="kiosk shut", poll=poll.id)


def enter(database: Database, keys: Keys, poll_id: int, key: str) -> Poll:
    """Return the poll whose open kiosk a key belongs to. Reads; never writes.

    Raises: NoSuchKioskError.
    """
    with database.read() as connection:
        try:
            poll = polls.get(connection, poll_id)
        except NotFoundError:
            raise NoSuchKioskError from None
        found = kiosks.get(connection, poll.id)
    wanted = keys.kiosk(poll_id, found.serial if found else 0)
    if not secrets.compare_digest(wanted.encode(), key.encode()) or not found or not found.open:
        raise NoSuchKioskError
    return poll


def find_ballot(database: Database, keys: Keys, poll: Poll, code: Code) -> Admission:
    """Return the ballot of a code at a poll's kiosk. Reads; never writes and never spends.

    Raises: UnknownBallotError, OtherPollError.
    """
    admission = voting.find(database, keys, code)
    if admission.poll.id != poll.id:
        raise OtherPollError
    return admission


def submit(
    database: Database, keys: Keys, clock: Callable[[], datetime], admission: Admission, cast: Cast
) -> Counted:
    """Cast a vote and count it as assisted, in one commit; repeating it changes nothing.

    It does not go through the casting queue, whose commits hold votes of phones and kiosks alike.

    Raises: StateOfBallotError's family, UncertainError.
    """
    try:
        with database.write() as connection:
            outcome = cast_all(connection, [cast], clock())[0]
            if outcome is Outcome.COUNTED:
                kiosks.count_one(connection, cast.poll_id)
    except OperationError as error:
        logger.error("a commit at a kiosk failed: %s", error)
        raise UncertainError from error
    return voting.told(keys, admission, outcome)


def assisted_of(connection: Connection, poll: Poll) -> int | None:
    """Return how many of a poll's votes were assisted (代填), in votes.

    None before closing, when it is told to nobody, and for a poll that never had a kiosk.
    """
    return kiosks.number_assisted(connection, poll.id) if poll.phase.counted else None
