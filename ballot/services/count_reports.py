"""The count report (计票报告单) of a closed poll: gathered here, drawn in `output`."""

from ballot.domain.count_report import CountReport, acts_of
from ballot.language import SOURCE
from ballot.scoring import Scheme, UnknownKindError
from ballot.services import results
from ballot.services.cycles import scheme_of
from ballot.storage import cycles, events
from ballot.storage.database import Connection


def of_poll(connection: Connection, poll_id: int, *, smallest_group: int) -> CountReport:
    """Return what the count report tells; never before closing.

    Raises: NoSuchPollError, NoResultYetError, AnnulledResultError.
    """
    found = results.of_poll(connection, poll_id, smallest_group=smallest_group)
    cycle = cycles.get(connection, found.poll.cycle_id)
    scheme = scheme_of(cycle)
    log = events.about(connection, found.poll.id)
    certified = [event for event in log if event.action == "result certified"]
    return CountReport(
        poll=found.poll,
        organisation=cycle.title,
        scheme=scheme.title,
        account=found.account,
        sections=found.sections,
        kinds=tuple(_kind(scheme, each.section.kind) for each in found.sections),
        sealed_by=found.sealed_by,
        acts=acts_of(log),
        reason=str(certified[-1].details.get("reason", "")) if certified and found.final else "",
        smallest_group=smallest_group,
        assisted=next(
            (event.details.get("assisted") for event in log if event.action == "poll closed"), None
        ),
    )


def pdf(report: CountReport, *, language: str = SOURCE) -> bytes:
    """Return the report as PDF. Raises: FontMissingError."""
    from ballot.output.count_report import count_report_pdf  # loads the library of fonts

    return count_report_pdf(report, language=language)


def _kind(scheme: Scheme, key: str) -> str:
    try:
        return scheme.kind(key).title
    except UnknownKindError:
        return key
