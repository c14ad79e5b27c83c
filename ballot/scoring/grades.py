"""Grades by place: who is first, barred, failed, and what a tie across a cut leaves open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import ceil
from typing import Final

from ballot.language import Text
from ballot.scoring.figures import exact
from ballot.scoring.schemes import PlaceGrades

PENDING: Final = "待定"
Position = tuple[Decimal, int]
"""The total with its sign turned, then the place a decision gave among equals: low is better."""


@dataclass(frozen=True)
class Candidate:
    """A unit as grading sees it, with the reasons why it failed or is barred from first."""

    unit: str
    position: Position
    failed: tuple[Text, ...] = ()
    barred: tuple[Text, ...] = ()

    @property
    def free(self) -> bool:
        """Whether it may be among the first."""
        return not (self.failed or self.barred)


@dataclass(frozen=True)
class Graded:
    """A grade with how it came about; `note` names the tied units where it is pending."""

    grade: str
    derivation: tuple[Text, ...]
    note: Text | None = None


@dataclass(frozen=True)
class _FirstCut:
    """The places of the first grade: who surely has one, and who is tied for the last ones.

    Tied units wait for a decision that gives `places` of them a place. Barred units are among
    them only where vacancies are not filled, for then a barred unit uses up a place.
    """

    sure: frozenset[str]
    tied: tuple[Candidate, ...]
    places: int

    @cached_property
    def outcomes(self) -> range:
        """How many of the tied free units may get a place."""
        free = sum(candidate.free for candidate in self.tied)
        barred = len(self.tied) - free
        return range(max(0, self.places - barred), min(self.places, free) + 1)


def grade(candidates: Sequence[Candidate], grades: PlaceGrades) -> dict[str, Graded]:
    """Return each unit's grade; `待定` where it hangs on a tie that only a person may break.

    Source: docs/scoring-rules.md, rules 18 to 21.
    """
    ordered = sorted(candidates, key=lambda candidate: (candidate.position, candidate.unit))
    grading = _Grading(ordered, grades)
    return {candidate.unit: grading.of(candidate) for candidate in ordered}


class _Grading:
    """One standing being graded: its cuts are found once, then each unit is asked for."""

    def __init__(self, ordered: Sequence[Candidate], grades: PlaceGrades) -> None:
        self.grades = grades
        self.passed = [candidate for candidate in ordered if not candidate.failed]
        self.pool = [each for each in ordered if each.free] if grades.fill_vacancies else ordered
        self.first = _first_cut(self.pool, grades.places)
        self.seconds = [self._second_cut(chosen) for chosen in self.first.outcomes]

    def of(self, candidate: Candidate) -> Graded:
        """Return one unit's grade with its reasons."""
        if candidate.failed:
            return self._told(candidate, self.grades.failed, candidate.failed)
        if candidate.unit in self.first.sure:
            return self._told(candidate, self.grades.first, (self._first_reason(candidate),))
        possible = self._possible(candidate)
        if len(possible) > 1:
            return Graded(PENDING, candidate.barred, self._note(candidate))
        return self._told(candidate, possible.pop(), self._rest_reason())

    def _told(self, candidate: Candidate, label: str, reasons: Sequence[Text]) -> Graded:
        result = Text("等次:%(grade)s", grade=label)
        return Graded(label, (*candidate.barred, *reasons, result))

    def _possible(self, candidate: Candidate) -> set[str]:
        """Return every grade that some decision on the ties would bring (rule 21)."""
        tied_free = candidate.free and candidate in self.first.tied
        possible = {self.grades.first} if tied_free else set()
        for second in self.seconds:
            possible |= second.get(candidate.position, set())
        return possible

    def _second_cut(self, chosen: int) -> Mapping[Position, set[str]]:
        """Return the possible grades by position once `chosen` of the tied became first."""
        left: dict[Position, int] = {}
        for candidate in self.passed:
            if candidate.unit not in self.first.sure:
                left[candidate.position] = left.get(candidate.position, 0) + 1
        if chosen:
            left[self.first.tied[0].position] -= chosen
        upper = ceil(self.grades.upper_share * sum(left.values()))
        cut: dict[Position, set[str]] = {}
        before = 0
        for position, number in left.items():
            above = {self.grades.upper} if number and before < upper else set()
            below = {self.grades.lower} if number and before + number > upper else set()
            cut[position] = above | below
            before += number
        return cut

    def _first_reason(self, candidate: Candidate) -> Text:
        place = 1 + sum(each.position < candidate.position for each in self.pool)
        return Text(
            "「%(grade)s」%(places)s 个名额,在可评单位中列第 %(place)s",
            grade=self.grades.first,
            places=self.grades.places,
            place=place,
        )

    def _rest_reason(self) -> tuple[Text, ...]:
        return (
            Text(
                "「%(first)s」「%(failed)s」以外的单位,名次在前的 %(share)s(进一取整)为「%(upper)s」",
                first=self.grades.first,
                failed=self.grades.failed,
                share=exact(self.grades.upper_share),
                upper=self.grades.upper,
            ),
        )

    def _note(self, candidate: Candidate) -> Text:
        """Name the tied units whose order must be decided before this grade is known."""
        hangs_on_first = self._hangs_on_first(candidate)
        told = [self._tie(self.first.tied, self.grades.first)] if hangs_on_first else []
        if any(len(second.get(candidate.position, ())) > 1 for second in self.seconds):
            equals = [
                each
                for each in self.passed
                if each.position == candidate.position and each.unit not in self.first.sure
            ]
            told.append(self._tie(equals, self.grades.upper))
        if len(told) == 1:
            return told[0]
        return Text("%(first)s;%(second)s", first=told[0], second=told[1])

    def _hangs_on_first(self, candidate: Candidate) -> bool:
        if candidate.free and candidate in self.first.tied:
            return True
        outcomes = [second.get(candidate.position, set()) for second in self.seconds]
        return any(outcome != outcomes[0] for outcome in outcomes)

    def _tie(self, tied: Sequence[Candidate], label: str) -> Text:
        return Text(
            "%(units)s同分,跨「%(grade)s」的界线,须由人决定先后并记录理由",
            units="、".join(candidate.unit for candidate in tied),
            grade=label,
        )


def _first_cut(pool: Sequence[Candidate], places: int) -> _FirstCut:
    """Return who has a place among the first, from units in order (rule 18)."""
    if len(pool) <= places:
        return _FirstCut(_free(pool), (), 0)
    last = pool[places - 1].position
    above = [candidate for candidate in pool if candidate.position < last]
    level = [candidate for candidate in pool if candidate.position == last]
    left = places - len(above)
    if len(level) <= left or not _free(level):
        return _FirstCut(_free(pool[:places]), (), 0)
    return _FirstCut(_free(above), tuple(level), left)


def _free(candidates: Sequence[Candidate]) -> frozenset[str]:
    return frozenset(candidate.unit for candidate in candidates if candidate.free)
