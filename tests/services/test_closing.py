"""Closing: what an attacker with the files finds afterwards, and what a crash leaves undone."""

import os
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from ballot.domain.account import AccountError
from ballot.domain.polls import Phase, WrongPhaseError
from ballot.domain.quorum import QuorumError
from ballot.errors import MistakesError
from ballot.services import closing, results, start
from ballot.services.polls import open_poll
from ballot.storage import polls as stored_polls
from ballot.storage import votes
from tests.builders import (
    LEADERS_POLL,
    ONE_GROUP_POLL,
    VILLAGE_POLL,
    Place,
    a_place,
    a_poll,
    an_open_poll,
    cast,
    certify,
    close,
    print_ballots,
)

GOOD, FAIR, POOR, BAD = range(4)


def stored_votes(place: Place, poll) -> list[tuple[bytes, bytes]]:
    """Return (id, choices) in the order in which they lie on disk."""
    order = "" if place.database.on_sqlite else "ORDER BY ctid"
    with place.database.read() as connection:
        rows = connection.execute(
            text(f"SELECT id, choices FROM votes WHERE poll_id = :poll {order}"), {"poll": poll.id}
        ).all()
    return [(bytes(row[0]), bytes(row[1])) for row in rows]


def data_files(place: Place) -> list[Path]:
    """Return every file that the database keeps."""
    if place.database.path:
        return [f for f in place.database.path.parent.iterdir() if f.is_file()]
    with place.database.read() as connection:
        folder = connection.execute(text("SHOW data_directory")).scalar_one()
        paths = [
            connection.execute(text("SELECT pg_relation_filepath(:name)"), {"name": name}).scalar()
            for name in ("votes", "ballots", "pg_catalog.pg_statistic", "pg_toast.pg_toast_2619")
        ]
    return [Path(folder) / path for path in paths if path]


def contents(place: Place) -> bytes:
    if not place.database.on_sqlite:
        with place.database.outside_transactions() as connection:
            connection.execute(text("CHECKPOINT"))
    return b"".join(path.read_bytes() for path in data_files(place))


