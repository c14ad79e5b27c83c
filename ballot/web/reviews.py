"""Reviews (复核) in the office: requests recorded, their clocks, and answers."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any, Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import Role
from ballot.domain.periods import HOLIDAYS, local_day
from ballot.domain.reviews import LONGEST_GROUND, Answer, Outcome, Request
from ballot.errors import MistakesError
from ballot.language import N_, Text
from ballot.services import reviews
from ballot.web.access import allow, may
from ballot.web.context import here
from ballot.web.forms import read_confirmed, read_day, retyped
from ballot.web.office import CYCLE

blueprint = Blueprint("reviews", __name__, url_prefix="/office")

REVIEWS: Final = f"{CYCLE}/reviews"
REVIEW: Final = f"{REVIEWS}/<int(max=2147483647):number>"
CLERKS: Final = (Role.ORGANISER, Role.SCORER)
READERS: Final = (*CLERKS, Role.AUDITOR)


@blueprint.get(REVIEWS)
@allow(*READERS)
def every(cycle_id: int) -> ResponseReturnValue:
    """List a cycle's reviews, those that wait first, with what is left of their days."""
    with here().database.read() as connection:
        office = reviews.of_cycle(connection, cycle_id)
    return _page("reviews", cycle=office.cycle, office=office, may_write=may(CLERKS))


def _new_page(cycle_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        office = reviews.of_cycle(connection, cycle_id)
        subjects = reviews.subjects(connection, cycle_id)
    return _page(
        "review_form",
        cycle=office.cycle,
        subjects=subjects,
        chosen=(typed or request.args).get("who", ""),
        most=LONGEST_GROUND,
        typed=typed,
        texts=texts,
    )


@blueprint.get(f"{REVIEWS}/new")
@allow(*CLERKS)
def new(cycle_id: int) -> ResponseReturnValue:
    """Show the form of a request; who asks may be chosen by the address (`who`)."""
    return _new_page(cycle_id, {}, ())


@blueprint.post(f"{REVIEWS}/new")
@allow(*CLERKS)
@retyped(_new_page)
def record(cycle_id: int) -> ResponseReturnValue:
    """Record a request."""
    who, _, about = request.form.get("asked", "").partition(" ")
    said = Request(
        unit="",
        about=about,
        ground=_typed("ground"),
        received_on=read_day(request.form.get("received_on", "")),
        told_on=_day_or_none("told_on"),
        admitted=_typed("admitted"),
    )
    with here().database.write() as connection:
        number = reviews.record(connection, cycle_id, who, said, by=g.user.name, now=here().clock())
    flash(N_("申请已登记，答复的期限从收到之日起算。"))
    return redirect(url_for("reviews.review", cycle_id=cycle_id, number=number), code=303)


def _day_or_none(name: str) -> date | None:
    typed = request.form.get(name, "").strip()
    return read_day(typed) if typed else None


def _typed(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def _review_page(
    cycle_id: int, number: int, typed: Mapping[str, str], texts: Sequence[Text]
) -> str:
    with here().database.read() as connection:
        cycle, line = reviews.of(connection, cycle_id, number)
    return _page(
        "review",
        cycle=cycle,
        line=line,
        may_write=may(CLERKS),
        most=LONGEST_GROUND,
        typed=typed,
        texts=texts,
    )


@blueprint.get(REVIEW)
@allow(*READERS)
def review(cycle_id: int, number: int) -> ResponseReturnValue:
    """Show a review with its clocks, and the form of its answer."""
    return _review_page(cycle_id, number, {}, ())


@blueprint.post(f"{REVIEW}/answer")
@allow(*CLERKS)
@retyped(_review_page)
def answer(cycle_id: int, number: int) -> ResponseReturnValue:
    """Record the answer; it changes no figure."""
    read_confirmed(request.form)
    outcome = None
    with suppress(ValueError):
        outcome = Outcome(request.form.get("outcome", ""))
    if outcome is None:
        raise MistakesError([Text("请选择复核的结论。")])
    day = read_day(request.form.get("answered_on", ""))
    said = Answer(outcome, _typed("answer"), day, _typed("decided_by"))
    with here().database.write() as connection:
        reviews.answer(connection, cycle_id, number, said, by=g.user.name, now=here().clock())
    flash(N_("答复已登记。"))
    return redirect(url_for("reviews.review", cycle_id=cycle_id, number=number), code=303)


@blueprint.post(f"{REVIEW}/withdraw")
@allow(*CLERKS)
@retyped(_review_page)
def withdraw(cycle_id: int, number: int) -> ResponseReturnValue:
    """Withdraw a request that was a mistake or was taken back; it stays on the list."""
    read_confirmed(request.form)
    why = request.form.get("why", "")
    with here().database.write() as connection:
        reviews.withdraw(connection, cycle_id, number, why=why, by=g.user.name, now=here().clock())
    flash(N_("已撤回，记录仍保留。"))
    return redirect(url_for("reviews.every", cycle_id=cycle_id), code=303)


def _page(name: str, **values: Any) -> str:
    today = local_day(here().clock())
    return render_template(f"office/{name}.html", today=today, holidays=HOLIDAYS, **values)
