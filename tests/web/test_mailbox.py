"""What waits in the server's event loop hears in time, or hears that nothing came."""

import asyncio
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from ballot.web import deadlines
from ballot.web.deadlines import Arrival, Deadlines
from ballot.web.mailbox import Mailbox

Result = TypeVar("Result")


def in_a_loop(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in a thread of its own: a browser's loop may be at home in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(autouse=True)
def _swept_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "SWEEP_EVERY_SECONDS", 0.02)


def test_every_result_posted_by_any_thread_reaches_whoever_waits_for_it():
    async def ask() -> list[int]:
        mailbox = Mailbox(asyncio.get_running_loop(), patience=10)
        expected = [mailbox.expect() for _ in range(500)]

        def post(first: int) -> None:
            for number in range(first, 500, 5):
                mailbox.post(expected[number], number)

        threads = [threading.Thread(target=post, args=(first,)) for first in range(5)]
        for thread in threads:
            thread.start()
        return [await each.future for each in expected]

    assert in_a_loop(ask()) == list(range(500))


def test_a_result_that_does_not_come_in_time_is_none():
    async def ask() -> tuple[object, float]:
        mailbox = Mailbox(asyncio.get_running_loop(), patience=0.05)
        began = time.monotonic()
        return await mailbox.expect().future, time.monotonic() - began

    result, waited = in_a_loop(ask())

    assert result is None
    assert waited >= 0.05


def test_a_result_that_comes_too_late_harms_nobody():
    async def ask() -> list[object]:
        mailbox = Mailbox(asyncio.get_running_loop(), patience=0.01)
        late, prompt = mailbox.expect(), mailbox.place()
        first = await late.future
        mailbox.post(late, "late")
        mailbox.post(prompt, "there")
        return [first, await prompt.future]

    assert in_a_loop(ask()) == [None, "there"]


def test_a_task_is_interrupted_only_if_what_it_awaits_is_late():
    async def wait(seconds: float, bodies: Deadlines[Arrival]) -> str:
        arrival = bodies.watch(Arrival(asyncio.current_task()))
        try:
            await asyncio.sleep(seconds)
        except asyncio.CancelledError:
            assert arrival.late
            arrival.forgive()
            await asyncio.sleep(0)  # it goes on as if nothing had been
            return "late"
        finally:
            arrival.over()
        return "in time"

    async def both() -> list[str]:
        bodies: Deadlines[Arrival] = Deadlines(asyncio.get_running_loop(), 0.1)
        return await asyncio.gather(*(wait(seconds, bodies) for seconds in (0.01, 5, 0.02)))

    assert in_a_loop(both()) == ["in time", "late", "in time"]
