"""The office's side of a kiosk (代填): giving its link out, and taking it back."""

from typing import Final

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import Role
from ballot.language import N_
from ballot.output.qr_drawing import drawing
from ballot.services import kiosks
from ballot.web.access import allow
from ballot.web.context import here
from ballot.web.office import POLL

blueprint = Blueprint("kiosk_office", __name__, url_prefix="/office")

_RUNS: Final = (Role.ORGANISER,)


@blueprint.get(f"{POLL}/kiosk")
@allow(*_RUNS)
def kiosk(poll_id: int) -> ResponseReturnValue:
    """Show the link of a poll's kiosk, or offer to open one."""
    with here().database.read() as connection:
        found = kiosks.of_poll(connection, here().keys, poll_id)
    path = found.key and url_for("kiosk.start", poll_id=poll_id, key=found.key)
    link = path and f"{here().settings.public_url}{path}"
    return render_template(
        "office/kiosk.html",
        poll=found.poll,
        may_open=found.poll.phase in ("draft", "open"),
        path=path,
        link=link,
        code=link and drawing(link),
    )


@blueprint.post(f"{POLL}/kiosk")
@allow(*_RUNS)
def open_kiosk(poll_id: int) -> ResponseReturnValue:
    """Open it under a new link."""
    with here().database.write() as connection:
        kiosks.open_kiosk(connection, poll_id, by=g.user.name, now=here().clock())
    return _done(poll_id, N_("代填已开，链接是新的。"))


@blueprint.post(f"{POLL}/kiosk/shut")
@allow(*_RUNS)
def shut_kiosk(poll_id: int) -> ResponseReturnValue:
    """Take the link back."""
    with here().database.write() as connection:
        kiosks.shut_kiosk(connection, poll_id, by=g.user.name, now=here().clock())
    return _done(poll_id, N_("代填链接已收回。"))


def _done(poll_id: int, message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("kiosk_office.kiosk", poll_id=poll_id), code=303)
