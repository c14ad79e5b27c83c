"""Finding ballots for the requests in the server's event loop, many with one statement."""

import asyncio
from typing import Protocol

from ballot.domain.keys import Digest
from ballot.services.lookups import Answer, Lookups, look_up
from ballot.storage.database import Database
from ballot.web.mailbox import Mailbox

Awaited = asyncio.Future[Answer | None]
"""A ballot, or what was in the way; None where the database did not answer in time."""


class Finding(Protocol):
    """A way of finding ballots."""

    def find(self, digest: Digest, mailbox: Mailbox) -> Awaited:
        """Look a ballot up; called in the loop."""


class InLoop:
    """Reads a local file right there, which takes less than handing anything to a thread.

    What one turn of the loop brings is read at its end: whoever reads gives the interpreter away
    twice, and under load gets it back only after others have run.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._asked: list[tuple[Digest, Awaited]] = []

    def find(self, digest: Digest, mailbox: Mailbox) -> Awaited:  # noqa: ARG002 - no thread answers
        """Look a ballot up at the end of this turn."""
        loop = asyncio.get_running_loop()
        if not self._asked:
            loop.call_soon(self._answer)
        found: Awaited = loop.create_future()
        self._asked.append((digest, found))
        return found

    def _answer(self) -> None:
        asked, self._asked = self._asked, []
        answers = look_up(self._database, [digest for digest, _ in asked])
        for (_, found), answer in zip(asked, answers, strict=True):
            if not found.done():  # the server may have given the request up
                found.set_result(answer)


class InThread:
    """Has a thread ask a database across a network."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def find(self, digest: Digest, mailbox: Mailbox) -> Awaited:
        """Look a ballot up in as little as one trip for many."""
        expected = mailbox.expect()
        self._lookups.submit(digest, lambda found: mailbox.post(expected, found))
        return expected.future
