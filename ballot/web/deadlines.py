"""Deadlines in an event loop: one sweep a second for all.

A timer for each would cost more than what it watches.
"""

import asyncio
from collections import deque
from typing import Final, Generic, Protocol, TypeVar

SWEEP_EVERY_SECONDS: Final = 1.0


class Expiring(Protocol):
    """Something that may take too long."""

    def done(self) -> bool:
        """Tell whether it is over."""

    def expire(self) -> None:
        """End it, which took too long."""


Watched = TypeVar("Watched", bound=Expiring)


class Deadlines(Generic[Watched]):
    """Watches things that have the same number of seconds each; used in the loop only."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._loop = loop
        self._seconds = seconds
        self._watched: deque[tuple[float, Watched]] = deque()
        self._sweeping = False

    def watch(self, thing: Watched) -> Watched:
        """Let something expire within a second after its time, unless it is done; return it."""
        self._watched.append((self._loop.time() + self._seconds, thing))
        if not self._sweeping:
            self._sweeping = True
            self._loop.call_later(SWEEP_EVERY_SECONDS, self._sweep)
        return thing

    def _sweep(self) -> None:
        now = self._loop.time()
        while self._watched and (self._watched[0][0] <= now or self._watched[0][1].done()):
            _, thing = self._watched.popleft()
            if not thing.done():
                thing.expire()
        self._sweeping = bool(self._watched)
        if self._sweeping:
            self._loop.call_later(SWEEP_EVERY_SECONDS, self._sweep)


class Arrival:
    """What a task awaits from outside; the task is interrupted if it does not come in time."""

    __slots__ = ("_over", "_task", "late")

    def __init__(self, task: "asyncio.Task[object] | None") -> None:
        self._task = task
        self._over = False
        self.late = False

    def done(self) -> bool:
        """Tell whether the task need not be interrupted any more."""
        return self._over

    def over(self) -> None:
        """Note that the waiting is over, however it ended."""
        self._over = True

    def expire(self) -> None:
        """Interrupt the task."""
        self.late = True
        if self._task is not None:
            self._task.cancel()

    def forgive(self) -> None:
        """Let the interrupted task go on."""
        if self._task is not None:
            self._task.uncancel()
