"""The kiosk (代填): slip after slip at one device, by real requests, and its office's side."""

import logging
import re
from dataclasses import replace

import pytest

from ballot.domain.people import Role
from ballot.domain.polls import Phase
from ballot.services import closing, kiosks, polls
from ballot.storage import events
from tests.builders import (
    LEADERS_POLL,
    ONE_GROUP_POLL,
    Place,
    a_place,
    a_poll,
    an_open_poll,
    cast,
    close,
    open_poll,
    print_ballots,
)
from tests.web.desk import Desk, a_desk
from tests.web.html_page import Page
from tests.web.phone import Phone, page, receipt, with_wrong_check_symbol
from tests.web.voter_states import broken_table

GOOD, FAIR = 0, 1


def the_key(place: Place, poll_id: int) -> str | None:
    with place.database.read() as connection:
        return kiosks.of_poll(connection, place.keys, poll_id).key


def open_kiosk(place: Place, poll_id: int) -> str:
    """Open a poll's kiosk and return its address."""
    with place.database.write() as connection:
        kiosks.open_kiosk(connection, poll_id, by="test", now=place.clock())
    return f"/kiosk/{poll_id}/{the_key(place, poll_id)}"


def shut_kiosk(place: Place, poll_id: int) -> None:
    with place.database.write() as connection:
        kiosks.shut_kiosk(connection, poll_id, by="test", now=place.clock())


def assisted(place: Place, poll_id: int) -> int | None:
    with place.database.read() as connection:
        return kiosks.assisted_of(connection, polls.get(connection, poll_id))


class Kiosk(Phone):
    """A shared device: a phone whose address holds no code."""

    def __init__(self, place: Place, address: str) -> None:
        self.client = place.client()
        self.address = address

    def scan(self, typed: str) -> Page:
        """Type or scan a code, and return the page with the ballot."""
        answer = self.send(step="open", code=typed)
        assert answer.status_code == 200, answer.text
        return page(answer)

    def vote_with(self, code: str, **choices: int) -> str:
        """Scan, choose, review and cast; return the receipt."""
        self.scan(code)
        review = self.send(step="review", code=code, **choices)
        return receipt(self.send(**page(review).fields("cast")))


@pytest.fixture
def hall(sqlite_place: Place):
    """Give a place, an open poll about one subject, its codes and its kiosk."""
    poll, codes = an_open_poll(sqlite_place)
    return sqlite_place, poll, codes, Kiosk(sqlite_place, open_kiosk(sqlite_place, poll.id))


def test_slip_after_slip_is_voted_with_and_each_gets_its_receipt(hall):
    place, poll, codes, kiosk = hall

    receipts = [kiosk.vote_with(code, c0=GOOD) for code in codes[:3]]

    close(place, poll)
    assert len(set(receipts)) == 3
    assert receipts[0].replace(" ", "") == place.keys.receipt(place.keys.digest(codes[0]))
    assert assisted(place, poll.id) == 3
    assert place.results(poll.id).account.total.returned == 3


@pytest.mark.parametrize(
    "typed",
    [
        "HTTP://192.168.1.10:8000/B/{code}",
        "http://192.168.1.10:8000/b/{code}\n",
        "ＨＴＴＰ：／／192.168.1.10：8000／B／{code}",
        "HTTP:、、192.168.1.10:8000、B、{code}",
        " {code} ",
        "{dashed}",
    ],
)
def test_a_scanner_may_type_the_whole_link_whatever_the_keyboard_makes_of_its_slashes(hall, typed):
    _, _, codes, kiosk = hall
    dashed = "-".join(re.findall("....", codes[0].lower()))

    ballot = kiosk.scan(typed.format(code=codes[0], dashed=dashed))

    assert ballot.fields("review")["code"] == codes[0]
    assert ballot.heading == "白马村2023年度村述村评"


def test_no_address_of_a_kiosk_ever_holds_a_code(hall):
    _, _, codes, kiosk = hall

    kiosk.vote_with(codes[0], c0=GOOD)

    answers = [kiosk.open(), kiosk.send(step="open", code=codes[1])]
    for answer in answers:
        shown = page(answer)
        for element in shown.every("a", "form", "link", "script", "meta"):
            for name in ("href", "action", "src", "content"):
                assert codes[0] not in element.get(name)
                assert codes[1] not in element.get(name)
        assert "location" not in answer.headers


