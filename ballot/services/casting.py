"""The casting queue: casts that wait together share one commit.

There is one way of casting, on both databases. A request is checked before it queues; whoever
waits gets an answer only after the commit that holds the vote. If a group fails unexpectedly it
is undone and replayed one by one, so that one bad cast never spoils the others'. Where it is the
database that fails again, the rest is not tried: who waits hears at once that nothing is certain.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Final

from ballot.domain.casting import Cast, Outcome
from ballot.errors import OperationError, VotingRefusedError
from ballot.language import N_
from ballot.services.together import Together
from ballot.storage.casting import cast_all
from ballot.storage.database import Database

logger = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 25.0


class UncertainError(VotingRefusedError):
    """Nobody can say yet whether the vote was kept; sending it again is safe and tells."""

    message = N_("暂时无法确认这张票是否已计入。请再点一次“提交”，不会重复计票。")


Told = Callable[[Outcome | None], None]
"""How a cast's outcome is told, after the commit that holds it; None if nobody can say."""


class _Waiting:
    """One cast, its outcome as soon as it is known, and how to tell it."""

    __slots__ = ("cast", "outcome", "tell")

    def __init__(self, cast: Cast, tell: Told) -> None:
        self.cast = cast
        self.outcome: Outcome | None = None
        self.tell = tell


class CastingQueue:
    """Casts votes for many request threads through one writing thread, started when needed."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._waiting: Together[_Waiting] = Together("casting", self._answer)

    def cast(self, cast: Cast) -> Outcome:
        """Return what became of a cast, after the commit that holds it.

        Raises: UncertainError if the database failed or did not answer in time.
        """
        answer: SimpleQueue[Outcome | None] = SimpleQueue()
        self.submit(cast, answer.put)
        try:
            outcome = answer.get(timeout=PATIENCE_SECONDS)
        except Empty:
            outcome = None
        if outcome is None:
            raise UncertainError
        return outcome

    def submit(self, cast: Cast, tell: Told) -> None:
        """Take a cast in; `tell` is called once by the writing thread, and must not wait."""
        self._waiting.put(_Waiting(cast, tell))

    def _answer(self, group: list[_Waiting]) -> None:
        if self._commit(group) and len(group) > 1:
            for waiting in group:
                if isinstance(self._commit([waiting]), OperationError):
                    break
        for waiting in group:
            waiting.tell(waiting.outcome)

    def _commit(self, group: list[_Waiting]) -> Exception | None:
        """Cast a group in one transaction and return what was in the way, or None."""
        try:
            with self._database.write_quickly() as connection:
                casts = [waiting.cast for waiting in group]
                outcomes = cast_all(connection, casts, self._clock())
        except OperationError as error:  # the machine's own: locked, full, away
            logger.error("a commit of %s casts failed: %s", len(group), error)
            return error
        except Exception as error:  # whatever it was: undone, replayed or told as uncertain
            logger.exception("a commit of %s casts failed", len(group))
            return error
        for place, waiting in enumerate(group):
            waiting.outcome = outcomes[place]
        return None
