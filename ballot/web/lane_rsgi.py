"""The fast lane in the server's event loop, before a request is made into anything else.

Ballots are looked up together (`finding.py`), and a vote's commit is awaited.
"""

from typing import Any

from ballot.services.casting import CastingQueue, UncertainError
from ballot.web.fast_lane import Asked, FastLane, Page, Submitted, with_form
from ballot.web.finding import Finding
from ballot.web.mailbox import Mailbox
from ballot.web.opened import Opened
from ballot.web.watching import Counts


class LaneInLoop:
    """Answers what the fast lane can."""

    def __init__(
        self, lane: FastLane, queue: CastingQueue, finding: Finding, counts: Counts
    ) -> None:
        self._lane = lane
        self._queue = queue
        self._finding = finding
        self._counts = counts.in_loop
        self._opened = Opened()

    async def answered(self, scope: Any, body: bytes, protocol: Any, mailbox: Mailbox) -> bool:
        """Answer a request that the lane has an answer to, and tell whether it had one.

        Raises: whatever a view would raise for the same request, which is to tell it.
        """
        asked = self._takes(scope, body)
        if asked is None:
            return False
        self._counts.underway += 1
        try:
            page = await self._page(asked, mailbox)
        finally:
            self._counts.underway -= 1
        if page is None:
            return False
        self._counts.answered += 1
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
        opening = asked.fields is None
        found = None if opening else self._opened.known(asked.digest)
        if found is None:
            read = await self._finding.find(asked.digest, mailbox)
            if read is None:
                return None
            if isinstance(read, Exception):
                raise read
            found = read
            self._opened.read(found)
        page = self._lane.begin(asked, found)
        if isinstance(page, Submitted):
            return await self._counted(page, mailbox)
        if opening and page is not None:
            self._opened.opened(found)
        return page

    async def _counted(self, submitted: Submitted, mailbox: Mailbox) -> Page | None:
        self._opened.over(submitted.cast.digest)
        expected = mailbox.expect()
        self._queue.submit(submitted.cast, lambda outcome: mailbox.post(expected, outcome))
        outcome = await expected.future
        if outcome is None:
            raise UncertainError
        return self._lane.counted(submitted, outcome)
