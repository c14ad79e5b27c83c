"""What the office sees first: cycles with their polls, each with its turnout and nothing more."""

from collections.abc import Sequence
from dataclasses import dataclass

from ballot.domain.definition_json import rules_hash
from ballot.domain.polls import Poll
from ballot.services.cycles import OwnSetting, own_settings, scheme_of
from ballot.services.polls import GroupTurnout, turnout
from ballot.storage import cycles, polls
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection


@dataclass(frozen=True)
class PollOverview:
    """A poll and its turnout, in ballots; `printed` includes spares."""

    poll: Poll
    groups: Sequence[GroupTurnout]

    @property
    def printed(self) -> int:
        """Return how many ballots were printed."""
        return sum(group.printed for group in self.groups)

    @property
    def cast(self) -> int:
        """Return how many ballots were cast."""
        return sum(group.cast for group in self.groups)

    @property
    def rules_hash(self) -> str:
        """Return the hash of what is frozen once the poll is open."""
        return rules_hash(self.poll.definition)


@dataclass(frozen=True)
class CycleOverview:
    """A cycle, its scheme's title, its polls, oldest first, and what it sets otherwise."""

    cycle: Cycle
    scheme_title: str
    polls: Sequence[PollOverview]
    settings: Sequence[OwnSetting]


def every(connection: Connection) -> list[CycleOverview]:
    """Return all cycles, newest first."""
    return [
        CycleOverview(
            cycle,
            scheme_of(cycle).title,
            [of(connection, poll) for poll in polls.every(connection, cycle.id)],
            own_settings(cycle),
        )
        for cycle in reversed(cycles.every(connection))
    ]


def of_poll(connection: Connection, poll_id: int) -> PollOverview:
    """Return one poll with its turnout.

    Raises: NoSuchPollError.
    """
    return of(connection, polls.get(connection, poll_id))


def cycle_of(connection: Connection, poll: Poll) -> Cycle:
    """Return the cycle that a poll belongs to."""
    return cycles.get(connection, poll.cycle_id)


def of(connection: Connection, poll: Poll) -> PollOverview:
    """Return a poll with its turnout."""
    return PollOverview(poll, turnout(connection, poll))
