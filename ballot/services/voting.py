"""Voting: what a person with a slip can do. GET looks; review checks; submit casts."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final, NamedTuple

from ballot.domain.casting import Cast, Outcome
from ballot.domain.codes import Code, CodeError, parse_code
from ballot.domain.comments import Written, accept_comment, read_comment
from ballot.domain.definition import Group
from ballot.domain.keys import Digest, Keys, nonce_hash, read_nonce
from ballot.domain.polls import Phase, Voting
from ballot.domain.votes import ChoicesError, MarksError, accept, read_choices
from ballot.errors import VotingRefusedError
from ballot.language import N_
from ballot.services.casting import CastingQueue
from ballot.storage import voting as stored
from ballot.storage.database import Database
from ballot.storage.tables import State
from ballot.storage.voting import Found


class StateOfBallotError(VotingRefusedError):
    """A ballot that cannot be voted with now. `heading` is the page's first line."""

    heading: ClassVar[str]


class UnknownBallotError(StateOfBallotError):
    """No poll has a ballot with this code."""

    heading = N_("没有这张票")
    message = N_("系统里没有这个票码。请对照票面逐组核对；仍然不行，请把票交给工作人员查看。")


class NotOpenYetError(StateOfBallotError):
    """The poll has not begun."""

    heading = N_("投票还没有开始")
    message = N_("请等主持人宣布开始，再扫一次码。您的票有效，请保管好。")


class VotingEndedError(StateOfBallotError):
    """The poll is closed, or closing."""

    heading = N_("投票已经结束")
    message = N_("这次测评已停止投票，这张票没有投出。如有疑问，请询问工作人员。")


class PollAnnulledError(StateOfBallotError):
    """The poll was annulled."""

    heading = N_("本次测评已作废")
    message = N_("这次测评已被宣布作废，票不再使用。请留意工作人员的通知。")


class BallotUsedError(StateOfBallotError):
    """The ballot has been cast."""

    heading = N_("此票已投")
    message = N_("此票已投，以第一次提交为准。每张票只能投一次。")


class BallotVoidedError(StateOfBallotError):
    """The ballot was voided as damaged."""

    heading = N_("此票已作废")
    message = N_("这张票已登记作废。请找工作人员换一张新票。")


class BallotOnPaperError(StateOfBallotError):
    """The ballot was counted on paper."""

    heading = N_("此票已按纸质票计入")
    message = N_("这张票交回的是纸质票，已由计票人录入计票。")


_BY_PHASE: Final = {
    Phase.DRAFT: NotOpenYetError,
    Phase.OPEN: VotingEndedError,
    Phase.CLOSED: VotingEndedError,
    Phase.CERTIFIED: VotingEndedError,
    Phase.PUBLISHED: VotingEndedError,
    Phase.ANNULLED: PollAnnulledError,
}
_BY_OUTCOME: Final = {
    Outcome.USED: BallotUsedError,
    Outcome.VOIDED: BallotVoidedError,
    Outcome.UNKNOWN: UnknownBallotError,
}


class Admission(NamedTuple):
    """A ballot that exists: its poll, its voter group, and where it stands."""

    digest: Digest
    poll: Voting
    group_index: int
    state: State

    @property
    def group(self) -> Group:
        """Return the ballot's voter group."""
        return self.poll.definition.groups[self.group_index]

    def require(self, allowed: bool) -> None:
        """Refuse a ballot that cannot be voted with; `allowed` is what the poll's phase says.

        Raises: BallotUsedError, BallotVoidedError, BallotOnPaperError, NotOpenYetError,
            VotingEndedError, PollAnnulledError.
        """
        if self.poll.phase is Phase.ANNULLED:
            raise PollAnnulledError
        if self.state is State.CAST:
            raise BallotUsedError
        if self.state is State.VOIDED:
            raise BallotVoidedError
        if self.state is State.PAPER:
            raise BallotOnPaperError
        if not allowed:
            raise refused_by(self.poll.phase)


