"""The slips' page: hand-outs, exchanges and damaged slips, as the issuer does it."""

import re

import pytest

from ballot.domain.casting import Outcome
from ballot.domain.codes import shown
from ballot.domain.hand_outs import Handed
from ballot.domain.people import Role
from ballot.output.qr import ballot_link
from ballot.services import handing_out, voiding
from ballot.storage import ballots
from tests.builders import (
    ONE_GROUP_POLL,
    VILLAGE_POLL,
    Place,
    a_poll,
    an_open_poll,
    cast,
    close,
    open_poll,
    print_ballots,
)
from tests.web.desk import Desk, a_desk, a_witness, confirmed, page, witnessed

SLIPS = "/office/polls/1/slips"
DAMAGED = f"{SLIPS}/damaged"
GOOD = 0


def send(desk: Desk, path: str = SLIPS, **fields: str):
    return desk.client.post(path, data={"csrf_token": desk.token(SLIPS), **fields})


def rows(place: Place) -> list[tuple[Handed, int, bool]]:
    with place.database.read() as connection:
        found = handing_out.hall(connection, 1).rows
    return [(row.what, row.number, row.recorded.stands) for row in found]


@pytest.mark.parametrize("role", [Role.ORGANISER, Role.SCRUTINEER, Role.TELLER])
def test_an_issuer_types_counts_and_each_entry_stands_with_author_and_time(sqlite_place, role):
    an_open_poll(sqlite_place, count=20, spares=2)
    desk = a_desk(sqlite_place, role)

    for number in ("12", "3"):
        answer = send(desk, part="voters@", what="issued", number=number)
        assert (answer.status_code, answer.location) == (303, SLIPS)
    answer = send(desk, part="voters@", what="rest")

    text = desk.read(SLIPS).text
    assert "已登记发出数。" in text
    assert "20 张已发出" in text
    assert f"{role.value} 2023年12月28日" in text
    assert [number for _, number, _ in rows(sqlite_place)] == [12, 3, 5]


def test_what_is_no_number_or_too_much_is_told_and_stays_typed(sqlite_place):
    an_open_poll(sqlite_place, count=20)
    desk = a_desk(sqlite_place)

    for number, words in (("两", "发出张数应为整数"), ("21", "手里只剩 20 张"), ("-1", "整数")):
        answer = send(desk, part="voters@", what="issued", number=number)
        assert answer.status_code == 422
        assert words in page(answer).text
        assert page(answer).every("input", name="number")[0].get("value") == number
    assert rows(sqlite_place) == []


def test_a_lost_slip_is_exchanged_by_one_click_and_taken_back_with_a_reason(sqlite_place):
    an_open_poll(sqlite_place, count=20, spares=2)
    desk = a_desk(sqlite_place)
    send(desk, part="voters@", what="lost")
    assert "遗失换发 1 张" in desk.read(SLIPS).text

    withdrawing = f"{SLIPS}/1/withdraw"
    assert "不要写参评人的姓名" in desk.read(withdrawing).text
    assert desk.send(withdrawing, why="", confirm="yes").status_code == 422
    assert desk.send(withdrawing, why="找到了").status_code == 422
    assert desk.send(withdrawing, why="票找到了，备用票已收回", confirm="yes").status_code == 303

    assert rows(sqlite_place) == [(Handed.LOST, 1, False)]
    assert "票找到了，备用票已收回" in desk.read(SLIPS).text
    assert desk.get(withdrawing).status_code == 404


