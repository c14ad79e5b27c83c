"""How a conversion is told: the lines a person would write, from counts to points."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Protocol

from ballot.language import Text
from ballot.scoring.conversions import Bands, LevelMean
from ballot.scoring.counts import Base, Counts
from ballot.scoring.figures import exact, half_up, is_shown_exactly, percentage, shown
from ballot.scoring.mean_mark import MeanMark
from ballot.scoring.parts import Answer
from ballot.scoring.rules import Rule
from ballot.scoring.turnout import turnout_lines
from ballot.scoring.wording import awarded, named, part_told, rounding_told


class Recorded(Protocol):
    """A discretionary value as it was recorded."""

    @property
    def value(self) -> Decimal: ...
    @property
    def reason(self) -> str: ...
    @property
    def by(self) -> str: ...


@dataclass(frozen=True)
class Working:
    """What there is to tell about one subject."""

    rule: Rule
    answers: Sequence[Answer]
    total: Counts
    smallest_group: int
    discretion: Recorded | None


@dataclass(frozen=True)
class Place:
    """A subject's rank among those of its section that have a result (rule 26).

    Place r of n gets 100 × (n − r + 1) ÷ n; equals share the better place.
    """

    rank: int
    of: int
    equals: int

    @property
    def score(self) -> Fraction:
        """Return the score out of 100."""
        return Fraction(100 * (self.of - self.rank + 1), self.of)


def lines(working: Working, score: Fraction | None, place: Place | None) -> tuple[Text, ...]:
    """Return the derivation of one subject's points, line by line.

    `score`: what its own counts make; `place`: what rank that gave it, where rank counts.
    """
    told = [_base(working), *turnout_lines(working.total, len(working.answers))]
    if score is None:
        told.append(Text("基数为 0，没有结果"))
    else:
        told += _steps(working, score, place)
    if working.discretion:
        told.append(
            Text(
                "酌情 %(value)s 分由%(by)s决定，理由：%(reason)s",
                value=exact(working.discretion.value),
                by=working.discretion.by,
                reason=working.discretion.reason,
            )
        )
    if working.rule.clause:
        told.append(Text("依据：%(clause)s", clause=working.rule.clause))
    told += [Text("口径：%(reading)s", reading=reading) for reading in working.rule.readings]
    return tuple(told)


def _base(working: Working) -> Text:
    """Name the base in words, with its number and where that comes from (rules 1 and 3)."""
    rule, total = working.rule, working.total
    number = total.of(rule.base)
    if rule.base is Base.VALID:
        return Text(
            "基数为有效票：收回 %(returned)s − 无效 %(invalid)s = %(number)s",
            returned=total.returned,
            invalid=total.invalid,
            number=number,
        )
    if rule.base is Base.OPINIONS:
        return Text(
            "基数为表态票：有效 %(valid)s − 弃权 %(abstain)s = %(number)s",
            valid=total.valid,
            abstain=total.abstain,
            number=number,
        )
    return Text("基数为%(base)s：%(number)s", base=rule.base.text, number=number)


def _steps(working: Working, score: Fraction, place: Place | None) -> list[Text]:
    told = [line for each in working.answers for line in _question(working, each)]
    asides = [line for each in working.answers for line in _asides(working, each)]
    if len(working.answers) > 1:
        told.append(_mean_of_questions(working, score))
    if place is not None:
        told.append(_ranked(place))
        score = place.score
    last = Text(
        "%(steps)s × %(factor)s = %(points)s 分",
        steps=told[-1],
        factor=exact(working.rule.factor),
        points=f"{half_up(score * working.rule.factor, 2):f}",
    )
    told = [*told[:-1], last, *asides]
    if not is_shown_exactly(score):
        told.append(Text("计算全程用分数，只在得分处四舍五入一次"))
    return told


def _ranked(place: Place) -> Text:
    """Tell the score of a rank (rule 26)."""
    rank: Text = Text("%(count)s 个对象中第 %(rank)s 名", count=place.of, rank=place.rank)
    if place.equals > 1:
        rank = Text("%(rank)s（%(equals)s 个并列）", rank=rank, equals=place.equals)
    return Text(
        "%(rank)s：100 ×（%(count)s − %(place)s + 1）÷ %(count)s = %(score)s 分",
        rank=rank,
        count=place.of,
        place=place.rank,
        score=shown(place.score),
    )


def _asides(working: Working, each: Answer) -> list[Text]:
    """Tell what stands beside the steps: how far the next band is, how shares were rounded."""
    if not isinstance(working.rule.own, MeanMark):
        return _distances(working, each)
    return [
        named(each, part, line)
        for part in each.parts
        if each.may_tell_apart(working.smallest_group)
        for line in rounding_told(working.rule.own, part.counts.opinions)
    ]


def _question(working: Working, each: Answer) -> list[Text]:
    rule = working.rule
    if len(each.parts) == 1:
        return [named(each, each.parts[0], part_told(rule, each.parts[0]))]
    if each.may_tell_apart(working.smallest_group):
        told = [named(each, part, part_told(rule, part)) for part in each.parts]
    else:
        hidden = Text("有类别不足 %(least)s 票，各类别票数不单列", least=working.smallest_group)
        told = [named(each, None, hidden)]
    return [*told, named(each, None, _combined(working, each))]


def _combined(working: Working, each: Answer) -> Text:
    """Tell how the groups of one question are combined by weight (rule 12)."""
    rule = working.rule
    measure, score = each.measure(rule), each.score(rule)
    if measure is None or score is None:
        raise ValueError("a question without a result has nothing to combine")
    together = rule.combine == "ratios" and not isinstance(rule.own, LevelMean | MeanMark)
    if not each.may_tell_apart(working.smallest_group):
        result: Text = Text("各类别按权重合成")
    else:
        result = Text("各类别按权重合成：%(sum)s", sum=_weighted(rule, each, together))
    if together:
        share = Text("%(sum)s = %(percent)s%%", sum=result, percent=percentage(measure))
        return awarded(rule, share, measure)
    return Text("%(sum)s = %(score)s 分", sum=result, score=shown(score))


def _weighted(rule: Rule, each: Answer, together: bool) -> str:
    terms = []
    for part in each.parts:
        measure = part.measure(rule)
        figure = f"{percentage(measure)}%" if together else shown(rule.own.score(measure))
        terms.append(f"{exact(part.weight)} × {figure}")
    return " + ".join(terms)


def _mean_of_questions(working: Working, score: Fraction) -> Text:
    """Tell the weighted mean of the questions' scores (rule 11)."""
    scores = [(each.weight, each.score(working.rule) or Fraction(0)) for each in working.answers]
    equal = len({weight for weight, _ in scores}) == 1
    terms = [
        shown(each) if equal else f"{exact(weight)} × {shown(each)}" for weight, each in scores
    ]
    return Text(
        "各测评项平均：（%(sum)s）÷ %(weights)s = %(score)s 分",
        sum=" + ".join(terms),
        weights=len(scores) if equal else exact(sum((w for w, _ in scores), Fraction(0))),
        score=shown(score),
    )


def _distances(working: Working, each: Answer) -> list[Text]:
    """Tell how many approving ballots the next band is away, where bands apply."""
    rule = working.rule
    bands = rule.own
    if not isinstance(bands, Bands) or (rule.combine == "ratios" and len(each.parts) > 1):
        return []
    told = []
    for part in each.parts:
        above = bands.next_band(part.measure(rule))
        if above and each.may_tell_apart(working.smallest_group):
            line = Text(
                "距上一档（%(edge)s%%）差 %(votes)s 票",
                edge=exact(above.at_least * 100),
                votes=ceil(above.at_least * part.base) - rule.levels.approving(part.counts.marks),
            )
            told.append(named(each, part, line))
    return told
