"""The reveal (揭晓): certified results, one subject after the other, as far as it has come.

What a view holds is all that a screen is sent: nothing of what is still to come can leak from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ballot.domain.count_table import rank_of
from ballot.domain.results import SectionResult, SubjectResult


@dataclass(frozen=True)
class Screen:
    """A poll's big screen as it is kept. `key`: opens it, None where it is off.

    `by_rank`: subjects are revealed from the last to the first, not in the ballot's order.
    `step`: how far the reveal is, 0 before it begins.
    """

    key: str | None = None
    by_rank: bool = False
    step: int = 0


@dataclass(frozen=True)
class Ranked:
    """A subject's result with its rank in its section; equals share one, no result has none."""

    result: SubjectResult
    rank: int | None


@dataclass(frozen=True)
class Revealed:
    """What one step shows: a subject, or a section's table once all of its subjects were shown.

    `number` of `of`: the subject's place in the order of the reveal. A subject comes with its rank
    only where that is what the order tells anyway. `table` holds the best first, else nothing.
    """

    section: SectionResult
    number: int = 0
    of: int = 0
    subject: Ranked | None = None
    table: tuple[Ranked, ...] = ()


def steps(sections: Sequence[SectionResult]) -> int:
    """Return how many steps a reveal has: every subject, and a table where there are several."""
    return sum(_steps(len(section.subjects)) for section in sections)


def _steps(subjects: int) -> int:
    return subjects + 1 if subjects > 1 else subjects


def revealed(sections: Sequence[SectionResult], step: int, *, by_rank: bool) -> Revealed | None:
    """Return what a step shows, None before the first. A step beyond the last shows the last."""
    left = min(step, steps(sections))
    for section in sections:
        own = _steps(len(section.subjects))
        if 0 < left <= own:
            return _within(section, left, by_rank=by_rank)
        left -= own
    return None


def _within(section: SectionResult, step: int, *, by_rank: bool) -> Revealed:
    best_first = ranking(section)
    of = len(best_first)
    if step > of:
        return Revealed(section, table=best_first)
    if by_rank:
        return Revealed(section, step, of, best_first[-step])
    return Revealed(section, step, of, Ranked(section.subjects[step - 1], None))


def ranking(section: SectionResult) -> tuple[Ranked, ...]:
    """Return a section's subjects with the ranks of the count report, the best first.

    Equals stand as on the ballot; subjects without a result come last.
    """
    ranked = [Ranked(each, rank_of(section, each.converted.points)) for each in section.subjects]
    return tuple(sorted(ranked, key=lambda each: (each.rank is None, each.rank or 0)))
