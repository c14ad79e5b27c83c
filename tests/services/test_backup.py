"""Backup and restore: everything is in it, nothing more is told, and it comes back whole."""

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import insert, inspect, text

from ballot.domain.casting import Outcome
from ballot.domain.events import BrokenLogError
from ballot.domain.keys import Keys
from ballot.domain.polls import Phase
from ballot.services import closing, cycles, start
from ballot.services.backup import (
    BackupExistsError,
    BackupNotWritableError,
    NothingToBackUpError,
    OwnFileError,
    back_up,
)
from ballot.services.backup_form import (
    Backup,
    DamagedBackupError,
    ForeignFileError,
    Header,
    NewerBackupError,
    _end,
    _line,
)
from ballot.services.restoring import OtherSecretError, SecretNeededError, restore
from ballot.settings import Settings, from_environment
from ballot.storage import polls as stored_polls
from ballot.storage import secret_file
from ballot.storage.restoring import NotEmptyError
from ballot.storage.schema import LATEST, UnknownRevisionError
from ballot.storage.secret_file import SecretFileError
from ballot.storage.tables import ballots
from ballot.storage.turn import AlreadyServedError, claim_for_serving
from tests.builders import NOW, Place, a_place, a_poll, an_open_poll, cast, close
from tests.conftest import fresh_database
from tests.live import environment
from tests.storage.installations import (
    NONCE,
    a_full_installation,
    as_stored,
    every_row,
    tables_in,
)

GOOD = 0
NO_GRACE = {"BALLOT_GRACE_SECONDS": "0"}


def backed_up(place: Place, path: Path, **options) -> Header:
    """Back up as the command does."""
    options = {"with_secret": False, "replace": False, **options}
    header, noted = back_up(place.settings, path, by="test", now=place.clock(), **options)
    assert noted
    return header


def restored(settings: Settings, path: Path, **options) -> Header:
    return restore(settings, path, by="test", now=NOW, **options)


