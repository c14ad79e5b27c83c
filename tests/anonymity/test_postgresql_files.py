"""PostgreSQL's files after closing: row versions, pages, catalogues, system columns, views."""

import struct
from dataclasses import dataclass

from sqlalchemy import text

from ballot.storage.casting import cast_all
from tests.anonymity import attacker
from tests.anonymity.conftest import LARGE, meetings
from tests.anonymity.seized import Seizure
from tests.builders import a_cast, an_open_poll

PAGE = 8192
HEADER = 24
NORMAL = 1  # a line pointer in use: LP_NORMAL of PostgreSQL's itemid.h

postgresql_meetings = meetings([1, 5, 60, LARGE], ["postgresql"])


@dataclass
class Page:
    """A page of a table as it lies on disk. Source: PostgreSQL's storage/bufpage.h."""

    pointers: list[int]  # the state of each line pointer
    unused: bytes  # what lies between the pointers and the rows


def pages_of(seizure: Seizure, table: str) -> list[Page]:
    data = seizure.files.contents[seizure.paths[table]]
    return [_page(data[start : start + PAGE]) for start in range(0, len(data), PAGE)]


def _page(page: bytes) -> Page:
    lower, upper = struct.unpack_from("<HH", page, 12)
    pointers = [each >> 15 & 3 for (each,) in struct.iter_unpack("<I", page[HEADER:lower])]
    return Page(pointers, page[lower:upper])


def system_columns(seizure: Seizure, table: str) -> list[tuple[bytes, str, int]]:
    """Return each row's key, what transaction made it (xmin), and which command of it (cmin)."""
    key = "id" if table == "votes" else "digest"
    with seizure.place.database.read() as connection:
        statement = f"SELECT {key}, xmin::text, cmin::text::int FROM {table} WHERE poll_id = :poll"
        rows = connection.execute(text(statement), {"poll": seizure.meeting.poll.id})
        return [(bytes(row[0]), row[1], row[2]) for row in rows]


@postgresql_meetings
def test_pages_hold_the_stored_rows_and_no_dead_version_in_any_space(seizure):
    for table in ("votes", "ballots"):
        pages = pages_of(seizure, table)

        pointers = [state for page in pages for state in page.pointers]
        assert pointers == [NORMAL] * len(seizure.stored[table])
        assert all(not any(page.unused) for page in pages)


@postgresql_meetings
def test_one_transaction_made_every_vote_and_every_ballot_that_is_stored(seizure):
    """So `xmin` joins each vote with each slip, and tells nothing; nor does a commit's time."""
    rows = [*system_columns(seizure, "votes"), *system_columns(seizure, "ballots")]

    assert len({transaction for _, transaction, _ in rows}) == 1


@meetings([LARGE], ["postgresql"])
def test_the_order_of_commands_says_nothing_about_the_order_of_casting(seizure):
    """`cmin` numbers the rows as they were written anew, which was in a random order."""
    turn = {said.digest: n for n, said in enumerate(seizure.meeting.said)}
    first = {bytes(vote.id): vote.choices[0] for vote in seizure.votes if vote.valid}

    for table, known in (("ballots", turn), ("votes", first)):
        told = [(known[key], n) for key, _, n in system_columns(seizure, table) if key in known]
        assert not attacker.related(*zip(*told, strict=True))


@postgresql_meetings
def test_slips_and_votes_lie_in_their_table_and_its_index_and_in_no_catalogue(seizure):
    """ANALYZE ran while the poll was open, and keeps no sample of them."""
    for wanted, table in (
        (seizure.meeting.slips, "ballots"),
        ([bytes(vote.id) for vote in seizure.votes], "votes"),
    ):
        homes = {seizure.paths[table], seizure.paths[f"pk_{table}"]}
        assert attacker.Search(wanted).counts(seizure.files).keys() == homes


@postgresql_meetings
def test_catalogues_keep_no_sample_of_what_was_voted(seizure):
    with seizure.place.database.outside_transactions() as connection:
        connection.execute(text("ANALYZE votes, ballots"))
        sampled = connection.execute(
            text(
                "SELECT tablename, attname FROM pg_stats"
                " WHERE schemaname = 'public' AND tablename IN ('votes', 'ballots')"
            )
        ).all()
        extensions = connection.execute(text("SELECT extname FROM pg_extension")).scalars().all()

    told = {("votes", "id"), ("votes", "choices"), ("ballots", "digest"), ("ballots", "nonce")}
    assert not told & {tuple(row) for row in sampled}
    assert extensions == ["plpgsql"], "pg_stat_statements and its like would keep statements"


def test_the_views_of_activity_show_no_value_of_a_vote_on_its_way(postgresql_place):
    """Statements and values travel apart, so a statement that is watched has no value in it."""
    place = postgresql_place
    poll, codes = an_open_poll(place)
    vote = a_cast(place, poll, codes[0], bytes([3]))

    with place.database.write() as connection, place.database.read() as watching:
        cast_all(connection, [vote], place.clock())
        statement = text("SELECT query FROM pg_stat_activity")
        watched = str(watching.execute(statement).scalars().all()).lower()

    statement = watched.partition("insert into votes (poll_id, id, group_index, valid, choices)")[2]
    assert "$1" in statement.partition("'")[0]
    assert "03" not in statement.partition("'")[0]
    for secret in (vote.digest, vote.nonce):
        assert secret.hex() not in watched
