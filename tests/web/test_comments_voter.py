"""A voter writes a comment: on the ballot, on the review, back, on its way, and never lost."""

import re

import pytest
from werkzeug.test import TestResponse

from ballot.services import kiosks
from ballot.storage import comments
from tests.builders import LEADERS_POLL, ONE_GROUP_POLL, Place, an_open_poll
from tests.web.html_page import Page
from tests.web.phone import Phone, page
from tests.web.test_fast_lane import Both, headers_of, same, without_nonce
from tests.web.voter_states import broken_table

COMMENTS_POLL = "comments = true\n" + ONE_GROUP_POLL
SAID = '路灯“坏了”，\n请<修>一修 & 谢谢"'
LONG = "好" * 301


def kept(place: Place, poll) -> list[str]:
    with place.database.read() as connection:
        return [each.text for each in comments.every(connection, poll.id)]


def area(answer: TestResponse) -> str:
    """Return what stands in the field: a browser leaves out a first line break."""
    return page(answer).one("textarea", name="comment").text.removeprefix("\n")


def test_the_ballot_asks_without_asking_who_and_warns_before_one_writes(sqlite_place):
    _, codes = an_open_poll(sqlite_place, COMMENTS_POLL)

    ballot = page(Phone(sqlite_place, codes[0]).open())

    field = ballot.one("textarea")
    described = [ballot.one("p", id=name).text for name in field.get("aria-describedby").split()]
    assert "姓名、职务、电话" in described[0]
    assert "分开存放" in described[1]
    assert "最多 300 个字" in described[2]
    assert field.get("spellcheck") == "false", "a checker may send what is written elsewhere"


def test_what_is_written_is_on_the_review_and_comes_back_and_is_kept_once(place):
    poll, codes = an_open_poll(place, COMMENTS_POLL)
    phone = Phone(place, codes[0])
    typed = "  " + SAID.replace("\n", "\r\n\r\n") + "\u202e \r\n"

    review = phone.send(step="review", c0="1", comment=typed)
    back = phone.send(**page(review).fields("edit"))
    form = page(phone.send(step="review", c0="1", comment=area(back))).fields("cast")
    first, again = phone.send(**form), phone.send(**form)

    assert page(review).one("p", **{"class": "own"}).text == SAID
    assert area(back) == SAID
    assert form["comment"] == SAID
    assert page(first).heading == page(again).heading == "已计票"
    assert "路灯" not in first.text
    assert kept(place, poll) == [SAID]


def test_whoever_writes_nothing_hears_so_and_nothing_is_kept(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, COMMENTS_POLL)
    phone = Phone(sqlite_place, codes[0])

    review = phone.send(step="review", c0="1", comment=" \r\n\u3000")

    assert "没有写意见" in page(review).text
    assert "comment" not in page(review).fields("cast")
    assert page(phone.send(**page(review).fields("cast"))).heading == "已计票"
    assert kept(sqlite_place, poll) == []


def test_too_long_a_comment_is_refused_with_a_sentence_and_nothing_is_lost(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, COMMENTS_POLL)
    phone = Phone(sqlite_place, codes[0])

    refused = phone.send(step="review", c0="2", comment=f"\n\n{LONG}\n完")

    ballot = page(refused)
    assert refused.status_code == 422
    assert "最多写 300 个字，现在是 303 个字" in ballot.one("div", role="alert").text
    assert [e.text for e in ballot.every("a") if e.get("href") == "#comment"] == ["意见"]
    assert "comment-problem" in ballot.one("textarea").get("aria-describedby")
    assert area(refused) == f"\n\n{LONG}\n完"
    assert ballot.fields("review") == {"step": "review", "c0": "2"}
    assert phone.send(step="cast", nonce="0" * 32, c0="2", comment=LONG).status_code == 422
    assert kept(sqlite_place, poll) == []


def test_a_comment_outlives_a_wrong_choice_and_an_answer_that_never_came(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, 'blank = "required"\n' + COMMENTS_POLL)
    phone = Phone(sqlite_place, codes[0])

    refused = phone.send(step="review", comment=SAID)
    form = page(phone.send(step="review", c0="0", comment=area(refused))).fields("cast")
    with broken_table(sqlite_place, "comments"):
        uncertain = phone.send(**form)

    assert uncertain.status_code == 503
    assert page(uncertain).fields("cast") == form
    assert page(phone.send(**page(uncertain).fields("cast"))).heading == "已计票"
    assert kept(sqlite_place, poll) == [SAID]


