"""Slips in the hall: handed out, exchanged, taken back; and the account that follows."""

import pytest
from sqlalchemy import inspect, select

from ballot.domain.account import AccountError, ExcessError
from ballot.domain.hand_outs import Handed
from ballot.domain.polls import Poll
from ballot.errors import MistakesError
from ballot.scoring import Base
from ballot.services import closing, handing_out, printing, voiding
from ballot.services.polls import NotVoidableError
from ballot.storage import events
from ballot.storage.tables import ballots
from tests.builders import (
    ONE_GROUP_POLL,
    VILLAGE_POLL,
    Place,
    a_poll,
    an_open_poll,
    cast,
    certify,
    close,
    open_poll,
    print_ballots,
)

GOOD = 0
TWO_GROUPS = ONE_GROUP_POLL.replace(
    "60 }]", '60 }, { key = "party", name = "党员", ballots = 6, eligible = 8 }]'
)


def hand_out(
    place: Place,
    poll: Poll,
    number: int | None,
    part: str = "voters@",
    what: Handed = Handed.ISSUED,
) -> None:
    with place.database.write() as connection:
        handing_out.hand_out(
            connection, poll.id, part, number, what=what, by="李发票", now=place.clock()
        )


def lose(place: Place, poll: Poll, part: str = "voters@") -> None:
    hand_out(place, poll, 1, part, Handed.LOST)


def withdraw(place: Place, poll: Poll, row: int, why: str = "记错了") -> None:
    with place.database.write() as connection:
        number = handing_out.hall(connection, poll.id).rows[row].recorded.id
        handing_out.withdraw(connection, poll.id, number, why=why, by="李发票", now=place.clock())


def void(place: Place, poll: Poll, code: str, *, replaced: bool = True) -> None:
    voiding.void_scanned(
        place.database,
        place.keys,
        poll.id,
        printing.Code(code),
        replaced=replaced,
        by="李发票",
        now=place.clock(),
    )


def part_of(place: Place, poll: Poll, key: str = "voters@") -> handing_out.PartSlips:
    with place.database.read() as connection:
        found = handing_out.hall(connection, poll.id)
    return next(part for part in found.parts if part.key == key)


def told(place: Place, action: str) -> list[dict]:
    with place.database.read() as connection:
        return [event.details for event in events.every(connection) if event.action == action]


def test_an_evening_of_hand_outs_makes_the_account_of_the_worked_example(place):
    """docs/scoring-rules.md, "The ballot account": 64 printed, 4 of them spares."""
    poll, codes = an_open_poll(place, count=60, spares=4)
    for number in (30, 25, 3):
        hand_out(place, poll, number)
    void(place, poll, codes[0])
    void(place, poll, codes[1])
    void(place, poll, codes[63], replaced=False)
    lose(place, poll)
    for code in codes[2:57]:
        cast(place, poll, code, GOOD)
    close(place, poll)

    certify(place, poll)

    line = place.results(poll.id).account.total
    assert (line.printed, line.issued, line.damaged, line.lost) == (64, 58, 2, 1)
    assert (line.left_over, line.voided, line.returned, line.not_returned) == (3, 3, 55, 3)
    assert line.handed_out == 58


def test_without_a_record_all_but_the_spares_were_handed_out_as_before(place):
    poll, codes = an_open_poll(place, count=10, spares=2)
    void(place, poll, codes[0])
    close(place, poll)

    line = place.results(poll.id).account.lines[0]

    assert (line.issued, line.handed_out, line.damaged, line.voided) == (10, None, 1, 1)
    assert str(line.source) == "印制 − 备用（没有发放记录）"


def test_what_was_spoilt_on_the_table_is_not_presumed_to_be_in_somebodys_hand(place):
    poll, codes = an_open_poll(place, count=10)
    for code in codes[:3]:
        void(place, poll, code, replaced=False)
    close(place, poll)

    assert place.results(poll.id).account.lines[0].issued == 7


def test_all_but_the_spares_is_one_entry_and_counts_what_was_handed_out_before(place):
    poll, _ = an_open_poll(place, count=20, spares=3)
    hand_out(place, poll, 6)

    hand_out(place, poll, None)

    part = part_of(place, poll)
    assert (part.handed_out, part.rest, part.on_table) == (20, 0, 3)
    with pytest.raises(MistakesError, match="大于 0"):
        hand_out(place, poll, None)


