"""Doing together what waits together: one thread takes all that came in while it was busy."""

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final, Generic, TypeVar

MOST_TOGETHER: Final = 256
GATHERING_SECONDS: Final = 0.002
"""In a crowd, the thread looks this often whether more have come, and sets out when none have."""
_ENOUGH: Final = 32
_MOST_LOOKS: Final = 5

Waiting = TypeVar("Waiting")


class Together(Generic[Waiting]):
    """Hands groups of what was put in to `work`, in one thread of its own, started when needed.

    `work` must not raise; if it does, the thread ends and the next `put` starts another one.
    """

    def __init__(self, name: str, work: Callable[[list[Waiting]], None]) -> None:
        self._name = name
        self._work = work
        self._queue: SimpleQueue[Waiting] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, waiting: Waiting) -> None:
        """Take something in; never waits."""
        self._queue.put(waiting)
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        ended = 0.0
        while True:
            group = [self._queue.get()]
            if time.monotonic() - ended < GATHERING_SECONDS:
                self._gather()
            try:
                while len(group) < MOST_TOGETHER:
                    group.append(self._queue.get_nowait())
            except Empty:
                pass
            self._work(group)
            ended = time.monotonic()

    def _gather(self) -> None:
        """Wait while more come in: a group costs as much again as a dozen of its members."""
        before = -1
        for _ in range(_MOST_LOOKS):
            now = self._queue.qsize()
            if now == before or now >= _ENOUGH:
                break
            before = now
            time.sleep(GATHERING_SECONDS)