@pytest.mark.parametrize("written", ["code", "link", "link typed by a Chinese keyboard"])
def test_a_damaged_slip_is_scanned_confirmed_and_voided(sqlite_place, written):
    _, codes = an_open_poll(sqlite_place, count=20, spares=2)
    desk = a_desk(sqlite_place)
    link = ballot_link("http://192.168.1.10:8000", codes[0])
    typed = {"code": shown(codes[0]).lower(), "link": link}.get(
        written, link.replace(":", "：").replace("/", "、")
    )

    asked = page(send(desk, DAMAGED, code=typed))
    assert "作废不能撤销" in asked.text
    assert codes[0][-4:] in asked.text
    assert rows(sqlite_place) == []
    unconfirmed = send(desk, DAMAGED, code=codes[0], step="void", replaced="yes")
    assert unconfirmed.status_code == 422
    done = send(desk, DAMAGED, code=codes[0], step="void", replaced="yes", confirm="yes")

    assert done.status_code == 303
    assert "这张票已作废，请换发一张备用票。" in desk.read(SLIPS).text
    assert rows(sqlite_place) == [(Handed.DAMAGED, 1, True)]
    assert "withdraw" not in desk.get(SLIPS).text


def test_a_slip_spoilt_before_anybody_had_it_is_voided_without_a_spare(sqlite_place):
    _, codes = an_open_poll(sqlite_place, count=20)
    desk = a_desk(sqlite_place)

    send(desk, DAMAGED, code=codes[0], step="void", replaced="no", confirm="yes")

    assert rows(sqlite_place) == [(Handed.SPOILT, 1, True)]


def test_a_used_a_voided_a_foreign_and_an_unknown_slip_get_the_same_page(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, count=20)
    _, foreign = an_open_poll(sqlite_place, VILLAGE_POLL)
    cast(sqlite_place, poll, codes[0], GOOD)
    desk = a_desk(sqlite_place)
    send(desk, DAMAGED, code=codes[1], step="void", replaced="yes", confirm="yes")
    desk.get(SLIPS)  # the message of what was done is shown once

    answers = {
        (answer.status_code, re.sub(r'value="[^"]*"', "", answer.text))
        for code in (codes[0], codes[1], foreign[0])
        for answer in [send(desk, DAMAGED, code=code, step="void", confirm="yes")]
    }

    assert len(answers) == 1
    ((status, text),) = answers
    assert status == 409
    assert "它不属于本次测评，或已经投出，或早已作废" in text
    assert not any(code in text for code in codes)


def test_the_first_step_tells_nothing_about_a_slip_but_its_last_symbols(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, count=20)
    cast(sqlite_place, poll, codes[0], GOOD)
    desk = a_desk(sqlite_place)

    pages = {
        re.sub(f'{code}|{code[-4:]}|value="[^"]*"', "", send(desk, DAMAGED, code=code).text)
        for code in codes[:2]
    }

    assert len(pages) == 1


def test_a_mistyped_code_is_told_group_by_group_and_counts_as_no_attempt(sqlite_place):
    an_open_poll(sqlite_place, count=5)
    desk = a_desk(sqlite_place)

    for _ in range(voiding.MOST_REFUSED + 1):
        answer = send(desk, DAMAGED, code="ABCD")
        assert answer.status_code == 422
    assert "票码应为 16 个字符" in page(answer).text


def test_recusals_are_shown_in_the_hall_and_with_the_account(sqlite_place):
    text = ONE_GROUP_POLL.replace(
        "60 }]", '60 }, { key = "p", name = "村党员", ballots = 6, excludes = ["白马村"] }]'
    )
    poll, codes = an_open_poll(sqlite_place, text)
    desk = a_desk(sqlite_place)

    assert "不评：白马村" in desk.read(SLIPS).text
    cast(sqlite_place, poll, codes[0], GOOD)
    close(sqlite_place, poll)
    assert "不评：白马村" in desk.read("/office/polls/1/results").text


def a_poll_with_a_box(place: Place) -> None:
    poll = a_poll(place)
    codes = print_ballots(place, poll, 10, spares=1)
    in_box = print_ballots(place, poll, 4, group="voters", box="一号箱")
    open_poll(place, poll)
    for code in codes[:6] + in_box[:3]:
        cast(place, poll, code, GOOD)


def test_before_closing_no_page_tells_how_many_votes_came_from_a_box(sqlite_place):
    a_poll_with_a_box(sqlite_place)
    desk = a_desk(sqlite_place)

    before = desk.get(SLIPS).text
    poll = sqlite_place.poll(1)
    more = print_ballots(sqlite_place, poll, 2, group="voters", box="一号箱")
    text = desk.get(SLIPS).text
    cast(sqlite_place, poll, more[0], GOOD)

    assert "一号箱" in before
    assert desk.get(SLIPS).text == text


