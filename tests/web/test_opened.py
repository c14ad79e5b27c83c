"""What opening a ballot found serves its review and its cast, and never tells an old state."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ballot.domain.polls import Phase
from ballot.services import polls, voting
from ballot.web.opened import FRESH_SECONDS, KEPT_SECONDS, Opened
from tests.builders import NOW, a_place, an_open_poll, close
from tests.live import a_server


class Watch:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def ballots(sqlite_place):
    """Give what the database tells of three ballots of one open poll."""
    _, codes = an_open_poll(sqlite_place)
    return [voting.find(sqlite_place.database, sqlite_place.keys, code) for code in codes[:3]]


def test_a_ballot_that_was_opened_is_known_while_its_poll_was_read_within_a_second(watch, ballots):
    opened = Opened(watch)
    opened.read(ballots[0])
    opened.opened(ballots[0])
    assert opened.known(ballots[0].digest) == ballots[0]
    assert opened.known(ballots[1].digest) is None
    watch.seconds += FRESH_SECONDS
    assert opened.known(ballots[0].digest) is None
    opened.read(ballots[1])
    assert opened.known(ballots[0].digest) == ballots[0]


def test_a_ballot_that_is_known_comes_with_its_polls_latest_state(watch, ballots):
    opened = Opened(watch)
    opened.opened(ballots[0])
    closed = replace(ballots[1].poll, phase=Phase.CLOSED)
    opened.read(ballots[1]._replace(poll=closed))
    known = opened.known(ballots[0].digest)
    assert known is not None
    assert known.poll.phase is Phase.CLOSED
    with pytest.raises(voting.VotingEndedError):
        known.require(known.poll.takes_votes(NOW))


def test_a_ballot_that_was_sent_in_or_opened_long_ago_is_asked_for_again(watch, ballots):
    opened = Opened(watch)
    for ballot in ballots[:2]:
        opened.opened(ballot)
    opened.over(ballots[0].digest)
    opened.read(ballots[2])
    assert opened.known(ballots[0].digest) is None
    assert opened.known(ballots[1].digest) == ballots[1]
    watch.seconds += KEPT_SECONDS
    opened.read(ballots[2])
    assert opened.known(ballots[1].digest) is None


def test_what_happens_to_a_ballot_after_it_was_opened_is_told_when_it_is_cast(sqlite_settings):
    with a_place(sqlite_settings) as place, a_server(sqlite_settings) as server:
        place.clock.now = datetime.now(UTC)
        poll, (damaged, used, late, *_) = an_open_poll(place)
        vote = server.reviewed(damaged, 1)
        with place.database.write() as connection:
            polls.void_ballot(
                connection, place.keys, poll.id, damaged, by="test", now=place.clock()
            )
        assert "已登记作废" in server.ask("POST", f"/b/{damaged}", vote)[1]

        first, second = server.reviewed(used, 0), server.reviewed(used, 3)
        assert server.cast(used, first)
        assert "以第一次提交为准" in server.ask("POST", f"/b/{used}", second)[1]
        again = {**first, "step": "review"}
        assert "以第一次提交为准" in server.ask("POST", f"/b/{used}", again)[1]

        vote = server.reviewed(late, 2)
        close(place, poll)
        assert "投票已经结束" in server.ask("POST", f"/b/{late}", vote)[1]
        assert place.results(poll.id).account.total.returned == 1
