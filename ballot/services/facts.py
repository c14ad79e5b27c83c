"""Facts: what a scheme asks about a unit besides figures: its sector, whether it competes, …"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ballot.domain.assessment import Unit
from ballot.domain.written import problems
from ballot.language import N_, Text
from ballot.scoring import Entry, Figure, Kind
from ballot.scoring.entries_file import NO, YES
from ballot.scoring.entry_problems import last_year_problem
from ballot.scoring.figures import decimal_number, whole_number

LONGEST_FACT: Final = 40
_TITLES: Final = {
    "sector": N_("分口"),
    "competes": N_("是否参评"),
    "staff": N_("人数"),
    "last-year": N_("上年结果"),
}


@dataclass(frozen=True)
class Asked:
    """A fact that a kind asks about each unit."""

    key: str
    title: Text


def asked(kind: Kind) -> list[Asked]:
    """Return the facts that a kind asks about each unit."""
    own = {kind.coefficient.column: kind.coefficient.title} if kind.coefficient else {}
    return [Asked(key, Text(own.get(key) or _TITLES.get(key, key))) for key in kind.columns]


OPTIONAL: Final = {"duty": N_("职务")}
"""Facts that any list may have besides: a person's duty, which polls then propose."""


def shown(kind: Kind, told: Iterable[Mapping[str, str]]) -> list[Asked]:
    """Return the facts that a kind asks about each unit, and those that were told besides."""
    every = list(told)
    besides = [key for key in OPTIONAL if any(each.get(key) for each in every)]
    return [*asked(kind), *(Asked(key, Text(OPTIONAL[key])) for key in besides)]


def problem(kind: Kind, key: str, written: str) -> Text | None:
    """Say what is wrong with a fact as it was written; a blank one is the default."""
    if not written:
        return None
    unreadable = problems(Text("所写的文字"), written, most=LONGEST_FACT)
    if unreadable:
        return unreadable[0]
    if key == "competes" and written.lower() not in YES | NO:
        return Text("须是“是”或“否”")
    if key == "staff" and whole_number(written) is None:
        return Text("“%(value)s”不是整数", value=written)
    if kind.coefficient and key == kind.coefficient.column:
        return _factor_problem(written)
    return last_year_problem(kind, written) if key == "last-year" else None


def _factor_problem(written: str) -> Text | None:
    factor = decimal_number(written)
    if factor is None:
        return Text("“%(value)s”不是数字", value=written)
    return Text("须大于 0") if factor <= 0 else None


def entry(kind: Kind, unit: Unit, figures: Mapping[str, Figure]) -> Entry:
    """Return a unit's figures with its facts, as the standing takes them."""
    written = {key: unit.facts.get(key, "") for key in kind.columns}
    factor = written.get(kind.coefficient.column, "") if kind.coefficient else ""
    return Entry(
        unit.name,
        figures,
        sector=written.get("sector", ""),
        competes=written.get("competes", "").lower() not in NO,
        staff=whole_number(written.get("staff", "")),
        coefficient=decimal_number(factor),
        last_year=written.get("last-year", ""),
    )
