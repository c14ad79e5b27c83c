"""Cycles in forms: a new one from a preset, its title, removing one that was a mistake."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import Role
from ballot.language import N_, Text
from ballot.scoring import load_scheme, scheme_names
from ballot.services import cycles, next_year, own_schemes
from ballot.web import scheme_parts
from ballot.web.access import allow
from ballot.web.context import here
from ballot.web.forms import read_confirmed, retyped
from ballot.web.office import CYCLE

blueprint = Blueprint("cycles", __name__, url_prefix="/office")

RUNS: Final = (Role.ORGANISER,)


def _new_page(typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    name = typed.get("scheme") or request.args.get("scheme", "")
    if name not in scheme_names():
        return render_template(
            "office/new_cycle.html", presets=[load_scheme(each) for each in scheme_names()]
        )
    scheme = load_scheme(name)
    return render_template(
        "office/new_cycle.html",
        scheme=scheme,
        readings=scheme_parts.readings(scheme, {}, typed),
        this_year=here().clock().year,
        typed=typed,
        texts=texts,
    )


@blueprint.get("/cycles/new")
@allow(*RUNS)
def new() -> ResponseReturnValue:
    """Ask which preset a new cycle follows; then for its title, and its readings."""
    return _new_page({}, ())


@blueprint.post("/cycles/new")
@allow(*RUNS)
@retyped(_new_page)
def create() -> ResponseReturnValue:
    """Start a cycle."""
    name = request.form.get("scheme", "")
    settings = scheme_parts.chosen(load_scheme(name), request.form)
    with here().database.write() as connection:
        number = cycles.create(
            connection,
            title=request.form.get("title", ""),
            scheme=name,
            settings=settings,
            by=g.user.name,
            now=here().clock(),
        )
    flash(N_("考核周期已新建。下一步：录入单位名单。"))
    return redirect(url_for("units.cycle", cycle_id=number), code=303)


def _edit_page(cycle_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        found = own_schemes.of(connection, cycle_id)
        empty = cycles.is_empty(connection, cycle_id)
    return render_template(
        "office/edit_cycle.html",
        cycle=found.cycle,
        found=found,
        empty=empty,
        typed=typed,
        texts=texts,
    )


@blueprint.get(f"{CYCLE}/edit")
@allow(*RUNS)
def edit(cycle_id: int) -> ResponseReturnValue:
    """Show what can be changed about a cycle itself."""
    return _edit_page(cycle_id, {}, ())


@blueprint.post(f"{CYCLE}/edit")
@allow(*RUNS)
@retyped(_edit_page)
def rename(cycle_id: int) -> ResponseReturnValue:
    """Give a cycle another title."""
    with here().database.write() as connection:
        title = request.form.get("title", "")
        cycles.rename(connection, cycle_id, title, by=g.user.name, now=here().clock())
    flash(N_("名称已改。"))
    return redirect(url_for("cycles.edit", cycle_id=cycle_id), code=303)


@blueprint.post(f"{CYCLE}/remove")
@allow(*RUNS)
@retyped(_edit_page)
def remove(cycle_id: int) -> ResponseReturnValue:
    """Remove a cycle that nothing belongs to."""
    with here().database.write() as connection:
        words = request.form.get("words", "")
        cycles.remove(connection, cycle_id, words=words, by=g.user.name, now=here().clock())
    flash(N_("考核周期已删除。"))
    return redirect(url_for("office.home"), code=303)


def _copy_page(cycle_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        plan = next_year.plan(connection, cycle_id)
    ticked = request.form.getlist("poll") if typed else [str(each.poll.id) for each in plan.polls]
    kinds = request.form.getlist("kind") if typed else [each.kind.key for each in plan.kinds]
    return render_template(
        "office/copy_cycle.html",
        cycle=plan.cycle,
        plan=plan,
        ticked=ticked,
        kinds=kinds,
        typed=typed,
        texts=texts,
    )


@blueprint.get(f"{CYCLE}/copy")
@allow(*RUNS)
def copying(cycle_id: int) -> ResponseReturnValue:
    """Show what the next year's cycle would take over."""
    return _copy_page(cycle_id, {}, ())


@blueprint.post(f"{CYCLE}/copy")
@allow(*RUNS)
@retyped(_copy_page)
def copy(cycle_id: int) -> ResponseReturnValue:
    """Make the next year's cycle from what was ticked."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        number = next_year.copy(
            connection,
            cycle_id,
            title=request.form.get("title", ""),
            kinds=request.form.getlist("kind"),
            titles={
                poll: request.form.get(f"title {poll}", "")
                for poll in request.form.getlist("poll", type=int)
            },
            duties="duties" in request.form,
            by=g.user.name,
            now=here().clock(),
        )
    flash(N_("新的考核周期已建好。请核对单位名单和各场测评的人数。"))
    return redirect(url_for("units.cycle", cycle_id=number), code=303)