def test_nothing_of_a_voter_is_on_the_page_of_the_next(hall):
    _, _, codes, kiosk = hall
    before = kiosk.open().data

    kiosk.vote_with(codes[0], c0=GOOD)

    assert kiosk.open().data == before
    assert kiosk.client.get_cookie("ballot_office") is None


def test_every_page_may_not_be_kept_fills_nothing_in_and_clears_itself(hall):
    """`checked.py` holds every answer to no-store."""
    _, _, codes, kiosk = hall
    review = kiosk.send(step="review", code=codes[0], c0=GOOD)
    answers = [
        kiosk.open(),
        kiosk.send(step="open", code=codes[0]),
        review,
        kiosk.send(step="edit", code=codes[0], c0=GOOD),
        kiosk.send(**page(review).fields("cast")),
        kiosk.send(step="open", code=codes[0]),
    ]

    for answer in answers:
        shown = page(answer)
        refresh = shown.one("meta", **{"http-equiv": "refresh"})
        assert refresh.inside("noscript"), "a script knows better who is still there"
        assert refresh.get("content").endswith(f";url={kiosk.address}")
        assert shown.one("div", id="idle").get("data-idle") in {"60", "12"}
        assert "data-shared" in shown.one("html").attributes, "no script keeps anything here"
        (script,) = shown.every("script")
        assert script.get("src").startswith("/static/kiosk.js?")
        for form in shown.every("form"):
            assert form.get("autocomplete") == "off"
        for field in shown.every("input", type="text"):
            assert field.get("autocomplete") == "off"
    assert page(answers[4]).one("div", id="idle").get("data-idle") == "12"


def test_without_a_script_a_long_ballot_is_given_the_time_it_takes(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, LEADERS_POLL)
    kiosk = Kiosk(sqlite_place, open_kiosk(sqlite_place, poll.id))

    refresh = kiosk.scan(codes[0]).one("meta", **{"http-equiv": "refresh"})

    assert refresh.get("content").startswith("100;"), "60 s and 10 s for each further subject"


def test_going_back_keeps_what_was_chosen_and_casts_nothing(hall):
    place, poll, codes, kiosk = hall

    review = page(kiosk.send(step="review", code=codes[0], c0=FAIR))
    back = page(kiosk.send(**review.fields("edit")))

    assert back.fields("review") == {"step": "review", "code": codes[0], "c0": str(FAIR)}
    close(place, poll)
    assert assisted(place, poll.id) == 0


def test_a_vote_sent_twice_counts_once_and_is_assisted_once(hall):
    place, poll, codes, kiosk = hall
    form = page(kiosk.send(step="review", code=codes[0], c0=GOOD)).fields("cast")

    first, again = kiosk.send(**form), kiosk.send(**form)

    assert receipt(first) == receipt(again)
    assert "没有重复计票" in again.text
    close(place, poll)
    assert assisted(place, poll.id) == 1


def test_a_vote_by_phone_is_not_assisted_even_if_it_is_sent_again_at_a_kiosk(hall):
    place, poll, codes, kiosk = hall
    phone = Phone(place, codes[0])
    form = phone.reviewed(c0=GOOD)

    phone.send(**form)
    again = kiosk.send(**form, code=codes[0])

    assert "没有重复计票" in again.text
    close(place, poll)
    assert assisted(place, poll.id) == 0


def test_a_slip_that_was_used_is_refused_and_the_next_voter_may_come(hall):
    place, poll, codes, kiosk = hall
    cast(place, poll, codes[0], GOOD)

    for fields in ({"step": "open"}, {"step": "review", "c0": GOOD}):
        refused = kiosk.send(code=codes[0], **fields)
        assert refused.status_code == 409
        assert page(refused).heading == "此票已投"
        assert page(refused).one("a", href="?").text.strip() == "下一位"


def test_a_mistyped_code_stays_in_its_field_with_what_is_wrong(hall):
    _, _, codes, kiosk = hall
    wrong = with_wrong_check_symbol(codes[0])

    answer = kiosk.send(step="open", code=wrong)

    assert answer.status_code == 422
    assert page(answer).one("input", id="code").get("value") == wrong
    assert "票码不正确" in answer.text


