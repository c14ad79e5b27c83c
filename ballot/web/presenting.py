"""The presenter's page: the screen's address, the order of the reveal, and its steps."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import POLL_READERS, Role
from ballot.errors import MistakesError
from ballot.language import N_, Text
from ballot.scoring.figures import whole_number
from ballot.services import reveals
from ballot.web.access import allow, may
from ballot.web.context import here
from ballot.web.office import POLL

blueprint = Blueprint("presenting", __name__, url_prefix="/office")


@blueprint.get(f"{POLL}/screen")
@allow(*POLL_READERS)
def screen(poll_id: int) -> ResponseReturnValue:
    """Show the screen's address and, for whoever may move it, the reveal's buttons."""
    with here().database.read() as connection:
        found = reveals.of_poll(connection, poll_id, smallest_group=here().settings.smallest_group)
    may_present = may([Role.ORGANISER])
    return render_template(
        "office/screen.html",
        poll=found.poll,
        found=found,
        final=found.poll.phase.final,
        may_present=may_present,
        public_url=here().settings.public_url,
        now=here().clock(),
    )


@blueprint.post(f"{POLL}/screen/key")
@allow(Role.ORGANISER)
def make_key(poll_id: int) -> ResponseReturnValue:
    """Give the screen a fresh address."""
    with here().database.write() as connection:
        reveals.make_key(connection, poll_id, **_said())
    return _back(poll_id, N_("大屏的网址已生成。"))


@blueprint.post(f"{POLL}/screen/off")
@allow(Role.ORGANISER)
def revoke_key(poll_id: int) -> ResponseReturnValue:
    """Switch the screen off."""
    with here().database.write() as connection:
        reveals.revoke_key(connection, poll_id, **_said())
    return _back(poll_id, N_("大屏的网址已停用。"))


@blueprint.post(f"{POLL}/screen/order")
@allow(Role.ORGANISER)
def order(poll_id: int) -> ResponseReturnValue:
    """Choose the order of the reveal."""
    chosen = request.form.get("order")
    if chosen not in {"ballot", "rank"}:
        raise MistakesError([Text("请选择揭晓的顺序。")])
    with here().database.write() as connection:
        reveals.order(connection, poll_id, by_rank=chosen == "rank", **_said())
    return _back(poll_id, N_("揭晓的顺序已记下。"))


@blueprint.post(f"{POLL}/screen/step")
@allow(Role.ORGANISER)
def move(poll_id: int) -> ResponseReturnValue:
    """Let the screen show a step of the reveal."""
    step = whole_number(request.form.get("step", ""))
    if step is None:
        raise MistakesError([Text("请选择揭晓到第几步。")])
    with here().database.write() as connection:
        reveals.move(
            connection, poll_id, step, smallest_group=here().settings.smallest_group, **_said()
        )
    return _back(poll_id)


def _said() -> dict[str, Any]:
    return {"by": g.user.name, "now": here().clock()}


def _back(poll_id: int, message: str | None = None) -> ResponseReturnValue:
    if message is not None:
        flash(message)
    return redirect(url_for("presenting.screen", poll_id=poll_id), code=303)
