"""Printing on pages: what a clerk sees from the form to the file, and what becomes of the file."""

import re
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from ballot.domain.jobs import KEPT, Gone, State, Work
from ballot.domain.people import Role
from ballot.services import jobs
from ballot.services.downloads import Downloads
from ballot.settings import Settings
from ballot.storage import jobs as stored
from tests.builders import (
    PASSWORD,
    VILLAGE_POLL,
    Place,
    a_place,
    a_poll,
    a_user,
)
from tests.jobs import ask_slips, done, downloads, the_job, work
from tests.live import Server, a_server, until
from tests.web.desk import Desk, a_desk, page
from tests.web.html_page import Page

PRINT = "/office/cycles/1/print"
JOB = "/office/jobs/1"
LARGE = 40_000_000
"""In bytes: more than the buffers between two programs hold."""


def send(desk: Desk, path: str, **fields: str):
    return desk.client.post(path, data={"csrf_token": desk.token(JOB), **fields})


def test_a_clerk_prints_a_cycle_from_the_form_to_the_file_which_is_then_gone(sqlite_place):
    a_poll(sqlite_place, VILLAGE_POLL)
    desk = a_desk(sqlite_place)
    assert 'href="/office/cycles/1/print"' in desk.get("/office/cycles/1").text

    form = desk.read(PRINT)
    numbers = [form.every("input", name=f"n-1-{place}")[0].get("value") for place in range(4)]
    asked = send(desk, PRINT, **ask_fields(numbers))

    assert numbers == ["7", "8", "10", "5"]
    assert (asked.status_code, asked.location) == (303, JOB)
    assert "等待中 0 / 34" in desk.read(JOB).text
    assert desk.get(f"{JOB}/progress").json == {
        "done": 0,
        "total": 34,
        "over": False,
        "file": False,
        "words": "等待中 0 / 34",
    }
    work(sqlite_place)
    told = desk.read(JOB).text
    assert "下载完成后，文件立即从服务器删除" in told
    assert "整批作废" in told, "what to do about a lost file is said before it is fetched"
    assert send(desk, f"{JOB}/file").status_code == 422, "not without the tick"
    answer = send(desk, f"{JOB}/file", confirm="yes")
    assert answer.data.startswith(b"%PDF-1.7")
    assert answer.content_length == len(answer.data)
    answer.close()
    disposition = answer.headers["Content-Disposition"]
    assert "attachment; filename=\"1.pdf\"; filename*=UTF-8''%E9%80%89%E7%A5%A8" in disposition
    assert "no-store" in answer.headers["Cache-Control"]
    assert downloads(sqlite_place).names() == set()
    assert "文件已下载，并已从服务器删除。" in desk.read(JOB).text
    assert send(desk, f"{JOB}/file", confirm="yes").status_code == 404
    log = desk.read("/office/log").text
    assert all(word in log for word in ("提交任务", "开始下载", "下载完成，文件已删除"))


def ask_fields(numbers: list[str]) -> dict[str, str]:
    named = {f"n-1-{place}": number for place, number in enumerate(numbers)}
    return {**named, "spares": "10%", "per_page": "21", "form": "pdf"}


def test_a_form_that_is_refused_keeps_what_was_typed(sqlite_place):
    a_poll(sqlite_place, VILLAGE_POLL)
    ask_slips(sqlite_place)
    desk = a_desk(sqlite_place)

    answer = send(desk, PRINT, **{**ask_fields(["7", "八", "10", "5"]), "form": "xlsx"})

    assert answer.status_code == 422
    form = page(answer)
    assert "村民组长：张数应为整数" in form.text
    assert form.every("input", name="n-1-1")[0].get("value") == "八"
    (chosen,) = [each for each in form.every("input", name="form") if "checked" in each.attributes]
    assert chosen.get("value") == "xlsx"


def test_no_address_gives_a_file_to_who_only_looks(sqlite_place):
    a_poll(sqlite_place)
    job = done(sqlite_place, ask_slips(sqlite_place))
    desk = a_desk(sqlite_place)

    for method in ("GET", "HEAD"):
        assert desk.client.open(f"{JOB}/file", method=method).status_code == 405
    assert desk.client.post(f"{JOB}/file", data={"confirm": "yes"}).status_code == 400
    part = desk.client.post(
        f"{JOB}/file", data={"csrf_token": desk.token(JOB)}, headers={"Range": "bytes=0-99"}
    )

    assert part.status_code == 422
    assert downloads(sqlite_place).names() == {job.file}
    assert the_job(sqlite_place, job.id).has_file


