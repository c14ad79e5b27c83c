"""What a meeting reads out and signs: the count report (计票报告单).

What draws it loads a library of fonts, which voters' requests never need: so it is imported late.
"""

from typing import Final

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ballot.domain.people import POLL_READERS
from ballot.services import count_reports
from ballot.web.access import allow
from ballot.web.context import here, language
from ballot.web.headers import attachment
from ballot.web.office import POLL

blueprint = Blueprint("count_reports", __name__, url_prefix="/office")

PDF: Final = "application/pdf"


@blueprint.get(f"{POLL}/count-report.pdf")
@allow(*POLL_READERS)
def count_report(poll_id: int) -> ResponseReturnValue:
    """Give a closed poll's count report; until it is certified every page says so."""
    with here().database.read() as connection:
        report = count_reports.of_poll(
            connection, poll_id, smallest_group=here().settings.smallest_group
        )
    content = count_reports.pdf(report, language=language())
    return attachment(content, f"count-report-{poll_id}.pdf", PDF)
