"""How the figures of a standing are written in reports and sheets."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from ballot.language import Text
from ballot.output.masthead import Masthead
from ballot.scoring import Kind, Standing
from ballot.scoring.figures import exact, signed

NOTHING: Final = "—"
"""Printed where there is no figure."""


def grade_of(standing: Standing) -> str:
    """Return a unit's grade with its distinction, nothing where the scheme has none."""
    grade = standing.grade or ""
    return f"{grade}\n{standing.distinction}" if standing.distinction else grade


def rank_of(standing: Standing) -> str:
    """Return a unit's rank as a number; units out of competition have none."""
    return NOTHING if standing.rank is None else f"{standing.rank}"


def points_of(points: Decimal | None) -> str:
    """Return points or a total, which may be blank."""
    return NOTHING if points is None else f"{points:f}"


def adjusted(standing: Standing) -> Decimal:
    """Return what the coefficient and all adjustments brought together."""
    marks = sum((each.marks for each in standing.adjustments), Decimal(0))
    return marks + standing.coefficient.marks if standing.coefficient else marks


def adjusted_of(standing: Standing) -> str:
    """Return what the coefficient and all adjustments brought, nothing where there are none."""
    some = standing.adjustments or standing.coefficient
    return signed(adjusted(standing)) if some else ""


def full_marks(marks: Decimal | None) -> str:
    """Return full marks as they are: `5`, `2.5`; some components have none."""
    return NOTHING if marks is None else exact(marks)


def has_grades(kind: Kind) -> bool:
    """Tell whether the kind's scheme gives grades."""
    return kind.grades is not None


def ranked_beside(standing: Standing, standings: Sequence[Standing]) -> int:
    """Return how many units were ranked together with one, in its sector if there are any."""
    return sum(each.rank is not None and each.sector == standing.sector for each in standings)


def by_grade(standings: Sequence[Standing]) -> dict[str, list[str]]:
    """Return the units of each grade, in rank order; grades come as they first appear."""
    found: dict[str, list[str]] = {}
    for standing in standings:
        if standing.grade:
            found.setdefault(standing.grade, []).append(standing.unit)
    return found


def remarks(standing: Standing, masthead: Masthead) -> str:
    """Return what must be known beside a unit's figures: its vetoes and the note."""
    words = masthead.words
    told = [] if standing.competes else [words(Text("不参评"))]
    told += [each.rule.title for each in standing.vetoes]
    if standing.note is not None:
        told.append(words(standing.note))
    return words(Text("；")).join(told)
