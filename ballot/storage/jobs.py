"""Jobs: keeping them, taking one, and what became of each."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ballot.domain.canonical import canonical
from ballot.domain.jobs import Gone, Job, NoSuchJobError, State, Work, text_from_json, text_to_json
from ballot.domain.polls import CycleId, PollId
from ballot.language import Text
from ballot.storage.job_tables import jobs


def add(
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
    """Keep a new job and return its number."""
    statement = insert(jobs).values(
        work=work.value,
        cycle_id=cycle_id,
        poll_id=poll_id,
        details=canonical(dict(details)),
        state=State.WAITING.value,
        done=0,
        total=total,
        asked_by=by,
        asked_at=now,
        attempts=0,
    )
    return int(connection.execute(statement.returning(jobs.c.id)).scalar_one())


def get(connection: Connection, job_id: int) -> Job:
    """Return a job.

    Raises: NoSuchJobError.
    """
    row = connection.execute(select(jobs).where(jobs.c.id == job_id)).one_or_none()
    if row is None:
        raise NoSuchJobError(id=job_id)
    return _job(row)


def latest(
    connection: Connection,
    most: int,
    *,
    cycle_id: int | None = None,
    poll_id: int | None = None,
) -> list[Job]:
    """Return the newest jobs, newest first; of a cycle, or about one poll, where one is named."""
    statement = select(jobs).order_by(jobs.c.id.desc()).limit(most)
    if cycle_id is not None:
        statement = statement.where(jobs.c.cycle_id == cycle_id)
    if poll_id is not None:
        statement = statement.where(jobs.c.poll_id == poll_id)
    return [_job(row) for row in connection.execute(statement)]


def with_file(connection: Connection, place: str | None = None) -> list[Job]:
    """Return the jobs that have a file or make one; those of a place if it is named."""
    statement = select(jobs).where(jobs.c.file.is_not(None)).order_by(jobs.c.id)
    if place is not None:
        statement = statement.where(jobs.c.place == place)
    return [_job(row) for row in connection.execute(statement)]


def waiting(connection: Connection) -> list[int]:
    """Return the numbers of the jobs that wait, in the order of asking."""
    statement = select(jobs.c.id).where(jobs.c.state == State.WAITING.value).order_by(jobs.c.id)
    return list(connection.execute(statement).scalars())


def claim(connection: Connection, job_id: int, *, place: str, file: str, now: datetime) -> bool:
    """Take a job that waits, and say whether this call did it.

    One statement decides and changes together, so two workers cannot both have it.
    """
    return _change(
        connection,
        (jobs.c.id == job_id) & (jobs.c.state == State.WAITING.value),
        state=State.RUNNING.value,
        attempts=jobs.c.attempts + 1,
        place=place,
        file=file,
        begun_at=now,
        done=0,
    )


def advance(connection: Connection, job: Job, done: int) -> bool:
    """Note how far a job is; False if it is not this attempt's any more."""
    return _change(connection, _mine(job), done=done)


def finish(
    connection: Connection, job: Job, *, size: int, expires_at: datetime, now: datetime
) -> bool:
    """End a job whose file is complete; False if it is not this attempt's any more."""
    values = {"done": job.total, "size": size, "expires_at": expires_at, "ended_at": now}
    return _change(connection, _mine(job), state=State.DONE.value, **values)


def fail(connection: Connection, job: Job, problems: Sequence[Text], now: datetime) -> bool:
    """End a job that cannot be done; False if it is not this attempt's any more."""
    told = json.dumps([text_to_json(text) for text in problems], ensure_ascii=False)
    values = {"problems": told, "file": None, "ended_at": now}
    return _change(connection, _mine(job), state=State.FAILED.value, **values)


def put_back(connection: Connection, job: Job, *, counts: bool) -> bool:
    """Let an attempt that was interrupted be made again; `counts`: it was one of the few."""
    attempts = jobs.c.attempts - (0 if counts else 1)
    values = {"state": State.WAITING.value, "file": None, "begun_at": None, "done": 0}
    return _change(connection, _mine(job), attempts=attempts, **values)


def cancel(connection: Connection, job_id: int, now: datetime) -> bool:
    """End a job that waits or runs, and say whether this call did it."""
    unfinished = jobs.c.state.in_((State.WAITING.value, State.RUNNING.value))
    values = {"state": State.CANCELLED.value, "file": None, "ended_at": now}
    return _change(connection, (jobs.c.id == job_id) & unfinished, **values)


def forget_file(connection: Connection, job: Job, why: Gone, *, by: str, now: datetime) -> bool:
    """Note that a finished job's file goes, and say whether this call did it."""
    condition = (
        (jobs.c.id == job.id) & (jobs.c.state == State.DONE.value) & (jobs.c.file == job.file)
    )
    return _change(connection, condition, file=None, gone=why.value, gone_at=now, gone_by=by)


def _mine(job: Job) -> Any:
    return (jobs.c.id == job.id) & (jobs.c.state == State.RUNNING.value) & (jobs.c.file == job.file)


def _change(connection: Connection, condition: Any, **values: Any) -> bool:
    return connection.execute(update(jobs).where(condition).values(**values)).rowcount == 1


def _job(row: Row[Any]) -> Job:
    kept = dict(row._mapping)
    problems = json.loads(kept["problems"] or "[]")
    return Job(
        **{
            **kept,
            "work": Work(kept["work"]),
            "state": State(kept["state"]),
            "details": json.loads(kept["details"]),
            "problems": tuple(text_from_json(each) for each in problems),
            "gone": None if kept["gone"] is None else Gone(kept["gone"]),
        }
    )
