"""Reviews (复核): a request to look again, its two clocks, and the recorded answer.

A request comes from a unit or person on the cycle's list, never from a voter. An answer never
changes a figure: a changed result is undone where it was made, and made anew.
Source: docs/scoring-rules.md, rule 68.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from ballot.domain.assessment import Recorded
from ballot.domain.periods import Clock
from ballot.domain.written import LONGEST_REASON, problems
from ballot.language import N_, Text
from ballot.scoring import ReviewRule

LONGEST_GROUND: Final = 1000
LONGEST_MEETING: Final = 200


class Outcome(StrEnum):
    """What came of a review."""

    UPHELD = "upheld"
    CHANGED = "changed"
    LATE = "late"

    @property
    def text(self) -> Text:
        """Return the outcome in words."""
        return Text(_OUTCOME_WORDS[self])


_OUTCOME_WORDS: Final = {
    Outcome.UPHELD: N_("维持原结果"),
    Outcome.CHANGED: N_("更正结果"),
    Outcome.LATE: N_("逾期，不予受理"),
}
DECIDED: Final = (Outcome.UPHELD, Outcome.CHANGED)


@dataclass(frozen=True)
class Request:
    """Who asks about what, and when. `about`: `standing`, or `poll:3`.

    `told_on`: when the unit was told in writing, None where that is not known. `admitted`: why a
    late request is looked at all the same.
    """

    unit: str
    about: str
    ground: str
    received_on: date
    told_on: date | None = None
    admitted: str = ""

    def asked(self, rule: ReviewRule) -> Clock | None:
        """Return the clock of asking, stopped when the request came; None if it never began."""
        if self.told_on is None:
            return None
        return Clock(self.told_on, rule.ask, self.received_on)

    def is_late(self, rule: ReviewRule) -> bool:
        """Tell whether it came after the last day for asking."""
        clock = self.asked(rule)
        return clock is not None and clock.late(self.received_on) > 0

    def mistakes(self, today: date) -> Iterator[Text]:
        """Yield what is wrong with it, on the day it is recorded."""
        if not self.ground:
            yield Text("请写明申请复核的理由。")
        yield from problems(Text("理由"), self.ground, most=LONGEST_GROUND, lines=True)
        yield from problems(Text("受理理由"), self.admitted, most=LONGEST_REASON, lines=True)
        if self.received_on > today:
            yield Text("收到日期还没有到。")
        if self.told_on and self.told_on > self.received_on:
            yield Text("收到申请不能早于接到书面通知。")


@dataclass(frozen=True)
class Answer:
    """What was answered, on which day, and by which meeting or person."""

    outcome: Outcome
    text: str
    answered_on: date
    decided_by: str

    def mistakes(self, request: Request, today: date) -> Iterator[Text]:
        """Yield what is wrong with it, on the day it is recorded."""
        if not self.text:
            yield Text("请写明答复的内容。")
        yield from problems(Text("答复"), self.text, most=LONGEST_GROUND, lines=True)
        if not self.decided_by:
            yield Text("请写明由哪次会议或谁决定。")
        yield from problems(Text("决定人"), self.decided_by, most=LONGEST_MEETING)
        if self.answered_on > today:
            yield Text("答复日期还没有到。")
        if self.answered_on < request.received_on:
            yield Text("答复不能早于收到申请。")


@dataclass(frozen=True)
class Review:
    """A review as it is kept. `answered_by`: the account that recorded the answer."""

    recorded: Recorded
    cycle_id: int
    kind: str
    request: Request
    answer: Answer | None = None
    answered_by: str = ""

    @property
    def number(self) -> int:
        """Return its number."""
        return self.recorded.id

    @property
    def open(self) -> bool:
        """Tell whether it waits for its answer."""
        return self.recorded.stands and self.answer is None

    def answering(self, rule: ReviewRule) -> Clock:
        """Return the clock of the answer."""
        done = self.answer.answered_on if self.answer else None
        return Clock(self.request.received_on, rule.answer, done)

    def outcomes(self, rule: ReviewRule) -> tuple[Outcome, ...]:
        """Return what can come of it: a late one that was not admitted is not looked at."""
        refused = self.request.is_late(rule) and not self.request.admitted
        return (Outcome.LATE,) if refused else DECIDED
