"""Grades: each form has a module, a reader in `grades_file.py`, and a line here."""

from collections.abc import Sequence

from ballot.scoring.grade_rules import CutGrades, GradeRule
from ballot.scoring.grades_by_cut import CutGrading
from ballot.scoring.grades_by_place import PlaceGrading
from ballot.scoring.grading import Candidate, Graded


def grade(candidates: Sequence[Candidate], rule: GradeRule) -> dict[str, Graded]:
    """Return each unit's grade; `待定` where it hangs on a tie that only a person may break.

    `candidates` are all units that compete with one another.
    Source: docs/scoring-rules.md, rules 18 to 21, 53 to 55.
    """
    ordered = sorted(candidates, key=lambda candidate: (candidate.position, candidate.unit))
    form = CutGrading(ordered, rule) if isinstance(rule, CutGrades) else PlaceGrading(ordered, rule)
    return {candidate.unit: form.of(candidate) for candidate in ordered}
