"""Copies of polls: the same rules once more, with new codes; rehearsals, and wiping them."""

from datetime import datetime
from typing import Final

from ballot.domain.polls import Phase, Poll, PollId
from ballot.errors import MistakesError, RefusedError
from ballot.language import LANGUAGES, N_, Text
from ballot.storage import events, polls, votes, wiping
from ballot.storage.database import Connection, Database

CLOCK: Final = "clock"
WORDS: Final = Text("清除演练")
"""What a person writes to confirm that a rehearsal is to be wiped."""


class RehearsalCopiedError(RefusedError):
    """A rehearsal is a copy already; the poll itself is what there is to copy."""

    message = N_("“%(title)s”是演练，不能再复制。请复制它所演练的测评活动。")


class NoRehearsalError(RefusedError):
    """Only rehearsals are wiped: a real poll that was printed is kept for good."""

    message = N_("“%(title)s”不是演练，不能清除。正式的测评活动印了票就只能作废，并且保留。")


class NotConfirmedError(MistakesError):
    """The words that confirm the wiping were not written."""


def copy(connection: Connection, poll_id: int, *, by: str, now: datetime) -> PollId:
    """Make a draft with the rules of another poll, whatever its phase; its codes will be new.

    Of an annulled poll that is its rerun (重新测评), of any other a start for the next time.
    Raises: NoSuchPollError, RehearsalCopiedError.
    """
    poll = _to_copy(connection, poll_id)
    number = polls.add(
        connection,
        cycle_id=poll.cycle_id,
        definition=poll.definition,
        now=now,
        copy_of=poll.id,
    )
    _log(connection, now, by, "poll copied", number, copy_of=poll.id, title=poll.title)
    return number


def rehearse(connection: Connection, poll_id: int, *, by: str, now: datetime) -> PollId:
    """Make a rehearsal of a draft: it goes through every phase, and nothing of it ever counts.

    Raises: NoSuchPollError, RehearsalCopiedError, WrongPhaseError.
    """
    poll = _to_copy(connection, poll_id)
    poll.require(Phase.DRAFT, Text("演练"))
    definition = poll.definition.as_rehearsal()
    number = polls.add(
        connection, cycle_id=poll.cycle_id, definition=definition, now=now, copy_of=poll.id
    )
    _log(connection, now, by, "rehearsal made", number, copy_of=poll.id, title=definition.title)
    return number


def _to_copy(connection: Connection, poll_id: int) -> Poll:
    poll = polls.get(connection, poll_id)
    if poll.rehearsal:
        raise RehearsalCopiedError(title=poll.title)
    return poll


def related(connection: Connection, poll: Poll) -> tuple[Poll | None, list[Poll]]:
    """Return the poll that this one is a copy of, and the copies that were made of this one."""
    original = None if poll.copy_of is None else polls.get(connection, poll.copy_of)
    return original, polls.copies(connection, poll.id)


def to_wipe(connection: Connection, poll_id: int, *, hold: bool = False) -> Poll:
    """Return a rehearsal; with `hold`, keep casts away until the commit.

    Raises: NoSuchPollError, NoRehearsalError.
    """
    poll = polls.get(connection, poll_id, hold=hold)
    if not poll.rehearsal:
        raise NoRehearsalError(title=poll.title)
    return poll


def wipe(connection: Connection, poll_id: int, *, words: str, by: str, now: datetime) -> None:
    """Delete a rehearsal in whatever phase: its votes, ballots, batches, tally, and itself.

    The event log keeps what was done, and that it was wiped. `scrub_wiped` removes what deleted
    rows leave in the files.
    Raises: NoSuchPollError, NoRehearsalError, NotConfirmedError unless `words` are `WORDS`.
    """
    poll = to_wipe(connection, poll_id, hold=True)
    if words.strip() not in {WORDS.in_(language) for language in LANGUAGES}:
        raise NotConfirmedError([Text("请写“%(words)s”来确认。", words=WORDS)])
    wiping.wipe(connection, poll.id)
    _log(connection, now, by, "rehearsal wiped", poll.id, title=poll.title)


def scrub_wiped(database: Database, now: datetime) -> None:
    """Scrub what wiped rehearsals left in the files; called again and again until it is done.

    It waits as closing does: for readers (SQLite), for open polls (PostgreSQL).
    """
    with database.read() as connection:
        waiting = wiping.unscrubbed(connection)
        held_up = not database.on_sqlite and polls.any_open(connection)
    if not waiting or held_up or not votes.scrub(database):
        return
    with database.write() as connection:
        for number in waiting:
            if wiping.scrubbed(connection, number):
                _log(connection, now, CLOCK, "traces scrubbed", number)


def _log(
    connection: Connection, now: datetime, by: str, action: str, poll_id: PollId, **details: object
) -> None:
    events.append(connection, now=now, actor=by, action=action, poll=poll_id, **details)
