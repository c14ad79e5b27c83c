"""Entering figures: a table of units by items, typed or brought in a file with a preview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.assessment import Cell, Unit, Way
from ballot.domain.people import Role
from ballot.domain.spread import Spread, spread
from ballot.errors import NotFoundError
from ballot.language import N_, Text
from ballot.scoring.figures import whole_number
from ballot.services import entries, entry_files, kinds
from ballot.services.entries import CellMistakesError, Table
from ballot.services.entry_files import Proposal
from ballot.services.kinds import Column
from ballot.web import carried
from ballot.web.access import allow
from ballot.web.context import here
from ballot.web.forms import read_confirmed, read_file, retyped
from ballot.web.units import KIND

blueprint = Blueprint("entries", __name__, url_prefix="/office")

ENTERS: Final = (Role.SCORER, Role.OFFICE)
MOST_CELLS: Final = 400
"""On one page: a browser sends a field for each, and a form has a limit of fields."""

WHOLE: Final = "*"
"""What the address says instead of an office where components are entered whole."""


class NothingToEnterError(NotFoundError):
    """There is nothing here that this account enters."""

    message = N_("这里没有由您录入的考核项。线办的分工由组织者设置。")


@dataclass(frozen=True)
class Sheet:
    """One page of entries: some units by an office's items.

    `choices`: the offices that this account may choose from, with their names.
    """

    table: Table
    choices: Sequence[tuple[str, str]]
    office: str
    columns: Sequence[Column]
    units: Sequence[Unit]
    page: int
    pages: int
    approved: bool

    def spreads(self) -> dict[str, Spread]:
        """Return how the marks of each column spread over five bands."""
        found = {
            column.key: spread(self.table.marks(column.key), column.full) for column in self.columns
        }
        return {key: each for key, each in found.items() if each is not None}


def _sheet(cycle_id: int, kind: str) -> Sheet:
    """Return the page that the request asks for.

    Raises: NoSuchCycleError, UnknownKindError, NothingToEnterError.
    """
    with here().database.read() as connection:
        table = entries.table(connection, cycle_id, kind)
        mine = entries.offices_of(connection, g.user, cycle_id)
        approved = kinds.is_approved(connection, cycle_id, kind)
    choices = _choices(table.assessed, mine)
    wanted = request.values.get("office", choices[0][0] if choices else "")
    if wanted not in dict(choices):
        raise NothingToEnterError
    columns = _columns(table.assessed, wanted)
    size = max(1, MOST_CELLS // len(columns))
    pages = max(1, -(-len(table.units) // size))
    page = min(max(whole_number(request.values.get("page", "1")) or 1, 1), pages)
    return Sheet(
        table=table,
        choices=choices,
        office=wanted,
        columns=columns,
        units=table.units[(page - 1) * size : page * size],
        page=page,
        pages=pages,
        approved=approved,
    )


def _choices(assessed: kinds.Assessed, mine: frozenset[str] | None) -> list[tuple[str, str]]:
    found = [
        (office, office)
        for office in assessed.offices
        if mine is None or (office and office in mine)
    ]
    if mine is None and assessed.wholes:
        found.append((WHOLE, ""))
    return found


def _columns(assessed: kinds.Assessed, office: str) -> list[Column]:
    return assessed.wholes if office == WHOLE else assessed.office_columns(office)


def _entries_page(
    sheet: Sheet,
    typed: Mapping[Cell, str] | None = None,
    mistakes: Mapping[Cell, Text] | None = None,
    texts: Sequence[Text] = (),
) -> str:
    stored = sheet.table.texts
    shown = {
        (unit.id, column.key): stored.get((unit.id, column.key), "")
        for unit in sheet.units
        for column in sheet.columns
    }
    return render_template(
        "office/entries.html",
        sheet=sheet,
        cycle=sheet.table.assessed.cycle,
        kind=sheet.table.assessed.kind,
        seen=carried.pack({cell: text for cell, text in shown.items() if text}),
        values={**shown, **(typed or {})},
        mistakes=mistakes or {},
        spreads=sheet.spreads(),
        field=field,
        stored=stored,
        above=_above(sheet),
        whole=WHOLE,
        texts=texts,
    )


def _above(sheet: Sheet) -> dict[Cell, str]:
    """Return, for cells whose component was given whole (or by parts), what stands there."""
    given: dict[Cell, str] = {}
    titles = {column.key: column.title for column in sheet.table.assessed.columns}
    for unit_id, key in sheet.table.texts:
        for column in sheet.columns:
            if column.key.startswith(f"{key}.") or key.startswith(f"{column.key}."):
                given.setdefault((unit_id, column.key), titles.get(key, key))
    return given


def field(unit_id: int, key: str) -> str:
    """Return the form field of a cell."""
    return f"c-{unit_id}-{key}"


def _cell(name: str) -> Cell | None:
    """Return the cell that a form field stands for."""
    head, _, rest = name.partition("-")
    number, _, key = rest.partition("-")
    unit_id = whole_number(number) if number.isascii() else None
    return (unit_id, key) if head == "c" and unit_id is not None and key else None


@blueprint.get(f"{KIND}/entries")
@allow(*ENTERS)
def form(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Show an office's items for all units, with what was entered."""
    return _entries_page(_sheet(cycle_id, kind))


