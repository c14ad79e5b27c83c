"""Units: who is assessed in a cycle, typed, read from a file, or taken over from its polls."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ballot.domain.assessment import Unit
from ballot.domain.polls import Poll
from ballot.domain.written import comparable, problems
from ballot.errors import MistakesError, NotFoundError, RefusedError
from ballot.language import N_, Text
from ballot.scoring import Kind
from ballot.scoring.wording import listed
from ballot.services import facts, kinds
from ballot.storage import events, polls, units
from ballot.storage.database import Connection

LONGEST_UNIT: Final = 40
MOST_UNITS: Final = 500


class NoSuchUnitError(NotFoundError):
    """No unit of that number."""

    message = N_("没有这个单位，可能刚被别人删去。")


class UnitInUseError(RefusedError):
    """Something rests on the unit; the sentence names all of it."""

    message = N_("“%(unit)s”不能改名或删去：%(why)s")


@dataclass(frozen=True)
class Roster:
    """A kind's units, and those of its polls that are not among them yet."""

    assessed: kinds.Assessed
    units: Sequence[Unit]
    from_polls: Sequence[str]


def roster(connection: Connection, cycle_id: int, kind: str) -> Roster:
    """Return a kind's units.

    Raises: NoSuchCycleError, UnknownKindError.
    """
    assessed = kinds.of(connection, cycle_id, kind)
    there = units.every(connection, cycle_id, kind)
    known = {unit.name for unit in there}
    polled = dict.fromkeys(
        name for poll in polls.standing(connection, cycle_id) for name in _polled(poll, kind)
    )
    return Roster(assessed, there, [name for name in polled if name not in known])


def add(
    connection: Connection,
    cycle_id: int,
    kind: str,
    names: Sequence[str],
    *,
    by: str,
    now: datetime,
) -> int:
    """Add units, in this order, and return how many are new; known names are left as they are.

    Raises: NoSuchCycleError, UnknownKindError, ApprovedError; MistakesError for names that are
        too long, unreadable or given twice, or for none at all.
    """
    kinds.to_change(connection, cycle_id, kind)
    wanted = [name.strip() for name in names if name.strip()]
    known = {unit.name for unit in units.every(connection, cycle_id, kind)}
    new = [name for name in wanted if name not in known]
    mistakes = list(_mistakes(wanted, known, len(known) + len(new)))
    if mistakes:
        raise MistakesError(mistakes)
    for name in new:
        units.add(connection, cycle_id, kind, name, {})
    if new:
        _log(connection, "units added", cycle_id, kind, new, by=by, now=now)
    return len(new)


def describe(
    connection: Connection,
    cycle_id: int,
    kind: str,
    told: Mapping[str, Mapping[str, str]],
    *,
    by: str,
    now: datetime,
) -> int:
    """Set facts of units by name, adding those that are new, and return how many changed.

    What is told of a unit replaces all its facts. Raises: NoSuchCycleError, UnknownKindError,
    ApprovedError; MistakesError for facts that cannot be, each with its unit.
    """
    assessed = kinds.to_change(connection, cycle_id, kind)
    _refuse_facts(assessed.kind, told)
    known = {unit.name for unit in units.every(connection, cycle_id, kind)}
    new = [name for name in told if name not in known]
    if new:
        add(connection, cycle_id, kind, new, by=by, now=now)
    changed = [
        unit
        for unit in units.every(connection, cycle_id, kind)
        if unit.name in told and _filled(told[unit.name]) != dict(unit.facts)
    ]
    for unit in changed:
        units.set_facts(connection, unit.id, _filled(told[unit.name]))
    if changed:
        names = [unit.name for unit in changed]
        _log(connection, "units described", cycle_id, kind, names, by=by, now=now)
    return len({*new, *(unit.name for unit in changed)})


def _filled(told: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in told.items() if value}


def _refuse_facts(kind: Kind, told: Mapping[str, Mapping[str, str]]) -> None:
    titles = {each.key: each.title for each in facts.asked(kind)}
    titles |= {key: Text(title) for key, title in facts.OPTIONAL.items()}
    mistakes = []
    for name, written in told.items():
        for key, value in written.items():
            strange = None if key in titles else Text("没有这一项")
            found = strange or facts.problem(kind, key, value)
            if found:
                where = titles.get(key, key)
                mistakes.append(
                    Text(
                        "“%(unit)s”的“%(item)s”：%(problem)s。",
                        unit=name[:LONGEST_UNIT],
                        item=where,
                        problem=found,
                    )
                )
    if mistakes:
        raise MistakesError(mistakes)


