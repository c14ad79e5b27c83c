"""Bringing results from other threads into the event loop, many with one call."""

import asyncio
from collections import deque
from typing import Any

from ballot.web.deadlines import Deadlines


class Expected:
    """A result that another thread posts; None if it did not come in time."""

    __slots__ = ("future",)

    def __init__(self, future: "asyncio.Future[Any]") -> None:
        self.future = future

    def done(self) -> bool:
        """Tell whether it is there, or nobody waits for it any more."""
        return self.future.done()

    def expire(self) -> None:
        """Give it up."""
        self.future.set_result(None)


class Mailbox:
    """Awaited results. `patience`: seconds after which a result that did not come is None.

    Waking the loop costs more than a result, so that whatever is posted while it wakes up comes
    along.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, patience: float) -> None:
        self._loop = loop
        self._deadlines: Deadlines[Expected] = Deadlines(loop, patience)
        self._posted: deque[tuple[Expected, Any]] = deque()
        self._woken = False

    def expect(self) -> Expected:
        """Return the place of a result, whose `future` is to be awaited; called in the loop."""
        return self._deadlines.watch(self.place())

    def place(self) -> Expected:
        """Return the place of a result that may take as long as it likes."""
        return Expected(self._loop.create_future())

    def post(self, expected: Expected, result: Any) -> None:
        """Give a result from any thread."""
        self._posted.append((expected, result))
        if not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._woken = False  # first: what is posted from here on wakes the loop again
        while self._posted:
            expected, result = self._posted.popleft()
            if not expected.done():  # the server may have given the request up
                expected.future.set_result(result)
