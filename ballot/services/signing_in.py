"""Signing in: the password is checked behind a growing delay per account name and device.

A device is known to an account once it signed in there. Unknown devices share one count per
account, so guessing from many addresses is slow; a known device has a count of its own, so
nobody's guessing keeps the account's owner out. Counts live in memory and are bounded.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final, NamedTuple

from ballot.domain.delays import seconds_to_wait
from ballot.domain.people import User
from ballot.errors import RefusedError
from ballot.language import N_
from ballot.services import people
from ballot.storage.database import Database

MOST_COUNTS: Final = 10_000
LONGEST_NAME: Final = 100
CHECKS_AT_ONCE: Final = 2  # a check takes 64 MiB and a core: voters need the rest
UNKNOWN_DEVICE: Final = ""


class WaitError(RefusedError):
    """The attempt comes too early; it was not checked and makes the wait no longer."""

    message = N_("密码连续输错，请等 %(seconds)s 秒再试。这次输入没有核对，不会延长等待。")

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds)
        self.seconds = seconds


class BusyError(WaitError):
    """Several strangers sign in at this moment."""

    message = N_("登录的人较多，请等 %(seconds)s 秒再试。")


class _Count(NamedTuple):
    """Failures since the last success, and when the last attempt was checked."""

    failures: int
    last: datetime


class Delays:
    """Counts failed attempts for many request threads; the longest unused count goes first."""

    def __init__(self, most: int = MOST_COUNTS) -> None:
        self._most = most
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()
        self._lock = threading.Lock()
        self._strangers = threading.BoundedSemaphore(CHECKS_AT_ONCE)

    def __len__(self) -> int:
        return len(self._counts)

    @contextmanager
    def attempt(self, name: str, device: str, now: datetime) -> Iterator[None]:
        """Hold one attempt: it counts as failed from its start until it ends without an error.

        So attempts sent at the same moment cannot slip past the delay together.
        Raises: WaitError, at once; no thread sleeps here.
        """
        key = (name[:LONGEST_NAME], device)
        with self._place(device):
            self._begin(key, now)
            yield
            with self._lock:
                self._counts.pop(key, None)

    @contextmanager
    def _place(self, device: str) -> Iterator[None]:
        if device != UNKNOWN_DEVICE:
            yield
            return
        if not self._strangers.acquire(blocking=False):
            raise BusyError(1)
        try:
            yield
        finally:
            self._strangers.release()

    def _begin(self, key: tuple[str, str], now: datetime) -> None:
        with self._lock:
            count = self._counts.get(key, _Count(0, now))
            seconds = seconds_to_wait(count.failures, count.last, now)
            if seconds:
                raise WaitError(seconds)
            self._counts[key] = _Count(count.failures + 1, now)
            self._counts.move_to_end(key)
            while len(self._counts) > self._most:
                self._counts.popitem(last=False)


def sign_in(
    database: Database, delays: Delays, *, name: str, password: str, device: str, now: datetime
) -> User:
    """Return the account that a name and password belong to.

    `device`: a device this account is known on, or `UNKNOWN_DEVICE`.
    Raises: WaitError before, WrongPasswordError after the password was checked.
    """
    with delays.attempt(name.strip(), device, now):
        return people.sign_in(database, name, password)
