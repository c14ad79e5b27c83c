"""Another program holds the SQLite file, without asking for the turn, for longer than we wait."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest

from ballot.settings import Settings
from tests.faults.commands import A_CYCLE, refusal
from tests.faults.hall import (
    Told,
    a_hall,
    all_at_once,
    beside,
    fill_in_all,
    nobody_was_told_what_is_not_true,
)
from tests.live import a_server


@contextmanager
def another_program_holds(settings: Settings) -> Iterator[None]:
    """Do what somebody's `sqlite3` shell does between BEGIN and COMMIT."""
    with closing(sqlite3.connect(settings.sqlite_file, isolation_level=None)) as shell:
        shell.execute("BEGIN EXCLUSIVE")
        yield
        shell.execute("ROLLBACK")


@pytest.mark.slow
def test_while_another_program_holds_the_file_voters_are_asked_to_submit_again_and_then_count(
    sqlite_settings,
):
    """Half of them are answered first, the others share commits; slips can be opened all along."""
    poll, voters = a_hall(sqlite_settings, 13)
    *voting, looking = voters
    with a_server(sqlite_settings) as server, ThreadPoolExecutor(2) as others:
        fill_in_all(server, voting)
        before = server.serving_processes(), server.working_processes()

        with another_program_holds(sqlite_settings):
            command = others.submit(refusal, server.environ, *A_CYCLE)
            told = all_at_once(len(voting), server, voting)
            assert looking.fill_in(server)
            refused = command.result(60)

        assert set(told) == {Told.UNCERTAIN}
        assert refused == "数据库暂时不能使用：另一个程序正占用着它"
        with beside(sqlite_settings) as place:
            nobody_was_told_what_is_not_true(place, poll, voters)
            all_at_once(len(voters), server, voters)
            assert len(nobody_was_told_what_is_not_true(place, poll, voters)) == len(voters)
        assert {voter.told for voter in voters} <= {Told.COUNTED, Told.COUNTED_BEFORE}
        assert (server.serving_processes(), server.working_processes()) == before
        assert "Traceback" not in server.output