def everything_under(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


def tables_of(path: Path) -> dict[str, list[list]]:
    """Return the rows of a backup's tables, in the order of the file."""
    found: dict[str, list[list]] = {}
    for line in path.read_text("utf-8").splitlines()[1:-1]:
        value = json.loads(line)
        if isinstance(value, dict):
            rows = found[value["table"]] = []
        else:
            rows.append(value)
    return found


def header_of(path: Path) -> dict:
    with path.open("rb") as file:
        return json.loads(file.readline())


def number_of(place: Place, what: str) -> int:
    with place.database.read() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one()


def last_number_of(place: Place) -> int:
    """Return the last number that a poll had, a wiped one too: none is given twice."""
    with place.database.read() as connection:
        every = "SELECT id FROM polls UNION SELECT number FROM wiped"
        return connection.execute(text(f"SELECT max(id) FROM ({every}) AS every_one")).scalar_one()


@pytest.fixture
def sqlite_elsewhere(tmp_path: Path) -> Settings:
    """Give the settings of an empty place on SQLite."""
    return from_environment({"BALLOT_FOLDER": str(tmp_path / "elsewhere"), **NO_GRACE})


@pytest.fixture
def postgresql_elsewhere(sqlite_elsewhere: Settings, postgresql_url: str) -> Settings:
    """Give the settings of an empty place on PostgreSQL."""
    folder = str(sqlite_elsewhere.folder)
    environ = {"BALLOT_FOLDER": folder, "BALLOT_DATABASE_URL": postgresql_url}
    return from_environment(environ | NO_GRACE)


@pytest.fixture(params=["sqlite", "postgresql"], ids=["to sqlite", "to postgresql"])
def elsewhere(request: pytest.FixtureRequest) -> Settings:
    """Give the settings of an empty place, once on each kind of database."""
    settings: Settings = request.getfixturevalue(f"{request.param}_elsewhere")
    return settings


@contextmanager
def filled(settings: Settings) -> Iterator[Place]:
    with a_place(settings) as place:
        place.content = a_full_installation(place)
        yield place


@pytest.fixture(scope="module")
def sqlite_full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Give an installation on SQLite with something in every table; it is only looked at."""
    folder = tmp_path_factory.mktemp("full") / "var"
    with filled(from_environment({"BALLOT_FOLDER": str(folder), **NO_GRACE})) as place:
        yield place


@pytest.fixture(scope="module")
def postgresql_full(
    tmp_path_factory: pytest.TempPathFactory, postgresql_server: str
) -> Iterator[Place]:
    """Give such an installation on PostgreSQL."""
    folder = tmp_path_factory.mktemp("full") / "var"
    with fresh_database(postgresql_server) as url:
        environ = {"BALLOT_FOLDER": str(folder), "BALLOT_DATABASE_URL": url, **NO_GRACE}
        with filled(from_environment(environ)) as place:
            yield place


@pytest.fixture(params=["sqlite", "postgresql"])
def full(request: pytest.FixtureRequest) -> Place:
    """Give such an installation, once on each kind of database."""
    place: Place = request.getfixturevalue(f"{request.param}_full")
    return place


@pytest.fixture(scope="module")
def original(sqlite_full: Place, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("original") / "b"
    backed_up(sqlite_full, path, with_secret=True)
    return path.read_bytes()


@pytest.fixture
def backup_file(original: bytes, tmp_path: Path) -> Path:
    """Give a backup of the installation on SQLite, with its secret."""
    path = tmp_path / "b"
    path.write_bytes(original)
    return path


# ---- it comes back whole ------------------------------------------------------------------------


def test_every_row_of_every_table_comes_back_also_on_the_other_kind_of_database(
    full, elsewhere, tmp_path
):
    backed_up(full, tmp_path / "b", with_secret=True)

    restored(elsewhere, tmp_path / "b")

    before, stored = every_row(full.database), as_stored(full.database)
    assert len(before) > 10
    assert all(before.values()), "a table without a row proves nothing"
    with a_place(elsewhere) as again:
        after = every_row(again.database)
        *events, last = sorted(after.pop("events"))
        assert events == sorted(before.pop("events"))
        assert last[2:4] == ("test", "backup restored")
        assert after == before
        assert start.verify_log(again.database)
        assert again.keys == full.keys
        if again.database.on_sqlite == full.database.on_sqlite:
            now_stored = as_stored(again.database)
            assert len(now_stored.pop("events")) == len(stored.pop("events")) + 1
            assert now_stored == stored


def test_no_table_and_no_column_is_left_out(full, tmp_path):
    backed_up(full, tmp_path / "b")

    told = {table["name"]: table for table in header_of(tmp_path / "b")["tables"]}
    assert told.keys() == tables_of(tmp_path / "b").keys() == tables_in(full.database)
    with full.database.read() as connection:
        for name, table in told.items():
            columns = {column["name"] for column in inspect(connection).get_columns(name)}
            assert {column for column, _ in table["columns"]} == columns
            assert table["rows"] == number_of(full, name)


def test_a_printed_slip_stays_what_it_was(sqlite_full, elsewhere, tmp_path):
    full = sqlite_full.content
    backed_up(sqlite_full, tmp_path / "b", with_secret=True)

    restored(elsewhere, tmp_path / "b")

    with a_place(elsewhere) as again:
        again.clock.now = sqlite_full.clock.now
        assert cast(again, full.open, full.used, 0, 2, nonce=NONCE) is Outcome.COUNTED_BEFORE
        assert cast(again, full.open, full.used, 0, 2) is Outcome.USED
        assert cast(again, full.open, full.voided, GOOD) is Outcome.VOIDED
        assert cast(again, full.open, full.unused[0], GOOD) is Outcome.COUNTED
        close(again, full.open)
        assert again.results(full.open.id).account.total.returned == 2
        assert again.results(full.certified.id) == sqlite_full.results(full.certified.id)


def test_numbers_go_on_after_the_last_one(sqlite_full, elsewhere, tmp_path):
    backed_up(sqlite_full, tmp_path / "b", with_secret=True)
    restored(elsewhere, tmp_path / "b")

    with a_place(elsewhere) as again:
        poll = a_poll(again)
        with again.database.write() as connection:
            cycle = cycles.create(
                connection, title="下一年", scheme="street-2023", by="test", now=NOW
            )

    assert poll.id == last_number_of(sqlite_full) + 1
    assert cycle == number_of(sqlite_full, "cycles") + 1


def test_a_restored_installation_can_be_backed_up_and_restored_again(
    sqlite_full, elsewhere, tmp_path
):
    backed_up(sqlite_full, tmp_path / "first", with_secret=True)
    restored(elsewhere, tmp_path / "first")
    third = from_environment({"BALLOT_FOLDER": str(tmp_path / "third")})
    with a_place(elsewhere) as again:
        backed_up(again, tmp_path / "second", with_secret=True)

    restored(third, tmp_path / "second")

    before = every_row(sqlite_full.database)
    with a_place(third) as last:
        after = every_row(last.database)
    assert len(after.pop("events")) == len(before.pop("events")) + 3
    assert after == before


# ---- online, and of one moment ------------------------------------------------------------------


@pytest.mark.slow
def test_votes_go_on_during_a_backup_and_are_in_it_with_their_ballots_or_not_at_all(
    place, sqlite_elsewhere, tmp_path
):
    """Between any two rows of the backup another vote is cast, and answered at once."""
    poll, codes = an_open_poll(place, count=60)
    for code in codes[:20]:
        cast(place, poll, code, GOOD)
    left = codes[20:]

    def vote(*_):
        if left:
            assert cast(place, poll, left.pop(), GOOD) is Outcome.COUNTED

    backed_up(place, tmp_path / "b", with_secret=True, progress=vote)

    restored(sqlite_elsewhere, tmp_path / "b")
    assert not left
    assert number_of(place, "votes") == number_of(place, "ballots WHERE state = 1") == 60
    with a_place(sqlite_elsewhere) as again:
        assert number_of(again, "votes") == number_of(again, "ballots WHERE state = 1") == 20


def test_traces_are_not_called_scrubbed_while_a_backup_still_sees_them(place, tmp_path):
    poll, codes = an_open_poll(place)
    cast(place, poll, codes[0], GOOD)
    steps = []

    def close_meanwhile(*_):
        if steps:
            return
        with place.database.write() as connection:
            closing.order(connection, poll.id, scrutineer="张", by="test", now=place.clock())
        closing.go_on(place.database, place.clock(), Random(7))
        steps.append(place.poll(poll.id).closing_step)

    backed_up(place, tmp_path / "b", progress=close_meanwhile)

    assert steps == [closing.PARTED]
    closing.go_on(place.database, place.clock(), Random(7))
    assert place.poll(poll.id).closing_step == closing.SCRUBBED


@pytest.mark.slow
def test_memory_stays_small_however_many_ballots_there_are(
    sqlite_place, sqlite_elsewhere, tmp_path
):
    number = 16_000
    with sqlite_place.database.write() as connection:
        rows = [
            {"digest": n.to_bytes(32), "poll_id": 1, "group_index": 0, "state": 0}
            for n in range(number)
        ]
        connection.execute(insert(ballots), rows)
    backed_up(sqlite_place, tmp_path / "warm", with_secret=True)
    tracemalloc.start()

    backed_up(sqlite_place, tmp_path / "b", with_secret=True)
    restored(sqlite_elsewhere, tmp_path / "b")

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    all_at_once = [list(row.values()) for row in map(dict, rows)] + [
        json.loads(line) for line in (tmp_path / "b").read_bytes().splitlines()
    ]
    _, weight = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(all_at_once) > 2 * number
    assert peak < weight / 2


# ---- it tells nothing by its order --------------------------------------------------------------


def test_votes_and_ballots_are_written_in_the_order_of_their_random_keys(place, tmp_path):
    poll, codes = an_open_poll(place)
    for code in codes[:30]:
        cast(place, poll, code, GOOD)

    backed_up(place, tmp_path / "b")

    tables = tables_of(tmp_path / "b")
    digests = [digest for digest, *_ in tables["ballots"]]
    numbers = [number for _, number, *_ in tables["votes"]]
    assert (len(digests), len(numbers)) == (60, 30)
    assert digests == sorted(digests)
    assert numbers == sorted(numbers)


def test_restored_rows_lie_on_disk_in_the_order_of_their_keys(
    sqlite_place, postgresql_elsewhere, tmp_path
):
    """On SQLite these tables cannot lie in any other order."""
    poll, codes = an_open_poll(sqlite_place)
    for code in codes[:30]:
        cast(sqlite_place, poll, code, GOOD)
    backed_up(sqlite_place, tmp_path / "b", with_secret=True)

    restored(postgresql_elsewhere, tmp_path / "b")

    with a_place(postgresql_elsewhere) as again, again.database.read() as connection:
        for table, key in (("votes", "id"), ("ballots", "digest")):
            found = connection.execute(text(f"SELECT {key} FROM {table} ORDER BY ctid")).scalars()
            keys = [bytes(key) for key in found]
            assert len(keys) > 20
            assert keys == sorted(keys)


# ---- what it warns of, and the secret -----------------------------------------------------------


def test_a_backup_carries_the_mark_as_long_as_votes_can_be_linked(sqlite_place, tmp_path):
    marks = []

    def look(poll):
        header = backed_up(sqlite_place, tmp_path / f"b{len(marks)}")
        assert header_of(tmp_path / f"b{len(marks)}")["open_polls"] == list(header.open_polls)
        warned = any("封存的票箱" in str(notice) for notice in header.notices())
        assert warned == bool(header.open_polls)
        marks.append(header.open_polls)
        return poll

    look(a_poll(sqlite_place))
    poll, codes = an_open_poll(sqlite_place)
    look(poll)
    cast(sqlite_place, poll, codes[0], GOOD)
    with sqlite_place.database.write() as connection:
        closing.order(connection, poll.id, scrutineer="张", by="test", now=sqlite_place.clock())
    look(poll)
    for step in (closing.TALLIED, closing.PARTED, closing.SCRUBBED):
        with sqlite_place.database.write() as connection:
            stored_polls.advance(connection, poll, Phase.CLOSED)
            stored_polls.closing_step_done(connection, poll, step)
        look(poll)

    title = (poll.title,)
    assert marks == [(), title, title, title, title, ()]


def test_whoever_opens_the_file_reads_the_warnings_first_in_both_languages(sqlite_place, tmp_path):
    an_open_poll(sqlite_place)
    header = backed_up(sqlite_place, tmp_path / "b", with_secret=True)

    first = (tmp_path / "b").read_text("utf-8").splitlines()[0]

    assert first.startswith('{"NOTICE":["注意：测评活动“')
    for notice in header.notices():
        for language in ("zh-CN", "en"):
            assert json.dumps(notice.in_(language), ensure_ascii=False) in first


def test_the_secret_is_in_the_backup_only_if_asked_for(sqlite_full, tmp_path):
    keys = sqlite_full.settings.secret_file.read_text().split()[1::2]

    backed_up(sqlite_full, tmp_path / "without")
    backed_up(sqlite_full, tmp_path / "with", with_secret=True)

    without, within = (tmp_path / "without").read_text(), (tmp_path / "with").read_text()
    assert len(keys) == 2
    assert [key for key in keys if key in without] == []
    assert [key for key in keys if key in within] == keys
    assert sqlite_full.keys.fingerprint in without


def test_the_event_log_tells_of_the_backup_in_the_backup_itself(sqlite_place, tmp_path):
    poll, _ = an_open_poll(sqlite_place)

    backed_up(sqlite_place, tmp_path / "b", with_secret=True)

    *_, (_, _, actor, action, details, *_) = tables_of(tmp_path / "b")["events"]
    assert (actor, action) == ("test", "backup begun")
    assert json.loads(details) == {"open_polls": [poll.id], "with_secret": True}


def test_without_its_secret_a_backup_is_refused_with_the_fingerprint_it_needs(
    sqlite_full, elsewhere, tmp_path
):
    backed_up(sqlite_full, tmp_path / "b")

    with pytest.raises(SecretNeededError) as caught:
        restored(elsewhere, tmp_path / "b")

    assert sqlite_full.keys.fingerprint in str(caught.value)
    assert str(elsewhere.secret_file) in str(caught.value)
    assert not elsewhere.folder.exists()


def test_with_its_secret_at_hand_a_backup_without_it_comes_back(
    sqlite_full, sqlite_elsewhere, tmp_path
):
    backed_up(sqlite_full, tmp_path / "b")
    sqlite_elsewhere.folder.mkdir()
    sqlite_elsewhere.secret_file.write_bytes(sqlite_full.settings.secret_file.read_bytes())

    restored(sqlite_elsewhere, tmp_path / "b")

    with a_place(sqlite_elsewhere) as again:
        assert again.keys == sqlite_full.keys


@pytest.mark.parametrize("with_secret", [True, False])
def test_another_secret_is_never_replaced(sqlite_full, sqlite_elsewhere, tmp_path, with_secret):
    backed_up(sqlite_full, tmp_path / "b", with_secret=with_secret)
    other = secret_file.create(sqlite_elsewhere.secret_file)
    before = everything_under(sqlite_elsewhere.folder)

    with pytest.raises(OtherSecretError) as caught:
        restored(sqlite_elsewhere, tmp_path / "b")

    assert sqlite_full.keys.fingerprint in str(caught.value)
    assert other.fingerprint in str(caught.value)
    assert everything_under(sqlite_elsewhere.folder) == before


def test_a_secret_file_that_fits_is_kept_with_its_own_sessions(
    sqlite_full, sqlite_elsewhere, tmp_path
):
    backed_up(sqlite_full, tmp_path / "b", with_secret=True)
    sqlite_elsewhere.folder.mkdir()
    first, _ = sqlite_full.settings.secret_file.read_text().splitlines()
    own = f"{first}\nsessions {'ab' * 32}\n"
    sqlite_elsewhere.secret_file.write_text(own)

    restored(sqlite_elsewhere, tmp_path / "b")

    assert sqlite_elsewhere.secret_file.read_text() == own


def test_what_is_restored_is_for_its_owner_only(sqlite_full, sqlite_elsewhere, tmp_path):
    backed_up(sqlite_full, tmp_path / "b", with_secret=True)

    restored(sqlite_elsewhere, tmp_path / "b")

    folder = sqlite_elsewhere.folder
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == dict.fromkeys(("ballot.db", "ballot.db.served", "secret.key"), 0o600)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


# ---- the file is complete or not there ----------------------------------------------------------


def test_a_backup_is_complete_under_its_name_and_for_its_owner_only(sqlite_full, tmp_path):
    out = tmp_path / "out"
    out.mkdir()

    backed_up(sqlite_full, out / "b")

    assert [path.name for path in out.iterdir()] == ["b"]
    assert stat.S_IMODE((out / "b").stat().st_mode) == 0o600


def test_a_file_that_is_there_is_replaced_only_if_asked(sqlite_full, tmp_path):
    (tmp_path / "b").write_text("mine")

    with pytest.raises(BackupExistsError):
        backed_up(sqlite_full, tmp_path / "b")

    assert (tmp_path / "b").read_text() == "mine"
    backed_up(sqlite_full, tmp_path / "b", replace=True)
    assert header_of(tmp_path / "b")["form"] == "ballot backup"


def test_a_file_that_appears_meanwhile_is_not_replaced(sqlite_full, tmp_path):
    out = tmp_path / "out"
    out.mkdir()

    def another_writes(*_):
        (out / "b").write_text("theirs")

    with pytest.raises(BackupExistsError):
        backed_up(sqlite_full, out / "b", progress=another_writes)

    assert everything_under(out) == {"b": b"theirs"}


@pytest.mark.parametrize("replace", [True, False])
def test_a_backup_that_fails_half_way_leaves_what_was_there(full, tmp_path, replace):
    out = tmp_path / "out"
    out.mkdir()
    if replace:
        (out / "b").write_text("of yesterday")
    before = everything_under(out)

    def fails(done, _):
        if done == 20:
            raise OSError(28, "No space left on device")

    with pytest.raises(BackupNotWritableError, match="No space left on device"):
        backed_up(full, out / "b", replace=replace, progress=fails)

    assert everything_under(out) == before


@pytest.mark.parametrize("name", ["ballot.db", "ballot.db-wal", "secret.key"])
def test_the_installation_itself_is_never_the_backups_file(sqlite_place, name):
    before = (sqlite_place.settings.folder / "secret.key").read_bytes()

    with pytest.raises(OwnFileError):
        backed_up(sqlite_place, sqlite_place.settings.folder / name, replace=True)

    assert (sqlite_place.settings.folder / "secret.key").read_bytes() == before


def test_where_nothing_is_there_is_nothing_to_back_up_and_nothing_is_made(settings, tmp_path):
    with pytest.raises(NothingToBackUpError):
        back_up(settings, tmp_path / "b", with_secret=True, replace=False, by="test", now=NOW)

    assert not settings.folder.exists()
    assert not (tmp_path / "b").exists()


def test_a_log_that_could_not_be_restored_is_told_when_it_is_backed_up(sqlite_place, tmp_path):
    an_open_poll(sqlite_place)
    with sqlite_place.database.write() as connection:
        connection.execute(text("DROP TRIGGER events_stay"))
        connection.execute(text("UPDATE events SET actor = 'x' WHERE number = 2"))

    with pytest.raises(BrokenLogError, match="第 2 条"):
        backed_up(sqlite_place, tmp_path / "b")

    assert not (tmp_path / "b").exists()


# ---- only into an empty place -------------------------------------------------------------------


def test_a_place_with_anything_in_it_is_left_as_it_is(sqlite_full, elsewhere, tmp_path):
    backed_up(sqlite_full, tmp_path / "b", with_secret=True)
    with a_place(elsewhere) as there:
        before, secret = every_row(there.database), elsewhere.secret_file.read_text()

        with pytest.raises(NotEmptyError):
            restored(elsewhere, tmp_path / "b")

        assert every_row(there.database) == before
        assert elsewhere.secret_file.read_text() == secret


@pytest.mark.parametrize("suffix", ["", "-wal", "-journal"])
def test_what_an_earlier_database_left_beside_it_is_in_the_way(
    backup_file, sqlite_elsewhere, suffix
):
    """SQLite would play such a log into the restored file."""
    sqlite_elsewhere.folder.mkdir()
    (sqlite_elsewhere.folder / f"ballot.db{suffix}").write_bytes(b"")

    with pytest.raises(NotEmptyError, match=f"ballot.db{suffix}"):
        restored(sqlite_elsewhere, backup_file)

    assert everything_under(sqlite_elsewhere.folder) == {f"ballot.db{suffix}": b""}


def test_under_a_running_server_nothing_is_restored_even_if_its_file_is_gone(
    backup_file, sqlite_elsewhere
):
    sqlite_elsewhere.folder.mkdir()
    claim = claim_for_serving(sqlite_elsewhere.sqlite_file)

    with pytest.raises(AlreadyServedError):
        restored(sqlite_elsewhere, backup_file)

    os.close(claim)
    assert everything_under(sqlite_elsewhere.folder) == {"ballot.db.served": b""}


def test_somebody_who_makes_a_database_meanwhile_keeps_it(backup_file, sqlite_elsewhere):
    def another_starts(*_):
        with a_place(sqlite_elsewhere):
            pass

    with pytest.raises(NotEmptyError):
        restored(sqlite_elsewhere, backup_file, progress=another_starts)

    with a_place(sqlite_elsewhere) as theirs:
        assert number_of(theirs, "polls") == 0
        assert [path.name for path in sqlite_elsewhere.folder.glob(".*")] == []


def test_a_file_that_takes_the_databases_name_meanwhile_is_kept_and_the_secret_goes_again(
    backup_file, sqlite_elsewhere
):
    """The last step of all fails: the secret has its name already, the database not yet."""

    def another_writes(*_):
        (sqlite_elsewhere.folder / "ballot.db").write_bytes(b"theirs")

    with pytest.raises(NotEmptyError, match=r"ballot\.db"):
        restored(sqlite_elsewhere, backup_file, progress=another_writes)

    assert everything_under(sqlite_elsewhere.folder) == {
        "ballot.db": b"theirs",
        "ballot.db.served": b"",
    }


def test_a_restore_that_fails_at_its_very_end_leaves_nothing(sqlite_full, elsewhere, tmp_path):
    backed_up(sqlite_full, tmp_path / "b", with_secret=True)

    def fails(done, total):
        if done == total:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        restored(elsewhere, tmp_path / "b", progress=fails)

    left = everything_under(elsewhere.folder)
    assert left in ({}, {"ballot.db.served": b""}), "an empty lock, at most"
    restored(elsewhere, tmp_path / "b")
    with a_place(elsewhere) as again:
        assert every_row(again.database)["ballots"] == every_row(sqlite_full.database)["ballots"]


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from ballot.services.restoring import restore
from ballot.settings import from_environment

def die(done, total):
    if done == total - 1:
        os.kill(os.getpid(), signal.SIGKILL)

restore(
    from_environment(os.environ), Path(sys.argv[1]),
    by="test", now=datetime.now(UTC), progress=die,
)
"""


def test_killed_in_the_middle_a_restore_can_simply_be_repeated(sqlite_full, elsewhere, tmp_path):
    backed_up(sqlite_full, tmp_path / "b", with_secret=True)

    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "b")],
        env=environment(elsewhere),
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == -signal.SIGKILL, done.stderr
    names = {path.name for path in elsewhere.folder.iterdir() if path.name[0] != "."}
    assert names <= {"ballot.db.served"}
    restored(elsewhere, tmp_path / "b")
    with a_place(elsewhere) as again:
        assert every_row(again.database)["votes"] == every_row(sqlite_full.database)["votes"]
    assert [path.name for path in elsewhere.folder.glob(".*")] == []


