"""The machine's clock is set back or forward, while an installation runs and between two starts.

Nothing here changes the clock of the machine that runs the tests. Within a process the tests give
the product's own clock (`SteadyClock`) a wall clock that can be set. For real servers they prepare
an installation whose events lie a day ahead of the machine (as after a clock that was set back) or
a day behind it (as after one that was set forward): all that a server can know of the past.
"""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from ballot.clock import SteadyClock
from ballot.domain.casting import Outcome
from ballot.domain.polls import Phase
from ballot.services import closing, start
from ballot.services.casting import CastingQueue
from ballot.storage import events
from tests.builders import NOW, Place, a_poll, an_open_poll, cast, open_poll, print_ballots
from tests.live import a_server, until

pytestmark = pytest.mark.slow

GOOD = 0
DAY = timedelta(days=1)


class Machine:
    """A machine whose wall clock can be set, and whose counter only goes forward."""

    def __init__(self) -> None:
        self.wall, self.counter = NOW, 0.0

    def go(self, **how_long: float) -> None:
        passed = timedelta(**how_long)
        self.wall += passed
        self.counter += passed.total_seconds()

    def clock(self) -> SteadyClock:
        return SteadyClock(wall=lambda: self.wall, elapsed=lambda: self.counter)


def times_in_the_log(place: Place) -> list[datetime]:
    with place.database.read() as connection:
        return [event.at for event in events.every(connection)]


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def timed(place, machine) -> Place:
    """Give an installation whose queue and closing live by the machine's clock."""
    place.clock = machine.clock()
    place.queue = CastingQueue(place.database, place.clock)
    return place


def a_poll_ending(place: Place, ends: datetime) -> tuple:
    poll = a_poll(place)
    codes = print_ballots(place, poll)
    open_poll(place, poll, closes_at=ends)
    return place.poll(poll.id), codes


def test_a_clock_set_back_after_the_end_takes_no_further_vote_and_the_poll_closes(timed, machine):
    poll, codes = a_poll_ending(timed, NOW + timedelta(hours=1))
    assert cast(timed, poll, codes[0], GOOD) is Outcome.COUNTED
    machine.go(hours=1, seconds=1)

    machine.wall -= timedelta(hours=3)

    assert cast(timed, poll, codes[1], GOOD) is Outcome.CLOSED
    assert not poll.shows_ballot(timed.clock())
    closing.go_on(timed.database, timed.clock(), Random(1))
    assert timed.poll(poll.id).phase is Phase.CLOSED
    assert timed.results(poll.id).account.total.returned == 1


def test_a_clock_set_back_while_voting_neither_loses_a_vote_nor_moves_the_end(timed, machine):
    poll, codes = a_poll_ending(timed, NOW + timedelta(hours=1))
    machine.go(minutes=30)

    machine.wall -= timedelta(hours=3)

    assert cast(timed, poll, codes[0], GOOD) is Outcome.COUNTED
    machine.go(minutes=29)
    assert cast(timed, poll, codes[1], GOOD) is Outcome.COUNTED
    machine.go(minutes=2)
    assert cast(timed, poll, codes[2], GOOD) is Outcome.CLOSED
    closing.go_on(timed.database, timed.clock(), Random(1))
    assert timed.results(poll.id).account.total.returned == 2
    assert times_in_the_log(timed) == sorted(times_in_the_log(timed))


def test_a_clock_set_forward_past_the_end_closes_the_poll_and_setting_it_right_reopens_nothing(
    timed, machine
):
    """It is believed: nobody can tell it from a machine that slept. No vote is lost by it."""
    poll, codes = a_poll_ending(timed, NOW + timedelta(hours=1))
    assert cast(timed, poll, codes[0], GOOD) is Outcome.COUNTED

    machine.wall += DAY
    closing.go_on(timed.database, timed.clock(), Random(1))
    machine.wall -= DAY

    assert timed.poll(poll.id).phase is Phase.CLOSED
    assert cast(timed, poll, codes[1], GOOD) is Outcome.CLOSED
    assert timed.results(poll.id).account.total.returned == 1
    start.verify_log(timed.database)


def test_a_server_started_on_a_clock_set_back_by_a_day_goes_on_from_the_latest_event(
    sqlite_place,
):
    """The poll ends three seconds after that event, not in a day and three seconds."""
    sqlite_place.clock.now = datetime.now(UTC) + DAY
    poll, codes = a_poll_ending(sqlite_place, sqlite_place.clock.now + timedelta(seconds=3))
    cast(sqlite_place, poll, codes[0], GOOD)

    with a_server(sqlite_place.settings):
        until(
            lambda: sqlite_place.poll(poll.id).phase is Phase.CLOSED,
            seconds=60,
            what="the poll closes by the clock",
        )

    assert sqlite_place.results(poll.id).account.total.returned == 1
    assert times_in_the_log(sqlite_place) == sorted(times_in_the_log(sqlite_place))


def test_a_server_started_on_a_clock_set_forward_by_a_day_closes_what_ended_and_serves_the_rest(
    sqlite_place,
):
    sqlite_place.clock.now = datetime.now(UTC) - DAY
    ended, codes = a_poll_ending(sqlite_place, sqlite_place.clock.now + timedelta(hours=1))
    cast(sqlite_place, ended, codes[0], GOOD)
    going_on, slips = an_open_poll(sqlite_place)
    assert cast(sqlite_place, going_on, slips[0], GOOD) is Outcome.COUNTED

    with a_server(sqlite_place.settings) as server:
        until(
            lambda: sqlite_place.poll(ended.id).phase is Phase.CLOSED,
            seconds=60,
            what="the poll that ended meanwhile closes",
        )
        assert server.vote(slips[1], GOOD)

    assert sqlite_place.results(ended.id).account.total.returned == 1
    assert sqlite_place.poll(going_on.id).phase is Phase.OPEN
