"""The fast lane in the server's event loop, before a request is made into anything else.

On SQLite a ballot is read right there: a row of a local file takes less than handing the request
to a thread. PostgreSQL is asked for many ballots at a time. A vote's commit is awaited.
"""

from typing import Any

from ballot.services.casting import CastingQueue, UncertainError
from ballot.services.lookups import Lookups
from ballot.services.voting import Admission
from ballot.web.fast_lane import Asked, FastLane, Page, Submitted, with_form
from ballot.web.mailbox import Mailbox
from ballot.web.watching import Counts


class LaneInLoop:
    """Answers what the fast lane can. `lookups`: None where ballots are read at once."""

    def __init__(
        self, lane: FastLane, queue: CastingQueue, lookups: Lookups | None, counts: Counts
    ) -> None:
        self._lane = lane
        self._queue = queue
        self._lookups = lookups
        self._counts = counts

    async def answered(self, scope: Any, body: bytes, protocol: Any, mailbox: Mailbox) -> bool:
        """Answer a request that the lane has an answer to, and tell whether it had one.

        Raises: whatever a view would raise for the same request, which is to tell it.
        """
        asked = self._takes(scope, body)
        if asked is None:
            return False
        self._counts.underway_by(1)
        try:
            page = await self._page(asked, mailbox)
        finally:
            self._counts.underway_by(-1)
        if page is None:
            return False
        self._counts.answered_at_once("voter", 200)
        protocol.response_bytes(200, self._lane.headers(page), page.body)
        return True

    def _takes(self, scope: Any, body: bytes) -> Asked | None:
        get = scope.headers.get
        method = scope.method
        asked = self._lane.takes(
            method,
            scope.path,
            scope.query_string,
            get("accept-language", ""),
            get("accept-encoding", ""),
        )
        if asked is None or method == "GET":
            return asked
        return with_form(asked, get("content-type", ""), body)

    async def _page(self, asked: Asked, mailbox: Mailbox) -> Page | None:
        admission = await self._find(asked, mailbox)
        page = None if admission is None else self._lane.begin(asked, admission)
        if not isinstance(page, Submitted):
            return page
        expected = mailbox.expect()
        self._queue.submit(page.cast, lambda outcome: mailbox.post(expected, outcome))
        outcome = await expected.future
        if outcome is None:
            raise UncertainError
        return self._lane.counted(page, outcome)

    async def _find(self, asked: Asked, mailbox: Mailbox) -> Admission | None:
        """Return the ballot; None where the database does not answer, which a view is to meet."""
        if self._lookups is None:
            return self._lane.find(asked)
        expected = mailbox.expect()
        self._lookups.submit(asked.digest, lambda found: mailbox.post(expected, found))
        found = await expected.future
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, Admission) else None
