"""The event log as people read it: in words, filtered, page by page, and whether it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from ballot.clock import LOCAL
from ballot.domain.event_words import action_text, detail_texts
from ballot.domain.events import CLOCK, START, BrokenLogError, Event, verify
from ballot.language import Text
from ballot.storage import events, people, polls
from ballot.storage.database import Connection
from ballot.storage.events import Wanted

PAGE: Final = 100


@dataclass(frozen=True)
class Filter:
    """Which entries are wanted; `None` means all. Days are of the time people here live by."""

    poll_id: int | None = None
    actor: str | None = None
    action: str | None = None
    since: date | None = None
    until: date | None = None

    @property
    def wanted(self) -> Wanted:
        """Return the same with moments instead of days."""
        return Wanted(
            poll_id=self.poll_id,
            actor=self.actor,
            action=self.action,
            since=_begin(self.since),
            before=_begin(self.until + timedelta(days=1)) if self.until else None,
        )


@dataclass(frozen=True)
class Line:
    """An entry with what a person reads: who, what, about which poll."""

    event: Event
    person: str
    action: Text
    details: Sequence[Text]
    poll_id: int | None
    poll_title: str

    def to_json(self, language: str) -> dict[str, Any]:
        """Return the line as an export holds it; the entry's own parts are as they are hashed."""
        return {
            "number": self.event.number,
            "at": self.event.at.isoformat(timespec="microseconds"),
            "actor": self.event.actor,
            "person": self.person,
            "action": self.event.action,
            "words": self.action.in_(language),
            "poll": self.poll_id,
            "details": dict(self.event.details),
            "previous": self.event.previous,
            "hash": self.event.hash,
        }


@dataclass(frozen=True)
class Head:
    """The log's end: its last hash, how many entries, and what is wrong if it does not hold."""

    hash: str
    entries: int
    broken: Text | None


@dataclass(frozen=True)
class Choices:
    """What a filter may name: who acted, what was done, and the polls by number."""

    actors: Sequence[str]
    actions: Sequence[tuple[str, Text]]
    polls: Mapping[int, str]


def lines(
    connection: Connection, asked: Filter, *, page: int | None = None
) -> tuple[list[Line], int]:
    """Return the entries of a page, newest first, and how many there are in all; or every one."""
    offset = 0 if page is None else (page - 1) * PAGE
    found = events.some(connection, asked.wanted, limit=None if page is None else PAGE, skip=offset)
    persons = {user.name: user.full_name for user in people.every_user(connection)}
    titles = _titles(connection)
    told = [_line(event, persons, titles) for event in found]
    return told, events.count(connection, asked.wanted)


def head(connection: Connection) -> Head:
    """Check the whole log and return its end."""
    last = events.last(connection)
    number = last.number if last else 0
    try:
        return Head(verify(events.every(connection)), number, None)
    except BrokenLogError as error:
        return Head(last.hash if last else START, number, error.text)


def choices(connection: Connection) -> Choices:
    """Return what there is to filter by."""
    actions = [(action, action_text(action)) for action in events.actions(connection)]
    return Choices(events.actors(connection), actions, _titles(connection))


def _titles(connection: Connection) -> dict[int, str]:
    return {poll.id: poll.title for poll in polls.every(connection)}


def _line(event: Event, persons: Mapping[str, str], titles: Mapping[int, str]) -> Line:
    full_name = persons.get(event.actor, event.actor)
    if event.actor == CLOCK:
        full_name = str(Text("到时自动"))
    poll = event.details.get("poll")
    poll_id = poll if isinstance(poll, int) else None
    return Line(
        event,
        event.actor if full_name == event.actor else f"{full_name}（{event.actor}）",
        action_text(event.action),
        detail_texts(event.details),
        poll_id,
        titles.get(poll_id, "") if poll_id else "",
    )


def _begin(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), LOCAL).astimezone(UTC) if day else None
