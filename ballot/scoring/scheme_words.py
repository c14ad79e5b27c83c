"""The parts of a scheme in words, for whoever reads it as a list: items, limits, vetoes, grades."""

from collections.abc import Iterator

from ballot.language import Text
from ballot.scoring.adjustments import AdjustmentLimit, VetoRule
from ballot.scoring.components import Combine, Component, Item
from ballot.scoring.figures import exact, in_percent
from ballot.scoring.grade_rules import CutGrades, GradeRule, PlaceGrades


def asides(item: Item) -> Iterator[Text | str]:
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


def limit_words(limit: AdjustmentLimit) -> Text:
    """Return a limit of adjustments in one line."""
    told = Text("%(title)s：%(rules)s", title=limit.title, rules="、".join(limit.rules))
    if limit.same_item:
        told = Text("%(told)s，同一事项只计最高的一次", told=told)
    if limit.at_most is None:
        return told
    most = exact(limit.at_most)
    if limit.scaled:
        return Text("%(told)s，超过 %(most)s 分按比例折算", told=told, most=most)
    return Text("%(told)s，最多 %(most)s 分", told=told, most=most)


def veto_words(veto: VetoRule) -> Text:
    """Return a veto with its effect in one line."""
    told = Text("%(title)s → %(effect)s", title=veto.title, effect=veto.effect.text)
    if veto.grade:
        told = Text("%(told)s “%(grade)s”", told=told, grade=veto.grade)
    return Text("%(told)s，%(flag)s", told=told, flag=veto.flag) if veto.flag else told


def grade_words(grades: GradeRule) -> Text:
    """Return the grades and who gets the best one in one line."""
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
