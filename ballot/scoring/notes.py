"""What a reader of printed figures must be told beside them."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from ballot.language import Text
from ballot.scoring.counts import Counts
from ballot.scoring.derivation import named
from ballot.scoring.figures import percent
from ballot.scoring.parts import Answer
from ballot.scoring.rules import Rule


def note_on(
    rule: Rule, answers: Sequence[Answer], total: Counts, ratio: Fraction | None
) -> Text | None:
    """Return what a reader of the printed figures must know, None if there is nothing."""
    told = [_empty(rule, each) for each in answers if each.empty]
    base = total.of(rule.base)
    if base:
        told += _percentages(total, base)
        if ratio is not None and ratio != Fraction(rule.scale.approving(total.marks), base):
            told.append(Text("得票率按权重合成，不等于合计票数之比"))
    if not told:
        return None
    whole = told[0]
    for text in told[1:]:
        whole = Text("%(first)s;%(second)s", first=whole, second=text)
    return whole


def _empty(rule: Rule, each: Answer) -> Text:
    """Name the empty base (rule 8) or the empty groups (rule 13)."""
    groups = "、".join(each.empty)
    if not groups:
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
