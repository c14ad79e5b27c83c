"""What is seized: the database before a poll is closed, and after its scrub."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from ballot.domain.polls import Poll
from ballot.storage.tables import State, metadata
from tests.anonymity import attacker
from tests.anonymity.meeting import Meeting
from tests.builders import Place, close

NUMBER_PIECE = 8  # bytes of a vote's random number or a nonce that nothing else holds by chance
ROW_PIECE = 24  # choices of one voter that no other row holds by chance, not even a shuffled one


@dataclass(frozen=True)
class StoredVote:
    """A row of `votes`."""

    id: bytes
    group_index: int | None
    valid: bool
    choices: bytes


@dataclass(frozen=True)
class StoredBallot:
    """A row of `ballots`."""

    digest: bytes
    group_index: int
    state: State
    nonce: bytes | None


def votes(place: Place, poll: Poll) -> list[StoredVote]:
    """Return a poll's votes in the order in which they lie in their table."""
    return [
        StoredVote(*row) for row in _rows(place, poll, "id, group_index, valid, choices FROM votes")
    ]


def ballots(place: Place, poll: Poll) -> list[StoredBallot]:
    """Return a poll's ballots in the order in which they lie in their table."""
    return [
        StoredBallot(*row)
        for row in _rows(place, poll, "digest, group_index, state, nonce FROM ballots")
    ]


def _rows(place: Place, poll: Poll, what: str) -> list[tuple[Any, ...]]:
    order = "" if place.database.on_sqlite else "ORDER BY ctid"
    with place.database.read() as connection:
        statement = text(f"SELECT {what} WHERE poll_id = :poll {order}")
        return [tuple(row) for row in connection.execute(statement, {"poll": poll.id})]


class Traces:
    """What may be in no file any more: old vote numbers, nonces, and what one voter said.

    Of each, every piece that is long enough to be its own.
    """

    def __init__(self, meeting: Meeting) -> None:
        numbers = [vote.id for vote in votes(meeting.place, meeting.poll)]
        nonces = [said.nonce for said in meeting.said]
        self._kinds = {
            "numbers": attacker.pieces(numbers, NUMBER_PIECE),
            "nonces": attacker.pieces(nonces, NUMBER_PIECE),
            "rows": attacker.pieces(meeting.rows, ROW_PIECE),
        }
        self._searches = {
            ("numbers", "nonces"): attacker.Search(self._kinds["numbers"] | self._kinds["nonces"]),
            ("rows",): attacker.Search(self._kinds["rows"]),
        }

    def found_in(self, haul: attacker.Haul) -> dict[str, Counter[str]]:
        """Return which traces lie in which files, and how often; nothing means none."""
        found: dict[str, Counter[str]] = {}
        for kinds in self._searches:
            for kind, place in self._found(kinds, haul):
                found.setdefault(kind, Counter())[haul.name(place)] += 1
        return found

    def all_lie_in(self, haul: attacker.Haul) -> bool:
        """Tell whether traces of each kind lie somewhere."""
        return all(self._lie_in(kinds, haul) for kinds in self._searches)

    def _lie_in(self, kinds: tuple[str, ...], haul: attacker.Haul) -> bool:
        missing = set(kinds)
        for kind, _ in self._found(kinds, haul):
            missing.discard(kind)
            if not missing:
                return True
        return False

    def _found(self, kinds: tuple[str, ...], haul: attacker.Haul) -> Iterator[tuple[str, int]]:
        for place, piece in self._searches[kinds].places(haul.joined):
            for kind in kinds:
                if piece in self._kinds[kind]:
                    yield kind, place


@dataclass
class Seizure:
    """A meeting, what its open database held, and what is seized after closing and scrub.

    `begun`, `closed`, `written`: seconds since the epoch by the system's clock: when voting
    began, when the poll was closed, and the times that the files bear (SQLite).
    """

    meeting: Meeting
    begun: float
    held_before: bool
    votes_before: list[StoredVote]
    closed: float
    traces: Traces
    files: attacker.Haul
    written: dict[str, float]
    paths: dict[str, str]
    votes: list[StoredVote]
    ballots: list[StoredBallot]
    stored: dict[str, list[tuple[Any, ...]]]

    @property
    def place(self) -> Place:
        return self.meeting.place

    @property
    def columns(self) -> dict[tuple[int | None, bool], list[Counter[int]]]:
        """Return how often each choice stands in each column of the stored votes."""
        rows: dict[tuple[int | None, bool], list[bytes]] = {}
        for vote in self.votes:
            rows.setdefault((vote.group_index, bool(vote.valid)), []).append(bytes(vote.choices))
        return {kind: columns(packed) for kind, packed in rows.items()}


def columns(rows: list[bytes]) -> list[Counter[int]]:
    """Return how often each choice stands in each column."""
    return [Counter(column) for column in zip(*rows, strict=True)]


def seize(meeting: Meeting, begun: float) -> Seizure:
    """Look at an open poll's database, close the poll, and take everything."""
    place, poll = meeting.place, meeting.poll
    if not place.database.on_sqlite:  # as the server's own housekeeping does in between
        with place.database.outside_transactions() as connection:
            connection.execute(text("ANALYZE votes, ballots"))
    traces = Traces(meeting)
    held = traces.all_lie_in(attacker.files(place))
    before = votes(place, poll)
    closed = time.time()
    close(place, poll)
    return Seizure(
        meeting=meeting,
        begun=begun,
        held_before=held,
        votes_before=before,
        closed=closed,
        traces=traces,
        files=attacker.files(place),
        written=_written(place),
        paths=_paths(place),
        votes=votes(place, poll),
        ballots=ballots(place, poll),
        stored=everything_stored(place),
    )


def _written(place: Place) -> dict[str, float]:
    if place.database.path is None:
        return {}
    return {path.name: path.stat().st_mtime for path in place.database.path.parent.iterdir()}


def _paths(place: Place) -> dict[str, str]:
    """Return the files of PostgreSQL's tables and indexes."""
    if place.database.on_sqlite:
        return {}
    names = ("votes", "pk_votes", "ballots", "pk_ballots")
    statement = text("SELECT pg_relation_filepath(CAST(:name AS regclass))")
    with place.database.read() as connection:
        return {name: connection.execute(statement, {"name": name}).scalar_one() for name in names}


def everything_stored(place: Place) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    with place.database.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select())]
            for table in metadata.sorted_tables
        }
