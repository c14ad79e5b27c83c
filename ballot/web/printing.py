"""Asking for slips and archives, of a poll or of a whole cycle: forms that end in a job."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import Role
from ballot.language import Text
from ballot.services import archive_sets, jobs, slip_orders
from ballot.web.access import allow
from ballot.web.context import here
from ballot.web.forms import retyped
from ballot.web.office import CYCLE, POLL

blueprint = Blueprint("printing", __name__, url_prefix="/office")

_FEW: Final = 5


def _printing_page(plan: slip_orders.Plan, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        recent = jobs.latest(connection, cycle_id=plan.cycle.id, poll_id=plan.poll_id, most=_FEW)
        titles = jobs.titles(connection, recent)
    return render_template(
        "office/print.html",
        plan=plan,
        poll=plan.polls[0].poll if plan.poll_id is not None else None,
        jobs=recent,
        titles=titles,
        sheets={number: plan.sheets(number) for number in slip_orders.PER_PAGE},
        typed={**plan.proposed, **typed},
        public_url=here().settings.public_url,
        texts=texts,
    )


def _cycle_plan(cycle_id: int) -> slip_orders.Plan:
    with here().database.read() as connection:
        return slip_orders.of_cycle(connection, cycle_id, here().clock())


def _poll_plan(poll_id: int) -> slip_orders.Plan:
    with here().database.read() as connection:
        return slip_orders.of_poll(connection, poll_id, here().clock())


def _cycle_page(cycle_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    return _printing_page(_cycle_plan(cycle_id), typed, texts)


def _poll_page(poll_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    return _printing_page(_poll_plan(poll_id), typed, texts)


@blueprint.get(f"{CYCLE}/print")
@allow(Role.ORGANISER)
def cycle(cycle_id: int) -> ResponseReturnValue:
    """Show what slips the polls of a cycle still need."""
    return _cycle_page(cycle_id, {}, ())


@blueprint.post(f"{CYCLE}/print")
@allow(Role.ORGANISER)
@retyped(_cycle_page)
def print_cycle(cycle_id: int) -> ResponseReturnValue:
    """Ask for the slips of a cycle's polls in one file."""
    return _asked(_cycle_plan(cycle_id))


@blueprint.get(f"{POLL}/print")
@allow(Role.ORGANISER)
def poll(poll_id: int) -> ResponseReturnValue:
    """Show what slips a poll still needs."""
    return _poll_page(poll_id, {}, ())


@blueprint.post(f"{POLL}/print")
@allow(Role.ORGANISER)
@retyped(_poll_page)
def print_poll(poll_id: int) -> ResponseReturnValue:
    """Ask for a poll's slips."""
    return _asked(_poll_plan(poll_id))


def _asked(plan: slip_orders.Plan) -> ResponseReturnValue:
    order = slip_orders.read(plan, request.form)
    with here().database.write() as connection:
        number = slip_orders.ask(connection, plan, order, by=g.user.name, now=here().clock())
    return redirect(url_for("jobs.job", number=number), code=303)


def _archive_page(poll_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        found = archive_sets.final_poll(connection, poll_id)
    return render_template("office/archive.html", poll=found, typed=typed, texts=texts)


@blueprint.get(f"{POLL}/archive")
@allow(Role.ORGANISER)
def archive(poll_id: int) -> ResponseReturnValue:
    """Say what a poll's archive holds."""
    return _archive_page(poll_id, {}, ())


@blueprint.post(f"{POLL}/archive")
@allow(Role.ORGANISER)
@retyped(_archive_page)
def ask_archive(poll_id: int) -> ResponseReturnValue:
    """Ask for a poll's archive."""
    with here().database.write() as connection:
        number = archive_sets.ask_for_poll(connection, poll_id, by=g.user.name, now=here().clock())
    return redirect(url_for("jobs.job", number=number), code=303)


def _archives_page(cycle_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        found = archive_sets.of_cycle(connection, cycle_id)
    return render_template("office/archives.html", found=found, typed=typed, texts=texts)


@blueprint.get(f"{CYCLE}/archives")
@allow(Role.ORGANISER)
def archives(cycle_id: int) -> ResponseReturnValue:
    """Say which polls' archives there are in a cycle."""
    return _archives_page(cycle_id, {}, ())


@blueprint.post(f"{CYCLE}/archives")
@allow(Role.ORGANISER)
@retyped(_archives_page)
def ask_archives(cycle_id: int) -> ResponseReturnValue:
    """Ask for all archives of a cycle in one file."""
    with here().database.write() as connection:
        number = archive_sets.ask_for_cycle(
            connection, cycle_id, by=g.user.name, now=here().clock()
        )
    return redirect(url_for("jobs.job", number=number), code=303)
