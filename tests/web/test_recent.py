"""Turnout that many ask for is told from the last second's answer, to the same request only."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from ballot.domain.people import Scope
from ballot.services import people
from ballot.settings import Settings
from ballot.web.recent import FRESH_SECONDS
from tests.builders import Clock, Place, a_place, a_token, an_open_poll, cast
from tests.live import Server, a_server

MOMENT = FRESH_SECONDS + 1.2  # the count itself is kept for a second too


class Watched(NamedTuple):
    server: Server
    place: Place
    path: str
    token: str

    def ask(self, token: str, **headers: str) -> tuple[int, str]:
        return self.server.ask("GET", self.path, Authorization=f"Bearer {token}", **headers)

    def cast(self) -> int:
        status, body = self.ask(self.token)
        assert status == 200
        return int(json.loads(body)["groups"][0]["cast"])


@pytest.fixture
def watched(sqlite_settings: Settings) -> Iterator[Watched]:
    with a_place(sqlite_settings) as place:
        place.clock = Clock(datetime.now(UTC))
        poll, _ = an_open_poll(place)
        token = a_token(place, Scope.TURNOUT)
        with a_server(sqlite_settings) as server:
            yield Watched(server, place, f"/api/v1/polls/{poll.id}/turnout", token)


def test_the_turnout_follows_within_seconds_what_was_cast(watched: Watched):
    place = watched.place
    poll, codes = an_open_poll(place)
    there = watched._replace(path=f"/api/v1/polls/{poll.id}/turnout")
    assert there.cast() == 0

    cast(place, poll, codes[0], 0)
    time.sleep(MOMENT)

    assert there.cast() == 1


def test_nobody_gets_the_answer_to_anothers_token(watched: Watched):
    assert watched.ask(watched.token)[0] == 200

    assert watched.ask("a-token-that-nobody-made")[0] == 401
    assert watched.ask(a_token(watched.place, Scope.POINTS))[0] == 403
    assert watched.server.ask("GET", watched.path)[0] == 401


def test_a_revoked_token_ends_within_a_second(watched: Watched):
    assert watched.ask(watched.token)[0] == 200
    with watched.place.database.write() as connection:
        number = people.every_token(connection)[0].id
        people.revoke_token(connection, number, by="test", now=watched.place.clock())

    time.sleep(MOMENT)

    assert watched.ask(watched.token)[0] == 401


def test_a_language_gets_its_own_answer_and_a_refusal_is_not_kept(watched: Watched):
    chinese = watched.ask("none")
    english = watched.ask("none", **{"Accept-Language": "en"})

    assert chinese[0] == english[0] == 401
    assert chinese[1] != english[1]
