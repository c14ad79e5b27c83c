"""Taking requests in: only a request that is there as a whole gets a thread.

The server calls `Reception` in its event loop once the headers of a request are in. The body is
awaited there, where waiting costs no thread, and not for ever; so a hundred clients that dawdle
keep nobody from voting. What the fast lane can answer is answered there too. Half a form is never
taken for a form: blanks would be counted that nobody chose.
Source of the shape: docs/decisions/0004-serving.md.
"""

import asyncio
import io
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import Any, Final, NamedTuple, Protocol

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]
from werkzeug.exceptions import BadRequest, HTTPException, LengthRequired, RequestTimeout

from ballot.services.casting import PATIENCE_SECONDS as CASTING_SECONDS
from ballot.web.deadlines import Arrival, Deadlines
from ballot.web.lane_rsgi import LaneInLoop
from ballot.web.mailbox import Expected, Mailbox
from ballot.web.recent import Asked, Recent
from ballot.web.refusals import PASSED, REFUSAL
from ballot.web.sending import Sending, send
from ballot.web.wall import Wall

logger = logging.getLogger(__name__)

REQUEST_THREADS: Final = 32
PATIENCE_SECONDS: Final = 20.0
"""How long a body may take: a voter's form is a few kilobytes at most."""

_NUMBER: Final = re.compile("[0-9]{1,18}")
_NOT_A_HEADER_OF_OURS: Final = frozenset({"content-type", "content-length"})
_JOINTS: Final = {"cookie": "; "}

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


class Scope(Protocol):
    """A request's head, as the server tells it. Source: granian's RSGI."""

    http_version: str
    scheme: str
    server: str
    client: str
    method: str
    path: str
    query_string: str
    authority: str | None
    headers: Any


class _Taken(NamedTuple):
    """A whole request on its way to a thread, and what the fast lane met if it had a look."""

    scope: Scope
    body: "bytes | Refused"
    protocol: Any
    passed: bool
    refusal: Exception | None
    done: Expected
    asked: Asked | None


class _Head(NamedTuple):
    """An answer whose body is sent piece by piece."""

    status: int
    headers: list[tuple[str, str]]
    sending: Sending


class _Desk(NamedTuple):
    """What belongs to the server's event loop: results from threads, and bodies on their way."""

    mailbox: Mailbox
    bodies: Deadlines[Arrival]


class Reception:
    """Stands between the server and a WSGI application.

    `most_bytes`: a longer body is not waited for; the application refuses it by its announced
    length. `patience`: seconds. The threads answer the server themselves, so that an answer need
    not wait for the event loop.
    """

    def __init__(
        self,
        application: Application,
        *,
        most_bytes: int,
        patience: float = PATIENCE_SECONDS,
        threads: int = REQUEST_THREADS,
        lane: LaneInLoop | None = None,
        recent: Recent | None = None,
        wall: Wall | None = None,
    ) -> None:
        self._application = application
        self._wall = wall
        self._recent = recent
        self._lane = lane
        self._most_bytes = most_bytes
        self._patience = patience
        self._at: _Desk | None = None
        self._whole: SimpleQueue[_Taken] = SimpleQueue()
        for _ in range(threads):
            threading.Thread(target=self._answer_all, name="request", daemon=True).start()

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        """Answer a request."""
        if self._wall is not None and self._wall.keeps_out(scope):
            protocol.response_bytes(*self._wall.refusal(scope))
            return
        desk = self._at or self._begin()
        asked = None if self._recent is None else self._recent.asked(scope)
        if asked is not None and self._recent is not None:
            known = self._recent.again(asked)
            if known is not None:
                protocol.response_bytes(*known)
                return
        body = b"" if scope.method == "GET" else await self._body(scope.headers, protocol, desk)
        passed, refusal = False, None
        if self._lane is not None and isinstance(body, bytes):
            passed = True
            try:
                if await self._lane.answered(scope, body, protocol, desk.mailbox):
                    return
            except Exception as met:  # expected or not: the view tells it, in a thread
                refusal = met
        done = desk.mailbox.place()
        self._whole.put(_Taken(scope, body, protocol, passed, refusal, done, asked))
        file: _Head | None = await done.future
        if file is not None:
            await self._send(protocol, file)

    async def _send(self, protocol: Any, file: "_Head") -> None:
        try:
            await send(protocol, *file)
        except (ProtocolClosed, RuntimeError, TimeoutError):
            logger.info("a download was not taken to its end")

    def _begin(self) -> "_Desk":
        """Begin to work in the server's loop, which is known with the first request."""
        loop = asyncio.get_running_loop()
        self._at = _Desk(Mailbox(loop, CASTING_SECONDS), Deadlines(loop, self._patience))
        return self._at

    async def _body(self, headers: Any, protocol: Any, desk: "_Desk") -> "bytes | Refused":
        """Return the body; one that is refused says so to whoever wants to read it."""
        if "transfer-encoding" in headers:  # its length is not known before its end
            return Refused(LengthRequired())
        length = _length(headers.get("content-length"))
        if not 0 < length <= self._most_bytes:
            return b""
        arrival = desk.bodies.watch(Arrival(asyncio.current_task()))
        try:
            content: bytes = await protocol()
        except asyncio.CancelledError:
            if not arrival.late:
                raise
            arrival.forgive()
            return Refused(RequestTimeout())
        except ProtocolClosed:
            return Refused(BadRequest())
        finally:
            arrival.over()
        return content if len(content) == length else Refused(BadRequest())

    def _answer_all(self) -> None:
        """Answer one request after the other, as long as the process lives."""
        while True:
            taken, file = self._whole.get(), None
            try:
                status, headers, parts = begun(self._application, _environ(taken))
                if isinstance(parts, Sending):
                    file = _Head(status, headers, parts)
                else:
                    answered = status, headers, joined(parts)
                    taken.protocol.response_bytes(*answered)
                    if taken.asked is not None and self._recent is not None:
                        self._recent.keep(taken.asked, answered)
            except Exception:  # the application answers its own errors; this is neither's page
                logger.exception("a request was not answered")
            finally:
                if self._at is not None:
                    self._at.mailbox.post(taken.done, file)


