"""`ballot backup`, `ballot restore`: what they say, full disks, and real servers that move."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from ballot.cli import main
from ballot.cli.backup import Pace
from ballot.domain.codes import Code
from ballot.services.restoring import restore
from ballot.settings import Settings, from_environment
from tests import live
from tests.builders import Clock, Place, a_place, a_poll, an_open_poll, cast
from tests.live import Server, a_free_port, a_server, answer_of, ballot, environment, until
from tests.storage.installations import a_full_installation

GOOD, BAD = 0, 3
MEETING = """
title = "白马村2023年度村述村评"
scheme = "street-2023"
kind = "village"
component = "village-peer-review"
subjects = [{ unit = "白马村" }]
groups = [{ key = "voters", name = "村民", ballots = 40 }]
"""


def run(settings: Settings, *words: str | Path, **environ: str) -> Result:
    """Type a command in a terminal that has no settings but the installation's."""
    return CliRunner(env=environment(settings, **environ)).invoke(
        main, [str(word) for word in words], catch_exceptions=False
    )


def told(settings: Settings, *words: str | Path, **environ: str) -> str:
    """Return what a command that has to succeed says; stdout has to stay empty."""
    done = run(settings, *words, **environ)
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    return done.stderr


def refused(settings: Settings, *words: str | Path) -> str:
    """Return what a command that has to fail says; stdout has to stay empty."""
    done = run(settings, *words)
    assert done.exit_code == 1, done.output
    assert done.stdout == ""
    return done.stderr


def at(folder: Path, **environ: str) -> Settings:
    return from_environment({"BALLOT_FOLDER": str(folder), "BALLOT_GRACE_SECONDS": "0", **environ})


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    return at(tmp_path / "elsewhere")


# ---- what is said -------------------------------------------------------------------------------


def test_a_backup_says_what_is_in_it_and_that_the_secret_is_not(sqlite_place, tmp_path):
    poll = a_poll(sqlite_place)

    said = told(sqlite_place.settings, "backup", tmp_path / "b")

    assert f"备份已写好：{tmp_path / 'b'}（测评活动 1 个，票 0 张，已投 0 张）" in said
    assert f"请把指纹为 {sqlite_place.keys.fingerprint} 的密钥文件与备份分开保管" in said
    assert str(sqlite_place.settings.secret_file) in said
    assert poll.title not in said


def test_while_a_poll_is_open_both_commands_say_how_to_keep_the_file(
    sqlite_place, elsewhere, tmp_path
):
    poll, codes = an_open_poll(sqlite_place)
    cast(sqlite_place, poll, codes[0], GOOD)

    said = told(sqlite_place.settings, "backup", tmp_path / "b", "--with-secret")
    said_again = told(elsewhere, "restore", tmp_path / "b")

    for words in (said, said_again):
        assert f"测评活动“{poll.title}”还没有结束" in words
        assert "请像封存的票箱一样保管它，投票结束并清理完毕后立即销毁" in words
        assert "备份里有密钥" in words
        assert "测评活动 1 个，票 60 张，已投 1 张" in words
    assert "须先停止这里的服务再备份" in said
    assert "已恢复到" in said_again
    assert "校验无误" in said_again


def test_restoring_under_another_address_says_which_one_the_slips_open(
    sqlite_place, elsewhere, tmp_path
):
    address = "http://192.168.1.10:8000"
    told(
        sqlite_place.settings, "backup", tmp_path / "b", "--with-secret", BALLOT_PUBLIC_URL=address
    )

    said = told(elsewhere, "restore", tmp_path / "b")

    assert f"备份时的网址是 {address}" in said
    assert "BALLOT_PUBLIC_URL" in said


def test_refusals_are_sentences(sqlite_place, elsewhere, tmp_path):
    settings, path = sqlite_place.settings, tmp_path / "b"
    (tmp_path / "taken").write_text("")
    told(settings, "backup", path)

    assert "请加 --replace" in refused(settings, "backup", tmp_path / "taken")
    assert "No such file" in refused(settings, "backup", tmp_path / "nowhere" / "b")
    assert "没有可备份的" in refused(elsewhere, "backup", tmp_path / "c")
    assert "恢复只能在空的地方进行" in refused(settings, "restore", path)
    assert "读不出来" in refused(elsewhere, "restore", tmp_path / "missing")
    assert "不是民评的备份" in refused(elsewhere, "restore", tmp_path / "taken")
    assert "请先把指纹为" in refused(elsewhere, "restore", path)
    assert told(settings, "backup", path, "--replace")
    assert not elsewhere.folder.exists()


