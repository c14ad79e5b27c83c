"""The recipe for nginx in docs/operations.md, run by the real nginx, read as an attacker would."""

import os
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest
from granian.http import HTTP1Settings

from ballot.cli.server import LAST_ANSWERS_SECONDS
from ballot.domain.codes import Code, new_code, shown
from ballot.domain.keys import new_nonce
from ballot.domain.people import Scope
from ballot.services import polls
from ballot.services.casting import PATIENCE_SECONDS
from ballot.settings import Settings, from_environment
from ballot.web.app import MOST_BODY_BYTES
from tests.builders import (
    LEADERS_POLL,
    PASSWORD,
    Clock,
    Place,
    a_place,
    a_token,
    a_user,
    an_open_poll,
)
from tests.live import Server, a_free_port, until
from tests.operations.front import (
    NAME,
    TITLE,
    Answer,
    Front,
    answer_on,
    bytes_of_answer,
    needs_nginx,
    nginx_before,
    served,
)
from tests.operations.recipes import block
from tests.web.html_page import Page

pytestmark = needs_nginx

GOOD = 0
STRANGER = "evil.example"
ELSEWHERE = "127.0.0.77"  # a phone's address that is in no answer and no file for other reasons
LOGGING = {"access_log off;": "", "error_log /dev/null emerg;": ""}
OFFICE_ONLY = {"# allow 192.168.10.0/24;": "allow 192.168.10.0/24;", "# deny all;": "deny all;"}


@contextmanager
def beside(settings: Settings) -> Iterator[Place]:
    """Open the installation in this process too."""
    with a_place(settings) as place:
        place.clock = Clock(datetime.now(UTC))
        yield place


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Give the settings of an installation that the tests with a server share."""
    folder = tmp_path_factory.mktemp("behind") / "var"
    return from_environment({"BALLOT_FOLDER": str(folder), "BALLOT_GRACE_SECONDS": "0"})


@pytest.fixture(scope="module")
def codes(settings: Settings) -> list[Code]:
    """Give the codes of an open poll of five subjects; each test takes some from the end."""
    with beside(settings) as place:
        return an_open_poll(place, LEADERS_POLL.replace("ballots = 11", "ballots = 40"))[1]


@pytest.fixture(scope="module")
def server(settings: Settings, codes: list[Code]) -> Iterator[Server]:
    """Give a running server whose public address is the recipe's."""
    with served(settings, a_free_port()) as running:
        yield running