def test_the_largest_comment_there_can_be_fits_into_a_request(sqlite_place):
    """Whatever the field takes is read by the server, which then says what is too much."""
    _, codes = an_open_poll(sqlite_place, COMMENTS_POLL)
    most = int(page(Phone(sqlite_place, codes[0]).open()).one("textarea").get("maxlength"))

    answer = Phone(sqlite_place, codes[0]).send(step="review", comment="龘" * most)

    assert answer.status_code == 422
    assert area(answer) == "龘" * most


def test_a_poll_without_comments_neither_shows_nor_takes_one(sqlite_place):
    poll, codes = an_open_poll(sqlite_place)
    phone = Phone(sqlite_place, codes[0])

    shown = phone.open().text + phone.review(c0=0).text
    reviewed = page(phone.send(step="review", c0="0", comment=SAID)).fields("cast")
    answer = phone.send(**reviewed, comment=SAID)

    assert "意见" not in shown
    assert "comment" not in re.sub(r"<style>.*?</style>", "", shown, flags=re.DOTALL)
    assert "comment" not in reviewed
    assert page(answer).heading == "已计票"
    assert kept(sqlite_place, poll) == []


def test_at_a_kiosk_a_comment_goes_the_same_way(sqlite_place):
    place = sqlite_place
    poll, codes = an_open_poll(place, COMMENTS_POLL)
    with place.database.write() as connection:
        kiosks.open_kiosk(connection, poll.id, by="test", now=place.clock())
        key = kiosks.of_poll(connection, place.keys, poll.id).key
    client, address = place.client(), f"/kiosk/{poll.id}/{key}"

    def send(**fields: str) -> TestResponse:
        return client.post(address, data={"code": codes[0], **fields})

    refused = send(step="review", c0="0", comment=LONG)
    review = send(step="review", c0="0", comment=SAID)
    without = send(step="review", c0="0", comment="")
    back = send(**page(review).fields("edit"))
    with broken_table(place, "comments"):
        uncertain = send(**page(review).fields("cast"))
    counted = send(**page(uncertain).fields("cast"))

    assert (refused.status_code, area(refused)) == (422, LONG)
    assert len(review.data) == len(without.data), "on its way it is as long as without"
    assert page(review).one("p", **{"class": "own"}).text == SAID
    assert area(back) == SAID
    assert page(counted).heading == "已计票"
    assert kept(place, poll) == [SAID]
    assert "路灯" not in client.get(address).text


@pytest.mark.parametrize("comment", ["", "Fine_as_it_is", "路灯 坏了"])
def test_the_fast_lane_answers_as_the_views_do(sqlite_place, comment):
    """A form with anything but plain letters is left to the views."""
    both = Both(sqlite_place)
    _, codes = an_open_poll(sqlite_place, "comments = true\n" + LEADERS_POLL)
    path = f"/B/{codes[0]}"
    sent = {"step": "review", "c0": "1", "comment": comment}

    same(both.fast.get(path), both.views.get(path))
    reviewed, again = both.views.post(path, data=sent), both.fast.post(path, data=sent)
    assert without_nonce(again) == without_nonce(reviewed)
    assert headers_of(again) == headers_of(reviewed)
    vote = Page(again.text).fields("cast")
    first = both.fast.post(path, data=vote)
    assert first.status_code == 200
    same(both.fast.post(path, data=vote), both.views.post(path, data=vote))
    through = [asked for asked in both.through if asked.startswith("POST")]
    assert len(through) == (3 if "坏" in comment else 0)


def test_the_review_is_as_long_with_a_comment_as_without(sqlite_place):
    """In bytes, whatever is written: TLS does not hide how much that is."""
    _, codes = an_open_poll(sqlite_place, COMMENTS_POLL)
    phone = Phone(sqlite_place, codes[0])

    written = ["", "好", "字" * 300, "&" * 300, '"' * 300, "😀" * 300, SAID]
    pages = [phone.send(step="review", c0="1", comment=each) for each in written]

    assert {page.status_code for page in pages} == {200}
    assert len({len(page.data) for page in pages}) == 1
