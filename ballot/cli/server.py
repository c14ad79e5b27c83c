"""The production server: granian, one process or several, and the working process beside them.

Source of the shape: docs/decisions/0004-serving.md.
"""

import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Final

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels

from ballot.cli.reporting import say
from ballot.errors import OperationError
from ballot.language import N_, Text

LAST_ANSWERS_SECONDS: Final = 30
_RESPAWN_SECONDS: Final = 1.0


class PortTakenError(OperationError):
    """The address cannot be listened at."""

    message = N_("地址 %(host)s:%(port)s 不能使用：%(reason)s。请换一个端口（--port）。")


def run(host: str, port: int, public_url: str, *, workers: int = 1) -> None:
    """Serve until a signal ends it; what was queued is answered first.

    `workers`: processes that answer requests; more than one on PostgreSQL only.
    Raises: PortTakenError.
    """
    check_free(host, port)
    worker = _Worker()
    server = Granian(
        "ballot.wsgi:create",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        http=HTTPModes.http1,  # no browser speaks HTTP/2 without TLS, nor does a proxy need it
        workers=workers,
        backlog=2048,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=LAST_ANSWERS_SECONDS,
        log_access=False,
        log_level=LogLevels.error,  # its warnings concern other shapes of serving
    )
    server.on_startup(worker.start)
    say(
        Text(
            "服务已启动：http://%(host)s:%(port)s/office/ 是后台；票上的网址是 %(url)s",
            host="127.0.0.1" if host == "0.0.0.0" else host,  # noqa: S104 - not bound here
            port=port,
            url=public_url,
        )
    )
    try:
        server.serve()
    finally:
        worker.stop()


def check_free(host: str, port: int) -> None:
    """Refuse an address in use: the server itself would share it with another one.

    Raises: PortTakenError.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(host=host, port=port, reason=error.strerror) from None


class _Worker:
    """Keeps one `ballot work` alive for as long as this process lives."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="worker keeper", daemon=True)
        self._spawning = threading.RLock()

    def start(self) -> None:
        """Start it, and keep starting it.

        A serving process forked in the middle of a start would inherit the pipe on which
        `Popen` waits for the start's end, and the keeper would wait as long as that one lives.
        """
        os.register_at_fork(
            before=self._spawning.acquire,
            after_in_parent=self._spawning.release,
            after_in_child=self._spawning.release,
        )
        self._keeper.start()

    def stop(self) -> None:
        """End it."""
        self._ending.set()
        if self._process and self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5)

    def _keep(self) -> None:
        command = [sys.executable, "-m", "ballot", "work", "--parent", str(os.getpid())]
        while not self._ending.is_set():
            with self._spawning:
                self._process = subprocess.Popen(command)  # noqa: S603 - our own words only
            self._process.wait()
            self._ending.wait(_RESPAWN_SECONDS)
