"""What a cycle's drafts still lack before they can open, and where that is mended."""

from collections.abc import Callable, Mapping
from typing import Final

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.checklist import Checklist, Mend, Point, State
from ballot.domain.people import STAFF, Role
from ballot.domain.polls import Poll
from ballot.services import checklists
from ballot.web.access import allow, may
from ballot.web.context import here
from ballot.web.office import CYCLE

blueprint = Blueprint("checklists", __name__, url_prefix="/office")


@blueprint.get(f"{CYCLE}/checklist")
@allow(*STAFF)
def cycle(cycle_id: int) -> ResponseReturnValue:
    """Show every draft's checklist, and the units that no poll is about yet."""
    with here().database.read() as connection:
        found = checklists.of_cycle(connection, cycle_id, here().settings)
    return render_template(
        "office/checklist.html",
        cycle=found.cycle,
        found=found,
        may_run=may((Role.ORGANISER,)),
        State=State,
    )


def _mended_at(point: Point, checklist: Checklist) -> str:
    """Return the address where a point is mended; nothing where there is none for this person."""
    poll = checklist.poll
    if point.mend is Mend.PEOPLE:
        return url_for("people.accounts") if may(()) else ""
    makes = _MADE_AT.get(point.mend)
    return makes(poll, point.of) if makes and may((Role.ORGANISER,)) else ""


_MADE_AT: Final[Mapping[Mend, Callable[[Poll, str], str]]] = {
    Mend.SLIPS: lambda poll, _: url_for("printing.poll", poll_id=poll.id),
    Mend.UNITS: lambda poll, kind: url_for("units.roster", cycle_id=poll.cycle_id, kind=kind),
    Mend.EDIT: lambda poll, _: (
        "" if poll.rehearsal else url_for("poll_changes.edit", poll_id=poll.id)
    ),
    Mend.REHEARSE: lambda poll, _: f"{url_for('office.poll', poll_id=poll.id)}#copies",
    Mend.OPEN: lambda poll, _: url_for("office.opening", poll_id=poll.id),
}
"""Where an organiser mends things."""

blueprint.add_app_template_global(_mended_at, "mended_at")
