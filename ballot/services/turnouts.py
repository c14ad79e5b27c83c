"""Turnouts for screens and programs that ask again and again, counted at most once a second.

Counting reads every ballot of a poll; two hundred watchers must not make voters wait for it.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from ballot.services.overview import PollOverview, of_poll
from ballot.storage.database import Database

FRESH: Final = timedelta(seconds=1)
_MOST_KEPT: Final = 256


class Turnouts:
    """The polls' turnouts, each at most `FRESH` old; one thread counts for all."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._counted: dict[int, tuple[datetime, PollOverview]] = {}
        self._counting = threading.Lock()

    def of(self, poll_id: int) -> PollOverview:
        """Return a poll with its turnout.

        Raises: NoSuchPollError.
        """
        return self._fresh(poll_id) or self._count(poll_id)

    def _fresh(self, poll_id: int) -> PollOverview | None:
        counted = self._counted.get(poll_id)
        if counted is None or self._clock() - counted[0] >= FRESH:
            return None
        return counted[1]

    def _count(self, poll_id: int) -> PollOverview:
        with self._counting:
            found = self._fresh(poll_id)  # who waited here need not count again
            if found is None:
                with self._database.read() as connection:
                    found = of_poll(connection, poll_id)
                if len(self._counted) >= _MOST_KEPT:
                    self._counted.clear()
                self._counted[poll_id] = (self._clock(), found)
            return found
