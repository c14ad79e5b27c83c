"""Copies of polls in the office: a rerun, a start for the next time, a rehearsal, its wiping."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import Role
from ballot.language import N_, Text
from ballot.services import copies
from ballot.web.access import allow
from ballot.web.context import here
from ballot.web.forms import retyped
from ballot.web.office import POLL

blueprint = Blueprint("copies", __name__, url_prefix="/office")


@blueprint.post(f"{POLL}/copy")
@allow(Role.ORGANISER)
def copy(poll_id: int) -> ResponseReturnValue:
    """Make a draft with the same rules."""
    with here().database.write() as connection:
        number = copies.copy(connection, poll_id, by=g.user.name, now=here().clock())
    flash(N_("已复制为新的草稿。原来印的票对它无效，请另行印票。"))
    return redirect(url_for("office.poll", poll_id=number), code=303)


@blueprint.post(f"{POLL}/rehearse")
@allow(Role.ORGANISER)
def rehearse(poll_id: int) -> ResponseReturnValue:
    """Make a rehearsal of a draft."""
    with here().database.write() as connection:
        number = copies.rehearse(connection, poll_id, by=g.user.name, now=here().clock())
    flash(N_("演练已建好。请为它另行印票：票上带“演练”字样。"))
    return redirect(url_for("office.poll", poll_id=number), code=303)


def _wiping_page(poll_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        poll = copies.to_wipe(connection, poll_id)
    return render_template(
        "office/wipe.html", poll=poll, wanted=copies.WORDS, typed=typed, texts=texts
    )


@blueprint.get(f"{POLL}/wipe")
@allow(Role.ORGANISER)
def wiping(poll_id: int) -> ResponseReturnValue:
    """Say what wiping does, and ask for the words that confirm it."""
    return _wiping_page(poll_id, {}, ())


@blueprint.post(f"{POLL}/wipe")
@allow(Role.ORGANISER)
@retyped(_wiping_page)
def wipe(poll_id: int) -> ResponseReturnValue:
    """Wipe a rehearsal; the working process scrubs after it at once."""
    with here().database.write() as connection:
        copies.wipe(
            connection,
            poll_id,
            words=request.form.get("words", ""),
            by=g.user.name,
            now=here().clock(),
        )
    flash(N_("演练已清除。事件日志里留有记录。"))
    return redirect(url_for("office.home"), code=303)
