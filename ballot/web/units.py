"""A cycle's page, its units, and who enters for which line office."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import STAFF, Role
from ballot.domain.polls import Phase
from ballot.domain.written import comparable
from ballot.language import N_, Text
from ballot.scoring.figures import exact, readable, signed, whole_number
from ballot.services import cycle_home, facts, offices, reviews, unit_files, units
from ballot.services.cycle_home import Step, What
from ballot.services.cycles import own_settings
from ballot.storage.cycles import Cycle
from ballot.web.access import allow, may
from ballot.web.context import here
from ballot.web.forms import retyped
from ballot.web.office import CYCLE
from ballot.web.reviews import READERS

blueprint = Blueprint("units", __name__, url_prefix="/office")

KIND: Final = f"{CYCLE}/kinds/<kind>"
_RUNS: Final = (Role.ORGANISER, Role.SCORER)
_ASSIGNS: Final = (Role.ORGANISER,)
UNITS_SHOWN: Final = 100
"""Units on one page of a list: their facts have to fit into one form."""
_SCORES: Final = (Role.SCORER,)
_WAYS: Final = {
    What.LIST: (_RUNS, "units.roster"),
    What.MAKE: (_ASSIGNS, "poll_forms.new"),
    What.PRINT: (_ASSIGNS, "printing.cycle"),
    What.ENTER: (_SCORES, "entries.form"),
    What.APPROVE: (_SCORES, "standings.standing"),
    What.PUBLISH: (tuple(STAFF), "notice_office.every"),
    What.TELL: (_SCORES, "written_notices.register"),
}
"""Where a step is taken, and by whom; listing units and a scorer's step are about a kind."""
_PHASES: Final = {
    What.PRINT: Phase.DRAFT,
    What.OPEN: Phase.DRAFT,
    What.CLOSE: Phase.OPEN,
    What.CERTIFY: Phase.CLOSED,
}

blueprint.add_app_template_filter(exact, "exact")
blueprint.add_app_template_filter(readable, "readable")
blueprint.add_app_template_filter(signed, "signed")


@blueprint.get(CYCLE)
@allow(*STAFF)
def cycle(cycle_id: int) -> ResponseReturnValue:
    """Show at a glance where a cycle's polls and components stand, and what to do next."""
    words, chosen = request.args.get("q", "").strip(), _phase(request.args.get("phase", ""))
    with here().database.read() as connection:
        home = cycle_home.of_cycle(connection, cycle_id)
        reviews_waiting = len(reviews.of_cycle(connection, cycle_id).waiting)
    return render_template(
        "office/cycle.html",
        now=here().clock(),
        cycle=home.cycle,
        home=home,
        scheme=home.found.scheme,
        settings=own_settings(home.cycle),
        shown=cycle_home.matching(home.polls, words, chosen),
        words_typed=words,
        phases=Phase,
        chosen=chosen,
        step_address=lambda step: _address(home.cycle, step),
        may_run=may(_RUNS),
        may_assign=may(_ASSIGNS),
        may_score=may((Role.SCORER,)),
        reads_reviews=may(READERS),
        reviews_waiting=reviews_waiting,
    )


def _phase(typed: str) -> Phase | None:
    return Phase(typed) if typed in set(Phase) else None


def _address(cycle: Cycle, step: Step) -> str | None:
    """Return where a step is taken, None where nothing leads there for this person."""
    prints = step.what is What.PRINT and may(_ASSIGNS)
    if step.poll is not None:
        return url_for("printing.poll" if prints else "office.poll", poll_id=step.poll.id)
    if step.what in _PHASES and not prints:
        phase = _PHASES[step.what].value
        return url_for("units.cycle", cycle_id=cycle.id, phase=phase, _anchor="polls")
    if step.what not in _WAYS or not may(_WAYS[step.what][0]):
        return None
    roles, endpoint = _WAYS[step.what]
    about: dict[str, Any] = {"kind": step.kind} if roles in {_SCORES, _RUNS} else {}
    return url_for(endpoint, cycle_id=cycle.id, **about)


def _units_page(cycle_id: int, kind: str, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        roster = units.roster(connection, cycle_id, kind)
    sought = request.args.get("q", "").strip()
    found = [each for each in roster.units if comparable(sought) in comparable(each.name)]
    pages = max(1, -(-len(found) // UNITS_SHOWN))
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template(
        "office/units.html",
        cycle=roster.assessed.cycle,
        kind=roster.assessed.kind,
        roster=roster,
        sought=sought,
        found=found,
        shown=found[(number - 1) * UNITS_SHOWN : number * UNITS_SHOWN],
        number=number,
        pages=pages,
        most=units.LONGEST_UNIT,
        asked=facts.shown(roster.assessed.kind, (unit.facts for unit in roster.units)),
        kept=_told() if "facts" in typed else {},
        typed=typed,
        texts=texts,
    )


@blueprint.get(f"{KIND}/units")
@allow(*_RUNS)
def roster(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Show the units, and a form to add some."""
    return _units_page(cycle_id, kind, {}, ())


@blueprint.post(f"{KIND}/units")
@allow(*_RUNS)
@retyped(_units_page)
def change_units(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Add the units that were typed, or remove one."""
    by, now = g.user.name, here().clock()
    with here().database.write() as connection:
        if "remove" in request.form:
            number = whole_number(request.form["remove"]) or 0
            units.remove(connection, cycle_id, kind, number, by=by, now=now)
            flash(N_("单位已删去。"))
        elif "facts" in request.form:
            units.describe(connection, cycle_id, kind, _told(), by=by, now=now)
            flash(N_("单位情况已保存。"))
        else:
            unit_files.take_typed(
                connection, cycle_id, kind, request.form.get("names", ""), by=by, now=now
            )
            flash(N_("单位名单已更新。"))
    return redirect(url_for("units.roster", cycle_id=cycle_id, kind=kind), code=303)


def _told() -> dict[str, dict[str, str]]:
    """Return the facts by unit that the table's fields hold: `fact KEY` beside `named`."""
    names = request.form.getlist("named")
    keys = [name.removeprefix("fact ") for name in request.form if name.startswith("fact ")]
    columns = {key: request.form.getlist(f"fact {key}") for key in keys}
    return {
        name: {key: cells[place].strip() for key, cells in columns.items() if place < len(cells)}
        for place, name in enumerate(names)
    }


def _offices_page(cycle_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        duties = offices.of_cycle(connection, cycle_id)
    return render_template(
        "office/offices.html", cycle=duties.cycle, duties=duties, typed=typed, texts=texts
    )


@blueprint.get(f"{CYCLE}/offices")
@allow(*_ASSIGNS)
def duties(cycle_id: int) -> ResponseReturnValue:
    """Show which account enters for which office."""
    return _offices_page(cycle_id, {}, ())


@blueprint.post(f"{CYCLE}/offices")
@allow(*_ASSIGNS)
@retyped(_offices_page)
def assign(cycle_id: int) -> ResponseReturnValue:
    """Let an account enter for the offices that were ticked, and no others."""
    with here().database.write() as connection:
        offices.assign(
            connection,
            cycle_id,
            request.form.get("name", ""),
            request.form.getlist("office"),
            by=g.user.name,
            now=here().clock(),
        )
    flash(N_("线办分工已保存。"))
    return redirect(url_for("units.duties", cycle_id=cycle_id), code=303)
