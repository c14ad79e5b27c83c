"""Exporting an archive: when, what is in it, and what never is."""

import json
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from ballot.domain.archive import ArchiveError
from ballot.domain.polls import Phase
from ballot.services import archive, polls
from ballot.services.closing import NotPartedYetError
from ballot.services.results import AnnulledResultError, NoResultYetError
from ballot.storage.complete_file import FileExistsAlreadyError, FileNotWrittenError
from tests.archive.samples import POLLS, WEIGHTED, a_closed_poll, exported, records
from tests.assessment import a_leaders_poll, add_units
from tests.builders import (
    LEADERS_POLL,
    ONE_GROUP_POLL,
    Place,
    a_cast,
    a_user,
    an_open_poll,
    cast,
    close,
)
from tests.conftest import slow_on_postgresql
from tests.live import answer_of, ballot, environment
from tests.publication import a_notice, a_review
from tests.web.desk import a_desk


def test_the_same_poll_gives_the_same_bytes_however_often_it_is_exported(place: Place, tmp_path):
    poll = a_closed_poll(place, POLLS["village"])

    first = exported(place, poll, tmp_path / "first")
    a_user(place, "later")

    assert exported(place, poll, tmp_path / "second") == first


def test_the_file_is_its_owners_only_and_replaces_nothing(sqlite_place: Place, tmp_path):
    poll = a_closed_poll(sqlite_place, POLLS["village"])
    path = tmp_path / "archive"
    exported(sqlite_place, poll, path)
    before = path.read_bytes()

    with pytest.raises(FileExistsAlreadyError):
        exported(sqlite_place, poll, path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == before
    assert list(tmp_path.glob("*.part")) == []


def test_a_folder_that_is_not_there_is_named(sqlite_place: Place, tmp_path):
    poll = a_closed_poll(sqlite_place, POLLS["village"])

    with pytest.raises(FileNotWrittenError) as refusal:
        exported(sqlite_place, poll, tmp_path / "nowhere" / "archive")

    assert "nowhere" in str(refusal.value)


def test_before_closing_and_after_annulling_there_is_no_archive(place: Place, tmp_path):
    poll, codes = an_open_poll(place, count=8)
    cast(place, poll, codes[0], 0)
    with pytest.raises(NoResultYetError):
        exported(place, poll, tmp_path / "archive")

    close(place, poll)
    with place.database.write() as connection:
        polls.annul(connection, poll.id, reason="重来", by="test", now=place.clock())

    with pytest.raises(AnnulledResultError):
        exported(place, poll, tmp_path / "archive")
    assert not (tmp_path / "archive").exists()


def test_whole_ballots_never_reach_an_archive(sqlite_place: Place, tmp_path):
    """Between the tally and the shuffle the stored rows are still ballots."""
    poll = a_closed_poll(sqlite_place, POLLS["leaders"], certified=False)
    with sqlite_place.database.write() as connection:
        connection.execute(text("UPDATE polls SET closing_step = 1"))

    with pytest.raises(NotPartedYetError):
        exported(sqlite_place, poll, tmp_path / "archive")


def test_a_weighted_poll_with_a_small_group_is_written_only_for_those_who_may_look(
    place: Place, tmp_path
):
    small = WEIGHTED.replace("ballots = 9", "ballots = 3").replace(', excludes = ["司法所"]', "")
    poll = a_closed_poll(place, small)

    with pytest.raises(archive.SmallGroupError) as refusal:
        exported(place, poll, tmp_path / "archive")
    assert "--small-groups" in str(refusal.value)

    assert exported(place, poll, tmp_path / "archive", small_groups=True)


def test_what_was_tampered_with_in_the_database_is_not_exported(place: Place, tmp_path):
    poll = a_closed_poll(place, POLLS["village"])
    with place.database.write() as connection:
        connection.execute(
            text("UPDATE votes SET choices = :worst WHERE choices = :best"),
            {"worst": bytes([3]), "best": bytes([0])},
        )

    with pytest.raises(ArchiveError) as refusal:
        exported(place, poll, tmp_path / "archive")

    assert "存下的投票与结束时的计票结果不符" in str(refusal.value)


def test_no_archive_holds_a_code_a_digest_or_a_vote_number(place: Place, tmp_path):
    poll, codes = an_open_poll(place, LEADERS_POLL)
    for code in codes:
        cast(place, poll, code, 0, 1, 2, 3, 0)
    with place.database.read() as connection:
        before = [row.id for row in connection.execute(text("SELECT id FROM votes"))]
    close(place, poll)
    data = exported(place, poll, tmp_path / "archive").decode("utf-8").upper()

    with place.database.read() as connection:
        after = [row.id for row in connection.execute(text("SELECT id FROM votes"))]
    for code in codes:
        assert code not in data
        assert place.keys.digest(code).hex().upper() not in data
    for number in (*before, *after):
        assert bytes(number).hex().upper() not in data


def test_the_log_ends_with_the_last_entry_about_the_poll_and_its_head_is_on_the_results_page(
    place: Place, tmp_path
):
    poll = a_closed_poll(place, POLLS["village"])
    a_user(place, "later")
    lines = records(exported(place, poll, tmp_path / "archive"))

    head = next(value for kind, value in lines if kind == "log_head")
    rules = next(value for kind, value in lines if kind == "rules_hash")
    last = [value for kind, value in lines if kind == "event"][-1]

    assert last["action"] == "result certified"
    assert last["hash"] == head
    page = a_desk(place).get(f"/office/polls/{poll.id}/results").text
    assert head in page
    assert rules in page


@slow_on_postgresql
def test_the_command_prints_the_hash_that_the_log_keeps(place: Place, tmp_path):
    poll = a_closed_poll(place, POLLS["village"])
    environ = environment(place.settings)
    path = tmp_path / "archive"

    printed = answer_of(environ, "export", str(poll.id), str(path)).strip()
    verified = ballot(environ, "verify", str(path))

    assert verified.returncode == 0, verified.stderr
    assert verified.stdout.strip() == printed
    assert "两个核对程序结论一致" in verified.stderr
    with place.database.read() as connection:
        details = connection.execute(
            text("SELECT details FROM events ORDER BY number DESC LIMIT 1")
        ).scalar_one()
    assert json.loads(details)["sha256"] == printed
    assert "校验值" in ballot(environ, "poll", "results", str(poll.id)).stderr


def test_verifying_needs_no_database_and_leaves_nothing_behind(sqlite_place: Place, tmp_path):
    data = exported(sqlite_place, a_closed_poll(sqlite_place, POLLS["leaders"]), tmp_path / "a")
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "archive").write_bytes(data)
    environ = {**environment(sqlite_place.settings), "BALLOT_FOLDER": str(alone / "var")}
    environ.pop("BALLOT_DATABASE_URL")

    done = ballot(environ, "verify", str(alone / "archive"))

    assert done.returncode == 0, done.stderr
    assert [path.name for path in alone.iterdir()] == ["archive"]


