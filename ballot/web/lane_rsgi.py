"""The fast lane in the server's event loop, before a request is made into anything else.

Ballots are looked up together (`finding.py`), and a vote's commit is awaited.
"""

from typing import Any

from ballot.services.casting import CastingQueue, UncertainError
from ballot.services.voting import Admission
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
        self._counts = counts
        self._opened = Opened()

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
        found = None if asked.fields is None else self._opened.known(asked.digest)
        if found is None:
            found = await self._found(asked, mailbox)
        page = None if found is None else self._lane.begin(asked, found)
        if not isinstance(page, Submitted):
            if asked.fields is None and found is not None and page is not None:
                self._opened.opened(found)
            return page
        self._opened.over(asked.digest)
        expected = mailbox.expect()
        self._queue.submit(page.cast, lambda outcome: mailbox.post(expected, outcome))
        outcome = await expected.future
        if outcome is None:
            raise UncertainError
        return self._lane.counted(page, outcome)

    async def _found(self, asked: Asked, mailbox: Mailbox) -> Admission | None:
        found = await self._finding.find(asked.digest, mailbox)
        if isinstance(found, Exception):
            raise found
        if found is not None:
            self._opened.read(found)
        return found
