"""A second person's confirmation: what waits, and what the second person says to it."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.confirmations import State
from ballot.domain.people import Role
from ballot.domain.polls import Phase, PollId
from ballot.language import Text
from ballot.services import confirmations, polls
from ballot.services.confirmable import ANNUL
from ballot.services.confirmations import Told
from ballot.services.polls import ANNULLABLE
from ballot.web import devices
from ballot.web.access import allow
from ballot.web.confirming import ask
from ballot.web.context import here
from ballot.web.forms import read_annulling, read_confirmed, retyped
from ballot.web.passwords import checked

blueprint = Blueprint("confirmations", __name__, url_prefix="/office")

REQUEST: Final = "/confirmations/<int(max=2147483647):number>"
ANSWERS: Final = (Role.ORGANISER, Role.SCRUTINEER, Role.TELLER)
"""Who may be one of the two, for one action or another; the service decides for each."""
REFRESH_SECONDS: Final = 5


@blueprint.get(REQUEST)
@allow(*ANSWERS, Role.AUDITOR)
def waiting(number: int) -> ResponseReturnValue:
    """Show what was asked and where it stands; the asker's page looks again by itself."""
    return _page(number, {}, ())


def _page(number: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    told = _told(number)
    mine = told.request.asker.id == g.user.id
    waits = told.state is State.WAITING
    return render_template(
        "office/confirmation.html",
        told=told,
        poll=told.poll,
        mine=mine and waits,
        may_answer=waits and told.may_confirm(g.user),
        waits=waits,
        roles=[role.text for role in Role if role in told.action.witnesses],
        refresh=REFRESH_SECONDS if mine and waits and not texts else None,
        typed=typed,
        texts=texts,
    )


def _here_page(number: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    told = _told(number)
    told.request.require_waiting(here().clock())
    return render_template(
        "office/confirm_here.html", told=told, poll=told.poll, typed=typed, texts=texts
    )


@blueprint.get(f"{REQUEST}/here")
@allow(*ANSWERS)
def here_form(number: int) -> ResponseReturnValue:
    """Let the second person type name and password on this device."""
    return _here_page(number, {}, ())


@blueprint.post(f"{REQUEST}/here")
@allow(*ANSWERS)
@retyped(_here_page)
def confirm_here(number: int) -> ResponseReturnValue:
    """Take the second person's word on this device; its session stays the first one's."""
    read_confirmed(request.form)
    witness = checked(request.form.get("name", ""), request.form.get("password", ""))
    with here().database.write() as connection:
        action = confirmations.confirm(connection, number, witness=witness, now=here().clock())
    response = make_response(_back(_told(number).poll.id, action.done))
    devices.remember(response, witness.name)
    return response


@blueprint.post(f"{REQUEST}/confirm")
@allow(*ANSWERS)
@retyped(_page)
def confirm(number: int) -> ResponseReturnValue:
    """Confirm as whoever is signed in."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        action = confirmations.confirm(connection, number, witness=g.user, now=here().clock())
    return _back(_told(number).poll.id, action.done)


@blueprint.post(f"{REQUEST}/refuse")
@allow(*ANSWERS)
@retyped(_page)
def refuse(number: int) -> ResponseReturnValue:
    """Refuse as whoever is signed in, with a reason."""
    reason = request.form.get("reason", "").replace("\r\n", "\n")
    with here().database.write() as connection:
        confirmations.refuse(connection, number, witness=g.user, reason=reason, now=here().clock())
    return redirect(url_for("confirmations.waiting", number=number), code=303)


@blueprint.post(f"{REQUEST}/withdraw")
@allow(*ANSWERS)
@retyped(_page)
def withdraw(number: int) -> ResponseReturnValue:
    """Take an own request back."""
    with here().database.write() as connection:
        confirmations.withdraw(connection, number, by=g.user, now=here().clock())
    return redirect(url_for("confirmations.waiting", number=number), code=303)


def _annulling_page(poll_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        poll = polls.get(connection, poll_id)
    if poll.phase not in ANNULLABLE:
        poll.require(Phase.CLOSED, Text("作废"))
    return render_template("office/annul.html", poll=poll, typed=typed, texts=texts)


@blueprint.get("/polls/<int(max=2147483647):poll_id>/annul")
@allow(*ANNUL.askers)
def annulling(poll_id: int) -> ResponseReturnValue:
    """Say what annulling does, and ask why."""
    return _annulling_page(poll_id, {}, ())


@blueprint.post("/polls/<int(max=2147483647):poll_id>/annul")
@allow(*ANNUL.askers)
@retyped(_annulling_page)
def annul(poll_id: int) -> ResponseReturnValue:
    """Ask a second person to let the poll be annulled."""
    return ask(ANNUL, poll_id, {"reason": read_annulling(request.form)})


def _told(number: int) -> Told:
    with here().database.read() as connection:
        return confirmations.told(connection, number, here().clock())


def _back(poll_id: PollId, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("office.poll", poll_id=poll_id), code=303)
