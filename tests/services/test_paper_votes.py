"""Paper votes: from the pile to the tally, and what attackers try on the way."""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text

from ballot.domain.paper_votes import EntryError, Mode, Spot
from ballot.domain.people import RatedPersonError, Role, User
from ballot.domain.polls import Phase, WrongPhaseError
from ballot.errors import MistakesError
from ballot.services import (
    closing,
    paper_desks,
    paper_piles,
    paper_slips,
    paper_votes,
    people,
    polls,
    results,
    voting,
)
from ballot.services.paper_piles import (
    NoSheetsError,
    PileDeclaredError,
    PileTakenError,
    WrongStepError,
)
from ballot.services.paper_slips import PileCountError
from ballot.services.paper_votes import (
    NotTellerError,
    SameTellerError,
    SlipGoneError,
    TellerSettlesError,
    TellersFullError,
    UnsettledError,
)
from ballot.services.results import PapersPendingError
from ballot.storage.tables import State
from tests.builders import (
    LEADERS_POLL,
    ONE_GROUP_POLL,
    PASSWORD,
    Place,
    a_poll,
    a_user,
    an_open_poll,
    cast,
    certify,
    close,
    open_poll,
    print_ballots,
)
from tests.papers import (
    a_sheet,
    act,
    begin,
    count_on_paper,
    count_pile,
    declare,
    enter,
    finish,
    scan,
    take,
    teller,
)

GOOD, FAIR, POOR, BAD = range(4)
MARKS_POLL = """
title = "2023年度站办所民主测评"
scheme = "street-2023"
kind = "station"
component = "report-review"
subjects = [{ unit = "财政所" }, { unit = "司法所" }]
scale = { marks = { drop_top = 1, drop_bottom = 1, only_above = 4 } }
groups = [{ key = "cadres", name = "机关干部", ballots = 9 }]
"""
WEIGHTED_POLL = """
title = "年底述职民主测评"
scheme = "street-2023"
kind = "station"
component = "report-review"
subjects = [{ unit = "财政所" }, { unit = "司法所" }]
groups = [
  { key = "a", name = "领导", ballots = 8, weight = "0.4" },
  { key = "b", name = "干部", ballots = 9, weight = "0.6", excludes = ["司法所"] },
]
"""


def a_pile(place: Place, text: str = ONE_GROUP_POLL, votes: int = 7, papers: int = 5, **mode):
    """Return a closed poll with votes by phone, counted papers and two tellers who have begun."""
    poll, codes = an_open_poll(place, text)
    for code in codes[:votes]:
        cast(place, poll, code, GOOD)
    declare(place, poll, **mode)
    close(place, poll)
    scan(place, poll, *codes[-papers:])
    count_pile(place, poll, **{poll.definition.groups[-1].key: papers})
    tellers = teller(place, "王计票"), teller(place, "李计票")
    begin(place, poll, *tellers)
    return poll, codes, tellers


def a_begun_pile(place: Place):
    """Return a closed poll with a counted paper that nobody enters yet."""
    poll, codes = an_open_poll(place)
    declare(place, poll)
    close(place, poll)
    scan(place, poll, codes[0])
    count_pile(place, poll, voters=1)
    return poll, codes, ()


def settled_pile(place: Place, **how):
    """Return the same, entered and settled: two 较好, one 差, one blank row, one invalid paper."""
    poll, codes, (first, second) = a_pile(place, **how)
    for who, last in ((first, "invalid"), (second, "-")):
        for number, said in enumerate(["1", "1", "3", "x", last], 1):
            enter(place, poll, who, Spot(0, number), said)
    finish(place, poll, first, second)
    act(
        place,
        paper_votes.settle,
        poll.id,
        a_user(place, "赵监票", Role.SCRUTINEER),
        Spot(0, 5),
        {"invalid": "yes"},
    )
    return poll, codes


def counts(place: Place, poll):
    with place.database.read() as connection:
        return results.tallies.stored(connection, poll.id)


def rows_left(place: Place) -> list[int]:
    with place.database.read() as connection:
        return [
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("paper_slips", "paper_entries")
        ]


