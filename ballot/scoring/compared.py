"""Exact shares to be compared: of a subject as a whole, and of its weighted groups (rule 69)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ballot.scoring.converting import POOLED, own_score
from ballot.scoring.counts import QuestionTally
from ballot.scoring.parts import answer
from ballot.scoring.rules import Rule
from ballot.scoring.scales import MarksScale


@dataclass(frozen=True)
class GroupShare:
    """A group's approval ratio, or on marks its mean; `ballots`: returned. None without a base."""

    group: str
    ballots: int
    share: Fraction | None


def exact_share(
    subject: str, questions: Sequence[QuestionTally], rule: Rule, weights: Mapping[str, Fraction]
) -> Fraction | None:
    """Return the approval ratio that `percent` rests on, or on marks the score; None without one.

    With weights groups are combined by them, with several questions their mean is taken.
    Raises: WeightsError, BaseUnknownError, BaseTooSmallError.
    """
    if isinstance(rule.scale, MarksScale):
        return own_score(subject, questions, rule, weights)
    used = rule.unranked
    answers = [answer(subject, each, used, weights, {}) for each in questions]
    return _mean([(each.weight, each.ratio(used)) for each in answers])


def group_shares(
    subject: str,
    questions: Sequence[QuestionTally],
    rule: Rule,
    weights: Mapping[str, Fraction],
    names: Mapping[str, str],
    smallest_group: int,
) -> list[GroupShare] | None:
    """Return the shares of a subject's groups, in their order: all of them, or None.

    Where any of several groups has fewer than `smallest_group` returned ballots nothing is told
    of any: one hidden alone would follow from the whole and the others (rule 12). Without weights
    no group is known.
    Raises: WeightsError, BaseUnknownError, BaseTooSmallError.
    """
    keys = [key for key in weights if all(key in each.counts for each in questions)]
    if not keys or not may_tell_groups(questions, smallest_group):
        return None
    return [_share(subject, questions, rule, key, names.get(key, key)) for key in keys]


def may_tell_groups(questions: Sequence[QuestionTally], smallest_group: int) -> bool:
    """Tell whether groups may be told apart: a single one may, several only if none is small."""
    return all(
        len(each.counts) == 1
        or all(counts.returned >= smallest_group for counts in each.counts.values())
        for each in questions
    )


def _share(
    subject: str, questions: Sequence[QuestionTally], rule: Rule, key: str, name: str
) -> GroupShare:
    alone = [QuestionTally({"": each.counts[key]}, each.text, each.weight) for each in questions]
    share = exact_share(subject, alone, rule, POOLED)
    return GroupShare(name, max(each.counts[key].returned for each in questions), share)


def _mean(weighted: Sequence[tuple[Fraction, Fraction | None]]) -> Fraction | None:
    total = Fraction(0)
    for weight, value in weighted:
        if value is None:
            return None
        total += weight * value
    return total / sum((weight for weight, _ in weighted), Fraction(0))
