"""Watching a running installation: whether it is well, and figures that tell of no single vote.

What a vote moves is told in coarse steps, so that no figure shows the moment of one vote.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from ballot.domain.polls import Phase
from ballot.errors import OperationError
from ballot.language import N_
from ballot.services.closing import PARTED, TALLIED
from ballot.storage import events, polls, watching, wiping
from ballot.storage.database import Database

BYTES_STEP: Final = 16 * 1024 * 1024
REQUESTS_STEP: Final = 10
_STATUS: Final = Path("/proc/self/status")


class DatabaseSilentError(OperationError):
    """The database does not answer; why is in its own log, and nobody outside is told."""

    message = N_("数据库没有应答。")


@dataclass(frozen=True)
class Figures:
    """An installation in figures. Bytes are multiples of `BYTES_STEP`.

    `overdue`: open polls whose end and grace have passed. `unscrubbed`: closed polls and
    wiped rehearsals whose traces are not scrubbed yet. `memory_bytes`: of this process, None
    where the system does not tell.
    """

    phases: Mapping[Phase, int]
    overdue: int
    unscrubbed: int
    log_entries: int
    database_bytes: int
    disk_free_bytes: int
    memory_bytes: int | None


def check(database: Database) -> None:
    """Read one row of the database.

    Raises: DatabaseSilentError.
    """
    if not watching.answers(database):
        raise DatabaseSilentError


def count_errors(database: Database, failed: Callable[[], None]) -> None:
    """Call `failed` for each statement or commit that the database refuses from now on."""
    watching.call_on_errors(database, failed)


def figures(database: Database, folder: Path, now: datetime) -> Figures:
    """Return the figures of this moment; `folder` is where free space matters."""
    with database.read() as connection:
        numbers = watching.phases(connection)
        busy = polls.unfinished(connection)
        wiped = wiping.unscrubbed(connection)
        last = events.last(connection)
        size = watching.size(connection, database)
    disk = os.statvfs(folder)
    memory = _memory()
    return Figures(
        phases={phase: numbers.get(phase, 0) for phase in Phase},
        overdue=sum(poll.phase is Phase.OPEN and not poll.takes_votes(now) for poll in busy),
        unscrubbed=sum(poll.closing_step in (TALLIED, PARTED) for poll in busy) + len(wiped),
        log_entries=last.number if last else 0,
        database_bytes=_up(size),
        disk_free_bytes=disk.f_bavail * disk.f_frsize // BYTES_STEP * BYTES_STEP,
        memory_bytes=None if memory is None else _up(memory),
    )


def in_tens(number: int) -> int:
    """Return the whole tens in a number of requests: 9 is 0, 10 to 19 are 10."""
    return number // REQUESTS_STEP * REQUESTS_STEP


def _up(number: int) -> int:
    return -(-number // BYTES_STEP) * BYTES_STEP


def _memory() -> int | None:
    """Return the bytes of this process that are in memory. Source: proc(5), VmRSS, in kB."""
    with suppress(OSError):
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return None
