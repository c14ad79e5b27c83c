"""Damaged SQLite files: a write-ahead log that is cut or spoilt, an index of it, the file itself.

What is promised is consistency: no half-spent ballot, ever. Votes whose commits lay in the lost
part of a log are lost, and their slips are unspent again; nothing can bring them back.
"""

import os
import random
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from ballot.domain.polls import Poll
from ballot.settings import Settings, from_environment
from tests.faults.commands import A_CYCLE, refusal, serve
from tests.faults.hall import Told, Voter, a_hall, beside, counted_voters, fill_in_all
from tests.live import a_server, environment

pytestmark = pytest.mark.slow

VOTERS = 40
CUTS = 30


@dataclass
class Wreck:
    """What a killed server left, and its voters in the order of their commits."""

    settings: Settings
    poll: Poll
    voters: list[Voter]
    before: int

    def copy(self, folder: Path) -> Settings:
        """Return the settings of a copy to do anything with."""
        shutil.copytree(self.settings.folder, folder)
        return from_environment({"BALLOT_FOLDER": str(folder), "BALLOT_GRACE_SECONDS": "0"})


@pytest.fixture(scope="module")
def wreck(tmp_path_factory: pytest.TempPathFactory) -> Wreck:
    """Kill a server after votes that came one by one; the last ones are in the log only."""
    folder = tmp_path_factory.mktemp("wreck") / "var"
    settings = from_environment({"BALLOT_FOLDER": str(folder), "BALLOT_GRACE_SECONDS": "0"})
    poll, voters = a_hall(settings, VOTERS)
    before = 5
    with a_server(settings) as server:
        fill_in_all(server, voters)
        assert {voter.submit(server) for voter in voters[:before]} == {Told.COUNTED}
        assert server.terminate() == 0
    with a_server(settings) as server:
        assert {voter.submit(server) for voter in voters[before:]} == {Told.COUNTED}
        os.killpg(server.process.pid, signal.SIGKILL)
    return Wreck(settings, poll, voters, before)


def log_of(settings: Settings) -> Path:
    return settings.folder / "ballot.db-wal"


def cut(log: bytes, dice: random.Random) -> bytes:
    return log[: dice.randrange(len(log))]


def spoil(log: bytes, dice: random.Random) -> bytes:
    """Change some bytes near each other, as a bad sector does."""
    place = dice.randrange(len(log) - 16)
    return log[:place] + dice.randbytes(16) + log[place + 16 :]


def fill_the_end_with_rubbish(log: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(log))
    return log[:place] + dice.randbytes(len(log) - place)


def recovered(wreck: Wreck, settings: Settings) -> int:
    """Return how many votes are there, which must be the first ones, each with its ballot."""
    with beside(settings) as place:
        with place.database.read() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        counted = counted_voters(place, wreck.poll, wreck.voters)
    assert counted == wreck.voters[: len(counted)]
    return len(counted)


def test_an_undamaged_log_gives_every_vote_back(wreck, tmp_path):
    assert recovered(wreck, wreck.copy(tmp_path / "copy")) == VOTERS


@pytest.mark.parametrize("damage", [cut, spoil, fill_the_end_with_rubbish])
def test_whatever_is_lost_of_the_log_the_first_votes_stay_and_no_ballot_is_half_spent(
    wreck, tmp_path, damage
):
    dice = random.Random(7)
    log = log_of(wreck.settings).read_bytes()
    found: list[int] = []

    for number in range(CUTS):
        settings = wreck.copy(tmp_path / str(number))
        log_of(settings).write_bytes(damage(log, dice))
        found.append(recovered(wreck, settings))

    assert min(found) >= wreck.before, "what a server wrote that ended in peace is not in the log"
    assert min(found) < VOTERS, "the damage must be able to lose votes"
    assert len(set(found)) > CUTS // 3


def test_the_logs_index_is_made_anew_whatever_it_holds(wreck, tmp_path):
    settings = wreck.copy(tmp_path / "copy")
    index = settings.folder / "ballot.db-shm"
    index.write_bytes(random.Random(7).randbytes(index.stat().st_size))

    assert recovered(wreck, settings) == VOTERS


def test_a_server_on_a_cut_log_goes_on_and_slips_whose_votes_were_lost_can_vote_again(
    wreck, tmp_path
):
    settings = wreck.copy(tmp_path / "copy")
    log = log_of(settings).read_bytes()
    log_of(settings).write_bytes(log[: len(log) * 2 // 3])

    with a_server(settings) as server:
        told = [voter.submit(server) for voter in wreck.voters]

    left = told.count(Told.COUNTED_BEFORE)
    assert wreck.before < left < VOTERS
    assert told == [Told.COUNTED_BEFORE] * left + [Told.COUNTED] * (VOTERS - left)
    assert recovered(wreck, settings) == VOTERS


DAMAGED = "文件已损坏，请从备份恢复"
NO_DATABASE = "文件已损坏，或不是数据库，请从备份恢复"


def no_header(content: bytes) -> bytes:
    return b"\xff" * 100 + content[100:]


def another_kind_of_file(content: bytes) -> bytes:
    return b"%PDF-1.7\n" + content[9:]


def no_schema(content: bytes) -> bytes:
    return content[:100] + b"\xff" * 3996 + content[4096:]


def cut_after_a_few_pages(content: bytes) -> bytes:
    return content[: 3 * 4096]


REASONS = {
    no_header: NO_DATABASE,
    another_kind_of_file: NO_DATABASE,
    no_schema: DAMAGED,
    cut_after_a_few_pages: DAMAGED,
}


@pytest.mark.parametrize("damage", REASONS)
def test_a_damaged_file_is_named_and_neither_a_server_nor_a_command_changes_it(tmp_path, damage):
    settings = from_environment({"BALLOT_FOLDER": str(tmp_path / "var")})
    a_hall(settings)
    file = settings.folder / "ballot.db"
    damaged = damage(file.read_bytes())
    file.write_bytes(damaged)

    told = [refusal(environment(settings), *words) for words in (serve(), A_CYCLE)]

    assert told == [f"数据库打不开：{file}：{REASONS[damage]}"] * 2
    assert file.read_bytes() == damaged
