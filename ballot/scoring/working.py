"""How a component's points come about, step by step, as values that others can show or redo."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from ballot.scoring.components import WHOLE, Combine, Component, Item, Steps
from ballot.scoring.entries import Figure
from ballot.scoring.figures import exact, half_up
from ballot.scoring.readings import Reading


class How(StrEnum):
    """How a value came about: entered, from a place or rank, or from its parts (rule 58).

    `figure`: the entered figure itself. `place`: by steps from an entered place (rule 44).
    `rank`: by its place among the units' raw figures (rule 45). `sum`, `mean`, `weights`: from the
    parts (rule 40). `zeroed`: 0 by a veto (rule 50).
    """

    FIGURE = "figure"
    PLACE = "place"
    RANK = "rank"
    SUM = "sum"
    MEAN = "mean"
    WEIGHTS = "weights"
    ZEROED = "zeroed"


@dataclass(frozen=True)
class Work:
    """One step: a leaf with its figure, or a whole with its parts.

    `value` is exact, in the node's own marks. A leaf has `figure`, as it was entered; `place` is
    the entered place or the rank found, `of` the number of units it was found among. `weight` is
    what the whole counts this part with, where that combines by weights.
    """

    key: str
    title: str
    full_marks: Decimal | None
    how: How
    value: Fraction
    figure: Figure | None = None
    parts: tuple["Work", ...] = ()
    weight: Fraction = WHOLE
    place: int | None = None
    of: int | None = None
    steps: Steps | None = None
    readings: tuple[Reading, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON values: exact numbers as texts (`2/3` where no decimal is)."""
        written: dict[str, Any] = {
            "key": self.key,
            "title": self.title,
            "full_marks": None if self.full_marks is None else exact(self.full_marks),
            "how": self.how.value,
            "value": exact(self.value),
            "weight": exact(self.weight),
        }
        if self.figure is not None:
            written["figure"] = exact(self.figure)
        if self.place is not None:
            written["place"] = self.place
        if self.of is not None:
            written["of"] = self.of
        return {**written, "parts": [part.to_json() for part in self.parts]}


@dataclass(frozen=True)
class ComponentWork:
    """A component's points: its work, times its share, rounded once.

    `work` is None where the figure stays blank (rule 42); `points` also where the component is
    not counted in the total.
    """

    component: Component
    work: Work | None
    points: Decimal | None

    def to_json(self) -> dict[str, Any]:
        """Return the component's working as JSON values."""
        return {
            "component": self.component.key,
            "share": exact(self.component.share),
            "counted": self.component.counted,
            "work": None if self.work is None else self.work.to_json(),
            "points": None if self.points is None else f"{self.points:f}",
        }


def worked(
    item: Item, figures: Mapping[str, Figure], zeroed: Set[str] = frozenset()
) -> Work | None:
    """Return how an item's value comes about; None if nothing was given for it."""
    if item.key in figures:
        work = _leaf(item, figures[item.key])
    else:
        parts = [worked(part, figures, zeroed) for part in item.items]
        given = tuple(part for part in parts if part is not None)
        if not given:
            return None
        how, value = _combined(item.combine, given)
        work = _step(item, how, value, parts=given)
    return nothing(work) if item.key in zeroed else work


def points_of(component: Component, work: Work | None) -> ComponentWork:
    """Return a component's points, rounded once (rules 14 and 41)."""
    if work is None or not component.counted:
        return ComponentWork(component, work, None)
    return ComponentWork(component, work, half_up(work.value * component.share, 2))


def nothing(work: Work) -> Work:
    """Return a step that a veto brought to 0; what was given stays to be seen."""
    return replace(work, how=How.ZEROED, value=Fraction(0))


def _leaf(item: Item, figure: Figure) -> Work:
    if item.steps is None:
        return _step(item, How.FIGURE, Fraction(figure), figure=figure)
    place = int(figure)
    return _step(
        item, How.PLACE, item.steps.marks(place), figure=figure, place=place, steps=item.steps
    )


def _step(item: Item, how: How, value: Fraction, **more: Any) -> Work:
    return Work(
        key=item.key,
        title=item.title,
        full_marks=item.full_marks,
        how=how,
        value=value,
        weight=item.weight,
        readings=item.readings,
        **more,
    )


def _combined(combine: Combine, parts: tuple[Work, ...]) -> tuple[How, Fraction]:
    total = sum((part.value * part.weight for part in parts), Fraction(0))
    if combine is Combine.MEAN:
        return How.MEAN, total / len(parts)
    return (How.SUM if combine is Combine.SUM else How.WEIGHTS), total
