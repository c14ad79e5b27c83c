"""Comments (意见): once a poll is closed, nothing joins one to a vote, a slip or a moment.

Every other voter wrote one. The attacker knows who cast when, and has every file.
"""

import struct
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from ballot.domain.casting import Outcome
from ballot.domain.people import Role
from ballot.domain.polls import Poll
from ballot.services import comments as read
from ballot.storage import comments, events
from tests.anonymity import attacker
from tests.builders import ONE_GROUP_POLL, Place, a_cast, an_open_poll, close
from tests.web.desk import a_desk

COMMENTS_POLL = "comments = true\n" + ONE_GROUP_POLL
NORMAL = 1  # a line pointer in use: LP_NORMAL of PostgreSQL's itemid.h


@dataclass
class Commented:
    """A poll and what was written, in the order of casting."""

    place: Place
    poll: Poll
    written: list[str]

    @property
    def stored(self) -> list[tuple[bytes, str]]:
        """Return the comments as they lie in their table, with their keys."""
        order = "" if self.place.database.on_sqlite else "ORDER BY ctid"
        statement = text(f"SELECT id, text FROM comments WHERE poll_id = :poll {order}")
        with self.place.database.read() as connection:
            rows = connection.execute(statement, {"poll": self.poll.id})
            return [(bytes(key), said) for key, said in rows]


def vote(place: Place, votes: int) -> Commented:
    """Hold a meeting of which every second voter writes a comment, one commit for each vote."""
    poll, codes = an_open_poll(place, COMMENTS_POLL, count=votes)
    written = []
    for turn, code in enumerate(codes):
        said = f"第{turn:05}个人写的话" if turn % 2 else ""
        cast = a_cast(place, poll, code, bytes([turn % 4]))._replace(comment=said)
        assert place.queue.cast(cast) is Outcome.COUNTED
        written += [said] if said else []
    return Commented(place, poll, written)


def makers(place: Place, table: str) -> set[str]:
    """Return the transactions that made a table's rows, as PostgreSQL keeps them."""
    with place.database.read() as connection:
        return set(connection.execute(text(f"SELECT xmin::text FROM {table}")).scalars())


def rows_on_disk(place: Place, files: attacker.Haul, table: str) -> list[int]:
    """Return the state of every row version in a table's file, dead ones among them."""
    with place.database.read() as connection:
        statement = text("SELECT pg_relation_filepath(CAST(:name AS regclass))")
        path = connection.execute(statement, {"name": table}).scalar_one()
    data = files.contents[path]
    pointers = []
    for start in range(0, len(data), 8192):
        (lower,) = struct.unpack_from("<H", data, start + 12)
        each_row = struct.iter_unpack("<I", data[start + 24 : start + lower])
        pointers += [pointer >> 15 & 3 for (pointer,) in each_row]
    return pointers


def test_one_transaction_made_every_comment_vote_and_ballot_and_no_older_row_is_left(
    postgresql_place,
):
    """While the poll is open, a comment is of its vote's transaction: so this test can fail."""
    place = postgresql_place
    meeting = vote(place, 40)
    assert makers(place, "comments") < makers(place, "votes")
    assert len(makers(place, "comments")) == 20

    close(place, meeting.poll)

    assert makers(place, "comments") == makers(place, "votes") == makers(place, "ballots")
    assert len(makers(place, "comments")) == 1
    assert rows_on_disk(place, attacker.files(place), "comments") == [NORMAL] * 20


def test_no_file_holds_a_key_that_a_comment_had_while_the_poll_was_open(place):
    meeting = vote(place, 60)
    before = {key for key, _ in meeting.stored}
    search = attacker.Search(attacker.pieces(before, 8))
    assert search.counts(attacker.files(place)), "while the poll was open, they were found"

    close(place, meeting.poll)

    assert search.counts(attacker.files(place)) == {}
    after = {key for key, _ in meeting.stored}
    assert len(after) == 30
    assert after & before == set()
    assert sorted(said for _, said in meeting.stored) == meeting.written


