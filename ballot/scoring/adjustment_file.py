"""Reading the tables of adjustments, their limits, and vetoes."""

from collections.abc import Mapping
from typing import Final

from ballot.language import Text
from ballot.scoring.adjustments import AdjustmentLimit, AdjustmentRule, Effect, VetoRule
from ballot.scoring.readings import Reading
from ballot.scoring.toml_table import Table

EFFECTS: Final = {effect.value: effect for effect in Effect}


def read_adjustments(table: Table, readings: Mapping[str, Reading]) -> dict[str, AdjustmentRule]:
    """Return the rules under `adjustments`."""
    rules = {}
    for key, each in table.named("adjustments"):
        rules[key] = AdjustmentRule(
            key=key,
            title=each.text("title"),
            marks=each.number("marks") if "marks" in each else None,
            clause=each.text("clause", ""),
            readings=each.choices("readings", readings),
        )
        each.finish()
    return rules


def read_limits(
    table: Table, adjustments: Mapping[str, AdjustmentRule], readings: Mapping[str, Reading]
) -> dict[str, AdjustmentLimit]:
    """Return the limits under `limits`, each of some of the adjustments (rules 47 to 49)."""
    limits: dict[str, AdjustmentLimit] = {}
    for key, each in table.named("limits"):
        limit = AdjustmentLimit(
            key=key,
            title=each.text("title"),
            rules=tuple(rule.key for rule in each.choices("rules", adjustments)),
            same_item=each.flag("same-item", default=False),
            at_most=each.positive("at-most") if "at-most" in each else None,
            scaled=each.flag("scaled", default=False),
            clause=each.text("clause", ""),
            readings=each.choices("readings", readings),
        )
        _check_limit(each, limit, adjustments)
        each.finish()
        limits[key] = limit
    return limits


def _check_limit(
    table: Table, limit: AdjustmentLimit, adjustments: Mapping[str, AdjustmentRule]
) -> None:
    if not limit.rules:
        table.mistake("rules", Text("须是至少一项的列表"))
    for rule in limit.rules:
        marks = adjustments[rule].marks
        if limit.at_most is not None and marks is not None and marks < 0:
            table.mistake("rules", Text("“%(value)s”是扣分，不受上限约束", value=rule))
    if limit.at_most is None and not limit.same_item:
        table.mistake("at-most", Text("缺少"))
    if limit.scaled and limit.at_most is None:
        table.mistake("scaled", Text("按比例折算须有上限 at-most"))


def read_vetoes(table: Table, readings: Mapping[str, Reading]) -> dict[str, VetoRule]:
    """Return the rules under `vetoes`."""
    rules = {}
    for key, each in table.named("vetoes"):
        rule = VetoRule(
            key=key,
            title=each.text("title"),
            effect=each.choice("effect", EFFECTS) or Effect.BARS,
            clause=each.text("clause", ""),
            grade=each.text("grade", ""),
            flag=each.text("flag", ""),
            readings=each.choices("readings", readings),
        )
        if rule.effect is Effect.CAPS and not rule.grade:
            each.mistake("grade", Text("缺少"))
        if rule.grade and rule.effect is not Effect.CAPS:
            each.mistake("grade", Text("只用于 effect = “caps”"))
        if rule.effect is Effect.FLAGS and not rule.flag:
            each.mistake("flag", Text("缺少"))
        each.finish()
        rules[key] = rule
    return rules
