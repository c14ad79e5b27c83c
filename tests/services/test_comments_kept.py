"""A comment is kept exactly if its vote counts: once, with its vote, on both databases."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from ballot.domain.casting import Outcome
from ballot.domain.keys import new_nonce
from ballot.services import copies, kiosks, voting
from ballot.storage import comments, votes
from ballot.storage.casting import cast_all
from tests.builders import (
    ONE_GROUP_POLL,
    Place,
    a_cast,
    a_poll,
    an_open_poll,
    cast,
    close,
    open_poll,
    print_ballots,
)

COMMENTS_POLL = "comments = true\n" + ONE_GROUP_POLL
GOOD, BAD = b"\0", b"\3"


def kept(place: Place, poll) -> list[str]:
    with place.database.read() as connection:
        return sorted(each.text for each in comments.every(connection, poll.id))


def a_commented_cast(place, poll, code, said, choices=GOOD, nonce=""):
    return a_cast(place, poll, code, choices, nonce)._replace(comment=said)


def test_a_repeat_of_the_same_vote_adds_no_second_comment_and_another_one_none_at_all(place):
    poll, codes = an_open_poll(place, COMMENTS_POLL)
    nonce = new_nonce()
    first = a_commented_cast(place, poll, codes[0], "路灯该修了", nonce=nonce)
    other = a_commented_cast(place, poll, codes[0], "换一句", BAD)

    outcomes = [place.queue.cast(each) for each in (first, first, other)]

    assert outcomes == [Outcome.COUNTED, Outcome.COUNTED_BEFORE, Outcome.USED]
    assert kept(place, poll) == ["路灯该修了"]


def test_64_phones_with_one_code_at_the_same_moment_keep_the_comment_of_the_one_that_counts(place):
    poll, codes = an_open_poll(place, COMMENTS_POLL)
    casts = [a_commented_cast(place, poll, codes[0], f"第{n}部手机") for n in range(64)]

    with ThreadPoolExecutor(64) as phones:
        outcomes = list(phones.map(place.queue.cast, casts))

    counted = [each.comment for each, outcome in zip(casts, outcomes, strict=True)
               if outcome is Outcome.COUNTED]  # fmt: skip
    assert len(counted) == 1
    assert kept(place, poll) == counted


def test_of_casts_that_share_a_commit_only_those_that_count_keep_their_comments(place):
    """One slip was used before, and one comes twice."""
    poll, codes = an_open_poll(place, COMMENTS_POLL)
    assert cast(place, poll, codes[0], 0) is Outcome.COUNTED
    slips = (codes[0], codes[1], codes[2], codes[1])
    group = [a_commented_cast(place, poll, code, f"第{n}个") for n, code in enumerate(slips)]

    with place.database.write() as connection:
        outcomes = cast_all(connection, group, place.clock())

    assert [outcomes[n] is Outcome.COUNTED for n in range(4)] == [False, True, True, False]
    assert kept(place, poll) == ["第1个", "第2个"]


def test_one_bad_cast_costs_no_comment_of_those_that_share_its_commit(place):
    """The bad one breaks a rule of the database itself; then all are replayed one by one."""
    poll, codes = an_open_poll(place, COMMENTS_POLL)
    good = [a_commented_cast(place, poll, code, f"意见{n}") for n, code in enumerate(codes[:5])]
    bad = a_commented_cast(place, poll, codes[5], "不该留下")
    bad = bad._replace(vote=bad.vote._replace(choices=None))
    waiting = threading.Barrier(6)

    def send(vote):
        waiting.wait(10)
        try:
            return place.queue.cast(vote)
        except voting.VotingRefusedError as error:
            return type(error).__name__

    with ThreadPoolExecutor(6) as phones:
        outcomes = list(phones.map(send, [*good, bad]))

    assert outcomes == [Outcome.COUNTED] * 5 + ["UncertainError"]
    assert kept(place, poll) == [f"意见{n}" for n in range(5)]
    assert cast(place, poll, codes[5], 0) is Outcome.COUNTED


def test_a_vote_whose_comment_cannot_be_kept_does_not_count(place):
    poll, codes = an_open_poll(place, COMMENTS_POLL)
    vote = a_commented_cast(place, poll, codes[0], "先失败，再成功")
    with place.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE comments RENAME TO away")

    with pytest.raises(voting.VotingRefusedError):
        place.queue.cast(vote)

    with place.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO comments")
        assert votes.number(connection, poll.id) == 0
    assert place.queue.cast(vote) is Outcome.COUNTED
    assert kept(place, poll) == ["先失败，再成功"]


def test_many_polls_and_phones_at_once_lose_no_comment(place):
    """Some write, some do not; one poll takes no comments."""
    asked, codes = an_open_poll(place, COMMENTS_POLL, count=100)
    plain, more = an_open_poll(place, count=20)
    casts = [a_commented_cast(place, asked, code, f"{n}" if n % 3 else "")
             for n, code in enumerate(codes)]  # fmt: skip
    casts += [a_cast(place, plain, code, BAD) for code in more]

    with ThreadPoolExecutor(32) as phones:
        outcomes = Counter(phones.map(place.queue.cast, casts))

    assert outcomes == {Outcome.COUNTED: 120}
    wanted = sorted(each.comment for each in casts if each.comment)
    assert kept(place, asked) == wanted
    close(place, asked)
    assert kept(place, asked) == wanted
    assert kept(place, plain) == []


def test_a_comment_at_a_kiosk_is_kept_with_its_vote(place):
    poll, codes = an_open_poll(place, COMMENTS_POLL)
    with place.database.write() as connection:
        kiosks.open_kiosk(connection, poll.id, by="test", now=place.clock())
    vote = a_commented_cast(place, poll, codes[0], "代填的意见")
    admission = voting.find(place.database, place.keys, codes[0])

    for _ in range(2):
        kiosks.submit(place.database, place.keys, place.clock, admission, vote)

    assert kept(place, poll) == ["代填的意见"]


def test_the_database_itself_knows_no_vote_slip_group_or_time_beside_a_comment(place):
    with place.database.read() as connection:
        columns = connection.execute(text("SELECT * FROM comments")).keys()

    assert set(columns) == {"poll_id", "id", "text", "verdict", "why", "masked"}


def test_wiping_a_rehearsal_takes_its_comments(sqlite_place):
    place = sqlite_place
    draft = a_poll(place, COMMENTS_POLL)
    with place.database.write() as connection:
        number = copies.rehearse(connection, draft.id, by="test", now=place.clock())
    poll = place.poll(number)
    codes = print_ballots(place, poll)
    open_poll(place, poll)
    place.queue.cast(a_commented_cast(place, poll, codes[0], "演练的意见"))
    assert kept(place, poll) == ["演练的意见"]

    with place.database.write() as connection:
        said = {"words": str(copies.WORDS), "by": "test", "now": place.clock()}
        copies.wipe(connection, poll.id, **said)

    assert kept(place, poll) == []
