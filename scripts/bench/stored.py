"""What happens to many rows: tallying and closing votes, and printing slips."""

import os
import resource
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from random import Random, SystemRandom
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from ballot.clock import now_utc
from ballot.domain.polls import PollId
from ballot.domain.tallies import tally
from ballot.services import polls
from ballot.services.start import open_installation
from ballot.settings import Settings
from ballot.storage import tables, votes
from ballot.storage.database import Database
from scripts.bench.electorate import SUBJECTS, new_poll
from scripts.bench.machine import memory_mb
from tests.live import environment

_AT_ONCE = 10_000
_LOOK_EVERY_SECONDS = 0.01  # a process's own accounting at its end would begin with ours
_LEVELS = bytes(number % 4 for number in range(256))

NewSettings = Callable[[], Settings]


def tallying(new_settings: NewSettings, number: int, repeats: int) -> dict[str, Any]:
    """Return how long a tally takes beside reading the same rows: medians in seconds."""
    settings = new_settings()
    poll_id = _fill(settings, number, with_ballots=False)
    runs, peak = _apart(_tally, settings, poll_id, repeats)
    read, read_as_we_do, tallied = (median(column) for column in zip(*runs, strict=True))
    return {
        "votes": number,
        "subjects": len(SUBJECTS),
        "read_s": round(read, 3),
        "read_through_sqlalchemy_s": round(read_as_we_do, 3),
        "tally_s": round(tallied, 3),
        "tally_of_read": round(tallied / read, 2),
        "tally_of_read_through_sqlalchemy": round(tallied / read_as_we_do, 2),
        "memory_mb": round(peak, 1),
    }


def _tally(settings: Settings, poll_id: PollId, repeats: int) -> list[tuple[float, float, float]]:
    with _opened(settings) as database, database.read() as connection:
        definition = polls.get(connection, poll_id).definition
        columns = (tables.votes.c.group_index, tables.votes.c.valid, tables.votes.c.choices)
        rows = select(*columns).where(tables.votes.c.poll_id == poll_id)

        def tallied() -> None:
            tally(definition, votes.every(connection, poll_id, definition))

        return [
            (
                _seconds(lambda: _read(connection, poll_id)),
                _seconds(lambda: connection.execute(rows).all()),
                _seconds(tallied),
            )
            for _ in range(repeats)
        ]


def _read(connection: Connection, poll_id: PollId) -> list[Any]:
    """Fetch the choices through the database's own driver: nothing can read them faster."""
    cursor = connection.connection.cursor()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    cursor.execute(f"SELECT choices FROM votes WHERE poll_id = {mark}", (poll_id,))
    rows = cursor.fetchall()
    cursor.close()
    return list(rows)


def closing(new_settings: NewSettings, numbers: list[int]) -> list[dict[str, Any]]:
    """Return how long it takes to write a poll's votes and ballots anew, and to scrub."""
    found = []
    for number in numbers:
        settings = new_settings()
        poll_id = _fill(settings, number, with_ballots=True)
        (rewrite, scrub), peak = _apart(_close, settings, poll_id)
        found.append(
            {
                "votes": number,
                "rewrite_s": round(rewrite, 3),
                "rewrite_us_each": round(rewrite / number * 1e6, 2),
                "scrub_s": round(scrub, 3),
                "memory_mb": round(peak, 1),
            }
        )
    return found


def _close(settings: Settings, poll_id: PollId) -> tuple[float, float]:
    with _opened(settings) as database:

        def rewrite() -> None:
            with database.write() as connection:
                votes.part_and_rewrite(connection, poll_id, SystemRandom())

        return _seconds(rewrite), _seconds(lambda: votes.scrub(database))


def printing(new_settings: NewSettings, numbers: list[int], repeats: int) -> list[dict[str, Any]]:
    """Return what `ballot poll ballots --pdf` takes, from its start to its end."""
    settings = new_settings()
    database, _ = open_installation(settings, now_utc())
    poll = new_poll(database)
    database.close()
    path = settings.folder / "slips.pdf"
    found = []
    for number in numbers:
        runs = [_print(settings, poll.id, number, path) for _ in range(repeats)]
        found.append(
            {
                "slips": number,
                "seconds": round(median(run.seconds for run in runs), 2),
                "cpu_s": round(median(run.processor for run in runs), 2),
                "memory_mb": round(max(run.peak for run in runs), 1),
                "bytes_each": round(path.stat().st_size / number, 1),
            }
        )
    return found


class _Run(NamedTuple):
    """What a command took: seconds, seconds of processor, and the most memory in MB."""

    seconds: float
    processor: float
    peak: float


def _print(settings: Settings, poll_id: PollId, number: int, path: Path) -> _Run:
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "ballot", "poll", "ballots", str(poll_id)]
    environ = environment(settings, BALLOT_PUBLIC_URL="http://vote.example.cn:8000")
    began, before = time.perf_counter(), _worked_by_children()
    process = subprocess.Popen(
        [*command, "--count", str(number), "--pdf", str(path)],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, memory_mb(process.pid))
        time.sleep(_LOOK_EVERY_SECONDS)
    took = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError("`ballot poll ballots` failed")
    return _Run(took, _worked_by_children() - before, peak)


def _worked_by_children() -> float:
    """Return for how many seconds of processor the children that ended have worked."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def add_ballots(database: Database, poll_id: PollId, number: int) -> None:
    """Put ballots into the table whose codes nobody has."""
    _insert(
        database,
        tables.ballots,
        (
            {
                "digest": digest,
                "poll_id": poll_id,
                "group_index": 0,
                "state": tables.State.UNUSED,
                "nonce": None,
            }
            for digest in sorted(secrets.token_bytes(32) for _ in range(number))
        ),
    )


def _fill(settings: Settings, number: int, *, with_ballots: bool) -> PollId:
    """Fill an installation with the votes of a poll, and its ballots, all cast."""
    database, _ = open_installation(settings, now_utc())
    poll = new_poll(database)
    width = len(SUBJECTS)
    packed = Random(7).randbytes(number * width).translate(_LEVELS)
    _insert(
        database,
        tables.votes,
        (
            {
                "poll_id": poll.id,
                "id": key,
                "group_index": None,
                "valid": True,
                "choices": packed[place * width : (place + 1) * width],
            }
            for place, key in enumerate(sorted(secrets.token_bytes(16) for _ in range(number)))
        ),
    )
    if with_ballots:
        add_ballots(database, poll.id, number)
        with database.write() as connection:
            connection.execute(
                tables.ballots.update().values(
                    state=tables.State.CAST, nonce=secrets.token_bytes(16)
                )
            )
    database.close()
    return poll.id


def _insert(database: Database, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    with database.write() as connection:
        while some := [row for row, _ in zip(rows, range(_AT_ONCE), strict=False)]:
            connection.execute(insert(table), some)


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database, _ = open_installation(settings, now_utc())
    try:
        yield database
    finally:
        database.close()


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _apart(work: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """Do work in a process of its own; return its value and the most memory it held, in MB."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_with_peak, work, *arguments).result()


def _with_peak(work: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    value = work(*arguments)
    return value, memory_mb(os.getpid())
