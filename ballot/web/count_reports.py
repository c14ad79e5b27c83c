"""What a meeting reads out and signs: the host script (主持词), the count report (计票报告单).

What draws it loads a library of fonts, which voters' requests never need: so it is imported late.
"""

from typing import Final

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ballot.domain.host_script import Stage
from ballot.domain.people import POLL_READERS
from ballot.domain.polls import Poll
from ballot.services import count_reports, host_scripts
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


@blueprint.get(f"{POLL}/host-script")
@allow(*POLL_READERS)
def host_script(poll_id: int) -> ResponseReturnValue:
    """Show the host script with the figures of this moment."""
    poll, stages = _script(poll_id)
    return render_template("office/host_script.html", poll=poll, stages=stages)


@blueprint.get(f"{POLL}/host-script.pdf")
@allow(*POLL_READERS)
def host_script_pdf(poll_id: int) -> ResponseReturnValue:
    """Give the same to print."""
    poll, stages = _script(poll_id)
    content = host_scripts.pdf(poll, stages, language=language())
    return attachment(content, f"host-script-{poll_id}.pdf", PDF)


def _script(poll_id: int) -> tuple[Poll, list[Stage]]:
    with here().database.read() as connection:
        return host_scripts.of_poll(
            connection,
            poll_id,
            smallest_group=here().settings.smallest_group,
            now=here().clock(),
        )
