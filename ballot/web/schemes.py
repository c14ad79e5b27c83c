"""Schemes on pages: a preset to look at, and a cycle's own scheme changed in forms."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import STAFF, Role
from ballot.domain.scheme_changes import was
from ballot.domain.scheme_columns import Column
from ballot.domain.scheme_edits import Typed, governed
from ballot.domain.scheme_paths import at, words, written
from ballot.errors import MistakesError
from ballot.language import N_, Text
from ballot.scoring import Scheme, load_scheme, scheme_names
from ballot.services import own_schemes
from ballot.services.own_schemes import OwnScheme
from ballot.services.scheme_fit import checked
from ballot.web import scheme_parts
from ballot.web.access import allow, may
from ballot.web.context import here
from ballot.web.forms import read_confirmed, read_file, retyped
from ballot.web.headers import attachment
from ballot.web.office import CYCLE

blueprint = Blueprint("schemes", __name__, url_prefix="/office")

SCHEME: Final = f"{CYCLE}/scheme"
RUNS: Final = (Role.ORGANISER,)
FIELD: Final = "value "
"""Before a value's place, in the name of the field that holds it."""
NEW: Final = 3
"""Blank lines for something new, under each heading."""


@blueprint.get("/schemes/<name>")
@allow(*STAFF)
def preset(name: str) -> ResponseReturnValue:
    """Show a preset whole."""
    if name not in scheme_names():
        abort(404)
    scheme = load_scheme(name)
    return render_template(
        "office/scheme.html", **_shown(scheme, {}), may_make=may(RUNS), cycle=None, found=None
    )


@blueprint.get(SCHEME)
@allow(*STAFF)
def of_cycle(cycle_id: int) -> ResponseReturnValue:
    """Show a cycle's scheme whole, with what was changed and the way to change it."""
    found = _found(cycle_id)
    return render_template(
        "office/scheme.html",
        **_shown(found.scheme, found.cycle.settings),
        may_make=False,
        may_change=may(RUNS) and found.fixed is None,
        may_run=may(RUNS),
        cycle=found.cycle,
        found=found,
    )


def _shown(scheme: Scheme, settings: Mapping[str, str]) -> dict[str, Any]:
    kinds = [
        (kind, scheme_parts.nodes(kind), scheme_parts.others(kind))
        for kind in scheme.kinds.values()
    ]
    return {
        "scheme": scheme,
        "kinds": kinds,
        "readings": scheme_parts.readings(scheme, settings, {}),
    }


def _sheet_page(
    cycle_id: int, part: str, kind: str = "", *, typed: Mapping[str, str], texts: Sequence[Text]
) -> str:
    found = _found(cycle_id)
    values, preset_values = found.values, found.preset
    sheet = found.sheet(part, kind)

    def before(path: str) -> str | None:
        old = was(values, preset_values, path)
        return None if old is None or old == written(values, path) else old

    fixed = governed(values)

    def set_value(path: str, column: Column) -> Text | str:
        held = found.cycle.settings.get(fixed[path], written(values, path))
        words = column.options.get(held, held)
        return words if isinstance(words, Text) or words == held else Text(words)

    gone = [
        change
        for change in found.changes
        if change.now is None and _belongs(change.path, sheet.part, kind)
    ]
    return render_template(
        "office/scheme_sheet.html",
        cycle=found.cycle,
        found=found,
        sheet=sheet,
        gone=gone,
        before=before,
        value=lambda path: typed.get(f"{FIELD}{path}", written(values, path)),
        sum_of=lambda path: written(values, f"{path}.full"),
        title_of=lambda path: written(values, f"{path}.title") or words(values, path),
        is_new=lambda path: preset_values is not None and at(preset_values, path) is None,
        governed=fixed,
        set_value=set_value,
        removed=request.form.getlist("remove") if typed else [],
        field=FIELD,
        new=range(NEW),
        typed=typed,
        texts=texts,
    )


_ROOTS: Final = {
    "components": ("components",),
    "adjustments": ("adjustments",),
    "vetoes": ("vetoes",),
    "rules": ("rules",),
    "grades": ("grades",),
}


def _belongs(path: str, part: str, kind: str) -> bool:
    """Tell whether what a path leads to would stand on a sheet."""
    steps = path.split(".")
    if kind and steps[:2] != ["kinds", kind]:
        return False
    if "[" in path:  # rows without keys come back with their list
        return False
    return any(root in steps[:3] for root in _ROOTS.get(part, ()))


