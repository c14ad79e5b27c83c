"""What polls decided about a kind's components: certified points, and why there are none yet."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from ballot.domain.polls import Phase, Poll
from ballot.language import Text
from ballot.services import points
from ballot.services.points import PointsRow
from ballot.storage import polls
from ballot.storage.database import Connection

Place = tuple[str, str]
"""A unit's name and the key of a component."""


@dataclass(frozen=True)
class Polled:
    """Certified points by unit and component, polls that are still to give some, and problems.

    `told`: the places that `problems` are about, so that nothing else need be said of them.
    """

    rows: Mapping[Place, PointsRow] = field(default_factory=dict)
    titles: Mapping[int, str] = field(default_factory=dict)
    waiting: Mapping[Place, Poll] = field(default_factory=dict)
    problems: tuple[Text, ...] = ()
    told: frozenset[Place] = frozenset()

    def missing(self, unit: str, component: str) -> Text:
        """Say why a unit has no points in a component."""
        about = (
            poll
            for (name, key), poll in self.waiting.items()
            if name == unit and (key == component or key.startswith(f"{component}."))
        )
        poll = next(about, None)
        if poll is None:
            return Text("还没有测评活动对它进行投票")
        return Text(
            "测评活动 %(id)s“%(title)s”%(phase)s，认定以后才有得分",
            id=poll.id,
            title=poll.title,
            phase=poll.phase.text,
        )


def of_kind(connection: Connection, cycle_id: int, kind: str, *, smallest_group: int) -> Polled:
    """Return what a cycle's polls say about a kind. Two polls about the same are a problem."""
    every = [poll for poll in polls.every(connection, cycle_id) if not poll.rehearsal]
    titles = {int(poll.id): poll.title for poll in every}
    found: dict[Place, list[PointsRow]] = defaultdict(list)
    mine = [poll for poll in every if kind in {s.kind for s in poll.definition.sections}]
    for row in points.of_polls(connection, mine, smallest_group=smallest_group):
        if row.section.section.kind == kind:
            place = row.result.subject.unit, row.section.section.component
            found[place].append(row)
    twice = {place: rows for place, rows in found.items() if len(rows) > 1}
    empty = {place: rows[0] for place, rows in found.items() if _is_empty(rows)}
    problems = [_twice(rows, titles) for rows in twice.values()]
    problems += [_nothing(row, titles) for row in empty.values()]
    return Polled(
        rows={place: rows[0] for place, rows in found.items() if len(rows) == 1},
        titles=titles,
        waiting=_waiting(every, kind),
        problems=tuple(problems),
        told=frozenset({*twice, *empty}),
    )


def _waiting(every: list[Poll], kind: str) -> dict[Place, Poll]:
    open_ones = [poll for poll in every if poll.phase in {Phase.DRAFT, Phase.OPEN, Phase.CLOSED}]
    return {
        (subject.unit, section.component): poll
        for poll in open_ones
        for section in poll.definition.sections
        if section.kind == kind
        for subject in section.subjects
    }


def _is_empty(rows: list[PointsRow]) -> bool:
    return len(rows) == 1 and rows[0].exact is None


def _twice(rows: list[PointsRow], titles: Mapping[int, str]) -> Text:
    named = "、".join(f"{row.poll_id}“{titles[row.poll_id]}”" for row in rows)
    return Text(
        "“%(unit)s”的“%(component)s”有 %(count)s 个已认定的测评活动（%(polls)s），只能依据一个："
        "请作废多余的。",
        unit=rows[0].result.subject.unit,
        component=rows[0].section.section.title,
        count=len(rows),
        polls=named,
    )


def _nothing(row: PointsRow, titles: Mapping[int, str]) -> Text:
    return Text(
        "“%(unit)s”的“%(component)s”没有结果：测评活动 %(id)s“%(title)s”的基数为 0。",
        unit=row.result.subject.unit,
        component=row.section.section.title,
        id=row.poll_id,
        title=titles[row.poll_id],
    )
