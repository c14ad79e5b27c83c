"""A cycle being scored, said with only what matters: units, figures, polls, approvals."""

import json
from collections.abc import Mapping, Sequence
from datetime import date

from ballot.domain.assessment import Way
from ballot.domain.people import Role, User
from ballot.domain.polls import Poll
from ballot.scoring import Adjustment, Veto
from ballot.services import approvals, entries, ledger, offices, standings, units
from ballot.services.standings import KindStanding
from ballot.storage import events
from ballot.storage import ledger as storage
from tests.builders import Place, a_cycle, a_user, an_open_poll, cast, certify, close

VILLAGES = ("白马村", "青龙村", "石桥社区")
BASE, STREET = "base-work", "street-review"
LEADERS, PEERS = "leaders-review", "village-peer-review"


def a_cycle_with_units(place: Place, names: Sequence[str] = VILLAGES, kind: str = "village") -> int:
    """Return a cycle with units of a kind."""
    cycle = a_cycle(place)
    add_units(place, cycle, names, kind)
    return cycle


def add_units(place: Place, cycle: int, names: Sequence[str], kind: str = "village") -> None:
    with place.database.write() as connection:
        units.add(connection, cycle, kind, names, by="test", now=place.clock())


def number_of(place: Place, name: str, kind: str = "village", cycle: int = 1) -> int:
    """Return a unit's number."""
    with place.database.read() as connection:
        there = units.roster(connection, cycle, kind).units
    return next(unit.id for unit in there if unit.name == name)


def enter(
    place: Place,
    figures: Mapping[tuple[str, str], str],
    *,
    kind: str = "village",
    cycle: int = 1,
    seen: Mapping[tuple[str, str], str] | None = None,
    offices: frozenset[str] | None = None,
    by: str = "王计分",
) -> int:
    """Save figures, given by a unit's name and a key; `seen` is what stands there unless told."""
    with place.database.write() as connection:
        table = entries.table(connection, cycle, kind)
        numbers = {unit.name: unit.id for unit in table.units}
        before = table.texts
        if seen is not None:
            before = {(numbers[name], key): text for (name, key), text in seen.items()}
        return entries.save(
            connection,
            cycle,
            kind,
            seen=before,
            wanted={(numbers[name], key): text for (name, key), text in figures.items()},
            offices=offices,
            way=Way.TYPED,
            by=by,
            now=place.clock(),
        )


def figures(place: Place, kind: str = "village", cycle: int = 1) -> dict[tuple[str, str], str]:
    """Return what stands in every cell, by a unit's name and a key."""
    with place.database.read() as connection:
        table = entries.table(connection, cycle, kind)
    names = {unit.id: unit.name for unit in table.units}
    return {(names[number], key): text for (number, key), text in table.texts.items()}


def a_leaders_poll(
    place: Place,
    names: Sequence[str] = VILLAGES,
    component: str = LEADERS,
    good: Sequence[int] = (),
    certified: bool = True,
) -> Poll:
    """Return a poll of ten about units: each approved by so many (all ten unless told)."""
    subjects = ", ".join(f"{{ unit = {json.dumps(name, ensure_ascii=False)} }}" for name in names)
    poll, codes = an_open_poll(
        place,
        f"""
title = "2023年度{component}"
scheme = "street-2023"
kind = "village"
component = "{component}"
subjects = [{subjects}]
groups = [{{ key = "leaders", name = "党政领导", ballots = 10 }}]
""",
    )
    approving = good or [len(codes)] * len(names)
    for n, code in enumerate(codes):
        cast(place, poll, code, *(0 if n < number else 3 for number in approving))
    if certified:
        close(place, poll)
        certify(place, poll)
    return place.poll(poll.id)


def complete(
    place: Place, base: Sequence[str] = ("80", "70", "75.5"), names: Sequence[str] = VILLAGES
) -> int:
    """Return a cycle in which everything about the villages is there but the approval."""
    cycle = a_cycle_with_units(place, names)
    a_leaders_poll(place, names)
    a_leaders_poll(place, names, PEERS)
    enter(place, {(name, BASE): mark for name, mark in zip(names, base, strict=True)})
    enter(place, {(name, STREET): "4.5" for name in names})
    return cycle


def standing(place: Place, kind: str = "village", cycle: int = 1) -> KindStanding:
    with place.database.read() as connection:
        return standings.of_kind(connection, cycle, kind, smallest_group=5)


def approve(place: Place, kind: str = "village", cycle: int = 1, seen: str | None = None) -> None:
    with place.database.write() as connection:
        approvals.approve(
            connection,
            cycle,
            kind,
            meeting="党工委会议",
            held_on=date(2023, 12, 27),
            seen=seen,
            smallest_group=5,
            by="王计分",
            now=place.clock(),
        )


def an_approved_station(place: Place) -> None:
    """Leave a station's standing approved; what it rests on does not matter here."""
    add_units(place, 1, ["财政所"], "station")
    with place.database.write() as connection:
        storage.add_approval(
            connection,
            1,
            "station",
            meeting="党工委会议",
            held_on=date(2023, 12, 27),
            standing="[]",
            sha256="0" * 64,
            by="王计分",
            now=place.clock(),
        )


def withdraw_approval(place: Place, number: int = 1) -> None:
    with place.database.write() as connection:
        approvals.withdraw_approval(
            connection, 1, "village", number, why="计算有误", by="admin", now=place.clock()
        )


def adjust(place: Place, name: str, rule: str, **said: object) -> int:
    with place.database.write() as connection:
        return ledger.record_adjustment(
            connection,
            1,
            "village",
            number_of(place, name),
            Adjustment(name, rule, **{"note": "通报〔2023〕5号", **said}),  # type: ignore[arg-type]
            by="王计分",
            now=place.clock(),
        )


def veto(place: Place, name: str, rule: str, note: str = "县纪委立案") -> int:
    with place.database.write() as connection:
        return ledger.record_veto(
            connection,
            1,
            "village",
            number_of(place, name),
            Veto(name, rule, note=note),
            by="王计分",
            now=place.clock(),
        )


def decide(place: Place, *order: str, reason: str = "党建工作在先") -> int:
    with place.database.write() as connection:
        return approvals.decide(
            connection,
            1,
            "village",
            order,
            reason,
            smallest_group=5,
            by="王计分",
            now=place.clock(),
        )


def withdraw(place: Place, what: str, number: int, why: str = "记错了单位") -> None:
    with place.database.write() as connection:
        ledger.withdraw(
            connection, 1, "village", what, number, why=why, by="李计分", now=place.clock()
        )


def a_clerk(place: Place, *names: str, name: str = "office", cycle: int = 1) -> User:
    """Return a line office's account that enters for these offices."""
    user = a_user(place, name=name, role=Role.OFFICE)
    with place.database.write() as connection:
        offices.assign(connection, cycle, name, names, by="test", now=place.clock())
    return user


def log_of(place: Place) -> list[str]:
    """Return what the event log says was done, oldest first."""
    with place.database.read() as connection:
        return [event.action for event in events.every(connection)]
