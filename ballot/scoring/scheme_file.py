"""Reading a scheme: TOML in, a `Scheme` out, or every mistake with its key path.

A further form of grades is a reader in `GRADES`; the tables of a ballot rule are read in
`rule_file.py`. docs/scoring-rules.md tells how a scheme is written.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.errors import UnknownSchemeError
from ballot.scoring.figures import exact
from ballot.scoring.rule_file import read_rule
from ballot.scoring.rules import Rule
from ballot.scoring.schemes import (
    AdjustmentRule,
    Component,
    Effect,
    Item,
    Kind,
    PlaceGrades,
    Reading,
    Scheme,
    Source,
    VetoRule,
)
from ballot.scoring.toml_table import Table
from ballot.scoring.toml_text import read_toml

PRESETS: Final = files("ballot.scoring") / "presets"
SOURCES: Final = {source.value: source for source in Source}
EFFECTS: Final = {effect.value: effect for effect in Effect}


def scheme_names() -> list[str]:
    """Return the names of the schemes that ship with the software."""
    names = (entry.name for entry in PRESETS.iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


@cache
def load_scheme(name: str) -> Scheme:
    """Return a scheme that ships with the software.

    Raises: UnknownSchemeError.
    """
    if name not in scheme_names():
        raise UnknownSchemeError(name=name, known="、".join(scheme_names()))
    return read_scheme((PRESETS / f"{name}.toml").read_text(encoding="utf-8"), name)


def read_scheme(toml_text: str, name: str) -> Scheme:
    """Return the scheme that a TOML text describes.

    Raises: MistakesError with one text per mistake, each naming its key path.
    """
    mistakes: list[Text] = []
    scheme = _scheme(Table(read_toml(toml_text), "", mistakes), name)
    if mistakes:
        raise MistakesError(mistakes)
    return scheme


@dataclass(frozen=True)
class _Shared:
    """What the kinds of a scheme refer to by name."""

    readings: Mapping[str, Reading]
    rules: Mapping[str, Rule | None]
    adjustments: Mapping[str, AdjustmentRule]
    vetoes: Mapping[str, VetoRule]


def _scheme(table: Table, name: str) -> Scheme:
    title, source = table.text("title"), table.text("source", "")
    readings = {key: _reading(key, each) for key, each in table.named("readings")}
    rules = {key: read_rule(each, readings) for key, each in table.named("rules")}
    shared = _Shared(readings, rules, _adjustments(table), _vetoes(table))
    kinds = {key: _kind(key, each, shared) for key, each in table.named("kinds")}
    if not kinds:
        table.mistake("kinds", Text("至少要有一个类别"))
    table.finish()
    return Scheme(name, title, source, kinds, readings)


def _reading(key: str, table: Table) -> Reading:
    reading = Reading(key, table.text("text"), table.text("clause", ""))
    table.finish()
    return reading


def _adjustments(table: Table) -> dict[str, AdjustmentRule]:
    rules = {}
    for key, each in table.named("adjustments"):
        marks = each.number("marks") if "marks" in each else None
        rules[key] = AdjustmentRule(key, each.text("title"), marks, each.text("clause", ""))
        each.finish()
    return rules


def _vetoes(table: Table) -> dict[str, VetoRule]:
    rules = {}
    for key, each in table.named("vetoes"):
        effect = each.choice("effect", EFFECTS) or Effect.BARS
        rules[key] = VetoRule(key, each.text("title"), effect, each.text("clause", ""))
        each.finish()
    return rules


def _kind(key: str, table: Table, shared: _Shared) -> Kind:
    title, full = table.text("title"), table.positive("full")
    taken: set[str] = set()
    rows = table.rows("components", required=True)
    components = tuple(_component(row, shared, taken) for row in rows)
    if components:
        _check_sum(table, full, components)
    grades = table.table("grades")
    kind = Kind(
        key=key,
        title=title,
        components=components,
        adjustments={**shared.adjustments, **_adjustments(table)},
        vetoes={**shared.vetoes, **_vetoes(table)},
        grades=_grades(grades, shared) if grades else None,
    )
    table.finish()
    return kind


def _component(table: Table, shared: _Shared, taken: set[str]) -> Component:
    source = table.choice("source", SOURCES) or Source.ENTRY
    rule = table.choice("rule", shared.rules) if "rule" in table else None
    if source is Source.BALLOT and "rule" not in table:
        table.mistake("rule", Text("由投票产生的考核项须有折算规则"))
    key = table.key(taken)
    values = _item_values(table, shared, key)
    if rule:
        own = (reading.text for reading in values["readings"])
        readings = tuple(dict.fromkeys((*rule.readings, *own)))
        rule = replace(rule, full_marks=values["full_marks"], readings=readings)
    table.finish()
    return Component(key=key, source=source, rule=rule, **values)


def _item(table: Table, shared: _Shared, parent: str, taken: set[str]) -> Item:
    key = f"{parent}.{table.key(taken)}"
    values = _item_values(table, shared, key)
    table.finish()
    return Item(key=key, **values)


def _item_values(table: Table, shared: _Shared, key: str) -> dict[str, Any]:
    """Return what components and items have in common."""
    taken: set[str] = set()
    full = table.positive("full")
    items = tuple(_item(row, shared, key, taken) for row in table.rows("items"))
    if items:
        _check_sum(table, full, items)
    return {
        "title": table.text("title"),
        "full_marks": full,
        "office": table.text("office", ""),
        "includes": table.text("includes", ""),
        "clause": table.text("clause", ""),
        "readings": table.choices("readings", shared.readings),
        "items": items,
    }


def _check_sum(table: Table, full: Decimal, parts: Iterable[Item]) -> None:
    """Note a mistake where the parts' full marks do not add up to the whole's (rule 14)."""
    total = sum((part.full_marks for part in parts), Decimal(0))
    if total != full:
        problem = Text("各项满分合计 %(sum)s，不等于 %(full)s", sum=exact(total), full=exact(full))
        table.mistake("full", problem)


def _grades(table: Table, shared: _Shared) -> PlaceGrades | None:
    reader = table.choice("form", GRADES)
    if reader is None:
        return None
    grades: PlaceGrades = reader(table, shared)
    table.finish()
    return grades


def _place_grades(table: Table, shared: _Shared) -> PlaceGrades:
    grades = PlaceGrades(
        first=table.text("first"),
        places=table.whole("places"),
        upper=table.text("upper"),
        upper_share=table.share("upper-share"),
        lower=table.text("lower"),
        failed=table.text("failed"),
        failed_below=table.number("failed-below"),
        floor=table.number("floor") if "floor" in table else None,
        fill_vacancies=table.flag("fill-vacancies", default=True),
        clause=table.text("clause", ""),
        readings=table.choices("readings", shared.readings),
    )
    labels = [grades.first, grades.upper, grades.lower, grades.failed]
    if len(set(labels)) < len(labels):
        table.mistake("", Text("等次名称重复"))
    return grades


GRADES: Final[Mapping[str, Callable[[Table, _Shared], PlaceGrades]]] = {"places": _place_grades}