def test_papers_entered_twice_and_settled_are_counted_with_the_votes_by_phone(place):
    poll, _ = settled_pile(place)

    take(place, poll)
    closing.go_on(place.database, place.clock(), Random(7))

    tally, account = counts(place, poll)
    (slot,) = tally.slots[0].values()
    assert (slot.marks, slot.blank, slot.invalid) == ((7, 2, 0, 1), 1, 1)
    (line,) = account.lines
    assert (line.returned, line.on_paper, line.set_aside, account.invalid) == (12, 5, 0, 1)
    assert place.poll(poll.id).closing_step == closing.SCRUBBED
    assert rows_left(place) == [0, 0]
    certify(place, poll)
    assert place.poll(poll.id).phase is Phase.CERTIFIED


def test_the_log_tells_numbers_and_names_and_no_paper(sqlite_place):
    poll, _ = settled_pile(sqlite_place)

    take(sqlite_place, poll)

    with sqlite_place.database.read() as connection:
        last = results.events.last_about(connection, poll.id)
    assert last.action == "paper votes taken over"
    assert last.details == {
        "poll": poll.id,
        "mode": "ballots",
        "tellers": ["王计票", "李计票"],
        "papers": 5,
        "invalid": 1,
        "set_aside": 0,
        "boxes": {},
        "settled": 1,
    }


def test_counts_make_the_same_tally_as_the_papers_they_were_counted_from(sqlite_place):
    poll, _, (first, second) = a_pile(sqlite_place, mode=Mode.COUNTS)
    for who in (first, second):
        act(
            sqlite_place,
            paper_votes.enter,
            poll.id,
            who,
            Spot(0, 0),
            a_sheet(1, (0, 2, 0, 1, 0, 1)),
        )
    finish(sqlite_place, poll, first, second)

    take(sqlite_place, poll)

    tally, account = counts(sqlite_place, poll)
    (slot,) = tally.slots[0].values()
    assert (slot.marks, slot.blank, slot.invalid) == ((7, 2, 0, 1), 1, 1)
    assert (account.total.returned, account.invalid) == (12, 1)


def test_weighted_groups_and_recusals_keep_their_own_papers(place):
    poll, codes = an_open_poll(place, WEIGHTED_POLL)
    for code in codes[:6] + codes[8:14]:
        group_b = code in codes[8:]
        cast(place, poll, code, *((GOOD, 254) if group_b else (GOOD, FAIR)))
    declare(place, poll, Mode.COUNTS)
    close(place, poll)
    scan(place, poll, *codes[6:8], *codes[14:17])
    count_pile(place, poll, a=2, b=3)
    tellers = teller(place, "王计票"), teller(place, "李计票")
    begin(place, poll, *tellers)
    for who in tellers:
        a = a_sheet(0, (1, 1, 0, 0, 0, 0), (0, 0, 2, 0, 0, 0))
        act(place, paper_votes.enter, poll.id, who, Spot(0, 0), a)
        act(place, paper_votes.enter, poll.id, who, Spot(1, 0), a_sheet(1, (0, 0, 0, 2, 0, 0)))
    finish(place, poll, *tellers)

    take(place, poll)
    closing.go_on(place.database, place.clock(), Random(7))

    tally, account = counts(place, poll)
    assert tally.slots[0]["a"].marks == (7, 1, 0, 0)
    assert tally.slots[0]["b"].marks == (6, 0, 0, 2)
    assert tally.slots[1]["a"].marks == (0, 6, 2, 0)
    assert (tally.slots[1]["b"].not_asked, tally.slots[1]["b"].invalid) == (8, 0)
    assert [line.on_paper for line in account.lines] == [2, 3]


def test_a_ballot_cast_by_phone_is_set_aside_and_never_counted_on_paper(place):
    poll, codes = an_open_poll(place)
    cast(place, poll, codes[0], GOOD)
    declare(place, poll)
    close(place, poll)

    answers = scan(place, poll, codes[0], codes[0], codes[1])

    assert answers == [
        "另存：此票已用手机投过，不作纸质票计。请放到一边（另存第 1 张）。",
        "此票已用手机投过，先前已经另存。",
        "已登记：村民第 1 张。",
    ]
    with place.database.read() as connection:
        found = paper_piles.of_poll(connection, poll.id)
    assert (found.papers, found.set_aside) == (1, 1)


