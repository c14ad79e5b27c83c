"""The casting queue: casts that wait together share one commit.

There is one way of casting, on both databases. A request is checked before it queues; whoever
waits gets an answer only after the commit that holds the vote. If a group fails unexpectedly it
is undone and replayed one by one, so that one bad cast never spoils the others'.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Final

from ballot.domain.casting import Cast, Outcome
from ballot.errors import VotingRefusedError
from ballot.language import N_
from ballot.storage.casting import cast_all
from ballot.storage.database import Database

logger = logging.getLogger(__name__)

MOST_TOGETHER: Final = 256
PATIENCE_SECONDS: Final = 25.0


class UncertainError(VotingRefusedError):
    """Nobody can say yet whether the vote was kept; sending it again is safe and tells."""

    message = N_("暂时无法确认这张票是否已计入。请再点一次“提交”，不会重复计票。")


class _Waiting:
    """One cast, and the place where its answer appears."""

    __slots__ = ("answered", "cast", "outcome")

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.outcome: Outcome | None = None
        self.answered = threading.Event()


class CastingQueue:
    """Casts votes for many request threads through one writing thread, started when needed."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._queue: SimpleQueue[_Waiting] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def cast(self, cast: Cast) -> Outcome:
        """Return what became of a cast, after the commit that holds it.

        Raises: UncertainError if the database failed or did not answer in time.
        """
        waiting = _Waiting(cast)
        self._queue.put(waiting)
        self._ensure_thread()
        if not waiting.answered.wait(PATIENCE_SECONDS) or waiting.outcome is None:
            raise UncertainError
        return waiting.outcome

    def _ensure_thread(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="casting", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            group = [self._queue.get()]
            try:
                while len(group) < MOST_TOGETHER:
                    group.append(self._queue.get_nowait())
            except Empty:
                pass
            self._answer(group)

    def _answer(self, group: list[_Waiting]) -> None:
        if not self._commit(group) and len(group) > 1:
            for waiting in group:
                self._commit([waiting])
        for waiting in group:
            waiting.answered.set()

    def _commit(self, group: list[_Waiting]) -> bool:
        """Cast a group in one transaction and say whether that went through."""
        try:
            with self._database.write() as connection:
                casts = [waiting.cast for waiting in group]
                outcomes = cast_all(connection, casts, self._clock())
        except Exception:  # whatever it was: undone, replayed or told as uncertain; never lost
            logger.exception("a commit of %s casts failed", len(group))
            return False
        for place, waiting in enumerate(group):
            waiting.outcome = outcomes[place]
        return True
