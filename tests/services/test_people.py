"""Accounts and tokens: changed, listed, ended."""

import pytest
from sqlalchemy import select

from ballot.domain.people import Scope
from ballot.errors import MistakesError
from ballot.services import people
from ballot.storage.tables import users
from tests.builders import PASSWORD, a_place, a_token, a_user
from tests.live import ballot, environment

NEW = "another long password"


def test_a_changed_password_replaces_the_old_one_and_ends_sessions(place):
    user = a_user(place)

    with place.database.write() as connection:
        people.change_password(connection, name="zhang", password=NEW, by="t", now=place.clock())

    assert people.sign_in(place.database, "zhang", NEW).name == "zhang"
    with pytest.raises(people.WrongPasswordError):
        people.sign_in(place.database, "zhang", PASSWORD)
    assert people.signed_in(place.database, user.id, user.version) is None


def test_short_passwords_and_unknown_accounts_are_refused_in_words(place):
    a_user(place)

    with pytest.raises(MistakesError, match="至少 10 个字符"), place.database.write() as connection:
        people.change_password(connection, name="zhang", password="x", by="t", now=place.clock())
    with pytest.raises(people.NoSuchUserError), place.database.write() as connection:
        people.change_password(connection, name="li", password=NEW, by="t", now=place.clock())


def test_a_revoked_token_ends_at_once_and_only_once(place):
    secret = a_token(place, Scope.POINTS)
    with place.database.read() as connection:
        (token,) = people.every_token(connection)

    assert people.token_for(place.database, secret, Scope.POINTS, place.clock()) == token
    with place.database.write() as connection:
        people.revoke_token(connection, token.id, by="t", now=place.clock())

    with pytest.raises(people.TokenError):
        people.token_for(place.database, secret, Scope.POINTS, place.clock())
    with place.database.read() as connection:
        assert people.every_token(connection) == []
    with pytest.raises(people.NoSuchTokenError), place.database.write() as connection:
        people.revoke_token(connection, token.id, by="t", now=place.clock())


def test_a_token_ends_by_itself_and_is_kept_as_a_hash_only(place):
    secret = a_token(place, Scope.TURNOUT)

    with pytest.raises(people.ScopeError, match="points:read"):
        people.token_for(place.database, secret, Scope.POINTS, place.clock())
    place.clock.go(days=31)
    with pytest.raises(people.TokenError):
        people.token_for(place.database, secret, Scope.TURNOUT, place.clock())
    if place.database.path:
        files = place.database.path.parent.iterdir()
        assert secret.encode() not in b"".join(f.read_bytes() for f in files if f.is_file())


def test_a_password_costs_whoever_guesses_it_what_rfc_9106_recommends(sqlite_settings):
    with a_place(sqlite_settings) as place:
        told = ballot(environment(sqlite_settings), "user", "add", "wang", "--temporary")
        assert told.returncode == 0, told.stderr
        with place.database.read() as connection:
            stored = connection.scalar(select(users.c.password_hash))
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
