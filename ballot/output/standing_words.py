"""How the figures of a standing are written in reports and sheets."""

from collections.abc import Sequence
from decimal import Decimal

from ballot.language import Text
from ballot.output.masthead import Masthead
from ballot.scoring import Kind, Standing
from ballot.scoring.figures import exact, signed


def grade_of(standing: Standing) -> str:
    """Return a unit's grade, with nothing where the scheme has none."""
    return standing.grade or ""


def rank_of(standing: Standing) -> str:
    """Return a unit's rank as a number."""
    return f"{standing.rank}"


def total_of(standing: Standing) -> str:
    """Return a unit's total."""
    return f"{standing.total:f}"


def adjusted(standing: Standing) -> Decimal:
    """Return what all adjustments brought together."""
    return sum((each.marks for each in standing.adjustments), Decimal(0))


def adjusted_of(standing: Standing) -> str:
    """Return what all adjustments brought together, nothing where there are none."""
    return signed(adjusted(standing)) if standing.adjustments else ""


def full_marks(marks: Decimal) -> str:
    """Return full marks as they are: `5`, `2.5`."""
    return exact(marks)


def has_grades(kind: Kind) -> bool:
    """Tell whether the kind's scheme gives grades."""
    return kind.grades is not None


def by_grade(standings: Sequence[Standing]) -> dict[str, list[str]]:
    """Return the units of each grade, in rank order; grades come as they first appear."""
    found: dict[str, list[str]] = {}
    for standing in standings:
        if standing.grade:
            found.setdefault(standing.grade, []).append(standing.unit)
    return found


def remarks(standing: Standing, masthead: Masthead) -> str:
    """Return what must be known beside a unit's figures: its vetoes and the note."""
    told = [each.rule.title for each in standing.vetoes]
    if standing.note is not None:
        told.append(masthead.words(standing.note))
    return masthead.words(Text("；")).join(told)