def test_a_code_scanned_twice_counts_once(sqlite_place):
    poll, codes = an_open_poll(sqlite_place)
    declare(sqlite_place, poll)
    close(sqlite_place, poll)

    link = f"{sqlite_place.settings.public_url}/B/{codes[0]}"

    assert scan(sqlite_place, poll, codes[0], link) == [
        "已登记：村民第 1 张。",
        "这张票刚才登记过了（村民），不重复计。",
    ]


def test_a_voided_slip_and_one_of_another_poll_are_left_out(sqlite_place):
    other, theirs = an_open_poll(sqlite_place)
    poll, codes = an_open_poll(sqlite_place)
    act(
        sqlite_place,
        polls.void_ballot,
        sqlite_place.keys,
        poll.id,
        codes[0],
        by="test",
        now=sqlite_place.clock(),
    )
    declare(sqlite_place, poll)
    close(sqlite_place, poll)

    answers = scan(sqlite_place, poll, codes[0], theirs[0], "0000-0000-0000-0000")

    assert [
        "作废" in answers[0],
        "不是本次测评的票" in answers[1],
        "不是本次测评的票" in answers[2],
    ]
    with sqlite_place.database.read() as connection:
        assert paper_piles.of_poll(connection, poll.id).papers == 0
    cast(sqlite_place, other, theirs[0], GOOD)


def test_no_slip_is_registered_before_closing_nor_after_certifying(sqlite_place):
    poll, codes = an_open_poll(sqlite_place)
    declare(sqlite_place, poll)

    with pytest.raises(WrongPhaseError):
        scan(sqlite_place, poll, codes[0])
    close(sqlite_place, poll)
    act(
        sqlite_place,
        paper_piles.cancel,
        poll.id,
        reason="没有纸质票",
        by="test",
        now=sqlite_place.clock(),
    )
    closing.go_on(sqlite_place.database, sqlite_place.clock(), Random(7))
    certify(sqlite_place, poll)
    with pytest.raises(WrongPhaseError):
        declare(sqlite_place, poll)


def test_nothing_is_entered_or_taken_once_the_papers_are_taken_over(sqlite_place):
    poll, codes = settled_pile(sqlite_place)
    take(sqlite_place, poll)
    again = User(1, "王计票", Role.TELLER, 1, "王计票")

    for attempt in (
        lambda: enter(sqlite_place, poll, again, Spot(0, 1), "0"),
        lambda: take(sqlite_place, poll),
        lambda: scan(sqlite_place, poll, codes[20]),
        lambda: act(
            sqlite_place,
            paper_piles.cancel,
            poll.id,
            reason="x",
            by="test",
            now=sqlite_place.clock(),
        ),
    ):
        with pytest.raises(PileTakenError):
            attempt()
    with pytest.raises(PileDeclaredError):
        declare(sqlite_place, poll)


def test_a_ballot_counted_on_paper_can_be_neither_cast_nor_looked_at_as_unused(place):
    poll, codes = settled_pile(place)
    take(place, poll)

    admission = voting.find(place.database, place.keys, codes[-1])

    with pytest.raises(voting.BallotOnPaperError):
        voting.look(admission, place.clock())
    assert cast(place, poll, codes[-1], GOOD).name == "CLOSED"


def test_while_papers_are_pending_nobody_learns_a_result_or_certifies(place):
    poll, _ = settled_pile(place)

    with pytest.raises(PapersPendingError):
        place.results(poll.id)
    with pytest.raises(PapersPendingError):
        certify(place, poll)
    take(place, poll)
    assert place.results(poll.id).account.total.returned == 12


