"""Workbooks to keep: a poll's conversions, a cycle's points, a standing, with live formulas.

What makes them loads a large library, which voters' requests never need: so it is imported late.
"""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from ballot.domain.people import POLL_READERS, STAFF
from ballot.scoring.figures import whole_number
from ballot.services import points, results
from ballot.web.access import allow
from ballot.web.context import here, language
from ballot.web.headers import XLSX, attachment
from ballot.web.office import CYCLE, POLL
from ballot.web.standings import STANDING, seen_standing

blueprint = Blueprint("workbooks", __name__, url_prefix="/office")


@blueprint.get(f"{STANDING}/standing.xlsx")
@allow(*STAFF)
def standing(cycle_id: int, kind: str) -> ResponseReturnValue:
    """Give a kind's standing; a draft is for scorers alone, as on the page."""
    from ballot.services import calculation_sheets

    found = seen_standing(cycle_id, kind)
    content = calculation_sheets.of_standing(found, language=language())
    return attachment(content, f"standing-{cycle_id}-{kind}.xlsx", XLSX)


@blueprint.get(f"{POLL}/conversion.xlsx")
@allow(*POLL_READERS)
def conversion(poll_id: int) -> ResponseReturnValue:
    """Give the conversion of a closed poll's section, the first unless `section` says another."""
    from ballot.services import calculation_sheets

    number = whole_number(request.args.get("section", "1")) or 0
    smallest = here().settings.smallest_group
    with here().database.read() as connection:
        found = results.of_poll(connection, poll_id, smallest_group=smallest)
    content = calculation_sheets.of_section(
        found, number, smallest_group=smallest, language=language()
    )
    return attachment(content, f"conversion-{poll_id}-{number}.xlsx", XLSX)


@blueprint.get(f"{CYCLE}/points.xlsx")
@allow(*STAFF)
def cycle_points(cycle_id: int) -> ResponseReturnValue:
    """Give the points of certified polls."""
    from ballot.services import calculation_sheets

    with here().database.read() as connection:
        cycle, rows = points.of_cycle(
            connection, cycle_id, smallest_group=here().settings.smallest_group
        )
    content = calculation_sheets.of_points(cycle, rows, language=language())
    return attachment(content, f"points-{cycle_id}.xlsx", XLSX)
