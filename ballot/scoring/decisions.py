"""Recorded decisions on ties: what order they give, and when they no longer fit."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ballot.language import Text
from ballot.scoring.entries import Decision
from ballot.scoring.errors import DecisionError

Result = tuple[str, Decimal]
"""A unit's sector and total: those who share both are tied."""


def decided_places(results: Mapping[str, Result], decisions: Sequence[Decision]) -> dict[str, int]:
    """Return each unit's place among its equals, as decided; the undecided come last (rule 21).

    `results` are those of the ranked units.

    Raises: DecisionError.
    """
    places: dict[str, int] = {}
    for decision in decisions:
        problem = _problem(decision, results, places)
        if problem:
            raise DecisionError(units="、".join(decision.order), problem=problem)
        shared = results[decision.order[0]]
        equals = [unit for unit, result in results.items() if result == shared]
        places.update((unit, len(decision.order)) for unit in equals)
        places.update((unit, place) for place, unit in enumerate(decision.order))
    return places


def _problem(
    decision: Decision, results: Mapping[str, Result], places: Mapping[str, int]
) -> Text | None:
    strangers = [unit for unit in decision.order if unit not in results]
    if strangers or not decision.order:
        return Text("没有单位“%(unit)s”", unit="、".join(strangers))
    if len(set(decision.order)) < len(decision.order):
        return Text("同一单位写了两次")
    if len({results[unit] for unit in decision.order}) > 1:
        return Text("各单位总分不同，不是同分")
    if any(unit in places for unit in decision.order):
        return Text("同一总分已有一个决定")
    if not decision.reason.strip():
        return Text("须写明理由")
    return None
