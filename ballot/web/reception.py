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
import sys
import threading
from collections.abc import Callable, Iterable
from queue import SimpleQueue
from typing import Any, Final, Protocol

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]
from werkzeug.exceptions import BadRequest, HTTPException, LengthRequired, RequestTimeout
from werkzeug.wsgi import get_content_length

from ballot.domain.casting import Cast, Outcome
from ballot.services.casting import PATIENCE_SECONDS as CASTING_SECONDS
from ballot.services.casting import CastingQueue, UncertainError
from ballot.web.fast_lane import Submitted
from ballot.web.lane_wsgi import LaneBefore
from ballot.web.refusals import PASSED, REFUSAL

logger = logging.getLogger(__name__)

REQUEST_THREADS: Final = 32
PATIENCE_SECONDS: Final = 20.0
"""How long a body may take: a voter's form is a few kilobytes at most."""

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
        lane: LaneBefore | None = None,
    ) -> None:
        self._application = application
        self._lane = lane
        self._most_bytes = most_bytes
        self._patience = patience
        self._whole: SimpleQueue[tuple[Environ, Any, Callable[[], None]]] = SimpleQueue()
        for _ in range(threads):
            threading.Thread(target=self._answer_all, name="request", daemon=True).start()

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        """Answer a request."""
        environ = environ_of(scope)
        environ["wsgi.input"] = await self._body(environ, protocol)
        if self._lane is not None and await _answered_at_once(self._lane, environ, protocol):
            return
        loop = asyncio.get_running_loop()
        answered = loop.create_future()

        def tell() -> None:
            loop.call_soon_threadsafe(_settle, answered)

        self._whole.put((environ, protocol, tell))
        await answered

    async def _body(self, environ: Environ, protocol: Any) -> io.RawIOBase | io.BytesIO:
        """Return the body; one that is refused says so to whoever wants to read it."""
        if "HTTP_TRANSFER_ENCODING" in environ:  # its length is not known before its end
            return Refused(LengthRequired())
        length = get_content_length(environ) or 0
        if not 0 < length <= self._most_bytes:
            return io.BytesIO()
        try:
            async with asyncio.timeout(self._patience):
                content = await protocol()
        except TimeoutError:
            return Refused(RequestTimeout())
        except ProtocolClosed:
            return Refused(BadRequest())
        return io.BytesIO(content) if len(content) == length else Refused(BadRequest())

    def _answer_all(self) -> None:
        """Answer one request after the other, as long as the process lives."""
        while True:
            environ, protocol, tell = self._whole.get()
            try:
                protocol.response_bytes(*answer(self._application, environ))
            except Exception:  # the application answers its own errors; this is neither's page
                logger.exception("a request was not answered")
            finally:
                tell()


def answer(application: Application, environ: Environ) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and body of an application's answer."""
    status, headers = 500, []

    def start_response(line: str, given: list[tuple[str, str]], _: Any = None) -> None:
        nonlocal status, headers
        status, headers = int(line[:3]), [(name.lower(), value) for name, value in given]

    parts = application(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        getattr(parts, "close", lambda: None)()
    return status, headers, body


async def _answered_at_once(lane: LaneBefore, environ: Environ, protocol: Any) -> bool:
    """Answer here, in the event loop, what the fast lane can; a vote's commit is awaited.

    It reads a row or two of a local file, which takes less than handing the request to a thread.
    """
    environ[PASSED] = True
    lane.counts.underway_by(1)
    try:
        page = lane.begin(environ)
        if isinstance(page, Submitted):
            page = lane.lane.counted(page, await _committed(lane.queue, page.cast))
    except Exception as refusal:  # expected or not: the view tells it, in a thread
        environ[REFUSAL] = refusal
        return False
    finally:
        lane.counts.underway_by(-1)
    if page is None:
        return False
    lane.counts.answered_at_once("voter", 200)
    protocol.response_bytes(200, lane.lane.headers(page), page.body)
    return True


async def _committed(queue: CastingQueue, cast: Cast) -> Outcome:
    """Return what became of a cast, after the commit that holds it. Raises: UncertainError."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[Outcome | None] = loop.create_future()
    queue.submit(cast, lambda outcome: _tell(loop, answered, outcome))
    try:
        async with asyncio.timeout(CASTING_SECONDS):
            outcome = await answered
    except TimeoutError:
        outcome = None
    if outcome is None:
        raise UncertainError
    return outcome


def _tell(loop: asyncio.AbstractEventLoop, answered: "asyncio.Future[Any]", result: Any) -> None:
    """Let the event loop know, from another thread."""
    loop.call_soon_threadsafe(_settle, answered, result)


def _settle(answered: "asyncio.Future[Any]", result: Any = None) -> None:
    if not answered.done():  # the server may have given the request up
        answered.set_result(result)


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
