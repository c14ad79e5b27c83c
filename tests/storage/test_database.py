"""The database: migrations, the secret it belongs to, and the log that cannot be changed."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import bindparam, text, update
from sqlalchemy.exc import DBAPIError

from ballot.domain.events import BrokenLogError
from ballot.services import voting
from ballot.services.start import open_installation, verify_log
from ballot.storage import secret_file
from ballot.storage.database import Database, DatabaseUnreachableError
from ballot.storage.quick import Statement, change
from ballot.storage.tables import State, ballots, metadata
from ballot.storage.turn import AlreadyServedError, claim_for_serving
from tests.builders import NOW, a_place, an_open_poll


def test_migrations_make_exactly_the_tables(place):
    with place.database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_second_start_finds_everything_as_it_was(settings):
    with a_place(settings) as place:
        poll, _ = an_open_poll(place)
        fingerprint = place.keys.fingerprint

    with a_place(settings) as place:
        assert place.keys.fingerprint == fingerprint
        assert place.poll(poll.id) == poll


def test_two_first_starts_at_once_agree_on_one_secret(settings):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as starts:
        opened = list(starts.map(lambda _: open_installation(settings, NOW), range(4)))

    assert len({keys for _, keys in opened}) == 1
    for database, _ in opened:
        database.close()


def test_with_another_secret_the_start_is_refused_and_says_which_file_it_wants(settings):
    with a_place(settings) as place:
        wanted = place.keys.fingerprint
    settings.secret_file.unlink()
    secret_file.create(settings.secret_file)

    with pytest.raises(secret_file.WrongSecretError) as caught:
        open_installation(settings, NOW)

    assert wanted in str(caught.value)
    assert str(settings.secret_file) in str(caught.value)


def test_without_its_secret_a_known_database_makes_no_new_one(settings):
    with a_place(settings):
        pass
    settings.secret_file.unlink()

    with pytest.raises(secret_file.SecretFileError, match="文件不存在"):
        open_installation(settings, NOW)

    assert not settings.secret_file.exists()


@pytest.mark.parametrize("content", ["", "ballots 00\nsessions 00\n", "x", "ballots zz sessions"])
def test_a_damaged_secret_file_is_named(settings, content):
    with a_place(settings):
        pass
    settings.secret_file.write_text(content)

    with pytest.raises(secret_file.SecretFileError, match=r"secret\.key"):
        open_installation(settings, NOW)


def test_creating_the_secret_never_replaces_one_that_is_there(tmp_path):
    first = secret_file.create(tmp_path / "secret.key")

    assert secret_file.create(tmp_path / "secret.key") == first
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_the_event_log_refuses_changes_by_sql(place):
    an_open_poll(place)

    for statement in ("UPDATE events SET actor = 'x'", "DELETE FROM events"):
        with pytest.raises(DBAPIError, match="append-only"), place.database.write() as connection:
            connection.execute(text(statement))
    assert verify_log(place.database)


def test_a_log_changed_behind_the_trigger_is_found(sqlite_place):
    an_open_poll(sqlite_place)
    with sqlite_place.database.write() as connection:
        connection.execute(text("DROP TRIGGER events_stay"))
        connection.execute(text("UPDATE events SET actor = 'x' WHERE number = 2"))

    with pytest.raises(BrokenLogError, match="第 2 条"):
        verify_log(sqlite_place.database)


def test_an_unreachable_database_is_told_without_its_password(tmp_path):
    database = Database("postgresql+psycopg://u:verysecret@127.0.0.1:1/ballot")

    from ballot.storage import schema

    with pytest.raises(DatabaseUnreachableError) as caught:
        schema.prepare(database, tmp_path / "k", NOW)

    assert "verysecret" not in str(caught.value)
    database.close()


def test_only_one_server_may_hold_a_database_file(tmp_path):
    import os

    first = claim_for_serving(tmp_path / "ballot.db")

    with pytest.raises(AlreadyServedError, match=r"ballot\.db"):
        claim_for_serving(tmp_path / "ballot.db")
    os.close(first)
    os.close(claim_for_serving(tmp_path / "ballot.db"))


def test_a_failed_write_leaves_nothing(place):
    def fail_after_writing():
        with place.database.write() as connection:
            connection.execute(
                text("INSERT INTO cycles (title, scheme, created_at) VALUES ('a', 'b', :now)"),
                {"now": "2023-01-01 00:00:00"},
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_after_writing()

    with place.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM cycles")).scalar_one() == 0


def test_errors_of_the_database_never_show_values(place):
    with pytest.raises(DBAPIError) as caught, place.database.write() as connection:
        connection.execute(
            text("INSERT INTO votes (poll_id, id) VALUES (1, :id)"), {"id": b"a digest beside"}
        )

    assert "digest beside" not in str(caught.value)


def test_a_quick_transaction_is_committed_as_a_whole_or_undone_and_the_next_one_goes_on(place):
    _, codes = an_open_poll(place)
    digests = [place.keys.digest(code) for code in codes[:3]]
    marking = update(ballots).where(ballots.c.digest == bindparam("ballot"))
    mark = Statement(marking.values(state=State.CAST))

    def spend(digest: bytes, then: Statement | None = None, error: Exception | None = None) -> None:
        with place.database.write_quickly() as transaction:
            assert change(transaction, mark, {"ballot": digest}) == 1
            if then is not None:
                change(transaction, then, {})
            if error is not None:
                raise error

    spend(digests[0])
    with pytest.raises(RuntimeError, match="in the middle"):
        spend(digests[1], error=RuntimeError("in the middle"))
    with pytest.raises(place.database.engine.dialect.loaded_dbapi.Error):
        spend(digests[1], then=Statement(text("UPDATE nowhere SET state = 1")))
    spend(digests[2])

    states = [voting.of_digest(place.database, digest).state for digest in digests]
    assert states == [State.CAST, State.UNUSED, State.CAST]
