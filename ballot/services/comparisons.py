"""Comparison of a poll's results: between its groups, and with an earlier cycle's polls."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from ballot.domain import comparison
from ballot.domain.comparison import Compared, Measured, SubjectGroups
from ballot.domain.definition import Place, Section
from ballot.domain.polls import Poll
from ballot.domain.results import SectionResult
from ballot.errors import NotFoundError
from ballot.language import N_, Text
from ballot.services import results
from ballot.services.results import Results
from ballot.storage import cycles, polls
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection


class NoSuchComparisonError(NotFoundError):
    """The cycle that was asked for has nothing to compare with."""

    message = N_("所选的考核周期没有可以对比的测评结果。")


@dataclass(frozen=True)
class Line:
    """A subject with the result it is compared with, or why there is none."""

    name: str
    compared: Compared | None
    poll: Poll | None
    why_not: Text | None = None


@dataclass(frozen=True)
class SectionComparison:
    """One section's comparisons; `groups` is empty where groups are pooled."""

    section: Section
    groups: Sequence[SubjectGroups]
    lines: Sequence[Line]

    @property
    def group_names(self) -> list[str]:
        """Return every group that is told of any subject, in their order."""
        told = (share.group for each in self.groups for share in each.groups or ())
        return list(dict.fromkeys(told))

    @property
    def suppressed(self) -> bool:
        """Tell whether the groups of some subject are not told."""
        return any(each.groups is None for each in self.groups)


@dataclass(frozen=True)
class PollComparison:
    """A poll's comparisons. `earlier`: cycles to compare with, the nearest first; `chosen`: one."""

    results: Results
    cycle: Cycle
    sections: Sequence[SectionComparison]
    earlier: Sequence[Cycle]
    chosen: Cycle | None


def of_poll(
    connection: Connection, poll_id: int, *, with_cycle: int | None = None, smallest_group: int
) -> PollComparison:
    """Return a closed poll's comparisons.

    `with_cycle`: the cycle to compare with; by default the nearest earlier one under the same
    scheme in which one of the poll's units was rated under the same kind and component. Only
    certified and published results are compared with, never those of rehearsals.
    Raises: NoSuchPollError, NoResultYetError, AnnulledResultError, PapersPendingError;
        NoSuchComparisonError.
    """
    found = results.of_poll(connection, poll_id, smallest_group=smallest_group)
    cycle = cycles.get(connection, found.poll.cycle_id)
    places = found.poll.definition.places
    earlier = [
        each
        for each in reversed(cycles.every(connection))
        if each.id != cycle.id and _before(each, cycle) and _rated(connection, each) & places
    ]
    earlier.sort(key=lambda each: each.scheme != cycle.scheme)  # stable: the same scheme's first
    chosen = _chosen(earlier, cycle, with_cycle)
    past = _past(connection, chosen, places, smallest_group) if chosen else {}
    sections = [
        SectionComparison(
            section.section,
            comparison.of_groups(found.poll.definition, section, smallest_group),
            _lines(section, past) if chosen else (),
        )
        for section in found.sections
    ]
    return PollComparison(found, cycle, sections, earlier, chosen)


def _before(one: Cycle, other: Cycle) -> bool:
    return (one.created_at, one.id) < (other.created_at, other.id)


def _chosen(earlier: Sequence[Cycle], cycle: Cycle, wanted: int | None) -> Cycle | None:
    if wanted is None:
        return next((each for each in earlier if each.scheme == cycle.scheme), None)
    for each in earlier:
        if each.id == wanted:
            return each
    raise NoSuchComparisonError


def _final(connection: Connection, cycle: Cycle) -> list[Poll]:
    every = polls.every(connection, cycle.id)
    return [poll for poll in every if poll.phase.final and not poll.rehearsal]


def _rated(connection: Connection, cycle: Cycle) -> set[Place]:
    return {place for poll in _final(connection, cycle) for place in poll.definition.places}


def _past(
    connection: Connection, cycle: Cycle, places: Set[Place], smallest_group: int
) -> dict[Place, list[tuple[Poll, Measured]]]:
    """Return what the chosen cycle's certified polls say of the same kinds, components, units."""
    past: dict[Place, list[tuple[Poll, Measured]]] = {}
    for poll in _final(connection, cycle):
        if not poll.definition.places & places:
            continue
        told = results.of_poll(connection, poll.id, smallest_group=smallest_group)
        for section in told.sections:
            for subject in section.subjects:
                place = _place(section, subject.subject.unit)
                if place in places:
                    measured = comparison.measured(section, subject)
                    past.setdefault(place, []).append((poll, measured))
    return past


def _place(section: SectionResult, unit: str) -> Place:
    return section.section.kind, section.section.component, unit


def _lines(
    section: SectionResult, past: dict[Place, list[tuple[Poll, Measured]]]
) -> Sequence[Line]:
    lines = []
    for subject in section.subjects:
        there = past.get(_place(section, subject.subject.unit), [])
        name = subject.subject.name
        if len(there) == 1:
            (poll, then) = there[0]
            now = comparison.measured(section, subject)
            lines.append(Line(name, comparison.compare(now, then), poll))
        elif there:
            why = Text("有 %(count)s 次测评，不知与哪一次比", count=len(there))
            lines.append(Line(name, None, None, why))
        else:
            lines.append(Line(name, None, None, Text("没有测评结果")))
    return lines
