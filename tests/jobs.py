"""A worker for tests: it does what waits, as `ballot work` does, with real children."""

import sys
import threading

from ballot.domain.jobs import Job, State
from ballot.services import jobs, slip_orders
from ballot.services.downloads import Downloads
from ballot.services.job_running import JobRunner
from tests.builders import Place
from tests.live import ROOT, environment

URL = "https://ballot.example.gov.cn"


def downloads(place: Place) -> Downloads:
    return Downloads(place.settings.folder)


def child(place: Place, *program: str) -> list[str]:
    """Return the command that makes a file, or what stands for it, with a place's settings."""
    environ = environment(place.settings, BALLOT_PUBLIC_URL=URL, PYTHONPATH=str(ROOT))
    own = [f"{name}={value}" for name, value in environ.items() if name.startswith("BALLOT_")]
    return ["env", *own, sys.executable, *(program or ("-m", "ballot", "work", "--job"))]


def a_runner(place: Place, *program: str) -> JobRunner:
    """Return a worker of its own; `program`: what Python runs instead of the real child."""
    return JobRunner(
        place.database,
        downloads(place),
        child(place, *program),
        place.clock,
        threading.Event(),
    )


def ask_slips(place: Place, cycle_id: int = 1, poll_id: int | None = None, **typed: str) -> int:
    """Ask for slips by what a form says; what it does not say is as proposed."""
    with place.database.write() as connection:
        now = place.clock()
        plan = (
            slip_orders.of_cycle(connection, cycle_id, now)
            if poll_id is None
            else slip_orders.of_poll(connection, poll_id, now)
        )
        order = slip_orders.read(plan, {**plan.proposed, **typed})
        return slip_orders.ask(connection, plan, order, by="zhang", now=now)


def the_job(place: Place, number: int) -> Job:
    with place.database.read() as connection:
        return jobs.get(connection, number)


def work(place: Place, *program: str) -> int:
    """Let a worker do what waits and tidy up, and return how many jobs it began."""
    worker, begun = a_runner(place, *program), 0
    while worker.go_on():
        begun += 1
    worker.downloads.let_go()
    return begun


def done(place: Place, number: int, runner: JobRunner | None = None) -> Job:
    """Let a worker do what waits, and return a job that has to be done."""
    if runner is None:
        work(place)
    else:
        while runner.go_on():
            pass
    found = the_job(place, number)
    assert found.state is State.DONE, [str(text) for text in found.problems]
    return found


def content(place: Place, job: Job) -> bytes:
    """Return what a job's file holds, without using it up."""
    with downloads(place).open(job) as file:
        return file.read()
