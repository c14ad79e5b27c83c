"""A poll's big screen from the office: its key, the order of the reveal, and how far it goes."""

import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ballot.domain.codes import ALPHABET
from ballot.domain.polls import Poll, PollId
from ballot.domain.reveal import Revealed, Screen, revealed, steps
from ballot.errors import NotFoundError, RefusedError
from ballot.language import N_
from ballot.services import results
from ballot.storage import events, polls, screens
from ballot.storage.database import Connection

KEY_SYMBOLS: Final = 20
"""Of 32 symbols: 100 bits, which nobody guesses."""
_KEY: Final = re.compile(f"[{ALPHABET.lower()}]{{{KEY_SYMBOLS}}}")


class NoSuchScreenError(NotFoundError):
    """No screen has that key, or not any more."""

    message = N_("没有这个大屏，或者它的网址已经停用。请向组织者要新的网址。")


class NotRevealableError(RefusedError):
    """Results are revealed once they are certified, and not before."""

    message = N_("测评活动“%(title)s”%(phase)s，结果认定以后才能揭晓。")


class RevealBegunError(RefusedError):
    """The order cannot change under the eyes of the hall."""

    message = N_("揭晓已经开始，不能再改顺序。请先退回到揭晓之前。")


@dataclass(frozen=True)
class Presentation:
    """What the presenter sees: the screen, the steps there are, and what it shows now.

    `steps` is 0 until the result is certified.
    """

    poll: Poll
    screen: Screen
    steps: int = 0
    shows: Revealed | None = None


def is_key(written: str) -> bool:
    """Tell whether something may be a key; the rest need not be looked up."""
    return _KEY.fullmatch(written) is not None


def of_poll(connection: Connection, poll_id: int, *, smallest_group: int) -> Presentation:
    """Return where a poll's screen stands.

    Raises: NoSuchPollError.
    """
    poll = polls.get(connection, poll_id)
    screen = screens.get(connection, poll.id)
    if not poll.phase.final:
        return Presentation(poll, screen)
    found = results.of_poll(connection, poll.id, smallest_group=smallest_group)
    shows = revealed(found.sections, screen.step, by_rank=screen.by_rank)
    return Presentation(poll, screen, steps(found.sections), shows)


def make_key(connection: Connection, poll_id: int, *, by: str, now: datetime) -> str:
    """Give a poll's screen a fresh key and return it; an earlier one opens nothing any more.

    Raises: NoSuchPollError.
    """
    poll, screen = _held(connection, poll_id)
    key = "".join(secrets.choice(ALPHABET) for _ in range(KEY_SYMBOLS)).lower()
    screens.put(connection, poll.id, replace(screen, key=key))
    _log(connection, now, by, "screen key made", poll.id)
    return key


def revoke_key(connection: Connection, poll_id: int, *, by: str, now: datetime) -> None:
    """Switch a poll's screen off. How far the reveal is stays.

    Raises: NoSuchPollError.
    """
    poll, screen = _held(connection, poll_id)
    if screen.key is not None:
        screens.put(connection, poll.id, replace(screen, key=None))
        _log(connection, now, by, "screen key revoked", poll.id)


def order(connection: Connection, poll_id: int, *, by_rank: bool, by: str, now: datetime) -> None:
    """Choose the order of the reveal, before it begins.

    Raises: NoSuchPollError, RevealBegunError.
    """
    poll, screen = _held(connection, poll_id)
    if screen.step:
        raise RevealBegunError
    if screen.by_rank != by_rank:
        screens.put(connection, poll.id, replace(screen, by_rank=by_rank))
        _log(connection, now, by, "reveal order set", poll.id, by_rank=by_rank)


def move(
    connection: Connection, poll_id: int, step: int, *, smallest_group: int, by: str, now: datetime
) -> None:
    """Let the screen show a step: 0 is before the first; one beyond the last is the last.

    Which step is meant, and not "the next": a button that is pressed twice moves once.
    Raises: NoSuchPollError, NotRevealableError.
    """
    poll, screen = _held(connection, poll_id)
    if not poll.phase.final:
        raise NotRevealableError(title=poll.title, phase=poll.phase.text)
    found = results.of_poll(connection, poll.id, smallest_group=smallest_group)
    moved = replace(screen, step=max(0, min(step, steps(found.sections))))
    if moved == screen:
        return
    screens.put(connection, poll.id, moved)
    if not screen.step:
        _log(connection, now, by, "reveal begun", poll.id)


def _held(connection: Connection, poll_id: int) -> tuple[Poll, Screen]:
    poll = polls.get(connection, poll_id, hold=True)
    return poll, screens.get(connection, poll.id)


def _log(
    connection: Connection, now: datetime, by: str, action: str, poll_id: PollId, **details: object
) -> None:
    events.append(connection, now=now, actor=by, action=action, poll=poll_id, **details)
