"""What to print of a cycle or of one poll: what is missing, what a person makes of it, the job."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from ballot.domain.definition import Group
from ballot.domain.jobs import Work
from ballot.domain.polls import CycleId, Poll, PollId
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.scoring.figures import whole_number
from ballot.services import jobs
from ballot.storage import ballots, cycles, polls
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection

PER_PAGE: Final = (10, 21)
"""How many slips a sheet of A4 may hold."""
FORMS: Final = ("pdf", "csv", "xlsx")
MOST_SLIPS: Final = 100_000
MOST_SPARES: Final = 10_000
USUAL_SPARES: Final = "5%"
_PERCENT: Final = re.compile(r"([0-9]{1,3})\s*[%％]")


class NothingToPrintError(RefusedError):
    """No poll of the cycle takes slips."""

    message = N_("考核周期“%(title)s”里没有准备中或投票中的测评活动，没有票可印。")


class GroupSlips(NamedTuple):
    """Slips of one group: `field` is its name on a form, `printed` are without spares.

    `missing`: how many are planned and not printed yet.
    """

    field: str
    group: Group
    printed: int

    @property
    def missing(self) -> int:
        """Return how many to print now."""
        return max(0, self.group.ballots - self.printed)


@dataclass(frozen=True)
class PollSlips:
    """What one poll still needs."""

    poll: Poll
    groups: Sequence[GroupSlips]


@dataclass(frozen=True)
class Plan:
    """What may be printed together: polls that are not closed, in the order of their making."""

    cycle: Cycle
    polls: Sequence[PollSlips]
    poll_id: int | None = None

    @property
    def groups(self) -> list[GroupSlips]:
        """Return the groups of all polls."""
        return [group for each in self.polls for group in each.groups]

    @property
    def proposed(self) -> dict[str, str]:
        """Return what a form proposes."""
        numbers = {each.field: str(each.missing) for each in self.groups}
        return {**numbers, "spares": USUAL_SPARES, "per_page": str(PER_PAGE[0]), "form": FORMS[0]}

    @property
    def missing(self) -> int:
        """Return how many planned slips are not printed yet."""
        return sum(each.missing for each in self.groups)

    def sheets(self, per_page: int) -> int:
        """Return how many sheets the proposed numbers take, with the usual spares."""
        with_spares = [each.missing + _spares(USUAL_SPARES, each.missing) for each in self.groups]
        return sheets(with_spares, per_page)


@dataclass(frozen=True)
class Line:
    """Slips that are wanted of one group of a poll."""

    poll: int
    group: str
    count: int
    spares: int

    @property
    def number(self) -> int:
        """Return how many slips these are."""
        return self.count + self.spares


@dataclass(frozen=True)
class Order:
    """Slips to be printed into one file. `phases`: where each poll stood when it was asked."""

    lines: Sequence[Line]
    phases: Mapping[int, str]
    per_page: int
    form: str

    @property
    def number(self) -> int:
        """Return how many slips these are."""
        return sum(line.number for line in self.lines)

    @property
    def sheets(self) -> int:
        """Return how many sheets of paper the PDF has."""
        return sheets([line.number for line in self.lines], self.per_page)

    def to_json(self) -> dict[str, Any]:
        """Return it as a job keeps it: numbers of slips, and no code."""
        return {
            "lines": [astuple(line) for line in self.lines],
            "phases": {str(poll): phase for poll, phase in self.phases.items()},
            "per_page": self.per_page,
            "form": self.form,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Order":
        """Return what a job keeps."""
        return cls(
            [Line(*line) for line in kept["lines"]],
            {int(poll): phase for poll, phase in kept["phases"].items()},
            kept["per_page"],
            kept["form"],
        )


def sheets(numbers: Sequence[int], per_page: int) -> int:
    """Return how many sheets groups of so many slips take, each with its cover."""
    return sum(-(-(number + 1) // per_page) for number in numbers if number)


def of_cycle(connection: Connection, cycle_id: int, now: datetime) -> Plan:
    """Return what all polls of a cycle need; a rehearsal prints its own.

    Raises: NoSuchCycleError.
    """
    cycle = cycles.get(connection, cycle_id)
    found = [
        _needed(connection, poll)
        for poll in polls.every(connection, cycle.id)
        if not poll.rehearsal and poll.takes_slips(now)
    ]
    return Plan(cycle, found)


def of_poll(connection: Connection, poll_id: int, now: datetime) -> Plan:
    """Return what one poll needs.

    Raises: NoSuchPollError, WrongPhaseError once it takes no slips.
    """
    poll = polls.get(connection, poll_id)
    poll.require_takes_slips(now)
    cycle = cycles.get(connection, poll.cycle_id)
    return Plan(cycle, [_needed(connection, poll)], poll.id)


def _needed(connection: Connection, poll: Poll) -> PollSlips:
    printed = dict.fromkeys((group.key for group in poll.definition.groups), 0)
    for batch in ballots.batches_of(connection, poll.id):
        if batch.voided_at is None:
            printed[batch.group] = printed.get(batch.group, 0) + batch.printed - batch.spares
    return PollSlips(
        poll,
        [
            GroupSlips(f"n-{poll.id}-{place}", group, printed[group.key])
            for place, group in enumerate(poll.definition.groups)
        ],
    )


def read(plan: Plan, typed: Mapping[str, str]) -> Order:
    """Return the order that a form says: a number for each group, spares for all, how to print.

    Raises: NothingToPrintError; MistakesError, naming each group whose number is none.
    """
    if not plan.polls:
        raise NothingToPrintError(title=plan.cycle.title)
    mistakes: list[Text] = []
    lines: list[Line] = []
    spares = typed.get("spares", "").strip() or "0"
    if not _is_spares(spares):
        mistakes.append(Text("备用票应写百分比（如 5%%）或每个类别的张数（如 2）。"))
    for each in plan.polls:
        for slips in each.groups:
            count = whole_number(typed.get(slips.field, "").strip() or "0")
            if count is None:
                mistakes.append(
                    Text(
                        "“%(poll)s”的%(group)s：张数应为整数。",
                        poll=each.poll.title,
                        group=slips.group.name,
                    )
                )
            elif count and not mistakes:
                lines.append(Line(each.poll.id, slips.group.key, count, _spares(spares, count)))
    per_page, form = typed.get("per_page", ""), typed.get("form", "")
    if per_page not in map(str, PER_PAGE) or form not in FORMS:
        mistakes.append(Text("请选择版式和文件格式。"))
    if not mistakes:
        mistakes += _numbers(lines)
    if mistakes:
        raise MistakesError(mistakes)
    wanted = {line.poll for line in lines}
    phases: dict[int, str] = {
        each.poll.id: each.poll.phase.value for each in plan.polls if each.poll.id in wanted
    }
    return Order(lines, phases, int(per_page), form)


def _numbers(lines: Sequence[Line]) -> list[Text]:
    number = sum(line.number for line in lines)
    if not number:
        return [Text("票数为 0，没有可印的票。")]
    if number > MOST_SLIPS:
        return [Text("一次最多印 %(most)s 张票，请分几次印。", most=MOST_SLIPS)]
    return []


def _is_spares(typed: str) -> bool:
    percent = _PERCENT.fullmatch(typed)
    if percent:
        return int(percent[1]) <= 100
    number = whole_number(typed)
    return number is not None and number <= MOST_SPARES


def _spares(typed: str, count: int) -> int:
    """Return the spares of a group: a number, or a share of its slips rounded up."""
    percent = _PERCENT.fullmatch(typed)
    if percent:
        return -(-count * int(percent[1]) // 100)
    return whole_number(typed) or 0


def ask(connection: Connection, plan: Plan, order: Order, *, by: str, now: datetime) -> int:
    """Keep an order as a job for the working process, and return its number.

    Raises: TooManyJobsError.
    """
    poll_id = next(each.poll.id for each in plan.polls) if plan.poll_id is not None else None
    return jobs.ask(
        connection,
        Work.SLIPS,
        cycle_id=CycleId(plan.cycle.id),
        poll_id=poll_id,
        details=order.to_json(),
        total=order.number,
        by=by,
        now=now,
    )


class Ordered(NamedTuple):
    """A line of an order as people read it; names of what is gone since are its keys."""

    poll: str
    group: str
    line: Line


def ordered(connection: Connection, order: Order) -> list[Ordered]:
    """Return an order in names."""
    known = {poll.id: poll for poll in polls.every(connection) if poll.id in order.phases}
    return [
        Ordered(poll.title, _name_of(poll, line.group), line)
        for line in order.lines
        if (poll := known.get(PollId(line.poll))) is not None
    ]


def _name_of(poll: Poll, key: str) -> str:
    return next((group.name for group in poll.definition.groups if group.key == key), key)
