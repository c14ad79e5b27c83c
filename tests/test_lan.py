"""`ballot serve --lan` for real: what phones in the hall reach, what they do not, and how it ends.

A machine of a test may have no network. Another machine is one whose connections do not come from
127.0.0.1, so one that calls from 127.0.0.2 is; where there is a real network, it is taken too.
"""

import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPConnection
from select import select
from time import monotonic
from urllib.parse import unquote, urlsplit

import pytest

from ballot.resources import folder
from ballot.services import networks
from ballot.settings import from_environment
from tests.builders import Clock, Place, a_place, a_token, an_open_poll
from tests.live import Server, a_free_port, a_server, environment, plain_environment, until
from tests.web.checked import check

PASSWORD = "secret of the hall"
HALL = ("--lan", "--lan-address", "127.0.0.1")
PRETENDING = {
    "Host": "127.0.0.1",
    "X-Forwarded-For": "127.0.0.1",
    "X-Real-IP": "127.0.0.1",
    "Forwarded": 'for="127.0.0.1"',
}


def ways_in() -> list[tuple[str, str]]:
    """Return (address that is called, address that calls) of other machines."""
    real = [each.address for each in networks.in_order(networks.found())]
    return [("127.0.0.1", "127.0.0.2"), *((address, address) for address in real)]


def ask(
    server: Server, way: tuple[str, str], method: str, path: str, **headers: str
) -> tuple[int, str]:
    """Send a request as another machine does."""
    called, caller = way
    connection = HTTPConnection(called, server.port, timeout=20, source_address=(caller, 0))
    try:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        page = answer.read().decode("utf-8", "replace")
        meant = urlsplit(path).path if path.startswith("http") else path
        check(unquote(meant), answer.getheaders(), page, secure=False)
        return answer.status, page
    finally:
        connection.close()


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Place, str]]:
    """Serve a hall; give the server, its installation and a slip's code."""
    folder = tmp_path_factory.mktemp("hall") / "var"
    settings = from_environment({"BALLOT_FOLDER": str(folder), "BALLOT_GRACE_SECONDS": "1"})
    wifi = ("--wifi-name", "会场", "--wifi-password", PASSWORD)
    with a_place(settings) as place:
        _, codes = an_open_poll(place)
        with a_server(settings, options=(*HALL, *wifi)) as server:
            yield server, place, codes[0]


@pytest.mark.parametrize("way", ways_in(), ids=lambda way: "real" if "127" not in way[0] else "own")
def test_phones_reach_the_pages_of_voters_and_nothing_of_the_office(hall, way):
    server, _, code = hall

    for path in ("/", f"/b/{code}", f"/B/{code}", "/static/voter.css"):
        assert ask(server, way, "GET", path)[0] == 200, path
    for path in ("/office/", "/office/login", "/office/lan", "/api/v1/openapi.json", "/metrics"):
        for method in ("GET", "POST", "HEAD", "OPTIONS", "PUT"):
            status, page = ask(server, way, method, path, **PRETENDING)
            assert status == 403, (method, path)
            assert "登录" not in page
    assert "只能在运行服务的那台电脑上打开" in ask(server, way, "GET", "/office/")[1]


@pytest.mark.parametrize(
    "path",
    [
        "//office/login",
        "/Office/login",
        "/%6fffice/login",
        "/office%2flogin",
        "/b/../office/login",
        "/b/%2e%2e/office/login",
        "/static/../office/login",
        "/static/%2e%2e%2foffice/login",
        "/receipts/../office/login",
        "http://127.0.0.1/office/login",
        "/kiosk/..%2foffice/login",
        "/screen/../office/login",
    ],
)
def test_no_way_of_writing_an_address_leads_a_phone_into_the_office(hall, path):
    server, *_ = hall

    status, page = ask(server, ways_in()[0], "GET", path)

    assert status in {400, 403, 404}
    assert "密码" not in page


def test_this_machine_reaches_everything(hall):
    server, place, _ = hall
    place.clock = Clock(datetime.now(UTC))
    token = a_token(place)

    assert server.ask("GET", "/office/login")[0] == 200
    assert server.ask("GET", "/healthz")[0] == 200
    turnout = "/api/v1/polls/1/turnout"
    assert server.ask("GET", turnout, Authorization=f"Bearer {token}")[0] == 200

    # … and an answer that is given again within a second is given to nobody else
    for _ in range(2):
        assert ask(server, ways_in()[0], "GET", turnout, Authorization=f"Bearer {token}")[0] == 403