# ---- what is no backup, or not ours any more ----------------------------------------------------


def refusal(settings: Settings, path: Path, error: type[Exception]) -> str:
    """Return why a file is refused; afterwards the place is as empty as before."""
    with pytest.raises(error) as caught:
        restored(settings, path)
    left = everything_under(settings.folder) if settings.folder.exists() else {}
    assert left in ({}, {"ballot.db.served": b""})
    return str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"PK\x03\x04",
        b"SQLite format 3\0" * 99,
        b"[]\n",
        b"{}\n",
        b"[" * 200_000,
        b"1\n",
    ],
)
def test_a_foreign_file_is_refused(sqlite_elsewhere, tmp_path, content):
    (tmp_path / "b").write_bytes(content)

    assert "不是民评的备份" in refusal(sqlite_elsewhere, tmp_path / "b", ForeignFileError)


def test_a_line_without_an_end_is_not_read_into_memory(sqlite_elsewhere, tmp_path):
    with (tmp_path / "b").open("wb") as file:
        file.truncate(4 * 2**30)  # holes: it takes no room on disk
    tracemalloc.start()

    refusal(sqlite_elsewhere, tmp_path / "b", ForeignFileError)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * 2**20


def check(content: bytes, place: Place) -> None:
    """Read a backup from memory and compare it with its own end."""
    Backup(Path("b"), BytesIO(content)).check(place.keys)


