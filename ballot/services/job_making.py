"""Making a job's file, in a process of its own that voters come before.

It reads the database and never writes to it: a process that gets the processor last would make
voters wait for their turn at writing. What the database has to take, digests and never codes, is
handed to the working process (`job_running.py`).
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from ballot.domain.definition_json import face_of_slips
from ballot.domain.jobs import Job, Work, text_to_json
from ballot.domain.keys import Keys
from ballot.errors import BallotError, OperationError
from ballot.language import N_
from ballot.services import archive_sets, printing, slip_files, slip_orders
from ballot.services.downloads import Downloads
from ballot.settings import Settings
from ballot.storage import jobs, private_file
from ballot.storage.database import Database
from ballot.storage.failures import reason_of

Say = Callable[[dict[str, Any]], None]
_LAST: Final = 19


class FileNotMadeError(OperationError):
    """The job's file cannot be written; nothing of it remains."""

    message = N_("文件写不成：%(reason)s。没有生成任何票或归档，请处理后重新提交任务。")


def let_voters_come_first() -> None:
    """Take the processor only when nobody else wants it, as far as the system allows."""
    with suppress(OSError):
        os.nice(_LAST)
    idle = getattr(os, "SCHED_IDLE", None)
    if idle is not None:
        with suppress(OSError):
            os.sched_setscheduler(0, idle, os.sched_param(0))


def make(settings: Settings, database: Database, keys: Keys, job_id: int, say: Say) -> None:
    """Make the file of a job that was taken, telling how far it is, and what came of it.

    Said are `done`, a number; at the end `made`, or `refused` with texts. Nothing said is a code.
    """
    with database.read() as connection:
        job = jobs.get(connection, job_id)
    try:
        with _file_of(job, Downloads(settings.folder)) as path:
            say({"made": _MAKERS[job.work](settings, database, keys, job, path, say)})
    except BallotError as error:
        say({"refused": [text_to_json(text) for text in error.texts()]})


@contextmanager
def _file_of(job: Job, downloads: Downloads) -> Iterator[Path]:
    """Give a new file, for its owner only; it is on disk when what came of it is told.

    Raises: FileNotMadeError.
    """
    path = downloads.path(job.file or "")
    try:
        yield path
    except OSError as error:
        raise FileNotMadeError(reason=reason_of(error)) from error


def _slips(
    settings: Settings, database: Database, keys: Keys, job: Job, path: Path, say: Say
) -> dict[str, Any]:
    order = slip_orders.Order.from_json(job.details)
    with database.read() as connection:
        stacks = slip_files.stacks(connection, order)
    printing.write_privately(
        path,
        stacks,
        write=slip_files.writer_of(order.form, order.per_page, covered=True),
        public_url=settings.public_url,
        progress=lambda done: say({"done": done}),
    )
    return _on_disk(
        path,
        {
            "faces": {str(stack.poll.id): face_of_slips(stack.poll.definition) for stack in stacks},
            "taken": {
                str(stack.poll.id): [
                    [taking.group, [digest.hex() for digest in taking.digests], taking.spares]
                    for taking in printing.takings_of(keys, stack.batches)
                ]
                for stack in stacks
            },
        },
    )


def _archive(
    settings: Settings, database: Database, keys: Keys, job: Job, path: Path, _: Say
) -> dict[str, Any]:
    (poll_id,) = job.details["polls"]
    private_file.make(path)
    written = archive_sets.write_one(
        database, keys, poll_id, path, smallest_group=settings.smallest_group
    )
    return _on_disk(path, _exported(written))


def _archives(
    settings: Settings, database: Database, keys: Keys, job: Job, path: Path, say: Say
) -> dict[str, Any]:
    with database.read() as connection:
        title = archive_sets.of_cycle(connection, job.cycle_id).cycle.title
    private_file.make(path)
    package = archive_sets.Zip(database, keys, smallest_group=settings.smallest_group)
    written = package.write(
        title, job.details["polls"], path, progress=lambda done: say({"done": done})
    )
    return _on_disk(path, _exported(written))


_MAKERS: Final = {Work.SLIPS: _slips, Work.ARCHIVE: _archive, Work.ARCHIVES: _archives}


def _exported(written: Sequence[archive_sets.Written]) -> dict[str, Any]:
    return {"exported": [[each.poll, each.sha256] for each in written]}


def _on_disk(path: Path, made: dict[str, Any]) -> dict[str, Any]:
    """Make sure that a file survives a power cut, and return what was made with its size."""
    private_file.sync(path)
    private_file.sync(path.parent)
    return {**made, "size": path.stat().st_size}


def line(said: dict[str, Any]) -> str:
    """Return what is said as the line that the working process reads."""
    return json.dumps(said, ensure_ascii=True) + "\n"
