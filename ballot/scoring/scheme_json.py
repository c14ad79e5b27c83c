"""A scheme as JSON values: numbers as exact texts, tables by key as in the file (rule 60)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ballot.scoring.adjustments import AdjustmentLimit, AdjustmentRule, VetoRule
from ballot.scoring.components import Component, Item
from ballot.scoring.figures import exact
from ballot.scoring.grade_rules import CutGrades, GradeRule, PlaceGrades
from ballot.scoring.kinds import Kind
from ballot.scoring.publicity import NoticeRule, ReviewRule
from ballot.scoring.readings import Reading


def kind_json(kind: Kind) -> dict[str, Any]:
    """Return a kind with everything it uses."""
    written: dict[str, Any] = {
        "key": kind.key,
        "title": kind.title,
        "full_marks": _number(kind.full_marks),
        "columns": list(kind.columns),
        "components": [_component(component) for component in kind.components],
        "adjustments": [_adjustment(rule) for rule in kind.adjustments.values()],
        "limits": [_limit(limit) for limit in kind.limits.values()],
        "vetoes": [_veto(rule) for rule in kind.vetoes.values()],
        "grades": None if kind.grades is None else _grades(kind.grades),
        "sectors": kind.sectors,
        "competes": kind.competes,
        "notice": _notice(kind.notice),
        "review": _review(kind.review),
        "clause": kind.clause,
        "readings": _keys(kind.readings),
    }
    if kind.coefficient:
        factor = kind.coefficient
        written["coefficient"] = {
            "column": factor.column,
            "title": factor.title,
            "clause": factor.clause,
            "readings": _keys(factor.readings),
        }
    if kind.staff:
        written["staff"] = {
            "title": kind.staff.title,
            "first": exact(kind.staff.first),
            "others": exact(kind.staff.others),
            "clause": kind.staff.clause,
            "readings": _keys(kind.staff.readings),
        }
    if kind.two_years:
        written["two_years"] = {
            "flag": kind.two_years.flag,
            "below": _number(kind.two_years.below),
            "grade": kind.two_years.grade or None,
            "clause": kind.two_years.clause,
        }
    return written


def reading_json(reading: Reading) -> dict[str, Any]:
    """Return a reading with the values that it sets."""
    return {
        "key": reading.key,
        "text": reading.text,
        "clause": reading.clause,
        "settings": [{"path": each.path, "value": each.value} for each in reading.settings],
    }


def _notice(rule: NoticeRule) -> dict[str, Any]:
    return {
        "posts": rule.posts.value,
        "least": rule.least,
        "most": rule.most,
        "clause": rule.clause,
        "readings": _keys(rule.readings),
    }


def _review(rule: ReviewRule) -> dict[str, Any]:
    return {
        "ask": rule.ask,
        "answer": rule.answer,
        "clause": rule.clause,
        "readings": _keys(rule.readings),
    }


def _keys(readings: Iterable[Reading]) -> list[str]:
    return [reading.key for reading in readings]


def _number(value: Decimal | Fraction | None) -> str | None:
    return None if value is None else exact(value)


def _item(item: Item) -> dict[str, Any]:
    written: dict[str, Any] = {
        "key": item.key,
        "title": item.title,
        "full_marks": _number(item.full_marks),
        "source": item.source.value,
        "office": item.office,
        "includes": item.includes,
        "clause": item.clause,
        "readings": _keys(item.readings),
        "weight": exact(item.weight),
        "combine": item.combine.value,
        "rule": None if item.rule is None else item.rule.to_json(),
        "questions": list(item.questions),
        "groups": {name: exact(weight) for name, weight in item.groups},
        "items": [_item(part) for part in item.items],
    }
    if item.steps:
        steps = item.steps
        written["steps"] = _texts(first=steps.first, step=steps.step, least=steps.least)
    return written


def _component(component: Component) -> dict[str, Any]:
    written = _item(component)
    written["share"] = exact(component.share)
    written["counted"] = component.counted
    if component.needs:
        needs = component.needs
        written["needs"] = {"component": needs.component, "at_least": exact(needs.at_least)}
    if component.indicators:
        rule = component.indicators
        written["indicators"] = {
            **_texts(level=rule.level, improvement=rule.improvement),
            "smaller": list(rule.smaller),
        }
    return written


def _texts(**numbers: Decimal | Fraction) -> dict[str, str]:
    return {key: exact(number) for key, number in numbers.items()}


def _adjustment(rule: AdjustmentRule) -> dict[str, Any]:
    return {
        "key": rule.key,
        "title": rule.title,
        "marks": _number(rule.marks),
        "clause": rule.clause,
        "readings": _keys(rule.readings),
    }


def _limit(limit: AdjustmentLimit) -> dict[str, Any]:
    return {
        "key": limit.key,
        "title": limit.title,
        "rules": list(limit.rules),
        "same_item": limit.same_item,
        "at_most": _number(limit.at_most),
        "scaled": limit.scaled,
        "clause": limit.clause,
        "readings": _keys(limit.readings),
    }


def _veto(rule: VetoRule) -> dict[str, Any]:
    return {
        "key": rule.key,
        "title": rule.title,
        "effect": rule.effect.value,
        "grade": rule.grade or None,
        "flag": rule.flag,
        "clause": rule.clause,
        "readings": _keys(rule.readings),
    }


def _grades(rule: GradeRule) -> dict[str, Any]:
    form = _cuts(rule) if isinstance(rule, CutGrades) else _places(rule)
    return {**form, "clause": rule.clause, "readings": _keys(rule.readings)}


def _places(rule: PlaceGrades) -> dict[str, Any]:
    return {
        "form": "places",
        "first": rule.first,
        "places": rule.places if rule.share is None else None,
        "share": _number(rule.share),
        "at_least": rule.least,
        "upper": rule.upper or None,
        "upper_share": exact(rule.upper_share) if rule.upper else None,
        "lower": rule.lower or None,
        "failed": rule.failed or None,
        "failed_below": _number(rule.failed_below),
        "floor": _number(rule.floor),
        "fill_vacancies": rule.fill_vacancies,
    }


def _cuts(rule: CutGrades) -> dict[str, Any]:
    honour: Mapping[str, str] | None = None
    if rule.distinction:
        honour = {"title": rule.distinction.title, "share": exact(rule.distinction.share)}
    return {
        "form": "cuts",
        "cuts": [{"grade": cut.grade, "at_least": exact(cut.at_least)} for cut in rule.cuts],
        "otherwise": rule.otherwise,
        "limit": _number(rule.limit),
        "distinction": honour,
    }
