"""What is refused about entries, adjustments and vetoes, each by the column where it is."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from fractions import Fraction

from ballot.language import Text
from ballot.scoring.adjustments import Effect
from ballot.scoring.components import Combine, Component, Item
from ballot.scoring.entries import (
    IMPROVEMENT,
    LEVEL,
    Adjustment,
    Entry,
    Figure,
    Veto,
    indicator,
    nodes,
)
from ballot.scoring.figures import decimal_number, exact, readable
from ballot.scoring.kinds import Kind
from ballot.scoring.working import worked

Problem = tuple[str, Text]
"""What is wrong, after the key or column where it is."""


def above(key: str) -> list[str]:
    """Return the keys of everything a key is a part of."""
    path = key.split(".")
    return [".".join(path[:length]) for length in range(1, len(path))]


def key_problems(kind: Kind, keys: Set[str]) -> Iterator[Problem]:
    """Say which keys are unknown, given twice over, or missing (rule 14)."""
    known = nodes(kind)
    measured = {key for key in keys - known.keys() if indicator(kind, key)}
    for key in sorted(keys - known.keys() - measured):
        yield key, Text("类别“%(kind)s”没有这一考核项", kind=kind.key)
    for key in sorted(keys & known.keys()):
        for whole in above(key):
            if whole in keys:
                yield key, Text("“%(whole)s”已整项给出，不能再分项给出", whole=whole)
    for component in kind.components:
        if component.indicators:
            yield from _indicator_problems(kind, component, keys, measured)
        elif component.needs is None:
            for item in _missing(component, keys):
                yield item.key, Text("缺少“%(title)s”", title=item.title)


def _missing(item: Item, keys: Set[str]) -> Iterator[Item]:
    """Return what is missing of an item: all of it, or leaves of its parts (rules 14 and 40)."""
    if item.key in keys:
        return
    given = [part for part in item.items if _touched(part, keys)]
    if not given:
        yield item
        return
    for part in given if item.combine is Combine.MEAN else item.items:
        yield from _missing(part, keys) if part in given else part.leaves()


def _touched(item: Item, keys: Set[str]) -> bool:
    return any(_within(key, item.key) for key in keys)


def _within(key: str, whole: str) -> bool:
    return key == whole or key.startswith(f"{whole}.")


def _indicator_problems(
    kind: Kind, component: Component, keys: Set[str], measured: Set[str]
) -> Iterator[Problem]:
    """Say which indicators stand beside their whole, or lack one of their two figures."""
    if component.key in keys:
        for key in sorted(measured):
            yield key, Text("“%(whole)s”已整项给出，不能再分项给出", whole=component.key)
        return
    if not measured:
        yield component.key, Text("缺少“%(title)s”", title=component.title)
    for name in sorted({pair[0] for key in measured if (pair := indicator(kind, key))}):
        for part in (LEVEL, IMPROVEMENT):
            if f"{name}.{part}" not in measured:
                yield f"{name}.{part}", Text("缺少这一列")


def entry_problems(kind: Kind, entry: Entry) -> Iterator[Problem]:
    """Say what is wrong with one unit's figures and extra columns."""
    known = nodes(kind)
    yield from key_problems(kind, entry.figures.keys())
    for key, figure in entry.figures.items():
        problem = figure_problem(known[key], figure) if key in known else None
        if problem:
            yield key, problem
    yield from condition_problems(kind, entry.figures)
    yield from _extra_problems(kind, entry)


def figure_problem(item: Item, figure: Figure) -> Text | None:
    """Say what is wrong with a figure: below 0, above its full marks, or not a place."""
    if item.steps:
        whole = Fraction(figure).denominator == 1 and figure >= 1
        return None if whole else Text("名次须是不小于 1 的整数")
    if figure < 0:
        return Text("不能小于 0")
    if item.full_marks is not None and figure > item.full_marks:
        return Text(
            "%(figure)s 超过满分 %(full)s", figure=readable(figure), full=exact(item.full_marks)
        )
    return None


