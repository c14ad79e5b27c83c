"""Previews: what a phone shows, and what a slip looks like, before anything is printed.

The ballot is made by what makes voters' pages, and sent from here, where nobody can vote: it has
no code, its button does nothing, and no page of it is kept.
"""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from ballot.domain.definition import Group
from ballot.domain.people import POLL_READERS
from ballot.domain.polls import Poll
from ballot.services import polls
from ballot.web.access import allow
from ballot.web.context import here
from ballot.web.count_reports import PDF
from ballot.web.office import POLL
from ballot.web.paper import paper

blueprint = Blueprint("previews", __name__, url_prefix="/office")


@blueprint.get(f"{POLL}/preview")
@allow(*POLL_READERS)
def phone(poll_id: int) -> ResponseReturnValue:
    """Show the ballot as a voter group sees it; made anew, since drafts change."""
    poll, group = _asked(poll_id)
    return render_template(
        "voter/ballot.html",
        frame="office/preview.html",
        preview=True,
        poll=poll,
        group=group,
        paper=paper(poll.definition, group),
        fresh=False,
    )


@blueprint.get(f"{POLL}/sample-slip.pdf")
@allow(*POLL_READERS)
def slip(poll_id: int) -> ResponseReturnValue:
    """Give one slip of a group to look at; its code opens nothing."""
    from ballot.services import sample_slips  # loads a library of fonts

    poll, group = _asked(poll_id)
    answer = Response(sample_slips.pdf(poll, group, here().settings.public_url), mimetype=PDF)
    answer.headers["Content-Disposition"] = f'inline; filename="sample-slip-{poll_id}.pdf"'
    return answer


def _asked(poll_id: int) -> tuple[Poll, Group]:
    """Return a poll and the group that the address names, or else its first.

    Raises: NoSuchPollError, UnknownGroupError.
    """
    with here().database.read() as connection:
        poll = polls.get(connection, poll_id)
    key = request.args.get("group") or poll.definition.groups[0].key
    return poll, poll.definition.group(key)
