"""Answers that many ask for again and again, and that may be a second old: turnout, screens.

Two hundred screens that look every other second would otherwise take a good part of the machine
from those who vote. An answer is given again only to a request that is the same in everything it
may depend on, the token among them; so a token or a screen's key that was revoked opens what it
opened for a second more.
"""

import re
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from ballot.web.watching import Counts

FRESH_SECONDS: Final = 1.0
_MOST_KEPT: Final = 256
_TURNOUT: Final = r"/api/v1/polls/[0-9]{1,10}/turnout"
_SCREEN: Final = r"/screen/[0-9a-z]{20}/now"
_PATH: Final = re.compile(f"{_TURNOUT}|{_SCREEN}")
_HEADERS: Final = ("authorization", "accept", "accept-language", "if-none-match", "host")
_AGAIN: Final = frozenset({200, 304})

Asked = tuple[str | None, ...]
Answer = tuple[int, list[tuple[str, str]], bytes]


class _Kept(NamedTuple):
    until: float
    answer: Answer


class Recent:
    """The answers of the last second."""

    def __init__(self, counts: Counts, now: Callable[[], float] = time.monotonic) -> None:
        self._counts = counts
        self._now = now
        self._kept: dict[Asked, _Kept] = {}

    def asked(self, scope: Any) -> Asked | None:
        """Return what an answer depends on; None where it is not to be given again."""
        if scope.method != "GET" or _PATH.fullmatch(scope.path) is None:
            return None
        get = scope.headers.get
        return (scope.path, scope.query_string, *(get(name) for name in _HEADERS))

    def again(self, asked: Asked) -> Answer | None:
        """Return the answer that was given a moment ago."""
        kept = self._kept.get(asked)
        if kept is None:
            return None
        now = self._now()
        if now >= kept.until:
            if now < kept.until + FRESH_SECONDS:
                self._kept[asked] = kept._replace(until=kept.until + FRESH_SECONDS)
            return None
        area = "api" if str(asked[0]).startswith("/api/") else None
        self._counts.answered_at_once(area, kept.answer[0])
        return kept.answer

    def keep(self, asked: Asked, answer: Answer) -> None:
        """Keep an answer for a moment; refusals are made anew each time, and end an old answer."""
        if answer[0] not in _AGAIN:
            self._kept.pop(asked, None)
            return
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[asked] = _Kept(self._now() + FRESH_SECONDS, answer)