def test_a_slip_of_another_poll_is_refused_and_stays_unused(hall):
    place, _, _, kiosk = hall
    _, others = an_open_poll(place)

    for fields in ({"step": "open"}, {"step": "cast", "c0": GOOD, "nonce": "0" * 32}):
        refused = kiosk.send(code=others[0], **fields)
        assert (refused.status_code, page(refused).heading) == (409, "不是这次测评的票")
    assert Phone(place, others[0]).open().status_code == 200


@pytest.mark.parametrize("form", [{"step": "x"}, {"step": "cast"}, {"step": "review", "c0": "9"}])
def test_forms_that_no_page_holds_are_refused(hall, form):
    _, _, codes, kiosk = hall

    assert kiosk.send(code=codes[0], **form).status_code in {400, 409, 422}


def test_chinese_comes_first_whatever_the_device_speaks_and_english_is_a_tap_away(hall):
    _, _, codes, kiosk = hall

    chinese = kiosk.client.get(kiosk.address, headers={"Accept-Language": "en"})
    assert page(chinese).heading == "请扫票，或输入票码"
    assert page(chinese).one("a", lang="en").get("href") == "?lang=en"

    kiosk.address += "?lang=en"
    assert kiosk.scan(codes[0]).one("html").get("lang") == "en"


def test_a_link_that_is_wrong_or_taken_back_opens_nothing_and_an_older_one_neither(hall):
    place, poll, codes, kiosk = hall
    review = page(kiosk.send(step="review", code=codes[0], c0=GOOD))
    wrong = Kiosk(place, f"{kiosk.address[:-1]}!")
    unknown = Kiosk(place, kiosk.address.replace(f"/{poll.id}/", "/77/"))
    for other in (wrong, unknown):
        assert other.open().status_code == 404

    shut_kiosk(place, poll.id)
    assert kiosk.open().status_code == 404
    refused = kiosk.send(**review.fields("cast"))
    assert refused.status_code == 404
    assert "已经收回" in page(refused).text

    newer = open_kiosk(place, poll.id)
    assert newer != kiosk.address
    assert kiosk.open().status_code == 404
    kiosk.address = newer
    assert kiosk.vote_with(codes[0], c0=GOOD), "the slip was not used up"


def test_a_kiosk_begins_and_ends_with_its_poll(sqlite_place):
    poll = a_poll(sqlite_place, ONE_GROUP_POLL)
    codes = print_ballots(sqlite_place, poll)
    kiosk = Kiosk(sqlite_place, open_kiosk(sqlite_place, poll.id))

    early = kiosk.open()
    assert (early.status_code, page(early).heading) == (409, "投票还没有开始")

    open_poll(sqlite_place, poll)
    kiosk.vote_with(codes[0], c0=GOOD)
    close(sqlite_place, poll)
    for late in (kiosk.open(), kiosk.send(step="open", code=codes[1])):
        assert (late.status_code, page(late).heading) == (409, "投票已经结束")
    assert the_key(sqlite_place, poll.id) is None


def test_who_is_reviewing_when_the_poll_closes_may_still_cast_within_the_grace(sqlite_settings):
    with a_place(replace(sqlite_settings, grace_seconds=90)) as place:
        poll, codes = an_open_poll(place)
        kiosk = Kiosk(place, open_kiosk(place, poll.id))
        form = page(kiosk.send(step="review", code=codes[0], c0=GOOD)).fields("cast")
        with place.database.write() as connection:
            closing.order(connection, poll.id, scrutineer="张监票", by="test", now=place.clock())

        assert kiosk.open().status_code == 409
        assert "已计票" in kiosk.send(**form).text


def test_where_the_database_fails_the_same_vote_is_offered_again_and_then_counts_once(place):
    poll, codes = an_open_poll(place)
    kiosk = Kiosk(place, open_kiosk(place, poll.id))
    form = page(kiosk.send(step="review", code=codes[0], c0=GOOD)).fields("cast")

    with broken_table(place, "votes"):
        uncertain = kiosk.send(**form)
        assert uncertain.status_code == 503
    with broken_table(place, "assisted"):
        assert kiosk.send(**form).status_code == 503

    again = page(uncertain).fields("cast")
    assert again == form
    assert "已计票" in kiosk.send(**again).text
    close(place, poll)
    assert assisted(place, poll.id) == 1
    assert place.results(poll.id).account.total.returned == 1


