"""Turnout that many ask for is told from the last second's answer, to the same request only."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import NamedTuple

import pytest

from ballot.domain.codes import Code
from ballot.domain.people import Scope
from ballot.domain.polls import Poll
from ballot.services import people, reveals
from ballot.settings import from_environment
from ballot.web.recent import FRESH_SECONDS, Recent
from ballot.web.watching import Counts
from tests import ready_made
from tests.builders import Clock, Place, a_place, a_token, an_open_poll, cast
from tests.live import Server, a_server

MOMENT = FRESH_SECONDS + 1.2  # the count itself is kept for a second too


class Watched(NamedTuple):
    server: Server
    place: Place
    poll: Poll
    codes: list[Code]
    path: str
    token: str

    def ask(self, token: str, **headers: str) -> tuple[int, str]:
        return self.server.ask("GET", self.path, Authorization=f"Bearer {token}", **headers)

    def cast(self) -> int:
        status, body = self.ask(self.token)
        assert status == 200
        return int(json.loads(body)["groups"][0]["cast"])


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Place]]:
    """Give a server and its installation; every test has a poll, tokens and keys of its own."""
    folder = tmp_path_factory.mktemp("recent") / "var"
    settings = from_environment({"BALLOT_FOLDER": str(folder), "BALLOT_GRACE_SECONDS": "0"})
    ready_made.install(settings)
    with a_place(settings) as place:
        place.clock = Clock(datetime.now(UTC))
        with a_server(settings) as server:
            yield server, place


@pytest.fixture
def watched(hall: tuple[Server, Place]) -> Watched:
    server, place = hall
    poll, codes = an_open_poll(place)
    token = a_token(place, Scope.TURNOUT)
    return Watched(server, place, poll, codes, f"/api/v1/polls/{poll.id}/turnout", token)


def test_the_turnout_follows_within_seconds_what_was_cast(watched: Watched):
    assert watched.cast() == 0

    cast(watched.place, watched.poll, watched.codes[0], 0)
    time.sleep(MOMENT)

    assert watched.cast() == 1


def test_nobody_gets_the_answer_to_anothers_token(watched: Watched):
    assert watched.ask(watched.token)[0] == 200

    assert watched.ask("a-token-that-nobody-made")[0] == 401
    assert watched.ask(a_token(watched.place, Scope.POINTS))[0] == 403
    assert watched.server.ask("GET", watched.path)[0] == 401


def test_a_revoked_token_ends_within_a_second(watched: Watched):
    assert watched.ask(watched.token)[0] == 200
    with watched.place.database.write() as connection:
        number = max(token.id for token in people.every_token(connection))  # the latest: its own
        people.revoke_token(connection, number, by="test", now=watched.place.clock())

    time.sleep(MOMENT)

    assert watched.ask(watched.token)[0] == 401


def test_a_language_gets_its_own_answer_and_a_refusal_is_not_kept(watched: Watched):
    chinese = watched.ask("none")
    english = watched.ask("none", **{"Accept-Language": "en"})

    assert chinese[0] == english[0] == 401
    assert chinese[1] != english[1]


class Screen(NamedTuple):
    server: Server
    poll: Poll
    path: str


@pytest.fixture
def screen(hall: tuple[Server, Place]) -> Screen:
    """Give a poll with a big screen."""
    server, place = hall
    poll, _ = an_open_poll(place)
    with place.database.write() as connection:
        key = reveals.make_key(connection, poll.id, by="test", now=place.clock())
    return Screen(server, poll, f"/screen/{key}/now")


def test_many_who_watch_a_screen_are_told_from_the_last_second_and_a_revoked_one_ends(hall, screen):
    place = hall[1]
    server, poll, path = screen
    status, content = server.ask("GET", path)
    with place.database.write() as connection:
        reveals.revoke_key(connection, poll.id, by="test", now=place.clock())

    kept = server.ask("GET", path)
    time.sleep(MOMENT)

    assert (status, kept) == (200, (200, content))
    assert server.ask("GET", path)[0] == 404


def test_whoever_has_what_a_screen_shows_hears_so_from_the_last_second_too(screen):
    server, _, path = screen
    connection = HTTPConnection("127.0.0.1", server.port, timeout=40)
    connection.request("GET", path)
    answer = connection.getresponse()
    tag = str(answer.getheader("ETag"))
    answer.read()

    for _ in range(3):
        connection.request("GET", path, headers={"If-None-Match": tag})
        again = connection.getresponse()
        assert (again.status, again.read()) == (304, b"")
    connection.close()


def test_two_languages_on_a_screen_do_not_mix(screen):
    server, _, path = screen

    chinese = server.ask("GET", path)[1]
    english = server.ask("GET", path, **{"Accept-Language": "en"})[1]

    assert "投票中" in chinese
    assert "投票中" not in english


def test_when_the_moment_is_over_one_renews_and_the_others_need_not_wait():
    clock = [0.0]
    recent = Recent(Counts(), now=lambda: clock[0])
    asked: tuple[str | None, ...] = ("/api/v1/polls/1/turnout", "", *[None] * 5)
    old: tuple[int, list[tuple[str, str]], bytes] = (200, [], b"old")
    recent.keep(asked, old)
    assert recent.again(asked) == old

    clock[0] = FRESH_SECONDS
    assert [recent.again(asked) for _ in range(3)] == [None, old, old]
    recent.keep(asked, (200, [], b"new"))
    assert recent.again(asked) == (200, [], b"new")

    clock[0] = 2 * FRESH_SECONDS
    assert [recent.again(asked) for _ in range(2)] == [None, (200, [], b"new")]
    recent.keep(asked, (401, [], b"refused"))
    assert recent.again(asked) is None

    recent.keep(asked, old)
    clock[0] = 9 * FRESH_SECONDS
    assert [recent.again(asked) for _ in range(2)] == [None, None]
