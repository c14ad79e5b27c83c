"""Rosters in the office: names go in, numbers come out once; no name is kept anywhere."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import Role
from ballot.domain.roster import RosterRow
from ballot.errors import MistakesError
from ballot.language import N_, Text
from ballot.scoring.figures import whole_number
from ballot.services import rosters
from ballot.services.rosters import Counted
from ballot.web.access import allow
from ballot.web.context import here, language
from ballot.web.forms import read_confirmed, read_file, retyped
from ballot.web.office import POLL

blueprint = Blueprint("rosters", __name__, url_prefix="/office")

_PERSONS: Final = "persons "
"""Before a group's key, in the name of the field that carries its number."""


def _page(
    poll_id: int,
    typed: Mapping[str, str],
    texts: Sequence[Text],
    counted: Counted | None = None,
) -> str:
    with here().database.read() as connection:
        poll = rosters.draft(connection, poll_id)
    return render_template(
        "office/roster.html", poll=poll, counted=counted, typed=typed, texts=texts
    )


@blueprint.get(f"{POLL}/roster")
@allow(Role.ORGANISER)
def form(poll_id: int) -> ResponseReturnValue:
    """Ask for the lists of names."""
    return _page(poll_id, {}, ())


@blueprint.post(f"{POLL}/roster")
@allow(Role.ORGANISER)
@retyped(_page)
def count(poll_id: int) -> ResponseReturnValue:
    """Show what the lists come to: in this answer, and never again."""
    rows = _sent()
    with here().database.read() as connection:
        counted = rosters.count(
            connection, poll_id, rows, smallest_group=here().settings.smallest_group
        )
    return _page(poll_id, {}, (), counted)


def _sent() -> list[RosterRow]:
    """Return the rows that were pasted, or those of the file."""
    pasted = request.form.get("names", "")
    file = request.files.get("file")
    has_file = file is not None and bool(file.filename)
    if pasted.strip() and has_file:
        raise MistakesError([Text("粘贴的名单和文件只能用一样，请去掉另一样。")])
    if has_file:
        return rosters.read_file(*read_file())
    if not pasted.strip():
        raise MistakesError([Text("请粘贴名单，或选择一个文件。")])
    return rosters.read_pasted(pasted, Text("粘贴的名单").in_(language()))


@blueprint.post(f"{POLL}/roster/apply")
@allow(Role.ORGANISER)
@retyped(_page)
def apply(poll_id: int) -> ResponseReturnValue:
    """Give the poll's groups the numbers that were shown; no name is sent again."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        rosters.apply(
            connection,
            poll_id,
            {
                name.removeprefix(_PERSONS): whole_number(value) or 0
                for name, value in request.form.items()
                if name.startswith(_PERSONS)
            },
            seen=request.form.get("seen", ""),
            smallest_group=here().settings.smallest_group,
            by=g.user.name,
            now=here().clock(),
        )
    flash(N_("已按名单设定各类别人数。规则校验值随之改变。"))
    return redirect(url_for("office.poll", poll_id=poll_id), code=303)
