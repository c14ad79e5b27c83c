"""Copies, reruns and rehearsals: the same rules with other slips, and what a rehearsal never is."""

import pytest

from ballot.domain.casting import Outcome
from ballot.domain.polls import Phase, Poll
from ballot.services import archive, copies, points, polled, polls, receipts, units
from ballot.services.start import verify_log
from ballot.services.voting import UnknownBallotError
from ballot.storage import events, wiping
from tests.builders import (
    ONE_GROUP_POLL,
    Place,
    a_cast,
    a_poll,
    an_open_poll,
    cast,
    certify,
    close,
    open_poll,
    print_ballots,
)

GOOD, FAIR, SOME, BAD = range(4)
BYTES_IN_A_NUMBER = 16


def copied(place: Place, poll: Poll) -> Poll:
    with place.database.write() as connection:
        number = copies.copy(connection, poll.id, by="test", now=place.clock())
    return place.poll(number)


def rehearsed(place: Place, poll: Poll) -> Poll:
    with place.database.write() as connection:
        number = copies.rehearse(connection, poll.id, by="test", now=place.clock())
    return place.poll(number)


def annul(place: Place, poll: Poll) -> None:
    with place.database.write() as connection:
        polls.annul(connection, poll.id, reason="计票有误", by="test", now=place.clock())


def wipe(place: Place, poll: Poll, words: str = str(copies.WORDS)) -> None:
    with place.database.write() as connection:
        copies.wipe(connection, poll.id, words=words, by="test", now=place.clock())


def a_certified_rehearsal(place: Place) -> tuple[Poll, Poll]:
    """Return a draft and its rehearsal, which went through every phase."""
    draft = a_poll(place)
    rehearsal = rehearsed(place, draft)
    codes = print_ballots(place, rehearsal, 6)
    open_poll(place, rehearsal)
    for code in codes:
        assert cast(place, rehearsal, code, GOOD) is Outcome.COUNTED
    close(place, rehearsal)
    certify(place, rehearsal)
    return draft, place.poll(rehearsal.id)


def actions_about(place: Place, poll: Poll) -> list[str]:
    with place.database.read() as connection:
        log = list(events.every(connection))
    return [event.action for event in log if event.details.get("poll") == poll.id]


def test_a_rerun_has_the_annulled_polls_rules_and_none_of_its_slips(place):
    poll, codes = an_open_poll(place, count=6)
    close(place, poll)
    annul(place, poll)

    rerun = copied(place, poll)
    fresh = print_ballots(place, rerun, 6)
    open_poll(place, rerun)

    assert rerun.definition == poll.definition
    assert rerun.copy_of == poll.id
    assert rerun.phase is Phase.DRAFT
    assert not set(codes) & set(fresh)
    assert cast(place, place.poll(rerun.id), fresh[0], GOOD) is Outcome.COUNTED
    old = a_cast(place, poll, codes[0], bytes([GOOD]))
    assert place.queue.cast(old) is Outcome.CLOSED
    assert place.queue.cast(old._replace(poll_id=rerun.id)) is Outcome.UNKNOWN


def test_both_polls_know_of_each_other(place):
    poll = a_poll(place)

    first, second = copied(place, poll), copied(place, poll)

    with place.database.read() as connection:
        assert copies.related(connection, poll) == (None, [first, second])
        assert copies.related(connection, first) == (poll, [])
    assert actions_about(place, first) == ["poll copied"]


def test_a_rehearsal_is_made_of_a_draft_only_and_never_of_a_rehearsal(place):
    draft = a_poll(place)
    running, _ = an_open_poll(place)
    rehearsal = rehearsed(place, draft)

    with pytest.raises(polls.polls.NoSuchPollError), place.database.write() as connection:
        copies.rehearse(connection, 99, by="test", now=place.clock())
    with pytest.raises(Exception, match="投票中，不能演练"):
        rehearsed(place, running)
    with pytest.raises(copies.RehearsalCopiedError):
        rehearsed(place, rehearsal)
    with pytest.raises(copies.RehearsalCopiedError):
        copied(place, rehearsal)


def test_a_rehearsal_says_so_in_its_title_and_under_its_rules_hash(place):
    draft = a_poll(place)

    rehearsal = rehearsed(place, draft)

    assert rehearsal.rehearsal
    assert not place.poll(draft.id).rehearsal
    assert rehearsal.title == f"【演练】{draft.title}"
    assert rehearsal.definition.sections == draft.definition.sections
    assert rehearsal.definition.groups == draft.definition.groups


