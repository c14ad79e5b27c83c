"""PostgreSQL goes away and comes back: under load, before the start, while serving."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
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
    fill_in_all,
    nobody_was_told_what_is_not_true,
)
from tests.faults.postgresql import OwnPostgresql, own_postgresql
from tests.live import Server, a_server, answer_of, environment, until

RESTARTS = 3
SLIPS_EACH = 15
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


@dataclass
class Phone:
    """Somebody who votes with some slips, one after the other, and never gives up."""

    voters: list[Voter]
    told: list[Told] = field(default_factory=list)

    @property
    def heard_that_nothing_is_certain(self) -> bool:
        return Told.UNCERTAIN in self.told

    def vote(self, server: Server) -> None:
        """Submit each form until the answer is certain, and go on until the fault was met."""
        for voter in self.voters:
            self.insist(server, voter)
        while not self.heard_that_nothing_is_certain:
            self.told.append(self.voters[-1].submit(server))
        self.insist(server, self.voters[-1])

    def insist(self, server: Server, voter: Voter) -> None:
        def certain() -> bool:
            self.told.append(voter.submit(server))
            return voter.told in CERTAIN

        until(certain, seconds=90, what="an answer that is certain")


def restart_while_they_vote(
    postgresql: OwnPostgresql, server: Server, voters: list[Voter]
) -> list[Told]:
    """Stop PostgreSQL while all phones vote, start it again, and return what the phones told."""
    phones = [Phone(voters[number::PHONES]) for number in range(PHONES)]
    with ThreadPoolExecutor(PHONES) as hall:
        voting = [hall.submit(phone.vote, server) for phone in phones]
        until(lambda: all(phone.told for phone in phones), seconds=30, what="everybody votes")
        with postgresql.away():
            until(
                lambda: all(phone.heard_that_nothing_is_certain for phone in phones),
                seconds=60,
                what="everybody hears that nothing is certain",
            )
        for each in voting:
            each.result(120)
    return [told for phone in phones for told in phone.told]


TRIED = "closing could not go on"


@pytest.mark.slow
def test_restarted_under_load_it_loses_no_acknowledged_vote_and_needs_no_restart_of_the_server(
    postgresql, installation
):
    """Three times it is stopped at once, in the middle of commits, and comes back."""
    poll, voters = a_hall(installation, RESTARTS * PHONES * SLIPS_EACH)
    with a_server(installation) as server:
        before = server.serving_processes(), server.working_processes()
        for restart in range(RESTARTS):
            some = voters[restart * PHONES * SLIPS_EACH :][: PHONES * SLIPS_EACH]

            told = restart_while_they_vote(postgresql, server, some)

            assert set(told) <= CERTAIN | {Told.UNCERTAIN}
            with beside(installation) as place:
                nobody_was_told_what_is_not_true(place, poll, voters)

        assert (server.serving_processes(), server.working_processes()) == before
        with beside(installation) as place:
            assert nobody_was_told_what_is_not_true(place, poll, voters) == voters
        answer_of(server.environ, "poll", "close", str(poll.id))
        with beside(installation) as place:
            assert place.poll(poll.id).phase is Phase.CLOSED
            assert place.results(poll.id).account.total.returned == len(voters)


@pytest.mark.slow
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
    """A new process waits for the database, serving or working; none takes the server down."""
    poll, (voter, other) = a_hall(installation, 2)
    with a_server(installation) as server:
        fill_in_all(server, [voter, other])
        (before,), (worker,) = server.serving_processes(), server.working_processes()
        with postgresql.away():
            os.kill(worker, signal.SIGKILL)
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
            until(
                lambda: server.working_processes() - {worker},
                seconds=30,
                what="another process works",
            )
            waiting, said = server.working_processes(), server.output.count(TRIED)
            until(
                lambda: server.output.count(TRIED) > said,
                seconds=30,
                what="it tries, and goes on trying",
            )
        until(server.answers, seconds=60, what="it answers once the database is back")

        assert [voter.submit(server), other.submit(server)] == [Told.COUNTED] * 2
        assert server.process.poll() is None
        assert server.working_processes() == waiting
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
