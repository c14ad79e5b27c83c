"""Guessing codes: what a guess costs, and that nothing tells whether it was close."""

import ast
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from ballot.domain.codes import Code, new_code, shown
from tests.builders import Place, an_open_poll
from tests.test_architecture import PACKAGE, name_of
from tests.web.phone import Phone, with_wrong_check_symbol

NONCE = "0" * 32
PLAIN = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|PRAGMA|SET)\b", re.IGNORECASE)

Guess = Callable[[FlaskClient, str], TestResponse]

WAYS: dict[str, Guess] = {
    "open": lambda client, code: client.get(f"/B/{code}"),
    "open, small letters": lambda client, code: client.get(f"/b/{code.lower()}"),
    "open in English": lambda client, code: client.get(f"/b/{code}?lang=en"),
    "open with more": lambda client, code: client.get(f"/b/{code}?lang=en&a=b"),
    "look for it only": lambda client, code: client.head(f"/b/{code}"),
    "review": lambda client, code: client.post(f"/b/{code}", data={"step": "review", "c0": "1"}),
    "review, oddly written": lambda client, code: client.post(
        f"/b/{code}", data=b"step=%72eview&c0=1", content_type="application/x-www-form-urlencoded"
    ),
    "go back": lambda client, code: client.post(f"/b/{code}", data={"step": "edit", "c0": "1"}),
    "cast": lambda client, code: client.post(
        f"/b/{code}", data={"step": "cast", "c0": "1", "nonce": NONCE}
    ),
    "cast without a nonce": lambda client, code: client.post(
        f"/b/{code}", data={"step": "cast", "c0": "1"}
    ),
    "cast what is no level": lambda client, code: client.post(
        f"/b/{code}", data={"step": "cast", "c0": "x", "nonce": NONCE}
    ),
    "cast in parts": lambda client, code: client.post(
        f"/b/{code}", data={"step": "cast", "nonce": NONCE}, content_type="multipart/form-data"
    ),
}


