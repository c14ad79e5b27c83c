"""Written notices (书面通知): which unit was told of its result when, and who was not yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ballot.domain.assessment import Recorded
from ballot.domain.periods import Clock
from ballot.scoring import ReviewRule


@dataclass(frozen=True)
class Delivery:
    """That a unit was told in writing, on a day, of the result that an approval fixed."""

    recorded: Recorded
    unit: str
    approval: int
    told_on: date


@dataclass(frozen=True)
class Told:
    """A unit with what stands of its being told, if it was, and the clock that this began."""

    unit: str
    delivery: Delivery | None
    clock: Clock | None


def in_force(
    deliveries: Iterable[Delivery], unit: str, approval: int | None = None
) -> Delivery | None:
    """Return the last delivery to a unit that stands; of one approval, if one is named."""
    found = [
        each
        for each in deliveries
        if each.unit == unit and each.recorded.stands and approval in {None, each.approval}
    ]
    return found[-1] if found else None


def register(
    units: Sequence[str], deliveries: Sequence[Delivery], approval: int, rule: ReviewRule
) -> list[Told]:
    """Return every unit, told or not, of the result that an approval fixed."""
    found = []
    for unit in units:
        delivery = in_force(deliveries, unit, approval)
        clock = Clock(delivery.told_on, rule.ask) if delivery else None
        found.append(Told(unit, delivery, clock))
    return found