@blueprint.get(f"{SCHEME}/forms/<part>")
@blueprint.get(f"{SCHEME}/forms/<part>/<kind>")
@allow(*RUNS)
def form(cycle_id: int, part: str, kind: str = "") -> ResponseReturnValue:
    """Show a sheet of the scheme's forms."""
    return _sheet_page(cycle_id, part, kind, typed={}, texts=())


@blueprint.post(f"{SCHEME}/forms/<part>")
@blueprint.post(f"{SCHEME}/forms/<part>/<kind>")
@allow(*RUNS)
@retyped(_sheet_page)
def change(cycle_id: int, part: str, kind: str = "") -> ResponseReturnValue:
    """Change the scheme by what was typed into a sheet."""
    with here().database.write() as connection:
        made = own_schemes.change(
            connection, cycle_id, part, kind, _typed(), by=g.user.name, now=here().clock()
        )
    flash(N_("方案已修改，草稿中的测评活动随之更新。") if made else N_("没有改动。"))
    address = url_for("schemes.form", cycle_id=cycle_id, part=part, kind=kind or None)
    return redirect(address, code=303)


def _typed() -> Typed:
    """Return what a sheet's form said."""
    form = request.form
    fields = {
        name.removeprefix(FIELD): value for name, value in form.items() if name.startswith(FIELD)
    }
    rows: dict[str, dict[str, str]] = {}
    for name, value in form.items():
        mark, _, column = name.partition(" ")
        if mark.startswith("new-") and column:
            rows.setdefault(mark, {})[column] = value
    return Typed(
        fields=fields,
        removed=frozenset(form.getlist("remove")),
        restored=form.get("restore", ""),
        added=list(rows.values()),
    )


def _readings_page(cycle_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    found = _found(cycle_id)
    plain = checked(found.text, found.cycle.scheme, {})
    return render_template(
        "office/scheme_readings.html",
        cycle=found.cycle,
        found=found,
        readings=scheme_parts.readings(plain, found.cycle.settings, typed),
        typed=typed,
        texts=texts,
    )


@blueprint.get(f"{SCHEME}/readings")
@allow(*RUNS)
def readings(cycle_id: int) -> ResponseReturnValue:
    """Show the readings with what they set."""
    return _readings_page(cycle_id, {}, ())


@blueprint.post(f"{SCHEME}/readings")
@allow(*RUNS)
@retyped(_readings_page)
def set_readings(cycle_id: int) -> ResponseReturnValue:
    """Set readings otherwise, or as the scheme has them again."""
    with here().database.write() as connection:
        found = own_schemes.of(connection, cycle_id)
        plain = checked(found.text, found.cycle.scheme, {})
        settings = scheme_parts.chosen(plain, request.form)
        own_schemes.set_readings(connection, cycle_id, settings, by=g.user.name, now=here().clock())
    flash(N_("口径已保存。"))
    return redirect(url_for("schemes.readings", cycle_id=cycle_id), code=303)


@blueprint.get(f"{CYCLE}/scheme.toml")
@allow(*STAFF)
def download(cycle_id: int) -> Response:
    """Give the text of a cycle's scheme."""
    found = _found(cycle_id)
    name = f"{found.cycle.scheme}.toml"
    return attachment(found.text.encode("utf-8"), name, "application/toml")


def _file_page(cycle_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    found = _found(cycle_id)
    return render_template(
        "office/scheme_file.html", cycle=found.cycle, found=found, typed=typed, texts=texts
    )


@blueprint.get(f"{SCHEME}/file")
@allow(*RUNS)
def file(cycle_id: int) -> ResponseReturnValue:
    """Ask for a scheme's file."""
    return _file_page(cycle_id, {}, ())


@blueprint.post(f"{SCHEME}/file")
@allow(*RUNS)
@retyped(_file_page)
def take_in(cycle_id: int) -> ResponseReturnValue:
    """Take the scheme of a file in the place of the present one, or its preset again."""
    read_confirmed(request.form)
    by, now = g.user.name, here().clock()
    if request.form.get("what") == "preset":
        with here().database.write() as connection:
            own_schemes.restore(connection, cycle_id, by=by, now=now)
        flash(N_("方案已恢复为预设。"))
    else:
        text = _text(*read_file())
        with here().database.write() as connection:
            own_schemes.take_in(connection, cycle_id, text, by=by, now=now)
        flash(N_("方案已换成文件里的方案。"))
    return redirect(url_for("schemes.of_cycle", cycle_id=cycle_id), code=303)


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        problem = Text("%(file)s：文字编码须是 UTF-8", file=name)
        raise MistakesError([problem]) from None


def _found(cycle_id: int) -> OwnScheme:
    with here().database.read() as connection:
        return own_schemes.of(connection, cycle_id)