def test_the_slips_of_a_rehearsal_and_of_its_poll_do_not_work_for_each_other(place):
    draft = a_poll(place)
    rehearsal = rehearsed(place, draft)
    real, practice = print_ballots(place, draft, 6), print_ballots(place, rehearsal, 6)
    open_poll(place, draft)
    open_poll(place, rehearsal)

    for code, other in ((real[0], rehearsal), (practice[0], draft)):
        own = a_cast(place, draft, code, bytes([GOOD]))
        assert place.queue.cast(own._replace(poll_id=other.id)) is Outcome.UNKNOWN


# ---- the doors of a standing --------------------------------------------------------------------


def test_a_certified_rehearsal_gives_no_points(place):
    a_certified_rehearsal(place)

    with place.database.read() as connection:
        assert points.of_cycle(connection, 1, smallest_group=5)[1] == []


def test_a_standing_neither_takes_a_rehearsal_nor_waits_for_one(place):
    draft, _ = a_certified_rehearsal(place)
    annul(place, draft)

    with place.database.read() as connection:
        found = polled.of_kind(connection, 1, "village", smallest_group=5)

    assert (found.rows, found.waiting, found.problems, found.titles.keys()) == (
        {},
        {},
        (),
        {draft.id},
    )


def test_a_rehearsal_beside_its_certified_poll_is_no_second_poll_about_the_same(place):
    draft, _ = a_certified_rehearsal(place)
    codes = print_ballots(place, draft, 6)
    open_poll(place, draft)
    for code in codes:
        cast(place, draft, code, BAD)
    close(place, draft)
    certify(place, draft)

    with place.database.read() as connection:
        found = polled.of_kind(connection, 1, "village", smallest_group=5)

    assert found.problems == ()
    assert [row.poll_id for row in found.rows.values()] == [draft.id]


def test_a_rehearsal_puts_no_unit_on_the_roster(place):
    draft, _ = a_certified_rehearsal(place)
    annul(place, draft)

    with place.database.read() as connection:
        assert units.roster(connection, 1, "village").from_polls == []


def test_a_rehearsal_is_not_archived(place, tmp_path):
    _, rehearsal = a_certified_rehearsal(place)
    file = tmp_path / "archive.txt"

    with pytest.raises(archive.RehearsalArchiveError, match="演练"):
        archive.export(
            place.database,
            place.keys,
            rehearsal.id,
            file,
            smallest_group=5,
            small_groups=True,
            by="test",
            now=place.clock(),
        )

    assert not file.exists()


def test_receipts_of_a_rehearsal_are_not_among_those_of_its_poll(place):
    draft, rehearsal = a_certified_rehearsal(place)
    codes = print_ballots(place, draft, 2)
    open_poll(place, draft)
    cast(place, draft, codes[0], GOOD)
    close(place, draft)

    with place.database.read() as connection:
        real = receipts.of_poll(connection, place.keys, draft.id)
        practice = receipts.of_poll(connection, place.keys, rehearsal.id)

    assert (real.returned, practice.returned) == (1, 6)
    assert not set(real.receipts) & set(practice.receipts)


# ---- wiping -------------------------------------------------------------------------------------


def test_wiping_leaves_nothing_of_a_rehearsal_but_the_log(place):
    draft, rehearsal = a_certified_rehearsal(place)
    print_ballots(place, draft, 3)
    before = rows_about(place, draft)

    wipe(place, rehearsal)

    assert {name: number for name, number in rows_about(place, rehearsal).items() if number} == {}
    assert rows_about(place, draft) == before
    assert actions_about(place, rehearsal)[-1] == "rehearsal wiped"
    assert verify_log(place.database)
    with pytest.raises(polls.polls.NoSuchPollError):
        place.poll(rehearsal.id)


def rows_about(place: Place, poll: Poll) -> dict[str, int]:
    """Return how many rows of each table name a poll."""
    from sqlalchemy import func, select

    from ballot.storage.tables import metadata

    with place.database.read() as connection:
        return {
            table.name: connection.execute(
                select(func.count()).where(table.c.poll_id == poll.id)
            ).scalar_one()
            for table in metadata.sorted_tables
            if "poll_id" in table.c
        }


def test_wiping_reaches_every_table_that_refers_to_a_poll_by_whatever_way(place):
    from ballot.storage.tables import metadata
    from ballot.storage.tables import polls as table_of_polls

    mine = wiping._belonging(rehearsed(place, a_poll(place)).id)

    referring = {table_of_polls}
    for table in metadata.sorted_tables:
        if any(key.column.table in referring for key in table.foreign_keys):
            referring.add(table)
    named = {table for table in metadata.sorted_tables if "poll_id" in table.c}
    assert referring | named == set(mine)