def test_work_of_more_than_two_seconds_tells_how_far_it_is(capsys):
    moment = 0.0
    pace = Pace(lambda: moment)

    for done in range(1, 101):
        moment += 0.0625
        pace(done, 100)

    assert capsys.readouterr().err.splitlines() == [
        "已完成 32 / 100 行……",
        "已完成 64 / 100 行……",
        "已完成 96 / 100 行……",
    ]


# ---- full disks ---------------------------------------------------------------------------------

NARROW = """
import resource, signal, sys
from ballot.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
main(sys.argv[2:])
"""


def with_little_room(
    settings: Settings, most_bytes: int, *words: str | Path
) -> subprocess.CompletedProcess[str]:
    """Run a command with a limit on the size of files, as on a full disk or over a quota.

    Python keeps bytecode that was cut off by such a limit, hence `-B`.
    """
    return subprocess.run(
        [sys.executable, "-B", "-c", NARROW, str(most_bytes), *map(str, words)],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
def test_a_disk_too_small_for_the_backup_leaves_no_file(sqlite_place, tmp_path):
    a_full_installation(sqlite_place)
    out = tmp_path / "out"
    out.mkdir()

    done = with_little_room(sqlite_place.settings, 5_000, "backup", out / "b")

    assert (done.returncode, done.stdout) == (1, "")
    assert f"备份 {out / 'b'} 写不成：File too large。没有留下文件。" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(out.iterdir()) == []


@pytest.mark.slow
def test_a_database_that_cannot_grow_any_more_can_still_be_carried_away(
    sqlite_place, elsewhere, tmp_path
):
    a_full_installation(sqlite_place)
    log = sqlite_place.settings.folder / "ballot.db-wal"
    assert log.stat().st_size > 100_000, "the next commit has to be beyond the limit"

    done = with_little_room(
        sqlite_place.settings, 100_000, "backup", tmp_path / "b", "--with-secret"
    )

    assert done.returncode == 0, done.stderr
    assert "事件日志没有记下这次备份" in done.stderr
    told(elsewhere, "restore", tmp_path / "b")


@pytest.mark.slow
def test_a_disk_too_small_for_the_restore_leaves_nothing(sqlite_place, elsewhere, tmp_path):
    a_full_installation(sqlite_place)
    told(sqlite_place.settings, "backup", tmp_path / "b", "--with-secret")

    done = with_little_room(elsewhere, 60_000, "restore", tmp_path / "b")

    assert (done.returncode, done.stdout) == (1, "")
    assert "数据库没能装下这份备份" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in elsewhere.folder.iterdir()} <= {"ballot.db.served"}
    told(elsewhere, "restore", tmp_path / "b")


# ---- real servers -------------------------------------------------------------------------------


@contextmanager
def beside(settings: Settings) -> Iterator[Place]:
    """Open the installation in this process too, with a clock that shows the present."""
    with a_place(settings) as place:
        place.clock = Clock(datetime.now(UTC))
        yield place


def number_of(place: Place, what: str) -> int:
    with place.database.read() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one()


def used(place: Place, codes: list[Code]) -> set[Code]:
    """Return those of the codes whose ballots count as cast."""
    with place.database.read() as connection:
        found = connection.execute(text("SELECT digest FROM ballots WHERE state = 1")).scalars()
        cast_there = {bytes(digest) for digest in found}
    return {code for code in codes if place.keys.digest(code) in cast_there}


class Meeting:
    """Voters who go on voting until they are called off, and what they were told."""

    def __init__(self, server: Server, codes: list[Code]) -> None:
        self._server = server
        self._waiting = iter(codes)
        self._drawing = threading.Lock()
        self._over = threading.Event()
        self.counted: list[Code] = []
        self.forms: dict[Code, dict[str, str]] = {}

    def __enter__(self) -> "Meeting":
        self._phones = ThreadPoolExecutor(3)
        self._voting = [self._phones.submit(self._vote) for _ in range(3)]
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._phones.shutdown()
        for voter in self._voting:
            voter.result()

    def _vote(self) -> None:
        while not self._over.is_set():
            with self._drawing:
                code = next(self._waiting, None)
            if code is None:
                return
            try:
                self.forms[code] = self._server.reviewed(code, GOOD)
            except OSError:
                return  # the server has gone
            if self._server.cast(code, self.forms[code]):
                self.counted.append(code)
            self._over.wait(0.05)  # leaves the machine to the command that is tested