def test_a_job_is_cancelled_and_a_file_discarded_with_a_tick_each(sqlite_place):
    a_poll(sqlite_place)
    ask_slips(sqlite_place)
    desk = a_desk(sqlite_place)

    assert send(desk, f"{JOB}/cancel").status_code == 422
    assert send(desk, f"{JOB}/cancel", confirm="yes").status_code == 303
    assert send(desk, f"{JOB}/cancel", confirm="yes").status_code == 409
    assert the_job(sqlite_place, 1).state is State.CANCELLED
    job = done(sqlite_place, ask_slips(sqlite_place))
    assert send(desk, f"/office/jobs/{job.id}/discard", confirm="yes").status_code == 303

    assert the_job(sqlite_place, job.id).gone is Gone.DISCARDED
    assert downloads(sqlite_place).names() == set()
    told = desk.read(f"/office/jobs/{job.id}").text
    assert "整批作废" in told
    assert desk.get("/office/jobs").text.count("<tr>") == 3


def test_whoever_confirms_an_opening_is_warned_of_slips_nobody_fetched(sqlite_place):
    poll = a_poll(sqlite_place)
    done(sqlite_place, ask_slips(sqlite_place))
    desk = a_desk(sqlite_place)

    asked = desk.send(f"/office/polls/{poll.id}/open", confirm="yes")

    assert asked.status_code == 303
    assert "1 份印好的票文件没有下载，开始投票时即删除" in desk.read(asked.location).text


@pytest.mark.slow
def test_only_a_download_that_was_taken_whole_uses_a_file_up(sqlite_settings: Settings):
    with a_place(sqlite_settings) as place:
        a_poll(place)
        a_user(place, "wang", Role.ORGANISER)
        job = a_large_file(place)
    with a_server(sqlite_settings) as server:
        visit = Visit(server)
        visit.sign_in("wang")
        path = Downloads(sqlite_settings.folder).path(job.file)

        assert visit.fetch(job.id, most=100_000) == 100_000
        broken_off = path.exists()
        assert visit.fetch(job.id, most=LARGE, again=True) == LARGE

        assert broken_off
        until(lambda: not path.exists(), seconds=20, what="the file goes")
        assert server.answers()
        assert "Traceback" not in server.output


def a_large_file(place: Place):
    now = place.clock()
    said = {"cycle_id": 1, "poll_id": None, "by": "wang", "now": now}
    folder = Downloads(place.settings.folder)
    assert folder.hold()
    with place.database.write() as connection:
        details = {"lines": [], "phases": {}, "per_page": 10, "form": "pdf"}
        number = stored.add(connection, Work.SLIPS, details=details, total=1, **said)
        name = "0" * 31 + "1"
        stored.claim(connection, number, place=folder.place(), file=name, now=now)
        job = stored.get(connection, number)
        stored.finish(connection, job, size=LARGE, expires_at=now + 9999 * KEPT, now=now)
    folder.path(name).write_bytes(bytes(LARGE))
    folder.let_go()
    with place.database.read() as connection:
        return jobs.get(connection, number)


class Visit:
    """A browser on the real server that keeps its session."""

    def __init__(self, server: Server) -> None:
        self._port = server.port
        self._cookie = ""

    def sign_in(self, name: str) -> None:
        form = Page(self._ask("GET", "/office/login")).every("input", name="csrf_token")
        fields = {"csrf_token": form[0].get("value"), "name": name, "password": PASSWORD}
        self._ask("POST", "/office/login", fields)

    def fetch(self, number: int, *, most: int, again: bool = False) -> int:
        """Take so many bytes of a file, hang up, and return how many there were."""
        path = f"/office/jobs/{number}"
        token = re.search(r'name="csrf_token" value="([^"]+)"', self._ask("GET", path))
        assert token
        deadline = 40 if again else 1
        for _ in range(deadline):  # the one that broke off lets go once that is noticed
            connection = self._send(
                "POST", f"{path}/file", {"csrf_token": token[1], "confirm": "yes"}
            )
            answer = connection.getresponse()
            if answer.status == 200:
                break
            assert answer.status == 409, answer.read().decode()
            connection.close()
        taken = len(answer.read(most))
        connection.close()
        return taken

    def _ask(self, method: str, path: str, form: dict[str, str] | None = None) -> str:
        connection = self._send(method, path, form)
        answer = connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and value.startswith("ballot_office="):
                self._cookie = value.partition(";")[0]
        text = answer.read().decode()
        connection.close()
        return text

    def _send(self, method: str, path: str, form: dict[str, str] | None) -> HTTPConnection:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        headers = {"Cookie": self._cookie, "Accept-Language": "zh-CN"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(form) if form is not None else None, headers)
        return connection
