"""What a person enters for the yearly standing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ballot.scoring.components import Item
from ballot.scoring.kinds import Kind

LEVEL: Final = "level"
IMPROVEMENT: Final = "improvement"


Figure = Decimal | Fraction
"""A figure as it was typed, or the exact result of a poll."""


@dataclass(frozen=True)
class Entry:
    """One unit's figures, by the key of a component (whole) or of its items.

    An indicator's raw figures have the keys `NAME.level` and `NAME.improvement`. What the kind's
    extra columns hold is in `sector`, `competes`, `staff` (a number of persons), `coefficient`
    (None is 1) and `last_year` (a total or a grade, as it is written).
    """

    unit: str
    figures: Mapping[str, Figure]
    sector: str = ""
    competes: bool = True
    staff: int | None = None
    coefficient: Decimal | None = None
    last_year: str = ""


@dataclass(frozen=True)
class Adjustment:
    """Marks added or taken off by a rule; `marks` only where the rule has no fixed figure."""

    unit: str
    rule: str
    times: int = 1
    marks: Decimal | None = None
    item: str = ""
    note: str = ""


@dataclass(frozen=True)
class Veto:
    """A veto that a unit met with; `item` names what an effect such as `zeroes` concerns."""

    unit: str
    rule: str
    item: str = ""
    note: str = ""


@dataclass(frozen=True)
class Decision:
    """A person's recorded order of tied units, best first; those not named come after them."""

    order: tuple[str, ...]
    reason: str
    by: str = ""


def nodes(kind: Kind) -> dict[str, Item]:
    """Return everything of a kind that has full marks of its own, by its whole key."""
    return {item.key: item for item in kind.nodes()}


def indicator(kind: Kind, key: str) -> tuple[str, str] | None:
    """Return the name and the part (`level`, `improvement`) of an indicator's key."""
    name, _, part = key.rpartition(".")
    if kind.indicated is None or not name or part not in (LEVEL, IMPROVEMENT):
        return None
    return name, part


def indicator_names(kind: Kind, entries: Iterable[Entry]) -> list[str]:
    """Return the names of the indicators that were entered, in the order of their names."""
    found = {indicator(kind, key) for entry in entries for key in entry.figures}
    return sorted({pair[0] for pair in found if pair})