def test_a_truncated_file_is_refused_wherever_it_ends(
    original, sqlite_full, backup_file, elsewhere
):
    lines = original.splitlines(keepends=True)
    ends = [sum(map(len, lines[:number])) for number in range(1, len(lines))]
    check(original, sqlite_full)

    for end in [*ends, *(end - 1 for end in ends), len(original) - 1]:
        with pytest.raises((DamagedBackupError, ForeignFileError)):
            check(original[:end], sqlite_full)

    backup_file.write_bytes(original[: ends[-1]])
    told = refusal(elsewhere, backup_file, DamagedBackupError)
    assert f"到第 {len(lines)} 行断了" in told


def test_any_changed_byte_is_found(original, sqlite_full):
    refused = (DamagedBackupError, ForeignFileError, NewerBackupError)

    for position in range(0, len(original), 29):
        flipped = bytes([original[position] ^ (1 << position % 8)])
        with pytest.raises(refused):
            check(original[:position] + flipped + original[position + 1 :], sqlite_full)
    for more in (b"\n", b"x", b"{}\n"):
        with pytest.raises(DamagedBackupError, match="结尾之后"):
            check(original + more, sqlite_full)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"auditor"', '"organiser"', "表 users 的内容与校验值不符"),
        ('"public_url":"http://', '"public_url":"https://', "首行与校验值不符"),
        ('{"table":"votes"}', '{"table":"voted"}', "应是表 votes 的开头"),
        ('"seal":"', '"seal":"0', "封签与密钥不符"),
        ('{"end":', '{"fin":', "行应是结尾"),
        ('"made_at":"2', '"made_at":"x', "首行读不懂"),
    ],
)
def test_a_damaged_file_is_refused_with_what_does_not_fit(
    backup_file, sqlite_elsewhere, old, new, told
):
    whole = backup_file.read_text("utf-8")
    assert old in whole
    backup_file.write_text(whole.replace(old, new), "utf-8")

    assert told in refusal(sqlite_elsewhere, backup_file, DamagedBackupError)


