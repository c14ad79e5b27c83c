"""Tellers' pages: entering papers one after another or as counts, and settling differences."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.paper_sheets import INVALID_CELL, cell_field, columns
from ballot.domain.paper_votes import INVALID_FIELD, Mode, Spot, asked_of
from ballot.domain.people import TELLERS, Role
from ballot.domain.votes import field_name
from ballot.language import N_, Text
from ballot.scoring.figures import whole_number
from ballot.services import paper_desks, paper_votes
from ballot.services.paper_desks import Compared, Desk
from ballot.web import result_tables
from ballot.web.access import allow
from ballot.web.context import here
from ballot.web.forms import retyped
from ballot.web.paper_votes import PAPER

blueprint = Blueprint("paper_entries", __name__, url_prefix="/office")

_SETTLES = (Role.ORGANISER, Role.SCRUTINEER)
_DRAFT = "draft"


@blueprint.post(f"{PAPER}/begin")
@allow(*TELLERS)
def begin(poll_id: int) -> ResponseReturnValue:
    """Become one of the two tellers."""
    with here().database.write() as connection:
        paper_votes.begin(connection, poll_id, g.user, now=here().clock())
    return redirect(url_for("paper_entries.entry", poll_id=poll_id), code=303)


def _entry(poll_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    desk = _own_desk(poll_id)
    spot = _spot(desk, desk.missing)
    mine = desk.mine.get(spot)
    if mine is not None and not texts:
        texts = desk.spread.problems(spot, mine)
        typed = desk.spread.typed(spot, mine)
    return _form_page(
        "paper_entry",
        desk,
        spot,
        typed,
        texts,
        entered=frozenset(desk.mine),
        known=mine is not None,
    )


@blueprint.get(f"{PAPER}/entry")
@allow(*TELLERS)
def entry(poll_id: int) -> ResponseReturnValue:
    """Show the form of one paper or one group's counts: the one asked for, or the next missing."""
    return _entry(poll_id, {}, ())


@blueprint.post(f"{PAPER}/entry")
@allow(*TELLERS)
@retyped(_entry)
def enter(poll_id: int) -> ResponseReturnValue:
    """Keep what the teller typed, and go to the next paper."""
    desk = _own_desk(poll_id)
    spot = _spot(desk, desk.missing)
    with here().database.write() as connection:
        paper_votes.enter(connection, poll_id, g.user, spot, request.form)
    if desk.spread.pile.mode is Mode.COUNTS:
        if _DRAFT not in request.form:
            flash(N_("已保存。"))
        return _to("paper_entries.entry", poll_id, spot)
    missing = [each for each in desk.missing if each != spot]
    later = [each for each in missing if each > spot] or missing
    return _to("paper_entries.entry", poll_id, (later or [spot])[0])


@blueprint.post(f"{PAPER}/entry/finish")
@allow(*TELLERS)
@retyped(_entry)
def finish(poll_id: int) -> ResponseReturnValue:
    """Say that all is entered."""
    with here().database.write() as connection:
        paper_votes.finish(connection, poll_id, g.user, now=here().clock())
    flash(N_("您这一遍已经录完。"))
    return redirect(url_for("paper_votes.hub", poll_id=poll_id), code=303)


@blueprint.post(f"{PAPER}/entry/again")
@allow(*TELLERS)
def go_on(poll_id: int) -> ResponseReturnValue:
    """Go on after all, to correct something."""
    with here().database.write() as connection:
        paper_votes.go_on(connection, poll_id, g.user)
    return redirect(url_for("paper_entries.entry", poll_id=poll_id), code=303)


def _settling(poll_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    desk = _desk(poll_id)
    open_spots = [each.spot for each in desk.compared if each.settled is None]
    spot = _spot(desk, open_spots or [each.spot for each in desk.compared])
    compared = next((each for each in desk.compared if each.spot == spot), None)
    if compared is not None and not texts:
        typed = _agreed(desk, compared)
    settled = frozenset(each.spot for each in desk.compared if each.settled is not None)
    return _form_page("paper_settle", desk, spot, typed, texts, compared=compared, entered=settled)


def _agreed(desk: Desk, compared: Compared) -> Mapping[str, str]:
    """Return how a spot was settled, or what both tellers entered alike: the rest is left open."""
    if compared.settled is not None:
        return desk.spread.typed(compared.spot, compared.settled)
    first, second = (
        desk.spread.typed(compared.spot, entry) for entry in (compared.first, compared.second)
    )
    return {name: said for name, said in first.items() if second.get(name) == said}


@blueprint.get(f"{PAPER}/settle")
@allow(*_SETTLES)
def settling(poll_id: int) -> ResponseReturnValue:
    """Show where the tellers differ, and ask what the paper says."""
    return _settling(poll_id, {}, ())


@blueprint.post(f"{PAPER}/settle")
@allow(*_SETTLES)
@retyped(_settling)
def settle(poll_id: int) -> ResponseReturnValue:
    """Keep what the paper says."""
    desk = _desk(poll_id)
    spot = _spot(desk, [each.spot for each in desk.compared])
    with here().database.write() as connection:
        paper_votes.settle(connection, poll_id, g.user, spot, request.form)
    after = _desk(poll_id)
    if after.unsettled:
        flash(N_("已裁定。"))
        return redirect(url_for("paper_entries.settling", poll_id=poll_id), code=303)
    flash(N_("差异已全部裁定。"))
    return redirect(url_for("paper_votes.hub", poll_id=poll_id), code=303)


def _form_page(
    name: str,
    desk: Desk,
    spot: Spot,
    typed: Mapping[str, str],
    texts: Sequence[Text],
    **values: Any,
) -> str:
    spread = desk.spread
    poll, group = spread.found.poll, spread.group(spot)
    return render_template(
        f"office/{name}.html",
        poll=poll,
        desk=desk,
        spread=spread,
        spot=spot,
        group=group,
        slots=asked_of(spread.definition, group),
        counting=spread.pile.mode is Mode.COUNTS,
        kind_title=lambda section: result_tables.kind_title(poll.definition.scheme, section),
        field_name=field_name,
        cell_field=cell_field,
        columns=columns,
        invalid_field=INVALID_FIELD,
        invalid_cell=INVALID_CELL,
        typed=typed,
        texts=texts,
        **values,
    )


def _desk(poll_id: int) -> Desk:
    with here().database.read() as connection:
        return paper_desks.entered_desk(connection, poll_id, g.user)


def _own_desk(poll_id: int) -> Desk:
    desk = _desk(poll_id)
    if desk.hand is None:
        raise paper_votes.NotTellerError
    return desk


def _spot(desk: Desk, otherwise: Sequence[Spot]) -> Spot:
    """Return the spot that the address names, or the first of some others."""
    numbers = [whole_number(request.args.get(name, "")) for name in ("group", "number")]
    group, number = numbers
    if group is None or number is None:
        return (*otherwise, *desk.spread.spots)[0]
    spot = Spot(group, number)
    desk.spread.require(spot)
    return spot


def _to(endpoint: str, poll_id: int, spot: Spot) -> ResponseReturnValue:
    return redirect(
        url_for(endpoint, poll_id=poll_id, group=spot.group_index, number=spot.number), code=303
    )