def test_a_phone_votes(hall):
    server, _, code = hall
    form = {"step": "review", "c0": "1"}

    status, review = server.ask("POST", f"/b/{code}", form)

    assert status == 200, review
    assert server.vote(code, 1)


def test_its_log_tells_how_to_get_there_and_never_the_wifis_password(hall):
    server, *_ = hall

    assert f"手机连上会场 Wi-Fi 后打开：http://127.0.0.1:{server.port}/" in server.output
    assert "会场 Wi-Fi：会场" in server.output
    assert "不写进日志" in server.output
    assert PASSWORD not in server.output


def test_with_its_own_option_the_office_answers_the_hall_and_says_what_that_means(sqlite_settings):
    with a_server(sqlite_settings, options=(*HALL, "--lan-console")) as server:
        assert ask(server, ways_in()[0], "GET", "/office/login")[0] == 200
        assert "可能截获后台的密码和操作" in server.output


def test_an_address_that_is_gone_is_noticed_by_the_working_process(sqlite_settings):
    """As after a night in which the router gave this machine another address."""
    with a_place(sqlite_settings):
        pass
    environ = environment(sqlite_settings, BALLOT_LAN_ADDRESS="203.0.113.77")
    working = subprocess.Popen(
        [sys.executable, "-m", "ballot", "work"], env=environ, stderr=subprocess.PIPE, text=True
    )
    try:
        assert working.stderr is not None
        assert "本机没有" in working.stderr.readline()
    finally:
        working.kill()
        working.communicate()


def test_no_file_that_a_page_brings_along_refers_to_another_host():
    """Pages themselves are checked wherever a test fetches one (`tests/web/checked.py`)."""
    files = list(folder("static").rglob("*"))

    assert files
    for file in files:
        assert not re.search(r"https?:|url\(\s*[\"']?//|@import", file.read_text("utf-8")), file


def read_until(terminal: int, wanted: str, seconds: float = 60) -> str:
    """Return what a terminal shows until it shows the wanted words."""
    shown, end = b"", monotonic() + seconds
    while wanted not in shown.decode("utf-8", "replace"):
        assert monotonic() < end, shown.decode("utf-8", "replace")
        if select([terminal], [], [], 0.5)[0]:
            with suppress(OSError):  # nobody writes to it any more
                shown += os.read(terminal, 65536)
    return shown.decode("utf-8", "replace")


def test_at_a_terminal_it_draws_link_and_wifi_and_ends_with_ctrl_c(sqlite_settings):
    terminal, its_end = pty.openpty()
    port = a_free_port()
    environ = plain_environment() | {
        "BALLOT_FOLDER": str(sqlite_settings.folder),
        "BALLOT_WIFI_PASSWORD": PASSWORD,
    }
    words = ["serve", *HALL, "--port", str(port), "--wifi-name", "会场"]
    process = subprocess.Popen(
        [sys.executable, "-m", "ballot", *words],
        env=environ,
        stdin=its_end,
        stdout=its_end,
        stderr=its_end,
        start_new_session=True,
    )
    os.close(its_end)
    server = Server(
        process, {**environ, "BALLOT_PUBLIC_URL": "http://"}, port, sqlite_settings.folder
    )
    try:
        shown = read_until(terminal, "服务已启动")
        until(server.answers, seconds=30, what="it answers")

        assert len(re.findall(r"(?:^\s*[▀▄█\xa0 ]{25,}\r?\n){10,}", shown, re.MULTILINE)) == 2
        assert f"印票前请先设 BALLOT_PUBLIC_URL=http://127.0.0.1:{port}" in shown
        assert f"票上的网址是 http://127.0.0.1:{port}" in shown
        assert PASSWORD not in shown

        for pid in server.processes():  # as a terminal does with Ctrl-C
            os.kill(pid, signal.SIGINT)
        process.wait(40)
        until(lambda: not server.processes(), seconds=5, what="all its processes end")
    finally:
        if process.poll() is None:
            process.kill()
        os.close(terminal)
