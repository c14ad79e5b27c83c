"""The fast lane answers exactly as the views do, or leaves it to them."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from ballot.domain.keys import new_nonce
from ballot.web.app import create_app
from ballot.web.lane_wsgi import LaneBefore, lane_of
from tests.builders import LEADERS_POLL, Place, an_open_poll, close
from tests.web.html_page import Page
from tests.web.phone import with_wrong_check_symbol
from tests.web.test_marks import MARKS_POLL

EXCLUDING = """
title = "回避和限额 <b>&amp;</b>"
scheme = "street-2023"
kind = "station"
component = "leaders-review"
subjects = [{ unit = "财政所", duty = "所长" }, { unit = "司法所" }]
questions = [{ text = "履职" }, { text = "作风" }]
limits = [{ level = "好", at_most = 1 }]
wholly_blank = "invalid"
groups = [
  { key = "a", name = "甲", ballots = 9 },
  { key = "b", name = "乙", ballots = 6, excludes = ["司法所"] },
]
"""


class Both:
    """An application with its fast lane, and the same views without it."""

    def __init__(self, place: Place) -> None:
        app = create_app(place.settings, place.database, place.keys, place.clock)
        lane = lane_of(app)
        self.through: list[str] = []
        self.fast = Client(lane)
        self.views = Client(self._views(app))
        self._watch(lane, app)

    def _views(self, app: Flask) -> Any:
        return lambda environ, start: Flask.wsgi_app(app, environ, start)

    def _watch(self, lane: LaneBefore, app: Flask) -> None:
        """Note which requests the lane leaves to the views."""

        def noting(environ: Any, start: Any) -> Any:
            self.through.append(environ["REQUEST_METHOD"] + " " + environ["PATH_INFO"][:2])
            return Flask.wsgi_app(app, environ, start)

        lane.application = noting

    @contextmanager
    def without_the_views(self) -> Iterator[None]:
        """Insist that the lane answers alone."""
        before = len(self.through)
        yield
        assert self.through[before:] == []


@pytest.fixture
def both(place: Place) -> Both:
    return Both(place)


def headers_of(answer: TestResponse) -> list[tuple[str, str]]:
    return sorted((name.lower(), value) for name, value in answer.headers)


def same(first: TestResponse, second: TestResponse) -> None:
    assert first.status_code == second.status_code
    assert headers_of(first) == headers_of(second)
    assert first.data == second.data


def without_nonce(answer: TestResponse) -> bytes:
    nonce = Page(answer.text).fields("cast")["nonce"]
    return answer.data.replace(nonce.encode(), b"")


@pytest.mark.parametrize("text", [LEADERS_POLL, EXCLUDING, MARKS_POLL])
@pytest.mark.parametrize(
    "headers",
    [{}, {"Accept-Language": "en-GB,en;q=0.8"}, {"Accept-Encoding": "gzip, br"}],
    ids=["plain", "english", "gzip"],
)
def test_every_step_is_answered_with_the_same_bytes_and_headers(both, place, text, headers):
    _, codes = an_open_poll(place, text)
    for code in codes[0], codes[-1]:
        path = f"/B/{code}"
        seen = both.views.get(path, headers=headers)
        with both.without_the_views():
            same(both.fast.get(path, headers=headers), seen)
        if headers.get("Accept-Encoding"):
            assert seen.headers["Content-Encoding"] == "gzip"
            page = gzip.decompress(seen.data).decode()
        else:
            page = seen.text
        fields = [f.get("name") for f in Page(page).every("input") if f.get("type") != "hidden"]
        names = sorted(set(fields))
        for form in (
            {},
            dict.fromkeys(names, "1"),
            {names[0]: "0"},
            {names[-1]: "2", names[0]: ""},
        ):
            sent = {"step": "review", **form}
            reviewed = both.views.post(path, data=sent, headers=headers)
            with both.without_the_views():
                again = both.fast.post(path, data=sent, headers=headers)
            assert without_nonce(again) == without_nonce(reviewed)
            assert headers_of(again) == headers_of(reviewed)
        vote = {"step": "cast", "nonce": new_nonce(), names[0]: "1"}
        with both.without_the_views():
            first = both.fast.post(path, data=vote, headers=headers)
            second = both.fast.post(path, data=vote, headers=headers)
        assert first.status_code == 200
        assert len(Page(first.text).every("p", **{"class": "symbols"})) == 1
        same(second, both.views.post(path, data=vote, headers=headers))


def test_a_voter_may_be_the_first_to_cast_after_a_restart(place):
    """No page is prepared then: the view casts, and says so as to everyone."""
    _, codes = an_open_poll(place, LEADERS_POLL)

    answer = Both(place).fast.post(
        f"/B/{codes[0]}", data={"step": "cast", "nonce": new_nonce(), "c0": "1"}
    )

    assert answer.status_code == 200
    assert "您的票已经计入" in answer.text


def test_what_is_refused_is_told_by_the_views_after_one_try(both, place):
    poll, codes = an_open_poll(place, EXCLUDING)
    both.views.get(f"/B/{codes[0]}")
    both.views.post(f"/B/{codes[0]}", data={"step": "review"})
    vote = {"step": "cast", "nonce": new_nonce(), "c0": "1"}
    assert both.fast.post(f"/B/{codes[1]}", data=vote).status_code == 200

    refused = [
        ("GET", codes[1], {}),  # cast
        ("GET", with_wrong_check_symbol(codes[0]), {}),
        ("GET", with_wrong_check_symbol(codes[0])[:-1], {}),
        ("POST", codes[1], vote | {"nonce": new_nonce()}),
        ("POST", codes[0], vote | {"nonce": "0"}),
        ("POST", codes[0], vote | {"c0": "9"}),
        ("POST", codes[0], vote | {"c0": "0", "c2": "0"}),  # more than the limit
        ("POST", codes[0], {"step": "review", "c0": "0", "c2": "0"}),
        ("POST", codes[0], {"step": "review", "c0": "好"}),
        ("POST", codes[0], {"step": "edit", "c0": "0"}),
        ("POST", codes[0], {"step": "x"}),
        ("POST", codes[-1], vote | {"c2": "0"}),  # recused
    ]
    for method, code, data in refused:
        options = {"data": data} if method == "POST" else {}
        same(
            both.fast.open(f"/B/{code}", method=method, **options),
            both.views.open(f"/B/{code}", method=method, **options),
        )

    close(place, poll)
    same(both.fast.get(f"/B/{codes[0]}"), both.views.get(f"/B/{codes[0]}"))
    same(both.fast.post(f"/B/{codes[0]}", data=vote), both.views.post(f"/B/{codes[0]}", data=vote))


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("lang=en", b"step=review&c0=1"),
        ("lang=xx", b"step=review&c0=1"),
        ("lang=en&lang=zh-CN", b"step=review&c0=1"),
        ("", b"step=review&c0=1&c0=2"),
        ("", b"step=review&c0=%31"),
        ("", b"step=review&&c0=1"),
        ("", b"step=review&c0"),
        ("", b"step=review;c0=1"),
        ("", b"step=review&=1&x=2"),
        ("", b""),
    ],
)
def test_odd_addresses_and_forms_are_read_alike(both, place, query, body):
    _, codes = an_open_poll(place, LEADERS_POLL)
    path = f"/b/{codes[0]}?{query}"
    both.views.get(path)
    both.views.post(f"/b/{codes[0]}?lang=en", data={"step": "review"})
    both.views.post(f"/b/{codes[0]}", data={"step": "review"})
    options: dict[str, Any] = {
        "data": body,
        "content_type": "application/x-www-form-urlencoded",
    }

    same(both.fast.get(path), both.views.get(path))
    first, second = both.fast.post(path, **options), both.views.post(path, **options)
    assert first.status_code == second.status_code
    if first.status_code == 200:
        assert without_nonce(first) == without_nonce(second)
    else:
        same(first, second)


def test_a_form_of_another_type_is_left_to_the_views(both, place):
    _, codes = an_open_poll(place, LEADERS_POLL)
    path = f"/B/{codes[0]}"
    both.views.get(path)
    data = {"step": "review", "c0": "1"}

    answer = both.fast.post(path, data=data, content_type="multipart/form-data")

    assert answer.status_code == 200
    assert both.through == ["POST /B"]
