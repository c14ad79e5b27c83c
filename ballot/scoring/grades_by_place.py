"""Grades by place: who is first, barred, failed, and what a tie across a cut leaves open."""

from collections.abc import Mapping, Sequence
from math import ceil, floor

from ballot.language import Text
from ballot.scoring.figures import in_percent
from ballot.scoring.grade_rules import PlaceGrades
from ballot.scoring.grading import (
    PENDING,
    Candidate,
    Graded,
    Position,
    first_cut,
    grade_line,
    joined,
    tie,
)


class PlaceGrading:
    """One standing being graded: its cuts are found once, then each unit is asked for."""

    def __init__(self, ordered: Sequence[Candidate], grades: PlaceGrades) -> None:
        self.grades = grades
        self.places = grades.number(len(ordered))
        self.competing = len(ordered)
        self.passed = [candidate for candidate in ordered if not candidate.failed]
        self.pool = [each for each in ordered if each.free] if grades.fill_vacancies else ordered
        self.first = first_cut(self.pool, self.places)
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
        told = (*candidate.barred, *reasons)
        if not label:
            return Graded(None, told)
        return Graded(label, (*told, grade_line(label, self.grades.clause)))

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
            "%(places)s，在可评单位中列第 %(place)s", places=self._number_of_places(), place=place
        )

    def _number_of_places(self) -> Text:
        """Tell how many places the first grade has, and why (rules 18 and 53)."""
        grades = self.grades
        if grades.share is None:
            return Text("“%(grade)s”%(places)s 个名额", grade=grades.first, places=self.places)
        rounded = Text(
            "“%(grade)s”%(places)s 个名额（%(units)s 个参评单位 × %(share)s，舍去取整）",
            grade=grades.first,
            places=self.places,
            units=self.competing,
            share=in_percent(grades.share),
        )
        if floor(grades.share * self.competing) >= grades.least:
            return rounded
        return Text("%(places)s，至少 %(least)s 个", places=rounded, least=grades.least)

    def _rest_reason(self) -> tuple[Text, ...]:
        if not self.grades.upper:
            return (self._number_of_places(),)
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
        told = [tie(self.first.tied, self.grades.first)] if hangs_on_first else []
        if any(len(grades) > 1 for places in cuts for grades in places):
            equals = [
                each
                for each in self.passed
                if each.position == candidate.position and each.unit not in self.first.sure
            ]
            told.append(tie(equals, self.grades.upper))
        return joined(told)
