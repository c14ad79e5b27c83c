"""What big screens show, made at most once a second for all who watch.

Before the certified result is revealed a screen shows turnout and nothing else. Turnout is counted
anew every few seconds only, so that no two looks at a screen show the moment of one vote.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ballot.domain.definition import Group
from ballot.domain.hall_turnout import HallTurnout, hall_turnout
from ballot.domain.polls import Phase, Poll, PollId
from ballot.domain.results import SectionResult
from ballot.domain.reveal import Revealed, Screen, revealed
from ballot.language import N_, Text
from ballot.services import handing_out, results
from ballot.services.closing import PARTED
from ballot.services.handing_out import PartSlips
from ballot.services.reveals import NoSuchScreenError, is_key
from ballot.storage import ballots, polls, screens, tallies
from ballot.storage.database import Connection, Database

FRESH: Final = timedelta(seconds=1)
TURNOUT_SECONDS: Final = 5
PAGE_SECONDS: Final = 8
ROWS_ON_A_PAGE: Final = 8
_MOST_KEPT: Final = 64


class State(StrEnum):
    """What a screen is about now."""

    PREPARING = "preparing"
    VOTING = "voting"
    COLLECTING = "collecting"
    COUNTING = "counting"
    CLOSED = "closed"
    REVEAL = "reveal"
    ANNULLED = "annulled"

    @property
    def text(self) -> Text:
        """Return the state in words."""
        return Text(_STATE_WORDS[self])


_STATE_WORDS: Final = {
    State.PREPARING: N_("准备中"),
    State.VOTING: N_("投票中"),
    State.COLLECTING: N_("正在收取在途的票"),
    State.COUNTING: N_("正在计票"),
    State.CLOSED: N_("已结束，等待认定"),
    State.REVEAL: N_("揭晓"),
    State.ANNULLED: N_("已作废"),
}


@dataclass(frozen=True)
class Shown:
    """All that a screen is sent. `page` of `pages`: which part of a long table.

    `reveal`: None until the presenter begins.
    """

    title: str
    rehearsal: bool
    state: State
    turnout: HallTurnout | None
    reveal: Revealed | None = None
    page: int = 0
    pages: int = 1

    @property
    def rows(self) -> slice:
        """Return which rows of the table are on the page."""
        return slice(self.page * ROWS_ON_A_PAGE, (self.page + 1) * ROWS_ON_A_PAGE)


@dataclass
class _Kept:
    """What is known of a poll's screen. `batch`: the time slot that its turnout is of."""

    at: datetime
    shown: Shown
    batch: tuple[Phase, int]


class Screens:
    """The screens of an installation, each at most `FRESH` old; one thread looks for all."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], smallest_group: int
    ) -> None:
        self._database = database
        self._clock = clock
        self._smallest_group = smallest_group
        self._kept: dict[str, _Kept] = {}
        self._certified: dict[PollId, tuple[SectionResult, ...]] = {}
        self._looking = threading.Lock()

    def of(self, key: str) -> Shown:
        """Return what a key's screen shows; the same value as long as nothing changes.

        Raises: NoSuchScreenError.
        """
        if not is_key(key):
            raise NoSuchScreenError
        kept = self._fresh(key)
        if kept is None:
            with self._looking:
                kept = self._fresh(key) or self._look(key)  # who waited here need not look again
        return kept.shown

    def _fresh(self, key: str) -> _Kept | None:
        kept = self._kept.get(key)
        return kept if kept is not None and self._clock() - kept.at < FRESH else None

    def _look(self, key: str) -> _Kept:
        now, before = self._clock(), self._kept.pop(key, None)
        with self._database.read() as connection:
            found = screens.by_key(connection, key)
            if found is None:
                raise NoSuchScreenError
            poll = polls.get(connection, found[0])
            batch = poll.phase, int(now.timestamp()) // TURNOUT_SECONDS
            known = before.shown.turnout if before and before.batch == batch else None
            turnout = known or self._turnout(connection, poll)
            shown = self._shown(connection, poll, found[1], turnout, now)
        if before is not None and before.shown == shown:
            shown = before.shown
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[key] = _Kept(now, shown, batch)
        return self._kept[key]

    def _turnout(self, connection: Connection, poll: Poll) -> HallTurnout | None:
        """Return the turnout that a hall may see; from closing on it is the ballot account's."""
        if poll.phase in {Phase.DRAFT, Phase.ANNULLED}:
            return None
        groups = poll.definition.groups
        if poll.phase is Phase.OPEN:
            counts = ballots.counts(connection, poll.id, [group.key for group in groups])
            parts = handing_out.hall(connection, poll.id).parts
            issued = [_issued(parts, group) for group in groups]
            # a slip that came back was handed out, also where that is not recorded yet
            pairs = zip(issued, counts, strict=True)
            numbers = [(max(number, count.cast), count.cast) for number, count in pairs]
        else:
            lines = tallies.stored(connection, poll.id)[1].lines
            numbers = [(line.issued, line.returned) for line in lines]
        named = [(group.name, *pair) for group, pair in zip(groups, numbers, strict=True)]
        return hall_turnout(named, smallest_group=self._smallest_group)

    def _shown(
        self,
        connection: Connection,
        poll: Poll,
        screen: Screen,
        turnout: HallTurnout | None,
        now: datetime,
    ) -> Shown:
        state = _state(poll, now)
        reveal = None
        if state is State.REVEAL and screen.step:
            sections = self._results(connection, poll)
            reveal = revealed(sections, screen.step, by_rank=screen.by_rank)
        pages = -(-len(reveal.table) // ROWS_ON_A_PAGE) if reveal and reveal.table else 1
        return Shown(
            title=poll.title,
            rehearsal=poll.rehearsal,
            state=state,
            turnout=turnout,
            reveal=reveal,
            page=int(now.timestamp()) // PAGE_SECONDS % pages,
            pages=pages,
        )

    def _results(self, connection: Connection, poll: Poll) -> tuple[SectionResult, ...]:
        """Return a certified poll's results, which nothing changes any more."""
        if poll.id not in self._certified:
            found = results.of_poll(connection, poll.id, smallest_group=self._smallest_group)
            if len(self._certified) >= _MOST_KEPT:
                self._certified.clear()
            self._certified[poll.id] = found.sections
        return self._certified[poll.id]


def _issued(parts: Sequence[PartSlips], group: Group) -> int:
    """Return how many slips of a group were handed out: as recorded, else all but the spares."""
    mine = [part for part in parts if part.group == group]
    return sum(p.handed_out if p.recorded else p.printed - p.spares for p in mine)


def _state(poll: Poll, now: datetime) -> State:
    if poll.phase is Phase.OPEN:
        if not poll.is_closing(now):
            return State.VOTING
        return State.COLLECTING if poll.takes_votes(now) else State.COUNTING
    if poll.phase is Phase.CLOSED:
        return State.COUNTING if poll.closing_step < PARTED else State.CLOSED
    if poll.phase.final:
        return State.REVEAL
    return State.PREPARING if poll.phase is Phase.DRAFT else State.ANNULLED