def refused_by(phase: Phase) -> StateOfBallotError:
    """Return why no ballot of a poll in this phase is given out now."""
    return _BY_PHASE[phase]()


class Counted(NamedTuple):
    """A vote that is in the tally. `again`: it was there already, and this is the same answer."""

    poll: Voting
    receipt: str
    again: bool


def read_code(typed: str) -> tuple[Code | None, CodeError | None]:
    """Return the code that was typed, or what is wrong with it; needs no database."""
    try:
        return parse_code(typed), None
    except CodeError as problem:
        return None, problem


def find(database: Database, keys: Keys, code: Code) -> Admission:
    """Return the ballot of a code. Reads; never writes and never spends.

    Raises: UnknownBallotError.
    """
    return of_digest(database, keys.digest(code))


def of_digest(database: Database, digest: Digest) -> Admission:
    """Return the ballot of a code's digest, as `find` does."""
    return admitted(digest, stored.find(database, digest))


def admitted(digest: Digest, found: Found | None) -> Admission:
    """Return the ballot that was found by a digest.

    Raises: UnknownBallotError.
    """
    if found is None:
        raise UnknownBallotError
    return Admission(digest, found.poll, found.group_index, found.state)


def look(admission: Admission, now: datetime) -> None:
    """Refuse a ballot whose page may not be shown.

    Raises: StateOfBallotError's family.
    """
    admission.require(admission.poll.shows_ballot(now))


class Reviewed(NamedTuple):
    """What a form says; `problem`: what is wrong with its choices."""

    choices: bytes
    problem: ChoicesError | None
    comment: Written

    @property
    def sound(self) -> bool:
        """Tell whether it can be cast as it stands."""
        return self.problem is None and self.comment.problem is None


def review(admission: Admission, fields: Mapping[str, str], now: datetime) -> Reviewed:
    """Return what a form says, and what still keeps it from being cast.

    Raises: StateOfBallotError's family; ChoicesError for a form that is no ballot of this poll.
    """
    admission.require(admission.poll.takes_votes(now))
    definition = admission.poll.definition
    comment = read_comment(definition, fields)
    try:
        choices = read_choices(definition, admission.group, fields)
    except MarksError as problem:
        return Reviewed(problem.choices, problem, comment)
    try:
        accept(definition, choices)
    except ChoicesError as problem:
        return Reviewed(choices, problem, comment)
    return Reviewed(choices, None, comment)


def check(admission: Admission, fields: Mapping[str, str], nonce: str) -> Cast:
    """Return the checked vote that a form makes, ready to be submitted.

    Raises: ChoicesError, CommentError, NonceError.
    """
    definition = admission.poll.definition
    vote = accept(definition, read_choices(definition, admission.group, fields))
    return Cast(
        digest=admission.digest,
        poll_id=admission.poll.id,
        group_index=admission.group_index if definition.weighted else None,
        nonce=nonce_hash(read_nonce(nonce)),
        vote=vote,
        comment=accept_comment(definition, fields),
    )


def submit(queue: CastingQueue, keys: Keys, admission: Admission, cast: Cast) -> Counted:
    """Cast a vote and return that it counts; the same code and nonce get the same answer again.

    Raises: StateOfBallotError's family, UncertainError.
    """
    return told(keys, admission, queue.cast(cast))


def told(keys: Keys, admission: Admission, outcome: Outcome) -> Counted:
    """Return what a voter is told of a cast's outcome.

    Raises: StateOfBallotError's family.
    """
    if outcome is Outcome.CLOSED:
        raise _BY_PHASE[admission.poll.phase]
    if outcome in _BY_OUTCOME:
        raise _BY_OUTCOME[outcome]
    receipt = keys.receipt(admission.digest)
    return Counted(admission.poll, receipt, again=outcome is Outcome.COUNTED_BEFORE)
