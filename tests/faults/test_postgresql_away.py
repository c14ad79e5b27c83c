"""PostgreSQL goes away and comes back: under load, before the start, while serving."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ballot.domain.polls import Phase
from ballot.settings import Settings, from_environment
from tests.builders import Place
from tests.faults.commands import A_CYCLE, refusal, serve
from tests.faults.hall import (
    PHONES,
    Told,
    Voter,
    a_hall,
    beside,
    counted_voters,
    fill_in_all,
    nobody_was_told_what_is_not_true,
)
from tests.faults.postgresql import OwnPostgresql, own_postgresql
from tests.live import Server, a_server, answer_of, environment, until

VOTERS = 160
RESTARTS = 3
CERTAIN = {Told.COUNTED, Told.COUNTED_BEFORE}


@pytest.fixture(scope="module")
def postgresql() -> Iterator[OwnPostgresql]:
    with own_postgresql() as running:
        yield running


@pytest.fixture
def installation(postgresql: OwnPostgresql, tmp_path: Path) -> Settings:
    """Give an installation on it, which these tests share but for their secret file's copy."""
    folder = Path(tmp_path.parent / "on-postgresql")
    return from_environment(
        {
            "BALLOT_FOLDER": str(folder),
            "BALLOT_DATABASE_URL": postgresql.url,
            "BALLOT_GRACE_SECONDS": "0",
        }
    )


def insist(server: Server, voter: Voter, answered: threading.Semaphore) -> list[Told]:
    """Submit as a patient person does until the answer is certain; return all that was told."""
    told: list[Told] = []

    def certain() -> bool:
        told.append(voter.submit(server))
        return voter.told in CERTAIN

    until(certain, seconds=90, what="an answer that is certain")
    answered.release()
    return told


@pytest.mark.slow
def test_restarted_under_load_it_loses_no_acknowledged_vote_and_needs_no_restart_of_the_server(
    postgresql, installation
):
    """It is stopped at once, three times, whenever some more votes have been acknowledged."""
    poll, voters = a_hall(installation, VOTERS)
    answered = threading.Semaphore(0)
    with a_server(installation) as server, ThreadPoolExecutor(PHONES) as phones:
        fill_in_all(server, voters)
        before = server.serving_processes(), server.working_processes()

        telling = [phones.submit(insist, server, voter, answered) for voter in voters]
        for _ in range(RESTARTS):
            for _ in range(VOTERS // (RESTARTS + 1)):
                assert answered.acquire(timeout=60)
            with postgresql.away():
                acknowledged = {voter.code for voter in voters if voter.told in CERTAIN}
                until(
                    lambda: any(voter.told is Told.UNCERTAIN for voter in voters),
                    seconds=30,
                    what="somebody hears that nothing is certain",
                )
            with beside(installation) as place:
                on_disk = {voter.code for voter in counted_voters(place, poll, voters)}
                assert acknowledged <= on_disk
        told = [answers.result(120) for answers in telling]

        assert sum(Told.UNCERTAIN in each for each in told) >= RESTARTS
        assert {each for answers in told for each in answers} <= CERTAIN | {Told.UNCERTAIN}
        assert (server.serving_processes(), server.working_processes()) == before
        with beside(installation) as place:
            assert len(nobody_was_told_what_is_not_true(place, poll, voters)) == VOTERS
        answer_of(server.environ, "poll", "close", str(poll.id))
        with beside(installation) as place:
            assert place.poll(poll.id).phase is Phase.CLOSED
            assert place.results(poll.id).account.total.returned == VOTERS


def test_where_it_is_away_neither_the_server_nor_a_command_starts_and_both_say_so(
    postgresql, installation
):
    with beside(installation):
        pass

    with postgresql.away():
        told = [refusal(environment(installation), *words) for words in (serve(), A_CYCLE)]

    for sentence in told:
        assert sentence.startswith("数据库打不开：")


@pytest.mark.slow
def test_while_it_is_away_voters_hear_so_and_a_serving_process_that_dies_is_replaced(
    postgresql, installation
):
    """A new serving process waits for the database; it does not take the server down."""
    poll, (voter, other) = a_hall(installation, 2)
    with a_server(installation) as server:
        fill_in_all(server, [voter, other])
        (before,) = server.serving_processes()
        with postgresql.away():
            status, page = server.ask("GET", f"/b/{voter.code}")
            assert voter.submit(server) is Told.UNCERTAIN
            assert status == 503
            assert "投票系统暂时无法使用" in page
            assert "请过一会儿再试" in page

            os.kill(before, signal.SIGKILL)
            until(
                lambda: server.serving_processes() - {before},
                seconds=30,
                what="another process serves",
            )
            until(
                lambda: "数据库打不开" in server.output,
                seconds=30,
                what="it says that the database is away",
            )
        until(server.answers, seconds=60, what="it answers once the database is back")

        assert [voter.submit(server), other.submit(server)] == [Told.COUNTED] * 2
        assert server.process.poll() is None
        with beside(installation) as place:
            assert len(nobody_was_told_what_is_not_true(place, poll, [voter, other])) == 2


def test_what_it_says_of_a_refused_row_is_not_passed_on(postgresql, installation):
    """PostgreSQL tells the whole row with an error: that may be choices, and errors are logged."""
    secret = b"a digest or choices"

    def insert(place: Place) -> None:
        with place.database.write() as connection:
            raw = connection.connection.dbapi_connection
            raw.execute("INSERT INTO votes (poll_id, id) VALUES (1, %s)", (secret,))

    def insert_with_sqlalchemy(place: Place) -> None:
        with place.database.write() as connection:
            connection.execute(
                text("INSERT INTO votes (poll_id, id) VALUES (1, :id)"), {"id": secret}
            )

    with beside(installation) as place:
        for way in (insert, insert_with_sqlalchemy):
            with pytest.raises(Exception, match="not-null") as caught:
                way(place)

            errors = [caught.value, caught.value.__cause__, getattr(caught.value, "orig", None)]
            told = " ".join(repr(error) + str(error) for error in errors)
            assert isinstance(caught.value, DBAPIError) or way is insert
            assert secret.hex() not in told
            assert "Failing row" not in told
