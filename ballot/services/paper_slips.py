"""The slips of paper votes: registered one after another by their codes, then counted by hand.

A slip's code decides: an unused ballot of this poll may be counted on paper, one that was cast by
phone is set aside, everything else is told and left out. No number is given to a slip: papers are
shuffled before they are numbered (docs/decisions/0019-paper-votes.md).
"""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from ballot.domain.codes import parse_code
from ballot.domain.keys import Digest, Keys
from ballot.domain.polls import Poll
from ballot.errors import MistakesError
from ballot.language import N_, Text
from ballot.services.paper_piles import Piles, WrongStepError, held, log, piles, require_registering
from ballot.storage import paper_votes as stored
from ballot.storage import polls
from ballot.storage.database import Connection
from ballot.storage.paper_votes import Step
from ballot.storage.tables import State


class PileCountError(MistakesError):
    """Papers counted by hand are not as many as were registered."""


class Registered(Enum):
    """What became of a slip whose code was scanned."""

    COUNTED = N_("已登记：%(group)s第 %(number)s 张。")
    AGAIN = N_("这张票刚才登记过了（%(group)s），不重复计。")
    SET_ASIDE = N_("另存：此票已用手机投过，不作纸质票计。请放到一边（另存第 %(number)s 张）。")
    SET_ASIDE_AGAIN = N_("此票已用手机投过，先前已经另存。")
    VOIDED = N_("此票已登记作废，不能计票。请放到一边。")
    UNKNOWN = N_("这不是本次测评的票，不能计票。请核对票码，或放到一边。")
    REMOVED = N_("已撤下这张票的登记。")
    NOT_THERE = N_("这张票没有登记过。")


class Answer(NamedTuple):
    """What became of a slip, and the sentence that says so."""

    became: Registered
    text: Text

    @property
    def counts(self) -> bool:
        """Tell whether what was asked for was done; else the slip is to be looked at."""
        return self.became in (Registered.COUNTED, Registered.REMOVED)


def _answer(became: Registered, **values: object) -> Answer:
    return Answer(became, Text(became.value, **values))


def register(connection: Connection, keys: Keys, poll_id: int, typed: str) -> Answer:
    """Put a slip on the pile by its code (or the whole link), and say what became of it.

    Raises: NoSuchPollError, WrongPhaseError, NotPartedYetError, NoPileError, PileTakenError,
        WrongStepError once the pile was counted; CodeError.
    """
    poll = _registering(connection, poll_id)
    digest = read_digest(keys, typed)
    found = stored.ballot_state(connection, poll.id, digest)
    if found is None:
        return _answer(Registered.UNKNOWN)
    group_index, state = found
    if state is State.VOIDED:
        return _answer(Registered.VOIDED)
    on_phone = state is State.CAST
    known = stored.knows(connection, digest)
    if not known:
        stored.add_slip(connection, poll.id, digest, group_index, set_aside=on_phone)
    number = stored.slips(connection, poll.id, set_aside=on_phone)
    became = {
        (False, False): Registered.COUNTED,
        (False, True): Registered.AGAIN,
        (True, False): Registered.SET_ASIDE,
        (True, True): Registered.SET_ASIDE_AGAIN,
    }[on_phone, known]
    group = poll.definition.groups[group_index]
    count = sum(number.values()) if on_phone else number[group_index]
    return _answer(became, group=group.name, number=count)


def unregister(connection: Connection, keys: Keys, poll_id: int, typed: str) -> Answer:
    """Take a slip that was registered by mistake back off the pile.

    Raises: as `register`.
    """
    poll = _registering(connection, poll_id)
    there = stored.remove_slip(connection, poll.id, read_digest(keys, typed))
    return _answer(Registered.REMOVED if there else Registered.NOT_THERE)


def read_digest(keys: Keys, typed: str) -> Digest:
    """Return the digest of a code that was typed or scanned, alone or as a slip's whole link.

    Raises: CodeError.
    """
    return keys.digest(parse_code(typed.strip().rstrip("/").rsplit("/", 1)[-1]))


def finish(
    connection: Connection, poll_id: int, counted: Mapping[str, int], *, by: str, now: datetime
) -> None:
    """Finish the pile, once the papers were counted by hand: as many as were registered.

    `counted`: papers by group key.

    Raises: as `register`; PileCountError for a group whose numbers differ; MistakesError for an
        empty pile or fewer papers than were entered already.
    """
    poll = _registering(connection, poll_id)
    found = piles(connection, poll)
    differing = [
        Text(
            "%(group)s：清点 %(counted)s 张，登记了 %(papers)s 张。请找出差在哪里。",
            group=group.name,
            counted=counted.get(group.key, 0),
            papers=group.papers,
        )
        for group in found.groups
        if counted.get(group.key, 0) != group.papers
    ]
    if differing:
        raise PileCountError(differing)
    if not found.papers:
        raise MistakesError([Text("一张纸质票也没有登记。没有纸质票的，请撤销登记。")])
    _require_room(connection, found)
    stored.set_step(connection, poll.id, Step.ENTERING)
    log(
        connection,
        now,
        by,
        "paper pile counted",
        poll.id,
        papers=found.papers,
        set_aside=found.set_aside,
    )


def _require_room(connection: Connection, found: Piles) -> None:
    """Refuse a pile with fewer papers than the tellers entered before it was opened again."""
    spots = [
        spot
        for hand in (stored.FIRST, stored.SECOND)
        for spot in stored.entries(connection, found.poll.id, hand)
    ]
    entered = {
        group.key: max(
            (spot.number for spot in spots if spot.group_index == group.index), default=0
        )
        for group in found.groups
    }
    mistakes = [
        Text(
            "%(group)s：已录入到第 %(number)s 号，登记的票不能比这少。",
            group=group.name,
            number=entered[group.key],
        )
        for group in found.groups
        if entered[group.key] > group.papers
    ]
    if mistakes:
        raise MistakesError(mistakes)


def reopen(connection: Connection, poll_id: int, *, by: str, now: datetime) -> None:
    """Open a counted pile again for slips that were found late; entries stay.

    Raises: NoSuchPollError, NoPileError, PileTakenError, WrongStepError once both tellers finished.
    """
    poll, pile = held(connection, poll_id)
    if pile.compared:
        raise WrongStepError(why=Text("两名计票人都已录完。"))
    for hand in (stored.FIRST, stored.SECOND):
        stored.set_done(connection, poll.id, hand, done=False)
    stored.set_step(connection, poll.id, Step.REGISTERING)
    log(connection, now, by, "paper pile reopened", poll.id)


def _registering(connection: Connection, poll_id: int) -> Poll:
    poll = polls.get(connection, poll_id, hold=True)
    require_registering(poll, stored.pile(connection, poll.id))
    return poll