def test_more_than_lies_on_the_table_cannot_be_handed_out(place):
    poll, codes = an_open_poll(place, count=10, spares=1)
    void(place, poll, codes[0])
    lose(place, poll)
    hand_out(place, poll, 9)

    with pytest.raises(MistakesError, match="要发 1 张，而按记录手里只剩 0 张"):
        hand_out(place, poll, 1)
    for number in (0, -3):
        with pytest.raises(MistakesError, match="大于 0"):
            hand_out(place, poll, number)


def test_an_entry_is_withdrawn_with_a_reason_once_and_stays_to_be_seen(place):
    poll, _ = an_open_poll(place, count=10)
    hand_out(place, poll, 7)

    with pytest.raises(MistakesError, match="须写明理由"):
        withdraw(place, poll, 0, why=" ")
    withdraw(place, poll, 0)

    assert part_of(place, poll).handed_out == 0
    with place.database.read() as connection:
        row = handing_out.hall(connection, poll.id).rows[0]
    assert (row.number, row.recorded.by, row.recorded.withdrawn_why) == (7, "李发票", "记错了")
    with pytest.raises(handing_out.NoSuchHandOutError):
        withdraw(place, poll, 0)
    assert [each["slips"] for each in told(place, "hand-out withdrawn")] == [7]


def test_a_mistaken_loss_is_withdrawn_and_a_voided_slip_is_not(place):
    poll, codes = an_open_poll(place, count=10, spares=2)
    lose(place, poll)
    void(place, poll, codes[0])

    withdraw(place, poll, 0)
    with pytest.raises(handing_out.FinalError, match="不能撤回"):
        withdraw(place, poll, 1)

    assert (part_of(place, poll).lost, part_of(place, poll).damaged) == (0, 1)


def test_after_closing_the_account_follows_the_record_until_it_is_certified(place):
    poll, _ = an_open_poll(place, count=10, spares=2)
    close(place, poll)
    assert place.results(poll.id).account.total.issued == 10

    hand_out(place, poll, 9)
    lose(place, poll)
    line = place.results(poll.id).account.lines[0]
    assert (line.issued, line.handed_out, line.lost) == (9, 9, 1)
    withdraw(place, poll, 0)
    assert place.results(poll.id).account.lines[0].issued == 10

    certify(place, poll)
    with pytest.raises(handing_out.HandOutsFixedError, match="已认定"):
        hand_out(place, poll, 1)


def test_a_lost_slip_cast_beside_its_replacement_is_certified_only_with_a_reason(place):
    poll, codes = an_open_poll(place, count=5, spares=1)
    hand_out(place, poll, 5)
    lose(place, poll)
    for code in codes:
        cast(place, poll, code, GOOD)
    close(place, poll)

    with pytest.raises(ExcessError, match="收回 6 票，多于发出的 5 张"):
        certify(place, poll)
    with place.database.write() as connection:
        closing.certify(
            connection,
            poll.id,
            issued={},
            scrutineer="张",
            reason="监票组认可",
            by="t",
            now=place.clock(),
        )

    account = place.results(poll.id).account
    assert account.total.returned == 6
    assert "至少有 1 张" in str(account.remarks()[0])


def test_one_more_vote_than_lost_slips_explain_is_refused_whatever_the_reason(place):
    poll, codes = an_open_poll(place, count=5, spares=2)
    hand_out(place, poll, 4)
    lose(place, poll)
    for code in codes[:6]:
        cast(place, poll, code, GOOD)
    close(place, poll)

    with pytest.raises(AccountError, match="发出的 4 张与遗失换发的 1 张之和"):
        certify(place, poll)


def test_a_slip_that_cannot_be_voided_is_refused_with_one_sentence_and_noted(place):
    poll, codes = an_open_poll(place, count=5)
    _, foreign = an_open_poll(place, VILLAGE_POLL)
    cast(place, poll, codes[0], GOOD)
    void(place, poll, codes[1])

    sentences = set()
    for code in (codes[0], codes[1], foreign[0], printing.new_code()):
        with pytest.raises(NotVoidableError) as refused:
            void(place, poll, code)
        sentences.add(str(refused.value))

    assert len(sentences) == 1
    noted = told(place, "voiding refused")
    assert noted == [{"poll": poll.id}] * 4, "never which slip, nor why"


def test_whoever_tries_out_slips_is_stopped_after_a_few_also_with_good_ones(place):
    poll, codes = an_open_poll(place, count=9)
    for code in codes[:5]:
        cast(place, poll, code, GOOD)
        with pytest.raises(NotVoidableError):
            void(place, poll, code)

    for code in (codes[0], codes[8]):
        with pytest.raises(voiding.ProbingError, match="十分钟"):
            void(place, poll, code)

    place.clock.go(minutes=10, seconds=1)
    void(place, poll, codes[8])