def test_the_number_of_assisted_votes_is_on_no_page_before_closing_and_afterwards_in_the_log(place):
    poll, codes = an_open_poll(place)
    kiosk = Kiosk(place, open_kiosk(place, poll.id))
    desk = a_desk(place)
    paths = ["/office/", f"/office/polls/{poll.id}", f"/office/polls/{poll.id}/kiosk"]

    def seen() -> list[str]:
        pages = [desk.get(path).text for path in paths]
        return [re.sub(r'name="csrf_token" value="[^"]*"', "", text) for text in pages]

    cast(place, poll, codes[0], GOOD)
    kiosk.vote_with(codes[1], c0=GOOD)
    assert assisted(place, poll.id) is None
    before = seen()
    with place.database.write() as connection:
        connection.exec_driver_sql("UPDATE assisted SET number = 2")
    assert seen() == before
    with place.database.write() as connection:
        connection.exec_driver_sql("UPDATE assisted SET number = 1")

    close(place, poll)

    assert "1 票" in Page(desk.get(paths[1]).text).text.partition("代填")[2]
    with place.database.read() as connection:
        (closed,) = [e for e in events.every(connection) if e.action == "poll closed"]
    assert closed.details["assisted"] == 1


def test_a_poll_without_a_kiosk_tells_no_number(sqlite_place):
    poll, codes = an_open_poll(sqlite_place)
    cast(sqlite_place, poll, codes[0], GOOD)

    close(sqlite_place, poll)

    assert assisted(sqlite_place, poll.id) is None
    assert "代填" not in a_desk(sqlite_place).read(f"/office/polls/{poll.id}").text


def test_the_office_opens_shows_renews_and_takes_back_the_link(sqlite_place):
    poll, _ = an_open_poll(sqlite_place)
    desk = a_desk(sqlite_place, Role.ORGANISER)
    where = f"/office/polls/{poll.id}/kiosk"

    def shown() -> list[str]:
        return [
            link.get("href")
            for link in desk.read(where).every("a")
            if "/kiosk/" in link.get("href")
        ]

    def press(path: str) -> None:
        answer = desk.client.post(path, data={"csrf_token": desk.token(where)})
        assert (answer.status_code, answer.location) == (303, where)

    assert desk.read(f"/office/polls/{poll.id}").every("a", href=where)
    assert shown() == []
    press(where)
    (first,) = shown()
    assert f"http://127.0.0.1:8000{first}" in desk.read(where).text
    assert desk.read(where).every("svg", role="img")
    assert sqlite_place.client().get(first).status_code == 200

    press(where)
    (second,) = shown()
    assert second != first
    assert sqlite_place.client().get(first).status_code == 404

    press(f"{where}/shut")
    assert shown() == []
    assert sqlite_place.client().get(second).status_code == 404


def test_the_form_check_guards_the_offices_side(sqlite_place):
    poll, _ = an_open_poll(sqlite_place)
    desk = a_desk(sqlite_place)

    assert desk.client.post(f"/office/polls/{poll.id}/kiosk").status_code == 400
    assert the_key(sqlite_place, poll.id) is None


def test_after_its_end_a_poll_gets_no_kiosk(sqlite_place):
    poll, _ = an_open_poll(sqlite_place)
    close(sqlite_place, poll)
    desk = a_desk(sqlite_place)
    where = f"/office/polls/{poll.id}/kiosk"

    assert not desk.read(where).every("button", text="开代填")
    refused = desk.client.post(where, data={"csrf_token": desk.token(where)})

    assert refused.status_code == 409
    assert "已经结束" in refused.text
    assert sqlite_place.poll(poll.id).phase is Phase.CLOSED


def test_no_log_line_of_a_kiosk_holds_a_code_or_its_key(place, caplog):
    caplog.set_level(logging.DEBUG)
    poll, codes = an_open_poll(place)
    kiosk = Kiosk(place, open_kiosk(place, poll.id))

    form = page(kiosk.send(step="review", code=codes[0], c0=GOOD)).fields("cast")
    with broken_table(place, "votes"):
        kiosk.send(**form)
    kiosk.send(**form)

    lines = " ".join([r.getMessage() + str(r.exc_text) + str(r.exc_info) for r in caplog.records])
    for secret in (codes[0], form["nonce"], kiosk.address, kiosk.address.rpartition("/")[2]):
        assert secret not in lines


def test_whoever_is_not_signed_in_opens_no_kiosk(sqlite_place):
    poll, _ = an_open_poll(sqlite_place)

    assert Desk(sqlite_place).get(f"/office/polls/{poll.id}/kiosk").status_code == 303
