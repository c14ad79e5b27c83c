"""Casting while the working process prints slips, against casting alone."""

import threading
from contextlib import ExitStack
from typing import Any

from ballot.clock import now_utc
from ballot.domain.jobs import State
from ballot.domain.polls import PollId
from ballot.services import jobs, slip_orders
from ballot.storage.database import Database
from scripts.bench.electorate import BY, new_poll
from scripts.bench.load import Leg
from scripts.bench.rates import Book, Casting, Way
from scripts.bench.under_load import NewSettings, compared, hello, place

_LOOK_SECONDS = 0.2
_BEGIN_SECONDS = 120.0


class Printing:
    """Keeps a job of so many slips under way, one after another, from `begin` to `end`."""

    def __init__(self, database: Database, poll_id: PollId, slips: int) -> None:
        self._database = database
        self._poll_id = poll_id
        self._slips = slips
        self._stopped = threading.Event()
        self._under_way = threading.Event()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self.done = 0
        self.slips = 0

    def begin(self) -> None:
        """Ask for the first job, and wait until its slips are being written.

        Raises: RuntimeError if that does not happen.
        """
        self._thread.start()
        if not self._under_way.wait(_BEGIN_SECONDS):
            raise RuntimeError("no slip was printed: does the worker run?")

    def end(self) -> None:
        """Stop asking, and cancel what is under way."""
        self._stopped.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._stopped.is_set():
            number = self._ask()
            self._watch(number)

    def _ask(self) -> int:
        with self._database.write() as connection:
            now = now_utc()
            plan = slip_orders.of_poll(connection, self._poll_id, now)
            (group,) = plan.groups
            typed = {**plan.proposed, group.field: str(self._slips), "spares": "0"}
            order = slip_orders.read(plan, typed)
            return slip_orders.ask(connection, plan, order, by=BY, now=now)

    def _watch(self, number: int) -> None:
        """See a job to its end, or cancel it when it is time."""
        while not self._stopped.wait(_LOOK_SECONDS):
            with self._database.read() as connection:
                job = jobs.get(connection, number)
            if job.done:
                self._under_way.set()
            if job.state is State.DONE:
                self.done += 1
                self.slips += job.total
                with self._database.write() as connection:
                    jobs.discard(connection, number, by=BY, now=now_utc())
                return
            if job.state.is_over:
                raise RuntimeError(f"the job failed: {job.problems}")
        with self._database.write() as connection:
            job = jobs.get(connection, number)
            if not job.state.is_over:
                self.slips += job.done
                jobs.cancel(connection, number, by=BY, now=now_utc())


def working(new_settings: NewSettings, way: Way, slips: int) -> dict[str, Any]:
    """Compare casting with and without a worker that prints `slips` at a time, in turn."""
    book = Book()
    jobs_done = printed = 0
    with ExitStack() as stack:
        pace = hello(new_settings(), way)
        electorate, server = place(stack, new_settings(), way)
        poll = new_poll(electorate.database)
        casting = Casting(electorate, way, book)
        casting.expect(pace)
        beside: list[Leg] = []
        alone: list[Leg] = []
        for _ in range(way.rounds):
            alone += casting.run("cast", [server])
            printing = Printing(electorate.database, poll.id, slips)
            try:
                printing.begin()
                beside += casting.run("cast", [server])
            finally:
                printing.end()
            jobs_done, printed = jobs_done + printing.done, printed + printing.slips
    return compared(beside, alone, book) | {"jobs_done": jobs_done, "slips_printed": printed}
