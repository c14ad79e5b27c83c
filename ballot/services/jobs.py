"""Jobs (任务): asking for one, cancelling it, fetching its file; what the office does with them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from ballot.domain.events import CLOCK
from ballot.domain.jobs import Gone, Job, State, Work
from ballot.domain.polls import CycleId, PollId
from ballot.errors import RefusedError
from ballot.language import N_
from ballot.services.downloads import Downloads
from ballot.storage import cycles, events, jobs, polls
from ballot.storage.database import Connection, Database
from ballot.storage.failures import DatabaseFailedError

MOST_LISTED: Final = 50
MOST_WAITING: Final = 20


class JobOverError(RefusedError):
    """There is nothing to cancel any more."""

    message = N_("任务 %(id)s %(state)s，不能再取消。")


class NoFileError(RefusedError):
    """The job has no file to be removed."""

    message = N_("任务 %(id)s 没有可删除的文件。")


class TooManyJobsError(RefusedError):
    """Too many jobs wait."""

    message = N_("已有 %(most)s 个任务在等待，请等它们完成，或取消几个，再提交新的。")


def ask(
    connection: Connection,
    work: Work,
    *,
    cycle_id: CycleId,
    poll_id: PollId | None,
    details: Mapping[str, Any],
    total: int,
    by: str,
    now: datetime,
) -> int:
    """Keep a job for the working process, and return its number.

    Raises: TooManyJobsError.
    """
    if len(jobs.waiting(connection)) >= MOST_WAITING:
        raise TooManyJobsError(most=MOST_WAITING)
    job_id = jobs.add(
        connection,
        work,
        cycle_id=cycle_id,
        poll_id=poll_id,
        details=details,
        total=total,
        by=by,
        now=now,
    )
    _log(connection, now, by, "job asked", jobs.get(connection, job_id))
    return job_id


def get(connection: Connection, job_id: int) -> Job:
    """Return a job.

    Raises: NoSuchJobError.
    """
    return jobs.get(connection, job_id)


def latest(
    connection: Connection,
    *,
    cycle_id: int | None = None,
    poll_id: int | None = None,
    most: int = MOST_LISTED,
) -> list[Job]:
    """Return the newest jobs, of a cycle or about one poll where one is named."""
    return jobs.latest(connection, most, cycle_id=cycle_id, poll_id=poll_id)


def titles(connection: Connection, found: Sequence[Job]) -> Mapping[int, str]:
    """Return what each job is about, by its number: the poll's title, or the cycle's."""
    return {
        job.id: cycles.get(connection, job.cycle_id).title
        if job.poll_id is None
        else polls.get(connection, job.poll_id).title
        for job in found
    }


def cancel(connection: Connection, job_id: int, *, by: str, now: datetime) -> None:
    """Cancel a job that is not over; of one that runs nothing remains.

    Raises: NoSuchJobError, JobOverError.
    """
    job = jobs.get(connection, job_id)
    if not jobs.cancel(connection, job.id, now):
        raise JobOverError(id=job.id, state=job.state.text)
    _log(connection, now, by, "job cancelled", job)


def discard(connection: Connection, job_id: int, *, by: str, now: datetime) -> None:
    """Give up a finished job's file without fetching it; `sweep` then removes it.

    Raises: NoSuchJobError, NoFileError.
    """
    job = jobs.get(connection, job_id)
    if not jobs.forget_file(connection, job, Gone.DISCARDED, by=by, now=now):
        raise NoFileError(id=job.id)
    _log(connection, now, by, "download discarded", job)


def unfetched(connection: Connection, poll_id: int) -> list[Job]:
    """Return the jobs whose files still hold codes of a poll: nobody has these slips yet."""
    return [
        job
        for job in jobs.with_file(connection)
        if job.state is State.DONE and job.work.holds_codes and poll_id in job.polls
    ]


def forget_opened(connection: Connection, poll_id: int, *, by: str, now: datetime) -> None:
    """Give up the files that hold codes of a poll that opens; `sweep` then removes them."""
    for job in unfetched(connection, poll_id):
        jobs.forget_file(connection, job, Gone.OPENED, by=by, now=now)


def begin_fetching(connection: Connection, job: Job, *, by: str, now: datetime) -> None:
    """Note who takes a file, before its first byte goes out."""
    _log(connection, now, by, "download begun", job)


def fetched(database: Database, downloads: Downloads, job: Job, *, by: str, now: datetime) -> None:
    """Remove a file with codes that was sent as a whole; others stay for a while."""
    if not job.work.holds_codes or job.file is None:
        return
    try:
        with database.write() as connection:
            if jobs.forget_file(connection, job, Gone.FETCHED, by=by, now=now):
                _log(connection, now, by, "download finished", job)
    finally:  # the codes go, whatever the database can note of it
        downloads.remove(job.file)


def sweep(database: Database, downloads: Downloads, now: datetime) -> None:
    """Remove the files that no job speaks of, and let go of those whose time is over.

    A job is told its file's name before the file is made, so that whatever was there before the
    jobs were read, and is not theirs, is nobody's.
    """
    lying = downloads.names()
    with database.read() as connection:
        known = jobs.with_file(connection, downloads.place())
    over = [(job, why) for job in known if (why := _why_over(job, downloads, now)) is not None]
    if over:
        with database.write() as connection:
            for job, why in over:
                jobs.forget_file(connection, job, why, by=CLOCK, now=now)
    kept = {job.file for job in known} - {job.file for job, _ in over}
    for name in lying - kept:
        downloads.remove(name)


def _why_over(job: Job, downloads: Downloads, now: datetime) -> Gone | None:
    if job.state is not State.DONE or job.file is None:
        return None
    if not downloads.path(job.file).exists():
        return Gone.LOST
    return Gone.EXPIRED if job.expires_at is not None and job.expires_at <= now else None


def sweep_if_any(database: Database, downloads: Downloads, now: datetime) -> None:
    """Sweep after an action that gave files up; the working process would do it soon anyway."""
    if downloads.there:
        with suppress(DatabaseFailedError):
            sweep(database, downloads, now)


def _log(connection: Connection, now: datetime, by: str, action: str, job: Job) -> None:
    about = {"cycle": job.cycle_id} if job.poll_id is None else {"poll": job.poll_id}
    events.append(
        connection, now=now, actor=by, action=action, job=job.id, work=job.work.value, **about
    )
