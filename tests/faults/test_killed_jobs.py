"""`kill -9` of whoever does a job, beside a real server: the job is done in the end, and once."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from ballot.domain.jobs import State
from ballot.settings import Settings
from tests.builders import Place, a_place, a_poll
from tests.jobs import ask_slips, downloads, the_job
from tests.live import Server, a_server, until

SLIPS = 4000
PATIENCE = 240
"""In seconds: who makes the file gets the processor only when nobody else wants it."""

pytestmark = pytest.mark.slow


@contextmanager
def a_job_under_way(settings: Settings) -> Iterator[tuple[Place, Server, int]]:
    """Serve an installation in which the file of a job is being written."""
    with a_place(settings) as place:
        a_poll(place)
        number = ask_slips(place, **{"n-1-0": str(SLIPS), "spares": "0"})
        with a_server(settings) as server:
            until(
                lambda: any(path.stat().st_size for path in files(place)),
                seconds=PATIENCE,
                what="a file is begun",
            )
            yield place, server, number


def files(place: Place) -> list[Path]:
    return [downloads(place).path(name) for name in downloads(place).names()]


def children(server: Server) -> set[int]:
    return {pid for pid, line in server.processes().items() if " --job " in line}


def workers(server: Server) -> set[int]:
    return server.working_processes() - children(server)


def is_done_once(place: Place, number: int) -> None:
    """Check what everything has to come to."""
    until(lambda: the_job(place, number).state.is_over, seconds=PATIENCE, what="the job is over")
    job = the_job(place, number)
    assert job.state is State.DONE, [str(each) for each in job.problems]
    with place.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM ballots")).scalar_one() == SLIPS
    until(
        lambda: downloads(place).names() == {job.file}, seconds=20, what="nothing else lies there"
    )


def test_killed_with_a_job_under_way_the_next_worker_does_it_and_no_other_file_is_left(settings):
    with a_job_under_way(settings) as (place, server, number):
        (worker,) = workers(server)
        os.kill(worker, signal.SIGKILL)

        is_done_once(place, number)

        assert workers(server) != {worker}
        assert len(workers(server)) == 1
        assert the_job(place, number).attempts == 2


def test_a_killed_child_is_started_again_by_its_worker(sqlite_settings):
    with a_job_under_way(sqlite_settings) as (place, server, number):
        before = workers(server)
        for pid in children(server):
            os.kill(pid, signal.SIGKILL)

        is_done_once(place, number)

        assert workers(server) == before


def test_asked_to_end_the_server_leaves_no_file_and_the_next_one_does_the_job(sqlite_settings):
    with a_job_under_way(sqlite_settings) as (place, server, number):
        assert server.terminate() == 0
        until(lambda: not server.processes(), seconds=20, what="everything has ended")

        job = the_job(place, number)
        assert (job.state, job.attempts, files(place)) == (State.WAITING, 0, [])
        with a_server(sqlite_settings):
            is_done_once(place, number)
