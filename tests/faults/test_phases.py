"""Kills and restarts in every phase of a poll, and exactly between the steps of closing one."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass

import pytest

from ballot.domain.polls import Phase, Poll
from ballot.services import closing, polls, receipts, start
from ballot.settings import Settings
from tests.builders import (
    Place,
    a_cast,
    a_poll,
    an_open_poll,
    certify,
    close,
    open_poll,
    print_ballots,
)
from tests.faults.hall import LEVELS, WIDTH, Told, Voter, a_poll_of, beside, voters_of
from tests.live import ROOT, Server, a_server, environment, until
from tests.web.html_page import Page

VOTERS = 12
VOTED = 9
RESTARTS = 2

# Does the steps of closing one by one, as `closing.go_on` does; for each poll a process of its own
# does them, which dies at its moment.
CLOSE_AND_DIE = """
import os, signal, sys
from random import Random
from ballot.clock import now_utc
from ballot.services import closing, start
from ballot.settings import from_environment
from ballot.storage import votes

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

class Deadly(Random):
    shuffle = die

def close(moment, poll):
    database, keys = start.open_installation(from_environment(os.environ), now_utc())
    assert closing._close_if_due(database, poll, start.steady_clock(database)())
    if moment == "after the tally":
        die()
    closing._part(database, poll, Deadly() if moment == "in the shuffle" else Random(1))
    if moment == "after the shuffle":
        die()
    votes.scrub(database)
    die()

for told in sys.argv[1:]:
    poll, _, moment = told.partition(":")
    child = os.fork()
    if not child:
        close(moment, int(poll))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
