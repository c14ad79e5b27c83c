"""Points: what scorers and other systems pull from a cycle's certified polls."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ballot.domain.polls import Poll, PollId
from ballot.domain.results import SectionResult, SubjectResult
from ballot.language import SOURCE
from ballot.services.results import Results, of_poll
from ballot.storage import cycles, polls
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection


@dataclass(frozen=True)
class PointsRow:
    """One unit's points in one component, from one certified poll."""

    poll_id: PollId
    rules_hash: str
    section: SectionResult
    result: SubjectResult

    @property
    def exact(self) -> Fraction | None:
        """Return the points before they are rounded, as standings take them (rule 41).

        None without a result.
        """
        score = self.result.converted.score
        return None if score is None else score * self.section.section.rule.factor

    def to_json(self, language: str = SOURCE) -> dict[str, Any]:
        """Return the row as the API gives it: the unit and component, then the conversion."""
        section, subject = self.section.section, self.result.subject
        converted = self.result.converted.to_json(language)
        told = {name: value for name, value in converted.items() if name != "marks"}
        return {
            "kind": section.kind,
            "component": section.component,
            "unit": subject.unit,
            "full_marks": f"{section.rule.full_marks:f}",
            **told,
            "marks": converted.get("marks"),
            "poll": self.poll_id,
            "rules_hash": self.rules_hash,
        }


def of_cycle(
    connection: Connection, cycle_id: int, *, smallest_group: int
) -> tuple[Cycle, list[PointsRow]]:
    """Return a cycle's converted points, by poll and in paper order; certified polls only.

    Raises: NoSuchCycleError.
    """
    cycle = cycles.get(connection, cycle_id)
    every = polls.every(connection, cycle_id)
    return cycle, of_polls(connection, every, smallest_group=smallest_group)


def of_polls(
    connection: Connection, every: Sequence[Poll], *, smallest_group: int
) -> list[PointsRow]:
    """Return the converted points of those polls that are certified; a rehearsal gives none."""
    certified = [poll for poll in every if poll.phase.final and not poll.rehearsal]
    found = [of_poll(connection, poll.id, smallest_group=smallest_group) for poll in certified]
    return [row for results in found for row in _rows(results)]


def _rows(results: Results) -> list[PointsRow]:
    return [
        PointsRow(results.poll.id, results.rules_hash, section, subject)
        for section in results.sections
        for subject in section.subjects
    ]
