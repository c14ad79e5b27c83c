"""The ledger: marks added or taken off, and vetoes; recorded, and withdrawn with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ballot.domain.assessment import Approval, LedgerRow, TieDecision, Unit
from ballot.domain.canonical import fingerprint
from ballot.domain.written import LONGEST_REASON, problems
from ballot.errors import MistakesError, NotFoundError
from ballot.language import N_, Text
from ballot.scoring import Adjustment, Veto
from ballot.scoring.entry_problems import adjustment_problems, veto_problems
from ballot.services import kinds
from ballot.services.kinds import Assessed
from ballot.services.units import numbered
from ballot.storage import events, ledger, units
from ballot.storage.database import Connection

MOST_TIMES: Final = 1000
LONGEST_NOTE: Final = 200

Row = LedgerRow | TieDecision | Approval


class NoSuchRowError(NotFoundError):
    """The row is not there, or was withdrawn already."""

    message = N_("没有这条记录，或者它早已撤回。")


@dataclass(frozen=True)
class Ledger:
    """A kind's units, its ledger and its vetoes, withdrawn rows too."""

    assessed: Assessed
    units: Sequence[Unit]
    adjustments: Sequence[LedgerRow]
    vetoes: Sequence[LedgerRow]
    approved: bool


def ledger_of(connection: Connection, cycle_id: int, kind: str) -> Ledger:
    """Return everything recorded in a kind's ledger.

    Raises: NoSuchCycleError, UnknownKindError.
    """
    return Ledger(
        kinds.of(connection, cycle_id, kind),
        units.every(connection, cycle_id, kind),
        ledger.of_kind(connection, cycle_id, kind),
        ledger.vetoes_of(connection, cycle_id, kind),
        kinds.is_approved(connection, cycle_id, kind),
    )


def record_adjustment(
    connection: Connection,
    cycle_id: int,
    kind: str,
    unit_id: int,
    said: Adjustment,
    *,
    by: str,
    now: datetime,
) -> int:
    """Add a row to the ledger. `said.unit` is filled in from the unit's number.

    Raises: NoSuchCycleError, UnknownKindError, ApprovedError, NoSuchUnitError, MistakesError.
    """
    assessed = kinds.to_change(connection, cycle_id, kind)
    unit = numbered(connection, cycle_id, kind, unit_id)
    said = Adjustment(
        unit.name, said.rule, said.times, said.marks, said.item.strip(), said.note.strip()
    )
    found = [problem for _, problem in adjustment_problems(assessed.kind, {unit.name}, said)]
    if said.times > MOST_TIMES:
        found.append(Text("次数最多 %(most)s 次", most=MOST_TIMES))
    _refuse(found, said)
    number = ledger.add_adjustment(connection, unit.id, said, by=by, now=now)
    content = [unit.name, said.rule, said.times, f"{said.marks}", said.item, said.note]
    note(connection, "adjustment recorded", assessed, number, content, by=by, now=now)
    return number


def record_veto(
    connection: Connection,
    cycle_id: int,
    kind: str,
    unit_id: int,
    said: Veto,
    *,
    by: str,
    now: datetime,
) -> int:
    """Record a veto. `said.unit` is filled in from the unit's number.

    Raises: NoSuchCycleError, UnknownKindError, ApprovedError, NoSuchUnitError, MistakesError.
    """
    assessed = kinds.to_change(connection, cycle_id, kind)
    unit = numbered(connection, cycle_id, kind, unit_id)
    said = Veto(unit.name, said.rule, said.item.strip(), said.note.strip())
    found = veto_problems(assessed.kind, {unit.name}, said, assessed.indicators)
    _refuse([problem for _, problem in found], said)
    number = ledger.add_veto(connection, unit.id, said, by=by, now=now)
    content = [unit.name, said.rule, said.item, said.note]
    note(connection, "veto recorded", assessed, number, content, by=by, now=now)
    return number


def _refuse(found: Sequence[Text], said: Adjustment | Veto) -> None:
    mistakes = [Text("%(problem)s。", problem=problem) for problem in found]
    mistakes += problems(Text("事项"), said.item, most=LONGEST_NOTE)
    mistakes += problems(Text("备注"), said.note, most=LONGEST_NOTE, lines=True)
    if not said.note:
        mistakes.append(Text("请写明事由或依据。"))
    if mistakes:
        raise MistakesError(mistakes)


def withdraw(
    connection: Connection,
    cycle_id: int,
    kind: str,
    what: str,
    number: int,
    *,
    why: str,
    by: str,
    now: datetime,
) -> None:
    """Withdraw an `adjustment`, a `veto` or a `decision`, with a reason; the row stays to be seen.

    Raises: NoSuchCycleError, UnknownKindError, ApprovedError, NoSuchRowError, MistakesError.
    """
    assessed = kinds.to_change(connection, cycle_id, kind)
    take_back(connection, assessed, what, number, why=why, by=by, now=now)


def take_back(
    connection: Connection,
    assessed: Assessed,
    what: str,
    number: int,
    *,
    why: str,
    by: str,
    now: datetime,
) -> None:
    """Withdraw a row of the ledger, a decision or an approval, and note it in the log.

    Raises: NoSuchRowError; MistakesError without a reason.
    """
    why = a_reason(why)
    rows = _rows(connection, assessed, what)
    if not any(row.recorded.id == number and row.recorded.stands for row in rows):
        raise NoSuchRowError
    ledger.withdraw(connection, what, number, why=why, by=by, now=now)
    note(connection, f"{what} withdrawn", assessed, number, why, by=by, now=now)


def _rows(connection: Connection, assessed: Assessed, what: str) -> Sequence[Row]:
    cycle, kind = assessed.cycle.id, assessed.kind.key
    if what == "adjustment":
        return ledger.of_kind(connection, cycle, kind)
    if what == "veto":
        return ledger.vetoes_of(connection, cycle, kind)
    if what == "decision":
        return ledger.decisions_of(connection, cycle, kind)
    return ledger.approvals_of(connection, cycle, kind)


def a_reason(text: str) -> str:
    """Return a reason as it is kept.

    Raises: MistakesError for none, or one that cannot be read.
    """
    reason = text.replace("\r\n", "\n").strip()
    mistakes = [] if reason else [Text("须写明理由。")]
    mistakes += problems(Text("理由"), reason, most=LONGEST_REASON, lines=True)
    if mistakes:
        raise MistakesError(mistakes)
    return reason


def note(
    connection: Connection,
    action: str,
    assessed: Assessed,
    number: int,
    content: object,
    *,
    by: str,
    now: datetime,
) -> None:
    """Note in the event log what was done, with the SHA-256 of what was written."""
    events.append(
        connection,
        now=now,
        actor=by,
        action=action,
        cycle=assessed.cycle.id,
        kind=assessed.kind.key,
        number=number,
        sha256=fingerprint(content),
    )
