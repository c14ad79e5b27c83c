"""Ballots that the event loop asks for: each gets its own, many with one statement."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from ballot.domain.keys import Digest
from ballot.services import voting
from ballot.services.lookups import Lookups
from ballot.services.voting import UnknownBallotError
from ballot.web import finding
from ballot.web.finding import Finding, InLoop, InThread
from ballot.web.mailbox import Mailbox
from tests.builders import Place, an_open_poll


def found(way: Finding, digests: list[Digest], given_up: int = -1) -> list[object]:
    """Ask for all in one turn of a loop; one of them may be given up by who asked."""

    async def ask() -> list[object]:
        mailbox = Mailbox(asyncio.get_running_loop(), patience=20)
        awaited = [way.find(digest, mailbox) for digest in digests]
        if given_up >= 0:
            awaited.pop(given_up).cancel()
        return [await each for each in awaited]

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, ask()).result()


@pytest.fixture(params=["in the loop", "in a thread"])
def way(request: pytest.FixtureRequest, place: Place) -> Finding:
    if request.param == "in the loop":
        return InLoop(place.database)
    return InThread(Lookups(place.database))


def test_each_gets_its_own_ballot_or_hears_that_there_is_none(place, way):
    _, codes = an_open_poll(place)
    digests = [place.keys.digest(code) for code in codes]

    answers = found(way, [*digests, Digest(bytes(32)), digests[0]])

    expected = [voting.of_digest(place.database, digest) for digest in digests]
    assert answers[: len(digests)] == expected
    assert isinstance(answers[-2], UnknownBallotError)
    assert answers[-1] == expected[0]


def test_who_was_given_up_keeps_nobody_from_an_answer(place, way):
    _, codes = an_open_poll(place)
    digests = [place.keys.digest(code) for code in codes[:3]]

    answers = found(way, digests, given_up=0)

    assert answers == [voting.of_digest(place.database, digest) for digest in digests[1:]]


def test_one_turn_of_the_loop_asks_the_database_once(place, monkeypatch):
    _, codes = an_open_poll(place)
    digests = [place.keys.digest(code) for code in codes]
    asked: list[int] = []
    look_up = finding.look_up

    def counting(database, together):
        asked.append(len(together))
        return look_up(database, together)

    monkeypatch.setattr(finding, "look_up", counting)

    found(InLoop(place.database), digests)

    assert asked == [len(digests)]