def condition_problems(kind: Kind, figures: Mapping[str, Figure]) -> Iterator[Problem]:
    """Say where a figure is missing whose condition is met, or given where it is not (rule 42)."""
    for component in kind.components:
        if component.needs is None:
            continue
        other = kind.component(component.needs.component)
        work = worked(other, figures)
        if work is None:
            continue
        met = work.value >= Fraction(component.needs.at_least)
        given = _touched(component, figures.keys())
        if met and not given:
            yield component.key, Text("不能空白")
        elif met:
            for item in _missing(component, figures.keys()):
                yield item.key, Text("缺少“%(title)s”", title=item.title)
        elif given:
            yield (
                component.key,
                Text(
                    "“%(title)s”%(value)s，低于 %(mark)s，须空白",
                    title=other.title,
                    value=readable(work.value),
                    mark=exact(component.needs.at_least),
                ),
            )


def _extra_problems(kind: Kind, entry: Entry) -> Iterator[Problem]:
    """Say which extra columns were filled that the kind does not have, or with no use."""
    filled = {
        "sector": bool(entry.sector),
        "competes": not entry.competes,
        "staff": entry.staff is not None,
        "last-year": bool(entry.last_year),
    }
    for column, used in filled.items():
        if used and column not in kind.columns:
            yield column, Text("类别“%(kind)s”没有这一列", kind=kind.key)
    if entry.coefficient is not None:
        if kind.coefficient is None:
            yield "coefficient", Text("类别“%(kind)s”没有这一列", kind=kind.key)
        elif entry.coefficient <= 0:
            yield kind.coefficient.column, Text("须大于 0")
    problem = last_year_problem(kind, entry.last_year)
    if problem:
        yield "last-year", problem


def last_year_problem(kind: Kind, written: str) -> Text | None:
    """Say what is wrong with last year's result: a total or a grade, as the rule compares."""
    rule = kind.two_years
    if rule is None or not written:
        return None
    labels = kind.grades.labels if kind.grades else ()
    if rule.below is not None and decimal_number(written) is None:
        return Text("“%(value)s”不是数字", value=written)
    if rule.grade and written not in labels:
        return Text("“%(value)s”无效，可用：%(allowed)s", value=written, allowed="、".join(labels))
    return None


def missing_indicators(kind: Kind, entry: Entry, names: Iterable[str]) -> Iterator[Problem]:
    """Say which indicators a unit lacks that others have: their ranks need everyone's figures."""
    component = kind.indicated
    if component is None or component.key in entry.figures:
        return
    for name in names:
        for part in (LEVEL, IMPROVEMENT):
            if f"{name}.{part}" not in entry.figures:
                yield f"{name}.{part}", Text("不能空白")


def adjustment_problems(kind: Kind, units: Set[str], adjustment: Adjustment) -> Iterator[Problem]:
    """Say what is wrong with an adjustment, by column (rule 15)."""
    if adjustment.unit not in units:
        yield "unit", Text("没有单位“%(unit)s”", unit=adjustment.unit)
    if adjustment.times < 1:
        yield "times", Text("次数须是不小于 1 的整数")
    rule = kind.adjustments.get(adjustment.rule)
    if rule is None:
        yield (
            "rule",
            Text(
                "没有加减分规则“%(rule)s”，现有：%(known)s",
                rule=adjustment.rule,
                known="、".join(kind.adjustments),
            ),
        )
    elif rule.marks is None and adjustment.marks is None:
        yield "marks", Text("规则“%(rule)s”没有固定分值，须填写分值", rule=rule.key)
    elif rule.marks is not None and adjustment.marks is not None:
        yield (
            "marks",
            Text(
                "规则“%(rule)s”每次固定 %(marks)s 分，不能另填分值",
                rule=rule.key,
                marks=exact(rule.marks),
            ),
        )


def veto_problems(
    kind: Kind, units: Set[str], veto: Veto, indicators: Collection[str] = ()
) -> Iterator[Problem]:
    """Say what is wrong with a veto, by column; `indicators` are the names that were entered."""
    if veto.unit not in units:
        yield "unit", Text("没有单位“%(unit)s”", unit=veto.unit)
    rule = kind.vetoes.get(veto.rule)
    if rule is None:
        yield (
            "rule",
            Text(
                "没有否决情形“%(rule)s”，现有：%(known)s",
                rule=veto.rule,
                known="、".join(kind.vetoes),
            ),
        )
    elif rule.effect is Effect.ZEROES and veto.item not in {*indicators, *nodes(kind)}:
        yield (
            "item",
            Text(
                "“%(value)s”不是考核项或指标，可用：%(known)s",
                value=veto.item,
                known="、".join([*indicators, *nodes(kind)]),
            ),
        )
