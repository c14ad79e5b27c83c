"""The real server, on both databases: what is acknowledged stays, whatever is killed and when."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

import pytest

from ballot.demo.electorate import Voter, vote_all
from ballot.domain.codes import Code, shown
from ballot.domain.polls import Phase, Poll
from ballot.services import closing, polls
from ballot.settings import Settings, from_environment
from ballot.storage import polls as stored_polls
from tests.builders import Clock, Place, a_place, an_open_poll, cast
from tests.conftest import fresh_database, slow_on_postgresql
from tests.live import Server, a_free_port, a_server, answer_of, ballot, environment, until
from tests.web.phone import with_wrong_check_symbol

GOOD = 0
FEW = """
title = "白马村2023年度村述村评"
scheme = "street-2023"
kind = "village"
component = "village-peer-review"
subjects = [{ unit = "白马村" }]
groups = [{ key = "voters", name = "村民", ballots = 24 }]
"""


@contextmanager
def beside(settings: Settings) -> Iterator[Place]:
    """Open the installation in this process too, with a clock that shows the present."""
    with a_place(settings) as place:
        place.clock = Clock(datetime.now(UTC))
        yield place


def a_served_poll(settings: Settings) -> tuple[Poll, list[Code]]:
    with beside(settings) as place:
        return an_open_poll(place, FEW)


def votes_counted(settings: Settings, poll: Poll) -> int:
    with beside(settings) as place, place.database.read() as connection:
        return sum(group.cast for group in polls.turnout(connection, place.poll(poll.id)))


def state_of(settings: Settings, poll: Poll) -> tuple[Phase, int]:
    with beside(settings) as place:
        found = place.poll(poll.id)
        return found.phase, found.closing_step


def is_over(settings: Settings, poll: Poll) -> bool:
    """Tell whether a poll is closed; PostgreSQL scrubs only when no other poll is open."""
    phase, step = state_of(settings, poll)
    return phase is Phase.CLOSED and step >= closing.PARTED


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Give the settings of an installation that the tests below share."""
    folder = tmp_path_factory.mktemp(request.param) / "var"
    environ = {"BALLOT_FOLDER": str(folder), "BALLOT_GRACE_SECONDS": "1"}
    if request.param == "sqlite":
        yield from_environment(environ)
        return
    with fresh_database(request.getfixturevalue("postgresql_server")) as url:
        yield from_environment(environ | {"BALLOT_DATABASE_URL": url})


@pytest.fixture(scope="module")
def server(shared: Settings) -> Iterator[Server]:
    """Give a server on it that goes on serving whatever these tests kill of it."""
    with a_server(shared) as running:
        yield running


def test_the_first_page_asks_for_a_code(server):
    status, page = server.ask("GET", "/")

    assert status == 200
    assert "输入票码" in page


def test_a_second_server_on_the_same_port_ends_with_a_sentence(server, tmp_path):
    other = from_environment({"BALLOT_FOLDER": str(tmp_path / "var")})

    done = ballot(environment(other), "serve", "--port", str(server.port))

    assert done.returncode == 1
    assert f"地址 127.0.0.1:{server.port} 不能使用" in done.stderr
    assert done.stdout == ""
    assert server.answers()


def test_a_second_server_on_the_same_sqlite_file_ends_with_a_sentence(server, shared):
    """On PostgreSQL a second server is welcome: the database itself orders the casts."""
    if not shared.on_sqlite:
        with a_server(shared) as second:
            assert second.answers()
            assert server.answers()
        return

    done = ballot(server.environ, "serve", "--port", str(a_free_port()))

    assert done.returncode == 1
    assert f"另一个服务已在使用数据库 {shared.sqlite_file}" in done.stderr
    assert done.stdout == ""


def test_no_line_the_server_writes_holds_a_code_or_the_path_of_a_ballot(server, shared):
    _, codes = a_served_poll(shared)
    draft_code = "0123456789ABCDEF"

    vote_all(server.url, [Voter(code, [GOOD]) for code in codes[:12]], lambda _: None)
    kept = server.reviewed(codes[12], GOOD)
    assert server.cast(codes[12], kept)
    assert server.cast(codes[12], kept), "the same answer again"
    for code in (codes[0], with_wrong_check_symbol(codes[13]), draft_code, shown(codes[14])):
        server.ask("GET", f"/b/{code}")
        server.ask("POST", f"/B/{code}", {"step": "cast", "nonce": "none", "c0": "9"})
        server.ask("PUT", f"/b/{code}")
        server.ask("POST", f"/b/{code}", {"step": "x", "c0": "0" * 70_000})
        server.ask("GET", f"/b/{code}/%00%ff")
    server.ask("POST", "/", {"code": codes[15]})

    written = server.output.upper()
    assert "服务已启动" in server.output
    assert "/B/" not in written
    for code in (*codes, draft_code):
        assert code not in written
        assert shown(code) not in written


def test_a_killed_serving_process_is_replaced_and_votes_go_on(server, shared):
    poll, codes = a_served_poll(shared)
    assert server.vote(codes[0], GOOD)
    (before,) = server.serving_processes()

    os.kill(before, signal.SIGKILL)

    until(lambda: server.serving_processes() - {before}, seconds=20, what="a new process serves")
    until(server.answers, seconds=20, what="it answers")
    assert server.vote(codes[1], GOOD)
    assert votes_counted(shared, poll) == 2


