"""Grades by place: who is first, barred, failed, and what a tie across a cut leaves open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import ceil
from typing import Final

from ballot.language import Text
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

    Only where vacancies are not filled are barred and failed units among the tied, for then one
    of them that comes first uses up a place.
    """

    sure: frozenset[str]
    tied: tuple[Candidate, ...]
    places: int

    @cached_property
    def outcomes(self) -> list[tuple[int, int]]:
        """How many free and how many barred ones the order of the tied may put on the places."""
        failed = len(self.tied) - self.free - self.barred
        return [
            (chosen, using)
            for chosen in range(self.free + 1)
            for using in range(self.barred + 1)
            if 0 <= self.places - chosen - using <= failed
        ]

    @cached_property
    def free(self) -> int:
        """How many of the tied may be among the first."""
        return sum(candidate.free for candidate in self.tied)

    @cached_property
    def barred(self) -> int:
        """How many of the tied are barred but have passed."""
        return sum(bool(each.barred and not each.failed) for each in self.tied)


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
        self.seconds = [self._second_cut(*outcome) for outcome in self.first.outcomes]

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
        result = Text("等次：%(grade)s", grade=label)
        return Graded(label, (*candidate.barred, *reasons, result))

    def _possible(self, candidate: Candidate) -> set[str]:
        """Return every grade that some order of the tied would bring (rule 21)."""
        tied_free = candidate.free and candidate in self.first.tied
        possible = {self.grades.first} if tied_free else set()
        return possible.union(*(cut for cuts in self._cuts(candidate) for cut in cuts))

    def _cuts(self, candidate: Candidate) -> list[list[set[str]]]:
        """Return, for each outcome of the first cut, the grades of each place it may leave."""
        cuts = []
        for (chosen, using), second in zip(self.first.outcomes, self.seconds, strict=True):
            if candidate not in self.first.tied:
                places = [False]
            elif candidate.free:
                places = [False] if chosen < self.first.free else []
            else:
                places = [True] * (using > 0) + [False] * (using < self.first.barred)
            cuts.append([second[candidate.position, not ahead] for ahead in places])
        return cuts

    def _second_cut(self, chosen: int, using: int) -> Mapping[tuple[Position, bool], set[str]]:
        """Return the possible grades of the others by position, after one outcome of the first.

        Barred units that use up a place come ahead of those they are tied with (False < True).
        """
        left: dict[tuple[Position, bool], int] = {}
        for candidate in self.passed:
            if candidate.unit not in self.first.sure:
                level = (candidate.position, True)
                left[level] = left.get(level, 0) + 1
        if self.first.tied:
            position = self.first.tied[0].position
            left[position, True] = left.get((position, True), 0) - chosen - using
            left[position, False] = using
        upper = ceil(self.grades.upper_share * sum(left.values()))
        cut: dict[tuple[Position, bool], set[str]] = {}
        before = 0
        for level, number in sorted(left.items()):
            above = {self.grades.upper} if number and before < upper else set()
            below = {self.grades.lower} if number and before + number > upper else set()
            cut[level] = above | below
            before += number
        return cut

    def _first_reason(self, candidate: Candidate) -> Text:
        place = 1 + sum(each.position < candidate.position for each in self.pool)
        return Text(
            "“%(grade)s”%(places)s 个名额，在可评单位中列第 %(place)s",
            grade=self.grades.first,
            places=self.grades.places,
            place=place,
        )

    def _rest_reason(self) -> tuple[Text, ...]:
        return (
            Text(
                "“%(first)s”“%(failed)s”以外，名次在前的 %(share)s（进一取整）为“%(upper)s”",
                first=self.grades.first,
                failed=self.grades.failed,
                share=self.grades.upper_share,
                upper=self.grades.upper,
            ),
        )

    def _note(self, candidate: Candidate) -> Text:
        """Name the tied units whose order must be decided before this grade is known."""
        cuts = self._cuts(candidate)
        hangs_on_first = candidate in self.first.tied or any(cut != cuts[0] for cut in cuts)
        told = [self._tie(self.first.tied, self.grades.first)] if hangs_on_first else []
        if any(len(grades) > 1 for places in cuts for grades in places):
            equals = [
                each
                for each in self.passed
                if each.position == candidate.position and each.unit not in self.first.sure
            ]
            told.append(self._tie(equals, self.grades.upper))
        if len(told) == 1:
            return told[0]
        return Text("%(first)s;%(second)s", first=told[0], second=told[1])

    def _tie(self, tied: Sequence[Candidate], label: str) -> Text:
        return Text(
            "%(units)s同分，跨“%(grade)s”的界线，须由人决定先后并记录理由",
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
