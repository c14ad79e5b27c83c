"""Changing a draft in the form that made it, deleting it, and its POLL.toml."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.occasions import Way
from ballot.domain.people import POLL_READERS
from ballot.domain.poll_sheet import Sheet
from ballot.domain.poll_sheet_of import sheet_of
from ballot.errors import BallotError
from ballot.language import N_, Text
from ballot.services import poll_changes, poll_drafts
from ballot.services.poll_changes import Draft
from ballot.web import poll_fields
from ballot.web.access import allow
from ballot.web.context import here
from ballot.web.errors import status_of
from ballot.web.forms import read_confirmed, retyped
from ballot.web.headers import attachment
from ballot.web.office import POLL
from ballot.web.poll_forms import RUNS, form_page, pressed

blueprint = Blueprint("poll_changes", __name__, url_prefix="/office")

EDIT: Final = f"{POLL}/edit"


@blueprint.get(EDIT)
@allow(*RUNS)
def edit(poll_id: int) -> ResponseReturnValue:
    """Show a draft in its form, or the state of the form that the address holds."""
    draft = _draft(poll_id)
    packed = request.args.get("s")
    if not packed:
        return _form(draft, sheet_of(draft.poll.definition, draft.scheme), 0, draft.seen)
    fields = poll_fields.unpack(packed)
    sheet, more = poll_fields.read_sheet(fields), poll_fields.blank_rows(fields)
    return _form(draft, sheet, more, fields.get("seen", ""))


@blueprint.post(EDIT)
@allow(*RUNS)
def change(poll_id: int) -> ResponseReturnValue:
    """Take what was typed: rearrange the form, or save it."""
    draft = _draft(poll_id)
    seen = request.form.get("seen", "")
    sheet, more = poll_fields.read_sheet(request.form), poll_fields.blank_rows(request.form)
    if request.form.get("do") != "save":
        return _rearranged(draft, *pressed(sheet, more), seen)
    try:
        with here().database.write() as connection:
            poll_changes.change(
                connection,
                poll_id,
                sheet,
                seen=seen,
                smallest_group=here().settings.smallest_group,
                by=g.user.name,
                now=here().clock(),
            )
    except BallotError as error:
        return _form(draft, sheet, more, seen, error), status_of(error)
    flash(N_("已保存修改。规则校验值随之改变；已有的演练还是原来的规则。"))
    return redirect(url_for("office.poll", poll_id=poll_id), code=303)


def _rearranged(draft: Draft, sheet: Sheet, more: int, seen: str) -> ResponseReturnValue:
    pairs = poll_fields.pairs_of(sheet, Way.TOGETHER, more)
    packed = poll_fields.pack([*pairs, ("seen", seen)])
    if len(packed) > poll_fields.LONGEST_IN_ADDRESS:
        return _form(draft, sheet, more, seen)
    return redirect(url_for("poll_changes.edit", poll_id=draft.poll.id, s=packed), code=303)


def _draft(poll_id: int) -> Draft:
    with here().database.read() as connection:
        return poll_changes.draft(connection, poll_id, now=here().clock())


def _form(
    draft: Draft, sheet: Sheet, more: int, seen: str, error: BallotError | None = None
) -> str:
    with here().database.read() as connection:
        choices = poll_drafts.choices(connection, draft.cycle.id)
    return form_page(
        choices,
        sheet,
        more,
        error,
        poll=draft.poll,
        draft=draft,
        each=False,
        seen=seen,
        action=url_for("poll_changes.change", poll_id=draft.poll.id),
    )


def _deleting_page(poll_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        poll = poll_changes.to_delete(connection, poll_id, now=here().clock())
    return render_template("office/delete_draft.html", poll=poll, typed=typed, texts=texts)


@blueprint.get(f"{POLL}/delete")
@allow(*RUNS)
def deleting(poll_id: int) -> ResponseReturnValue:
    """Say what deleting a draft does."""
    return _deleting_page(poll_id, {}, ())


@blueprint.post(f"{POLL}/delete")
@allow(*RUNS)
@retyped(_deleting_page)
def delete(poll_id: int) -> ResponseReturnValue:
    """Delete a draft of which nothing was printed."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        poll = poll_changes.delete(connection, poll_id, by=g.user.name, now=here().clock())
    flash(N_("草稿已删去。事件日志里留有记录。"))
    return redirect(url_for("units.cycle", cycle_id=poll.cycle_id), code=303)


@blueprint.get(f"{POLL}/poll.toml")
@allow(*POLL_READERS)
def poll_file(poll_id: int) -> ResponseReturnValue:
    """Give a poll's POLL.toml, from which the same can be made again."""
    with here().database.read() as connection:
        text = poll_changes.file_of(connection, poll_id)
    return attachment(text.encode("utf-8"), f"poll-{poll_id}.toml", "application/toml")