@pytest.fixture(scope="module")
def front(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Give nginx in front of it."""
    with nginx_before(server.port, tmp_path_factory.mktemp("front") / "nginx") as running:
        yield running


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Front]:
    """Give nginx in front of nothing."""
    with nginx_before(a_free_port(), tmp_path / "nginx") as running:
        yield running


def raw(connection: socket.socket, request: bytes) -> bytes:
    """Send bytes and return what comes until the other side hangs up."""
    answer = b""
    with connection, suppress(OSError):
        connection.sendall(request)
        while piece := connection.recv(65536):
            answer += piece
    return answer


def posting(code: Code, body: bytes, framing: str) -> bytes:
    """Return a request that a phone would send to cast, whatever its body is."""
    head = f"POST /b/{code} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n{framing}\r\n\r\n"
    return head.encode() + body


class Upstream:
    """Something in the server's place that notes what nginx sends, and answers as told."""

    def __init__(self, answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n") -> None:
        self.answer, self.requests = answer, []
        self.on_request: Callable[[], object] = lambda: None
        self.answered = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", a_free_port()))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                self._answer(self._socket.accept()[0])

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(20)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(65536)
            self.on_request()
            head, _, body = request.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            while len(body) < int(length[1] if length else 0):
                body += connection.recv(65536)
            self.requests.append(head + b"\r\n\r\n" + body)
            connection.sendall(self.answer)
            self.answered.set()

    def __enter__(self) -> "Upstream":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


# ------------------------------------------------------------------ voting and the office


def test_votes_cast_through_tls_count(front, codes, settings):
    own = codes[-6:]

    assert [front.vote(code, GOOD) for code in own[:4]] == [True] * 4
    fields = front.reviewed(own[4], GOOD)
    assert front.cast(own[4], fields)
    assert front.cast(own[4], fields), "the same answer again"
    assert "此票已投" in front.ask("GET", f"/B/{own[0]}")[1]
    with beside(settings) as place, place.database.read() as connection:
        assert sum(group.cast for group in polls.turnout(connection, place.poll(1))) >= 5


def test_every_answer_over_tls_tells_the_browser_to_stay_with_tls(front, codes):
    for path in ("/", f"/b/{codes[0]}", "/office/login", "/api/v1/cycles", "/healthz", "/nowhere"):
        answer = front.fetch("GET", path)

        assert answer.headers["Strict-Transport-Security"], path
        assert answer.headers["Content-Security-Policy"], path


def test_the_offices_cookies_go_over_tls_only(front, settings):
    with beside(settings) as place:
        a_user(place, "zhang")

    form = front.fetch("GET", "/office/login")
    cookie = form.headers["Set-Cookie"]
    token = Page(form.text).every("input", name="csrf_token")[0].get("value")
    fields = {"name": "zhang", "password": PASSWORD, "csrf_token": token}
    own = {"Cookie": cookie.partition(";")[0], "Referer": f"https://{NAME}/office/login"}
    signed_in = front.fetch("POST", "/office/login", fields, **own)

    assert (signed_in.status, signed_in.headers["Location"]) == (303, "/office/")
    cookies = [cookie, *signed_in.headers.get_all("Set-Cookie")]
    for given in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/office/"} <= set(given.split("; "))
    session = next(c for c in cookies[1:] if c.startswith("ballot_office")).partition(";")[0]
    assert front.fetch("GET", "/office/", Cookie=session).status == 200


def test_nobody_outside_reads_metrics_but_the_machine_itself_does(front, server, settings):
    with beside(settings) as place:
        token = a_token(place, Scope.METRICS)
    bearer = {"Authorization": f"Bearer {token}"}

    for path in ("/metrics", "//metrics", "/%6detrics", "/b/../metrics", "/metrics?x=1"):
        assert front.fetch("GET", path, **bearer).status == 404, path
    assert front.fetch("GET", "/healthz").text.strip() == '{"status":"ok"}'
    assert server.ask("GET", "/metrics", **bearer)[0] == 200


def test_the_office_can_be_limited_to_its_own_network(server, codes, tmp_path):
    with nginx_before(server.port, tmp_path / "nginx", OFFICE_ONLY) as limited:
        for path in (
            "/office/",
            "/office/login",
            "//office/login",
            "/b/../office/login",
            "/b/..%2foffice/login",
            "/%6fffice/login",
            "/office/../office/login?x=/b/",
        ):
            assert limited.fetch("GET", path).status == 403, path
        assert limited.fetch("GET", f"/b/{codes[0]}").status == 200


# ------------------------------------------------------------------ names and addresses


def test_plain_http_leads_to_the_own_name_over_tls(alone):
    code = new_code()

    answer = answer_on(alone.plain(), "GET", f"/b/{code}?lang=en")

    assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/b/{code}?lang=en")
    assert answer.headers["Cache-Control"] == "no-store"


def test_no_other_name_is_answered_or_echoed(alone):
    """Neither in `Host`, nor in the address, nor when the connection is made."""
    requests = [
        f"GET /b/x HTTP/1.1\r\nHost: {STRANGER}\r\n\r\n",
        f"GET /b/x HTTP/1.1\r\nHost: {NAME}.{STRANGER}\r\n\r\n",
        f"GET http://{STRANGER}/b/x HTTP/1.1\r\nHost: {NAME}\r\n\r\n",
        "GET /b/x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "GET /b/x HTTP/1.0\r\n\r\n",
    ]
    for request in requests:
        assert raw(alone.plain(), request.encode()) == b"", request
        assert raw(alone.tls(), request.encode()) == b"", request
    for request in (
        f"GET //{STRANGER}/ HTTP/1.1\r\nHost: {NAME}\r\n\r\n",
        f"GET /%0d%0aLocation:%20http://{STRANGER}/ HTTP/1.1\r\nHost: {NAME}\r\n\r\n",
    ):
        head = raw(
            alone.plain(), request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").encode()
        )
        locations = re.findall(rb"(?im)^Location: (\S+)", head)
        assert [place.startswith(f"https://{NAME}/".encode()) for place in locations] == [True]
    alone.context.check_hostname, alone.context.verify_mode = False, ssl.CERT_NONE
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        alone.tls(STRANGER)


def test_no_address_reaches_the_server_not_even_one_that_a_phone_sends_along(tmp_path):
    with Upstream() as upstream, nginx_before(upstream.port, tmp_path / "nginx") as front:
        wire = socket.create_connection(
            ("127.0.0.1", front.port), timeout=40, source_address=(ELSEWHERE, 0)
        )
        phone = front.context.wrap_socket(wire, server_hostname=NAME)
        told = {"X-Forwarded-For": ELSEWHERE, "X-Real-IP": ELSEWHERE, "Forwarded": ELSEWHERE}
        answer_on(phone, "GET", "/", headers=told)

    (request,) = upstream.requests
    assert ELSEWHERE not in request.decode()
    names = {line.partition(":")[0].lower() for line in request.decode().splitlines()[1:] if line}
    assert names == {"host", "accept-encoding"}
    assert f"Host: {NAME}" in request.decode()


# ------------------------------------------------------------------ what nginx writes


def faults(front: Front, code: Code, nonce: str) -> None:
    """Ask for a code in every way that makes a server complain."""
    body = urlencode({"step": "cast", "nonce": nonce, "c0": "0"}).encode()
    whole = f"Content-Length: {len(body)}"
    chunked = "Transfer-Encoding: chunked"
    with suppress(OSError, HTTPException):
        front.fetch("GET", f"/b/{code}")
        front.fetch("TRACE", f"/b/{code}")
        front.fetch("POST", f"/b/{code}", {"nonce": nonce, "c0": "0" * 70_000})
        answer_on(front.plain(), "GET", f"/b/{code}")
        answer_on(front.plain(), "POST", f"/b/{code}", body.decode())
    for connect in (front.tls, front.plain):
        for request in (
            posting(code, body, whole),
            posting(code, body[:10], whole),
            posting(code, b"70000\r\n" + b"x" * 0x70000 + b"\r\n0\r\n\r\n", chunked),
            posting(code, b"zz\r\n" + body, chunked),
            posting(code, body, f"{whole}\r\nContent-Length: 7"),
            posting(code, body, f"{whole}\r\nX-Long: {'x' * 70_000}"),
            f"GET /b/{code}\x00 HTTP/1.1\r\n\r\n".encode(),
            f"GET b/{code} HTTP/1.1\r\n\r\n".encode(),
            f"GET /b/{code} HTTP/9.9\r\nHost: {NAME}\r\n\r\n".encode(),
            f"GET /b/{code} HTTP/1.1\r\nHost: {STRANGER}\r\n\r\n".encode(),
            f"GET /b/{code} HTTP/1.1\r\nHost: {NAME}\r\nReferer: /b/{code}\r\nX\r\n\r\n".encode(),
            f"GET /{code * 3000} HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode(),
        ):
            connection = connect()
            connection.settimeout(0.25)
            raw(connection, request)
    at_the_wrong_door = socket.create_connection(("127.0.0.1", front.port), timeout=1)
    raw(at_the_wrong_door, f"GET /b/{code} HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())


def secrets_in(front: Front, *secrets: str) -> set[str]:
    """Return the files that nginx wrote in which any of these stands."""
    return {
        name
        for name, text in front.written().items()
        if any(secret.lower() in text.lower() for secret in secrets)
    }


@pytest.mark.parametrize(
    "answer",
    [None, b"", b"not HTTP at all\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"],
    ids=["nobody there", "hangs up", "no HTTP", "cut off"],
)
def test_whatever_goes_wrong_no_file_of_nginx_holds_a_code_or_an_address(tmp_path, answer):
    code, nonce = new_code(), new_nonce()
    with Upstream(answer or b"") as upstream:
        port = a_free_port() if answer is None else upstream.port
        with nginx_before(port, tmp_path / "nginx") as front:
            faults(front, code, nonce)
            front.stop()

            assert secrets_in(front, code, shown(code), nonce, "client:", "127.0.0.1") == set()
            assert front.written()["access.log"] == front.written()["error.log"] == ""


def test_without_the_recipes_two_lines_nginx_would_write_codes_and_addresses(tmp_path):
    """The danger is real, and the search above would find it."""
    code, nonce = new_code(), new_nonce()
    with nginx_before(a_free_port(), tmp_path / "nginx", LOGGING) as front:
        faults(front, code, nonce)
        front.stop()

        assert secrets_in(front, code) >= {"access.log", "error.log"}
        assert secrets_in(front, "client: 127.0.0.1") == {"error.log"}


def test_after_votes_no_file_of_nginx_holds_a_code(server, codes, tmp_path):
    own = codes[-12:-6]
    with nginx_before(server.port, tmp_path / "nginx") as front:
        kept = [front.reviewed(code, GOOD) for code in own]
        assert all(front.cast(code, fields) for code, fields in zip(own, kept, strict=True))
        faults(front, own[0], kept[0]["nonce"])
        front.stop()

        told = [*own, *map(shown, own), *(fields["nonce"] for fields in kept)]
        assert secrets_in(front, *told, "client:", "/b/") == set()


def temporary_files(front: Front) -> set[str]:
    """Return the folders of the files that nginx has open and already deleted."""
    found = set()
    for pid in front.processes():
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                target = os.readlink(descriptor)
                if target.startswith(f"{front.folder}/") and target.endswith(" (deleted)"):
                    found.add(Path(target).relative_to(front.folder).parts[0])
    return found


def test_a_vote_that_nginx_holds_is_in_memory_and_only_a_strange_one_in_the_folder_that_is_memory(
    tmp_path,
):
    """A body in thousands of pieces fills nginx's buffer before it is complete."""
    body = urlencode({"nonce": new_nonce(), "c0": "0" * 60_000}).encode()
    pieces = b"".join(b"1\r\n" + bytes([byte]) + b"\r\n" for byte in body)
    with (
        nginx_before(a_free_port(), tmp_path / "nginx") as front,
        front.tls() as phone,
        front.tls() as strange,
    ):
        phone.sendall(posting(new_code(), body[:-1], f"Content-Length: {len(body)}"))
        strange.sendall(posting(new_code(), pieces, "Transfer-Encoding: chunked"))
        until(lambda: temporary_files(front), seconds=20, what="the pieces are in a file")

        assert temporary_files(front) == {"run-bodies"}
        strange.close()
        until(lambda: not temporary_files(front), seconds=20, what="it is gone")


def test_with_less_memory_for_bodies_than_the_recipe_gives_votes_would_lie_in_files(tmp_path):
    body = urlencode({"nonce": new_nonce(), "c0": "0" * 60_000}).encode()
    less = {"client_body_buffer_size 64k": "client_body_buffer_size 8k"}
    with nginx_before(a_free_port(), tmp_path / "nginx", less) as front, front.tls() as phone:
        phone.sendall(posting(new_code(), body[:-1], f"Content-Length: {len(body)}"))

        until(lambda: temporary_files(front), seconds=20, what="the body is in a file")


# ------------------------------------------------------------------ when the server is away


def told_to_try_again(answer: Answer) -> bool:
    page = Page(answer.text)
    return (
        answer.status == 503
        and page.heading == "请稍候"
        and "请再提交一次。重复提交不会重复计票。" in answer.text
        and answer.headers["Content-Type"] == "text/html; charset=utf-8"
        and answer.headers["Cache-Control"] == "no-store"
        and answer.headers["Retry-After"] == "10"
    )


@pytest.mark.slow
def test_a_voter_who_meets_a_dead_server_is_told_to_submit_again_and_then_counts(tmp_path):
    settings = from_environment(
        {"BALLOT_FOLDER": str(tmp_path / "var"), "BALLOT_GRACE_SECONDS": "0"}
    )
    with beside(settings) as place:
        _, codes = an_open_poll(place, LEADERS_POLL)
    port = a_free_port()
    with nginx_before(port, tmp_path / "nginx") as front:
        with served(settings, port):
            kept = {code: front.reviewed(code, GOOD) for code in codes[:3]}
            assert front.cast(codes[0], kept[codes[0]])

        for code, fields in kept.items():
            assert told_to_try_again(front.fetch("POST", f"/b/{code}", fields))
            assert told_to_try_again(front.fetch("GET", f"/B/{code}"))

        with served(settings, port):
            for code, fields in kept.items():
                assert front.cast(code, fields), "the first one for the second time"
        front.stop()
        assert secrets_in(front, *codes, *(fields["nonce"] for fields in kept.values())) == set()
    with beside(settings) as place, place.database.read() as connection:
        assert sum(group.cast for group in polls.turnout(connection, place.poll(1))) == 3


def test_the_servers_own_answers_pass_as_they_are(tmp_path):
    """The server's 503 offers to send the same vote again, with what was filled in."""
    own = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 3\r\n\r\nown"
    with Upstream(own) as upstream, nginx_before(upstream.port, tmp_path / "nginx") as front:
        answer = front.fetch("POST", "/b/x", {"step": "cast"})

    assert (answer.status, answer.text) == (503, "own")


def test_a_body_beyond_the_limit_gets_a_sentence_and_never_reaches_the_server(tmp_path):
    with Upstream() as upstream, nginx_before(upstream.port, tmp_path / "nginx") as front:
        fits = front.fetch("POST", "/b/x", {"c": "0" * (MOST_BODY_BYTES - 2)})
        beyond = front.fetch("POST", "/b/x", {"c": "0" * (MOST_BODY_BYTES - 1)})

    assert (fits.status, len(upstream.requests)) == (204, 1)
    assert (beyond.status, Page(beyond.text).heading) == (413, "没有成功")


# ------------------------------------------------------------------ slow phones, patience, lengths


def test_a_phone_that_sends_slowly_holds_no_thread_of_the_server(tmp_path):
    everything_sent, seen = threading.Event(), []
    with Upstream() as upstream, nginx_before(upstream.port, tmp_path / "nginx") as front:
        upstream.on_request = lambda: seen.append(everything_sent.is_set())
        with front.tls() as phone:
            request = posting(new_code(), b"step=cast&c0=0", "Content-Length: 14")
            phone.sendall(request[:-7])
            everything_sent.wait(0.5)  # long enough for nginx to have gone on, if it did
            everything_sent.set()
            phone.sendall(request[-7:])
            assert b"204" in phone.recv(100)

    assert seen == [True]


def test_a_phone_that_reads_slowly_holds_no_thread_of_the_server(tmp_path):
    page = b"x" * 900_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(page), page)
    system_takes_little = {"ssl default_server;": "ssl default_server sndbuf=4096;"}
    with (
        Upstream(answer) as upstream,
        nginx_before(upstream.port, tmp_path / "nginx", system_takes_little) as front,
    ):
        phone = socket.socket()
        phone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        phone.connect(("127.0.0.1", front.port))
        with front.context.wrap_socket(phone, server_hostname=NAME) as slow:
            slow.sendall(f"GET / HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())

            assert upstream.answered.wait(20), "the server is rid of its answer"
            assert temporary_files(front) == set(), "and no file holds it"


def test_nginx_is_more_patient_than_the_server_and_no_larger_than_it():
    told = dict(re.findall(r"^\s*([a-z_]+) (\d+)[sk];", block(TITLE, "nginx"), re.MULTILINE))

    assert int(told["proxy_read_timeout"]) > max(PATIENCE_SECONDS, LAST_ANSWERS_SECONDS)
    assert int(told["client_max_body_size"]) * 1024 == MOST_BODY_BYTES
    assert int(told["client_body_buffer_size"]) * 1024 >= MOST_BODY_BYTES
    assert "keepalive_timeout 20s; " in block(TITLE, "nginx").partition("}")[0]
    assert HTTP1Settings().header_read_timeout / 1000 > 20


def test_over_tls_the_length_of_the_review_does_not_tell_what_was_chosen(front, server, codes):
    """Labels differ in length, and so do pages; the records that carry them do not."""
    plain, padded = set(), set()
    for level in range(4):
        form = {"step": "review", **{f"c{slot}": str(level) for slot in range(5)}}
        plain.add(len(server.ask("POST", f"/b/{codes[0]}", form)[1]))
        body = urlencode(form)
        framing = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}"
        padded.add(bytes_of_answer(front, posting(codes[0], body.encode(), framing)))

    assert len(plain) > 1
    assert len(padded) == 1
    with front.tls() as phone:
        assert phone.version() == "TLSv1.3"