def test_a_damaged_file_is_refused_in_one_sentence(sqlite_place: Place, tmp_path: Path):
    path = tmp_path / "archive"
    data = exported(sqlite_place, a_closed_poll(sqlite_place, POLLS["leaders"]), path)
    path.write_bytes(data[: len(data) // 2])

    done = ballot(environment(sqlite_place.settings), "verify", str(path))

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("归档不符：")
    assert len(done.stderr.splitlines()) == 1


def test_no_archive_holds_a_comment(sqlite_place: Place, tmp_path):
    """Its log tells how many there were; both verifiers take it as it is."""
    poll, codes = an_open_poll(sqlite_place, "comments = true\n" + ONE_GROUP_POLL)
    for code in codes[:6]:
        vote = a_cast(sqlite_place, poll, code, b"\1")
        sqlite_place.queue.cast(vote._replace(comment="只给工作人员看的话"))
    close(sqlite_place, poll)

    data = exported(sqlite_place, sqlite_place.poll(poll.id), tmp_path / "archive")

    told = [value["details"] for kind, value in records(data) if kind == "event"]
    assert [details["comments"] for details in told if "comments" in details] == [6]
    assert "看的话" not in data.decode()
    assert archive.run_second_verifier(tmp_path / "archive").returncode == 0


def test_a_published_poll_s_archive_says_so_and_both_verifiers_agree(sqlite_place, tmp_path):
    """Its log tells that it was published and that a review came, without a word of either."""
    poll = a_leaders_poll(sqlite_place)
    add_units(sqlite_place, 1, ["白马村"])
    a_review(sqlite_place, about=f"poll:{poll.id}")
    a_notice(sqlite_place, f"poll:{poll.id}")
    path = tmp_path / "poll.txt"

    exported(sqlite_place, poll, path)
    read, _ = archive.verify(path)

    told = path.read_text("utf-8")
    assert read.phase is Phase.PUBLISHED
    assert [e.action for e in read.events if e.details.get("poll") == poll.id][-1] == (
        "poll published"
    )
    assert "review recorded" in told
    assert "漏计一项" not in told
    assert "0731-5555" not in told
