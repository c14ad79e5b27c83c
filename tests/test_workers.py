"""Several serving processes on one PostgreSQL count as one does; SQLite has one only."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from ballot.domain.polls import Poll
from ballot.settings import Settings, from_environment
from tests.live import Server, a_server, ballot, environment, until
from tests.test_server import a_served_poll, votes_counted

GOOD = 0


class Served(NamedTuple):
    settings: Settings
    server: Server
    codes: list[str]
    poll: Poll


@pytest.fixture
def several(postgresql_url: str, tmp_path: Path) -> Iterator[Served]:
    settings = from_environment(
        {"BALLOT_FOLDER": str(tmp_path), "BALLOT_DATABASE_URL": postgresql_url}
    )
    poll, codes = a_served_poll(settings)
    with a_server(settings, options=["--workers", "2"]) as server:
        until(lambda: len(server.serving_processes()) == 2, seconds=30, what="two processes")
        yield Served(settings, server, list(codes), poll)


@pytest.mark.slow
def test_a_code_sent_to_two_processes_at_once_counts_once_and_every_voter_counts(several: Served):
    settings, server, codes, poll = several
    forms = {code: [server.reviewed(code, GOOD) for _ in range(4)] for code in codes}
    sent = [
        (code, form) for turn in range(4) for code, form in ((c, forms[c][turn]) for c in codes)
    ]

    with ThreadPoolExecutor(16) as phones:
        answers = list(phones.map(lambda each: server.cast(*each), sent))

    counted = Counter(code for (code, _), answer in zip(sent, answers, strict=True) if answer)
    assert counted == Counter(codes)  # each once: the other three had nonces of their own
    assert votes_counted(settings, poll) == len(codes)


@pytest.mark.slow
def test_a_process_that_dies_is_replaced_and_no_acknowledged_vote_is_lost(several: Served):
    settings, server, codes, poll = several
    before = server.serving_processes()

    assert server.vote(codes[0], GOOD)
    os.kill(min(before), signal.SIGKILL)
    until(
        lambda: len(server.serving_processes()) == 2 and server.serving_processes() != before,
        seconds=30,
        what="a new process",
    )

    assert [server.vote(code, GOOD) for code in codes[1:]] == [True] * (len(codes) - 1)
    assert votes_counted(settings, poll) == len(codes)


def test_on_sqlite_a_second_process_is_refused_in_words(sqlite_settings: Settings):
    done = ballot(environment(sqlite_settings), "serve", "--workers", "2")

    assert done.returncode == 1
    assert "--workers" in done.stderr
    assert "PostgreSQL" in done.stderr
    assert not done.stdout