def test_each_comment_lies_in_its_table_once_and_nowhere_else(place):
    """No second copy, in a free page, a log or a catalogue, whose place would tell its moment."""
    meeting = vote(place, 60)
    close(place, meeting.poll)
    if not place.database.on_sqlite:
        with place.database.outside_transactions() as connection:
            connection.execute(text("ANALYZE comments"))

    joined = attacker.files(place).joined

    assert {joined.count(said.encode()) for said in meeting.written} == {1}


def test_where_a_comment_lies_says_nothing_about_when_it_was_written(place):
    """Neither in its table nor on the page; on PostgreSQL, while a poll is open, it does."""
    meeting = vote(place, 240)
    turn = {said: n for n, said in enumerate(meeting.written)}
    if not place.database.on_sqlite:
        cast = [turn[said] for _, said in meeting.stored]
        assert attacker.related(range(120), cast)

    close(place, meeting.poll)

    with place.database.read() as connection:
        found = read.of_poll(connection, meeting.poll.id, smallest_group=5)
    for order in ([said for _, said in meeting.stored], [each.text for each in found.every]):
        assert not attacker.related(range(120), [turn[said] for said in order])


def test_before_closing_no_page_shows_a_comment_or_how_many_there_are(sqlite_place):
    place = sqlite_place
    meeting = vote(place, 12)
    desk = a_desk(place, Role.ADMIN)
    poll = f"/office/polls/{meeting.poll.id}"

    pages = [desk.get(poll + path) for path in ("", "/comments", "/comments/publish", "/results")]

    assert [page.status_code for page in pages] == [200, 409, 409, 409]
    assert not any("写的话" in page.text or "6 条" in page.text for page in pages)
    with place.database.read() as connection:
        assert read.published(connection, meeting.poll.id) == []


def test_the_event_log_tells_how_many_comments_there_are_and_only_after_closing(place):
    meeting = vote(place, 10)
    with place.database.read() as connection:
        before = list(events.every(connection))

    close(place, meeting.poll)

    assert not any("comments" in event.details for event in before)
    with place.database.read() as connection:
        log = list(events.every(connection))
    told = {event.action: event.details for event in log}
    assert told["poll closed"]["comments"] == 5
    assert "写的话" not in str([event.details for event in log])


def test_fewer_than_k_votes_by_phone_and_nobody_is_shown_a_comment(sqlite_place):
    meeting = vote(sqlite_place, 4)
    close(sqlite_place, meeting.poll)

    with sqlite_place.database.read() as connection:
        with pytest.raises(read.TooFewError):
            read.of_poll(connection, meeting.poll.id, smallest_group=5)
        found = read.of_poll(connection, meeting.poll.id, smallest_group=4)
    assert len(found.every) == 2


def test_postgresql_keeps_no_sample_of_what_was_written(postgresql_place):
    meeting = vote(postgresql_place, 60)
    close(postgresql_place, meeting.poll)

    with postgresql_place.database.outside_transactions() as connection:
        connection.execute(text("ANALYZE comments"))
        statement = "SELECT attname FROM pg_stats WHERE tablename = 'comments'"
        sampled: set[Any] = set(connection.execute(text(statement)).scalars())

    assert not sampled & {"id", "text", "masked"}


def test_a_key_is_no_part_of_a_vote_s_number_or_a_slip(place):
    """All are drawn apart."""
    meeting = vote(place, 60)
    close(place, meeting.poll)

    with place.database.read() as connection:
        others = {
            bytes(each)
            for query in ("SELECT id FROM votes", "SELECT digest FROM ballots")
            for each in connection.execute(text(query)).scalars()
        }
        keys = [each.id for each in comments.every(connection, meeting.poll.id)]

    assert attacker.pieces(keys, 8) & attacker.pieces(others, 8) == set()
