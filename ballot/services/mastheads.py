"""What every report and workbook of a standing says about where it comes from."""

from ballot.language import SOURCE
from ballot.output.masthead import Approved, Masthead
from ballot.services.standings import KindStanding


def masthead(found: KindStanding, *, language: str = SOURCE) -> Masthead:
    """Return the head of a kind's standing; without an approval it is a draft's."""
    approval = found.approved
    return Masthead(
        cycle=found.assessed.cycle.title,
        scheme=found.assessed.scheme,
        approval=Approved(approval.meeting, approval.held_on) if approval else None,
        language=language,
    )