def _mistakes(wanted: Sequence[str], known: Set[str], total: int) -> list[Text]:
    if not wanted:
        return [Text("请写明单位名称，每行一个。")]
    found = []
    alike = {comparable(name): name for name in known}
    for name in dict.fromkeys(wanted):
        same = alike.setdefault(comparable(name), name)
        if same != name:
            found.append(
                Text(
                    "“%(name)s”与“%(same)s”只差空格、全角半角或间隔号，是同一个单位吗？",
                    name=name[:LONGEST_UNIT],
                    same=same[:LONGEST_UNIT],
                )
            )
        found += problems(Text("%(name)s", name=name[:LONGEST_UNIT]), name, most=LONGEST_UNIT)
        if wanted.count(name) > 1:
            found.append(Text("“%(name)s”写了两次。", name=name[:LONGEST_UNIT]))
    if total > MOST_UNITS:
        found.append(Text("一个类别最多 %(most)s 个单位。", most=MOST_UNITS))
    return found


def remove(
    connection: Connection, cycle_id: int, kind: str, unit_id: int, *, by: str, now: datetime
) -> None:
    """Remove a unit on which nothing rests: it was a mistake.

    Raises: NoSuchCycleError, UnknownKindError, ApprovedError, NoSuchUnitError, UnitInUseError.
    """
    unit = _free(connection, cycle_id, kind, unit_id)
    units.remove(connection, unit.id)
    _log(connection, "unit removed", cycle_id, kind, [unit.name], by=by, now=now)


def rename(
    connection: Connection,
    cycle_id: int,
    kind: str,
    unit_id: int,
    name: str,
    *,
    by: str,
    now: datetime,
) -> None:
    """Give a unit on which nothing rests another name; its facts stay.

    Raises: as `remove`; MistakesError for a name that will not do.
    """
    unit, name = _free(connection, cycle_id, kind, unit_id), name.strip()
    if name == unit.name:
        return
    others = {each.name for each in units.every(connection, cycle_id, kind)} - {unit.name}
    mistakes = _mistakes([name] if name else [], others, len(others) + 1)
    if name in others:
        mistakes.append(Text("名单里已有“%(name)s”。", name=name))
    if mistakes:
        raise MistakesError(mistakes)
    units.rename(connection, unit.id, name)
    _log(connection, "unit renamed", cycle_id, kind, [unit.name, name], by=by, now=now)


def _free(connection: Connection, cycle_id: int, kind: str, unit_id: int) -> Unit:
    """Return a unit on which nothing rests, held against others until the commit."""
    kinds.to_change(connection, cycle_id, kind)
    unit = numbered(connection, cycle_id, kind, unit_id)
    why = list(resting(connection, cycle_id, kind, unit))
    if why:
        raise UnitInUseError(unit=unit.name, why=listed(why))
    return unit


def resting(connection: Connection, cycle_id: int, kind: str, unit: Unit) -> Iterator[Text]:
    """Yield what rests on a unit, and so keeps its name: records about it, and polls."""
    if not units.is_bare(connection, unit.id):
        yield Text("已有录入的数据或台账记录")
    for poll in polls.standing(connection, cycle_id):
        if unit.name in _polled(poll, kind):
            yield Text("测评活动“%(title)s”评它", title=poll.title)


def _polled(poll: Poll, kind: str) -> list[str]:
    return [
        subject.unit
        for section in poll.definition.sections
        if section.kind == kind
        for subject in section.subjects
    ]


def numbered(connection: Connection, cycle_id: int, kind: str, unit_id: int) -> Unit:
    """Return a unit of a kind.

    Raises: NoSuchUnitError.
    """
    for unit in units.every(connection, cycle_id, kind):
        if unit.id == unit_id:
            return unit
    raise NoSuchUnitError


def _log(
    connection: Connection,
    action: str,
    cycle_id: int,
    kind: str,
    names: Sequence[str],
    *,
    by: str,
    now: datetime,
) -> None:
    events.append(
        connection,
        now=now,
        actor=by,
        action=action,
        cycle=cycle_id,
        kind=kind,
        units=list(names),
    )
