"""New polls in the office: choose an occasion, fill in one form, look it over, make them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from ballot.domain.occasions import Occasion, Way, occasion
from ballot.domain.people import Role
from ballot.domain.poll_mistakes import Mistake
from ballot.domain.poll_sheet import GroupRow, Sheet
from ballot.domain.poll_table import read_cells
from ballot.errors import BallotError
from ballot.language import N_, Text
from ballot.scoring.figures import whole_number
from ballot.services import poll_drafts
from ballot.services.poll_drafts import Choices, Plan, SheetError
from ballot.web import poll_fields
from ballot.web.access import allow
from ballot.web.context import here
from ballot.web.errors import status_of
from ballot.web.office import CYCLE
from ballot.web.poll_fields import Fields

blueprint = Blueprint("poll_forms", __name__, url_prefix="/office")

NEW: Final = f"{CYCLE}/polls/new"
RUNS: Final = (Role.ORGANISER,)


@blueprint.get(NEW)
@allow(*RUNS)
def new(cycle_id: int) -> ResponseReturnValue:
    """Show the occasions to choose from; with one chosen, or a form's state, its form."""
    choices = _choices(cycle_id)
    fields = carried()
    if "part" not in fields:
        return render_template(
            "office/new_poll.html", choices=choices, cycle=choices.cycle, Way=Way
        )
    chosen = _occasion(choices, fields)
    if "title" in fields:
        sheet = poll_fields.read_sheet(fields)
    else:
        units = [choices.units[part.kind.key] for part in chosen.parts]
        sheet = with_duties(poll_fields.proposed(chosen, units, choices.year), choices)
    return _form(choices, chosen, sheet, poll_fields.blank_rows(fields))


@blueprint.post(NEW)
@allow(*RUNS)
def fill(cycle_id: int) -> ResponseReturnValue:
    """Take what was typed, do what the button says, and go on to the form or to the review."""
    choices = _choices(cycle_id)
    chosen = _occasion(choices, request.form)
    sheet, more = poll_fields.read_sheet(request.form), poll_fields.blank_rows(request.form)
    try:
        sheet = pasted(sheet, choices, chosen)
        if request.form.get("do") == "review":
            planned = _plan(cycle_id, sheet, chosen)
            packed = poll_fields.pack(poll_fields.pairs_of(sheet, chosen.way, 0))
            if len(packed) > poll_fields.LONGEST_IN_ADDRESS:
                return _review(choices, chosen, planned, packed)
            return _to("poll_forms.review", cycle_id, packed)
    except BallotError as error:
        return _form(choices, chosen, sheet, more, error), status_of(error)
    sheet, more = pressed(sheet, more)
    packed = poll_fields.pack(poll_fields.pairs_of(sheet, chosen.way, more))
    if len(packed) > poll_fields.LONGEST_IN_ADDRESS:
        return _form(choices, chosen, sheet, more)
    return _to("poll_forms.new", cycle_id, packed)


@blueprint.get(f"{NEW}/review")
@allow(*RUNS)
def review(cycle_id: int) -> ResponseReturnValue:
    """Say in words what would be made."""
    choices, fields = _choices(cycle_id), carried()
    chosen, sheet = _occasion(choices, fields), poll_fields.read_sheet(fields)
    try:
        planned = _plan(cycle_id, sheet, chosen)
    except BallotError as error:
        return _form(choices, chosen, sheet, 0, error), status_of(error)
    return _review(choices, chosen, planned, request.args.get("s", ""))


@blueprint.post(f"{NEW}/create")
@allow(*RUNS)
def create(cycle_id: int) -> ResponseReturnValue:
    """Make the polls, all of them or none."""
    choices = _choices(cycle_id)
    fields = poll_fields.unpack(request.form.get("s", ""))
    chosen, sheet = _occasion(choices, fields), poll_fields.read_sheet(fields)
    try:
        with here().database.write() as connection:
            made = poll_drafts.create(
                connection,
                cycle_id,
                sheet,
                chosen.way,
                smallest_group=here().settings.smallest_group,
                by=g.user.name,
                now=here().clock(),
            )
    except BallotError as error:
        return _form(choices, chosen, sheet, 0, error), status_of(error)
    if len(made) == 1:
        flash(N_("测评活动已建好，还是草稿。请预览，再印票。"))
        return redirect(url_for("office.poll", poll_id=made[0]), code=303)
    flash(N_("测评活动已全部建好，都还是草稿。请逐场预览，再印票。"))
    return redirect(url_for("checklists.cycle", cycle_id=cycle_id), code=303)


def carried() -> Fields:
    """Return a form's state in the address, or what else the address says.

    Raises: MistakesError.
    """
    packed = request.args.get("s")
    return poll_fields.unpack(packed) if packed else MultiDict(request.args)


