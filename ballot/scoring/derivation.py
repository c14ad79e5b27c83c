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
from ballot.scoring.parts import Answer, Part
from ballot.scoring.rules import Rule
from ballot.scoring.turnout import turnout_lines


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


def lines(working: Working, score: Fraction | None) -> tuple[Text, ...]:
    """Return the derivation of one subject's points, line by line."""
    told = [_base(working), *turnout_lines(working.total, len(working.answers))]
    if score is None:
        told.append(Text("基数为 0，没有结果"))
    else:
        told += _steps(working, score)
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


def _steps(working: Working, score: Fraction) -> list[Text]:
    told = [line for each in working.answers for line in _question(working, each)]
    asides = [line for each in working.answers for line in _distances(working, each)]
    if len(working.answers) > 1:
        told.append(_mean_of_questions(working, score))
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


def _question(working: Working, each: Answer) -> list[Text]:
    rule = working.rule
    if len(each.parts) == 1:
        return [named(each, each.parts[0], _part(rule, each.parts[0]))]
    if _may_show(working, each):
        told = [named(each, part, _part(rule, part)) for part in each.parts]
    else:
        hidden = Text("有类别不足 %(least)s 票，各类别票数不单列", least=working.smallest_group)
        told = [named(each, None, hidden)]
    return [*told, named(each, None, _combined(working, each))]


def _may_show(working: Working, each: Answer) -> bool:
    """Tell whether groups may be told apart: one hidden alone would follow by subtraction."""
    return all(part.counts.returned >= working.smallest_group for part in each.parts)


def named(each: Answer, part: Part | None, line: Text) -> Text:
    """Put the question's and the group's name before a line, where there are any."""
    if part is not None and part.group:
        line = Text("%(group)s：%(line)s", group=part.group, line=line)
    if each.text:
        line = Text("“%(question)s”%(line)s", question=each.text, line=line)
    return line


def _part(rule: Rule, part: Part) -> Text:
    """Tell one part from its marks to its score, or to its ratio where ratios are combined."""
    measure = part.measure(rule)
    if isinstance(rule.conversion, LevelMean):
        return Text("%(sum)s = %(score)s 分", sum=_worths(rule, part), score=shown(measure))
    share = Text(
        "%(votes)s 票，%(approving)s/%(base)s = %(percent)s%%",
        votes=_approvals(rule, part.counts),
        approving=rule.scale.approving(part.counts.marks),
        base=part.base,
        percent=percentage(measure),
    )
    if rule.combine == "ratios" and part.group:
        return share
    return _awarded(rule, share, measure)


def _approvals(rule: Rule, counts: Counts) -> str:
    pairs = zip(rule.scale.levels, counts.marks, strict=True)
    terms = [f"{level.label} {mark}" for level, mark in pairs if level.approves]
    if len(terms) == 1:
        return terms[0]
    return f"{' + '.join(terms)} = {rule.scale.approving(counts.marks)}"


def _worths(rule: Rule, part: Part) -> str:
    pairs = zip(rule.scale.levels, part.counts.marks, strict=True)
    terms = [f"{level.label} {exact(level.value)} × {mark}" for level, mark in pairs]
    return f"({' + '.join(terms)}) ÷ {part.base}"


def _awarded(rule: Rule, share: Text, measure: Fraction) -> Text:
    """Tell which score a share brings."""
    conversion = rule.conversion
    score = shown(conversion.score(measure))
    if not isinstance(conversion, Bands):
        return Text("%(share)s → %(score)s 分", share=share, score=score)
    if conversion.band(measure) is None and conversion.discretionary:
        message = Text("酌情 %(score)s 分", score=score)
    else:
        message = Text("%(score)s 分", score=score)
    return Text(
        "%(share)s %(place)s → %(award)s",
        share=share,
        place=_place(conversion, measure),
        award=message,
    )


def _place(bands: Bands, measure: Fraction) -> str:
    """Say between which edges a ratio lies: `≥ 80%, < 90%`."""
    band, above = bands.band(measure), bands.next_band(measure)
    low = [f"≥ {exact(band.at_least * 100)}%"] if band else []
    high = [f"< {exact(above.at_least * 100)}%"] if above else []
    return ", ".join(low + high)


def _combined(working: Working, each: Answer) -> Text:
    """Tell how the groups of one question are combined by weight (rule 12)."""
    rule = working.rule
    measure, score = each.measure(rule), each.score(rule)
    if measure is None or score is None:
        raise ValueError("a question without a result has nothing to combine")
    together = rule.combine == "ratios" and not isinstance(rule.conversion, LevelMean)
    if not _may_show(working, each):
        result: Text = Text("各类别按权重合成")
    else:
        result = Text("各类别按权重合成：%(sum)s", sum=_weighted(rule, each, together))
    if together:
        share = Text("%(sum)s = %(percent)s%%", sum=result, percent=percentage(measure))
        return _awarded(rule, share, measure)
    return Text("%(sum)s = %(score)s 分", sum=result, score=shown(score))


def _weighted(rule: Rule, each: Answer, together: bool) -> str:
    terms = []
    for part in each.parts:
        measure = part.measure(rule)
        figure = f"{percentage(measure)}%" if together else shown(rule.conversion.score(measure))
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
        "各测评项平均：(%(sum)s) ÷ %(weights)s = %(score)s 分",
        sum=" + ".join(terms),
        weights=len(scores) if equal else exact(sum((w for w, _ in scores), Fraction(0))),
        score=shown(score),
    )


def _distances(working: Working, each: Answer) -> list[Text]:
    """Tell how many approving ballots the next band is away, where bands apply."""
    rule = working.rule
    bands = rule.conversion
    if not isinstance(bands, Bands) or (rule.combine == "ratios" and len(each.parts) > 1):
        return []
    told = []
    for part in each.parts:
        above = bands.next_band(part.measure(rule))
        if above and (len(each.parts) == 1 or _may_show(working, each)):
            line = Text(
                "距上一档（%(edge)s%%）差 %(votes)s 票",
                edge=exact(above.at_least * 100),
                votes=ceil(above.at_least * part.base) - rule.scale.approving(part.counts.marks),
            )
            told.append(named(each, part, line))
    return told