@contextmanager
def statements(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Note every statement that reaches the driver, however it gets there."""
    seen: list[str] = []

    def note(statement: Any) -> None:
        if not PLAIN.match(str(statement)):
            seen.append(str(statement))

    def trace(connection: Any, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(note)

    for name in ("execute", "executemany"):
        driver = getattr(psycopg.Cursor, name)

        def noted(self: Any, query: Any, *more: Any, driver: Any = driver, **options: Any) -> Any:
            note(query)
            return driver(self, query, *more, **options)

        monkeypatch.setattr(psycopg.Cursor, name, noted)
    place.database.reader.close()
    place.database.engine.dispose()  # connections of before are not traced
    event.listen(place.database.engine, "connect", trace)
    try:
        yield seen
    finally:
        event.remove(place.database.engine, "connect", trace)


@pytest.mark.parametrize("way", WAYS)
def test_an_unknown_code_costs_one_read_and_no_write(place, monkeypatch, way):
    _, codes = an_open_poll(place)
    client = place.client()
    client.get(f"/B/{codes[0]}")

    with statements(place, monkeypatch) as seen:
        WAYS[way](client, new_code())  # opens the connection, which has statements of its own
        seen.clear()
        answer = WAYS[way](client, new_code())

    assert answer.status_code == 404
    assert len(seen) == 1, seen
    assert seen[0].lstrip().upper().startswith("SELECT")


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_check_symbol_costs_no_statement_at_all(place, monkeypatch, way):
    _, codes = an_open_poll(place)
    client = place.client()

    with statements(place, monkeypatch) as seen:
        answer = WAYS[way](client, with_wrong_check_symbol(codes[0]))
        typed = client.post("/", data={"code": with_wrong_check_symbol(codes[0])})

    assert (answer.status_code, typed.status_code) == (422, 422)
    assert seen == []


def test_this_way_of_counting_sees_every_statement(place, monkeypatch):
    _, codes = an_open_poll(place)
    phone = Phone(place, codes[0])

    with statements(place, monkeypatch) as seen:
        phone.vote(c0=1)

    said = " ".join(seen).upper()
    assert "UPDATE BALLOTS" in said
    assert "INSERT INTO VOTES" in said
    assert said.count("SELECT") >= 3


def told(answer: TestResponse, code: str) -> tuple[object, ...]:
    """Return all of an answer that could tell something, without the code it was asked with."""
    headers = {name: value.replace(code, "CODE") for name, value in answer.headers}
    return answer.status_code, headers, answer.text.replace(code, "CODE")


ASKED_ALIKE: dict[str, Guess] = {
    "its methods": lambda client, code: client.options(f"/b/{code}"),
    "another method": lambda client, code: client.put(f"/b/{code}"),
    "removing it": lambda client, code: client.delete(f"/b/{code}"),
    "a step there is not": lambda client, code: client.post(f"/b/{code}", data={"step": "spend"}),
    "a field twice": lambda client, code: client.post(f"/b/{code}", data={"c0": ["0", "1"]}),
    "too much": lambda client, code: client.post(f"/b/{code}", data={"c0": "0" * 70_000}),
    "typing it": lambda client, code: client.post("/", data={"code": shown(Code(code))}),
}


@pytest.mark.parametrize("what", ASKED_ALIKE)
def test_what_does_not_ask_about_a_ballot_tells_nothing_of_it(sqlite_place, what):
    _, codes = an_open_poll(sqlite_place)
    client = sqlite_place.client()
    ask, unknown = ASKED_ALIKE[what], new_code()

    assert told(ask(client, codes[0]), codes[0]) == told(ask(client, unknown), unknown)


@pytest.mark.parametrize("way", WAYS)
def test_all_unknown_codes_are_told_the_same(sqlite_place, way):
    an_open_poll(sqlite_place)
    client = sqlite_place.client()
    first, second = new_code(), new_code()

    assert told(WAYS[way](client, first), first) == told(WAYS[way](client, second), second)
    assert first not in WAYS[way](client, first).text


def test_nothing_is_told_of_a_code_but_what_its_page_shows_whoever_has_it(sqlite_place):
    """The statuses are the design's: a ballot is there (200), or no such ballot is (404)."""
    _, codes = an_open_poll(sqlite_place)
    client = sqlite_place.client()

    known = {way: guess(client, codes[0]).status_code for way, guess in WAYS.items()}
    unknown = {way: guess(client, new_code()).status_code for way, guess in WAYS.items()}

    assert set(unknown.values()) == {404}
    assert all(status in {200, 409, 422} for status in known.values())


# Comparisons


SECRET = re.compile(
    r"digest|nonce|secret|token|password|hash|mac$|signature|csrf|bearer|cookie", re.IGNORECASE
)
ON_THE_WAY = [
    *sorted((PACKAGE / "web").rglob("*.py")),
    *(
        PACKAGE / layer / f"{name}.py"
        for layer, names in {
            "services": ("people", "signing_in", "voting", "casting", "receipts"),
            "storage": ("people", "ballots", "casting", "voting"),
            "domain": ("keys", "codes", "votes", "casting"),
        }.items()
        for name in names
    ),
]
HARMLESS = {
    "len(text) != 2 * NONCE_BYTES": "a length",
    "scope not in token.scopes": "a word that everybody knows",
}
"""Comparisons of a request's words that may take a time of their own, and why."""


def test_no_secret_is_compared_in_a_time_that_tells_how_much_of_it_fits():
    """By `secrets.compare_digest`, by Argon2, or by a database that only ever sees hashes."""
    telling = [
        f"{name_of(path)}:{node.lineno}: {ast.unparse(node)}"
        for path in ON_THE_WAY
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Compare) and _tells(node)
    ]

    assert telling == []


def _tells(comparison: ast.Compare) -> bool:
    written = ast.unparse(comparison)
    if ".c." in written or written in HARMLESS:
        return False
    if not any(isinstance(o, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for o in comparison.ops):
        return False
    names = [n.id for n in ast.walk(comparison) if isinstance(n, ast.Name)]
    names += [n.attr for n in ast.walk(comparison) if isinstance(n, ast.Attribute)]
    return any(SECRET.search(name) for name in names)


def test_a_nonce_is_compared_in_constant_time():
    source = (PACKAGE / "storage" / "casting.py").read_text("utf-8")

    calls = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]

    assert any(
        ast.unparse(call.func) == "secrets.compare_digest" and "nonce" in ast.unparse(call)
        for call in calls
    )
