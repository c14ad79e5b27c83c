"""What `ballot schemes show` prints: every rule of a scheme as a row, items as a tree."""

from collections.abc import Iterator, Mapping
from typing import Any

from ballot.cli.reporting import words
from ballot.cli.rule_words import rule_words
from ballot.language import Text
from ballot.scoring import (
    AdjustmentLimit,
    AdjustmentRule,
    Combine,
    Component,
    CutGrades,
    GradeRule,
    Item,
    Kind,
    PlaceGrades,
    Reading,
    Scheme,
    VetoRule,
)
from ballot.scoring.figures import exact, in_percent

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
    told = "，".join(each if isinstance(each, str) else words(each) for each in _asides(item))
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


def _asides(item: Item) -> Iterator[Text | str]:
    """Tell what an item's title and marks leave out."""
    if item.includes:
        yield item.includes
    if isinstance(item, Component):
        yield from _component_asides(item)
    if item.weight != 1:
        yield Text("权重 %(weight)s", weight=in_percent(item.weight))
    if item.combine is not Combine.SUM:
        yield Text("分项%(how)s", how=item.combine.text)
    if item.steps:
        yield Text(
            "按名次计分：第一名 %(first)s，每低一名减 %(step)s，最低 %(least)s",
            first=exact(item.steps.first),
            step=exact(item.steps.step),
            least=exact(item.steps.least),
        )


def _component_asides(component: Component) -> Iterator[Text]:
    if component.share != 1:
        yield Text("占总分 %(share)s", share=in_percent(component.share))
    if not component.counted:
        yield Text("不计入总分")
    if component.needs:
        yield Text(
            "“%(key)s”达到 %(mark)s 才填，否则空白",
            key=component.needs.component,
            mark=exact(component.needs.at_least),
        )
    if component.indicators:
        yield Text(
            "任意多个指标，按名次计分：现状占 %(level)s，改善占 %(improvement)s",
            level=in_percent(component.indicators.level),
            improvement=in_percent(component.indicators.improvement),
        )


def _other_rows(kind: Kind) -> Iterator[dict[str, Any]]:
    factor, quota, years = kind.coefficient, kind.staff, kind.two_years
    if factor:
        yield _row(kind.key, Text("系数"), factor.column, factor.title, clause=factor.clause)
    for adjustment in kind.adjustments.values():
        marks = "" if adjustment.marks is None else f"{adjustment.marks:+f}"
        yield _part_row(kind.key, Text("加减分"), adjustment, adjustment.title, marks=marks)
    for limit in kind.limits.values():
        yield _part_row(kind.key, Text("加减分限额"), limit, words(_limit(limit)))
    for veto in kind.vetoes.values():
        yield _part_row(kind.key, Text("否决"), veto, words(_veto(veto)))
    if kind.grades:
        yield _row(
            kind.key,
            Text("等次"),
            "grades",
            words(_grades(kind.grades)),
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


def _limit(limit: AdjustmentLimit) -> Text:
    told = Text("%(title)s：%(rules)s", title=limit.title, rules="、".join(limit.rules))
    if limit.same_item:
        told = Text("%(told)s，同一事项只计最高的一次", told=told)
    if limit.at_most is None:
        return told
    most = exact(limit.at_most)
    if limit.scaled:
        return Text("%(told)s，超过 %(most)s 分按比例折算", told=told, most=most)
    return Text("%(told)s，最多 %(most)s 分", told=told, most=most)


def _veto(veto: VetoRule) -> Text:
    told = Text("%(title)s → %(effect)s", title=veto.title, effect=veto.effect.text)
    if veto.grade:
        told = Text("%(told)s “%(grade)s”", told=told, grade=veto.grade)
    return Text("%(told)s，%(flag)s", told=told, flag=veto.flag) if veto.flag else told


def _grades(grades: GradeRule) -> Text:
    if isinstance(grades, PlaceGrades):
        return _places(grades)
    return _cuts(grades)


def _places(grades: PlaceGrades) -> Text:
    labels = "、".join(grades.labels)
    if grades.share is None:
        return Text(
            "%(labels)s；%(first)s %(places)s 个",
            labels=labels,
            first=grades.first,
            places=grades.places,
        )
    return Text(
        "%(labels)s；%(first)s占参评单位的 %(share)s，至少 %(least)s 个",
        labels=labels,
        first=grades.first,
        share=in_percent(grades.share),
        least=grades.least,
    )


def _cuts(grades: CutGrades) -> Text:
    cuts = [f"{cut.grade} ≥ {exact(cut.at_least)}" for cut in grades.cuts]
    told = Text("%(cuts)s，其余%(rest)s", cuts="，".join(cuts), rest=grades.otherwise)
    if grades.limit is not None:
        told = Text(
            "%(told)s；%(first)s最多 %(share)s",
            told=told,
            first=grades.first,
            share=in_percent(grades.limit),
        )
    if grades.distinction is None:
        return told
    return Text(
        "%(told)s；%(title)s %(share)s",
        told=told,
        title=grades.distinction.title,
        share=in_percent(grades.distinction.share),
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
