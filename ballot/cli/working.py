"""`ballot work`: the process beside the serving one, and the children in which it makes files."""

import logging
import os
import shutil
import signal
import sys
import threading
import traceback
from random import SystemRandom
from typing import Any, Final

import click

from ballot.cli.lan import watch_of
from ballot.cli.main import NUMBER, Session
from ballot.cli.reporting import _, expected_errors
from ballot.errors import OperationError
from ballot.lifeline import die_with, leave_ctrl_c_to_the_parent, orphaned
from ballot.services import closing, copies
from ballot.services.downloads import Downloads
from ballot.services.job_running import JobRunner

logger = logging.getLogger(__name__)

_TICK_SECONDS: Final = 0.5
_AFTER_FAILURE_SECONDS: Final = 5.0
_LAST_SECONDS: Final = 3.0
_IDLE_DISK: Final = ("-c", "3", "-t")


@click.command(help=_("后台进程：按时结束投票、完成收尾、做任务（由 serve 自动启动）。"))
@click.option("--parent", type=int, hidden=True, help=_("随此进程一起结束。"))
@click.option("--job", type=NUMBER, hidden=True, help=_("只生成这个任务的文件。"))
@click.pass_obj
@expected_errors
def work(session: Session, parent: int | None, job: int | None) -> None:
    """Close what is due and do jobs, until the parent process is gone or SIGTERM comes."""
    if parent is not None:
        leave_ctrl_c_to_the_parent()
    if job is not None:
        _make(session, job, parent)
        return
    ending = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    doing: threading.Thread | None = None
    hall = watch_of(session.settings)
    while not ending.is_set() and (parent is None or not orphaned(parent)):
        reached = _close_what_is_due(session)
        if doing is None and reached:
            doing = _do_jobs(session, ending)
        hall.go_on()
        ending.wait(_TICK_SECONDS if reached else _AFTER_FAILURE_SECONDS)
    ending.set()
    if doing is not None:
        doing.join(_LAST_SECONDS)


def _close_what_is_due(session: Session) -> bool:
    """Go on with closing, and tell whether that could be done: the database was reached."""
    try:
        closing.go_on(session.database, session.now(), SystemRandom())
        copies.scrub_wiped(session.database, session.now())
    except OperationError as error:  # a database that is away or full comes back
        logger.error("closing could not go on; it is tried again: %s", error)
        return False
    except Exception:  # nothing half-done remains
        logger.exception("closing could not go on; it is tried again")
        return False
    return True


def _do_jobs(session: Session, ending: threading.Event) -> threading.Thread:
    """Do jobs in a thread beside the closing, which never waits for one; children do the work."""
    idle_disk = [ionice, *_IDLE_DISK] if (ionice := shutil.which("ionice")) else []
    command = [*idle_disk, sys.executable, "-m", "ballot", "work", "--parent", str(os.getpid())]
    runner = JobRunner(
        session.database,
        Downloads(session.settings.folder),
        [*command, "--job"],
        session.now,
        ending,
    )

    def go_on() -> None:
        while not ending.is_set():
            pause = _TICK_SECONDS
            try:
                pause = 0 if runner.go_on() else _TICK_SECONDS
            except OperationError as error:
                logger.error("jobs could not go on; it is tried again: %s", error)
                pause = _AFTER_FAILURE_SECONDS
            except Exception:
                logger.exception("jobs could not go on; it is tried again")
                pause = _AFTER_FAILURE_SECONDS
            ending.wait(pause)

    thread = threading.Thread(target=go_on, name="jobs", daemon=True)
    thread.start()
    return thread


def _make(session: Session, job: int, parent: int | None) -> None:
    """Make a job's file when nobody else wants the processor; tell the parent what came of it."""
    from ballot.services import job_making

    if parent is not None:  # beside a server
        job_making.let_voters_come_first()
        die_with(parent)

    def say(said: dict[str, Any]) -> None:
        sys.stdout.write(job_making.line(said))
        sys.stdout.flush()

    try:
        job_making.make(session.settings, session.database, session.keys, job, say)
    except BrokenPipeError:  # the parent is gone, or wants this no longer
        os._exit(1)
    except Exception as error:  # told without its words and values: they might hold a code
        where = "".join(traceback.format_tb(error.__traceback__))
        logger.error("job %s failed: %s\n%s", job, type(error).__name__, where)
        os._exit(1)
