"""From totals and vetoes to what grading sees of each unit, sector by sector."""

from collections.abc import Iterator, Mapping, Sequence

from ballot.language import Text
from ballot.scoring.adjustments import Effect
from ballot.scoring.applying import AppliedVeto
from ballot.scoring.figures import exact
from ballot.scoring.grade_rules import GradeRule, PlaceGrades
from ballot.scoring.grades import grade
from ballot.scoring.grading import Candidate, Graded, grade_line
from ballot.scoring.kinds import Kind
from ballot.scoring.sheets import Sheet


def graded_units(
    kind: Kind, sheets: Sequence[Sheet], places: Mapping[str, int]
) -> dict[str, Graded]:
    """Return the grades of all units that get one, each inside its sector (rules 18 to 21, 51).

    `places` are those that decisions gave among equals.
    """
    if kind.grades is None:
        return {}
    graded = {}
    for sector in {sheet.sector for sheet in sheets}:
        ranked = [each for each in sheets if each.ranked and each.sector == sector]
        candidates = [_candidate(kind.grades, each, places.get(each.unit, 0)) for each in ranked]
        graded.update(grade(candidates, kind.grades))
    for sheet in sheets:
        if sheet.total is None and sheet.entry.competes:
            graded[sheet.unit] = _blank(kind.grades)
    return graded


def _blank(rule: GradeRule) -> Graded:
    """Return the grade of a unit without a total: the last one, where grades go by cuts."""
    if isinstance(rule, PlaceGrades):
        return Graded(None, ())
    return Graded(rule.last, (grade_line(rule.last, rule.clause),))


def _candidate(rule: GradeRule, sheet: Sheet, place: int) -> Candidate:
    """Return a unit with the reasons why it failed, is barred or capped (rules 18, 19 and 50)."""
    if sheet.total is None:
        raise ValueError(f"{sheet.unit} has no total")
    by_effect: dict[Effect, list[AppliedVeto]] = {effect: [] for effect in Effect}
    for veto in sheet.vetoes:
        by_effect[veto.rule.effect].append(veto)
    failed = [_failed(veto) for veto in by_effect[Effect.FAILS]]
    barred = [_barred(veto, rule.first) for veto in by_effect[Effect.BARS]]
    return Candidate(
        unit=sheet.unit,
        position=(-sheet.total, place),
        failed=(*_below(rule, sheet), *failed),
        barred=(*_under_floor(rule, sheet), *barred),
        capped=tuple((veto.rule.grade, _capped(veto)) for veto in by_effect[Effect.CAPS]),
    )


def _below(rule: GradeRule, sheet: Sheet) -> Iterator[Text]:
    """Say where a total fails (rule 19)."""
    mark = rule.failed_below if isinstance(rule, PlaceGrades) else None
    if mark is not None and sheet.total is not None and sheet.total < mark:
        yield Text("总分 %(total)s < %(mark)s", total=f"{sheet.total:f}", mark=exact(mark))


def _under_floor(rule: GradeRule, sheet: Sheet) -> Iterator[Text]:
    """Say where a total bars the first grade (rule 18)."""
    floor = rule.floor if isinstance(rule, PlaceGrades) else None
    if floor is not None and sheet.total is not None and sheet.total < floor:
        yield Text(
            "总分 %(total)s < %(mark)s，不得评为“%(grade)s”",
            total=f"{sheet.total:f}",
            mark=exact(floor),
            grade=rule.first,
        )


def _failed(veto: AppliedVeto) -> Text:
    return Text("否决：%(title)s（%(clause)s）", title=veto.rule.title, clause=veto.rule.clause)


def _barred(veto: AppliedVeto, first: str) -> Text:
    return Text(
        "%(title)s（%(clause)s），不得评为“%(grade)s”",
        title=veto.rule.title,
        clause=veto.rule.clause,
        grade=first,
    )


def _capped(veto: AppliedVeto) -> Text:
    return Text(
        "%(title)s（%(clause)s），最高评为“%(grade)s”",
        title=veto.rule.title,
        clause=veto.rule.clause,
        grade=veto.rule.grade,
    )
