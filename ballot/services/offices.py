"""Line offices (线办): which account enters figures for which office of a cycle."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from ballot.domain.people import Role, User
from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring import Kind
from ballot.services import kinds
from ballot.services.people import NoSuchUserError
from ballot.storage import cycles, events, people, units
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection


@dataclass(frozen=True)
class Assignment:
    """A line office's account and the offices it enters for in a cycle."""

    user: User
    offices: frozenset[str]


@dataclass(frozen=True)
class Duties:
    """A cycle's offices, and who enters for them."""

    cycle: Cycle
    offices: Sequence[str]
    assignments: Sequence[Assignment]


def of_cycle(connection: Connection, cycle_id: int) -> Duties:
    """Return who enters for which office.

    Raises: NoSuchCycleError.
    """
    cycle = cycles.get(connection, cycle_id)
    everybody = people.every_user(connection)
    clerks = [user for user in everybody if user.role is Role.OFFICE and not user.ended]
    return Duties(
        cycle,
        kinds.offices_of(connection, cycle_id),
        [Assignment(user, units.offices_of(connection, user.id, cycle_id)) for user in clerks],
    )


def assign(
    connection: Connection,
    cycle_id: int,
    name: str,
    offices: Collection[str],
    *,
    by: str,
    now: datetime,
) -> None:
    """Let a line office's account enter for these offices in a cycle, and no others.

    Raises: NoSuchCycleError, NoSuchUserError; MistakesError for an account of another role, or an
        office that the scheme does not name.
    """
    cycle = cycles.get(connection, cycle_id, hold=True)
    known = kinds.offices_of(connection, cycle_id)
    found = people.user_named(connection, name.strip())
    if found is None:
        raise NoSuchUserError(name=name)
    user = found[0]
    mistakes = [
        Text("方案没有写明“%(office)s”负责的考核项。", office=office[:40])
        for office in sorted(set(offices) - set(known))
    ]
    if user.role is not Role.OFFICE:
        mistakes.append(Text("账号“%(name)s”的角色不是线办。", name=user.name))
    if mistakes:
        raise MistakesError(mistakes)
    chosen = [office for office in known if office in offices]
    units.assign(connection, user.id, cycle.id, chosen)
    events.append(
        connection,
        now=now,
        actor=by,
        action="offices assigned",
        cycle=cycle.id,
        name=user.name,
        offices=chosen,
    )


@dataclass(frozen=True)
class Duty:
    """What an account enters in a cycle: the kinds that hold something for each of its offices."""

    cycle: Cycle
    offices: Sequence[tuple[str, Sequence[Kind]]]


def duties_of(connection: Connection, user: User) -> list[Duty]:
    """Return what an account enters for its offices, newest cycle first."""
    found = []
    numbers = units.cycles_of(connection, user.id)
    for cycle in reversed(cycles.every(connection)):
        if cycle.id not in numbers:
            continue
        mine = units.offices_of(connection, user.id, cycle.id)
        assessed = kinds.every(connection, cycle.id)
        known = [office for office in kinds.offices_of(connection, cycle.id) if office in mine]
        found.append(
            Duty(
                cycle,
                [
                    (office, [each.kind for each in assessed if office in each.offices])
                    for office in known
                ],
            )
        )
    return found
