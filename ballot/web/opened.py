"""Ballots that were opened lately: whoever opens one is about to review and cast it.

To which poll and group a code belongs never changes, and the cast decides by its own statement
whether the ballot is still good. So what opening found serves reviewing and casting too, as long
as the poll's state was read within a second. Opening itself always reads.
"""

import time
from collections.abc import Callable
from typing import Final, NamedTuple

from ballot.domain.keys import Digest
from ballot.domain.polls import PollId, Voting
from ballot.services.voting import Admission

FRESH_SECONDS: Final = 1.0
KEPT_SECONDS: Final = 15 * 60.0
_MOST_KEPT: Final = 10_000


class _Kept(NamedTuple):
    until: float
    admission: Admission


class _Read(NamedTuple):
    until: float
    poll: Voting


class Opened:
    """What was found for the ballots opened in the last quarter of an hour, in this process."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[Digest, _Kept] = {}
        self._polls: dict[PollId, _Read] = {}

    def known(self, digest: Digest) -> Admission | None:
        """Return a ballot that was opened, with its poll as of this second; else None."""
        kept = self._kept.get(digest)
        if kept is None:
            return None
        now = self._now()
        read = self._polls.get(kept.admission.poll.id)
        if now >= kept.until or read is None or now >= read.until:
            return None
        if read.poll is kept.admission.poll:
            return kept.admission
        return kept.admission._replace(poll=read.poll)

    def read(self, admission: Admission) -> None:
        """Take note of a ballot's poll, as the database told it just now."""
        poll = admission.poll
        self._polls[poll.id] = _Read(self._now() + FRESH_SECONDS, poll)

    def opened(self, admission: Admission) -> None:
        """Keep a ballot whose page was shown."""
        if len(self._kept) >= _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[admission.digest] = _Kept(self._now() + KEPT_SECONDS, admission)

    def over(self, digest: Digest) -> None:
        """Forget a ballot that was sent in, whatever came of it."""
        self._kept.pop(digest, None)
