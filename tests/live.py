"""A real server for tests: `ballot serve` in a process group of its own, ended for certain."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

from ballot.settings import Settings
from tests.web.checked import check
from tests.web.html_page import Page

ROOT: Final = Path(__file__).resolve().parent.parent
START_SECONDS: Final = 60
END_SECONDS: Final = 40


def plain_environment() -> dict[str, str]:
    """Return an environment with nothing of the tester's own settings.

    Bytecode is kept, so that the many starts of these tests do not compile anew.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("BALLOT_") and name != "PYTHONDONTWRITEBYTECODE"
    }


def environment(settings: Settings, **more: str) -> dict[str, str]:
    """Return what commands on an installation run with."""
    return {
        **plain_environment(),
        "BALLOT_FOLDER": str(settings.folder),
        "BALLOT_DATABASE_URL": settings.database_url,
        "BALLOT_GRACE_SECONDS": str(settings.grace_seconds),
        **more,
    }


def ballot(
    environ: Mapping[str, str], *words: str, python: str = sys.executable, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a `ballot` command to its end."""
    return subprocess.run(
        [python, "-m", "ballot", *words],
        env=environ,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def answer_of(environ: Mapping[str, str], *words: str) -> str:
    """Run a `ballot` command that has to succeed and return what it wrote to stdout."""
    done = ballot(environ, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def a_free_port() -> int:
    """Return a port nobody listens at, outside the range that phones call from."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def until(found: Callable[[], object], *, seconds: float, what: str) -> None:
    """Wait until something holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)


@dataclass
class Server:
    """A running server: its address, its environment, and what it wrote."""

    process: subprocess.Popen[bytes]
    environ: dict[str, str]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return self.log.read_text("utf-8", errors="replace")

    def processes(self) -> dict[int, str]:
        """Return the living processes of the server's group with their command lines."""
        return processes_of(self.process.pid)

    def serving_processes(self) -> set[int]:
        """Return the processes that answer requests."""
        return {
            pid
            for pid, line in self.processes().items()
            if pid != self.process.pid and " work " not in line
        }

    def working_processes(self) -> set[int]:
        """Return the `ballot work` beside them."""
        return {pid for pid, line in self.processes().items() if " work " in line}

    def answers(self) -> bool:
        """Tell whether the first page comes."""
        try:
            return self.ask("GET", "/")[0] == 200
        except OSError:
            return False

    def ask(
        self, method: str, path: str, form: Mapping[str, str] | None = None, **headers: str
    ) -> tuple[int, str]:
        """Send one request on a connection of its own and return the status and the page.

        The answer's headers and cookies are checked as those of every answer.
        """
        connection = HTTPConnection("127.0.0.1", self.port, timeout=40)
        headers = {"Accept-Language": "zh-CN", **headers}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, urlencode(form) if form is not None else None, headers)
            answer = connection.getresponse()
            page = answer.read().decode("utf-8")
            secure = self.environ["BALLOT_PUBLIC_URL"].startswith("https:")
            check(urlsplit(path).path, answer.getheaders(), page, secure=secure)
            return answer.status, page
        finally:
            connection.close()

    def reviewed(self, code: str, level: int) -> dict[str, str]:
        """Open a slip, rate everything alike, and return what the button "提交" would send."""
        status, ballot_page = self.ask("GET", f"/b/{code}")
        assert status == 200, ballot_page
        names = {field.get("name") for field in Page(ballot_page).every("input", type="radio")}
        chosen = {str(name): str(level) for name in names}
        status, review = self.ask("POST", f"/b/{code}", {"step": "review", **chosen})
        assert status == 200, review
        return Page(review).fields("cast")

    def cast(self, code: str, fields: Mapping[str, str]) -> bool | None:
        """Send a vote: True if the answer says that it counts, None if no answer comes."""
        try:
            status, answer = self.ask("POST", f"/b/{code}", fields)
        except OSError:
            return None
        return status == 200 and "已计票" in answer

    def vote(self, code: str, level: int) -> bool | None:
        """Vote with a slip from opening to submitting."""
        return self.cast(code, self.reviewed(code, level))

    def terminate(self) -> int:
        """Ask the server to end, as systemd does, and return its exit code."""
        self.process.terminate()
        return self.process.wait(END_SECONDS)


def processes_of(group: int) -> dict[int, str]:
    """Return the processes of a group that are alive (not zombies), with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, its_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(its_group) == group and state not in "ZX":
            found[int(folder.name)] = line
    return found


@contextmanager
def a_server(
    settings: Settings,
    *,
    python: str = sys.executable,
    cwd: Path | None = None,
    ready: bool = True,
    options: Sequence[str] = (),
) -> Iterator[Server]:
    """Run the production server on an installation and (`ready`) wait until it answers.

    Whatever happens in the block, every process of its group is gone afterwards.
    """
    port = a_free_port()
    environ = environment(settings, BALLOT_PUBLIC_URL=f"http://127.0.0.1:{port}")
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = settings.folder / f"server-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [python, "-m", "ballot", "serve", "--port", str(port), *options],
            env=environ,
            cwd=cwd,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(process, environ, port, log)
    try:
        if ready:
            _wait_for(server)
        yield server
    finally:
        _end(process)


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not server.answers():
        assert server.process.poll() is None, f"the server ended:\n{server.output}"
        assert time.monotonic() < deadline, f"the server is silent:\n{server.output}"
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process group politely, then for certain."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    for pid in processes_of(process.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait(END_SECONDS)
    until(lambda: not processes_of(process.pid), seconds=5, what="the server's processes end")
