"""Talking to a server byte by byte, as no browser would."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.live import Server
from tests.web.checked import check

FORM = "Content-Type: application/x-www-form-urlencoded"
SECONDS = 20


@dataclass
class Answer:
    """What came back. `status` is 0 where the server hung up without a word."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def whole(self) -> str:
        """Return all of it, to be searched."""
        told = "\n".join(f"{name}: {value}" for name, value in self.headers)
        return f"{told}\n{self.text}"


class Wire:
    """A client of a server that sends what it is told to."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.server.port), timeout=SECONDS)

    def send(self, *parts: bytes | str, hang_up: bool = False) -> Answer:
        """Send bytes as they are and return the answer; `hang_up`: nothing more will come."""
        raw = b"".join(p.encode("utf-8") if isinstance(p, str) else p for p in parts)
        line = raw.split(b"\r\n", 1)[0].split(b" ")
        with self.connect() as connection:
            try:
                connection.sendall(raw)
                if hang_up:
                    with suppress(OSError):  # answered and closed already: the answer waits here
                        connection.shutdown(socket.SHUT_WR)
                received = b"".join(iter(lambda: connection.recv(65_536), b""))
            except ConnectionError:
                received = b""
        answer = parsed(received)
        if answer.header("content-security-policy") or answer.body:
            target = line[1].decode("latin-1") if len(line) > 1 else ""
            check(urlsplit(target).path, answer.headers, answer.text, secure=False)
        return answer

    def ask(
        self, line: str | bytes, *headers: str | bytes, body: bytes = b"", hang_up: bool = False
    ) -> Answer:
        """Send a request with this first line and these headers, and the body as it is."""
        first = line.encode("utf-8") if isinstance(line, str) else line
        lines = [h.encode("utf-8") if isinstance(h, str) else h for h in headers]
        if not any(each.lower().startswith(b"host:") for each in lines):
            lines.insert(0, f"Host: 127.0.0.1:{self.server.port}".encode())
        lines += [b"Connection: close", b"Accept-Language: zh-CN", b"", body]
        return self.send(first + b" HTTP/1.1\r\n", b"\r\n".join(lines), hang_up=hang_up)

    def post(self, path: str, body: bytes, *headers: str, hang_up: bool = False) -> Answer:
        """Send a form with its right length, unless another one is given."""
        given = " ".join(headers).lower()
        more = [] if "content-length" in given else [f"Content-Length: {len(body)}"]
        more += [] if "content-type" in given else [FORM]
        return self.ask(f"POST {path}", *headers, *more, body=body, hang_up=hang_up)

    @contextmanager
    def held(self, *starts: bytes) -> Iterator[list[socket.socket]]:
        """Open a connection for each start of a request, and send no more on it."""
        with ExitStack() as open_ones:
            connections = [open_ones.enter_context(self.connect()) for _ in starts]
            for connection, start in zip(connections, starts, strict=True):
                connection.sendall(start)
            yield connections


def parsed(received: bytes) -> Answer:
    """Return an answer that ended with its connection; interim ones are passed over."""
    head, _, body = received.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):
        return parsed(body)
    lines = head.decode("latin-1").split("\r\n")
    if len(lines[0].split(" ")) < 2:
        return Answer(body=received)
    headers = [(name, value.strip()) for name, _, value in (x.partition(":") for x in lines[1:])]
    return Answer(int(lines[0].split(" ")[1]), headers, body)
