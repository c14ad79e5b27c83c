"""A kind of units in a cycle: what there is to enter for it, and which office enters what."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from ballot.domain.assessment import in_force
from ballot.errors import RefusedError
from ballot.language import N_
from ballot.scoring import Component, Item, Kind, Scheme, Source
from ballot.scoring.entries import IMPROVEMENT, LEVEL, indicator
from ballot.services.cycles import scheme_of
from ballot.storage import cycles, entries, ledger
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection


class ApprovedError(RefusedError):
    """The standing was approved: nothing it rests on changes any more."""

    message = N_("“%(kind)s”的总评已经审定，不能再改。确需更正的，先由管理员撤回审定。")


@dataclass(frozen=True)
class Column:
    """Something that can be entered for every unit of a kind.

    `whole`: it has parts, so it is entered either whole or by them. `office`: who enters it, the
    nearest one named above it. `full`: its full marks, None where there are none. `above`: titles
    of what it is a part of, from the component down.
    """

    key: str
    title: str
    full: Decimal | None
    office: str
    whole: bool
    above: tuple[str, ...] = ()
    includes: str = ""
    clause: str = ""

    @property
    def path(self) -> str:
        """Return its title after those of what it is a part of."""
        return " › ".join((*self.above, self.title))


@dataclass(frozen=True)
class Assessed:
    """A kind of units in a cycle. `indicators`: names of those that figures were entered for."""

    cycle: Cycle
    scheme: Scheme
    kind: Kind
    indicators: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return everything that can be entered, wholes before their parts."""
        return tuple(
            column
            for component in self.kind.components
            for column in (
                *_columns(component, component.office, ()),
                *(_indicator_columns(component, self.indicators) if component.indicators else ()),
            )
        )

    @property
    def offices(self) -> tuple[str, ...]:
        """Return the offices that enter something, in the scheme's order; "" if nobody is named."""
        return tuple(dict.fromkeys(each.office for each in self.columns if not each.whole))

    def column(self, key: str) -> Column | None:
        """Return what can be entered under a key; under that of a new indicator, too."""
        found = next((each for each in self.columns if each.key == key), None)
        measured = None if found else indicator(self.kind, key)
        if measured is None or self.kind.indicated is None:
            return found
        new = _indicator_columns(self.kind.indicated, [measured[0]])
        return next((each for each in new if each.key == key), None)

    def office_columns(self, office: str) -> list[Column]:
        """Return what an office enters, item by item."""
        return [each for each in self.columns if each.office == office and not each.whole]

    @property
    def wholes(self) -> list[Column]:
        """Return what may be entered in one figure instead of by its parts."""
        return [each for each in self.columns if each.whole]


def of(connection: Connection, cycle_id: int, key: str, *, hold: bool = False) -> Assessed:
    """Return a kind of units of a cycle; with `hold`, keep other changes away until the commit.

    Raises: NoSuchCycleError, UnknownKindError.
    """
    cycle = cycles.get(connection, cycle_id, hold=hold)
    scheme = scheme_of(cycle)
    return _assessed(connection, cycle, scheme, scheme.kind(key))


def to_change(connection: Connection, cycle_id: int, key: str) -> Assessed:
    """Return a kind whose standing is not approved, held against others until the commit.

    Raises: NoSuchCycleError, UnknownKindError, ApprovedError.
    """
    found = of(connection, cycle_id, key, hold=True)
    if is_approved(connection, cycle_id, key):
        raise ApprovedError(kind=found.kind.title)
    return found


def is_approved(connection: Connection, cycle_id: int, key: str) -> bool:
    """Tell whether a kind's standing is approved, and so nothing about it may change."""
    return in_force(ledger.approvals_of(connection, cycle_id, key)) is not None


def every(connection: Connection, cycle_id: int) -> list[Assessed]:
    """Return all kinds of a cycle's scheme.

    Raises: NoSuchCycleError.
    """
    cycle = cycles.get(connection, cycle_id)
    scheme = scheme_of(cycle)
    return [_assessed(connection, cycle, scheme, kind) for kind in scheme.kinds.values()]


def _assessed(connection: Connection, cycle: Cycle, scheme: Scheme, kind: Kind) -> Assessed:
    if kind.indicated is None:
        return Assessed(cycle, scheme, kind)
    found = (indicator(kind, key) for key in entries.keys(connection, cycle.id, kind.key))
    return Assessed(cycle, scheme, kind, tuple(dict.fromkeys(pair[0] for pair in found if pair)))


def offices_of(connection: Connection, cycle_id: int) -> list[str]:
    """Return every office that a cycle's scheme names, in its order.

    Raises: NoSuchCycleError.
    """
    found = (office for each in every(connection, cycle_id) for office in each.offices)
    return [office for office in dict.fromkeys(found) if office]


def _columns(item: Item, office: str, above: tuple[str, ...]) -> Iterator[Column]:
    mine = item.office or office
    if item.source is Source.ENTRY:
        yield Column(
            key=item.key,
            title=item.title,
            full=item.full_marks,
            office=mine,
            whole=bool(item.items) or (isinstance(item, Component) and bool(item.indicators)),
            above=above,
            includes=item.includes,
            clause=item.clause,
        )
    for part in item.items:
        yield from _columns(part, mine, (*above, item.title))


def _indicator_columns(component: Component, names: Iterable[str]) -> Iterator[Column]:
    """Yield the two columns of each indicator: its raw figure, and how much it improved."""
    for name in names:
        for part, title in ((LEVEL, "现状"), (IMPROVEMENT, "改善")):
            yield Column(
                key=f"{name}.{part}",
                title=f"{name} {title}",
                full=None,
                office=component.office,
                whole=False,
                above=(component.title,),
            )
