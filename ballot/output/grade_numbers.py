"""The numbers from which grades follow, worked out for the values beside the formulas."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ballot.scoring import CutGrades, Effect, GradeRule, PlaceGrades, Standing


@dataclass(frozen=True)
class Ranked:
    """A unit as grading needs it: where its total stands, and its place by a decision."""

    standing: Standing
    total: str
    place: int


def lowest(rule: GradeRule, standing: Standing) -> int:
    """Return the best grade that a unit's vetoes leave it: 0 the first, 9 the failing one."""
    failing = 9 if isinstance(rule, PlaceGrades) else len(rule.labels) - 1
    found = [0]
    for veto in standing.vetoes:
        if veto.rule.effect is Effect.FAILS:
            found.append(failing)
        elif veto.rule.effect is Effect.BARS:
            found.append(1)
        elif veto.rule.effect is Effect.CAPS:
            found.append(max(1, rule.labels.index(veto.rule.grade)))
    return max(found)


def worked(rule: GradeRule, units: Sequence[Ranked]) -> dict[str, tuple[int, ...]]:
    """Return the numbers of each unit's columns, worked out here."""
    ranked = [unit for unit in units if unit.standing.rank is not None]
    levels = {unit.standing.unit: _best(rule, unit.standing) for unit in units}
    found: dict[str, tuple[int, ...]] = {}
    for unit in units:
        mine = _position(unit)
        sector = [each for each in ranked if each.standing.sector == unit.standing.sector]
        free = [each for each in sector if levels[each.standing.unit] == 0]
        passed = [each for each in sector if levels[each.standing.unit] < 9]
        best = levels[unit.standing.unit]
        found[unit.standing.unit] = (
            best,
            int(best == 0),
            sum(_position(each) < mine for each in free),
            sum(_position(each) == mine for each in free),
            sum(_position(each) < mine for each in passed),
            sum(_position(each) == mine for each in passed),
            _number(rule, len(sector)),
        )
    return found


def _best(rule: GradeRule, standing: Standing) -> int:
    """Return the best grade left by vetoes and total: 0 the first, 9 the failing one."""
    veto, total = lowest(rule, standing), standing.total
    if total is None:
        return veto
    if isinstance(rule, CutGrades):
        reached = [number for number, cut in enumerate(rule.cuts) if total >= cut.at_least]
        return max(veto, reached[0] if reached else len(rule.cuts))
    if rule.failed_below is not None and total < rule.failed_below:
        return 9
    return max(veto, int(rule.floor is not None and total < rule.floor))


def _number(rule: GradeRule, competing: int) -> int:
    if isinstance(rule, PlaceGrades):
        return rule.number(competing)
    return competing if rule.limit is None else int(rule.limit * competing)


def _position(unit: Ranked) -> tuple[Decimal, int]:
    return (-(unit.standing.total or Decimal(0)), unit.place)
