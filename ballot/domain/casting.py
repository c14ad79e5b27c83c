"""Casting: what a cast carries, and the answers that it can get."""

from enum import Enum, auto
from typing import NamedTuple

from ballot.domain.keys import Digest, NonceHash
from ballot.domain.polls import PollId
from ballot.domain.votes import Vote


class Outcome(Enum):
    """What became of a cast."""

    COUNTED = auto()
    COUNTED_BEFORE = auto()  # the same code and nonce again: the reply was lost
    USED = auto()  # another nonce: the first submission stands
    VOIDED = auto()
    CLOSED = auto()
    UNKNOWN = auto()


class Cast(NamedTuple):
    """A checked vote on its way. `group_index` is None where the poll stores no groups.

    `comment`: as it is kept, apart from the vote; empty for none.
    """

    digest: Digest
    poll_id: PollId
    group_index: int | None
    nonce: NonceHash
    vote: Vote
    comment: str = ""
