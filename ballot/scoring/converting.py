"""Converting: from the counts of one subject to its points, with every step told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from ballot.language import SOURCE, Text
from ballot.scoring import derivation
from ballot.scoring.conversions import Bands, RankMarks
from ballot.scoring.counts import Base, Counts, QuestionTally, pooled
from ballot.scoring.derivation import Place
from ballot.scoring.errors import DiscretionError
from ballot.scoring.figures import exact, half_up, percent, percentage, shown
from ballot.scoring.notes import note_on
from ballot.scoring.parts import Answer, answer
from ballot.scoring.rules import Rule
from ballot.scoring.scales import MarksScale, Scale
from ballot.scoring.spread import Spread
from ballot.scoring.weights import check_weights

POOLED: Final[Mapping[str, Fraction]] = MappingProxyType({})
UNNAMED: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Discretion:
    """What an authorised person put in the place of the lowest band's score (rule 5)."""

    value: Decimal
    reason: str
    by: str


@dataclass(frozen=True)
class Converted:
    """What one subject's counts became.

    Units: numbers of ballots, over several questions numbers of marks (票次): then each ballot
        counts once per question. `ratio` adds groups and questions up; `percent` is the share
        the points rest on, so with weights the two may differ, and `note` says so.
    Without a result `score` and `points` are None, `percent` is empty, and `note` says why.
    On the marks scale nothing approves: `approving` and `ratio` are None, `percent` and `levels`
    are empty, and `spread` tells how the marks lie (None without an opinion, and on levels).
    """

    subject: str
    valid: int
    approving: int | None
    base: Base
    ratio: str | None
    percent: str
    levels: Mapping[str, Mapping[str, Any]]
    spread: Spread | None
    on_marks: bool
    score: Fraction | None
    points: Decimal | None
    derivation: tuple[Text, ...]
    note: Text | None

    def to_json(self, language: str = SOURCE) -> dict[str, Any]:
        """Return the values that `ballot convert --format json` prints.

        Form: docs/schemas/converted.schema.json.
        """
        marks = None if self.spread is None else self.spread.to_json()
        return {
            "subject": self.subject,
            "valid": self.valid,
            "approving": self.approving,
            "base": self.base.value,
            "ratio": self.ratio,
            "percent": self.percent or None,
            "levels": {label: dict(level) for label, level in self.levels.items()},
            **({"marks": marks} if self.on_marks else {}),
            "score": None if self.score is None else shown(self.score),
            "points": None if self.points is None else f"{self.points:f}",
            "derivation": [line.in_(language) for line in self.derivation],
            "note": None if self.note is None else self.note.in_(language),
        }


def convert(
    subject: str,
    questions: Sequence[QuestionTally],
    rule: Rule,
    *,
    weights: Mapping[str, Fraction] = POOLED,
    discretion: Discretion | None = None,
    smallest_group: int = 5,
    names: Mapping[str, str] = UNNAMED,
    place: Place | None = None,
) -> Converted:
    """Return the points of one subject, with their derivation.

    Without weights the groups are pooled. A weighted group with fewer returned ballots than
    `smallest_group` counts like any other, but its figures are not told apart. `names`: what
    groups are called, by key (else the key). `place`: the subject's rank in its section, for
    rules that mark by rank (see `convert_all`).
    Raises: WeightsError, DiscretionError, BaseUnknownError, BaseTooSmallError; ValueError for
        counts that do not fit the scale, groups without a weight, or a rank that is missing.
    Source: docs/scoring-rules.md, rules 1 to 13 and 23 to 26.
    """
    check_weights(weights)
    used = _with_discretion(subject, rule.unranked, discretion)
    answers = [answer(subject, question, used, weights, names) for question in questions]
    own_score = _mean(answers, [each.score(used) for each in answers])
    _check_used(subject, answers, used, discretion)
    if own_score is not None and (place is None) is isinstance(rule.conversion, RankMarks):
        raise ValueError("a rank is for rules that mark by rank, and for no others")
    score = own_score if place is None or own_score is None else place.score
    total = pooled(counts for question in questions for counts in question.counts.values())
    working = derivation.Working(used, answers, total, smallest_group, discretion)
    shares = _shares(used, answers, total)
    return Converted(
        subject=subject,
        valid=total.valid,
        base=used.base,
        **shares,
        score=score,
        points=None if score is None else half_up(score * used.factor, 2),
        derivation=derivation.lines(working, own_score, place),
        note=note_on(used, answers, total),
    )


