"""Doing jobs one after another: a child makes each file, the database takes what came of it.

A file of slips is complete on disk before the one transaction in which the polls take its digests
and the job is done; until then nothing counts as printed, after it the job names the file. Whoever
is killed in between leaves a job that runs nowhere, which is put back, and a file that no job
speaks of, which is removed.
"""

import json
import logging
import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from ballot.domain.jobs import (
    KEPT,
    KEPT_WHILE_OPEN,
    MOST_ATTEMPTS,
    Job,
    State,
    text_from_json,
)
from ballot.domain.keys import Digest
from ballot.domain.polls import Phase
from ballot.errors import BallotError, OperationError
from ballot.language import N_, Text
from ballot.services import archive
from ballot.services.downloads import Downloads, new_name
from ballot.services.jobs import sweep
from ballot.services.printing import Taking, take_digests
from ballot.services.slip_orders import Order
from ballot.storage import jobs
from ballot.storage.database import Database

logger = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS: Final = 1.0
_READ_BYTES: Final = 1 << 16


class InterruptedJobError(OperationError):
    """Whatever does the job was killed again and again."""

    message = N_(
        "任务 %(times)s 次被中断（可能是内存不足，或服务被强行停止），已放弃。"
        "没有生成任何票或归档。"
    )


class ToldError(OperationError):
    """The child told why the job cannot be done."""

    def __init__(self, problems: Sequence[Text]) -> None:
        super().__init__()
        self._problems = tuple(problems)

    def texts(self) -> Sequence[Text]:
        """Return what it told."""
        return self._problems


class Dropped(Exception):  # noqa: N818 - told to nobody
    """The job was cancelled meanwhile: nothing is to be kept of this attempt."""


class _Interrupted(Exception):  # noqa: N818 - told to nobody
    """The child ended without a result, or this process is to end."""


class JobRunner:
    """Does the jobs of one folder. `command`: starts a child, which is told a job's number.

    `ending`: set when the process is asked to end; a job under way is then put back.
    """

    def __init__(
        self,
        database: Database,
        downloads: Downloads,
        command: Sequence[str],
        clock: Callable[[], datetime],
        ending: threading.Event,
    ) -> None:
        self._database = database
        self.downloads = downloads
        self.command = command
        self._clock = clock
        self._ending = ending

    def go_on(self) -> bool:
        """Do the next job if one waits, and say whether one was done; then tidy up.

        Raises: OperationError, where the database or the folder cannot be used now.
        """
        if not (self._waiting() or self.downloads.there) or not self.downloads.hold():
            return False
        self._recover()
        sweep(self._database, self.downloads, self._clock())
        for job_id in self._waiting():
            job = self.claim(job_id)
            if job is not None:
                self._do(job)
                return True
        return False

    def _waiting(self) -> list[int]:
        with self._database.read() as connection:
            return jobs.waiting(connection)

    def _recover(self) -> None:
        """Put back what ran here when its worker was killed: whoever holds the folder is alone."""
        with self._database.read() as connection:
            known = jobs.with_file(connection, self.downloads.place())
        for job in known:
            if job.state is State.RUNNING:
                self._put_back(job, counts=True)

    def _put_back(self, job: Job, *, counts: bool) -> None:
        now = self._clock()
        with self._database.write() as connection:
            if counts and job.attempts >= MOST_ATTEMPTS:
                jobs.fail(connection, job, InterruptedJobError(times=job.attempts).texts(), now)
            else:
                jobs.put_back(connection, job, counts=counts)

    def claim(self, job_id: int) -> Job | None:
        """Take a job that waits; None if another worker was first."""
        name = new_name()
        with self._database.write() as connection:
            taken = jobs.claim(
                connection, job_id, place=self.downloads.place(), file=name, now=self._clock()
            )
            return jobs.get(connection, job_id) if taken else None

    def _do(self, job: Job) -> None:
        """Do a job; whatever happens, either it is done and its file is there, or neither."""
        done = False
        try:
            self.take(job, self.made(job))
            done = True
        except Dropped:
            logger.info("job %s was cancelled", job.id)
        except _Interrupted:
            self._put_back(job, counts=not self._ending.is_set())
        except BallotError as error:
            with self._database.write() as connection:
                jobs.fail(connection, job, error.texts(), self._clock())
        finally:
            if not done:
                self.downloads.remove(job.file or "")

    def made(self, job: Job) -> dict[str, Any]:
        """Let a child make a claimed job's file, and return what came of it.

        Raises: ToldError, Dropped, _Interrupted.
        """
        with subprocess.Popen(  # noqa: S603 - our own words only
            [*self.command, str(job.id)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            pass_fds=[self.downloads.lock],
        ) as child:
            try:
                return self._listen(job, child)
            finally:
                child.kill()

    def _listen(self, job: Job, child: "subprocess.Popen[bytes]") -> dict[str, Any]:
        """Hear a child to its end, and see every second to what else is to be done."""
        assert child.stdout is not None
        heard, done, looked = b"", 0, time.monotonic()
        while not self._ending.is_set():
            if select.select([child.stdout], [], [], _LOOK_EVERY_SECONDS)[0]:
                piece = os.read(child.stdout.fileno(), _READ_BYTES)
                if not piece:
                    raise _Interrupted
                heard += piece
                if b"\n" in piece:
                    *lines, heard = heard.split(b"\n")
                    for said in map(json.loads, lines):
                        if "refused" in said:
                            raise ToldError([text_from_json(each) for each in said["refused"]])
                        if "made" in said:
                            made: dict[str, Any] = said["made"]
                            return made
                        done = said["done"]
            if time.monotonic() - looked >= _LOOK_EVERY_SECONDS:
                self._look_around(job, done)
                looked = time.monotonic()
        raise _Interrupted

    def _look_around(self, job: Job, done: int) -> None:
        """Note how far the job is, heed whether it was cancelled, and tidy up.

        Raises: Dropped.
        """
        with self._database.write() as connection:
            mine = jobs.advance(connection, job, done)
        sweep(self._database, self.downloads, self._clock())
        if not mine:
            raise Dropped

    def take(self, job: Job, made: dict[str, Any]) -> None:
        """End the job and let the database take what belongs to it, in one transaction.

        Raises: Dropped; what `take_digests` raises: then nothing counts as printed.
        """
        now = self._clock()
        with self._database.write() as connection:
            if not jobs.finish(
                connection, job, size=made["size"], expires_at=now + _kept(job), now=now
            ):
                raise Dropped
            for poll, takings in made.get("taken", {}).items():
                take_digests(
                    connection,
                    int(poll),
                    [_taking(*each) for each in takings],
                    by=job.asked_by,
                    now=now,
                    phases=Order.from_json(job.details).phases,
                    face=made["faces"][poll],
                )
            for poll, sha256 in made.get("exported", []):
                archive.note_export(connection, poll, sha256, by=job.asked_by, now=now)


def _taking(group: str, digests: Sequence[str], spares: int) -> Taking:
    return Taking(group, [Digest(bytes.fromhex(each)) for each in digests], spares)


def _kept(job: Job) -> timedelta:
    """Return how long a file waits: with codes of an open poll less long."""
    open_already = Phase.OPEN.value in job.details.get("phases", {}).values()
    return KEPT_WHILE_OPEN if open_already else KEPT
