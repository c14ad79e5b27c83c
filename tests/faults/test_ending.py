"""How the server's processes end: an orphan in the middle of a request, a server asked often."""

import os
import signal
from time import sleep

import pytest

from ballot.domain.polls import Poll
from ballot.settings import Settings
from tests.faults.commands import refusal, serve
from tests.faults.hall import (
    Told,
    Voter,
    a_hall,
    beside,
    fill_in_all,
    nobody_was_told_what_is_not_true,
    votes_on_their_way,
)
from tests.live import Server, a_server, until


def everybody_counts(settings: Settings, poll: Poll, voters: list[Voter]) -> None:
    with beside(settings) as place:
        assert len(nobody_was_told_what_is_not_true(place, poll, voters)) == len(voters)


@pytest.mark.slow
def test_an_orphan_in_the_middle_of_a_request_keeps_others_out_answers_and_ends(sqlite_settings):
    poll, voters = a_hall(sqlite_settings)
    with a_server(sqlite_settings) as server:
        fill_in_all(server, voters)
        with votes_on_their_way(sqlite_settings, server, voters) as answers:
            os.kill(server.process.pid, signal.SIGKILL)
            server.process.wait(10)
            assert server.serving_processes(), "it still has votes to answer"

            refused = refusal(server.environ, *serve())

        assert f"另一个服务已在使用数据库 {sqlite_settings.sqlite_file}" in refused
        assert {answer.result(60) for answer in answers} == {Told.COUNTED}
        until(lambda: not server.processes(), seconds=40, what="the orphan ends")
    with a_server(sqlite_settings) as again:
        assert {voter.submit(again) for voter in voters} == {Told.COUNTED_BEFORE}
    everybody_counts(sqlite_settings, poll, voters)


def the_main_process(server: Server) -> None:
    os.kill(server.process.pid, signal.SIGTERM)


def every_process(server: Server) -> None:
    """As a service manager does, and a terminal that hangs up."""
    for pid in server.processes():
        os.kill(pid, signal.SIGTERM)


@pytest.mark.parametrize(
    "asked", [pytest.param(the_main_process, marks=pytest.mark.slow), every_process]
)
def test_asked_to_end_again_and_again_it_still_answers_every_vote_on_its_way(
    sqlite_settings, asked
):
    """granian hangs when its serving process is asked three times: we let it hear the first."""
    poll, voters = a_hall(sqlite_settings, 8)
    with a_server(sqlite_settings) as server:
        fill_in_all(server, voters)
        with votes_on_their_way(sqlite_settings, server, voters) as answers:
            for _ in range(6):
                asked(server)
                sleep(0.1)
        assert {answer.result(20) for answer in answers} == {Told.COUNTED}
        assert server.process.wait(20) == 0
        assert server.processes() == {}
    everybody_counts(sqlite_settings, poll, voters)


@pytest.mark.slow
def test_a_serving_process_asked_to_end_by_mistake_answers_ends_and_is_replaced(sqlite_settings):
    poll, voters = a_hall(sqlite_settings, 8)
    with a_server(sqlite_settings) as server:
        fill_in_all(server, voters)
        (before,) = server.serving_processes()
        with votes_on_their_way(sqlite_settings, server, voters) as answers:
            for _ in range(4):
                os.kill(before, signal.SIGTERM)
                sleep(0.1)
        assert {answer.result(20) for answer in answers} == {Told.COUNTED}
        until(
            lambda: server.serving_processes() - {before} and server.answers(),
            seconds=30,
            what="another process serves",
        )
        assert {voter.submit(server) for voter in voters} == {Told.COUNTED_BEFORE}
    everybody_counts(sqlite_settings, poll, voters)
