"""The comparison page: a poll's groups beside each other, and its results beside last year's."""

from fractions import Fraction
from typing import Final

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ballot.domain.comparison import shown_share
from ballot.domain.people import POLL_READERS
from ballot.scoring.figures import half_up, whole_number
from ballot.services import comparisons
from ballot.web import result_tables
from ballot.web.access import allow
from ballot.web.context import here
from ballot.web.office import POLL

blueprint = Blueprint("comparisons", __name__, url_prefix="/office")

COMPARISON: Final = f"{POLL}/comparison"


@blueprint.get(COMPARISON)
@allow(*POLL_READERS)
def comparison(poll_id: int) -> ResponseReturnValue:
    """Compare a closed poll's results: its groups, and an earlier cycle's."""
    asked = request.args.get("with")
    with here().database.read() as connection:
        found = comparisons.of_poll(
            connection,
            poll_id,
            with_cycle=None if asked is None else whole_number(asked) or 0,
            smallest_group=here().settings.smallest_group,
        )
    return render_template(
        "office/comparison.html",
        found=found,
        poll=found.results.poll,
        final=found.results.final,
        kind_title=result_tables.kind_title,
        shown=shown_share,
        width=_width,
        least=here().settings.smallest_group,
    )


def _width(share: Fraction, on_marks: bool) -> str:
    """Return how long a bar is, in percent of what it could be."""
    return f"{half_up(share if on_marks else share * 100, 2):f}"