def test_the_same_teller_cannot_enter_twice_and_a_third_one_not_at_all(sqlite_place):
    poll, _, (first, second) = a_pile(sqlite_place)

    begin(sqlite_place, poll, first)
    enter(sqlite_place, poll, first, Spot(0, 1), "0")

    with sqlite_place.database.read() as connection:
        assert paper_desks.desk(connection, poll.id, second).mine == {}
        assert paper_desks.desk(connection, poll.id, second).entered == (1, 0)
    with pytest.raises(TellersFullError):
        begin(sqlite_place, poll, teller(sqlite_place, "孙计票"))
    with pytest.raises(NotTellerError):
        enter(sqlite_place, poll, a_user(sqlite_place, "周计票", Role.TELLER), Spot(0, 1), "0")


def test_one_person_with_two_accounts_is_one_teller(sqlite_place):
    poll, _, _ = a_begun_pile(sqlite_place)
    (first, second) = (
        act(
            sqlite_place,
            people.add_user,
            name=name,
            full_name="孙某",
            role=Role.SCRUTINEER,
            password=PASSWORD,
            by="test",
            now=sqlite_place.clock(),
        )
        for name in ("sun1", "sun2")
    )
    begin(sqlite_place, poll, first)

    with pytest.raises(SameTellerError):
        begin(sqlite_place, poll, second)


def test_a_person_rated_on_the_poll_is_no_teller_of_it(sqlite_place):
    poll, _, _ = a_begun_pile(sqlite_place)

    with pytest.raises(RatedPersonError):
        begin(sqlite_place, poll, teller(sqlite_place, "白马村"))


def test_a_teller_sees_no_difference_before_both_have_finished(sqlite_place):
    poll, _, (first, second) = a_pile(sqlite_place, papers=1)
    enter(sqlite_place, poll, first, Spot(0, 1), "0")
    enter(sqlite_place, poll, second, Spot(0, 1), "1")
    finish(sqlite_place, poll, first)

    with sqlite_place.database.read() as connection:
        assert paper_desks.desk(connection, poll.id, second).compared == []
    finish(sqlite_place, poll, second)
    with sqlite_place.database.read() as connection:
        (found,) = paper_desks.desk(connection, poll.id, second).compared
    assert [[str(part) for part in each] for each in found.differences] == [
        ["第 1 行“白马村领导班子”", "好", "较好"]
    ]


def test_who_entered_papers_does_not_settle_and_a_third_reading_may_win(sqlite_place):
    poll, _, (first, second) = a_pile(sqlite_place, papers=1)
    enter(sqlite_place, poll, first, Spot(0, 1), "0")
    enter(sqlite_place, poll, second, Spot(0, 1), "1")
    finish(sqlite_place, poll, first, second)

    with pytest.raises(UnsettledError):
        take(sqlite_place, poll)
    with pytest.raises(TellerSettlesError):
        act(sqlite_place, paper_votes.settle, poll.id, first, Spot(0, 1), {"c0": "0"})
    third = a_user(sqlite_place, "赵监票", Role.SCRUTINEER)
    act(sqlite_place, paper_votes.settle, poll.id, third, Spot(0, 1), {"c0": "2"})
    take(sqlite_place, poll)

    (slot,) = counts(sqlite_place, poll)[0].slots[0].values()
    assert slot.marks == (7, 0, 1, 0)


def test_a_settled_sheet_is_looked_through_like_any_other(sqlite_place):
    poll, _, (first, second) = a_pile(sqlite_place, mode=Mode.COUNTS)
    for who, row in ((first, (5, 0, 0, 0, 0, 0)), (second, (4, 1, 0, 0, 0, 0))):
        act(sqlite_place, paper_votes.enter, poll.id, who, Spot(0, 0), a_sheet(0, row))
    finish(sqlite_place, poll, first, second)
    third = a_user(sqlite_place, "赵监票", Role.SCRUTINEER)

    with pytest.raises(EntryError, match="合计 6 票，有效票是 5 票：多 1 票"):
        act(
            sqlite_place,
            paper_votes.settle,
            poll.id,
            third,
            Spot(0, 0),
            a_sheet(0, (5, 1, 0, 0, 0, 0)),
        )


