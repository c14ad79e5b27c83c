"""Watching the server as an operator, and reading its metrics as somebody who looks for a vote."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import Client

from ballot.domain.keys import new_nonce
from ballot.domain.people import Scope
from ballot.services import closing
from ballot.services.watching import BYTES_STEP, REQUESTS_STEP
from ballot.settings import from_environment
from ballot.storage import polls as stored_polls
from ballot.storage.database import Database
from ballot.web.watching import SAMPLE_EVERY
from tests.builders import (
    ONE_GROUP_POLL,
    Place,
    a_place,
    a_poll,
    a_token,
    an_open_poll,
    cast,
    close,
    open_poll,
    print_ballots,
)
from tests.live import until
from tests.web.voter_states import broken_table

A_MINUTE = SAMPLE_EVERY.total_seconds()
PHASES = ("draft", "open", "closed", "certified", "published", "annulled")
EVERY_LINE = {
    "ballot_up",
    *(
        f'ballot_requests_total{{area="{area}",status="{status}xx"}}'
        for area in ("voter", "office", "api")
        for status in (2, 3, 4, 5)
    ),
    "ballot_requests_underway",
    "ballot_server_errors_total",
    "ballot_database_errors_total",
    *(f'ballot_polls{{phase="{phase}"}}' for phase in PHASES),
    "ballot_polls_overdue",
    "ballot_polls_unscrubbed",
    "ballot_event_log_entries",
    "ballot_database_bytes",
    "ballot_disk_free_bytes",
    "process_resident_memory_bytes",
}
OTHERS_MOVE_THEM = {"ballot_disk_free_bytes", "process_resident_memory_bytes"}
VOTER_OK = 'ballot_requests_total{area="voter",status="2xx"}'


class Watcher:
    """Whoever holds a token for metrics and reads them as often as wanted."""

    def __init__(self, place: Place, client: FlaskClient | None = None) -> None:
        self.place, self.client = place, client or place.client()
        self.headers = {"Authorization": f"Bearer {a_token(place, Scope.METRICS)}"}

    def text(self) -> str:
        answer = self.client.get("/metrics", headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    def scrape(self) -> dict[str, int]:
        """Return the values by line."""
        lines = [line for line in self.text().splitlines() if not line.startswith("#")]
        return {name: int(value) for name, value in (line.rsplit(" ", 1) for line in lines)}

    def scrape_later(self) -> dict[str, int]:
        """Return the values of a new sample."""
        self.place.clock.go(seconds=A_MINUTE)
        return self.scrape()


def submit(client: FlaskClient, code: str) -> None:
    fields = {"step": "cast", "nonce": new_nonce(), "c0": "0"}
    answer = client.post(f"/b/{code}", data=fields)
    assert "已计票" in answer.text


def test_healthz_says_ok_and_nothing_else(place):
    client = place.client()

    answer = client.get("/healthz")

    assert (answer.status_code, answer.text.strip()) == (200, '{"status":"ok"}')
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_healthz_costs_one_read_and_writes_nothing(place):
    asked: list[str] = []
    event.listen(
        place.database.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: asked.append(statement.split()[0]),
    )
    client = place.client()
    client.get("/healthz")
    asked.clear()

    client.get("/healthz")

    assert [word for word in asked if word not in {"BEGIN", "SET"}] == ["SELECT"]


def test_healthz_is_503_without_a_reason_when_the_database_does_not_answer(place):
    client = place.client()

    with broken_table(place, "installation"):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.json == {
        "type": "urn:ballot:DatabaseSilent",
        "title": "数据库没有应答。",
        "status": 503,
        "detail": "数据库没有应答。",
    }
    assert client.get("/healthz").status_code == 200


def test_a_database_that_went_away_is_a_503_and_one_that_comes_back_a_200(
    postgresql_url, postgresql_server, tmp_path
):
    """The server ends every connection and lets nobody in, as while it restarts."""
    environ = {"BALLOT_FOLDER": str(tmp_path / "var"), "BALLOT_DATABASE_URL": postgresql_url}
    name = postgresql_url.partition("?")[0].rpartition("/")[2]
    doors = from_environment(environ | {"BALLOT_DATABASE_URL": postgresql_server})
    outside = Database(doors.database_url)
    with a_place(from_environment(environ)) as place:
        client, watcher = place.client(), Watcher(place)
        assert client.get("/healthz").status_code == 200

        with outside.outside_transactions() as admin:
            admin.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            admin.exec_driver_sql(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            )
            try:
                assert client.get("/healthz").status_code == 503
                assert watcher.client.get("/metrics", headers=watcher.headers).status_code == 503
            finally:
                admin.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

        assert client.get("/healthz").status_code == 200
    outside.close()


@pytest.mark.parametrize(
    ("scopes", "status", "kind"),
    [([], 401, "Token"), ([Scope.POINTS, Scope.TURNOUT], 403, "Scope")],
    ids=["no token", "another scope"],
)
def test_metrics_are_for_tokens_made_for_them(sqlite_place, scopes, status, kind):
    token = a_token(sqlite_place, *scopes) if scopes else ""
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    answer = sqlite_place.client().get("/metrics", headers=headers)

    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["type"] == f"urn:ballot:{kind}"


def test_a_token_for_metrics_opens_nothing_else(sqlite_place):
    poll, _ = an_open_poll(sqlite_place)
    watcher = Watcher(sqlite_place)

    for path in ("cycles", "cycles/1/points", f"polls/{poll.id}/turnout"):
        answer = watcher.client.get(f"/api/v1/{path}", headers=watcher.headers)
        assert answer.status_code == 403, path


def test_the_metrics_are_exactly_these_and_say_nothing_of_votes_codes_or_addresses(place):
    """The list is closed: whoever adds a metric has to think here of what a vote does to it."""
    _, codes = an_open_poll(place)
    watcher = Watcher(place)
    first = watcher.scrape()
    for code in codes[:7]:
        submit(watcher.client, code)
    watcher.client.get(f"/b/{codes[8]}x")
    watcher.client.get("/nowhere")

    later = watcher.scrape_later()

    assert set(first) == set(later) == EVERY_LINE, "no line appears with an event"
    text = watcher.text()
    assert re.search(r"[0-9]+\.[0-9]+\.[0-9]+", text) is None, "no address, no version"
    assert "白马村" not in text
    for code in codes:
        assert code not in text


def test_the_format_is_the_one_that_prometheus_reads(sqlite_place):
    watcher = Watcher(sqlite_place)

    answer = watcher.client.get("/metrics", headers=watcher.headers)

    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    sample = re.compile(r'([a-z_]+)(\{[a-z]+="[a-z0-9]+"(,[a-z]+="[a-z0-9]+")*\})? [0-9]+')
    described = ""
    for line in answer.text.removesuffix("\n").split("\n"):
        if line.startswith("#"):
            _, word, described, rest = line.split(" ", 3)
            assert word in {"HELP", "TYPE"}
            assert word == "HELP" or rest in {"gauge", "counter"}
        else:
            found = sample.fullmatch(line)
            assert found, line
            assert found[1] == described, "a metric's samples stand below its own description"


def test_ten_votes_move_the_metrics_at_one_point_only(place):
    """The attacker reads before and after every single vote, and each time gets a new sample."""
    _, codes = an_open_poll(place)
    watcher = Watcher(place)
    scrapes = [watcher.scrape()]

    for code in codes[:REQUESTS_STEP]:
        submit(watcher.client, code)
        scrapes.append(watcher.scrape_later())

    moved = [
        (number, line)
        for number, (before, after) in enumerate(pairwise(scrapes), 1)
        for line in EVERY_LINE - OTHERS_MOVE_THEM
        if before[line] != after[line]
    ]
    assert moved == [(REQUESTS_STEP, VOTER_OK)]
    assert scrapes[-1][VOTER_OK] == REQUESTS_STEP
    for scrape in scrapes:
        for line in (*OTHERS_MOVE_THEM, "ballot_database_bytes"):
            assert scrape[line] % BYTES_STEP == 0


def test_within_a_minute_the_metrics_stand_still_whatever_happens(place):
    """Whoever fills up a ten with requests of his own still does not see the next one come."""
    _, codes = an_open_poll(place)
    watcher = Watcher(place)
    before = watcher.text()

    for code in codes[:25]:
        submit(watcher.client, code)
    a_poll(place)
    place.clock.go(seconds=59)

    assert watcher.text() == before
    assert watcher.scrape_later()[VOTER_OK] == 20


def test_answers_are_counted_by_area_and_kind(sqlite_place):
    watcher = Watcher(sqlite_place)

    for _ in range(REQUESTS_STEP):
        watcher.client.get("/")
        watcher.client.get("/b/NOCODE")
        watcher.client.get("/office/")
        watcher.client.get("/office/login")
        watcher.client.get("/api/v1/openapi.json")
        watcher.client.get("/api/v1/cycles")
        watcher.client.get("/healthz")

    counted = {
        line: number
        for line, number in watcher.scrape().items()
        if line.startswith("ballot_requests_total") and number
    }
    assert counted == {
        VOTER_OK: 10,
        'ballot_requests_total{area="voter",status="4xx"}': 10,
        'ballot_requests_total{area="office",status="2xx"}': 10,
        'ballot_requests_total{area="office",status="3xx"}': 10,
        'ballot_requests_total{area="api",status="2xx"}': 10,
        'ballot_requests_total{area="api",status="4xx"}': 10,
    }


def test_every_server_error_and_every_refusal_of_the_database_is_counted(place):
    _, codes = an_open_poll(place)
    watcher = Watcher(place)
    before = watcher.scrape()

    with broken_table(place, "votes"):
        fields = {"step": "cast", "nonce": new_nonce(), "c0": "0"}
        for code in codes[:3]:
            assert watcher.client.post(f"/b/{code}", data=fields).status_code == 503

    after = watcher.scrape_later()
    assert before["ballot_server_errors_total"] == before["ballot_database_errors_total"] == 0
    assert after["ballot_server_errors_total"] == 3
    assert after["ballot_database_errors_total"] == 3


def test_an_answer_that_fails_behind_the_views_is_counted_once(sqlite_place):
    watcher = Watcher(sqlite_place)

    @watcher.client.application.after_request
    def fails(response):
        if response.mimetype == "text/html":
            raise RuntimeError("a fault behind the views")
        return response

    half_made = Client(watcher.client.application)  # its answers lack what every other one has
    for _ in range(3):
        half_made.get("/")

    after = watcher.scrape()
    assert after["ballot_server_errors_total"] == 3
    assert after["ballot_requests_underway"] == 0


def test_votes_that_wait_for_the_database_show_as_underway_in_whole_tens(place):
    poll, codes = an_open_poll(place)
    watcher = Watcher(place)
    app = watcher.client.application

    with ThreadPoolExecutor(12) as phones:
        with place.database.write() as connection:
            stored_polls.get(connection, poll.id, hold=True)
            sent = [phones.submit(submit, app.test_client(), code) for code in codes[:12]]
            until(
                lambda: watcher.scrape_later()["ballot_requests_underway"],
                seconds=20,
                what="the waiting votes are counted",
            )
            assert watcher.scrape_later()["ballot_requests_underway"] == REQUESTS_STEP
        for each in sent:
            each.result()

    assert watcher.scrape_later()["ballot_requests_underway"] == 0


def test_polls_are_told_by_phase_and_by_what_is_left_to_do(place):
    watcher = Watcher(place)
    a_poll(place)
    draft = a_poll(place)
    print_ballots(place, draft)
    open_poll(place, draft, closes_at=place.clock() + timedelta(seconds=A_MINUTE / 2))
    halfway, _ = an_open_poll(place)
    with place.database.write() as connection:
        closing.order(connection, halfway.id, scrutineer="张", by="t", now=place.clock())
    place.clock.go(seconds=1)
    closing._close_if_due(place.database, halfway.id, place.clock())
    cast_one, codes = an_open_poll(place, ONE_GROUP_POLL)
    cast(place, cast_one, codes[0], 0)

    later = watcher.scrape_later()

    told = {phase: later[f'ballot_polls{{phase="{phase}"}}'] for phase in PHASES}
    assert told == {
        "draft": 1,
        "open": 2,
        "closed": 1,
        "certified": 0,
        "published": 0,
        "annulled": 0,
    }
    assert later["ballot_polls_overdue"] == 1
    assert later["ballot_polls_unscrubbed"] == 1


def test_when_everything_is_done_nothing_is_overdue_or_unscrubbed(place):
    poll, codes = an_open_poll(place)
    cast(place, poll, codes[0], 0)
    watcher = Watcher(place)
    entries = watcher.scrape()["ballot_event_log_entries"]

    close(place, poll)
    closing.go_on(place.database, place.clock(), Random(1))

    later = watcher.scrape_later()
    assert later["ballot_polls_overdue"] == later["ballot_polls_unscrubbed"] == 0
    assert later["ballot_event_log_entries"] == entries + 3, "ordered, closed, scrubbed"
