"""Comments (意见) after closing: who may be shown what of them, and what is published.

They are shown in the order of their random keys, and to nobody where fewer than k votes came by
phone: so few can be told by their style. Moderation: `services/moderation.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ballot.domain.moderation import Said, Verdict, masked_words
from ballot.domain.polls import Poll
from ballot.errors import BallotError, NotFoundError, RefusedError
from ballot.language import N_, Text
from ballot.services.closing import PARTED
from ballot.services.results import account_of
from ballot.storage import comments as stored
from ballot.storage import polls
from ballot.storage.comments import Comment, Publication
from ballot.storage.database import Connection

UNDECIDED: Final = "undecided"
EVERY: Final = "every"
SHOWN: Final = (UNDECIDED, *Verdict, EVERY)
"""What a list of comments may be asked for."""


class NotAskedError(NotFoundError):
    """The poll takes no comments."""

    message = N_("测评活动“%(title)s”不征求意见。")


class NotShuffledYetError(RefusedError):
    """The closing steps are still at work."""

    message = N_("测评活动“%(title)s”还在收尾，意见打乱次序以后才能看，请稍候片刻。")


class TooFewError(RefusedError):
    """So few voted by phone that a comment could be told by its style."""

    message = N_(
        "“%(title)s”用手机投的票不足 %(least)s 张，写意见的人容易被认出来，"
        "所以意见不给任何人看，也不公布。"
    )


@dataclass(frozen=True)
class Moderated:
    """A comment with its moderation, numbered as it is listed; `key` names it in forms."""

    number: int
    comment: Comment

    @property
    def key(self) -> str:
        """Return its random key in hexadecimal."""
        return self.comment.id.hex()

    @property
    def text(self) -> str:
        """Return what the voter wrote."""
        return self.comment.text

    @property
    def said(self) -> Said:
        """Return what was decided, as a form says it."""
        decided = self.comment.decision
        if decided is None:
            return Said("", "", "")
        words = masked_words(self.text, decided.masked) if decided.masked else []
        return Said(decided.verdict, decided.why or "", "、".join(words))

    @property
    def published(self) -> str | None:
        """Return the text that is published, None where none is."""
        decided = self.comment.decision
        if decided is None or decided.verdict is not Verdict.PUBLISH:
            return None
        return decided.masked or self.text


@dataclass(frozen=True)
class Comments:
    """A closed poll's comments, in random order."""

    poll: Poll
    every: Sequence[Moderated]
    publication: Publication | None

    @property
    def published(self) -> list[str]:
        """Return the texts that are, or would be, published."""
        return [text for each in self.every if (text := each.published) is not None]

    @property
    def masked(self) -> int:
        """Return how many of those are masked."""
        return sum(each.published not in {None, each.text} for each in self.every)

    @property
    def undecided(self) -> int:
        """Return how many comments wait for a decision."""
        return self.number(UNDECIDED)

    @property
    def withheld(self) -> int:
        """Return how many comments are withheld."""
        return self.number(Verdict.WITHHOLD)

    def number(self, shown: str) -> int:
        """Return how many comments a list would show."""
        return len(self.listed(shown))

    def listed(self, shown: str, search: str = "") -> list[Moderated]:
        """Return the comments of one of `SHOWN` that hold a text."""
        return [
            each
            for each in self.every
            if shown == EVERY or (each.said.verdict or UNDECIDED) == shown
            if search.casefold() in each.text.casefold()
        ]


@dataclass(frozen=True)
class Summary:
    """What a poll's results page tells: the comments, or why there is nothing to see."""

    found: Comments | None
    obstacle: Text | None


def of_poll(connection: Connection, poll_id: int, *, smallest_group: int) -> Comments:
    """Return a closed poll's comments.

    Raises: NoSuchPollError, NotAskedError, NoResultYetError, AnnulledResultError,
        PapersPendingError, NotShuffledYetError, TooFewError.
    """
    asked = polls.get(connection, poll_id)
    if not asked.definition.comments:
        raise NotAskedError(title=asked.title)
    poll, account = account_of(connection, poll_id)
    if poll.closing_step < PARTED:
        raise NotShuffledYetError(title=poll.title)
    on_paper = sum(line.on_paper or 0 for line in account.lines)
    if account.total.returned - on_paper < smallest_group:
        raise TooFewError(title=poll.title, least=smallest_group)
    return _found(connection, poll)


def _found(connection: Connection, poll: Poll) -> Comments:
    found = enumerate(stored.every(connection, poll.id), 1)
    every = [Moderated(number, each) for number, each in found]
    return Comments(poll, every, stored.publication(connection, poll.id))


def summary(connection: Connection, poll: Poll, *, smallest_group: int) -> Summary | None:
    """Return what is told of a closed poll's comments, None where it took none."""
    if not poll.definition.comments:
        return None
    try:
        return Summary(of_poll(connection, poll.id, smallest_group=smallest_group), None)
    except BallotError as error:
        return Summary(None, error.text)


def published(connection: Connection, poll_id: int) -> list[str]:
    """Return the published comments of a poll in random order; nothing where none are.

    Raises: NoSuchPollError.
    """
    poll = polls.get(connection, poll_id)
    if not poll.phase.counted:
        return []
    found = _found(connection, poll)
    return found.published if found.publication is not None else []