@blueprint.post(f"{KIND}/entries")
@allow(*ENTERS)
def save(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Save what was changed; where anything is wrong, nothing, and the page keeps the typing."""
    seen = carried.unpack(request.form.get("seen", ""))
    wanted = {cell: text.strip() for name, text in request.form.items() if (cell := _cell(name))}
    try:
        saved = _save(cycle_id, kind, seen, wanted, Way.TYPED)
    except CellMistakesError as error:
        mine = {cell: text for cell, text in wanted.items() if text != seen.get(cell, "")}
        page = _entries_page(_sheet(cycle_id, kind), mine, error.cells, error.texts())
        return page, 422
    flash(N_("已保存。") if saved else N_("没有改动，不用保存。"))
    return redirect(_here(cycle_id, kind), code=303)


def _save(
    cycle_id: int, kind: str, seen: Mapping[Cell, str], wanted: Mapping[Cell, str], way: Way
) -> int:
    with here().database.write() as connection:
        return entries.save(
            connection,
            cycle_id,
            kind,
            seen=seen,
            wanted=wanted,
            offices=entries.offices_of(connection, g.user, cycle_id),
            way=way,
            by=g.user.name,
            now=here().clock(),
        )


def _here(cycle_id: int, kind: str) -> str:
    more: dict[str, Any] = {
        name: request.values[name] for name in ("office", "page") if name in request.values
    }
    return url_for("entries.form", cycle_id=cycle_id, kind=kind, **more)


def _import_page(
    cycle_id: int,
    kind: str,
    typed: Mapping[str, str],
    texts: Sequence[Text],
    proposal: Proposal | None = None,
) -> str:
    sheet = _sheet(cycle_id, kind)
    return render_template(
        "office/import_entries.html",
        sheet=sheet,
        cycle=sheet.table.assessed.cycle,
        kind=sheet.table.assessed.kind,
        proposal=proposal,
        wanted=carried.pack(proposal.wanted) if proposal else "",
        seen=carried.pack(sheet.table.texts) if proposal else "",
        typed=typed,
        texts=texts,
    )


@blueprint.get(f"{KIND}/entries/import")
@allow(*ENTERS)
def import_form(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Ask for a file."""
    return _import_page(cycle_id, kind, {}, ())


@blueprint.post(f"{KIND}/entries/import")
@allow(*ENTERS)
@retyped(_import_page)
def import_file(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Show what a file would change; save it once that was confirmed."""
    if "wanted" not in request.form:
        return _import_page(cycle_id, kind, {}, (), _proposal(cycle_id, kind))
    read_confirmed(request.form)
    wanted = carried.unpack(request.form["wanted"])
    seen = carried.unpack(request.form.get("seen", ""))
    _save(cycle_id, kind, seen, wanted, Way.FILE)
    flash(N_("表格已导入。"))
    return redirect(_here(cycle_id, kind), code=303)


def _proposal(cycle_id: int, kind: str) -> Proposal:
    """Return what the file that was sent would change.

    Raises: MistakesError.
    """
    content, name = read_file()
    with here().database.read() as connection:
        table = entries.table(connection, cycle_id, kind)
        mine = entries.offices_of(connection, g.user, cycle_id)
    return entry_files.read(content, name, table, mine)
