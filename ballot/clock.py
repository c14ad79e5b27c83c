"""The present moment: aware, in UTC, and never set back by a change of the machine's time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

LOCAL: Final = timezone(timedelta(hours=8), "Asia/Shanghai")  # without summer time since 1991
"""The time that people here live by, on pages and on the command line."""


def now_utc() -> datetime:
    """Return what the machine takes for the present."""
    return datetime.now(UTC)


class SteadyClock:
    """A clock that only goes forward.

    `floor`: the latest time that was stored; a machine whose clock was set back goes on from
    there. A clock set back while this one runs changes nothing; one set forward is followed.
    """

    def __init__(
        self,
        floor: datetime | None = None,
        *,
        wall: Callable[[], datetime] = now_utc,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall, self._elapsed = wall, elapsed
        self._begun = elapsed()
        self._start = wall() if floor is None else max(wall(), floor)

    def __call__(self) -> datetime:
        """Return the present moment."""
        passed = timedelta(seconds=self._elapsed() - self._begun)
        return max(self._wall(), self._start + passed)
