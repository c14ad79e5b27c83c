"""A poll: a definition with its phase and times, and what may be done when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from ballot.domain.definition import Definition
from ballot.errors import RefusedError
from ballot.language import N_, Text

PollId = NewType("PollId", int)
CycleId = NewType("CycleId", int)


class Phase(StrEnum):
    """Where a poll stands (draft -> open -> closed -> certified -> published, or annulled)."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    CERTIFIED = "certified"
    PUBLISHED = "published"
    ANNULLED = "annulled"

    @property
    def text(self) -> Text:
        """Return the phase in words."""
        return Text(_PHASE_WORDS[self])

    @property
    def counted(self) -> bool:
        """Tell whether voting has ended, so that there is a result."""
        return self is Phase.CLOSED or self.final

    @property
    def final(self) -> bool:
        """Tell whether the result is certified."""
        return self in (Phase.CERTIFIED, Phase.PUBLISHED)


_PHASE_WORDS = {
    Phase.DRAFT: N_("准备中"),
    Phase.OPEN: N_("投票中"),
    Phase.CLOSED: N_("已结束"),
    Phase.CERTIFIED: N_("已认定"),
    Phase.PUBLISHED: N_("已公布"),
    Phase.ANNULLED: N_("已作废"),
}


class WrongPhaseError(RefusedError):
    """The action does not fit the poll's phase."""

    message = N_("测评活动“%(title)s”%(phase)s，不能%(action)s。")


@dataclass(frozen=True, kw_only=True)
class Voting:
    """What voters' requests need of a poll: its definition, its phase, and when it ends.

    `closes_at`: when voting ends, planned or ordered (aware, UTC). `closing`: closing was ordered
    or its time was seen to pass, which no clock set back undoes.
    """

    id: PollId
    definition: Definition
    phase: Phase
    closes_at: datetime | None = None
    closing: bool = False
    grace: timedelta = timedelta(0)

    @property
    def title(self) -> str:
        """Return the poll's title."""
        return self.definition.title

    @property
    def rehearsal(self) -> bool:
        """Tell whether nothing of the poll ever counts."""
        return self.definition.rehearsal

    def shows_ballot(self, now: datetime) -> bool:
        """Tell whether a ballot page is given out: refused at once when closing begins."""
        return self.phase is Phase.OPEN and not self.is_closing(now)

    def is_closing(self, now: datetime) -> bool:
        """Tell whether the poll is still open but its end has come."""
        if self.phase is not Phase.OPEN:
            return False
        return self.closing or (self.closes_at is not None and now >= self.closes_at)

    def takes_votes(self, now: datetime) -> bool:
        """Tell whether a vote already on its way is taken."""
        return takes_votes(self.phase, self.closes_at, self.grace, now)


@dataclass(frozen=True, kw_only=True)
class Poll(Voting):
    """A poll with all that its organisers see.

    Times are aware, in UTC. `closing_step`: how many of the three closing steps are done.
    `copy_of`: the poll whose definition it took over, if any.
    """

    cycle_id: CycleId
    created_at: datetime
    opened_at: datetime | None = None
    closing_step: int = 0
    copy_of: PollId | None = None

    @property
    def stands(self) -> bool:
        """Tell whether it counts or will: it is neither annulled nor a rehearsal."""
        return self.phase is not Phase.ANNULLED and not self.rehearsal

    def takes_slips(self, now: datetime) -> bool:
        """Tell whether slips may be printed: before voting, and while it goes on."""
        opened = self.phase is Phase.OPEN and not self.is_closing(now)
        return opened or self.phase is Phase.DRAFT

    def require_takes_slips(self, now: datetime) -> None:
        """Refuse a poll that takes no slips any more.

        Raises: WrongPhaseError.
        """
        if not self.takes_slips(now):
            self.require(Phase.DRAFT, Text("印票"))

    def require(self, phase: Phase, action: Text) -> None:
        """Refuse an action outside its phase.

        Raises: WrongPhaseError.
        """
        if self.phase is not phase:
            raise WrongPhaseError(title=self.title, phase=self.phase.text, action=action)


def takes_votes(phase: Phase, closes_at: datetime | None, grace: timedelta, now: datetime) -> bool:
    """Tell whether a vote is taken: while the poll is open, until its end plus the grace."""
    return phase is Phase.OPEN and (closes_at is None or now < closes_at + grace)
