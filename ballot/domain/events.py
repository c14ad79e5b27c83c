"""The event log: what organisers did, append-only, each entry chained to the one before by hash.

It never speaks of a single vote.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ballot.domain.canonical import fingerprint
from ballot.errors import OperationError
from ballot.language import N_

START: Final = "0" * 64
CLOCK: Final = "clock"
"""Who acted where a time came, and no person did."""
EXPORTED: Final = "archive exported"
CHANGING_NOTHING: Final = frozenset(
    {
        EXPORTED,
        "confirmation asked",
        "confirmation refused",
        "confirmation withdrawn",
        "screen key made",
        "screen key revoked",
        "reveal order set",
        "reveal begun",
    }
)
"""Actions about a poll that change nothing of it, so that its archive stays the same."""


class BrokenLogError(OperationError):
    """An entry of the log was changed, removed or put in."""

    message = N_("事件日志在第 %(number)s 条处断开：内容与校验值不符。请勿继续使用，先查明原因。")


@dataclass(frozen=True)
class Event:
    """One entry. `previous` and `hash` are SHA-256 in hexadecimal; `at` is aware, UTC."""

    number: int
    at: datetime
    actor: str
    action: str
    details: Mapping[str, Any]
    previous: str
    hash: str


def chained(
    last: Event | None, *, at: datetime, actor: str, action: str, details: Mapping[str, Any]
) -> Event:
    """Return the entry that follows `last`; its time is never before the last one's."""
    number = last.number + 1 if last else 1
    moment = max(at, last.at) if last else at
    previous = last.hash if last else START
    digest = _hash(number, moment, actor, action, details, previous)
    return Event(number, moment, actor, action, details, previous, digest)


def verify(events: Iterable[Event]) -> str:
    """Check a whole log, in order, and return its head (the last hash).

    Raises: BrokenLogError naming the first entry that does not fit.
    """
    head = START
    for number, event in enumerate(events, 1):
        fits = event.number == number and event.previous == head
        if not fits or event.hash != _hash(
            event.number, event.at, event.actor, event.action, event.details, event.previous
        ):
            raise BrokenLogError(number=number)
        head = event.hash
    return head


def _hash(
    number: int,
    at: datetime,
    actor: str,
    action: str,
    details: Mapping[str, Any],
    previous: str,
) -> str:
    moment = at.isoformat(timespec="microseconds")
    return fingerprint([number, moment, actor, action, details, previous])
