"""A disk that fills up in the middle of a commit which several voters share."""

import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from ballot.domain.polls import Poll
from ballot.settings import Settings, from_environment
from tests.faults.commands import A_CYCLE, refusal
from tests.faults.hall import (
    Told,
    Voter,
    a_hall,
    beside,
    fill_in_all,
    nobody_was_told_what_is_not_true,
    votes_on_their_way,
)
from tests.live import Server, a_server

pytestmark = pytest.mark.slow

PAGE = 4096
FRAME = PAGE + 24  # what a changed page takes in the write-ahead log
VOTERS = 24
SPREAD = 2000  # ballots, so that the pages of the voters' ballots are mostly different ones


def log_of(settings: Settings) -> Path:
    return settings.folder / "ballot.db-wal"


@contextmanager
def a_quota(server: Server, settings: Settings, frames: int) -> Iterator[None]:
    """Let the serving process write so many frames more, as a limit of the system would.

    Writing beyond it fails with EFBIG: SQLite calls that an I/O error.
    """
    most = log_of(settings).stat().st_size + frames * FRAME
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in server.processes()}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@contextmanager
def a_full_disk(_: Server, settings: Settings, frames: int) -> Iterator[None]:
    """Fill the disk that the folder is on, but for so many frames."""
    filler = settings.folder / "filler"
    with filler.open("wb", buffering=0) as file:
        size = 0
        while True:
            try:
                size += file.write(bytes(PAGE))
            except OSError:
                break
        file.truncate(max(0, size - (frames + 1) * PAGE))
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def a_small_disk(folder: Path) -> Iterator[None]:
    """Put a disk of a few megabytes where the folder is."""
    folder.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m,mode=0700", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def may_mount() -> bool:
    """Tell whether this process may have a disk of its own; tried where nobody else sees it."""
    if os.geteuid() != 0:
        return False
    trial = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


def waiting_for_one_commit(server: Server, settings: Settings, voters: list[Voter], fault) -> None:
    """Let all voters submit while another writer has the turn; then the fault; then their commit.

    The first to arrive is a group of one, all others are the next group.
    """
    with ExitStack() as until_all_are_answered, votes_on_their_way(settings, server, voters):
        until_all_are_answered.enter_context(fault)


def everybody_gets_a_true_answer(
    settings: Settings, poll: Poll, voters: list[Voter], server: Server, fault
) -> list[Told]:
    """Check what is told in the fault and after it, and return what was told in it."""
    fill_in_all(server, voters)
    (serving,) = server.serving_processes()
    with beside(settings) as place:
        waiting_for_one_commit(server, settings, voters, fault)
        told = [voter.told for voter in voters]
        counted = nobody_was_told_what_is_not_true(place, poll, voters)
        assert set(told) <= {Told.COUNTED, Told.UNCERTAIN}
        assert server.answers()

        for voter in voters:
            expected = Told.COUNTED_BEFORE if voter in counted else Told.COUNTED
            assert voter.submit(server) is expected, voter.page
        assert len(nobody_was_told_what_is_not_true(place, poll, voters)) == len(voters)
    assert server.serving_processes() == {serving}, "the server lived on"
    assert "Traceback" not in server.output
    return told


@pytest.mark.parametrize("frames", [0, 12], ids=["nothing fits", "a few votes fit"])
def test_over_its_quota_in_a_shared_commit_everybody_gets_a_true_answer(sqlite_settings, frames):
    poll, voters = a_hall(sqlite_settings, SPREAD)
    with a_server(sqlite_settings) as server:
        fault = a_quota(server, sqlite_settings, frames)

        told = everybody_gets_a_true_answer(sqlite_settings, poll, voters[:VOTERS], server, fault)

    assert Told.UNCERTAIN in told
    assert (Told.COUNTED in told) == bool(frames)


@pytest.mark.parametrize("disk", ["a disk of its own"] if may_mount() else [])
def test_on_a_full_disk_everybody_gets_a_true_answer_and_a_command_says_why(tmp_path, disk):
    settings = from_environment({"BALLOT_FOLDER": str(tmp_path / "var")})
    with a_small_disk(settings.folder):
        poll, voters = a_hall(settings, SPREAD)
        with a_server(settings) as server:
            told = everybody_gets_a_true_answer(
                settings, poll, voters[:VOTERS], server, a_full_disk(server, settings, 12)
            )
            with a_full_disk(server, settings, 0):
                refused = refusal(server.environ, *A_CYCLE)
            (more,) = voters[VOTERS : VOTERS + 1]
            assert more.fill_in(server)
            assert more.submit(server) is Told.COUNTED

    assert {Told.COUNTED, Told.UNCERTAIN} == set(told)
    assert refused == "数据库暂时不能使用：磁盘已满，或超出了限额"