def test_a_teller_is_told_which_papers_are_missing(sqlite_place):
    poll, _, (first, _) = a_pile(sqlite_place, papers=2)
    enter(sqlite_place, poll, first, Spot(0, 2), "-")

    with pytest.raises(UnsettledError, match="还没有录入：村民第 1 号"):
        finish(sqlite_place, poll, first)
    with pytest.raises(EntryError, match="没有这个编号"):
        enter(sqlite_place, poll, first, Spot(0, 3), "0")


def test_an_unfinished_sheet_is_kept_and_not_reported_finished(sqlite_place):
    poll, _, (first, _) = a_pile(sqlite_place, mode=Mode.COUNTS)
    act(sqlite_place, paper_votes.enter, poll.id, first, Spot(0, 0), {"n0-0": "3"})

    with sqlite_place.database.read() as connection:
        kept = paper_desks.desk(connection, poll.id, first).mine[Spot(0, 0)]
    assert kept.rows[0][0] == 3
    with pytest.raises(UnsettledError, match="还有 5 格没有填"):
        finish(sqlite_place, poll, first)


def test_the_pile_is_counted_by_hand_and_must_agree(sqlite_place):
    poll, codes = an_open_poll(sqlite_place)
    declare(sqlite_place, poll)
    close(sqlite_place, poll)
    scan(sqlite_place, poll, *codes[:3])

    with pytest.raises(PileCountError, match="清点 4 张，登记了 3 张"):
        count_pile(sqlite_place, poll, voters=4)
    act(sqlite_place, paper_slips.unregister, sqlite_place.keys, poll.id, codes[0])
    count_pile(sqlite_place, poll, voters=2)
    with pytest.raises(WrongStepError):
        scan(sqlite_place, poll, codes[4])


def test_a_slip_found_late_joins_and_no_entry_is_lost(sqlite_place):
    poll, codes, (first, _) = a_pile(sqlite_place, papers=2)
    enter(sqlite_place, poll, first, Spot(0, 1), "0")
    enter(sqlite_place, poll, first, Spot(0, 2), "1")
    finish(sqlite_place, poll, first)

    act(sqlite_place, paper_slips.reopen, poll.id, by="test", now=sqlite_place.clock())
    scan(sqlite_place, poll, codes[30])
    count_pile(sqlite_place, poll, voters=3)

    with sqlite_place.database.read() as connection:
        mine = paper_desks.desk(connection, poll.id, first)
    assert (len(mine.mine), mine.missing, mine.spread.pile.done) == (
        2,
        [Spot(0, 3)],
        (False, False),
    )


def test_a_cancelled_pile_leaves_the_result_as_it_was_and_no_row(place):
    poll, _ = settled_pile(place)
    before = counts(place, poll)

    act(place, paper_piles.cancel, poll.id, reason="录错了类别", by="test", now=place.clock())

    assert place.poll(poll.id).closing_step == closing.TALLIED
    closing.go_on(place.database, place.clock(), Random(7))
    assert place.poll(poll.id).closing_step == closing.SCRUBBED
    assert counts(place, poll) == before
    assert rows_left(place) == [0, 0]
    certify(place, poll)


def test_cancelling_wants_a_reason(sqlite_place):
    poll, _ = settled_pile(sqlite_place)

    with pytest.raises(MistakesError, match="理由"):
        act(
            sqlite_place,
            paper_piles.cancel,
            poll.id,
            reason=" ",
            by="test",
            now=sqlite_place.clock(),
        )


def test_an_annulled_poll_keeps_no_paper_and_is_scrubbed(place):
    poll, _ = settled_pile(place)

    act(place, polls.annul, poll.id, reason="程序不当", by="test", now=place.clock())
    closing.go_on(place.database, place.clock(), Random(7))

    assert rows_left(place) == [0, 0]
    assert place.poll(poll.id).closing_step == closing.SCRUBBED


def test_a_poll_on_marks_takes_no_sheets(sqlite_place):
    poll, _ = an_open_poll(sqlite_place, MARKS_POLL)

    with pytest.raises(NoSheetsError):
        declare(sqlite_place, poll, Mode.COUNTS)
    declare(sqlite_place, poll, Mode.BALLOTS)


