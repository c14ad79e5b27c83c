"""Entries for every kind of every preset: made up from its rules, for what must hold of all."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from ballot.scoring import (
    Adjustment,
    Combine,
    Component,
    Entry,
    Item,
    Kind,
    Veto,
    load_scheme,
    scheme_names,
)

KINDS: Sequence[tuple[str, str]] = [
    (name, key) for name in scheme_names() for key in load_scheme(name).kinds
]
marks = st.decimals(0, 1, places=8)
few = st.integers(1, 3)


def a_kind(pair: tuple[str, str]) -> Kind:
    """Return the kind of a preset."""
    return load_scheme(pair[0]).kind(pair[1])


@st.composite
def assessments(draw: st.DrawFn, kind: Kind, most: int = 5) -> Mapping[str, Any]:
    """Return what could be entered for a kind: entries, adjustments and vetoes."""
    units = [f"u{number}" for number in range(draw(st.integers(1, most)))]
    entries = [draw(_entries(kind, unit)) for unit in units]
    return {
        "entries": entries,
        "adjustments": draw(st.lists(_adjustments(kind, units), max_size=6))
        if kind.adjustments
        else [],
        "vetoes": draw(st.lists(_vetoes(kind, units), max_size=2)) if kind.vetoes else [],
    }


@st.composite
def _entries(draw: st.DrawFn, kind: Kind, unit: str) -> Entry:
    figures: dict[str, Decimal] = {}
    for component in kind.components:
        if component.needs and figures[component.needs.component] < component.needs.at_least:
            continue
        figures.update(draw(_figures(component)))
    return Entry(
        unit,
        figures,
        sector=draw(st.sampled_from(["", "经济"])) if kind.sectors else "",
        competes=draw(st.booleans()) if kind.competes else True,
        staff=draw(st.integers(0, 30)) if kind.staff else None,
        coefficient=draw(st.sampled_from([None, Decimal("1.1")])) if kind.coefficient else None,
        last_year=draw(_last_year(kind)),
    )


def _last_year(kind: Kind) -> st.SearchStrategy[str]:
    if kind.two_years is None:
        return st.just("")
    return st.sampled_from(["", kind.two_years.grade or "59.5"])


@st.composite
def _figures(draw: st.DrawFn, item: Item) -> dict[str, Decimal]:
    if isinstance(item, Component) and item.indicators:
        raw = st.integers(-3, 3).map(Decimal)
        return {f"{name}.{part}": draw(raw) for name in "绿水" for part in ("level", "improvement")}
    if item.steps:
        return {item.key: Decimal(draw(st.integers(1, 12)))}
    if item.items and draw(st.booleans()):
        parts = item.items
        if item.combine is Combine.MEAN:
            parts = tuple(draw(st.lists(st.sampled_from(parts), min_size=1, unique=True)))
        return {key: figure for part in parts for key, figure in draw(_figures(part)).items()}
    whole = item.full_marks if item.full_marks is not None else Decimal(50)
    return {item.key: draw(marks) * whole}


@st.composite
def _adjustments(draw: st.DrawFn, kind: Kind, units: Sequence[str]) -> Adjustment:
    rule = draw(st.sampled_from(sorted(kind.adjustments)))
    free = kind.adjustments[rule].marks is None
    return Adjustment(
        draw(st.sampled_from(units)),
        rule,
        times=draw(few),
        marks=draw(st.decimals(0, 5, places=3)) if free else None,
        item=draw(st.sampled_from(["", "路", "桥"])),
    )


@st.composite
def _vetoes(draw: st.DrawFn, kind: Kind, units: Sequence[str]) -> Veto:
    rule = draw(st.sampled_from(sorted(kind.vetoes)))
    item = kind.indicated.key if kind.indicated else ""
    return Veto(draw(st.sampled_from(units)), rule, item=item)
