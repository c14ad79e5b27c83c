"""Reports of a standing: the circular, the result sheets; drafts are marked as such."""

from ballot.output.circular import circular_pdf
from ballot.output.result_sheets import Votes, result_sheets_pdf
from ballot.services.mastheads import masthead
from ballot.services.standings import KindStanding


def circular(found: KindStanding, *, language: str) -> bytes:
    """Return the circular (通报) of a kind as PDF.

    Raises: FontMissingError.
    """
    head = masthead(found, language=language)
    return circular_pdf(head, [(found.assessed.kind, found.standings)])


def result_sheets(found: KindStanding, unit: str | None, *, language: str) -> bytes:
    """Return the result sheets (结果通知单) of a kind as PDF: of one unit, or of all.

    Raises: FontMissingError.
    """
    return result_sheets_pdf(
        masthead(found, language=language),
        found.assessed.kind,
        found.standings,
        only=None if unit is None else {unit},
        votes=votes_of(found),
    )


def votes_of(found: KindStanding) -> Votes:
    """Return how ballots became points, by unit and component."""
    return {
        (unit, each.key): each.points.result.converted.derivation
        for unit, origins in found.origins.items()
        for each in origins
        if each.points is not None
    }
