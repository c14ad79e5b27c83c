"""The API against its own description, with whatever schemathesis thinks of."""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from flask import Flask, Response
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.checks import negative_data_rejection, positive_data_acceptance

from ballot.settings import from_environment
from ballot.web.openapi import DOCUMENT
from tests import assessment
from tests.builders import (
    ONE_GROUP_POLL,
    Place,
    a_place,
    a_poll,
    a_token,
    an_open_poll,
    cast,
    certify,
    close,
)

PATHS = [
    "/api/v1/cycles",
    "/api/v1/cycles/1/points",
    "/api/v1/cycles/1/standings",
    "/api/v1/cycles/1/entries/street-review",
    "/api/v1/polls/1/turnout",
]
NAMES = ["Authorization", "Accept", "Accept-Language", "If-None-Match", "Range", "Content-Type"]
LATIN = st.characters(max_codepoint=255, exclude_categories=["Cc"])


class Later:
    """An application that knows its description; a fixture gives it the rest before any test."""

    rest: Flask | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self.rest or Response(json.dumps(DOCUMENT), mimetype="application/json")
        return answer(environ, start_response)


APPLICATION = Later()
API = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", APPLICATION)
BOUNDED = settings(
    max_examples=30,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def polls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Give a place with a certified, an open and a draft poll."""
    folder = tmp_path_factory.mktemp("api") / "var"
    environ = {"BALLOT_FOLDER": str(folder), "BALLOT_GRACE_SECONDS": "0"}
    with a_place(from_environment(environ)) as place:
        certified, codes = an_open_poll(place)
        for n, code in enumerate(codes[:20]):
            cast(place, certified, code, n % 4)
        close(place, certified)
        certify(place, certified)
        an_open_poll(place, ONE_GROUP_POLL)
        a_poll(place, ONE_GROUP_POLL)
        assessment.add_units(place, 1, ["白马村"])
        assessment.an_approved_station(place)
        yield place


@pytest.fixture(scope="module", autouse=True)
def answered_by(polls: Place) -> None:
    """Let the application of that place answer."""
    APPLICATION.rest = polls.client().application


@pytest.fixture(scope="module")
def client(polls: Place) -> FlaskClient:
    """Give a program that asks."""
    return polls.client()


@pytest.fixture(scope="module")
def token(polls: Place) -> str:
    """Give a token that opens everything."""
    return a_token(polls)


@pytest.mark.slow
@API.parametrize()
@BOUNDED
def test_with_a_token_every_answer_is_as_the_description_says(case: Case, token: str):
    """A parameter that is not described is ignored; one that is, is tested below.

    What is written has to fit what is there (a unit's name), which no schema can say.
    """
    bearer = {"Authorization": f"Bearer {token}"}
    excluded = [negative_data_rejection]
    if case.method == "PUT":
        excluded.append(positive_data_acceptance)

    case.call_and_validate(headers=bearer, excluded_checks=excluded)


@pytest.mark.slow
@API.parametrize()
@BOUNDED
def test_without_a_token_every_answer_is_as_the_description_says(case: Case):
    case.call_and_validate()


@pytest.mark.parametrize(
    ("path", "named", "asked"),
    [
        ("/cycles/{cycle_id}/points", {"cycle_id": 1}, {}),
        ("/cycles/{cycle_id}/standings", {"cycle_id": 1}, {"kind": "station"}),
        (
            "/cycles/{cycle_id}/entries/{component}",
            {"cycle_id": 1, "component": "street-review"},
            {},
        ),
        *(("/polls/{poll_id}/turnout", {"poll_id": n}, {}) for n in (1, 2, 3)),
    ],
)
@pytest.mark.parametrize("query", [{}, {"lang": "en"}])
def test_what_there_is_to_read_is_as_the_description_says(token, path, named, asked, query):
    case = API[path]["GET"].Case(path_parameters=named, query=asked | query)

    answer = case.call_and_validate(headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("lang=de", "lang 只能是 zh-CN 或 en。"),
        ("lang=", "lang 只能是 zh-CN 或 en。"),
        ("lang=zh-CN&lang=zh-CN", "参数 lang 只能写一次。"),
        ("lang=zh-CN&format=csv&format=json", "参数 format 只能写一次。"),
        ("format=CSV", "format 只能是 json 或 csv。"),
        ("format=csv%0d%0aX:1", "format 只能是 json 或 csv。"),
    ],
)
def test_a_described_parameter_that_is_not_clear_is_a_problem_in_words(polls, token, query, told):
    answer = polls.client().get(
        f"/api/v1/cycles/1/points?{query}",
        headers={"Authorization": f"Bearer {token}", "Accept-Language": "zh-CN"},
    )

    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert told in answer.json["detail"].splitlines()


@given(
    path=st.text(max_size=20).map(lambda text: f"/api/v1/{quote(text)}") | st.sampled_from(PATHS),
    headers=st.dictionaries(st.sampled_from(NAMES), st.text(LATIN, max_size=30), max_size=4),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]),
)
@BOUNDED
def test_every_refusal_is_a_problem_as_rfc_9457_has_it(client, path, headers, method):
    answer = client.open(path, method=method, headers=headers)

    assert answer.status_code < 500
    if answer.status_code >= 400 and method != "HEAD":
        assert answer.mimetype == "application/problem+json"
        assert answer.json["status"] == answer.status_code
        assert {"type", "title", "status", "detail"} == set(answer.json)
        assert isinstance(answer.json["title"], str)
        assert answer.json["detail"]
