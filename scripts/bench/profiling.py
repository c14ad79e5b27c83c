"""Where the time goes: the application under cProfile, in this process, without a server."""

import cProfile
import io
import pstats
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from flask import Flask

from ballot.clock import now_utc
from ballot.services.start import open_installation, steady_clock
from ballot.settings import Settings
from ballot.web.app import create_app
from scripts.bench.electorate import Electorate, Slice, an_electorate

KINDS = ("page", "review", "cast")
_THREADS = 32
_TOP = 25
_WARM_UP = 50


def profile(settings: Settings, kind: str, requests: int) -> str:
    """Return the functions that cost most, by their own time and with what they call.

    The thread that asks is alone, so that its time is its own; where it waits for the thread that
    writes votes, `acquire` says so. That one is looked at in a second run, in which as many
    threads ask as a server has, so that casts share commits.
    """
    with an_electorate(settings) as electorate:
        electorate.print(1, 1)
        electorate.open()
        with _an_application(settings) as app:
            _ask(app, electorate, kind, electorate.print(1, _WARM_UP))
            codes = electorate.print(1, requests)
            began = time.perf_counter()
            _ask(app, electorate, kind, codes)
            each = (time.perf_counter() - began) / requests * 1e6
            codes = electorate.print(1, requests)
            alone = cProfile.Profile()
            alone.runcall(_ask, app, electorate, kind, codes)
        title = f"{requests} requests ({kind}; {each:.0f} us each without the profiler), seconds"
        told = _told(title, alone)
        if kind != "cast":
            return told
        with _an_application(settings) as app:
            writing = _of_the_writing_thread()
            codes = electorate.print(_THREADS, -(-requests // _THREADS))
            with ThreadPoolExecutor(_THREADS) as pool:
                list(
                    pool.map(
                        lambda place: _ask(app, electorate, kind, codes, place), range(_THREADS)
                    )
                )
            threading.setprofile(None)
            return told + _told("the thread that writes them, seconds of processor", writing)


@contextmanager
def _an_application(settings: Settings) -> Iterator[Flask]:
    database, keys = open_installation(settings, now_utc())
    try:
        yield create_app(settings, database, keys, steady_clock(database))
    finally:
        database.close()


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


def _environs(
    electorate: Electorate, kind: str, codes: Slice, place: int
) -> Iterator[dict[str, Any]]:
    """Yield the requests of one connection, as a server hands them over."""
    with electorate.codes.open() as file:
        file.seek((codes.first + place * codes.each) * 48)
        for _ in range(codes.each):
            record = file.read(48)
            body = f"step={kind}&nonce={record[16:]}&{electorate.choices}".encode()
            yield {
                "REQUEST_METHOD": "GET" if kind == "page" else "POST",
                "SCRIPT_NAME": "",
                "PATH_INFO": f"/B/{record[:16]}",
                "QUERY_STRING": "",
                "SERVER_NAME": "127.0.0.1",
                "SERVER_PORT": "8000",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "HTTP_HOST": "127.0.0.1:8000",
                "HTTP_USER_AGENT": "Mozilla/5.0 (Linux; Android 10)",
                "HTTP_ACCEPT": "text/html",
                "HTTP_ACCEPT_LANGUAGE": "zh-CN,zh;q=0.9",
                "CONTENT_TYPE": "" if kind == "page" else "application/x-www-form-urlencoded",
                "CONTENT_LENGTH": "" if kind == "page" else str(len(body)),
                "wsgi.version": (1, 0),
                "wsgi.url_scheme": "http",
                "wsgi.input": BytesIO(b"" if kind == "page" else body),
                "wsgi.errors": sys.stderr,
                "wsgi.multithread": True,
                "wsgi.multiprocess": False,
                "wsgi.run_once": False,
            }


def _ask(app: Flask, electorate: Electorate, kind: str, codes: Slice, place: int = 0) -> None:
    for environ in list(_environs(electorate, kind, codes, place)):
        answer: Any = app.wsgi_app(environ, _expect_200)
        b"".join(answer)
        getattr(answer, "close", lambda: None)()


def _expect_200(status: str, _headers: list[tuple[str, str]], _info: Any = None) -> Any:
    if not status.startswith("200"):
        raise RuntimeError(f"the application answered {status}")
    return lambda _: None


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
