"""How one part of a conversion is told: from counts to a share or a mean, and to its score."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import reduce

from ballot.language import N_, Text
from ballot.scoring.conversions import Bands, LevelMean
from ballot.scoring.counts import Counts
from ballot.scoring.figures import exact, percentage, shown
from ballot.scoring.mean_mark import MeanMark, given, total
from ballot.scoring.parts import Answer, Part
from ballot.scoring.rules import Rule


def listed(names: Iterable[Text | str]) -> Text | str:
    """Return names as one text, with the marks between them that a language puts there."""
    start: Text | str = ""
    return reduce(_with, names, start)


def _with(first: Text | str, second: Text | str) -> Text | str:
    return Text("%(first)s、%(second)s", first=first, second=second) if first else second


def named(each: Answer, part: Part | None, line: Text) -> Text:
    """Put the question's and the group's name before a line, where there are any."""
    if part is not None and part.group:
        line = Text("%(group)s：%(line)s", group=part.group, line=line)
    if each.text:
        line = Text("“%(question)s”%(line)s", question=each.text, line=line)
    return line


def part_told(rule: Rule, part: Part) -> Text:
    """Tell one part from its votes to its score, or to its ratio where ratios are combined."""
    measure = part.measure(rule)
    if isinstance(rule.own, MeanMark):
        return _mean_told(rule.own, part, measure)
    if isinstance(rule.own, LevelMean):
        return Text(
            "（%(sum)s）÷ %(base)s = %(score)s 分",
            sum=_worths(rule, part),
            base=part.base,
            score=shown(measure),
        )
    share = Text(
        "%(votes)s 票，%(approving)s/%(base)s = %(percent)s%%",
        votes=_approvals(rule, part.counts),
        approving=rule.levels.approving(part.counts.marks),
        base=part.base,
        percent=percentage(measure),
    )
    if rule.combine == "ratios" and part.group:
        return share
    return awarded(rule, share, measure)


def _mean_told(mean: MeanMark, part: Part, measure: Fraction) -> Text:
    """Tell a mean mark: how many, what was dropped, the sum, the mean (rules 24 and 25)."""
    marks = part.counts.marks
    kept = mean.kept(marks)
    top, bottom = mean.dropped(part.counts.opinions)
    if not (top or bottom):
        start: Text = Text("%(count)s 票", count=part.counts.opinions)
        if mean.drops:
            start = Text("%(votes)s，不去掉高低分", votes=start)
    else:
        start = Text(
            "%(count)s 票，去掉%(dropped)s，余 %(kept)s 票",
            count=part.counts.opinions,
            dropped=listed(_dropped(marks, top, bottom)),
            kept=sum(kept),
        )
    return Text(
        "%(votes)s，合计 %(sum)s 分，%(sum)s ÷ %(kept)s = %(score)s 分",
        votes=start,
        sum=total(kept),
        kept=sum(kept),
        score=shown(measure),
    )


def _dropped(marks: Sequence[int], top: int, bottom: int) -> Iterator[Text]:
    every = [mark for mark in given(marks) for _ in range(marks[mark])]
    for number, message, gone in (
        (top, N_("最高 %(number)s 票（%(marks)s）"), every[len(every) - top :][::-1]),
        (bottom, N_("最低 %(number)s 票（%(marks)s）"), every[:bottom]),
    ):
        if number:
            marks_gone = Text("%(first)s 至 %(last)s", first=gone[0], last=gone[-1])
            same = gone[0] == gone[-1]
            yield Text(message, number=number, marks=gone[0] if same else marks_gone)


def rounding_told(mean: MeanMark, opinions: int) -> Iterator[Text]:
    """Tell how a share was rounded to whole ballots, where the source does not say it."""
    if mean.rounding or opinions <= mean.only_above:
        return
    for drop in dict.fromkeys((mean.drop_top, mean.drop_bottom)):
        if 0 < drop < 1 and (drop * opinions).denominator != 1:
            yield Text(
                "口径：%(share)s%% × %(opinions)s 票 = %(exact)s 票，不足一票的舍去",
                share=exact(drop * 100),
                opinions=opinions,
                exact=exact(drop * opinions),
            )


def _approvals(rule: Rule, counts: Counts) -> str:
    pairs = zip(rule.levels.levels, counts.marks, strict=True)
    terms = [f"{level.label} {mark}" for level, mark in pairs if level.approves]
    if len(terms) == 1:
        return terms[0]
    return f"{' + '.join(terms)} = {rule.levels.approving(counts.marks)}"


def _worths(rule: Rule, part: Part) -> str:
    pairs = zip(rule.levels.levels, part.counts.marks, strict=True)
    terms = [f"{level.label} {exact(level.value)} × {mark}" for level, mark in pairs]
    return " + ".join(terms)


def awarded(rule: Rule, share: Text, measure: Fraction) -> Text:
    """Tell which score a share brings."""
    conversion = rule.own
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


def _place(bands: Bands, measure: Fraction) -> Text | str:
    """Say between which edges a ratio lies: `≥ 80%，< 90%`."""
    band, above = bands.band(measure), bands.next_band(measure)
    low = f"≥ {exact(band.at_least * 100)}%" if band else ""
    high = f"< {exact(above.at_least * 100)}%" if above else ""
    return Text("%(low)s，%(high)s", low=low, high=high) if low and high else low or high
