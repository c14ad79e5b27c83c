"""What `ballot schemes show` prints: every rule of a scheme as a row, items as a tree."""

from collections.abc import Iterator, Mapping
from typing import Any

from ballot.cli.reporting import words
from ballot.language import Text
from ballot.scoring import (
    AdjustmentLimit,
    AdjustmentRule,
    Item,
    Kind,
    NoticeRule,
    Posts,
    Reading,
    ReviewRule,
    Scheme,
    VetoRule,
)
from ballot.scoring.figures import exact, in_percent
from ballot.scoring.rule_words import rule_words
from ballot.scoring.scheme_words import asides, grade_words, limit_words, veto_words

INDENT = "· "


def parts(scheme: Scheme) -> Iterator[dict[str, Any]]:
    """Return every rule of a scheme as a row."""
    for kind in scheme.kinds.values():
        yield _kind_row(kind)
        for component in kind.components:
            yield from _item_rows(kind, component, depth=0)
        yield from _other_rows(kind)
    for reading in scheme.readings.values():
        yield _reading_row(reading)


def _kind_row(kind: Kind) -> dict[str, Any]:
    marks = "" if kind.full_marks is None else exact(kind.full_marks)
    return _row(kind.key, Text("类别"), kind.key, kind.title, marks=marks, clause=kind.clause)


def _item_rows(kind: Kind, item: Item, depth: int) -> Iterator[dict[str, Any]]:
    """Return an item and everything under it."""
    title = INDENT * depth + item.title
    told = "，".join(each if isinstance(each, str) else words(each) for each in asides(item))
    marks = "" if item.full_marks is None else exact(item.full_marks)
    yield _row(
        kind.key,
        Text("分项") if depth else Text("考核项"),
        item.key,
        f"{title}（{told}）" if told else title,
        marks=marks,
        source="" if depth and item.rule is None else words(item.source.text),
        office=item.office,
        clause=item.clause,
    )
    if item.rule:
        title = words(rule_words(item.rule))
        if item.questions:
            asked = "、".join(item.questions)
            title = words(Text("%(rule)s；测评项：%(questions)s", rule=title, questions=asked))
        if item.groups:
            told = "、".join(f"{name} {exact(weight)}" for name, weight in item.groups)
            title = words(Text("%(rule)s；类别权重：%(groups)s", rule=title, groups=told))
        yield _row(kind.key, Text("折算"), item.key, title, clause=item.rule.clause)
    for part in item.items:
        yield from _item_rows(kind, part, depth + 1)


def _other_rows(kind: Kind) -> Iterator[dict[str, Any]]:
    factor, quota, years = kind.coefficient, kind.staff, kind.two_years
    if factor:
        yield _row(kind.key, Text("系数"), factor.column, factor.title, clause=factor.clause)
    for adjustment in kind.adjustments.values():
        marks = "" if adjustment.marks is None else f"{adjustment.marks:+f}"
        yield _part_row(kind.key, Text("加减分"), adjustment, adjustment.title, marks=marks)
    for limit in kind.limits.values():
        yield _part_row(kind.key, Text("加减分限额"), limit, words(limit_words(limit)))
    for veto in kind.vetoes.values():
        yield _part_row(kind.key, Text("否决"), veto, words(veto_words(veto)))
    if kind.grades:
        yield _row(
            kind.key,
            Text("等次"),
            "grades",
            words(grade_words(kind.grades)),
            clause=kind.grades.clause,
        )
    if quota:
        title = Text(
            "%(title)s：%(first)s（最高等次和不参评的单位），其余 %(others)s",
            title=quota.title,
            first=in_percent(quota.first),
            others=in_percent(quota.others),
        )
        yield _row(kind.key, Text("名额"), "staff", words(title), clause=quota.clause)
    if years:
        bad = years.grade if years.below is None else f"< {exact(years.below)}"
        title = Text("连续两年%(bad)s：%(flag)s", bad=bad, flag=years.flag)
        yield _row(kind.key, Text("提示"), "last-year", words(title), clause=years.clause)
    notice, review = kind.notice, kind.review
    yield _row(kind.key, Text("公示"), "notice", words(_notice(notice)), clause=notice.clause)
    yield _row(kind.key, Text("复核"), "review", words(_review(review)), clause=review.clause)


def _notice(rule: NoticeRule) -> Text:
    if rule.posts is Posts.NONE:
        return rule.posts.text
    return Text(
        "%(posts)s；公示 %(least)s 至 %(most)s 天",
        posts=rule.posts.text,
        least=rule.least,
        most=rule.most,
    )


def _review(rule: ReviewRule) -> Text:
    return Text(
        "接到书面通知之日起 %(ask)s 日内可申请复核，收到申请之日起 %(answer)s 日内答复",
        ask=rule.ask,
        answer=rule.answer,
    )


def _reading_row(reading: Reading) -> dict[str, Any]:
    text = reading.text
    if reading.settings:
        values = "；".join(f"{each.path} = {each.value}" for each in reading.settings)
        text = words(Text("%(text)s（设置：%(values)s）", text=text, values=values))
    return _row("", Text("口径"), reading.key, text, clause=reading.clause)


def _part_row(
    kind: str,
    part: Text,
    rule: AdjustmentRule | AdjustmentLimit | VetoRule,
    title: str,
    **more: str,
) -> dict[str, Any]:
    return _row(kind, part, rule.key, title, clause=rule.clause, **more)


def _row(kind: str, part: Text, key: str, title: str, **more: str) -> dict[str, Any]:
    row: Mapping[str, str] = {"kind": kind, "part": words(part), "key": key, "title": title}
    return {**row, "marks": "", "source": "", "office": "", "clause": "", **more}
