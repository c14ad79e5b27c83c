"""What a voter's request reads: the ballot of a digest and the state of its poll, in one read.

What is read is the state of that moment. Only its shape is kept: the same row makes the same value.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, select, text

from ballot.domain.definition import Definition
from ballot.domain.keys import Digest
from ballot.domain.polls import Phase, PollId, Voting
from ballot.storage.database import Database
from ballot.storage.polls import read_definition
from ballot.storage.quick import DIGESTS_ON_POSTGRESQL, GIVEN_ON_SQLITE, Reader, Statement
from ballot.storage.tables import State, ballots, polls

_COLUMNS: Final = (
    ballots.c.group_index,
    ballots.c.state,
    polls.c.id,
    polls.c.rules_hash,
    polls.c.phase,
    polls.c.closes_at,
    polls.c.closing,
    polls.c.grace_seconds,
)
_OF_POLL: Final = slice(2, len(_COLUMNS))
_FIND: Final = Statement(
    select(*_COLUMNS)
    .join(polls, polls.c.id == ballots.c.poll_id)
    .where(ballots.c.digest == bindparam("digest"))
)
_EVERY: Final = (*_COLUMNS, ballots.c.digest)


def _find_all(words: str, **pieces: str) -> Statement:
    pieces["COLUMNS"] = ", ".join(f"{each.table.name}.{each.name}" for each in _EVERY)
    for name, piece in pieces.items():
        words = words.replace(name, piece)
    return Statement(text(words).columns(*_EVERY))


# CROSS JOIN: in this order, whatever the planner thinks of it.
_FIND_ALL_ON_SQLITE: Final = _find_all(
    """
    SELECT COLUMNS FROM GIVEN
    CROSS JOIN ballots ON ballots.digest = substr(:digests, place * 32 + 1, 32)
    CROSS JOIN polls ON polls.id = ballots.poll_id
    """,
    GIVEN=GIVEN_ON_SQLITE,
)
_FIND_ALL_ON_POSTGRESQL: Final = _find_all(
    """
    SELECT COLUMNS FROM ballots JOIN polls ON polls.id = ballots.poll_id
    WHERE ballots.digest = ANY(DIGESTS)
    """,
    DIGESTS=DIGESTS_ON_POSTGRESQL,
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
    rows = database.reader.raw(_FIND, {"digest": digest})
    return _found(database, _FIND, rows[0]) if rows else None


def find_all(database: Database, digests: Collection[Digest]) -> Mapping[Digest, Found]:
    """Return the ballots of many digests that exist, in one read."""
    statement = _FIND_ALL_ON_SQLITE if database.on_sqlite else _FIND_ALL_ON_POSTGRESQL
    values = {"number": len(digests), "digests": b"".join(digests)}
    rows = database.reader.raw(statement, values)
    return {Digest(row[-1]): _found(database, statement, row) for row in rows}


_known: Final[dict[tuple[Any, ...], Voting]] = {}
"""What rows say of a poll as the driver gives it; made once for all rows that say the same."""


def _found(database: Database, statement: Statement, row: tuple[Any, ...]) -> Found:
    said = row[_OF_POLL]
    voting = _known.get(said)
    if voting is None:
        if len(_known) >= _MOST_KEPT:
            _known.clear()
        voting = _known[said] = _voting(database, database.reader.converted(statement, row))
    return Found(row[0], _STATES[row[1]], voting)


def _voting(database: Database, row: tuple[Any, ...]) -> Voting:
    poll_id, rules_hash, phase, closes_at, closing, grace_seconds = row[_OF_POLL]
    return Voting(
        id=PollId(poll_id),
        definition=_definition(database.reader, poll_id, rules_hash),
        phase=_PHASES[phase],
        closes_at=closes_at,
        closing=bool(closing),
        grace=timedelta(seconds=grace_seconds),
    )


_definitions: Final[dict[str, Definition]] = {}


def _definition(reader: Reader, poll_id: int, rules_hash: str) -> Definition:
    """Return a definition that is read once: equal hashes, equal definitions."""
    definition = _definitions.get(rules_hash)
    if definition is None:
        row = reader.one(_DEFINITION, {"poll": poll_id})
        if row is None:
            raise LookupError("a ballot without its poll")
        if len(_definitions) >= _MOST_KEPT:
            _definitions.clear()
        definition = _definitions[rules_hash] = read_definition(row[0])
    return definition
