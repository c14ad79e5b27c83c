"""What a person enters for the yearly standing, and what is refused about it."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from ballot.language import Text
from ballot.scoring.figures import exact
from ballot.scoring.schemes import Item, Kind


@dataclass(frozen=True)
class Entry:
    """One unit's figures, by the key of a component (whole) or of its items."""

    unit: str
    figures: Mapping[str, Decimal]


@dataclass(frozen=True)
class Adjustment:
    """Marks added or taken off by a rule; `marks` only where the rule has no fixed figure."""

    unit: str
    rule: str
    times: int = 1
    marks: Decimal | None = None
    item: str = ""
    note: str = ""


@dataclass(frozen=True)
class Veto:
    """A veto that a unit met with."""

    unit: str
    rule: str
    item: str = ""
    note: str = ""


@dataclass(frozen=True)
class Decision:
    """A person's recorded order of tied units, best first; those not named come after them."""

    order: tuple[str, ...]
    reason: str
    by: str = ""


Problem = tuple[str, Text]
"""What is wrong, after the key or column where it is."""


def nodes(kind: Kind) -> dict[str, Item]:
    """Return everything that can be entered for a kind, by its whole key."""
    found: dict[str, Item] = {}
    for component in kind.components:
        found[component.key] = component
        found.update((item.key, item) for item in component.below())
    return found


def headings(kind: Kind) -> dict[str, str]:
    """Return the headings a column may have, each with the key it stands for.

    Besides its whole key (`base-work.party.building`) an item answers to its component and last
    name (`base-work.building`), and everything to its title, where that is unambiguous.
    """
    known = nodes(kind)
    shorter: dict[str, list[str]] = {}
    for key, item in known.items():
        path = key.split(".")
        names = {item.title, f"{path[0]}.{path[-1]}" if len(path) > 1 else key}
        for name in names:
            shorter.setdefault(name, []).append(key)
    unique = {name: keys[0] for name, keys in shorter.items() if len(keys) == 1}
    return {**unique, **{key: key for key in known}}


def key_problems(kind: Kind, keys: Set[str]) -> Iterator[Problem]:
    """Say which keys are unknown, given twice over, or missing (rule 14)."""
    known = nodes(kind)
    for key in sorted(keys - known.keys()):
        yield key, Text("类别“%(kind)s”没有这一考核项", kind=kind.key)
    for key in sorted(keys & known.keys()):
        for whole in _above(key):
            if whole in keys:
                yield key, Text("“%(whole)s”已整项给出，不能再分项给出", whole=whole)
    for component in kind.components:
        given = any(key == component.key or key.startswith(f"{component.key}.") for key in keys)
        wanted = component.leaves() if given else (component,)
        for item in wanted:
            if not any(key in keys for key in (item.key, *_above(item.key))):
                yield item.key, Text("缺少“%(title)s”", title=item.title)


def figure_problem(item: Item, figure: Decimal) -> Text | None:
    """Say what is wrong with a figure for an item: below 0, or above its full marks."""
    if figure < 0:
        return Text("不能小于 0")
    if figure > item.full_marks:
        return Text(
            "%(figure)s 超过满分 %(full)s", figure=exact(figure), full=exact(item.full_marks)
        )
    return None


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


def veto_problems(kind: Kind, units: Set[str], veto: Veto) -> Iterator[Problem]:
    """Say what is wrong with a veto, by column."""
    if veto.unit not in units:
        yield "unit", Text("没有单位“%(unit)s”", unit=veto.unit)
    if veto.rule not in kind.vetoes:
        yield (
            "rule",
            Text(
                "没有否决情形“%(rule)s”，现有：%(known)s",
                rule=veto.rule,
                known="、".join(kind.vetoes),
            ),
        )


def entered(item: Item, figures: Mapping[str, Decimal]) -> list[tuple[Item, Decimal]]:
    """Return the figures that make up an item: its own, or those of its parts in order."""
    if item.key in figures:
        return [(item, figures[item.key])]
    return [pair for part in item.items for pair in entered(part, figures)]


def exact_sum(figures: list[tuple[Item, Decimal]]) -> Fraction:
    """Return the sum of entered figures, exactly."""
    return sum((Fraction(figure) for _, figure in figures), Fraction(0))


def _above(key: str) -> list[str]:
    """Return the keys of everything a key is a part of."""
    path = key.split(".")
    return [".".join(path[:length]) for length in range(1, len(path))]
