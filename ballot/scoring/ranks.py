"""Converting a section as a whole: subjects that are marked by rank need each other's scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ballot.scoring.conversions import RankMarks
from ballot.scoring.converting import UNNAMED, Converted, Discretion, convert, own_score
from ballot.scoring.counts import QuestionTally
from ballot.scoring.derivation import Place
from ballot.scoring.rules import Rule


@dataclass(frozen=True)
class Counted:
    """One subject with what was counted for it; `weights` of the groups that rate it."""

    subject: str
    questions: Sequence[QuestionTally]
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    discretion: Discretion | None = None


def convert_all(
    section: Sequence[Counted],
    rule: Rule,
    *,
    smallest_group: int = 5,
    names: Mapping[str, str] = UNNAMED,
) -> list[Converted]:
    """Return the points of a section's subjects, in their order.

    Where the rule marks by rank, subjects are ranked by their exact scores; those without a
    result have no rank, and are not among the others' number.
    Raises: what `convert` raises.
    Source: docs/scoring-rules.md, rule 26.
    """
    places = _places(section, rule)
    return [
        convert(
            each.subject,
            each.questions,
            rule,
            weights=each.weights,
            discretion=each.discretion,
            smallest_group=smallest_group,
            names=names,
            place=place,
        )
        for each, place in zip(section, places, strict=True)
    ]


def _places(section: Sequence[Counted], rule: Rule) -> list[Place | None]:
    if not isinstance(rule.conversion, RankMarks):
        return [None] * len(section)
    scores = [own_score(each.subject, each.questions, rule, each.weights) for each in section]
    known = [score for score in scores if score is not None]
    return [None if score is None else place_of(score, known) for score in scores]


def place_of(score: Fraction, scores: Sequence[Fraction]) -> Place:
    """Return a score's place among all; equals share the better one."""
    better = sum(other > score for other in scores)
    return Place(rank=better + 1, of=len(scores), equals=scores.count(score))
