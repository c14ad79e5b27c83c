"""The rule of a POLL.toml's section: the component's, with what the file sets instead."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ballot.domain.definition import Limit
from ballot.errors import BallotError
from ballot.language import Text
from ballot.scoring import (
    MARKS,
    SCALES,
    AnyScale,
    Base,
    Item,
    Level,
    MarksScale,
    MeanMark,
    RankMarks,
    Rule,
    RuleError,
    Scale,
)
from ballot.scoring.toml_table import Table

BASES: Final = {base.value: base for base in Base}


def unknown_word(table: Table, key: str, value: str, known: Iterable[str]) -> None:
    """Note a word that is none of those known."""
    allowed = "、".join(known)
    table.mistake(key, Text("“%(value)s”无效，可用：%(allowed)s", value=value, allowed=allowed))


def read_rule(table: Table, component: Item | None) -> Rule | None:
    """Return the component's rule with the scale and base that the file sets instead.

    On marks that the scheme does not ask for, the mean of the marks counts.
    """
    scale, mean = _scale(table) if "scale" in table else (None, None)
    base = table.choice("base", BASES) if "base" in table else None
    if component is None or component.rule is None:
        return None
    rule = component.rule
    if isinstance(rule.conversion, RankMarks):
        table.mistake("component", Text("名次分要把各对象放在一起排，不能由一次测评直接折算"))
        return None
    if isinstance(scale, MarksScale) and (mean or not isinstance(rule.scale, MarksScale)):
        rule = replace(
            rule, scale=MARKS, conversion=mean or MeanMark(), base=Base.OPINIONS, combine="scores"
        )
    elif isinstance(scale, Scale) and isinstance(rule.scale, MarksScale):
        table.mistake("scale", Text("方案规定打 0 至 100 分，不能改用等次"))
        return None
    elif isinstance(scale, Scale):
        rule = replace(rule, scale=scale)
    return rule if base is None else _on_base(table, rule, base)


def _on_base(table: Table, rule: Rule, base: Base) -> Rule | None:
    try:
        return rule.counted_on(base)
    except RuleError as error:
        table.mistake("base", error.text)
        return None


def read_limits(table: Table, rule: Rule | None) -> tuple[Limit, ...]:
    """Return how often each level may be chosen; marks have no levels to limit."""
    limits = tuple(_limit(row, rule) for row in table.rows("limits"))
    if limits and rule is not None and isinstance(rule.scale, MarksScale):
        table.mistake("limits", Text("百分制打分没有等次，不能限额"))
    return limits


def _limit(table: Table, rule: Rule | None) -> Limit:
    limit = Limit(table.text("level"), table.whole("at_most", least=0))
    scale = rule.scale if rule else None
    if isinstance(scale, Scale) and limit.level and limit.level not in scale.labels:
        unknown_word(table, "level", limit.level, scale.labels)
    table.finish()
    return limit


def _scale(table: Table) -> tuple[AnyScale | None, MeanMark | None]:
    """Return the scale, and how marks are averaged where the file says it."""
    if not table.is_table("scale"):
        scale: AnyScale | None = table.choice("scale", SCALES)
        return scale, None
    inner = table.table("scale")
    if inner is None:
        return None, None
    if "marks" in inner:
        return MARKS, _mean(inner)
    levels = [_level(row) for row in inner.rows("levels", required=True)]
    inner.finish()
    if not levels:
        return None, None
    try:
        return Scale(tuple(levels)), None
    except BallotError as error:
        for problem in error.texts():
            inner.mistake("levels", problem)
        return None, None


def _mean(scale: Table) -> MeanMark:
    """Return how marks are averaged: what is dropped, and only above how many."""
    inner = scale.table("marks")
    scale.finish()
    if inner is None:
        return MeanMark()
    top, bottom = inner.share_or_count("drop_top"), inner.share_or_count("drop_bottom")
    only_above = inner.whole("only_above", least=0) if "only_above" in inner else 0
    inner.finish()
    return MeanMark(top, bottom, only_above)


def _level(table: Table) -> Level:
    level = Level(
        label=table.text("label", most=12),
        value=table.fraction("value"),
        approves=table.flag("approves", default=False),
    )
    table.finish()
    return level
