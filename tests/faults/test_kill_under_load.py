"""`kill -9` of the whole server under load, fifty times, at moments that nobody chose."""

import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from ballot.domain.polls import Phase, Poll
from ballot.services import receipts
from ballot.settings import Settings
from tests.builders import Place
from tests.faults.hall import (
    LEVELS,
    PHONES,
    WIDTH,
    Told,
    Voter,
    a_hall,
    all_at_once,
    beside,
    nobody_was_told_what_is_not_true,
)
from tests.live import Server, a_server, answer_of, until

KILLS = {"sqlite": 40, "postgresql": 10}
VOTERS_EACH_TIME = 60
MOST_PAUSE_SECONDS = 0.01
CERTAIN = {Told.COUNTED, Told.COUNTED_BEFORE}


def kill_under_load(server: Server, voters: list[Voter], dice: random.Random) -> list[Voter]:
    """Let voters vote from opening to submitting until the kill; return those who submitted.

    The kill comes a few milliseconds after a submit that the dice choose, so most often in the
    middle of some: of a request, a commit, an answer.
    """
    last, pause = dice.randrange(1, VOTERS_EACH_TIME // 2), dice.uniform(0, MOST_PAUSE_SECONDS)
    waiting, submitted = iter(voters), list[Voter]()
    taking, now = threading.Lock(), threading.Event()

    def phone(_: int) -> None:
        while True:
            with taking:
                voter = next(waiting, None)
            if voter is None or not voter.fill_in(server):
                return
            submitted.append(voter)
            if len(submitted) == last:
                now.set()
            if voter.submit(server) is Told.NOTHING:
                return

    with ThreadPoolExecutor(PHONES) as hall:
        answers = [hall.submit(phone, number) for number in range(PHONES)]
        assert now.wait(60)
        time.sleep(pause)
        os.killpg(server.process.pid, signal.SIGKILL)
        for answer in answers:
            answer.result(30)
    return submitted


def nothing_else_is_connected(place: Place) -> bool:
    """Tell whether PostgreSQL has ended what the killed server left to it."""
    with place.database.read() as connection:
        return not connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
        ).scalar_one()


def what_is_on_disk(settings: Settings, poll: Poll, voters: list[Voter]) -> set[str]:
    """Return the codes that count, after checking every answer against them."""
    with beside(settings) as place:
        if place.database.on_sqlite:
            with place.database.read() as connection:
                assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        else:
            until(
                lambda: nothing_else_is_connected(place),
                seconds=20,
                what="PostgreSQL notices that the server is gone",
            )
        counted = nobody_was_told_what_is_not_true(place, poll, voters)
        return {voter.code for voter in counted}


def submit_again(server: Server, unsure: list[Voter], counted: set[str]) -> None:
    """Whose answer was lost sends the same form again; somebody else's phone spends nothing."""
    for voter in unsure:
        if voter.code in counted:
            assert voter.submit_anew(server) is Told.USED
    all_at_once(PHONES, server, unsure)
    for voter in unsure:
        expected = Told.COUNTED_BEFORE if voter.code in counted else Told.COUNTED
        assert voter.told is expected, voter.page


def the_account_balances(
    settings: Settings, server: Server, poll: Poll, voted: list[Voter]
) -> None:
    """Close the poll as a person does; tally, account and receipts are those of the votes."""
    answer_of(server.environ, "poll", "close", str(poll.id))
    with beside(settings) as place:
        assert place.poll(poll.id).phase is Phase.CLOSED
        results = place.results(poll.id)
        results.account.check()
        assert results.account.total.returned == len(voted)
        assert results.account.total.voided == 0
        (section,) = results.sections
        for slot in range(WIDTH):
            given = [voter.choices[slot] for voter in voted]
            levels = section.subjects[slot].converted.levels.values()
            assert [each["count"] for each in levels] == [
                given.count(level) for level in range(LEVELS)
            ]
        with place.database.read() as connection:
            published = receipts.of_poll(connection, place.keys, poll.id)
        assert published.returned == len(voted)
        assert sorted(published.receipts) == sorted(voter.receipt for voter in voted)


@pytest.mark.slow
def test_killed_fifty_times_under_load_it_keeps_every_acknowledged_vote_and_half_spends_none(
    settings,
):
    """40 times on SQLite, 10 times on PostgreSQL; each start is on what the kill before left."""
    kills = KILLS["sqlite" if settings.on_sqlite else "postgresql"]
    seed = int(os.environ.get("BALLOT_TEST_SEED") or random.randrange(10**9))
    print(f"BALLOT_TEST_SEED={seed}")
    dice = random.Random(seed)
    poll, everyone = a_hall(settings, kills * VOTERS_EACH_TIME)
    voted: list[Voter] = []
    unsure: list[Voter] = []
    hit_on_their_way = 0

    counted: set[str] = set()
    for kill in range(kills):
        some = everyone[kill * VOTERS_EACH_TIME :][:VOTERS_EACH_TIME]
        with a_server(settings) as server:
            submit_again(server, unsure, counted)
            voted += kill_under_load(server, some, dice)
        counted = what_is_on_disk(settings, poll, voted)
        unsure = [voter for voter in voted if voter.told not in CERTAIN]
        hit_on_their_way += len(unsure)

    print(f"{hit_on_their_way} of {len(voted)} were hit on their way")
    assert hit_on_their_way > kills // 5, "the kills must hit votes on their way"
    with a_server(settings) as server:
        submit_again(server, unsure, counted)
        the_account_balances(settings, server, poll, voted)