def test_a_crash_inside_taking_over_leaves_all_as_it_was_and_it_can_be_done_again(place):
    poll, _ = settled_pile(place)

    def the_laptop_dies(connection) -> None:
        paper_votes.take(connection, poll.id, by="test", now=place.clock(), random=Random(3))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        act(place, the_laptop_dies)
    with pytest.raises(PapersPendingError):
        place.results(poll.id)
    take(place, poll)

    assert counts(place, poll)[1].total.returned == 12


def test_killed_after_taking_over_the_next_start_parts_and_scrubs(place):
    poll, _ = settled_pile(place)
    take(place, poll)

    assert place.poll(poll.id).closing_step == closing.TALLIED
    with pytest.raises(closing.NotPartedYetError):
        certify(place, poll)
    assert closing.go_on(place.database, place.clock(), Random(1)) == [poll.id]

    assert place.poll(poll.id).closing_step == closing.SCRUBBED
    certify(place, poll)


def files_of_entries(place: Place) -> bytes:
    """Return what the files hold in which slips and entries lie."""
    if place.database.path:
        folder = place.database.path.parent
        return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    with place.database.outside_transactions() as connection:
        connection.execute(text("CHECKPOINT"))
        folder = Path(connection.execute(text("SHOW data_directory")).scalar_one())
        names = ("paper_entries", "pk_paper_entries", "paper_slips", "pk_paper_slips", "votes")
        paths = [
            connection.execute(text("SELECT pg_relation_filepath(:n)"), {"n": name}).scalar_one()
            for name in names
        ]
    return b"".join((folder / path).read_bytes() for path in paths)


def test_after_papers_are_taken_over_no_file_holds_what_a_teller_entered(place):
    poll, codes = an_open_poll(place, LEADERS_POLL)
    close(place, poll)
    said = ("3", "1", "-", "x", "2")
    written = " ".join(said).encode()
    digest = bytes(place.keys.digest(codes[0]))
    declare(place, poll)
    scan(place, poll, codes[0])
    count_pile(place, poll, leaders=1)
    tellers = teller(place, "王计票"), teller(place, "李计票")
    begin(place, poll, *tellers)
    for who in tellers:
        enter(place, poll, who, Spot(0, 1), *said)
    finish(place, poll, *tellers)

    before = files_of_entries(place)
    take(place, poll)
    closing.go_on(place.database, place.clock(), Random(7))
    after = files_of_entries(place)

    assert written in before
    assert digest in before
    assert written not in after
    assert place.database.on_sqlite or digest not in after  # SQLite: the ballot is in that file


def test_papers_of_a_mobile_box_stand_in_its_line_and_in_its_groups(place):
    poll = a_poll(place)
    hall_codes = print_ballots(place, poll, 10)
    box_codes = print_ballots(place, poll, 4, group="voters", box="一号箱")
    open_poll(place, poll)
    poll = place.poll(poll.id)
    for code in (*hall_codes[:9], box_codes[0]):
        cast(place, poll, code, GOOD)
    close(place, poll)

    count_on_paper(place, poll, [hall_codes[9], *box_codes[1:]], *[("1",)] * 4)

    _, account = counts(place, poll)
    (line,), (box,) = account.lines, account.boxes
    assert (line.returned, line.on_paper, box.returned, box.on_paper) == (14, 4, 4, 3)
    assert (account.returned_by_box, account.on_paper_by_box) == (
        {"voters@一号箱": 1},
        {"voters@一号箱": 3},
    )
    certify(place, poll)


def test_a_slip_voided_after_it_was_registered_is_not_counted(sqlite_place):
    poll, codes = settled_pile(sqlite_place)
    with sqlite_place.database.write() as connection:
        digest = sqlite_place.keys.digest(codes[-1])
        assert paper_votes.stored.ballot_state(connection, poll.id, digest)[1] is State.UNUSED
        connection.execute(
            text("UPDATE ballots SET state = 2 WHERE digest = :digest"), {"digest": digest}
        )

    with pytest.raises(SlipGoneError):
        take(sqlite_place, poll)
    assert counts(sqlite_place, poll)[1].total.returned == 7
