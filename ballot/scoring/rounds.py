"""Rounds: one component's result from several polls, each converted apart, combined by weight."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ballot.language import SOURCE, Text
from ballot.scoring.converting import Converted
from ballot.scoring.figures import exact, half_up, is_shown_exactly, shown
from ballot.scoring.weights import check_weights
from ballot.scoring.wording import listed


@dataclass(frozen=True)
class Round:
    """One round (轮次) of a component: what it is called, its weight, one subject's result."""

    title: str
    weight: Fraction
    converted: Converted


@dataclass(frozen=True)
class CombinedRounds:
    """One subject's result over all rounds; `score` and `points` are None without one."""

    subject: str
    score: Fraction | None
    points: Decimal | None
    derivation: tuple[Text, ...]
    note: Text | None

    def to_json(self, language: str = SOURCE) -> dict[str, Any]:
        """Return plain values, as `Converted.to_json` writes its own."""
        return {
            "subject": self.subject,
            "score": None if self.score is None else shown(self.score),
            "points": None if self.points is None else f"{self.points:f}",
            "derivation": [line.in_(language) for line in self.derivation],
            "note": None if self.note is None else self.note.in_(language),
        }


def combine_rounds(subject: str, rounds: Sequence[Round], full_marks: Decimal) -> CombinedRounds:
    """Return a subject's points over the rounds of a component of so many full marks.

    The rounds' exact scores out of 100 are combined with exact weights that add up to 1, and
    rounded once. A round without a result leaves the whole without one.
    Raises: WeightsError.
    Source: docs/scoring-rules.md, rule 27.
    """
    check_weights({str(place): each.weight for place, each in enumerate(rounds)})
    told = [line for each in rounds for line in _round(each)]
    missing = [each.title for each in rounds if each.converted.score is None]
    score = _weighted(rounds)
    if score is None:
        note = Text("%(rounds)s没有结果，不能合成", rounds=listed(missing))
        return CombinedRounds(subject, None, None, tuple(told), note)
    factor = Fraction(full_marks) / 100
    points = half_up(score * factor, 2)
    terms = (f"{exact(each.weight)} × {shown(_score(each))}" for each in rounds)
    told.append(
        Text(
            "各轮按权重合成：%(sum)s = %(score)s 分 × %(factor)s = %(points)s 分",
            sum=" + ".join(terms),
            score=shown(score),
            factor=exact(factor),
            points=f"{points:f}",
        )
    )
    if not all(is_shown_exactly(figure) for figure in (score, *map(_score, rounds))):
        told.append(Text("计算全程用分数，只在得分处四舍五入一次"))
    return CombinedRounds(subject, score, points, tuple(told), None)


def _weighted(rounds: Sequence[Round]) -> Fraction | None:
    total = Fraction(0)
    for each in rounds:
        if each.converted.score is None:
            return None
        total += each.weight * each.converted.score
    return total


def _score(each: Round) -> Fraction:
    return each.converted.score or Fraction(0)


def _round(each: Round) -> Iterator[Text]:
    for line in each.converted.derivation:
        yield Text("%(group)s：%(line)s", group=each.title, line=line)
    if each.converted.note is not None:
        yield Text("%(group)s：%(line)s", group=each.title, line=each.converted.note)
