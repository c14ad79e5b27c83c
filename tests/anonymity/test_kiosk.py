"""Assisted votes (代填): a number is kept of them, and nothing that says which votes they are."""

import struct
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ballot.domain.casting import Outcome
from ballot.domain.polls import Poll
from ballot.services import kiosks, voting
from ballot.services.casting import UncertainError
from ballot.services.voting import BallotUsedError
from ballot.storage import events
from ballot.storage.tables import metadata
from tests.anonymity import attacker
from tests.builders import Place, a_cast, an_open_poll, cast, close

GOOD, FAIR = 0, 1
NORMAL = 1  # a line pointer in use: LP_NORMAL of PostgreSQL's itemid.h


def open_kiosk(place: Place, poll: Poll) -> None:
    with place.database.write() as connection:
        kiosks.open_kiosk(connection, poll.id, by="test", now=place.clock())


def assist(place: Place, poll: Poll, code: str, level: int, nonce: str = "") -> bool:
    """Cast at the kiosk; tell whether the vote counts."""
    vote = a_cast(place, poll, code, bytes([level]), nonce)
    admission = voting.find(place.database, place.keys, code)
    try:
        counted = kiosks.submit(place.database, place.keys, place.clock, admission, vote)
    except BallotUsedError:
        return False
    return not counted.again


def makers(place: Place, table: str) -> set[str]:
    """Return the transactions that made a table's rows, as PostgreSQL keeps them."""
    with place.database.read() as connection:
        return set(connection.execute(text(f"SELECT xmin::text FROM {table}")).scalars())


def rows_on_disk(place: Place, table: str) -> list[int]:
    """Return the state of every row version in a table's file, dead ones among them."""
    with place.database.read() as connection:
        statement = text("SELECT pg_relation_filepath(CAST(:name AS regclass))")
        path = connection.execute(statement, {"name": table}).scalar_one()
    data = attacker.files(place).contents[path]
    pointers = []
    for start in range(0, len(data), 8192):
        (lower,) = struct.unpack_from("<H", data, start + 12)
        each_row = struct.iter_unpack("<I", data[start + 24 : start + lower])
        pointers += [pointer >> 15 & 3 for (pointer,) in each_row]
    return pointers


def number(place: Place, poll: Poll) -> int | None:
    with place.database.read() as connection:
        return kiosks.assisted_of(connection, place.poll(poll.id))


def test_afterwards_the_number_is_of_the_transaction_of_all_votes_and_no_older_row_is_left(
    postgresql_place,
):
    """While the poll is open it is of the last assisted vote's: so this test can fail."""
    place = postgresql_place
    poll, codes = an_open_poll(place)
    open_kiosk(place, poll)
    for place_in_line, code in enumerate(codes[:9]):
        if place_in_line % 3:
            cast(place, poll, code, GOOD)
        else:
            assert assist(place, poll, code, FAIR)
    (last,) = makers(place, "assisted")
    assert last in makers(place, "votes")
    assert len(makers(place, "votes")) == 9
    assert len(rows_on_disk(place, "assisted")) > 1

    close(place, poll)

    assert makers(place, "assisted") == makers(place, "votes") == makers(place, "ballots")
    assert rows_on_disk(place, "assisted") == [NORMAL]
    assert number(place, poll) == 3


def test_the_scrub_is_not_done_while_an_older_number_may_still_be_seen(postgresql_place):
    place = postgresql_place
    poll, codes = an_open_poll(place)
    open_kiosk(place, poll)
    assert assist(place, poll, codes[0], GOOD)

    with place.database.read() as watching:
        watching.execution_options(isolation_level="REPEATABLE READ")
        watching.execute(text("SELECT number FROM assisted")).all()
        close(place, poll)
        assert place.poll(poll.id).closing_step == 2


def test_nothing_but_the_number_tells_an_assisted_poll_from_another(place):
    """Of the same votes, cast by phone and at a kiosk, the same is kept: counts and states."""
    kept = []
    for at_a_kiosk in (False, True):
        poll, codes = an_open_poll(place, count=8)
        open_kiosk(place, poll)
        for code in codes[:5]:
            if at_a_kiosk:
                assert assist(place, poll, code, FAIR)
            else:
                assert cast(place, poll, code, FAIR) is Outcome.COUNTED
        close(place, poll)
        with place.database.read() as connection:
            rows = {
                name: sorted(
                    repr(row) for row in connection.execute(text(statement), {"poll": poll.id})
                )
                for name, statement in {
                    "votes": "SELECT group_index, valid, choices FROM votes WHERE poll_id = :poll",
                    "ballots": "SELECT state, nonce FROM ballots WHERE poll_id = :poll",
                    "tallies": "SELECT tally, account FROM tallies WHERE poll_id = :poll",
                }.items()
            }
        kept.append((rows, number(place, poll)))

    assert kept[0][0] == kept[1][0]
    assert [told for _, told in kept] == [0, 5]
    columns = {column.name for column in metadata.tables["assisted"].columns}
    assert columns == {"poll_id", "number"}


def test_the_event_log_says_when_a_kiosk_was_opened_and_nothing_when_one_votes_there(place):
    poll, codes = an_open_poll(place)
    open_kiosk(place, poll)
    with place.database.read() as connection:
        before = list(events.every(connection))

    assert assist(place, poll, codes[0], GOOD)

    with place.database.read() as connection:
        assert list(events.every(connection)) == before
    assert before[-1].action == "kiosk opened"


def test_many_kiosks_and_phones_at_once_lose_no_vote_and_no_count(place):
    """Each slip is cast at two places at the same moment, with one nonce or with two."""
    poll, codes = an_open_poll(place, count=32)
    open_kiosk(place, poll)
    nonce = "ab" * 16

    def send(turn: int) -> bool:
        code = codes[turn // 2]
        if turn % 4 == 0:
            return cast(place, poll, code, GOOD) is Outcome.COUNTED
        return assist(place, poll, code, FAIR, nonce if turn % 8 < 4 else "")

    with ThreadPoolExecutor(16) as everywhere:
        answers = list(everywhere.map(send, range(64)))

    assert [a or b for a, b in zip(answers[::2], answers[1::2], strict=True)] == [True] * 32
    assert sum(answers) == 32
    at_kiosks = sum(answer for turn, answer in enumerate(answers) if turn % 4)
    close(place, poll)
    assert number(place, poll) == at_kiosks
    assert place.results(poll.id).account.total.returned == 32


def test_a_vote_that_could_not_be_counted_as_assisted_is_not_kept(place):
    """Vote and number are of one commit: neither is there without the other."""
    poll, codes = an_open_poll(place)
    open_kiosk(place, poll)
    with place.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE assisted RENAME TO away")

    with pytest.raises((DBAPIError, UncertainError)):
        assist(place, poll, codes[0], GOOD)

    with place.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO assisted")
    assert cast(place, poll, codes[0], GOOD) is Outcome.COUNTED
    close(place, poll)
    assert number(place, poll) == 0