def test_only_a_rehearsal_is_wiped_and_only_with_the_words(place):
    draft = a_poll(place)
    rehearsal = rehearsed(place, draft)

    with pytest.raises(copies.NoRehearsalError):
        wipe(place, draft)
    with pytest.raises(copies.NotConfirmedError):
        wipe(place, rehearsal, words="清除")

    assert place.poll(draft.id)
    assert place.poll(rehearsal.id)
    wipe(place, rehearsal, words=" wipe the rehearsal ")


def test_a_slip_of_a_wiped_rehearsal_is_unknown_also_to_a_vote_on_its_way(place):
    rehearsal = rehearsed(place, a_poll(place))
    code, *_ = print_ballots(place, rehearsal, 6)
    open_poll(place, rehearsal)
    underway = a_cast(place, rehearsal, code, bytes([GOOD]))

    wipe(place, rehearsal)

    assert place.queue.cast(underway) is Outcome.UNKNOWN
    with pytest.raises(UnknownBallotError):
        a_cast(place, rehearsal, code, bytes([GOOD]))


def test_the_number_of_a_wiped_rehearsal_is_given_to_no_other_poll(place):
    draft = a_poll(place)
    first = rehearsed(place, draft)
    wipe(place, first)
    second = rehearsed(place, draft)
    wipe(place, second)

    assert [first.id, second.id, a_poll(place).id] == [draft.id + 1, draft.id + 2, draft.id + 3]


def test_also_where_a_restored_database_counts_on_from_the_last_row(place):
    from sqlalchemy import text

    draft = a_poll(place)
    wipe(place, rehearsed(place, draft))
    if not place.database.on_sqlite:
        with place.database.write() as connection:  # as restoring leaves it
            connection.execute(text("SELECT setval('polls_id_seq', 1)"))

    assert a_poll(place).id == draft.id + 2


def test_the_archive_of_a_later_poll_is_whole_after_a_rehearsal_was_wiped(place, tmp_path):
    draft, rehearsal = a_certified_rehearsal(place)
    wipe(place, rehearsal)
    codes = print_ballots(place, draft, 6)
    open_poll(place, draft)
    for code in codes:
        cast(place, draft, code, FAIR)
    close(place, draft)
    certify(place, draft)
    file = tmp_path / "archive.txt"

    archive.export(
        place.database,
        place.keys,
        draft.id,
        file,
        smallest_group=5,
        small_groups=False,
        by="test",
        now=place.clock(),
    )

    assert archive.verify(file)[0].poll_id == draft.id


def test_after_wiping_and_scrubbing_no_file_holds_a_number_of_its_votes(sqlite_place):
    place = sqlite_place
    rehearsal = rehearsed(place, a_poll(place))
    codes = print_ballots(place, rehearsal, 6)
    open_poll(place, rehearsal)
    for code in codes:
        cast(place, rehearsal, code, SOME)
    numbers = vote_numbers(place)
    digests = [place.keys.digest(code) for code in codes]
    assert place.database.path
    files = [place.database.path, place.database.path.with_name("ballot.db-wal")]
    assert any(found(files, number) for number in numbers)

    wipe(place, rehearsal)
    copies.scrub_wiped(place.database, place.clock())

    assert not any(found(files, each) for each in (*numbers, *digests))
    assert actions_about(place, rehearsal)[-1] == "traces scrubbed"


def vote_numbers(place: Place) -> list[bytes]:
    from sqlalchemy import select

    from ballot.storage.tables import votes

    with place.database.read() as connection:
        return list(connection.execute(select(votes.c.id)).scalars())


def found(files, content: bytes) -> bool:
    assert len(content) >= BYTES_IN_A_NUMBER
    return any(content in file.read_bytes() for file in files if file.exists())


def test_the_scrub_after_wiping_waits_for_open_polls_on_postgresql_and_is_done_once(place):
    running, _ = an_open_poll(place, ONE_GROUP_POLL)
    rehearsal = rehearsed(place, a_poll(place))
    wipe(place, rehearsal)

    copies.scrub_wiped(place.database, place.clock())
    waits = actions_about(place, rehearsal)[-1] != "traces scrubbed"
    close(place, running)
    for _ in range(2):
        copies.scrub_wiped(place.database, place.clock())

    assert waits != place.database.on_sqlite
    assert actions_about(place, rehearsal).count("traces scrubbed") == 1
