"""The standing's page: figures that open to their derivation, ties to decide, the approval."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import STAFF, Role
from ballot.errors import MistakesError, NotFoundError
from ballot.language import N_, Text
from ballot.scoring.figures import whole_number
from ballot.services import approvals, ledger, standings
from ballot.services.cycles import own_settings
from ballot.services.ledger import NoSuchRowError
from ballot.services.standings import KindStanding, NotApprovedError
from ballot.web.access import allow, may
from ballot.web.context import here, language
from ballot.web.forms import read_confirmed, read_day, retyped
from ballot.web.headers import attachment
from ballot.web.units import KIND

blueprint = Blueprint("standings", __name__, url_prefix="/office")


class NothingRankedError(NotFoundError):
    """There is nothing to print."""

    message = N_("“%(kind)s”还没有可以打印的总评，或者没有这个单位。")


STANDING: Final = f"{KIND}/standing"
PDF: Final = "application/pdf"
_DRAFTS: Final = (Role.SCORER,)


def seen_standing(cycle_id: int, kind: str) -> KindStanding:
    """Return a kind's standing; a draft is for scorers alone.

    Raises: NoSuchCycleError, UnknownKindError, NotApprovedError.
    """
    with here().database.read() as connection:
        found = standings.of_kind(
            connection, cycle_id, kind, smallest_group=here().settings.smallest_group
        )
    if found.approved is None and not may(_DRAFTS):
        raise NotApprovedError(kinds=found.assessed.kind.title)
    return found


@blueprint.get(STANDING)
@allow(*STAFF)
def standing(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Show the standing in rank order, or what keeps it from being made."""
    found = seen_standing(cycle_id, kind)
    return _page(
        "standing",
        found,
        settings=own_settings(found.assessed.cycle),
        may_score=may(_DRAFTS),
        may_undo=may(()),
    )


@blueprint.get(f"{STANDING}/circular.pdf")
@allow(*STAFF)
def circular(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Give the circular as PDF; a draft bears its mark on every page."""
    from ballot.services import reports  # loads what reads fonts, which voters' requests never need

    found = _ranked(cycle_id, kind)
    content = reports.circular(found, language=language())
    return attachment(content, f"circular-{cycle_id}-{kind}.pdf", PDF)


@blueprint.get(f"{STANDING}/sheets.pdf")
@allow(*STAFF)
def result_sheets(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Give the result sheets as PDF: of the unit that is named, or of all."""
    from ballot.services import reports

    found = _ranked(cycle_id, kind)
    content = reports.result_sheets(found, request.args.get("unit"), language=language())
    return attachment(content, f"sheets-{cycle_id}-{kind}.pdf", PDF)


def _ranked(cycle_id: int, kind: str) -> KindStanding:
    """Return a standing that is there to be printed.

    Raises: as `seen_standing`; NothingRankedError.
    """
    found = seen_standing(cycle_id, kind)
    wanted = request.args.get("unit")
    units = {each.unit for each in found.standings}
    if not units or (wanted is not None and wanted not in units):
        raise NothingRankedError(kind=found.assessed.kind.title)
    return found


def _deciding_page(
    cycle_id: int, kind: str, typed: Mapping[str, str], texts: Sequence[Text]
) -> str:
    return _page("decide", seen_standing(cycle_id, kind), typed=typed, texts=texts)


@blueprint.get(f"{STANDING}/ties")
@allow(*_DRAFTS)
def deciding(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Show the ties that hang over a cut, and the decisions that were made."""
    return _deciding_page(cycle_id, kind, {}, ())


@blueprint.post(f"{STANDING}/ties")
@allow(*_DRAFTS)
@retyped(_deciding_page)
def decide(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Record which of tied units come first, or withdraw such a decision."""
    read_confirmed(request.form)
    by, now = g.user.name, here().clock()
    reason = request.form.get("reason", "")
    with here().database.write() as connection:
        if "withdraw" in request.form:
            number = whole_number(request.form["withdraw"]) or 0
            ledger.withdraw(
                connection, cycle_id, kind, "decision", number, why=reason, by=by, now=now
            )
        else:
            approvals.decide(
                connection,
                cycle_id,
                kind,
                _order(),
                reason,
                smallest_group=here().settings.smallest_group,
                by=by,
                now=now,
            )
    flash(N_("已记录。"))
    return redirect(url_for("standings.standing", cycle_id=cycle_id, kind=kind), code=303)


def _order() -> list[str]:
    """Return the units by the places that were typed beside them, best first.

    Raises: MistakesError unless the places are 1, 2, 3 … without gaps.
    """
    places = {
        name: whole_number(place)
        for name, place in zip(
            request.form.getlist("unit"), request.form.getlist("place"), strict=False
        )
    }
    order = sorted((place, name) for name, place in places.items() if place is not None)
    if not order or [place for place, _ in order] != list(range(1, len(places) + 1)):
        raise MistakesError([Text("请给每个单位写上先后：1、2、3……，不重复、不跳号。")])
    return [name for _, name in order]


def _approving_page(
    cycle_id: int, kind: str, typed: Mapping[str, str], texts: Sequence[Text]
) -> str:
    return _page("approve", seen_standing(cycle_id, kind), typed=typed, texts=texts)


@blueprint.get(f"{STANDING}/approve")
@allow(*_DRAFTS)
def approving(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Ask which meeting fixed the standing."""
    return _approving_page(cycle_id, kind, {}, ())


@blueprint.post(f"{STANDING}/approve")
@allow(*_DRAFTS)
@retyped(_approving_page)
def approve(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Record that a meeting fixed the standing that was on the page."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        approvals.approve(
            connection,
            cycle_id,
            kind,
            meeting=request.form.get("meeting", ""),
            held_on=read_day(request.form.get("held_on", "")),
            seen=request.form.get("seen", ""),
            smallest_group=here().settings.smallest_group,
            by=g.user.name,
            now=here().clock(),
        )
    flash(N_("审定已记录，总评不能再改。"))
    return redirect(url_for("standings.standing", cycle_id=cycle_id, kind=kind), code=303)


def _undoing_page(cycle_id: int, kind: str, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    found = seen_standing(cycle_id, kind)
    if found.approved is None:
        raise NoSuchRowError
    return _page("undo_approval", found, typed=typed, texts=texts)


@blueprint.get(f"{STANDING}/undo")
@allow()
def undoing(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Ask why an approval is withdrawn."""
    return _undoing_page(cycle_id, kind, {}, ())


@blueprint.post(f"{STANDING}/undo")
@allow()
@retyped(_undoing_page)
def undo(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Withdraw the approval: the standing is a draft again."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        approvals.withdraw_approval(
            connection,
            cycle_id,
            kind,
            whole_number(request.form.get("number", "")) or 0,
            why=request.form.get("why", ""),
            by=g.user.name,
            now=here().clock(),
        )
    flash(N_("审定已撤回，总评又是草案。"))
    return redirect(url_for("standings.standing", cycle_id=cycle_id, kind=kind), code=303)


def _page(name: str, found: KindStanding, **values: Any) -> str:
    return render_template(
        f"office/{name}.html",
        standing=found,
        cycle=found.assessed.cycle,
        kind=found.assessed.kind,
        **values,
    )