def test_a_boxs_lines_stand_in_the_account_and_no_result_is_told_of_it(sqlite_place):
    a_poll_with_a_box(sqlite_place)
    close(sqlite_place, sqlite_place.poll(1))
    desk = a_desk(sqlite_place)

    certify = desk.read("/office/polls/1/certify")
    assert certify.every("input", name="box-0")[0].get("value") == "4"
    assert "其中流动票箱“一号箱”" in certify.text
    witnessed(
        sqlite_place, desk, "/office/polls/1/certify", **{"issued-voters": "13", "box-0": "3"}
    )

    results = desk.read("/office/polls/1/results").text
    assert "其中流动票箱“一号箱”" in results
    assert results.count("一号箱") == 1
    account = sqlite_place.results(1).account
    assert (account.lines[0].issued, account.boxes[0].issued) == (13, 3)


def test_more_votes_than_rights_ask_for_a_reason_at_certifying(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, count=5, spares=1)
    desk = a_desk(sqlite_place)
    send(desk, part="voters@", what="issued", number="5")
    send(desk, part="voters@", what="lost")
    for code in codes:
        cast(sqlite_place, poll, code, GOOD)
    close(sqlite_place, poll)

    path = "/office/polls/1/certify"
    said = {"issued-voters": "5", "confirm": "yes"}
    refused = desk.send(path, **said)
    assert refused.status_code == 409
    assert "至少有 1 张已报遗失的票也投了出来" in page(refused).text
    said["reason"] = "监票组一致认可"
    assert witnessed(sqlite_place, desk, path, **said).status_code == 303
    assert "收回比发出多 1 票" in desk.read("/office/polls/1/results").text


def void(desk: Desk, batch: int, **fields: str):
    return send(desk, f"{SLIPS}/batches/{batch}/void", **fields)


def test_a_batch_that_got_lost_is_voided_by_two_people_and_what_was_cast_counts(place):
    poll, lost = an_open_poll(place, count=6)
    cast(place, poll, lost[0], GOOD)
    fresh = print_ballots(place, poll, count=6)
    desk = a_desk(place)
    said = desk.read(SLIPS)
    assert said.text.count("整批作废…") == 2

    answer = void(desk, 1, reason="整捆票在路上丢了", confirm="yes")
    assert answer.status_code == 303
    witness = a_witness(place, desk)
    told = witness.read(answer.location).text
    assert "印制 6 张，其中备用 0 张" in told
    assert "整捆票在路上丢了" in told
    with place.database.read() as connection:
        assert ballots.counts(connection, poll.id, ["voters"])[0].voided == 0
    confirmed(witness, answer.location)

    with place.database.read() as connection:
        counts = ballots.counts(connection, poll.id, ["voters"])[0]
    assert (counts.voided, counts.cast) == (5, 1)
    assert cast(place, poll, fresh[0], GOOD) is Outcome.COUNTED
    page_now = desk.read(SLIPS).text
    assert page_now.count("整批作废…") == 1
    assert "2023年12月28日" in page_now


def test_a_batch_is_not_voided_without_a_reason_or_twice_or_after_voting(sqlite_place):
    poll, _ = an_open_poll(sqlite_place, count=6)
    desk = a_desk(sqlite_place)

    assert void(desk, 1, reason="", confirm="yes").status_code == 422
    assert void(desk, 2, reason="丢了", confirm="yes").status_code == 404
    asked = void(desk, 1, reason="丢了", confirm="yes")
    confirmed(a_witness(sqlite_place, desk), asked.location)
    assert void(desk, 1, reason="丢了", confirm="yes").status_code == 404
    print_ballots(sqlite_place, poll, count=6)
    close(sqlite_place, poll)
    assert void(desk, 2, reason="丢了", confirm="yes").status_code == 409
