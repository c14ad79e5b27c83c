"""What a reader of printed figures must be told beside them."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import reduce

from ballot.language import Text
from ballot.scoring.counts import Counts
from ballot.scoring.figures import percent
from ballot.scoring.parts import Answer
from ballot.scoring.rules import Rule
from ballot.scoring.scales import Scale
from ballot.scoring.wording import listed, named


def note_on(rule: Rule, answers: Sequence[Answer], total: Counts) -> Text | None:
    """Return what a reader of the printed figures must know, None if there is nothing."""
    told = [_empty(rule, each) for each in answers if each.empty]
    base = total.of(rule.base)
    if base and isinstance(rule.scale, Scale):
        told += _percentages(total, base)
        if _differs(rule, answers, Fraction(rule.scale.approving(total.marks), base)):
            told.append(Text("得票率按权重合成，不等于合计票数之比"))
    return reduce(_then, told) if told else None


def _then(first: Text, second: Text) -> Text:
    return Text("%(first)s；%(second)s", first=first, second=second)


def _differs(rule: Rule, answers: Sequence[Answer], plain: Fraction) -> bool:
    """Tell whether the weighted ratio is another one than that of all votes together."""
    weighted = Fraction(0)
    for each in answers:
        ratio = each.ratio(rule)
        if ratio is None:
            return False
        weighted += each.weight * ratio
    return weighted / sum((each.weight for each in answers), Fraction(0)) != plain


def _empty(rule: Rule, each: Answer) -> Text:
    """Name the empty base (rule 8) or the empty groups (rule 13)."""
    groups = listed(each.empty)
    if not any(each.empty):
        line = Text("基数（%(base)s）为 0，没有结果", base=rule.base.text)
    elif each.parts:
        line = Text(
            "类别“%(groups)s”没有%(base)s，其余类别按权重重新折算",
            groups=groups,
            base=rule.base.text,
        )
    else:
        line = Text("类别“%(groups)s”没有%(base)s，没有结果", groups=groups, base=rule.base.text)
    return named(each, None, line)


def _percentages(total: Counts, base: int) -> list[Text]:
    """Say so where the printed percentages of the levels do not add up to 100 (rule 7)."""
    printed = sum(Decimal(percent(mark, base)) for mark in total.marks)
    if printed == 100:
        return []
    if total.opinions == base:
        return [Text("各等次百分比合计 %(sum)s%%，是四舍五入所致", sum=f"{printed:f}")]
    return [
        Text(
            "各等次百分比合计 %(sum)s%%，基数中另有 %(rest)s 票没有选择等次",
            sum=f"{printed:f}",
            rest=base - total.opinions,
        )
    ]
