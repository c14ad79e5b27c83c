"""How far a cycle's standings are: units, figures entered, approval, kind by kind."""

from collections.abc import Sequence
from dataclasses import dataclass

from ballot.domain.assessment import Approval, Unit, in_force
from ballot.scoring import Kind, Scheme
from ballot.services import kinds
from ballot.services.entries import table
from ballot.services.kinds import Assessed
from ballot.storage import cycles, ledger
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection


@dataclass(frozen=True)
class OfficeProgress:
    """How many of an office's figures are entered; items given whole count as entered."""

    office: str
    entered: int
    wanted: int


@dataclass(frozen=True)
class KindProgress:
    """How far a kind is. `approved`: the approval that stands."""

    assessed: Assessed
    units: Sequence[Unit]
    offices: Sequence[OfficeProgress]
    approved: Approval | None

    @property
    def kind(self) -> Kind:
        """Return the kind."""
        return self.assessed.kind


@dataclass(frozen=True)
class CycleProgress:
    """How far a cycle is."""

    cycle: Cycle
    scheme: Scheme
    kinds: Sequence[KindProgress]


def of_cycle(connection: Connection, cycle_id: int) -> CycleProgress:
    """Return how far a cycle's standings are.

    Raises: NoSuchCycleError.
    """
    cycle = cycles.get(connection, cycle_id)
    every = kinds.every(connection, cycle_id)
    return CycleProgress(cycle, every[0].scheme, [_kind(connection, each) for each in every])


def _kind(connection: Connection, assessed: Assessed) -> KindProgress:
    cycle, kind = assessed.cycle.id, assessed.kind.key
    found = table(connection, cycle, kind)
    given = set(found.texts)
    approvals = ledger.approvals_of(connection, cycle, kind)
    return KindProgress(
        assessed,
        found.units,
        [
            OfficeProgress(
                office,
                sum(
                    any((unit.id, key) in given for key in _at_or_above(column.key))
                    for unit in found.units
                    for column in assessed.office_columns(office)
                ),
                len(found.units) * len(assessed.office_columns(office)),
            )
            for office in assessed.offices
        ],
        in_force(approvals),
    )


def _at_or_above(key: str) -> list[str]:
    path = key.split(".")
    return [".".join(path[:length]) for length in range(1, len(path) + 1)]
