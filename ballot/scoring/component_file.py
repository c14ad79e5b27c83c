"""Reading the tables of components and items."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from ballot.language import Text
from ballot.scoring.components import (
    WHOLE,
    Combine,
    Component,
    Condition,
    Indicators,
    Item,
    Source,
    Steps,
)
from ballot.scoring.errors import WeightsError
from ballot.scoring.figures import exact
from ballot.scoring.readings import Reading
from ballot.scoring.rules import Rule
from ballot.scoring.toml_table import Table
from ballot.scoring.weights import check_weights

SOURCES: Final = {source.value: source for source in Source}
COMBINES: Final = {combine.value: combine for combine in Combine}


class ComponentReader:
    """Reads the components of one kind, which refer to readings and ballot rules by name."""

    def __init__(self, readings: Mapping[str, Reading], rules: Mapping[str, Rule | None]) -> None:
        self._readings = readings
        self._rules = rules

    def components(self, rows: Iterable[Table]) -> tuple[Component, ...]:
        """Return the components of a kind; a condition must name another one of them."""
        taken: set[str] = set()
        read = [(row, self._component(row, taken)) for row in rows]
        keys = {component.key for _, component in read}
        for row, component in read:
            needs = component.needs
            if needs and (needs.component not in keys or needs.component == component.key):
                row.mistake("needs", Text("“%(value)s”不存在", value=needs.component))
        return tuple(component for _, component in read)

    def _component(self, table: Table, taken: set[str]) -> Component:
        key = table.key(taken)
        values = self._values(table, key, source=None)
        needs, indicators = table.table("needs"), table.table("indicators")
        component = Component(
            key=key,
            share=table.share("share") if "share" in table else WHOLE,
            counted=table.flag("counted", default=True),
            needs=_condition(needs) if needs else None,
            indicators=_indicators(indicators) if indicators else None,
            **values,
        )
        if component.share != WHOLE and component.full_marks is None:
            table.mistake("share", Text("没有满分的考核项不能按比例计"))
        if component.indicators and (component.items or component.full_marks != 100):
            table.mistake("indicators", Text("由指标构成的考核项满分须是 100，不能有分项"))
        table.finish()
        return component

    def _item(self, table: Table, parent: str, taken: set[str]) -> Item:
        key = f"{parent}.{table.key(taken)}"
        values = self._values(table, key, source=Source.ENTRY)
        weight = table.share("weight") if "weight" in table else WHOLE
        steps = table.table("steps")
        item = Item(key=key, weight=weight, steps=_steps(steps) if steps else None, **values)
        if item.steps and (item.items or item.rule):
            table.mistake("steps", Text("按名次计分的分项不能再有分项，也不能由投票产生"))
        elif item.steps and item.steps.first != item.full_marks:
            table.mistake("steps", Text("第一名的分值须等于满分"))
        table.finish()
        return item

    def _values(self, table: Table, key: str, source: Source | None) -> dict[str, Any]:
        """Return what components and items have in common; an item's source may be absent."""
        taken: set[str] = set()
        full = table.positive("full") if "full" in table else None
        items = tuple(self._item(row, key, taken) for row in table.rows("items"))
        combine = table.choice("combine", COMBINES, Combine.SUM.value) or Combine.SUM
        check_parts(table, full, items, combine)
        default = source.value if source else None
        values = {
            "title": table.text("title"),
            "full_marks": full,
            "office": table.text("office", ""),
            "includes": table.text("includes", ""),
            "clause": table.text("clause", ""),
            "readings": table.choices("readings", self._readings),
            "items": items,
            "combine": combine,
            "source": table.choice("source", SOURCES, default) or Source.ENTRY,
            "questions": tuple(table.texts("questions")),
            "groups": _groups(table),
        }
        return {**values, "rule": self._rule(table, values)}

    def _rule(self, table: Table, values: Mapping[str, Any]) -> Rule | None:
        """Return the rule by which votes become this item's marks, with its full marks."""
        if "rule" not in table:
            polled_below = any(item.rule for item in values["items"])
            if values["source"] is Source.BALLOT and not polled_below:
                table.mistake("rule", Text("由投票产生的考核项须有折算规则"))
            if values["questions"]:
                table.mistake("questions", Text("只用于有折算规则的考核项"))
            if values["groups"]:
                table.mistake("groups", Text("只用于有折算规则的考核项"))
            return None
        rule: Rule | None = table.choice("rule", self._rules)
        if rule is None:
            return None
        if values["full_marks"] is None:
            table.mistake("full", Text("缺少"))
            return rule
        own = (reading.text for reading in values["readings"])
        readings = tuple(dict.fromkeys((*rule.readings, *own)))
        return replace(rule, full_marks=values["full_marks"], readings=readings)


def _groups(table: Table) -> tuple[tuple[str, Fraction], ...]:
    """Return the weights of voter groups, which must add up to exactly 1 (rule 12)."""
    groups = table.shares("groups")
    try:
        check_weights(dict(groups))
    except WeightsError as error:
        table.mistake("groups", error.text)
    return groups


def check_parts(
    table: Table, full: Decimal | None, items: Iterable[Item], combine: Combine
) -> None:
    """Note where parts do not make up their whole: sum, weights, marks (rules 14 and 40)."""
    items = tuple(items)
    if not items:
        return
    marks = [item.full_marks for item in items if item.full_marks is not None]
    weights = {item.weight for item in items}
    if full is None or len(marks) < len(items):
        if full is not None or marks or combine is not Combine.SUM:
            table.mistake("full", Text("整项和各分项须都有满分"))
    elif combine is Combine.SUM:
        check_sum(table, full, [Fraction(each) for each in marks])
    elif any(each != full for each in marks):
        table.mistake("items", Text("各分项的满分须等于整项的满分 %(full)s", full=exact(full)))
    if combine is Combine.WEIGHTS:
        total = sum((item.weight for item in items), Fraction(0))
        if total != 1:
            table.mistake("items", Text("各分项权重合计 %(sum)s，须为 1", sum=exact(total)))
    elif weights != {WHOLE}:
        table.mistake("items", Text("权重只用于 combine = “weights”"))


def check_sum(table: Table, full: Decimal, parts: Iterable[Fraction]) -> None:
    """Note a mistake where the parts' full marks do not add up to the whole's."""
    total = sum(parts, Fraction(0))
    if total != full:
        problem = Text("各项满分合计 %(sum)s，不等于 %(full)s", sum=exact(total), full=exact(full))
        table.mistake("full", problem)


def _condition(table: Table) -> Condition:
    condition = Condition(table.text("component"), table.number("at-least"))
    table.finish()
    return condition


def _indicators(table: Table) -> Indicators:
    rule = Indicators(
        table.share("level"), table.share("improvement"), tuple(table.texts("smaller"))
    )
    if rule.level + rule.improvement != 1:
        table.mistake("", Text("两项比例合计须为 1"))
    table.finish()
    return rule


def _steps(table: Table) -> Steps:
    steps = Steps(
        table.positive("first"), table.positive("step"), table.number("least", Decimal(0))
    )
    table.finish()
    return steps