def own_score(
    subject: str, questions: Sequence[QuestionTally], rule: Rule, weights: Mapping[str, Fraction]
) -> Fraction | None:
    """Return the exact score that a subject's own counts make, None without a result.

    Raises: WeightsError, BaseUnknownError, BaseTooSmallError.
    """
    check_weights(weights)
    answers = [answer(subject, each, rule.unranked, weights, UNNAMED) for each in questions]
    return _mean(answers, [each.score(rule.unranked) for each in answers])


def _shares(rule: Rule, answers: Sequence[Answer], total: Counts) -> dict[str, Any]:
    """Return what is told of levels and approval, or of the spread of marks."""
    base = _number(total, rule)
    if isinstance(rule.scale, MarksScale):
        spread = Spread(total.marks) if total.opinions else None
        return {
            "approving": None,
            "ratio": None,
            "percent": "",
            "levels": {},
            "spread": spread,
            "on_marks": True,
        }
    ratio = _mean(answers, [each.ratio(rule) for each in answers])
    approving = rule.scale.approving(total.marks)
    return {
        "approving": approving,
        "ratio": f"{approving}/{base}",
        "percent": "" if ratio is None else percentage(ratio),
        "levels": _levels(total, rule.scale, base),
        "spread": None,
        "on_marks": False,
    }


def _with_discretion(subject: str, rule: Rule, discretion: Discretion | None) -> Rule:
    """Return the rule with the recorded value in its lowest band (rule 5)."""
    if discretion is None:
        return rule
    bands = rule.conversion
    value = exact(discretion.value)
    if not (isinstance(bands, Bands) and bands.discretionary):
        raise DiscretionError(subject=subject, value=value, problem=Text("规则没有酌情档"))
    if not 0 <= discretion.value <= bands.otherwise:
        problem = Text("须在 0 至 %(most)s 分之间", most=exact(bands.otherwise))
        raise DiscretionError(subject=subject, value=value, problem=problem)
    if not discretion.reason.strip() or not discretion.by.strip():
        raise DiscretionError(subject=subject, value=value, problem=Text("须写明理由和决定人"))
    return replace(rule, conversion=replace(bands, otherwise=Fraction(discretion.value)))


def _check_used(
    subject: str, answers: Sequence[Answer], rule: Rule, discretion: Discretion | None
) -> None:
    """Refuse a recorded value where no figure lies in the lowest band."""
    if discretion is None or not isinstance(rule.conversion, Bands):
        return
    if rule.combine == "ratios":
        measures = [each.measure(rule) for each in answers]
    else:
        measures = [part.measure(rule) for each in answers for part in each.parts]
    bands = rule.conversion
    if not any(measure is not None and bands.band(measure) is None for measure in measures):
        value = exact(discretion.value)
        raise DiscretionError(subject=subject, value=value, problem=Text("得票率不在酌情档"))


def _mean(answers: Sequence[Answer], values: Sequence[Fraction | None]) -> Fraction | None:
    """Return the weighted mean over the questions, None if any has no result (rule 11)."""
    total = Fraction(0)
    for each, value in zip(answers, values, strict=True):
        if value is None:
            return None
        total += each.weight * value
    return total / sum((each.weight for each in answers), Fraction(0))


def _number(counts: Counts, rule: Rule) -> int:
    number = counts.of(rule.base)
    if number is None:
        raise ValueError("the base is known for some groups only")
    return number


def _levels(counts: Counts, scale: Scale, base: int) -> dict[str, dict[str, Any]]:
    return {
        label: {"count": mark, "percent": percent(mark, base) if base else None}
        for label, mark in zip(scale.labels, counts.marks, strict=True)
    }