def pasted(sheet: Sheet, choices: Choices, chosen: Occasion) -> Sheet:
    """Return a sheet with the table that was pasted, if one was.

    Raises: MistakesError with every line that cannot be read.
    """
    text = request.form.get("pasted", "")
    if chosen.way is not Way.EACH or not text.strip():
        return sheet
    units = list(dict.fromkeys((*choices.units[chosen.parts[0].kind.key], *sheet.cells)))
    names = [row.name for row in sheet.filled]
    return replace(sheet, cells=read_cells(text, names, units, sheet.cells))


def pressed(sheet: Sheet, more: int) -> tuple[Sheet, int]:
    """Return the sheet and its number of empty rows after the button that was pressed."""
    what, _, place = request.form.get("do", "").partition(" ")
    if what == "more":
        return sheet, min(more + 1, poll_fields.MOST_MORE)
    return poll_fields.moved(sheet, what, whole_number(place) or 0), more


def marks_of(error: BallotError | None) -> Mapping[str, Sequence[Text]]:
    """Return what is wrong by field; mistakes of no field are told at the top alone."""
    found: dict[str, list[Text]] = {}
    mistakes: Sequence[Mistake] = error.found if isinstance(error, SheetError) else ()
    for mistake in mistakes:
        found.setdefault(mistake.field, []).append(mistake.brief or mistake.text)
    return found


def _choices(cycle_id: int) -> Choices:
    with here().database.read() as connection:
        return poll_drafts.choices(connection, cycle_id)


def _occasion(choices: Choices, fields: Mapping[str, Any] | Fields) -> Occasion:
    parts = fields.getlist("part") if isinstance(fields, MultiDict) else []
    return occasion(choices.scheme, parts, fields.get("way", ""))


def _plan(cycle_id: int, sheet: Sheet, chosen: Occasion) -> Plan:
    with here().database.read() as connection:
        return poll_drafts.plan(
            connection,
            cycle_id,
            sheet,
            chosen.way,
            smallest_group=here().settings.smallest_group,
        )


def _to(endpoint: str, cycle_id: int, packed: str) -> ResponseReturnValue:
    return redirect(url_for(endpoint, cycle_id=cycle_id, s=packed), code=303)


def _form(
    choices: Choices,
    chosen: Occasion,
    sheet: Sheet,
    more: int,
    error: BallotError | None = None,
) -> str:
    return form_page(
        choices,
        sheet,
        more,
        error,
        occasion=chosen,
        each=chosen.way is Way.EACH,
        action=url_for("poll_forms.fill", cycle_id=choices.cycle.id),
    )


def form_page(
    choices: Choices, sheet: Sheet, more: int, error: BallotError | None, **values: Any
) -> str:
    """Return the page of a poll's form. `more`: how many empty rows for groups it shows."""
    shown = tuple(sheet.groups) + (GroupRow(),) * (more or (not sheet.groups))
    parts = {part.key: part for each in choices.occasions for part in each.parts}
    offered = [
        list(dict.fromkeys((*section.units, *_known(choices, section.part))))
        for section in sheet.sections
    ]
    taken = len(offered[0]) * (len(shown) + 2) if values["each"] else 0
    typed = taken <= poll_fields.MOST_TYPED
    text = request.form.get("pasted", "") if error else ""
    return render_template(
        "office/poll_form.html",
        cycle=choices.cycle,
        sheet=sheet,
        rows=shown,
        more=more,
        parts=parts,
        offered=offered,
        wrong=marks_of(error),
        texts=error.texts() if error else (),
        typed=typed,
        pasted=text or ("" if typed else poll_fields.as_text(sheet)),
        **values,
    )


def with_duties(sheet: Sheet, choices: Choices) -> Sheet:
    """Return a proposed sheet that tells the duties of those it rates, where they are known."""
    sections = []
    for section in sheet.sections:
        duties = choices.duties.get(section.part.partition(":")[0], {})
        lines = [f"{unit}\t{duties[unit]}" for unit in section.units if unit in duties]
        sections.append(replace(section, told="\n".join(lines)) if lines else section)
    return replace(sheet, sections=tuple(sections))


def _known(choices: Choices, part: str) -> Sequence[str]:
    return choices.units.get(part.partition(":")[0], ())


def _review(choices: Choices, chosen: Occasion, planned: Plan, packed: str) -> str:
    return render_template(
        "office/poll_review.html",
        cycle=choices.cycle,
        occasion=chosen,
        parts={part.key: part for part in chosen.parts},
        planned=planned,
        packed=packed,
        long=len(packed) > poll_fields.LONGEST_IN_ADDRESS,
    )
