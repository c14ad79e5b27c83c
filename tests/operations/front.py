"""nginx in front of a server, by the recipe of docs/operations.md, and phones that talk to it."""

import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from ballot.settings import Settings
from tests.live import (
    END_SECONDS,
    START_SECONDS,
    Server,
    a_free_port,
    environment,
    processes_of,
    until,
)
from tests.operations.recipes import block, replaced
from tests.web.checked import check

TITLE: Final = "Behind nginx with TLS"
NAME: Final = "vote.example.cn"
NGINX: Final = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
needs_nginx = pytest.mark.skipif(
    NGINX is None or shutil.which("openssl") is None, reason="nginx or openssl is not installed"
)
_AROUND: Final = """
{user}
daemon off;
worker_processes 2;
pid nginx.pid;
error_log {folder}/main-error.log info;
events {{ worker_connections 512; }}
http {{
    access_log {folder}/access.log;
    error_log {folder}/error.log info;
    default_type application/octet-stream;
    sendfile on;
    gzip on;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site;
}}
"""


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: HTTPMessage
    text: str


@dataclass
class Front(Server):
    """nginx, asked through TLS as phones ask; `folder` holds all that it writes."""

    folder: Path
    plain_port: int
    context: ssl.SSLContext

    def tls(self, name: str = NAME) -> ssl.SSLSocket:
        """Open a connection as a phone does that asks for a name."""
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=40)
        try:
            return self.context.wrap_socket(raw, server_hostname=name)
        except BaseException:
            raw.close()
            raise

    def plain(self) -> socket.socket:
        """Open a connection without TLS to the port for it."""
        return socket.create_connection(("127.0.0.1", self.plain_port), timeout=40)

    def fetch(
        self, method: str, path: str, form: Mapping[str, str] | None = None, **headers: str
    ) -> Answer:
        """Send one request on a connection of its own."""
        headers = {"Accept-Language": "zh-CN", **headers}
        body = None
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(form)
        return answer_on(self.tls(), method, path, body, headers)

    def ask(
        self, method: str, path: str, form: Mapping[str, str] | None = None, **headers: str
    ) -> tuple[int, str]:
        """Send one request to the server behind and return the status and the page.

        The answer's headers and cookies are checked as those of every answer.
        """
        answer = self.fetch(method, path, form, **headers)
        check(urlsplit(path).path, answer.headers.items(), answer.text, secure=True)
        return answer.status, answer.text

    def stop(self) -> None:
        """End nginx, so that every log it has is on disk."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)

    def written(self) -> dict[str, str]:
        """Return every file that nginx wrote, by its path below the folder."""
        return {
            str(file.relative_to(self.folder)): file.read_bytes().decode("utf-8", "replace")
            for file in sorted(self.folder.rglob("*"))
            if file.is_file() and file.name not in {"nginx.conf", "site", "key.pem", "cert.pem"}
        }


def answer_on(
    connection: socket.socket,
    method: str,
    path: str,
    body: str | None = None,
    headers: Mapping[str, str] | None = None,
    host: str = NAME,
) -> Answer:
    """Send one request on an open connection and close it."""
    http = HTTPConnection(host)
    http.sock = connection
    try:
        http.request(method, path, body, dict(headers or {}))
        answer = http.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode("utf-8"))
    finally:
        http.close()


def site(upstream: int, tls: int, plain: int, folder: Path, changes: Mapping[str, str]) -> str:
    """Return the recipe with the ports and paths of a test, without IPv6."""
    text = re.sub(r"^\s*listen \[::\].*\n", "", block(TITLE, "nginx"), flags=re.MULTILINE)
    assert "[::]" not in text
    own = {
        "127.0.0.1:8000": f"127.0.0.1:{upstream}",
        "listen 443": f"listen 127.0.0.1:{tls}",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "/etc/ssl/ballot/fullchain.pem": f"{folder}/cert.pem",
        "/etc/ssl/ballot/privkey.pem": f"{folder}/key.pem",
        "/run/ballot-bodies": f"{folder}/run-bodies",
    }
    return replaced(text, own | dict(changes))


@contextmanager
def nginx_before(
    upstream: int, folder: Path, changes: Mapping[str, str] | None = None
) -> Iterator[Front]:
    """Run nginx by the recipe in front of a port; `changes` are made in the recipe first."""
    assert NGINX
    folder.mkdir()
    tls, plain = a_free_port(), a_free_port()
    context = _certificate(folder)
    (folder / "site").write_text(site(upstream, tls, plain, folder, changes or {}))
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(_AROUND.format(user=user, folder=folder))
    log = folder / "start.log"
    process = subprocess.Popen(
        [NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", log],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    front = Front(process, {}, tls, log, folder, plain, context)
    try:
        until(lambda: _listens(front), seconds=20, what="nginx listens")
        yield front
    finally:
        end(process)


@contextmanager
def served(settings: Settings, port: int) -> Iterator[Server]:
    """Run the server on a port, as one whose voters come over TLS to the recipe's name."""
    environ = environment(settings, BALLOT_PUBLIC_URL=f"https://{NAME}")
    log = settings.folder / f"server-{port}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ballot", "serve", "--port", str(port)],
            env=environ,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(process, environ, port, log)
    try:
        until(server.answers, seconds=START_SECONDS, what="the server answers")
        yield server
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that ends its children itself, and wait for all of its group."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    until(lambda: not processes_of(process.pid), seconds=END_SECONDS, what="all processes end")


def _listens(front: Front) -> bool:
    assert front.process.poll() is None, front.output
    try:
        front.plain().close()
    except OSError:
        return False
    return True


def _certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate for the name and return what a phone needs to trust it."""
    words = (
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        f" -subj /CN={NAME} -addext subjectAltName=DNS:{NAME} -keyout key.pem -out cert.pem"
    )
    subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True)
    return ssl.create_default_context(cafile=folder / "cert.pem")


def bytes_of_answer(front: Front, request: bytes) -> int:
    """Return how many bytes somebody who listens on the network counts of an answer."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    phone = front.context.wrap_bio(incoming, outgoing, server_hostname=NAME)
    received = 0
    with socket.create_connection(("127.0.0.1", front.port), timeout=40) as wire:

        def exchange() -> bool:
            nonlocal received
            wire.sendall(outgoing.read())
            arrived = wire.recv(65536)
            received += len(arrived)
            incoming.write(arrived) if arrived else incoming.write_eof()
            return bool(arrived)

        while True:
            try:
                phone.do_handshake()
                break
            except ssl.SSLWantReadError:
                exchange()
        wire.sendall(outgoing.read())
        handshake = received
        phone.write(request)
        while exchange():
            pass
    return received - handshake
