"""Looking ballots up together: on a database across a network, one trip serves all who wait."""

from collections.abc import Callable
from typing import NamedTuple

from ballot.domain.keys import Digest
from ballot.services.together import Together
from ballot.services.voting import Admission, UnknownBallotError, admitted
from ballot.storage.database import Database
from ballot.storage.voting import Found, find_all

Told = Callable[[Admission | Exception], None]
"""How a ballot is told: as it is, or what was in the way (UnknownBallotError: there is none)."""


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
        try:
            found = find_all(self._database, [waiting.digest for waiting in group])
        except Exception as error:  # whatever it was: each is told, and answers for itself
            for waiting in group:
                waiting.tell(error)
            return
        for waiting in group:
            waiting.tell(_admission(waiting.digest, found.get(waiting.digest)))


def _admission(digest: Digest, found: Found | None) -> Admission | Exception:
    try:
        return admitted(digest, found)
    except UnknownBallotError as unknown:
        return unknown
