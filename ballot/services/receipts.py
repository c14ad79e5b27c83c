"""Receipts: the sorted list that is published after closing, as long as there are returned votes.

A receipt says that a ballot counted, never how. Source: docs/anonymity.md, "Receipts".
"""

from dataclasses import dataclass

from ballot.domain.keys import Keys
from ballot.domain.polls import Poll
from ballot.services.results import account_of
from ballot.storage import ballots
from ballot.storage.database import Connection


@dataclass(frozen=True)
class Receipts:
    """A closed poll's receipts, sorted, and how many votes were returned: the same number."""

    poll: Poll
    receipts: tuple[str, ...]
    returned: int


def of_poll(connection: Connection, keys: Keys, poll_id: int) -> Receipts:
    """Return a closed poll's receipts.

    Raises: NoSuchPollError, NoResultYetError, AnnulledResultError.
    """
    poll, account = account_of(connection, poll_id)
    digests = ballots.used_digests(connection, poll.id)
    receipts = tuple(sorted(keys.receipt(digest) for digest in digests))
    return Receipts(poll, receipts, account.total.returned)