"""
STEPS = {
    "after the tally": closing.TALLIED,
    "in the shuffle": closing.TALLIED,
    "after the shuffle": closing.PARTED,
    "after the scrub, before it is noted": closing.PARTED,
}


@dataclass
class Hall:
    """A poll of its own, and its voters: the first of them have voted."""

    poll: Poll
    voters: list[Voter]

    @property
    def voted(self) -> list[Voter]:
        return self.voters[:VOTED]

    @property
    def waiting(self) -> list[Voter]:
        return self.voters[VOTED:]


def a_village(place: Place, name: str) -> str:
    return a_poll_of(VOTERS).replace("2023年度党政领导评议", name)


def a_hall_that_voted(place: Place, name: str, grace: int = 0) -> Hall:
    object.__setattr__(place.settings, "grace_seconds", grace)
    poll, codes = an_open_poll(place, a_village(place, name))
    hall = Hall(poll, voters_of(codes))
    for voter in hall.voted:
        cast = a_cast(place, poll, voter.code, voter.choices, voter.form["nonce"])
        place.queue.cast(cast)
    return hall


def order(place: Place, hall: Hall) -> None:
    with place.database.write() as connection:
        closing.order(connection, hall.poll.id, scrutineer="张", by="t", now=place.clock())


def its_figures_are_those_of(place: Place, hall: Hall, voted: list[Voter]) -> None:
    results = place.results(hall.poll.id)
    results.account.check()
    assert results.account.total.returned == len(voted)
    (section,) = results.sections
    for slot in range(WIDTH):
        given = [voter.choices[slot] for voter in voted]
        levels = section.subjects[slot].converted.levels.values()
        assert [each["count"] for each in levels] == [given.count(n) for n in range(LEVELS)]
    with place.database.read() as connection:
        published = receipts.of_poll(connection, place.keys, hall.poll.id)
    mine = sorted(place.keys.receipt(place.keys.digest(voter.code)) for voter in voted)
    assert sorted(published.receipts) == mine


def step_of(settings: Settings, hall: Hall) -> int:
    with beside(settings) as place:
        return place.poll(hall.poll.id).closing_step


@pytest.mark.slow
def test_killed_between_the_closing_steps_the_next_server_finishes_with_the_same_counts(settings):
    halls: dict[str, Hall] = {}
    with beside(settings) as place:
        for moment in STEPS:
            halls[moment] = a_hall_that_voted(place, moment)
            order(place, halls[moment])

    subprocess.run(
        [
            sys.executable,
            "-c",
            CLOSE_AND_DIE,
            *[f"{hall.poll.id}:{moment}" for moment, hall in halls.items()],
        ],
        env=environment(settings),
        cwd=ROOT,
        timeout=120,
        check=True,
    )

    assert {moment: step_of(settings, hall) for moment, hall in halls.items()} == STEPS
    with a_server(settings):
        until(
            lambda: {step_of(settings, hall) for hall in halls.values()} == {closing.SCRUBBED},
            seconds=60,
            what="every closing is finished",
        )
    with beside(settings) as place:
        for hall in halls.values():
            its_figures_are_those_of(place, hall, hall.voted)
        start.verify_log(place.database)


@dataclass
class Town:
    """A poll in each phase that a server can be killed in."""

    draft: Hall
    open: Hall
    in_grace: Hall
    over: Hall
    closed: Hall
    certified: Hall
    annulled: Hall


def a_town(place: Place) -> Town:
    draft = a_poll(place, a_village(place, "准备中"))
    town = Town(
        draft=Hall(draft, voters_of(print_ballots(place, draft))),
        open=a_hall_that_voted(place, "投票中"),
        in_grace=a_hall_that_voted(place, "宽限期", grace=3600),
        over=a_hall_that_voted(place, "期满"),
        closed=a_hall_that_voted(place, "已结束"),
        certified=a_hall_that_voted(place, "已认定"),
        annulled=a_hall_that_voted(place, "已作废"),
    )
    for hall in (town.closed, town.certified, town.annulled):
        close(place, hall.poll)
    certify(place, town.certified.poll)
    with place.database.write() as connection:
        polls.annul(connection, town.annulled.poll.id, reason="大雪", by="t", now=place.clock())
    for hall in (town.in_grace, town.over):
        order(place, hall)
    return town


def what_its_voters_hear(server: Server, town: Town) -> dict[str, str]:
    """Open a slip of each poll that did not vote, and return the heading of its page."""
    headings = {}
    for name, hall in vars(town).items():
        page = server.ask("GET", f"/b/{hall.waiting[-1].code}")[1]
        headings[name] = Page(page).heading
    return headings


@pytest.mark.slow
def test_killed_and_started_again_in_every_phase_each_poll_goes_on_where_it_was(sqlite_settings):
    settings = sqlite_settings
    with beside(settings) as place:
        town = a_town(place)
        before = place.results(town.certified.poll.id)
    heard = []

    for waiting in range(RESTARTS):
        with a_server(settings) as server:
            for hall in (town.open, town.in_grace):
                assert hall.voted[0].submit(server) is Told.COUNTED_BEFORE
                assert hall.waiting[waiting].submit(server) is Told.COUNTED
            until(
                lambda: step_of(settings, town.over) >= closing.PARTED,
                seconds=60,
                what="the poll whose grace is over is counted",
            )
            heard.append(what_its_voters_hear(server, town))
            os.killpg(server.process.pid, signal.SIGKILL)

    ended = "投票已经结束"
    assert heard[0] == heard[1]
    assert {name: heading for name, heading in heard[0].items() if name != "open"} == {
        "draft": "投票还没有开始",
        "in_grace": ended,
        "over": ended,
        "closed": ended,
        "certified": ended,
        "annulled": "本次测评已作废",
    }
    with beside(settings) as place:
        phases = {name: place.poll(hall.poll.id).phase for name, hall in vars(town).items()}
        assert phases == {
            "draft": Phase.DRAFT,
            "open": Phase.OPEN,
            "in_grace": Phase.OPEN,
            "over": Phase.CLOSED,
            "closed": Phase.CLOSED,
            "certified": Phase.CERTIFIED,
            "annulled": Phase.ANNULLED,
        }
        for hall in (town.over, town.closed, town.certified):
            its_figures_are_those_of(place, hall, hall.voted)
        assert place.results(town.certified.poll.id) == before
        open_poll(place, town.draft.poll)
        place.clock.go(hours=2)
        close(place, town.open.poll)
        for hall in (town.open, town.in_grace):
            its_figures_are_those_of(place, hall, hall.voters[: VOTED + RESTARTS])
        start.verify_log(place.database)