def test_a_poll_closed_without_waiting_is_finished_by_the_servers_worker_even_a_replaced_one(
    server, shared
):
    poll, codes = a_served_poll(shared)
    assert server.vote(codes[0], GOOD)
    (before,) = server.working_processes()

    os.kill(before, signal.SIGKILL)
    answer_of(server.environ, "poll", "close", str(poll.id), "--no-wait")

    assert state_of(shared, poll)[0] is Phase.OPEN, "the grace has to pass first"
    until(lambda: is_over(shared, poll), seconds=20, what="the worker closes the poll")
    assert server.working_processes() - {before}


def every_vote_on_its_way_is_answered(settings: Settings, end: Callable[[Server], None]) -> None:
    """All casts wait for one lock when the server is ended; each is answered, and each counts."""
    poll, codes = a_served_poll(settings)
    with (
        a_server(settings) as server,
        beside(settings) as place,
        ThreadPoolExecutor(len(codes)) as phones,
    ):
        filled = list(phones.map(lambda code: server.reviewed(code, GOOD), codes))
        with place.database.write() as connection:
            stored_polls.get(connection, poll.id, hold=True)
            answers = [
                phones.submit(server.cast, code, fields)
                for code, fields in zip(codes, filled, strict=True)
            ]
            sleep(1)
            assert not any(answer.done() for answer in answers)
            end(server)
            sleep(0.5)
        told = [answer.result(30) for answer in answers]

        assert told == [True] * len(codes)
        assert server.process.wait(10) == 0
        assert server.processes() == {}
        assert not server.answers()
        assert "Traceback" not in server.output
        assert "Aborted" not in server.output
    assert votes_counted(settings, poll) == len(codes)


@slow_on_postgresql
def test_asked_to_end_it_answers_every_vote_on_its_way_and_loses_none(settings):
    every_vote_on_its_way_is_answered(settings, lambda server: server.process.terminate())


@pytest.mark.slow
def test_even_an_impatient_ctrl_c_loses_no_vote_on_its_way(sqlite_settings):
    """A terminal sends Ctrl-C to every process of the group, not only to the first."""

    def three_times(server: Server) -> None:
        for _ in range(3):
            os.killpg(server.process.pid, signal.SIGINT)
            sleep(0.3)

    every_vote_on_its_way_is_answered(sqlite_settings, three_times)


@pytest.mark.slow
def test_killed_outright_it_leaves_no_process_and_no_acknowledged_vote_is_missing(settings):
    """Half the votes are still on their way at the moment of the kill."""
    poll, codes = a_served_poll(settings)
    with (
        a_server(settings) as server,
        beside(settings) as place,
        ThreadPoolExecutor(len(codes)) as phones,
    ):
        filled = list(phones.map(lambda code: server.reviewed(code, GOOD), codes))
        told = list(phones.map(server.cast, codes[:12], filled[:12]))
        with place.database.write() as connection:
            stored_polls.get(connection, poll.id, hold=True)
            answers = phones.map(server.cast, codes[12:], filled[12:])
            sleep(1)
            os.kill(server.process.pid, signal.SIGKILL)
            sleep(1)
        told += list(answers)
        server.process.wait(5)
        until(lambda: not server.processes(), seconds=5, what="its children end")

        assert told[:12] == [True] * 12
        assert votes_counted(settings, poll) >= sum(answer is True for answer in told)

    with a_server(settings) as again:
        told = [again.cast(code, fields) for code, fields in zip(codes, filled, strict=True)]
        assert told == [True] * len(codes), "sending the same vote again is harmless"
    assert votes_counted(settings, poll) == len(codes)


def test_killed_while_it_is_still_starting_it_leaves_no_process_either(sqlite_settings):
    with a_server(sqlite_settings, ready=False) as server:
        until(server.serving_processes, seconds=30, what="a serving process is born")

        os.kill(server.process.pid, signal.SIGKILL)

        server.process.wait(5)
        until(lambda: not server.processes(), seconds=8, what="its children end")
        assert not server.answers()


@pytest.mark.slow
def test_what_a_server_killed_after_the_tally_left_undone_is_done_at_the_next_start(settings):
    with beside(settings) as place:
        poll, codes = an_open_poll(place, FEW)
        cast(place, poll, codes[0], GOOD)
        with place.database.write() as connection:
            closing.order(connection, poll.id, scrutineer="张", by="test", now=place.clock())
        place.clock.go(seconds=1)
        assert closing._close_if_due(place.database, poll.id, place.clock())
    assert state_of(settings, poll) == (Phase.CLOSED, closing.TALLIED)

    with a_server(settings):
        until(
            lambda: state_of(settings, poll) == (Phase.CLOSED, closing.SCRUBBED),
            seconds=20,
            what="the closing goes on",
        )


@slow_on_postgresql
def test_with_another_installations_secret_it_does_not_start(settings, tmp_path):
    with beside(settings):
        own = settings.secret_file.read_text()
    other = tmp_path / "other"
    with a_place(from_environment({"BALLOT_FOLDER": str(other)})) as stranger:
        wrong = stranger.settings.secret_file

    done = ballot(
        environment(settings, BALLOT_SECRET_FILE=str(wrong)),
        "serve",
        "--port",
        str(a_free_port()),
    )

    assert done.returncode == 1
    assert f"密钥文件 {wrong} 的指纹是" in done.stderr
    assert "BALLOT_SECRET_FILE" in done.stderr
    assert done.stdout == ""
    assert settings.secret_file.read_text() == own


def test_what_the_server_leaves_on_disk_is_for_its_owner_only(server, shared):
    loose = [
        file
        for file in Path(shared.folder).iterdir()
        if not file.name.startswith("server-") and file.stat().st_mode & 0o077
    ]

    assert loose == []