def _environ(taken: _Taken) -> Environ:
    environ = environ_of(taken.scope)
    body = taken.body
    environ["wsgi.input"] = io.BytesIO(body) if isinstance(body, bytes) else body
    if taken.passed:
        environ[PASSED] = True
    if taken.refusal is not None:
        environ[REFUSAL] = taken.refusal
    return environ


def _length(announced: str | None) -> int:
    """Return a body's announced length; 0 for none that is a number."""
    return int(announced) if announced and _NUMBER.fullmatch(announced) else 0


def begun(
    application: Application, environ: Environ
) -> tuple[int, list[tuple[str, str]], Iterable[bytes]]:
    """Return status, headers and the parts of the body of an application's answer."""
    status, headers = 500, []

    def start_response(line: str, given: list[tuple[str, str]], _: Any = None) -> None:
        nonlocal status, headers
        status, headers = int(line[:3]), [(name.lower(), value) for name, value in given]

    parts = application(environ, start_response)
    return status, headers, parts


def joined(parts: Iterable[bytes]) -> bytes:
    """Return the body of an answer, and let the application know that it was taken."""
    try:
        return b"".join(parts)
    finally:
        getattr(parts, "close", lambda: None)()


class Refused(io.RawIOBase):
    """A body that did not come as it should have: reading it raises why."""

    def __init__(self, reason: HTTPException) -> None:
        super().__init__()
        self._reason = reason

    def readable(self) -> bool:
        """Tell that it may be asked for."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ARG002 - nothing ever comes
        """Raise why there is nothing to read."""
        raise self._reason


def environ_of(scope: Scope) -> Environ:
    """Return a request's head as WSGI has it. Source: PEP 3333.

    No header of a proxy changes anything here: scheme and address are those of the connection.
    A header whose name has an underscore is dropped, since it could pass for another one.
    """
    host, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": _as_bytes(scope.path),
        "QUERY_STRING": _as_bytes(scope.query_string),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if "_" in name:
            continue
        key = name.replace("-", "_").upper()
        if name not in _NOT_A_HEADER_OF_OURS:
            key = f"HTTP_{key}"
        before = environ.get(key)
        environ[key] = value if before is None else f"{before}{_JOINTS.get(name, ',')}{value}"
    return environ


def _as_bytes(text: str) -> str:
    """Return a text as WSGI carries bytes: a character for each."""
    return text.encode("utf-8", "replace").decode("latin-1")
