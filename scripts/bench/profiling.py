"""Where the time goes: the serving process under cProfile, in this process, without a server."""

import asyncio
import cProfile
import io
import pstats
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ballot.clock import now_utc
from ballot.services.start import open_installation, steady_clock
from ballot.settings import Settings
from ballot.web.reception import Reception
from ballot.wsgi import receiving
from scripts.bench.electorate import Electorate, Slice, an_electorate

KINDS = ("page", "review", "cast")
_TOP = 25
_WARM_UP = 50
_TOGETHER = 64
_FORM = "application/x-www-form-urlencoded"


def profile(settings: Settings, kind: str, requests: int) -> str:
    """Return the functions that cost most, by their own time and with what they call.

    As many requests are under way as the loads have connections, so that they share trips and
    commits as they do there. The event loop's thread is looked at; for casts, in a second run,
    the thread that writes them.
    """
    with an_electorate(settings) as electorate:
        electorate.print(1, 1)
        electorate.open()
        with _reception(settings) as reception, asyncio.Runner() as loop:
            asked = _asked(electorate, kind, requests)
            loop.run(_ask(reception, asked[:_WARM_UP]))
            began = time.perf_counter()
            loop.run(_ask(reception, asked[_WARM_UP : requests + _WARM_UP]))
            each = (time.perf_counter() - began) / requests * 1e6
            alone = cProfile.Profile()
            alone.runcall(loop.run, _ask(reception, asked[requests + _WARM_UP :]))
        title = f"{requests} requests ({kind}; {each:.0f} us each without the profiler), seconds"
        told = _told(title, alone)
        if kind != "cast":
            return told
        with _reception(settings) as reception, asyncio.Runner() as loop:
            asked = _asked(electorate, kind, requests)
            writing = _of_the_writing_thread()
            loop.run(_ask(reception, asked))
            threading.setprofile(None)
            return told + _told("the thread that writes them, seconds of processor", writing)


@contextmanager
def _reception(settings: Settings) -> Iterator[Reception]:
    database, keys = open_installation(settings, now_utc())
    try:
        yield receiving(settings, database, keys, steady_clock(database))
    finally:
        database.close()


class _Head:
    """A request's head as the server hands it over."""

    http_version, scheme, server, client = "1.1", "http", "127.0.0.1:8000", "127.0.0.1:50000"
    query_string = ""
    authority = None

    def __init__(self, method: str, path: str, length: int) -> None:
        self.method, self.path = method, path
        self.headers = {
            "host": "127.0.0.1:8000",
            "user-agent": "Mozilla/5.0 (Linux; Android 10)",
            "accept": "text/html",
            "accept-language": "zh-CN,zh;q=0.9",
            "accept-encoding": "gzip, deflate",
        }
        if method == "POST":
            self.headers |= {"content-type": _FORM, "content-length": str(length)}


class _Exchange:
    """A request's body, and where its answer goes."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __call__(self) -> bytes:
        return self._body

    def response_bytes(self, status: int, _headers: list[tuple[str, str]], _body: bytes) -> None:
        if status != 200:
            raise RuntimeError(f"the application answered {status}")


def _asked(electorate: Electorate, kind: str, requests: int) -> list[tuple[_Head, _Exchange]]:
    """Return requests: some to warm up, those to be timed, and as many to be profiled."""
    codes = electorate.print(1, 2 * requests + _WARM_UP)
    return list(_requests(electorate, kind, codes))


def _requests(electorate: Electorate, kind: str, codes: Slice) -> Iterator[tuple[_Head, _Exchange]]:
    with electorate.codes.open() as file:
        file.seek(codes.first * 48)
        for _ in range(codes.each):
            record = file.read(48)
            path = f"/B/{record[:16]}"
            body = f"step={kind}&nonce={record[16:]}&{electorate.choices}".encode()
            if kind == "page":
                yield _Head("GET", path, 0), _Exchange(b"")
            else:
                yield _Head("POST", path, len(body)), _Exchange(body)


async def _ask(reception: Reception, asked: Sequence[tuple[_Head, _Exchange]]) -> None:
    left = iter(asked)

    async def connection() -> None:
        for head, exchange in left:
            await reception.__rsgi__(head, exchange)

    await asyncio.gather(*(connection() for _ in range(_TOGETHER)))


def _of_the_writing_thread() -> cProfile.Profile:
    """Return a profile under which the next casting thread works from its start on."""
    profile = cProfile.Profile(time.thread_time)
    waiting = [profile]

    def begin(*_: object) -> None:
        sys.setprofile(None)
        if threading.current_thread().name == "casting" and waiting:
            waiting.pop().enable()

    threading.setprofile(begin)
    return profile


class _SoFar:
    """A profile's figures so far, as `pstats` takes them; its thread may still be waiting."""

    def __init__(self, profile: cProfile.Profile) -> None:
        profile.snapshot_stats()
        self.stats = profile.stats

    def create_stats(self) -> None:
        """Keep what is there."""


def _told(title: str, profile: cProfile.Profile) -> str:
    text = io.StringIO()
    for order, words in (("tottime", "own time"), ("cumulative", "time with what they call")):
        text.write(f"\n{title}: functions by {words}\n")
        statistics = pstats.Stats(_SoFar(profile), stream=text)  # type: ignore[arg-type]
        statistics.strip_dirs().sort_stats(order).print_stats(_TOP)
    return text.getvalue()
