"""Second person's confirmation (双人确认): ask, confirm, refuse, withdraw.

A page asks with `ask(connection, ACTION, poll_id, details, asker=…, now=…)` and sends the asker to
`web/confirmations.py: waiting`, which shows what will happen and who may confirm it. The action
itself runs once, in `confirm`, in the transaction that settles the request, and is checked anew
there: what no longer fits is refused in words and the request goes on waiting. Actions are values
in `services/confirmable.py`, which says how to add one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ballot.domain.confirmations import (
    LIFETIME,
    AskedAlreadyError,
    AskerGoneError,
    Details,
    NotWaitingError,
    NotWitnessError,
    NotYoursError,
    OwnRequestError,
    Request,
    State,
    TemporaryWitnessError,
)
from ballot.domain.people import Role, User, refuse_rated
from ballot.domain.polls import Poll
from ballot.domain.written import LONGEST_REASON, problems
from ballot.errors import MistakesError
from ballot.language import Text
from ballot.services.confirmable import ACTIONS, Action, Pair
from ballot.storage import confirmations, events, people, polls
from ballot.storage.database import Connection


@dataclass(frozen=True)
class Told:
    """A request with what a person reads about it: its poll, and what will happen."""

    request: Request
    action: Action
    poll: Poll
    words: Sequence[Text]
    state: State

    def concerns(self, user: User) -> bool:
        """Tell whether this account asked, or may confirm."""
        return user.id == self.request.asker.id or self.may_confirm(user)

    def may_confirm(self, user: User) -> bool:
        """Tell whether this account may be the second person, by its role."""
        return user.id != self.request.asker.id and user.role in self.action.witnesses


def ask(
    connection: Connection,
    action: Action,
    poll_id: int,
    details: Details,
    *,
    asker: User,
    now: datetime,
) -> int:
    """Ask for an action and return the request's number; whatever stands in its way is told now.

    Raises: NoSuchPollError, AskedAlreadyError, and whatever the action itself raises.
    """
    poll = polls.get(connection, poll_id, hold=True)
    for other in confirmations.waiting(connection, now, poll.id):
        if other.action == action.name and action.about(other.details) == action.about(details):
            raise AskedAlreadyError(action=Text(action.title), asker=other.asker.told)
    _try(connection, action, poll, details, asker, now)
    request_id = confirmations.add(
        connection,
        action=action.name,
        poll_id=poll.id,
        details=details,
        asker=asker,
        now=now,
        expires_at=now + LIFETIME,
    )
    events.append(
        connection,
        now=now,
        actor=asker.name,
        action="confirmation asked",
        poll=poll.id,
        what=action.name,
        request=request_id,
    )
    return request_id


def _try(
    connection: Connection,
    action: Action,
    poll: Poll,
    details: Details,
    asker: User,
    now: datetime,
) -> None:
    """Do the action and undo it; the second person is not known yet."""
    trial = connection.begin_nested()
    try:
        nobody = User(0, "-", Role.SCRUTINEER, 0, "-")
        action.run(connection, poll, details, Pair(asker, nobody), now)
    finally:
        trial.rollback()


def confirm(connection: Connection, request_id: int, *, witness: User, now: datetime) -> Action:
    """Let a request's action happen, once, as its second person, and return it.

    Raises: NoSuchRequestError, NotWaitingError, OwnRequestError, NotWitnessError,
        TemporaryWitnessError, AskerGoneError, RatedPersonError, and whatever the action raises.
    """
    request = confirmations.get(connection, request_id, hold=True)
    request.require_waiting(now)
    action = ACTIONS[request.action]
    _require_witness(connection, request, action, witness)
    asker = request.asker
    if asker.ended or asker.role not in action.askers:
        raise AskerGoneError(name=asker.name)
    poll = polls.get(connection, request.poll_id, hold=True)
    refuse_rated(poll.definition, witness.name, witness.full_name)
    _settle(connection, request, State.DONE, witness, now)
    _log(connection, "confirmation given", request, witness, now)
    action.run(connection, poll, request.details, Pair(asker, witness), now)
    return action


def refuse(
    connection: Connection, request_id: int, *, witness: User, reason: str, now: datetime
) -> None:
    """Refuse a request, with a reason that its asker reads.

    Raises: NoSuchRequestError, NotWaitingError, OwnRequestError, NotWitnessError; MistakesError
        for a missing or unreadable reason.
    """
    request = confirmations.get(connection, request_id, hold=True)
    request.require_waiting(now)
    _require_witness(connection, request, ACTIONS[request.action], witness)
    reason = reason.strip()
    mistakes = [] if reason else [Text("请写明拒绝的理由。")]
    mistakes += problems(Text("理由"), reason, most=LONGEST_REASON, lines=True)
    if mistakes:
        raise MistakesError(mistakes)
    _settle(connection, request, State.REFUSED, witness, now, reason)
    _log(connection, "confirmation refused", request, witness, now, reason=reason)


def withdraw(connection: Connection, request_id: int, *, by: User, now: datetime) -> None:
    """Take an own request back.

    Raises: NoSuchRequestError, NotWaitingError, NotYoursError.
    """
    request = confirmations.get(connection, request_id, hold=True)
    request.require_waiting(now)
    if by.id != request.asker.id:
        raise NotYoursError
    _settle(connection, request, State.WITHDRAWN, by, now)
    _log(connection, "confirmation withdrawn", request, by, now)


def told(connection: Connection, request_id: int, now: datetime) -> Told:
    """Return a request as a person reads it.

    Raises: NoSuchRequestError.
    """
    return _told(connection, confirmations.get(connection, request_id), now)


def waiting(connection: Connection, now: datetime, poll_id: int | None = None) -> list[Told]:
    """Return what waits for a second person, oldest first; of one poll if it is named."""
    return [
        _told(connection, each, now) for each in confirmations.waiting(connection, now, poll_id)
    ]


def _told(connection: Connection, request: Request, now: datetime) -> Told:
    action = ACTIONS[request.action]
    poll = polls.get(connection, request.poll_id)
    words = action.words(connection, poll, request.details)
    return Told(request, action, poll, words, request.state_at(now))


def _require_witness(
    connection: Connection, request: Request, action: Action, witness: User
) -> None:
    """Look at the account as it is now, which may be ended since its page was sent."""
    witness = people.user(connection, witness.id) or witness
    if witness.id == request.asker.id:
        raise OwnRequestError
    if witness.ended or witness.role not in action.witnesses:
        raise NotWitnessError(name=witness.name, role=witness.role.text)
    if witness.temporary:
        raise TemporaryWitnessError(name=witness.name)


def _settle(
    connection: Connection,
    request: Request,
    state: State,
    by: User,
    now: datetime,
    reason: str | None = None,
) -> None:
    if not confirmations.settle(
        connection, request.id, state, by=by, now=now, reason=reason
    ):  # somebody was faster
        raise NotWaitingError(state=confirmations.get(connection, request.id).kept.text)


def _log(
    connection: Connection,
    action: str,
    request: Request,
    by: User,
    now: datetime,
    **details: str,
) -> None:
    events.append(
        connection,
        now=now,
        actor=by.name,
        action=action,
        poll=request.poll_id,
        what=request.action,
        request=request.id,
        full_name=by.full_name,
        asked_by=request.asker.name,
        asker_name=request.asker.full_name,
        **details,
    )
