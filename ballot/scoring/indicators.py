"""Indicators: raw figures of all units, marked by rank (rule 45)."""

from collections.abc import Iterable, Mapping, Sequence, Set
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from ballot.language import Text
from ballot.scoring.components import Component, Indicators
from ballot.scoring.entries import IMPROVEMENT, LEVEL, Entry, Figure, indicator_names
from ballot.scoring.kinds import Kind
from ballot.scoring.working import How, Work, nothing

PARTS = {LEVEL: Text("现状"), IMPROVEMENT: Text("改善")}


class Place(NamedTuple):
    """A figure's rank among the units, ties sharing the better place."""

    place: int
    of: int

    @property
    def marks(self) -> Fraction:
        """Return 100 × (n − r + 1) ÷ n."""
        return Fraction(100 * (self.of - self.place + 1), self.of)


Places = Mapping[str, Mapping[str, Place]]
"""The rank of each unit's figures, by unit, then by key; the keys in order."""


def ranked(kind: Kind, entries: Sequence[Entry]) -> Places:
    """Return the rank of every indicator's figures among the units."""
    component = kind.indicated
    if component is None or component.indicators is None:
        return {}
    found: dict[str, dict[str, Place]] = {}
    for name in indicator_names(kind, entries):
        sign = -1 if name in component.indicators.smaller else 1
        for part in PARTS:
            key = f"{name}.{part}"
            measured = [each for each in entries if key in each.figures]
            figures = {each.unit: sign * each.figures[key] for each in measured}
            for unit, place in _places(figures):
                found.setdefault(unit, {})[key] = place
    return found


def _places(figures: Mapping[str, Figure]) -> Iterable[tuple[str, Place]]:
    first: dict[Figure, int] = {}
    for place, figure in enumerate(sorted(figures.values(), reverse=True), start=1):
        first.setdefault(figure, place)
    return ((unit, Place(first[figure], len(figures))) for unit, figure in figures.items())


def indicator_work(
    component: Component, rule: Indicators, entry: Entry, places: Places, zeroed: Set[str]
) -> Work:
    """Return how the indicators of a unit make up their component: the mean of their marks."""
    own = places[entry.unit]
    names = dict.fromkeys(key.rpartition(".")[0] for key in own)
    parts = tuple(_one(name, rule, entry, own, zeroed) for name in names)
    value = sum((part.value for part in parts), Fraction(0)) / len(parts)
    work = Work(
        component.key,
        component.title,
        component.full_marks,
        How.MEAN,
        value,
        parts=parts,
        readings=component.readings,
    )
    return nothing(work) if component.key in zeroed else work


def _one(
    name: str, rule: Indicators, entry: Entry, own: Mapping[str, Place], zeroed: Set[str]
) -> Work:
    weights = {LEVEL: rule.level, IMPROVEMENT: rule.improvement}
    parts = []
    for part, weight in weights.items():
        key = f"{name}.{part}"
        place = own[key]
        parts.append(
            Work(
                key,
                str(PARTS[part]),
                Decimal(100),
                How.RANK,
                place.marks,
                figure=entry.figures[key],
                weight=weight,
                place=place.place,
                of=place.of,
            )
        )
    value = sum((part.value * part.weight for part in parts), Fraction(0))
    work = Work(name, name, Decimal(100), How.WEIGHTS, value, parts=tuple(parts))
    return nothing(work) if name in zeroed else work