def distinct_votes(width: int, number: int) -> list[bytes]:
    """Return as many different ballots, each recognisable by its choices."""
    return [bytes((n // 4**place) % 4 for place in range(width)) for n in range(number)]


def leaders_poll_of(number: int) -> str:
    return LEADERS_POLL.replace("ballots = 11", f"ballots = {number}")


def cast_in_order(place: Place, poll, codes, number: int) -> list[bytes]:
    sent = distinct_votes(len(poll.definition.slots), number)
    for code, choices in zip(codes, sent, strict=False):
        cast(place, poll, code, *choices)
    return sent


def test_counts_stay_while_no_stored_row_is_a_ballot_that_was_cast(place):
    poll, codes = an_open_poll(place, leaders_poll_of(60))
    sent = cast_in_order(place, poll, codes, 60)

    close(place, poll)

    after = [choices for _, choices in stored_votes(place, poll)]
    assert len(after) == 60
    for slot in range(5):
        assert sorted(row[slot] for row in after) == sorted(row[slot] for row in sent)
    assert sorted(after) != sorted(sent)


def test_the_stored_order_after_closing_says_nothing_about_the_order_of_casting(place):
    """Each vote is unique in its first four slots; afterwards even the columns moved apart."""
    poll, codes = an_open_poll(place, leaders_poll_of(200))
    before_ids = []
    for code, choices in zip(codes, distinct_votes(5, 200), strict=True):
        cast(place, poll, code, *choices)
    before_ids = [number for number, _ in stored_votes(place, poll)]

    close(place, poll)

    after = stored_votes(place, poll)
    assert not {number for number, _ in after} & set(before_ids)
    assert [number for number, _ in after] == sorted(number for number, _ in after)


def test_after_the_scrub_no_file_holds_an_old_vote_number_or_a_nonce(place):
    poll, codes = an_open_poll(place, leaders_poll_of(500))
    cast_in_order(place, poll, codes, 500)
    old_ids = [number for number, _ in stored_votes(place, poll)]
    with place.database.read() as connection:
        nonces = [
            bytes(nonce)
            for nonce in connection.execute(
                text("SELECT nonce FROM ballots WHERE nonce IS NOT NULL")
            ).scalars()
        ]
    assert len(old_ids) == len(nonces) == 500
    if not place.database.on_sqlite:  # as the server's own housekeeping does in between
        with place.database.outside_transactions() as connection:
            connection.execute(text("ANALYZE votes, ballots"))
    held = contents(place)
    assert sum(number in held for number in old_ids) > 0, "the search must be able to find them"

    close(place, poll)

    held = contents(place)
    assert [number for number in old_ids if number in held] == []
    assert [nonce for nonce in nonces if nonce in held] == []


def test_on_postgresql_no_row_version_joins_a_vote_to_its_ballot(place):
    if place.database.on_sqlite:
        with place.database.read() as connection:
            names = connection.execute(text("SELECT sql FROM sqlite_master")).scalars().all()
        tables = [sql for sql in names if sql and sql.split()[2].strip('"') in {"votes", "ballots"}]
        assert len(tables) == 2
        assert all("WITHOUT ROWID" in sql for sql in tables)
        return
    poll, codes = an_open_poll(place, leaders_poll_of(60))
    for code, choices in zip(codes, distinct_votes(5, 60), strict=True):
        cast(place, poll, code, *choices)
    joined = text(
        "SELECT count(*) FROM votes JOIN ballots ON votes.xmin = ballots.xmin"
        " WHERE ballots.state = 1"
    )
    with place.database.read() as connection:
        assert connection.execute(joined).scalar_one() >= 60, "while open, each commit links"

    close(place, poll)

    with place.database.read() as connection:
        versions = connection.execute(
            text("SELECT count(DISTINCT xmin::text) FROM votes")
        ).scalar_one()
        order = connection.execute(text("SELECT digest FROM ballots ORDER BY ctid")).scalars().all()
        dead = connection.execute(
            text("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'votes'")
        ).scalar_one()
    assert versions == 1
    assert order != sorted(order)
    assert dead == 0


class Died(Exception):  # noqa: N818 - not an error of ours: the machine died
    """Stands for the end of the process."""


@pytest.mark.parametrize("step", [1, 2])
def test_killed_between_the_closing_steps_the_next_start_finishes(settings, step):
    with a_place(settings) as place:
        poll, codes = an_open_poll(place, leaders_poll_of(30))
        cast_in_order(place, poll, codes, 30)
        with place.database.write() as connection:
            closing.order(connection, poll.id, scrutineer="张", by="t", now=place.clock())
        place.clock.go(seconds=1)
        closing._close_if_due(place.database, poll.id, place.clock())
        if step == 2:
            closing._part(place.database, poll.id, Random(1))
        assert place.poll(poll.id).closing_step == step
        before = place.results(poll.id)

    with a_place(settings) as place:  # the next start
        closing.go_on(place.database, place.clock(), Random(2))

        assert place.poll(poll.id).closing_step == closing.SCRUBBED
        assert place.results(poll.id).sections == before.sections


def test_a_crash_inside_the_shuffle_leaves_every_vote_as_it_was(place):
    poll, codes = an_open_poll(place, leaders_poll_of(30))
    cast_in_order(place, poll, codes, 30)
    before = stored_votes(place, poll)

    class Breaking(Random):
        def shuffle(self, _):
            raise Died

    with place.database.write() as connection:
        closing.order(connection, poll.id, scrutineer="张", by="t", now=place.clock())
    place.clock.go(seconds=1)
    with pytest.raises(Died):
        closing.go_on(place.database, place.clock(), Breaking())

    assert stored_votes(place, poll) == before
    assert place.poll(poll.id).closing_step == closing.TALLIED
    closing.go_on(place.database, place.clock(), Random(1))
    assert place.poll(poll.id).closing_step == closing.SCRUBBED


def test_two_processes_that_close_at_once_close_once(place):
    from concurrent.futures import ThreadPoolExecutor

    poll, codes = an_open_poll(place, leaders_poll_of(30))
    cast_in_order(place, poll, codes, 30)
    with place.database.write() as connection:
        closing.order(connection, poll.id, scrutineer="张", by="t", now=place.clock())
    place.clock.go(seconds=1)

    with ThreadPoolExecutor(4) as processes:
        for done in [
            processes.submit(closing.go_on, place.database, place.clock(), Random(n))
            for n in range(4)
        ]:
            done.result(60)

    assert place.poll(poll.id).closing_step == closing.SCRUBBED
    assert place.results(poll.id).account.total.returned == 30
    start.verify_log(place.database)


def test_a_poll_with_a_planned_end_closes_by_the_clock_and_a_clock_set_back_does_not_reopen_it(
    place,
):
    poll = a_poll(place)
    codes = print_ballots(place, poll)
    ends = place.clock.now.replace(hour=3)
    with place.database.write() as connection:
        open_poll(
            connection,
            poll.id,
            scrutineer="张",
            closes_at=ends,
            grace_seconds=90,
            by="t",
            now=place.clock(),
        )
    cast(place, poll, codes[0], GOOD)
    place.clock.now = ends

    closing.go_on(place.database, place.clock(), Random(1))
    assert place.poll(poll.id).closing
    place.clock.go(hours=-2)

    assert not place.poll(poll.id).shows_ballot(place.clock())
    place.clock.now = ends
    place.clock.go(seconds=91)
    closing.go_on(place.database, place.clock(), Random(1))
    assert place.poll(poll.id).phase is Phase.CLOSED


def test_postgresql_scrubs_only_when_no_poll_is_open_and_says_so(place):
    first, codes = an_open_poll(place)
    cast(place, first, codes[0], GOOD)
    second, _ = an_open_poll(place, ONE_GROUP_POLL.replace("白马村2023", "青龙村2023"))

    close(place, first)

    waiting = closing.SCRUBBED if place.database.on_sqlite else closing.PARTED
    assert place.poll(first.id).closing_step == waiting
    close(place, second)
    closing.go_on(place.database, place.clock(), Random(1))
    assert place.poll(first.id).closing_step == closing.SCRUBBED


def test_no_result_before_closing(place):
    poll, codes = an_open_poll(place)
    cast(place, poll, codes[0], GOOD)

    with pytest.raises(results.NoResultYetError, match="投票结束后才有结果"):
        place.results(poll.id)


def test_more_returned_than_issued_is_refused_until_the_true_number_is_declared(place):
    poll, codes = an_open_poll(place, count=7, spares=2)
    for code in codes[:8]:
        cast(place, poll, code, GOOD)
    close(place, poll)

    with pytest.raises(AccountError, match="收回 8 张，多于发出的 7 张"):
        certify(place, poll)
    with pytest.raises(AccountError, match="发出 10 张，多于印制的 9 张"):
        certify(place, poll, issued={"voters": 10})
    certify(place, poll, issued={"voters": 8})

    assert place.poll(poll.id).phase is Phase.CERTIFIED
    total = place.results(poll.id).account.total
    assert (total.printed, total.issued, total.returned) == (9, 8, 8)
    assert (total.left_over, total.not_returned) == (1, 0)


def test_below_its_quorum_a_poll_is_certified_only_with_a_reason(place):
    quorum = ONE_GROUP_POLL + 'quorum = { at_least = "2/3", of = "issued" }\n'
    text_with_quorum = quorum.replace("groups = [{", "groups = [{", 1)
    lines = text_with_quorum.strip().splitlines()
    poll, codes = an_open_poll(place, "\n".join([lines[-1], *lines[:-1]]), count=30)
    for code in codes[:19]:
        cast(place, poll, code, GOOD)
    close(place, poll)

    with pytest.raises(QuorumError, match="收回 19 票"):
        certify(place, poll)
    with place.database.write() as connection:
        closing.certify(
            connection,
            poll.id,
            issued={},
            scrutineer="张",
            reason="大雪封路",
            by="t",
            now=place.clock(),
        )

    assert place.results(poll.id).final


def test_phases_are_walked_in_order_and_a_missing_scrutineer_is_told(place):
    poll, _ = an_open_poll(place)

    with pytest.raises(WrongPhaseError, match="投票中，不能认定结果"):
        certify(place, poll)
    with pytest.raises(MistakesError, match="监票人"), place.database.write() as connection:
        closing.order(connection, poll.id, scrutineer=" ", by="t", now=place.clock())
    close(place, poll)
    with pytest.raises(WrongPhaseError), place.database.write() as connection:
        closing.order(connection, poll.id, scrutineer="张", by="t", now=place.clock())


def test_a_discretionary_value_changes_the_lowest_band_only_and_is_logged(place):
    poll, codes = an_open_poll(place, count=10)
    for code in codes[:10]:
        cast(place, poll, code, BAD)
    close(place, poll)

    with place.database.write() as connection:
        results.set_discretion(
            connection,
            poll.id,
            unit="白马村",
            value="35",
            reason="领导小组集体研究",
            by="李计分",
            now=place.clock(),
        )

    converted = place.results(poll.id).sections[0].subjects[0].converted
    assert (converted.score, str(converted.points)) == (35, "1.75")
    assert any("领导小组集体研究" in str(line) for line in converted.derivation)
    with pytest.raises(results.NoSuchSubjectError), place.database.write() as connection:
        results.set_discretion(
            connection,
            poll.id,
            unit="黑马村",
            value="35",
            reason="r",
            by="b",
            now=place.clock(),
        )


def test_village_groups_are_pooled_and_store_no_group_with_the_vote(place):
    poll, codes = an_open_poll(place, VILLAGE_POLL)
    for code in codes:
        cast(place, poll, code, GOOD)

    with place.database.read() as connection:
        stored = {vote.group for vote in votes.every(connection, poll.id, poll.definition)}
    close(place, poll)

    assert stored == {""}
    assert place.results(poll.id).sections[0].subjects[0].converted.ratio == "30/30"


def test_files_are_for_their_owner_only(sqlite_place):
    an_open_poll(sqlite_place)

    modes = {
        path.name: path.stat().st_mode & 0o077
        for path in (sqlite_place.database.path, sqlite_place.settings.secret_file)
    }
    assert modes == dict.fromkeys(modes, 0)
    assert os.stat(sqlite_place.settings.folder).st_mode & 0o077 == 0


def test_polls_kept_by_storage_are_the_same_when_read_again(place):
    poll = a_poll(place, VILLAGE_POLL)

    with place.database.read() as connection:
        assert stored_polls.get(connection, poll.id) == poll
