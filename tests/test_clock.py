"""The clock only goes forward, whatever happens to the machine's."""

from datetime import UTC, datetime, timedelta

from ballot.clock import SteadyClock
from ballot.services.start import steady_clock
from tests.builders import Place, a_place, an_open_poll

NOON = datetime(2023, 12, 28, 12, tzinfo=UTC)


class Machine:
    """A machine whose clock can be set, and whose counter cannot."""

    def __init__(self):
        self.wall_time, self.counter = NOON, 100.0

    def go(self, seconds):
        self.wall_time += timedelta(seconds=seconds)
        self.counter += seconds

    def clock(self, floor=None):
        return SteadyClock(floor, wall=lambda: self.wall_time, elapsed=lambda: self.counter)


def test_a_clock_set_back_while_running_goes_on_from_where_it_was():
    machine = Machine()
    clock = machine.clock()
    machine.go(60)

    machine.wall_time -= timedelta(hours=3)
    machine.go(30)

    assert clock() == NOON + timedelta(seconds=90)


def test_a_clock_set_forward_is_followed_and_corrected_again():
    machine = Machine()
    clock = machine.clock()

    machine.wall_time += timedelta(hours=1)
    assert clock() == NOON + timedelta(hours=1)
    machine.wall_time -= timedelta(hours=1)

    assert clock() == NOON


def test_a_start_after_the_clock_was_set_back_goes_on_from_the_latest_stored_time():
    machine = Machine()
    machine.wall_time -= timedelta(days=1)

    clock = machine.clock(floor=NOON)
    machine.go(5)

    assert clock() == NOON + timedelta(seconds=5)


def test_an_installation_goes_on_from_its_newest_event(sqlite_settings):
    future = datetime.now(UTC) + timedelta(days=1)
    with a_place(sqlite_settings) as place:
        assert abs(steady_clock(place.database)() - datetime.now(UTC)) < timedelta(minutes=1)
        later = Place(place.settings, place.database, place.keys)
        later.clock.now = future
        an_open_poll(later)

        assert steady_clock(place.database)() >= future
