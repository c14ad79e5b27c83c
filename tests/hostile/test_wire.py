"""Raw bytes against the real server: it answers in words or hangs up, and serves voters on."""

import gzip
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from ballot.domain.codes import Code
from ballot.settings import from_environment
from tests.builders import LEADERS_POLL, a_place, a_user, an_open_poll
from tests.hostile.wire import FORM, Wire
from tests.live import Server, a_server, until

KILOBYTE = 1024
EVIL = "evil.example"
REFUSED_BY_THE_SERVER = {0, 400, 414, 431}


@dataclass
class Served:
    """A running server with an open poll of eleven ballots, five subjects each."""

    server: Server
    wire: Wire
    codes: Iterator[Code]

    def ballot(self) -> Code:
        return next(self.codes)

    def is_unused(self, code: Code) -> bool:
        return self.server.ask("GET", f"/b/{code}")[0] == 200


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Give a server for all attacks of this file: each has to leave it in order."""
    folder = tmp_path_factory.mktemp("wire") / "var"
    settings = from_environment({"BALLOT_FOLDER": str(folder), "BALLOT_GRACE_SECONDS": "0"})
    with a_place(settings) as place:
        _, codes = an_open_poll(place, LEADERS_POLL, count=40)
        a_user(place)
    with a_server(settings) as server:
        yield Served(server, Wire(server), iter(codes))


@pytest.fixture(scope="module")
def wire(served: Served) -> Wire:
    """Give a client of that server."""
    return served.wire


@pytest.fixture(scope="module")
def stalled(served: Served) -> Iterator[list]:
    """Give clients that sent half a form when this file began, and nothing since."""
    start = f"POST / HTTP/1.1\r\nHost: a\r\n{FORM}\r\nContent-Length: 100\r\n\r\ncode=".encode()
    with served.wire.held(*[start] * 20) as connections:
        yield connections


@pytest.fixture(autouse=True)
def _they_wait(stalled: list) -> None:
    """Let them wait from the first attack on."""


def a_vote(served: Served, code: Code, level: int = 1) -> bytes:
    """Return the body of a reviewed vote, as a phone sends it."""
    fields = served.server.reviewed(code, level)
    return "&".join(f"{name}={value}" for name, value in fields.items()).encode()


# Bodies


def test_a_body_that_is_announced_too_large_is_refused_before_it_comes(wire):
    answer = wire.post("/", b"code=A", f"Content-Length: {100 * KILOBYTE**2}")

    assert answer.status == 413
    assert "提交的内容太大" in answer.text


def test_a_body_without_its_length_is_refused_however_long_it_is(wire):
    chunks = [b"8000\r\n" + b"a" * 0x8000 + b"\r\n"] * 4 + [b"0\r\n\r\n"]

    for body in (b"6\r\ncode=A\r\n0\r\n\r\n", b"".join(chunks), b"zz\r\ncode=A", b""):
        answer = wire.ask("POST /", FORM, "Transfer-Encoding: chunked", body=body, hang_up=True)
        assert answer.status in {411, *REFUSED_BY_THE_SERVER}
    both = ("Transfer-Encoding: chunked", "Content-Length: 6")
    assert wire.ask("POST /", FORM, *both, body=b"6\r\ncode=A\r\n0\r\n\r\n").status in {400, 411}


def test_half_a_vote_is_no_vote(served):
    code = served.ballot()
    whole = a_vote(served, code)
    announced = f"Content-Length: {len(whole)}"

    for length in range(0, len(whole), 7):
        answer = served.wire.post(f"/b/{code}", whole[:length], announced, hang_up=True)
        assert answer.status == 400
    chunk = f"{len(whole):x}\r\n".encode() + whole[:-4]
    chunked = ("Transfer-Encoding: chunked", FORM)
    served.wire.ask(f"POST /b/{code}", *chunked, body=chunk, hang_up=True)

    assert served.is_unused(code)
    assert "已计票" in served.wire.post(f"/b/{code}", whole).text


@pytest.mark.parametrize(
    "lengths",
    [["6", "7"], ["-1"], ["+6"], ["6.0"], ["0x6"], ["six"], ["６"], ["9" * 30], ["6 "], ["6, 6"]],
)
def test_a_length_that_is_none_is_refused(wire, lengths):
    headers = [f"Content-Length: {length}" for length in lengths]

    assert wire.ask("POST /", FORM, *headers, body=b"code=A").status in {400, 411, 413, 422}


@pytest.mark.parametrize(
    "kind",
    ["application/json", "text/plain", "application/xml", "", "a", ";;;", "multipart/form-data",
     "application/x-www-form-urlencoded; charset=utf-16",
     "application/x-www-form-urlencoded; charset=zlib", "multipart/mixed; boundary=" + "x" * 5000],
)  # fmt: skip
def test_a_vote_of_another_kind_is_no_vote(served, kind):
    code = served.ballot()
    whole = a_vote(served, code)

    answer = served.wire.post(f"/b/{code}", whole, f"Content-Type: {kind}")

    if "x-www-form" in kind:  # what a form is never depends on the charset it claims
        assert answer.status == 200
    else:
        assert answer.status < 500
        assert served.is_unused(code)


def test_a_compressed_body_is_never_unpacked(served):
    code = served.ballot()
    bomb = gzip.compress(bytes(20 * KILOBYTE**2))
    assert len(bomb) < 64 * KILOBYTE

    for packed in (bomb, gzip.compress(a_vote(served, code))):
        answer = served.wire.post(f"/b/{code}", packed, "Content-Encoding: gzip")
        assert answer.status in {200, 400, 422}
    assert served.is_unused(code)


def test_a_field_sent_twice_or_a_flood_of_them_is_refused(served):
    code = served.ballot()
    whole = a_vote(served, code)

    for flood in (whole + b"&c0=0", whole + b"&step=cast", whole + b"&x" * 20_000, b"&" * 60_000):
        assert served.wire.post(f"/b/{code}", flood).status in {200, 400, 413}
    assert served.is_unused(code)
    assert served.wire.post("/office/login", b"name=a&" * 9000).status in {400, 413}
    assert served.wire.post("/", b"code=A&" * 9000).status in {413, 422}


@pytest.mark.parametrize(
    ("part", "times"),
    [
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n', 1100),
        (b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nc\r\n', 900),
        (b"--x\r\nX: " + b"a" * 60_000 + b"\r\n\r\nb\r\n", 1),
        (b"--x\r\n" + b"X: a\r\n" * 9000 + b"\r\nb\r\n", 1),
        (b"--x\r\n\r\n\r\n", 3000),
        (b"--x", 20_000),
        (b"\r\n", 30_000),
        (b'--x\r\nContent-Disposition: form-data; name="step"\r\n\r\ncast', 1),
    ],
)
def test_no_form_of_many_parts_costs_more_than_its_bytes(wire, part, times):
    body = part * times + b"--x--\r\n"
    assert len(body) <= 80_000

    for path in ("/", "/office/login"):
        answer = wire.post(path, body, "Content-Type: multipart/form-data; boundary=x")
        assert answer.status in {400, 413, 422}


# Addresses and headers


@pytest.mark.parametrize(
    "line",
    [
        b"GET /b/%FF%FE%00",
        b"GET /b/\xff\xfe",
        b"GET /b/%E7%A5%A8",
        b"GET /b/\xe7\xa5\xa8",
        b"GET /b/..%2f..%2fetc%2fpasswd",
        b"GET /static/..%2f..%2fpyproject.toml",
        b"GET /static/%2e%2e/%2e%2e/pyproject.toml",
        b"GET /static/%00",
        b"GET /?lang=%FF%00",
        b"GET /?lang=en&lang=zh-CN&" + b"a=b&" * 5000,
        b"GET /" + b"%" * 500,
        b"GET /" + b"a/" * 5000,
        b"GET /" + b"a" * 60_000,
        b"GET /" + b"a" * 200_000,
        b"GET /receipts/" + b"9" * 5000,
        b"GET /receipts/-1",
        b"GET /receipts/%D9%A3",
        b"GET /office/polls/" + b"9" * 5000,
        b"GET /api/v1/cycles/" + b"9" * 5000 + b"/points",
        b"GET /b/%2e%2e/office/",
        b"GET /b/A%0d%0aX-Evil:%201",
        b"GET  / ",
        b"GET\t/",
        b"GET",
        b"",
        b"\0\0\0\0",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM",
    ],
    ids=lambda line: repr(line[:40]),
)
def test_no_address_breaks_the_server(wire, line):
    answer = wire.ask(line)

    assert answer.status in {200, 303, 401, 404, 422, *REFUSED_BY_THE_SERVER}
    assert "[project]" not in answer.whole


@pytest.mark.parametrize(
    "headers",
    [
        [b"X: " + b"a" * 600_000],
        [b"X%d: a" % n for n in range(500)],
        [b"X: a"] * 90,
        [b"Cookie: " + b"a=b; " * 15_000],
        [b"Cookie: ballot_office=" + b"." * 5000, b"Cookie: ballot_device=" + b"\xff" * 3000],
        [b"Accept-Language: " + b"en;q=0.1," * 9000],
        [b"Accept-Language: ;;;q=nan,*;q=inf,\xff"],
        [b"Accept: " + b"*/*," * 9000],
        [b"If-None-Match: " + b'"a",' * 9000],
        [b"Range: bytes=0-0,1-1,2-2," + b"3-3," * 5000],
        [b"Authorization: Bearer " + b"\xff" * 5000],
        [b"Authorization: Basic " + b"A" * 5000],
        [b"Authorization: Digest a=b,c=" + b'"' * 99],
        [b"Content-Type: " + b"a/b;" * 9000],
        [b"Expect: 100-continue"],
        [b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Key: aaaa"],
        [b" folded: a"],
        [b"no colon"],
        [b": no name"],
        [b"X: a\rb"],
        [b"X: a\0b"],
        [b"X\xff: a"],
    ],
    ids=lambda headers: repr(headers[0][:30]),
)
def test_no_header_breaks_the_server(wire, headers):
    for path in ("/", "/office/", "/api/v1/cycles", "/static/voter.css"):
        answer = wire.ask(f"GET {path}", *headers)
        assert answer.status in {200, 206, 303, 401, 405, 416, *REFUSED_BY_THE_SERVER}


@pytest.mark.parametrize("what", ["%0d%0aX-Evil:%201", "%0aX-Evil:1", "\u560d\u560aX-Evil:1"])
def test_no_line_break_in_an_address_or_field_becomes_a_header(served, what):
    code = served.ballot()

    for answer in (
        served.wire.ask(f"GET /b/{what}"),
        served.wire.ask(f"GET /office/polls/1{what}"),
        served.wire.ask(f"GET /office/login?next=/office/{what}"),
        served.wire.ask(f"GET /b/{code}?lang=en{what}"),
        served.wire.post(f"/?lang=en{what}", f"code={code}".encode()),
        served.wire.post("/", f"code={code}{what}".encode()),
    ):
        assert answer.status in {200, 303, 404, 422}
        assert answer.header("X-Evil") is None


HOSTS = [EVIL, f"{EVIL}:80", f"a@{EVIL}", f"127.0.0.1@{EVIL}", f"{EVIL}#", f'"><b>{EVIL}', "", "["]
REDIRECTING = ["/office", "/office/", "/office//polls/1", f"//{EVIL}/office", f"/\\{EVIL}", "/b"]


@pytest.mark.parametrize("host", HOSTS)
def test_no_host_that_a_request_names_is_ever_told_back(served, host):
    code = served.ballot()

    for path in [*REDIRECTING, "/", f"/b/{code}", "/nowhere", "/office/login", "/api/v1/cycles"]:
        answer = served.wire.ask(f"GET {path}", f"Host: {host}")
        assert answer.status in {200, 303, 400, 401, 404}
        assert EVIL not in answer.whole.replace(f"Host: {host}", "")
    typed = served.wire.ask(
        "POST /", f"Host: {host}", FORM, "Content-Length: 21", body=f"code={code}".encode()
    )
    assert typed.header("location") in {f"/B/{code}", f"/b/{code}"}


@pytest.mark.parametrize(
    "request_lines",
    [
        f"GET http://{EVIL}/office HTTP/1.1\r\nHost: {EVIL}\r\n",
        f"GET http://{EVIL}/office HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        f"GET http://a:b@{EVIL}/office HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        f"GET /office HTTP/1.1\r\nHost: {EVIL}\r\nHost: 127.0.0.1\r\n",
        "GET /office HTTP/1.1\r\n",
        "GET /office HTTP/1.0\r\n",
        f"CONNECT {EVIL}:443 HTTP/1.1\r\nHost: {EVIL}\r\n",
    ],
)
def test_no_other_way_of_naming_a_host_is_believed_either(wire, request_lines):
    answer = wire.send(request_lines, "Connection: close\r\n\r\n")

    assert answer.status in {303, 404, 405, *REFUSED_BY_THE_SERVER}
    assert EVIL not in answer.whole
    assert answer.header("location") in {None, "/office/login?next=/office"}


PROXY_HEADERS = [
    f"X-Forwarded-Host: {EVIL}",
    "X-Forwarded-Proto: https",
    "X-Forwarded-For: 10.0.0.1",
    "X-Forwarded-Prefix: /evil",
    f"Forwarded: for=10.0.0.1;host={EVIL};proto=https",
    "X-Forwarded-Ssl: on",
    "X-Original-URL: /office/",
    "X-Rewrite-URL: /office/",
    "X-HTTP-Method-Override: POST",
    "X-Method-Override: DELETE",
    "X-Forwarded-User: zhang",
    "Remote-User: zhang",
    "Content_Length: 5",
    "Proxy: http://" + EVIL,
]


@pytest.mark.parametrize("header", PROXY_HEADERS)
def test_no_header_of_a_proxy_changes_an_answer(served, header):
    code = served.ballot() if header.startswith("X-Forwarded-Proto") else None
    paths = ["/", "/nowhere", "/office/", "/office", "/api/v1/cycles", "/api/v1/openapi.json"]

    for path in [*paths, f"/b/{code}"] if code else paths:
        plain, with_it = served.wire.ask(f"GET {path}"), served.wire.ask(f"GET {path}", header)
        assert (with_it.status, with_it.body) == (plain.status, plain.body)
        kept = [(n, v) for n, v in plain.headers if n not in {"date", "set-cookie"}]
        assert [(n, v) for n, v in with_it.headers if n not in {"date", "set-cookie"}] == kept


def test_a_form_field_that_names_another_method_is_only_a_field(served):
    code = served.ballot()

    answer = served.wire.post(f"/b/{code}", b"_method=DELETE&step=review&c0=1")

    assert answer.status == 200
    assert served.is_unused(code)


# Methods


@pytest.mark.parametrize(
    "method",
    ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get", "Post", "A" * 300],
)
def test_odd_methods_are_answered_and_do_nothing(served, method):
    code = served.ballot() if method == "HEAD" else "0" * 16

    for path in ("/", f"/b/{code}", "/office/login", "/static/voter.css", "/api/v1/cycles"):
        answer = served.wire.ask(f"{method} {path}", "X-Secret: a7f3")
        assert answer.status in {200, 401, 404, 405, 422, *REFUSED_BY_THE_SERVER}
        assert "a7f3" not in answer.whole, "TRACE would tell what a proxy added"
        if method == "HEAD":
            assert answer.body == b""


def test_requests_in_one_go_are_answered_in_turn_and_apart(wire):
    several = b"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n" * 20
    smuggled = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\nGET /office/ HTTP/1.1\r\n"

    with wire.connect() as connection:
        connection.sendall(several + smuggled + b"Host: a\r\nConnection: close\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert re.findall(rb"HTTP/1\.1 (\d+)", received) == [b"404"] * 20 + [b"422", b"303"]


# Slow clients


def test_clients_that_dawdle_keep_nobody_from_voting(served):
    code, other = served.ballot(), served.ballot()
    head = b"POST /b/%s HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: 500\r\n" % (
        other.encode(),
        FORM.partition(": ")[2].encode(),
    )
    starts = [head[:40], head + b"\r\n", head + b"\r\nstep=cast&", b"G", b""]
    never_read = b"GET /static/office.css HTTP/1.1\r\nHost: a\r\n\r\n" * 50

    with served.wire.held(*starts * 40, *[never_read] * 20):
        began = time.monotonic()
        assert served.server.vote(code, 1) is True
        took = time.monotonic() - began

    assert took < 10, "it takes a tenth of a second, and with every thread held it would time out"
    assert served.is_unused(other)


@pytest.mark.slow
def test_who_dawdles_too_long_is_told_and_let_go(served, stalled):
    """They wait since this file began."""
    until(lambda: len(_answered(stalled)) == 20, seconds=60, what="stalled clients are let go")

    assert all(b" 408 " in answer.split(b"\r\n")[0] for answer in _answered(stalled))


def _answered(connections: list) -> list[bytes]:
    """Return what came for those who got an answer."""
    came = []
    for connection in connections:
        connection.setblocking(False)
        try:
            came.append(connection.recv(200, 2))  # MSG_PEEK
        except BlockingIOError:
            continue
    return came


def test_after_all_this_the_server_has_nothing_to_report_and_voters_vote(served):
    """No traceback, no code, no address of a ballot; and not one thread was lost."""
    for _ in range(5):
        assert served.server.vote(served.ballot(), 2) is True

    told = served.server.output
    assert len(told.splitlines()) <= 4, told[-3000:]
    assert "Traceback" not in told
