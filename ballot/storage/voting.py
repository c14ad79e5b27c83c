"""What a voter's request reads: the ballot of a digest and the state of its poll, in one read."""

from datetime import timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, select

from ballot.domain.definition import Definition
from ballot.domain.keys import Digest
from ballot.domain.polls import Phase, PollId, Voting
from ballot.storage.database import Database
from ballot.storage.polls import read_definition
from ballot.storage.quick import Reader, Statement
from ballot.storage.tables import State, ballots, polls

_FIND: Final = Statement(
    select(
        ballots.c.group_index,
        ballots.c.state,
        polls.c.id,
        polls.c.rules_hash,
        polls.c.phase,
        polls.c.closes_at,
        polls.c.closing,
        polls.c.grace_seconds,
    )
    .join(polls, polls.c.id == ballots.c.poll_id)
    .where(ballots.c.digest == bindparam("digest"))
)
_DEFINITION: Final = Statement(select(polls.c.definition).where(polls.c.id == bindparam("poll")))
_STATES: Final = {int(state): state for state in State}
_PHASES: Final = {phase.value: phase for phase in Phase}
_MOST_KEPT: Final = 256


class Found(NamedTuple):
    """A ballot as voters' pages need it, with its poll's state at the same moment."""

    group_index: int
    state: State
    poll: Voting


def find(database: Database, digest: Digest) -> Found | None:
    """Return the ballot of a digest; one read by its primary key, None if there is none."""
    row = database.reader.one(_FIND, {"digest": digest})
    if row is None:
        return None
    group_index, state, *poll = row
    return Found(group_index, _STATES[state], _voting(database, *poll))


def _voting(
    database: Database,
    poll_id: int,
    rules_hash: str,
    phase: str,
    closes_at: Any,
    closing: Any,
    grace_seconds: int,
) -> Voting:
    return Voting(
        id=PollId(poll_id),
        definition=_definition(database.reader, poll_id, rules_hash),
        phase=_PHASES[phase],
        closes_at=closes_at,
        closing=bool(closing),
        grace=timedelta(seconds=grace_seconds),
    )


_known: Final[dict[str, Definition]] = {}


def _definition(reader: Reader, poll_id: int, rules_hash: str) -> Definition:
    """Return a definition that is read once: equal hashes, equal definitions."""
    definition = _known.get(rules_hash)
    if definition is None:
        row = reader.one(_DEFINITION, {"poll": poll_id})
        if row is None:
            raise LookupError("a ballot without its poll")
        if len(_known) >= _MOST_KEPT:
            _known.clear()
        definition = _known[rules_hash] = read_definition(row[0])
    return definition
