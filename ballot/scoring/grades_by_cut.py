"""Grades by cuts: from so many marks on, the best for no more than a share of all units."""

from collections.abc import Sequence
from decimal import Decimal
from math import floor

from ballot.language import Text
from ballot.scoring.figures import exact, in_percent
from ballot.scoring.grade_rules import CutGrades
from ballot.scoring.grading import (
    PENDING,
    Candidate,
    FirstCut,
    Graded,
    first_cut,
    grade_line,
    joined,
    tie,
)


class CutGrading:
    """One standing being graded by cuts (rules 54 and 55)."""

    def __init__(self, ordered: Sequence[Candidate], rule: CutGrades) -> None:
        self.rule = rule
        self.units = len(ordered)
        self.limit = None if rule.limit is None else floor(rule.limit * self.units)
        self.pool = [each for each in ordered if self._level(each) == 0]
        self.first = self._places(len(self.pool) if self.limit is None else self.limit)
        honoured = rule.distinction
        self.honours = floor(honoured.share * self.units) if honoured else 0
        if self.limit is not None:
            self.honours = min(self.honours, self.limit)
        self.honoured = self._places(self.honours)

    def of(self, candidate: Candidate) -> Graded:
        """Return one unit's grade with its reasons."""
        level = self._level(candidate)
        held = level == 0 and candidate in self.first.tied
        beyond = level == 0 and candidate.unit not in self.first.sure
        label = PENDING if held else self.rule.labels[level + beyond]
        told = [*candidate.barred, *(reason for _, reason in candidate.capped), *candidate.failed]
        if not candidate.failed:
            told.append(self._reason(candidate, self._reached(candidate)))
        if level == 0 and self.limit is not None:
            told.append(self._limit())
        if not held:
            told.append(grade_line(label, self.rule.clause))
        notes = [tie(self.first.tied, self.rule.first)] if held else []
        honour = self._honour(candidate)
        if honour and self.rule.distinction:
            told.append(self._honours_line(honour))
            notes += [tie(self.honoured.tied, self.rule.distinction.title)] * (honour == PENDING)
        return Graded(label, tuple(told), joined(notes) if notes else None, honour)

    def _honours_line(self, result: str) -> Text:
        """Tell how many may be distinguished, and what comes of it (rule 55)."""
        rule = self.rule.distinction
        return Text(
            "“%(title)s”%(places)s 个名额（%(units)s 个 × %(share)s，舍去取整）：%(result)s",
            title=rule.title if rule else "",
            places=self.honours,
            units=self.units,
            share=in_percent(rule.share) if rule else "",
            result=result,
        )

    def _honour(self, candidate: Candidate) -> str | None:
        if self.rule.distinction is None:
            return None
        if candidate.unit in self.honoured.sure:
            return self.rule.distinction.title
        return PENDING if candidate in self.honoured.tied else None

    def _places(self, places: int) -> FirstCut:
        return first_cut(self.pool, places)

    def _reached(self, candidate: Candidate) -> int:
        """Return the number of the first cut that the total reaches."""
        total = -candidate.position[0]
        for number, cut in enumerate(self.rule.cuts):
            if total >= cut.at_least:
                return number
        return len(self.rule.cuts)

    def _level(self, candidate: Candidate) -> int:
        """Return the place of the unit's grade among the labels, before the limit."""
        if candidate.failed:
            return len(self.rule.cuts)
        lowest = [self._reached(candidate), int(bool(candidate.barred))]
        lowest += [self.rule.labels.index(label) for label, _ in candidate.capped]
        return max(lowest)

    def _reason(self, candidate: Candidate, reached: int) -> Text:
        """Tell between which cuts the total lies."""
        total = f"{-candidate.position[0]:f}"
        cuts = self.rule.cuts
        if reached == 0:
            return Text("总分 %(total)s ≥ %(mark)s", total=total, mark=exact(cuts[0].at_least))
        above = cuts[reached - 1].at_least
        if reached == len(cuts):
            return Text("总分 %(total)s < %(mark)s", total=total, mark=exact(above))
        return Text(
            "总分 %(total)s ≥ %(mark)s，< %(above)s",
            total=total,
            mark=exact(cuts[reached].at_least),
            above=exact(above),
        )

    def _limit(self) -> Text:
        return Text(
            "“%(grade)s”最多 %(places)s 个（%(units)s 个 × %(share)s，舍去取整），"
            "达到分数的有 %(reached)s 个",
            grade=self.rule.first,
            places=self.limit,
            units=self.units,
            share=in_percent(self.rule.limit or Decimal(1)),
            reached=len(self.pool),
        )
