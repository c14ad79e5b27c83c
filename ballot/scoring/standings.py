"""The yearly standing: totals, competition ranks and grades, each with its derivation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ballot.errors import MistakesError
from ballot.language import SOURCE, Text
from ballot.scoring.decisions import decided_places
from ballot.scoring.entries import (
    Adjustment,
    Decision,
    Entry,
    Veto,
    adjustment_problems,
    entered,
    exact_sum,
    figure_problem,
    key_problems,
    nodes,
    veto_problems,
)
from ballot.scoring.figures import exact, half_up, signed
from ballot.scoring.grades import Candidate, Graded, grade
from ballot.scoring.schemes import AdjustmentRule, Component, Effect, Kind, VetoRule


@dataclass(frozen=True)
class AppliedAdjustment:
    """An adjustment with its rule and the marks it brought, rounded once to two decimals."""

    rule: AdjustmentRule
    entry: Adjustment
    marks: Decimal


@dataclass(frozen=True)
class AppliedVeto:
    """A veto with its rule."""

    rule: VetoRule
    entry: Veto


@dataclass(frozen=True)
class Standing:
    """A unit's total, rank and grade (总评); `grade` is None where the scheme has none."""

    unit: str
    total: Decimal
    rank: int
    grade: str | None
    components: Mapping[str, Decimal]
    adjustments: tuple[AppliedAdjustment, ...]
    vetoes: tuple[AppliedVeto, ...]
    derivation: tuple[Text, ...]
    note: Text | None

    def to_json(self, language: str = SOURCE) -> dict[str, Any]:
        """Return the values that `ballot score --format json` prints."""
        return {
            "unit": self.unit,
            "total": f"{self.total:f}",
            "rank": self.rank,
            "grade": self.grade,
            "components": {key: f"{points:f}" for key, points in self.components.items()},
            "adjustments": [
                {
                    "rule": each.rule.key,
                    "times": each.entry.times,
                    "marks": f"{each.marks:f}",
                    "item": each.entry.item,
                    "note": each.entry.note,
                }
                for each in self.adjustments
            ],
            "vetoes": [
                {"rule": each.rule.key, "item": each.entry.item, "note": each.entry.note}
                for each in self.vetoes
            ],
            "derivation": [line.in_(language) for line in self.derivation],
            "note": None if self.note is None else self.note.in_(language),
        }


@dataclass(frozen=True)
class _Sheet:
    """One unit's figures, made into points."""

    unit: str
    components: Mapping[str, Decimal]
    adjustments: tuple[AppliedAdjustment, ...]
    vetoes: tuple[AppliedVeto, ...]
    total: Decimal
    lines: tuple[Text, ...]


def score(
    kind: Kind,
    entries: Sequence[Entry],
    adjustments: Sequence[Adjustment] = (),
    vetoes: Sequence[Veto] = (),
    decisions: Sequence[Decision] = (),
) -> list[Standing]:
    """Return the standing of all units of a kind, in rank order; equals by decision, then name.

    Raises: MistakesError for anything wrong in what was entered; DecisionError for a decision
        that does not fit the standing (its units are no longer tied, say).
    Source: docs/scoring-rules.md, rules 14 to 21.
    """
    mistakes = list(_mistakes(kind, entries, adjustments, vetoes))
    if mistakes:
        raise MistakesError(mistakes)
    sheets = [_sheet(kind, entry, adjustments, vetoes) for entry in entries]
    places = decided_places({sheet.unit: sheet.total for sheet in sheets}, decisions)
    graded = _graded(kind, sheets, places)
    ordered = sorted(sheets, key=lambda each: (-each.total, places.get(each.unit, 0), each.unit))
    return [_standing(sheet, sheets, graded.get(sheet.unit), decisions) for sheet in ordered]


def _mistakes(
    kind: Kind,
    entries: Sequence[Entry],
    adjustments: Sequence[Adjustment],
    vetoes: Sequence[Veto],
) -> Iterator[Text]:
    known = nodes(kind)
    units = [entry.unit for entry in entries]
    for unit in sorted({unit for unit in units if units.count(unit) > 1}):
        yield Text("单位“%(unit)s”重复", unit=unit)
    for entry in entries:
        problems = list(key_problems(kind, entry.figures.keys()))
        for key, figure in entry.figures.items():
            problem = figure_problem(known[key], figure) if key in known else None
            if problem:
                problems.append((key, problem))
        yield from _placed(entry.unit, problems)
    for adjustment in adjustments:
        yield from _placed(adjustment.unit, adjustment_problems(kind, set(units), adjustment))
    for veto in vetoes:
        yield from _placed(veto.unit, veto_problems(kind, set(units), veto))


def _placed(unit: str, problems: Iterable[tuple[str, Text]]) -> Iterator[Text]:
    for key, problem in problems:
        yield Text("单位“%(unit)s”的“%(key)s”：%(problem)s", unit=unit, key=key, problem=problem)


