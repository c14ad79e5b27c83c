"""Ballots looked up together are those looked up alone."""

from queue import SimpleQueue

from sqlalchemy.exc import DBAPIError

from ballot.domain.keys import Digest
from ballot.domain.polls import Phase
from ballot.services import voting
from ballot.services.lookups import Lookups, look_up
from ballot.services.voting import Admission, UnknownBallotError
from ballot.storage.tables import State
from tests.builders import Place, an_open_poll, cast, close


def told(lookups: Lookups, digests: list[Digest]) -> list[Admission | Exception]:
    """Ask for all at once and return what each was told, in order."""
    answers: list[SimpleQueue[Admission | Exception]] = [SimpleQueue() for _ in digests]
    for digest, answer in zip(digests, answers, strict=True):
        lookups.submit(digest, answer.put)
    return [answer.get(timeout=20) for answer in answers]


def test_each_is_told_of_its_own_ballot(place: Place):
    _, codes = an_open_poll(place)
    _, others = an_open_poll(place)
    digests = [place.keys.digest(code) for code in (*codes, *others, *codes[:2])]

    answers = told(Lookups(place.database), digests)

    assert answers == [voting.of_digest(place.database, digest) for digest in digests]


def test_who_asks_for_no_ballot_is_told_so_and_the_others_get_theirs(place: Place):
    _, codes = an_open_poll(place)
    known, unknown = place.keys.digest(codes[0]), Digest(bytes(32))

    answers = told(Lookups(place.database), [unknown, known, unknown])

    assert isinstance(answers[0], UnknownBallotError)
    assert isinstance(answers[2], UnknownBallotError)
    assert answers[1] == voting.of_digest(place.database, known)


def test_everyone_is_told_of_a_database_that_refuses(place: Place):
    lookups = Lookups(place.database)
    with place.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE ballots RENAME TO elsewhere")

    answers = told(lookups, [Digest(bytes(32))] * 3)

    assert all(isinstance(answer, DBAPIError) for answer in answers)


def test_what_is_read_together_is_the_state_of_that_moment(place: Place):
    poll, codes = an_open_poll(place)
    digests = [place.keys.digest(code) for code in codes]
    before = look_up(place.database, digests)
    cast(place, poll, codes[1], 1)
    after = look_up(place.database, digests)
    close(place, poll)
    closed = look_up(place.database, digests)

    assert [answer.state for answer in before] == [State.UNUSED] * len(codes)
    assert [answer.state for answer in after[:3]] == [State.UNUSED, State.CAST, State.UNUSED]
    assert {answer.poll.phase for answer in before + after} == {Phase.OPEN}
    assert {answer.poll.phase for answer in closed} == {Phase.CLOSED}
    assert closed == [voting.of_digest(place.database, digest) for digest in digests]
