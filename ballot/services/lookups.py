"""Looking ballots up together: one statement, and one trip to the database, serves all who wait."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ballot.domain.keys import Digest
from ballot.services.together import Together
from ballot.services.voting import Admission, UnknownBallotError, admitted
from ballot.storage.database import Database
from ballot.storage.voting import Found, find_all

Answer = Admission | Exception
"""A ballot as it is, or what was in the way (UnknownBallotError: there is none)."""
Told = Callable[[Answer], None]
"""How a ballot is told."""


class _Waiting(NamedTuple):
    digest: Digest
    tell: Told


class Lookups:
    """Finds ballots for many requests through one reading thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: Together[_Waiting] = Together("lookups", self._answer)

    def submit(self, digest: Digest, tell: Told) -> None:
        """Look a ballot up; `tell` is called once by the reading thread, and must not wait."""
        self._waiting.put(_Waiting(digest, tell))

    def _answer(self, group: list[_Waiting]) -> None:
        answers = look_up(self._database, [waiting.digest for waiting in group])
        for waiting, answer in zip(group, answers, strict=True):
            waiting.tell(answer)


def look_up(database: Database, digests: Sequence[Digest]) -> list[Answer]:
    """Return what each of many digests is to be told, in their order."""
    try:
        found = find_all(database, digests)
    except Exception as error:  # whatever it was: each is told, and answers for itself
        return [error] * len(digests)
    return [_admission(digest, found.get(digest)) for digest in digests]


def _admission(digest: Digest, found: Found | None) -> Answer:
    try:
        return admitted(digest, found)
    except UnknownBallotError as unknown:
        return unknown