@pytest.mark.slow
def test_under_load_every_backup_holds_what_was_acknowledged_before_it_and_nothing_by_halves(
    settings, tmp_path
):
    with beside(settings) as place:
        _, codes = an_open_poll(place, MEETING, 1_500)
        with a_server(settings) as server, Meeting(server, codes) as meeting:
            for name in ("first", "second"):
                until(lambda: len(meeting.counted) > 5, seconds=30, what="votes come in")
                before, so_far = set(meeting.counted), len(meeting.counted)

                answer_of(server.environ, "backup", str(tmp_path / name), "--with-secret")

                until(
                    lambda so_far=so_far: len(meeting.counted) > so_far,
                    seconds=30,
                    what="votes come in during and after the backup",
                )
                copy = at(tmp_path / f"copy of {name}")
                restore(copy, tmp_path / name, by="test", now=datetime.now(UTC))
                with beside(copy) as restored:
                    assert before <= used(restored, codes)
                    cast_there = number_of(restored, "ballots WHERE state = 1")
                    assert number_of(restored, "votes") == cast_there >= len(before)
        assert set(meeting.counted) <= used(place, codes)
        assert number_of(place, "votes") == number_of(place, "ballots WHERE state = 1")


def moves_to(
    there: Settings, here: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Move a meeting from one machine to another, and let it come to its end there."""
    with beside(here) as place:
        poll, codes = an_open_poll(place, MEETING)
        waiting, early = codes[:8], codes[8:]
    port = a_free_port()
    monkeypatch.setattr(live, "a_free_port", lambda: port)  # slips hold the address

    with a_server(here) as server, Meeting(server, early) as meeting:
        until(lambda: len(meeting.counted) >= 6, seconds=30, what="votes come in")
        assert server.terminate() == 0
        carried = ballot(server.environ, "backup", str(tmp_path / "b"), "--with-secret")
    counted = list(meeting.counted)
    assert carried.returncode == 0, carried.stderr
    assert "封存的票箱" in carried.stderr
    brought = ballot(
        environment(there, BALLOT_PUBLIC_URL=server.url), "restore", str(tmp_path / "b")
    )
    assert brought.returncode == 0, brought.stderr
    assert "封存的票箱" in brought.stderr
    assert "网址" not in brought.stderr

    with a_server(there) as server:
        for code, form in meeting.forms.items():
            assert server.cast(code, form), "the same vote again, answered or not before"
        for code in counted:
            assert "此票已投" in server.ask("GET", f"/b/{code}")[1]
        another = {**meeting.forms[counted[0]], "nonce": "ab" * 16}
        assert "此票已投" in server.ask("POST", f"/b/{counted[0]}", another)[1]
        left = [code for code in codes if code not in meeting.forms]
        assert set(waiting) <= set(left)
        for code in left:
            assert server.vote(code, BAD)
        answer_of(server.environ, "poll", "close", str(poll.id))

    with beside(there) as place:
        found = place.results(poll.id)
        levels = found.sections[0].rows()[0]["levels"]
    assert found.account.total.returned == len(codes)
    assert levels["差"]["count"] == len(left)
    assert levels["好"]["count"] == len(codes) - len(left)


@pytest.mark.slow
def test_a_meeting_moves_to_another_machine_and_loses_no_vote(
    sqlite_settings, elsewhere, tmp_path, monkeypatch
):
    moves_to(elsewhere, sqlite_settings, tmp_path, monkeypatch)


@pytest.mark.slow
def test_a_meeting_moves_from_sqlite_to_postgresql_and_loses_no_vote(
    sqlite_settings, tmp_path, postgresql_url, monkeypatch
):
    there = at(tmp_path / "elsewhere", BALLOT_DATABASE_URL=postgresql_url)

    moves_to(there, sqlite_settings, tmp_path, monkeypatch)
