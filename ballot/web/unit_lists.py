"""Lists of units: brought as a file with a preview of every row, and one unit by itself."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import Role
from ballot.language import N_, Text
from ballot.services import facts, kinds, unit_files, unit_templates, units
from ballot.services.unit_files import UnitFile
from ballot.web.access import allow
from ballot.web.carried import pack_facts, unpack_facts
from ballot.web.context import here
from ballot.web.forms import read_confirmed, read_file, retyped
from ballot.web.headers import XLSX, attachment
from ballot.web.units import KIND

blueprint = Blueprint("unit_lists", __name__, url_prefix="/office")

_RUNS: Final = (Role.ORGANISER, Role.SCORER)
ONE: Final = f"{KIND}/units/<int(max=2147483647):unit_id>"


def _import_page(
    cycle_id: int,
    kind: str,
    typed: Mapping[str, str],
    texts: Sequence[Text],
    found: UnitFile | None = None,
) -> str:
    with here().database.read() as connection:
        assessed = kinds.of(connection, cycle_id, kind)
    changing = {row.name: row.after for row in found.changing} if found else {}
    return render_template(
        "office/import_units.html",
        cycle=assessed.cycle,
        kind=assessed.kind,
        asked=facts.shown(assessed.kind, changing.values()),
        found=found,
        packed=pack_facts(changing),
        typed=typed,
        texts=texts,
    )


@blueprint.get(f"{KIND}/units/import")
@allow(*_RUNS)
def import_form(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Ask for a file of units."""
    return _import_page(cycle_id, kind, {}, ())


@blueprint.post(f"{KIND}/units/import")
@allow(*_RUNS)
@retyped(_import_page)
def import_file(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Show every row of a file, with its faults; save the faultless once that was confirmed."""
    if "rows" not in request.form:
        content, name = read_file()
        with here().database.read() as connection:
            roster = units.roster(connection, cycle_id, kind)
        return _import_page(cycle_id, kind, {}, (), unit_files.read(content, name, roster))
    read_confirmed(request.form)
    told = unpack_facts(request.form["rows"])
    with here().database.write() as connection:
        units.describe(connection, cycle_id, kind, told, by=g.user.name, now=here().clock())
    flash(N_("单位名单已更新。"))
    return redirect(url_for("units.roster", cycle_id=cycle_id, kind=kind), code=303)


@blueprint.get(f"{KIND}/units/template.xlsx")
@allow(*_RUNS)
def workbook_template(cycle_id: int, kind: str) -> Response:
    """Give the workbook to fill in."""
    with here().database.read() as connection:
        assessed = kinds.of(connection, cycle_id, kind)
    return attachment(unit_templates.as_workbook(assessed.kind), "units.xlsx", XLSX)


@blueprint.get(f"{KIND}/units/template.csv")
@allow(*_RUNS)
def csv_template(cycle_id: int, kind: str) -> Response:
    """Give the table to fill in."""
    with here().database.read() as connection:
        assessed = kinds.of(connection, cycle_id, kind)
    return attachment(unit_templates.as_csv(assessed.kind), "units.csv", "text/csv")


def _unit_page(
    cycle_id: int, kind: str, unit_id: int, typed: Mapping[str, str], texts: Sequence[Text]
) -> str:
    with here().database.read() as connection:
        assessed = kinds.of(connection, cycle_id, kind)
        unit = units.numbered(connection, cycle_id, kind, unit_id)
        resting = list(units.resting(connection, cycle_id, kind, unit))
    return render_template(
        "office/unit.html",
        cycle=assessed.cycle,
        kind=assessed.kind,
        unit=unit,
        resting=resting,
        most=units.LONGEST_UNIT,
        typed=typed,
        texts=texts,
    )


@blueprint.get(ONE)
@allow(*_RUNS)
def unit(cycle_id: int, kind: str, unit_id: int) -> ResponseReturnValue:
    """Show one unit, and what rests on it."""
    return _unit_page(cycle_id, kind, unit_id, {}, ())


@blueprint.post(ONE)
@allow(*_RUNS)
@retyped(_unit_page)
def rename(cycle_id: int, kind: str, unit_id: int) -> ResponseReturnValue:
    """Give a unit another name."""
    name = request.form.get("name", "")
    with here().database.write() as connection:
        units.rename(connection, cycle_id, kind, unit_id, name, by=g.user.name, now=here().clock())
    flash(N_("单位已改名。"))
    return redirect(url_for("units.roster", cycle_id=cycle_id, kind=kind), code=303)