Change = Callable[[dict, dict[str, list]], object]


def forged(path: Path, keys: Keys, change: Change) -> None:
    """Change a backup and write it anew with fitting sums, sealed with `keys`."""
    header, tables = header_of(path), tables_of(path)
    change(header, tables)
    lines, sums = [_line(header)], {}
    for name, rows in tables.items():
        packed = [json.dumps(row).encode() + b"\n" for row in rows]
        sums[name] = hashlib.sha256(b"".join(packed)).hexdigest()
        lines += [_line({"table": name}), *packed]
    whole = hashlib.sha256(b"".join(lines)).hexdigest()
    path.write_bytes(b"".join(lines) + _line(_end(sums, whole, keys)))


def test_who_does_not_hold_the_secret_cannot_change_a_backup_even_with_fitting_sums(
    sqlite_full, sqlite_elsewhere, tmp_path
):
    backed_up(sqlite_full, tmp_path / "b")
    sqlite_elsewhere.folder.mkdir()
    sqlite_elsewhere.secret_file.write_bytes(sqlite_full.settings.secret_file.read_bytes())
    other = secret_file.create(tmp_path / "other.key")
    before = everything_under(sqlite_elsewhere.folder)

    def one_vote_says_something_else(_, tables):
        tables["votes"][0][-1] = "00" * (len(tables["votes"][0][-1]) // 2)

    forged(tmp_path / "b", other, one_vote_says_something_else)

    with pytest.raises(DamagedBackupError, match="封签与密钥不符"):
        restored(sqlite_elsewhere, tmp_path / "b")
    assert everything_under(sqlite_elsewhere.folder) == before


def _set(table: str, place: int, value: object) -> Change:
    return lambda _, tables: tables[table][0].__setitem__(place, value)


def _rows(table: str, change: Callable[[list], None]) -> Change:
    def apply(header, tables):
        change(tables[table])
        for shape in header["tables"]:
            shape["rows"] = len(tables[shape["name"]])

    return apply


def _shape(change: Callable[[dict], None]) -> Change:
    return lambda header, _: change(header["tables"][0])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_set("polls", 0, "1"), "表 polls"),
        (_set("polls", 0, True), "表 polls"),
        (_set("polls", 0, 2**63), "表 polls"),
        (_set("polls", 0, 1.5), "表 polls"),
        (_set("polls", 3, None), "表 polls"),
        (_set("polls", 1, 99), "表 polls"),
        (_set("cycles", 1, "\ud800"), "表 cycles"),
        (_set("cycles", 3, "2023-12-28T01:30:00"), "表 cycles"),
        (_set("cycles", 3, "2023-12-28 01:30:00+00:00"), "表 cycles"),
        (_set("votes", 1, "zz"), "表 votes"),
        (_set("votes", 1, "AB"), "表 votes"),
        (_set("votes", 3, 1), "表 votes"),
        (_set("events", 4, "no JSON"), "表 events"),
        (_rows("votes", lambda rows: rows.append(rows[0])), "表 votes"),
        (_rows("votes", lambda rows: rows[0].pop()), "表 votes"),
        (_rows("events", lambda rows: rows.pop()), "表 events"),
        (_rows("installation", lambda rows: rows.clear()), "表 installation"),
        (_shape(lambda shape: shape.update(name="sqlite_master")), "sqlite_master"),
        (_shape(lambda shape: shape.update(name="../../x")), "../../x"),
        (_shape(lambda shape: shape["columns"].pop()), "表 ballots"),
        (_shape(lambda shape: shape.update(rows=10**12)), "行断了"),
        (_shape(lambda shape: shape.update(rows=-1)), "首行读不懂"),
        (lambda header, _: header["tables"].append(header["tables"][0]), "表 ballots"),
        (lambda header, _: header.update(fingerprint="0" * 16), "首行的密钥不可用"),
        (lambda header, _: header.update(secret="../../secret"), "首行的密钥不可用"),
    ],
)
def test_a_forged_backup_that_brings_its_own_secret_is_refused_if_it_fits_no_schema(
    backup_file, sqlite_full, sqlite_elsewhere, change, told
):
    forged(backup_file, sqlite_full.keys, change)

    assert told in refusal(sqlite_elsewhere, backup_file, DamagedBackupError)


