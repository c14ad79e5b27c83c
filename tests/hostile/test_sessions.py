"""Sessions, cookies and tokens: what is taken for granted nowhere, and what ends them."""

import time
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from ballot.domain.people import Role
from ballot.settings import Settings
from ballot.storage.tables import metadata, users
from tests.builders import Place, a_place, a_poll, a_token, a_user, an_open_poll, close
from tests.hostile.attacks import BOUNDED, texts
from tests.web.desk import HOME, LOGIN, Desk, a_desk

SESSION, DEVICE = "ballot_office", "ballot_device"
OFFICE = "/office/"


def cookie(desk: Desk, name: str = SESSION) -> str | None:
    found = desk.client.get_cookie(name, path=OFFICE)
    return found.value if found else None


def with_cookie(desk: Desk, value: str, name: str = SESSION) -> FlaskClient:
    desk.client.set_cookie(name, value, path=OFFICE)
    return desk.client


def is_in(client: FlaskClient) -> bool:
    answer = client.get(HOME)
    assert answer.status_code in {200, 303}
    return answer.status_code == 200


# Over HTTPS, and without


def every_page(place: Place) -> list[tuple[str, list[str]]]:
    """Return the address of every page that can be fetched, with the cookies it sets."""
    open_poll, codes = an_open_poll(place)
    closed, _ = an_open_poll(place)
    close(place, closed)
    draft = a_poll(place)
    client = a_desk(place, Role.ADMIN).client
    bearer = {"Authorization": f"Bearer {a_token(place)}"}
    found: list[tuple[str, list[str]]] = []
    for rule in client.application.url_map.iter_rules():
        fetched = set()
        for poll in (open_poll, closed, draft):
            values = {
                **{"poll_id": poll.id, "cycle_id": 1, "code": codes[0], "filename": "voter.css"},
                **{"kind": "village", "component": "base-work", "what": "veto", "number": 1},
                **{"user_id": 1, "key": "KEY"},
                **{"unit_id": 1, "part": "components", "name": "street-2023"},
            }
            address = rule.build({name: values[name] for name in rule.arguments})[1]
            if address in fetched:  # it names no poll
                continue
            fetched.add(address)
            for method in sorted(rule.methods):
                answer = client.open(address, method=method, headers=bearer)
                found.append((address, answer.headers.getlist("Set-Cookie")))
                answer.close()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_every_page_says_what_it_has_to_whether_over_https_or_not(sqlite_settings, scheme):
    """The browser that asks checks every answer: HSTS and `Secure` cookies with HTTPS only."""
    settings = replace(sqlite_settings, public_url=f"{scheme}://ballot.example")

    with a_place(settings) as place:
        pages = every_page(place)

    cookies = [cookie for _, set_here in pages for cookie in set_here]
    assert len({address for address, _ in pages}) > 20
    assert cookies
    assert all(("; Secure" in cookie) is (scheme == "https") for cookie in cookies)


def test_a_secure_cookie_does_not_wait_for_a_proxys_word(sqlite_settings: Settings):
    """Behind a proxy the connection is plain HTTP; the public address alone decides."""
    settings = replace(sqlite_settings, public_url="https://ballot.example")

    with a_place(settings) as place:
        a_user(place)
        answer = Desk(place).sign_in()

    set_here = answer.headers.getlist("Set-Cookie")
    assert len(set_here) == 2
    assert all("; Secure; HttpOnly; Path=/office/; SameSite=Strict" in each for each in set_here)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


# What ends a session


def test_a_session_gets_a_new_cookie_at_signing_in_and_none_is_kept_after(sqlite_place):
    a_user(sqlite_place)
    desk = Desk(sqlite_place)
    desk.get(LOGIN)
    before = cookie(desk)

    desk.sign_in()
    inside = cookie(desk)
    desk.client.post("/office/logout", data={"csrf_token": desk.token(HOME)})

    assert before != inside
    assert not is_in(desk.client)
    assert not is_in(with_cookie(desk, before))


def test_a_removed_account_is_out_at_once_and_nobody_inherits_its_session(place):
    """SQLite gives the number of the last account that was removed to the next one."""
    user = a_user(place, "zhang", Role.ADMIN)
    desk = Desk(place)
    desk.sign_in()
    assert is_in(desk.client)

    with place.database.write() as connection:
        connection.execute(delete(users).where(users.c.id == user.id))
    assert not is_in(desk.client)

    heir = a_user(place, "li", Role.AUDITOR)
    assert heir.id == user.id or not place.database.on_sqlite
    assert not is_in(desk.client)


def test_another_role_holds_from_the_next_page_on(sqlite_place):
    user = a_user(sqlite_place, "zhang", Role.ADMIN)
    poll = a_poll(sqlite_place)
    desk = Desk(sqlite_place)
    desk.sign_in()
    assert desk.get(f"/office/polls/{poll.id}/open").status_code == 200

    with sqlite_place.database.write() as connection:
        connection.execute(
            users.update().where(users.c.id == user.id).values(role=Role.AUDITOR.value)
        )

    assert desk.get(f"/office/polls/{poll.id}/open").status_code == 403