def test_a_mobile_box_has_lines_of_its_own_and_is_merged_into_its_group(place):
    poll = a_poll(place)
    hall_codes = print_ballots(place, poll, 10, spares=1)
    box_codes = print_ballots(place, poll, 6, group="voters", spares=1, box="一号箱")
    open_poll(place, poll)
    hand_out(place, poll, 9)
    hand_out(place, poll, 5, "voters@一号箱")
    void(place, poll, box_codes[0])
    for code in hall_codes[:8] + box_codes[1:5]:
        cast(place, poll, code, GOOD)
    close(place, poll)

    certify(place, poll, {"voters@一号箱": 5})

    account = place.results(poll.id).account
    (line,), (box,) = account.lines, account.boxes
    assert (line.printed, line.issued, line.returned, line.damaged) == (18, 14, 12, 1)
    assert (box.name, box.printed, box.issued, box.returned, box.damaged, box.voided) == (
        "一号箱",
        7,
        5,
        4,
        1,
        1,
    )
    converted = place.results(poll.id).sections[0].subjects[0].converted
    assert converted.ratio == "12/12"


def test_a_vote_knows_neither_its_batch_nor_its_box(place):
    poll = a_poll(place)
    in_hall = print_ballots(place, poll, 6)
    in_box = print_ballots(place, poll, 6, group="voters", box="一号箱")
    open_poll(place, poll)
    for code in in_hall[:5]:
        cast(place, poll, code, GOOD)
    for code in in_box[:5]:
        cast(place, poll, code, 3)
    close(place, poll)

    with place.database.read() as connection:
        kept = [column["name"] for column in inspect(connection).get_columns("votes")]
        of_ballots = select(ballots.c.batch_id, ballots.c.state, ballots.c.nonce)
        slips = sorted(connection.execute(of_ballots).all())

    assert set(kept) == {"poll_id", "id", "group_index", "valid", "choices"}
    assert slips == sorted([(1, 1, None), (2, 1, None)] * 5 + [(1, 0, None), (2, 0, None)])


def test_a_box_that_returned_more_than_it_handed_out_is_refused_though_the_group_balances(place):
    poll = a_poll(place)
    print_ballots(place, poll, 10)
    box_codes = print_ballots(place, poll, 6, group="voters", box="一号箱")
    open_poll(place, poll)
    hand_out(place, poll, 10)
    hand_out(place, poll, 4, "voters@一号箱")
    for code in box_codes[:5]:
        cast(place, poll, code, GOOD)
    close(place, poll)

    with pytest.raises(AccountError, match="村民 · 一号箱：收回 5 张，多于发出的 4 张"):
        certify(place, poll)
    certify(place, poll, {"voters": 15, "voters@一号箱": 5})


@pytest.mark.parametrize("name", ["", " ", " 一号", "一号@", "一" * 21, "一\u200b号"])
def test_what_cannot_be_a_boxs_name_is_refused(sqlite_place, name):
    poll = a_poll(sqlite_place)

    with pytest.raises(MistakesError, match="流动票箱名称"):
        print_ballots(sqlite_place, poll, 3, group="voters", box=name)
    with pytest.raises(MistakesError, match="须写明类别和张数"):
        print_ballots(sqlite_place, poll, box="一号箱")


def test_bases_of_a_subject_leave_out_the_groups_that_do_not_rate_it(place):
    """回避: issued and eligible count the rating groups' lines alone, hand-outs included."""
    text = TWO_GROUPS.replace("eligible = 8", 'eligible = 8, excludes = ["白马村"]').replace(
        "ballots = 60", "ballots = 20, eligible = 30"
    )
    for base, number in ((Base.ISSUED, 15), (Base.ELIGIBLE, 30)):
        poll = a_poll(place, f'base = "{base.value}"\n{text}')
        codes = print_ballots(place, poll, spares=1)
        open_poll(place, poll)
        hand_out(place, poll, 15)
        hand_out(place, poll, 6, "party@")
        for code in codes[:12]:
            cast(place, poll, code, GOOD)
        close(place, poll)

        account = place.results(poll.id).account
        converted = place.results(poll.id).sections[0].subjects[0].converted

        assert account.total.issued == 21
        assert converted.ratio == f"12/{number}"


def test_no_part_and_no_group_of_another_poll_is_taken(place):
    poll, _ = an_open_poll(place, count=5)

    for part in ("voters@二号箱", "nobody@", "", "voters"):
        with pytest.raises(handing_out.NoSuchPartError):
            hand_out(place, poll, 1, part)
