"""The ledger's page: marks added or taken off and vetoes, recorded and withdrawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import Role
from ballot.errors import MistakesError
from ballot.language import N_, Text
from ballot.scoring import Adjustment, Kind, Veto
from ballot.scoring.figures import decimal_number, whole_number
from ballot.services import ledger
from ballot.services.ledger import NoSuchRowError
from ballot.storage.cycles import Cycle
from ballot.web.access import allow
from ballot.web.context import here
from ballot.web.forms import Fields, read_confirmed, retyped
from ballot.web.units import KIND

blueprint = Blueprint("ledger", __name__, url_prefix="/office")

LEDGER: Final = f"{KIND}/ledger"
LONGEST_MARKS: Final = 12


@dataclass(frozen=True)
class Said:
    """What a form says about a unit: an adjustment or a veto, not yet with its unit's name."""

    unit_id: int
    said: Adjustment | Veto


def _page_of(cycle_id: int, kind: str, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        found = ledger.ledger_of(connection, cycle_id, kind)
    return _page(
        "ledger",
        found.assessed.cycle,
        found.assessed.kind,
        ledger=found,
        longest=ledger.LONGEST_NOTE,
        typed=typed,
        texts=texts,
    )


@blueprint.get(LEDGER)
@allow(Role.SCORER)
def rows(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Show the ledger and the vetoes, with forms to record one."""
    return _page_of(cycle_id, kind, {}, ())


@blueprint.post(LEDGER)
@allow(Role.SCORER)
@retyped(_page_of)
def record(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Record an adjustment or a veto."""
    said = _read(request.form)
    by, now = g.user.name, here().clock()
    with here().database.write() as connection:
        if isinstance(said.said, Veto):
            ledger.record_veto(connection, cycle_id, kind, said.unit_id, said.said, by=by, now=now)
        else:
            ledger.record_adjustment(
                connection, cycle_id, kind, said.unit_id, said.said, by=by, now=now
            )
    flash(N_("已记入台账。"))
    return redirect(url_for("ledger.rows", cycle_id=cycle_id, kind=kind), code=303)


def _read(fields: Fields) -> Said:
    """Return what the form says.

    Raises: MistakesError for a unit or rule not chosen, or numbers that are none.
    """
    unit_id = whole_number(fields.get("unit", ""))
    rule, note = fields.get("rule", ""), fields.get("note", "").replace("\r\n", "\n")
    item, veto = fields.get("item", ""), fields.get("what") == "veto"
    times = 1 if veto else whole_number(fields.get("times", "1").strip() or "1")
    typed = "" if veto else fields.get("marks", "").strip()
    marks = decimal_number(typed) if len(typed) <= LONGEST_MARKS else None
    mistakes = [
        *([] if unit_id is not None else [Text("请选择单位。")]),
        *([] if rule else [Text("请选择情形。")]),
        *([] if times is not None else [Text("次数应为整数。")]),
        *([Text("分值“%(typed)s”不是数字。", typed=typed[:20])] if typed and marks is None else []),
    ]
    if mistakes or unit_id is None or times is None:
        raise MistakesError(mistakes)
    if veto:
        return Said(unit_id, Veto("", rule, item, note))
    return Said(unit_id, Adjustment("", rule, times, marks, item, note))


def _withdrawing_page(
    cycle_id: int,
    kind: str,
    what: str,
    number: int,
    typed: Mapping[str, str],
    texts: Sequence[Text],
) -> str:
    with here().database.read() as connection:
        found = ledger.ledger_of(connection, cycle_id, kind)
    rows = found.adjustments if what == "adjustment" else found.vetoes
    row = next((each for each in rows if each.recorded.id == number), None)
    if row is None or not row.recorded.stands:
        raise NoSuchRowError
    return _page(
        "withdraw",
        found.assessed.cycle,
        found.assessed.kind,
        row=row,
        what=what,
        typed=typed,
        texts=texts,
    )


_ROW: Final = f"{LEDGER}/<any(adjustment,veto):what>/<int(max=2147483647):number>/withdraw"


@blueprint.get(_ROW)
@allow(Role.SCORER)
def withdrawing(cycle_id: int, kind: str, what: str, number: int) -> ResponseReturnValue:
    """Show a row that is to be withdrawn, and ask why."""
    return _withdrawing_page(cycle_id, kind, what, number, {}, ())


@blueprint.post(_ROW)
@allow(Role.SCORER)
@retyped(_withdrawing_page)
def withdraw(cycle_id: int, kind: str, what: str, number: int) -> ResponseReturnValue:
    """Withdraw a row; it stays on the page, struck out."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        ledger.withdraw(
            connection,
            cycle_id,
            kind,
            what,
            number,
            why=request.form.get("why", ""),
            by=g.user.name,
            now=here().clock(),
        )
    flash(N_("已撤回，记录仍保留。"))
    return redirect(url_for("ledger.rows", cycle_id=cycle_id, kind=kind), code=303)


def _page(name: str, cycle: Cycle, kind: Kind, **values: Any) -> str:
    return render_template(f"office/{name}.html", cycle=cycle, kind=kind, **values)