def test_an_old_cookie_is_good_for_no_longer_than_its_own_last_page(sqlite_place):
    """Whoever copied it gains nothing by the owner's going on."""
    desk = a_desk(sqlite_place)
    kept = cookie(desk)

    sqlite_place.clock.go(minutes=59)
    assert is_in(desk.client)
    sqlite_place.clock.go(minutes=2)
    assert is_in(desk.client), "the page before began the hour anew"

    assert not is_in(with_cookie(desk, kept or ""))


def test_a_cookie_kept_for_days_opens_nothing(sqlite_place, monkeypatch):
    """The browser keeps it for a week, so that it can be told why it has to sign in again."""
    desk = a_desk(sqlite_place)
    now = time.time()

    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + 8 * 24 * 3600)

    assert not is_in(desk.client)


# What is no session


def forgeries(value: str) -> st.SearchStrategy[str]:
    """Return cookies that are nearly this one, and others."""
    places = st.integers(0, len(value) - 1)
    symbols = st.sampled_from("AZaz09-_.=")
    changed = st.tuples(places, symbols).map(lambda c: value[: c[0]] + c[1] + value[c[0] + 1 :])
    cut = places.map(lambda place: value[:place])
    payload = value.partition(".")[0]
    printable = texts.map(lambda t: "".join(c for c in t if " " < c < "\x7f" and c not in ';,"\\'))
    return changed | cut | printable | printable.map(lambda t: f"{payload}.{t}")


@pytest.mark.parametrize("name", [SESSION, DEVICE])
def test_no_forged_cookie_opens_anything_or_breaks_a_page(sqlite_place, name):
    desk = a_desk(sqlite_place, Role.ADMIN)
    good = cookie(desk, name)
    assert good
    stranger = Desk(sqlite_place, beside=desk)

    @given(forgeries(good))
    @BOUNDED
    def forged(value: str) -> None:
        if value == good:
            return
        client = with_cookie(stranger, value, name)
        assert not is_in(client)
        assert client.get(LOGIN).status_code == 200

    forged()


def test_a_cookie_of_another_installation_is_none_here(sqlite_place, tmp_path):
    elsewhere = replace(
        sqlite_place.settings,
        folder=tmp_path / "other",
        database_url=f"sqlite:///{tmp_path / 'other' / 'ballot.db'}",
        secret_file=tmp_path / "other" / "secret.key",
    )
    with a_place(elsewhere) as other:
        there = cookie(a_desk(other, Role.ADMIN))
    desk = a_desk(sqlite_place, Role.ADMIN)
    assert is_in(desk.client)

    assert not is_in(with_cookie(desk, there or ""))


def test_a_cookie_for_one_purpose_is_none_for_another(sqlite_place):
    """Both are signed with one key, each with a salt of its own."""
    desk = a_desk(sqlite_place, Role.ADMIN)
    session, device = cookie(desk), cookie(desk, DEVICE)

    assert not is_in(with_cookie(desk, device or ""))
    with_cookie(desk, session or "", DEVICE)
    assert desk.client.get(LOGIN).status_code == 200, "nobody is signed in, and nothing breaks"


# Going on after signing in


@given(
    st.sampled_from(["/office/", "/office", "//evil.example/", "https://evil.example/office/", ""]),
    texts,
)
@BOUNDED
def test_whoever_is_signed_in_is_never_sent_out_of_the_office(signed_in, start, rest):
    answer = signed_in.get(LOGIN, query_string={"next": start + rest})

    assert answer.status_code == 303
    assert answer.location.startswith(OFFICE)
    assert answer.location.isascii()
    assert not answer.location.startswith(("/office/login", "/office/logout"))


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give a browser in which somebody is signed in."""
    from ballot.settings import from_environment

    folder = tmp_path_factory.mktemp("signed-in") / "var"
    with a_place(from_environment({"BALLOT_FOLDER": str(folder)})) as place:
        yield a_desk(place, Role.ADMIN).client


# Secrets at rest


def test_neither_a_token_nor_a_password_is_stored_or_logged(place, caplog):
    caplog.set_level("DEBUG")
    token = a_token(place)
    desk = Desk(place)
    a_user(place, "zhang")
    desk.sign_in("zhang")
    place.client().get("/api/v1/cycles", headers={"Authorization": f"Bearer {token}"})

    with place.database.read() as connection:
        stored = repr([connection.execute(t.select()).all() for t in metadata.sorted_tables])

    for secret in (token, token.removeprefix("ballot_"), "a long enough password"):
        assert secret not in stored
        assert secret not in caplog.text
    assert "$argon2id$" in stored


def test_a_device_is_not_known_by_a_cookie_that_says_so(sqlite_place):
    """Else everybody could have a count of failed sign-ins of their own for each attempt."""
    a_user(sqlite_place, "zhang")
    desk = Desk(sqlite_place)
    for attempt in range(3):
        with_cookie(desk, f'["device{attempt}",["zhang"]]'.replace('"', "%22"), DEVICE)
        assert desk.sign_in("zhang", "not the password").status_code == 401

    assert desk.sign_in("zhang").status_code == 429
