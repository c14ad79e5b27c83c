"""One vote each, decided by the database, on SQLite and PostgreSQL."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest
from sqlalchemy import text

from ballot.domain.casting import Outcome
from ballot.domain.keys import new_nonce
from ballot.domain.polls import Phase
from ballot.services import closing, polls
from ballot.services.casting import CastingQueue
from ballot.storage import votes
from ballot.storage.casting import cast_all
from tests.builders import (
    ONE_GROUP_POLL,
    Place,
    a_cast,
    an_open_poll,
    cast,
    close,
    open_poll,
    print_ballots,
)

GOOD, FAIR, POOR, BAD = range(4)


def number_of_votes(place: Place, poll) -> int:
    with place.database.read() as connection:
        return votes.number(connection, poll.id)


def test_64_phones_with_one_code_at_the_same_moment_make_one_vote(place):
    poll, codes = an_open_poll(place)
    casts = [a_cast(place, poll, codes[0], bytes([GOOD])) for _ in range(64)]

    with ThreadPoolExecutor(64) as phones:
        outcomes = Counter(phones.map(place.queue.cast, casts))

    assert outcomes == {Outcome.COUNTED: 1, Outcome.USED: 63}
    assert number_of_votes(place, poll) == 1


def test_one_code_in_several_server_processes_at_once_makes_one_vote(place):
    """Each queue stands for a process of its own: only the database can decide between them."""
    poll, codes = an_open_poll(place)
    queues = [CastingQueue(place.database, place.clock) for _ in range(8)]
    casts = [a_cast(place, poll, codes[0], bytes([GOOD])) for _ in range(8)]

    with ThreadPoolExecutor(8) as processes:
        outcomes = Counter(
            processes.map(lambda pair: pair[0].cast(pair[1]), zip(queues, casts, strict=True))
        )

    assert outcomes == {Outcome.COUNTED: 1, Outcome.USED: 7}
    assert number_of_votes(place, poll) == 1


def test_500_codes_on_32_phones_make_500_votes(place):
    poll, codes = an_open_poll(place, count=500)
    casts = [a_cast(place, poll, code, bytes([GOOD])) for code in codes]

    with ThreadPoolExecutor(32) as phones:
        outcomes = Counter(phones.map(place.queue.cast, casts))

    assert outcomes == {Outcome.COUNTED: 500}
    assert number_of_votes(place, poll) == 500


def test_what_was_acknowledged_while_the_poll_closes_is_exactly_what_is_tallied(place):
    poll, codes = an_open_poll(place, count=400)
    casts = [a_cast(place, poll, code, bytes([GOOD])) for code in codes]
    begun = threading.Event()

    def send(item):
        number, vote = item
        if number == 100:
            begun.set()
        return place.queue.cast(vote)

    def close_in_the_middle():
        begun.wait(30)
        with place.database.write() as connection:
            closing.order(connection, poll.id, scrutineer="张", by="t", now=place.clock())
        place.clock.go(seconds=1)
        closing.go_on(place.database, place.clock(), Random(1))

    with ThreadPoolExecutor(33) as threads:
        closer = threads.submit(close_in_the_middle)
        outcomes = Counter(threads.map(send, enumerate(casts)))
        closer.result(60)

    (section,) = place.results(poll.id).sections
    assert section.subjects[0].converted.valid == outcomes[Outcome.COUNTED]
    assert set(outcomes) <= {Outcome.COUNTED, Outcome.CLOSED}
    assert outcomes.total() == 400
    assert place.results(poll.id).account.total.returned == outcomes[Outcome.COUNTED]


def test_two_groups_of_casts_in_opposite_order_never_wait_for_each_other(place):
    poll, codes = an_open_poll(place, count=200)
    there = [a_cast(place, poll, code, bytes([GOOD])) for code in codes]
    back = [a_cast(place, poll, code, bytes([BAD])) for code in reversed(codes)]

    def cast_group(group):
        with place.database.write() as connection:
            return list(cast_all(connection, group, place.clock()).values())

    with ThreadPoolExecutor(2) as processes:
        for _ in range(3):
            one, other = processes.map(cast_group, [there, back])
            assert {*one, *other} <= {Outcome.COUNTED, Outcome.COUNTED_BEFORE, Outcome.USED}

    assert number_of_votes(place, poll) == 200


def test_after_a_lost_reply_the_same_nonce_hears_that_it_counts_and_another_that_it_is_used(place):
    poll, codes = an_open_poll(place)
    nonce = new_nonce()

    first = cast(place, poll, codes[0], GOOD, nonce=nonce)
    again = cast(place, poll, codes[0], GOOD, nonce=nonce)
    changed = cast(place, poll, codes[0], BAD, nonce=nonce)
    other = cast(place, poll, codes[0], BAD, nonce=new_nonce())

    assert [first, again, changed, other] == [
        Outcome.COUNTED,
        Outcome.COUNTED_BEFORE,
        Outcome.COUNTED_BEFORE,
        Outcome.USED,
    ]
    close(place, poll)
    (section,) = place.results(poll.id).sections
    assert section.subjects[0].converted.levels["好"]["count"] == 1


def test_a_voided_ballot_a_ballot_of_a_draft_and_an_unknown_one_cannot_be_cast(place):
    poll, codes = an_open_poll(place)
    with place.database.write() as connection:
        polls.void_ballot(connection, place.keys, poll.id, codes[0], by="t", now=place.clock())

    assert cast(place, poll, codes[0], GOOD) is Outcome.VOIDED

    with pytest.raises(polls.NotVoidableError), place.database.write() as connection:
        polls.void_ballot(connection, place.keys, poll.id, codes[0], by="t", now=place.clock())
    cast(place, poll, codes[1], GOOD)
    with pytest.raises(polls.NotVoidableError), place.database.write() as connection:
        polls.void_ballot(connection, place.keys, poll.id, codes[1], by="t", now=place.clock())


def test_one_bad_cast_does_not_spoil_those_that_share_its_commit(place):
    """The bad one breaks a rule of the database itself, as a bug would."""
    poll, codes = an_open_poll(place)
    good = [a_cast(place, poll, code, bytes([GOOD])) for code in codes[:5]]
    bad = a_cast(place, poll, codes[5], bytes([GOOD]))
    bad = bad._replace(vote=bad.vote._replace(choices=None))
    waiting = threading.Barrier(6)

    def send(vote):
        waiting.wait(10)
        try:
            return place.queue.cast(vote)
        except Exception as error:
            return type(error).__name__

    with ThreadPoolExecutor(6) as phones:
        outcomes = list(phones.map(send, [*good, bad]))

    assert outcomes == [Outcome.COUNTED] * 5 + ["UncertainError"]
    assert number_of_votes(place, poll) == 5
    assert cast(place, poll, codes[5], GOOD) is Outcome.COUNTED


def test_a_vote_on_its_way_is_taken_in_the_grace_and_not_after_it(place):
    object.__setattr__(place.settings, "grace_seconds", 90)
    poll, codes = an_open_poll(place)
    with place.database.write() as connection:
        closing.order(connection, poll.id, scrutineer="张", by="t", now=place.clock())

    place.clock.go(seconds=89)
    closing.go_on(place.database, place.clock(), Random(1))
    within = cast(place, poll, codes[0], GOOD)
    place.clock.go(seconds=1)
    after = cast(place, poll, codes[1], GOOD)

    assert (within, after) == (Outcome.COUNTED, Outcome.CLOSED)
    assert place.poll(poll.id).phase is Phase.OPEN


def test_a_batch_added_to_an_open_poll_votes_and_earlier_slips_stay_valid(place):
    poll, codes = an_open_poll(place, count=5)

    added = print_ballots(place, poll, count=5)

    assert {cast(place, poll, code, GOOD) for code in (*codes, *added)} == {Outcome.COUNTED}


def test_casting_waits_for_whoever_holds_the_poll_and_then_counts(place):
    poll, codes = an_open_poll(place)
    answered: list[Outcome] = []
    voter = threading.Thread(target=lambda: answered.append(cast(place, poll, codes[0], GOOD)))

    with place.database.write() as connection:
        from ballot.storage import polls as stored

        stored.get(connection, poll.id, hold=True)
        voter.start()
        time.sleep(0.3)
        assert answered == []
    voter.join(10)

    assert answered == [Outcome.COUNTED]


def test_several_open_polls_share_one_queue(place):
    first, first_codes = an_open_poll(place, count=20)
    second_text = ONE_GROUP_POLL.replace("白马村2023年度村述村评", "青龙村2023年度村述村评")
    second, second_codes = an_open_poll(place, second_text, count=20)
    casts = [a_cast(place, first, code, bytes([GOOD])) for code in first_codes]
    casts += [a_cast(place, second, code, bytes([BAD])) for code in second_codes]
    Random(3).shuffle(casts)

    with ThreadPoolExecutor(16) as phones:
        assert set(phones.map(place.queue.cast, casts)) == {Outcome.COUNTED}

    assert (number_of_votes(place, first), number_of_votes(place, second)) == (20, 20)


def test_an_unopened_poll_counts_nothing(place):
    from tests.builders import a_poll

    poll = a_poll(place)
    codes = print_ballots(place, poll)

    assert cast(place, poll, codes[0], GOOD) is Outcome.CLOSED
    open_poll(place, poll)
    assert cast(place, poll, codes[0], GOOD) is Outcome.COUNTED


def test_the_database_itself_knows_no_time_sequence_or_ballot_beside_a_vote(place):
    with place.database.read() as connection:
        columns = connection.execute(text("SELECT * FROM votes")).keys()

    assert set(columns) == {"poll_id", "id", "group_index", "valid", "choices"}


def test_slips_of_one_commit_are_marked_in_an_order_of_their_own(sqlite_place):
    """Else the first slip marked and the first vote kept would belong together."""
    poll, codes = an_open_poll(sqlite_place)
    casts = [a_cast(sqlite_place, poll, code, bytes([GOOD])) for code in codes[:8]]
    casts.sort(key=lambda cast: cast.digest, reverse=True)  # as they came
    with sqlite_place.database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE marked (n INTEGER PRIMARY KEY, digest BLOB)")
        connection.exec_driver_sql(
            "CREATE TRIGGER marking AFTER UPDATE ON ballots BEGIN "
            "INSERT INTO marked (digest) VALUES (new.digest); END"
        )

    with sqlite_place.database.write_quickly() as connection:
        cast_all(connection, casts, sqlite_place.clock())

    with sqlite_place.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT digest FROM marked ORDER BY n").all()
    assert [digest for (digest,) in rows] == sorted(cast.digest for cast in casts)