@pytest.mark.parametrize(("table", "column", "value"), [("polls", 1, 99), ("cycles", 1, "\0")])
def test_what_postgresql_itself_refuses_leaves_it_empty(
    backup_file, sqlite_full, postgresql_elsewhere, table, column, value
):
    forged(backup_file, sqlite_full.keys, _set(table, column, value))

    assert f"表 {table}" in refusal(postgresql_elsewhere, backup_file, DamagedBackupError)
    with pytest.raises(NothingToBackUpError):
        back_up(
            postgresql_elsewhere,
            backup_file,
            with_secret=False,
            replace=True,
            by="test",
            now=NOW,
        )


def test_a_forged_backup_with_a_broken_log_is_refused(backup_file, sqlite_full, elsewhere):
    forged(backup_file, sqlite_full.keys, _set("events", 2, "somebody else"))

    with pytest.raises(BrokenLogError, match="第 1 条"):
        restored(elsewhere, backup_file)

    assert not elsewhere.secret_file.exists()


def test_a_backup_of_a_newer_schema_is_refused_in_words(backup_file, sqlite_full, elsewhere):
    forged(backup_file, sqlite_full.keys, lambda header, _: header.update(schema="9999"))

    with pytest.raises(UnknownRevisionError, match=f"9999.*{LATEST}.*更新的程序"):
        restored(elsewhere, backup_file)

    assert not elsewhere.folder.exists()


def test_a_backup_of_a_newer_form_is_refused_in_words(backup_file, sqlite_elsewhere):
    content = backup_file.read_text("utf-8").replace('"version":1}', '"version":2}')
    backup_file.write_text(content, "utf-8")

    assert "请换用更新的程序" in refusal(sqlite_elsewhere, backup_file, NewerBackupError)


def test_a_damaged_secret_file_in_the_place_is_named(backup_file, sqlite_elsewhere):
    sqlite_elsewhere.folder.mkdir()
    sqlite_elsewhere.secret_file.write_text("half of")

    with pytest.raises(SecretFileError, match=r"secret\.key"):
        restored(sqlite_elsewhere, backup_file)

    assert sqlite_elsewhere.secret_file.read_text() == "half of"
