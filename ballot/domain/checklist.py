"""A checklist (开始前检查): points about a draft, each with its state and where it is mended."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ballot.domain.polls import Poll
from ballot.language import N_, Text


class State(StrEnum):
    """How a point stands: done, not done, worth a look, or in the way of opening."""

    OK = "ok"
    TODO = "todo"
    WARNING = "warning"
    BLOCKING = "blocking"

    @property
    def text(self) -> Text:
        """Return the state in words."""
        return Text(_STATES[self])


_STATES: Final = {
    State.OK: N_("好了"),
    State.TODO: N_("待办"),
    State.WARNING: N_("留意"),
    State.BLOCKING: N_("必须先办"),
}


class Mend(StrEnum):
    """Where a point is mended; the pages know their addresses."""

    EDIT = "edit"
    UNITS = "units"
    SLIPS = "slips"
    PEOPLE = "people"
    REHEARSE = "rehearse"
    OPEN = "open"
    NOWHERE = ""


@dataclass(frozen=True)
class Point:
    """One point: how it stands, in words, and where it is mended. `of`: a kind or poll there."""

    state: State
    text: Text
    mend: Mend = Mend.NOWHERE
    of: str = ""


@dataclass(frozen=True)
class Checklist:
    """A draft with its points."""

    poll: Poll
    points: Sequence[Point]

    @property
    def may_open(self) -> bool:
        """Tell whether nothing stands in the way of opening."""
        return not self.having(State.BLOCKING)

    @property
    def open_points(self) -> Sequence[Point]:
        """Return what is not done, first what stands in the way."""
        return [point for point in self.sorted if point.state is not State.OK]

    @property
    def sorted(self) -> Sequence[Point]:
        """Return the points by what they need: what stands in the way, notes, the rest, done."""
        order = (State.BLOCKING, State.WARNING, State.TODO, State.OK)
        return sorted(self.points, key=lambda point: order.index(point.state))

    def having(self, state: State) -> Sequence[Point]:
        """Return the points of a state."""
        return [point for point in self.points if point.state is state]