def _sheet(
    kind: Kind, entry: Entry, adjustments: Sequence[Adjustment], vetoes: Sequence[Veto]
) -> _Sheet:
    """Return one unit's points and total, with how they came about (rules 14 to 16)."""
    components, lines = {}, []
    for component in kind.components:
        points = half_up(exact_sum(entered(component, entry.figures)), 2)
        components[component.key] = points
        lines.append(_component_line(component, entry.figures, points))
    applied = tuple(
        _applied(kind.adjustments[each.rule], each)
        for each in adjustments
        if each.unit == entry.unit
    )
    lines += [_adjustment_line(each) for each in applied]
    parts = [*components.values(), *(each.marks for each in applied)]
    total = half_up(sum((Fraction(part) for part in parts), Fraction(0)), 2)
    terms = " ".join(f"{'−' if part < 0 else '+'} {abs(part):f}" for part in parts)
    lines.append(Text("总分：%(terms)s = %(total)s 分", terms=terms[2:], total=f"{total:f}"))
    met = tuple(
        AppliedVeto(kind.vetoes[each.rule], each) for each in vetoes if each.unit == entry.unit
    )
    return _Sheet(entry.unit, components, applied, met, total, tuple(lines))


def _applied(rule: AdjustmentRule, entry: Adjustment) -> AppliedAdjustment:
    """Return an adjustment's marks: so many times the rule's or the entered ones (rule 15)."""
    each = rule.marks if rule.marks is not None else entry.marks
    if each is None:
        raise ValueError(f"no marks for {rule.key}")
    return AppliedAdjustment(rule, entry, half_up(Fraction(each) * entry.times, 2))


def _component_line(component: Component, figures: Mapping[str, Decimal], points: Decimal) -> Text:
    given = entered(component, figures)
    if len(given) == 1 and given[0][0] is component:
        sum_ = exact(given[0][1])
    else:
        sum_ = " + ".join(f"{item.title} {exact(figure)}" for item, figure in given)
    return Text(
        "%(title)s（满分 %(full)s）：%(sum)s → %(points)s 分",
        title=component.title,
        full=exact(component.full_marks),
        sum=sum_,
        points=f"{points:f}",
    )


def _adjustment_line(applied: AppliedAdjustment) -> Text:
    each = applied.rule.marks if applied.rule.marks is not None else applied.entry.marks
    line = Text(
        "%(title)s：%(each)s × %(times)s = %(marks)s 分",
        title=applied.rule.title,
        each=exact(each or Decimal(0)),
        times=applied.entry.times,
        marks=signed(applied.marks),
    )
    if not applied.rule.clause:
        return line
    return Text("%(line)s（%(clause)s）", line=line, clause=applied.rule.clause)


def _graded(kind: Kind, sheets: Sequence[_Sheet], places: Mapping[str, int]) -> dict[str, Graded]:
    if kind.grades is None:
        return {}
    candidates = [_candidate(kind, sheet, places.get(sheet.unit, 0)) for sheet in sheets]
    return grade(candidates, kind.grades)


def _candidate(kind: Kind, sheet: _Sheet, place: int) -> Candidate:
    """Return a unit with the reasons why it failed or is barred (rules 18 and 19)."""
    grades = kind.grades
    if grades is None:
        raise ValueError(f"kind {kind.key} has no grades")
    failed, barred = [], []
    total = f"{sheet.total:f}"
    if sheet.total < grades.failed_below:
        mark = exact(grades.failed_below)
        failed.append(Text("总分 %(total)s < %(mark)s", total=total, mark=mark))
    if grades.floor is not None and sheet.total < grades.floor:
        barred.append(
            Text(
                "总分 %(total)s < %(mark)s，不得评为“%(grade)s”",
                total=total,
                mark=exact(grades.floor),
                grade=grades.first,
            )
        )
    for veto in sheet.vetoes:
        if veto.rule.effect is Effect.FAILS:
            failed.append(
                Text(
                    "否决：%(title)s（%(clause)s）", title=veto.rule.title, clause=veto.rule.clause
                )
            )
        else:
            barred.append(
                Text(
                    "%(title)s（%(clause)s），不得评为“%(grade)s”",
                    title=veto.rule.title,
                    clause=veto.rule.clause,
                    grade=grades.first,
                )
            )
    return Candidate(sheet.unit, (-sheet.total, place), tuple(failed), tuple(barred))


def _standing(
    sheet: _Sheet, sheets: Sequence[_Sheet], graded: Graded | None, decisions: Sequence[Decision]
) -> Standing:
    rank = 1 + sum(other.total > sheet.total for other in sheets)
    lines = [*sheet.lines, Text("第 %(rank)s 名", rank=rank)]
    for decision in decisions:
        if sheet.unit in decision.order:
            lines.append(_decision_line(decision))
    return Standing(
        unit=sheet.unit,
        total=sheet.total,
        rank=rank,
        grade=graded.grade if graded else None,
        components=sheet.components,
        adjustments=sheet.adjustments,
        vetoes=sheet.vetoes,
        derivation=(*lines, *(graded.derivation if graded else ())),
        note=graded.note if graded else None,
    )


def _decision_line(decision: Decision) -> Text:
    return Text(
        "同分先后：%(units)s；理由：%(reason)s（%(by)s）",
        units="、".join(decision.order),
        reason=decision.reason,
        by=decision.by,
    )
