"""Cycles: making one, finding the one that a new poll belongs to."""

from datetime import datetime

from ballot.domain.polls import CycleId
from ballot.domain.written import require_readable
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.scoring import load_scheme
from ballot.storage import cycles, events
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection


class SeveralCyclesError(RefusedError):
    """More than one cycle runs under the scheme; the organiser has to say which."""

    message = N_("方案 %(scheme)s 有多个考核周期（编号 %(ids)s），请用 --cycle 指明。")


class NoCycleError(RefusedError):
    """No cycle runs under the scheme yet."""

    message = N_("还没有方案 %(scheme)s 的考核周期。请先运行：ballot cycle create")


def create(connection: Connection, *, title: str, scheme: str, by: str, now: datetime) -> CycleId:
    """Start a cycle under a scheme and return its number.

    Raises: the scheme's own errors; MistakesError for a title that is empty or unreadable.
    """
    title = title.strip()
    if not title:
        raise MistakesError([Text("考核周期的名称不能为空。")])
    require_readable([title])
    load_scheme(scheme)
    cycle_id = cycles.add(connection, title=title, scheme=scheme, now=now)
    events.append(
        connection,
        now=now,
        actor=by,
        action="cycle created",
        cycle=cycle_id,
        title=title,
        scheme=scheme,
    )
    return cycle_id


def every(connection: Connection) -> list[Cycle]:
    """Return all cycles."""
    return cycles.every(connection)


def belonging(connection: Connection, scheme: str) -> CycleId:
    """Return the one cycle under a scheme.

    Raises: NoCycleError, SeveralCyclesError.
    """
    found = [cycle.id for cycle in cycles.every(connection) if cycle.scheme == scheme]
    if not found:
        raise NoCycleError(scheme=scheme)
    if len(found) > 1:
        raise SeveralCyclesError(scheme=scheme, ids="、".join(map(str, found)))
    return found[0]
