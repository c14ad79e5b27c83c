"""From the slip to 已计票: review, going back, casting, and casting again."""

from dataclasses import replace

import pytest

from ballot.services import closing
from ballot.storage import ballots, tallies
from tests.builders import LEADERS_POLL, ONE_GROUP_POLL, a_place, an_open_poll, close
from tests.web.phone import Phone, page, receipt
from tests.web.test_voter_ballot import SEVERAL_QUESTIONS

REQUIRED_POLL = 'blank = "required"\n' + LEADERS_POLL
LIMITED_POLL = LEADERS_POLL.replace(
    '{ unit = "石桥社区" }]', '{ unit = "石桥社区" }]\nlimits = [{ level = "好", at_most = 2 }]'
)
INVALID_IF_BLANK_POLL = 'wholly_blank = "invalid"\n' + ONE_GROUP_POLL


def turnout(place, poll):
    with place.database.read() as connection:
        groups = [group.key for group in poll.definition.groups]
        return sum(count.cast for count in ballots.counts(connection, poll.id, groups))


def tally_of(place, poll):
    with place.database.read() as connection:
        return tallies.stored(connection, poll.id)[0]


def test_review_lists_every_choice_and_names_the_blanks(place):
    poll, codes = an_open_poll(place, LEADERS_POLL)

    answer = Phone(place, codes[0]).review(c0=0, c1=3, c4=2)

    review = page(answer)
    answers = dict(
        zip(
            [" ".join(e.text.split()) for e in review.every("dt")],
            [e.text for e in review.every("dd")],
            strict=True,
        )
    )
    assert answers == {
        "白马村": "好",
        "青龙村": "差",
        "石桥社区": "未评（弃权）",
        "财政所": "未评（弃权）",
        "司法所": "一般",
    }
    assert "还没有提交。 共 5 项，其中 2 项未评（弃权）。" in review.text
    assert review.buttons == ["提交", "返回修改"]
    assert turnout(place, poll) == 0


def test_a_reviewed_vote_counts_and_shows_its_receipt_in_two_groups_of_four(place):
    poll, codes = an_open_poll(place)
    phone = Phone(place, codes[0])

    answer = phone.vote(c0=1)

    assert answer.status_code == 200
    assert page(answer).heading == "已计票"
    assert "不能看出怎样评价" in page(answer).text
    assert [len(half) for half in receipt(answer).split(" ")] == [4, 4]
    assert receipt(answer).replace(" ", "") == place.keys.receipt(place.keys.digest(codes[0]))
    assert turnout(place, poll) == 1


def test_the_same_submit_again_gets_the_same_answer_and_counts_once(place):
    poll, codes = an_open_poll(place)
    phone = Phone(place, codes[0])
    form = phone.reviewed(c0=0)

    first, again = phone.send(**form), phone.send(**form)

    assert page(again).heading == "已计票"
    assert receipt(again) == receipt(first)
    assert "没有重复计票" in page(again).text
    assert turnout(place, poll) == 1


def test_another_review_of_a_used_ballot_is_told_that_the_first_stands(place):
    poll, codes = an_open_poll(place)
    phone = Phone(place, codes[0])
    one, other = phone.reviewed(c0=0), phone.reviewed(c0=3)
    phone.send(**one)

    answer = phone.send(**other)

    assert answer.status_code == 409
    assert page(answer).heading == "此票已投"
    assert "以第一次提交为准" in page(answer).text
    assert turnout(place, poll) == 1


def test_what_was_chosen_is_what_is_counted(place):
    poll, codes = an_open_poll(place, LEADERS_POLL)
    for code in codes[:6]:
        Phone(place, code).vote(c0=1, c3=3)

    close(place, poll)

    tally = tally_of(place, poll)
    assert [tally.slots[slot][""].marks for slot in (0, 3)] == [(0, 6, 0, 0), (0, 0, 0, 6)]
    assert [tally.slots[slot][""].blank for slot in (1, 2, 4)] == [6, 6, 6]


def test_going_back_keeps_every_choice(sqlite_place):
    _, codes = an_open_poll(sqlite_place, LEADERS_POLL)
    phone = Phone(sqlite_place, codes[0])
    review = page(phone.review(c0=0, c4=3))

    answer = phone.send(**review.fields("edit"))

    assert answer.status_code == 200
    assert page(answer).fields("review") == {"step": "review", "c0": "0", "c4": "3"}


def test_a_choice_that_was_taken_back_is_blank(sqlite_place):
    _, codes = an_open_poll(sqlite_place, LEADERS_POLL)

    form = Phone(sqlite_place, codes[0]).reviewed(c0=0, c1="")

    assert "c1" not in form
    assert form["c0"] == "0"


def test_missing_answers_are_told_at_the_top_and_at_the_cards_and_choices_stay(sqlite_place):
    _, codes = an_open_poll(sqlite_place, REQUIRED_POLL)

    answer = Phone(sqlite_place, codes[0]).review(c0=0, c2=1, c3=1)

    ballot = page(answer)
    assert answer.status_code == 422
    assert "还有 2 项没有评价" in ballot.one("div", role="alert").text
    links = [e.get("href") for e in ballot.every("a") if e.get("href").startswith("#")]
    assert links == ["#c1", "#c4"]
    for field in ("c1", "c4"):
        assert "还没有评价" in ballot.one("p", id=f"{field}-problem").text
        assert ballot.one("fieldset", id=field).get("aria-describedby") == f"{field}-problem"
    kept = {"step": "review", "c0": "0", "c2": "1", "c3": "1"}
    assert ballot.fields("review") == kept


def test_too_many_of_a_limited_level_are_told_and_can_be_mended(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, LIMITED_POLL)
    phone = Phone(sqlite_place, codes[0])

    refused = phone.review(c0=0, c1=0, c2=0, c3=0, c4=0)
    counted = phone.vote(c0=0, c1=0, c2=1, c3=0, c4=0)

    ballot = page(refused)
    assert refused.status_code == 422
    assert "“好”最多选 2 个，现在选了 3 个" in ballot.one("div", role="alert").text
    links = [e.get("href") for e in ballot.every("a") if e.get("href").startswith("#")]
    assert links == ["#c0", "#c1", "#c2"]
    assert page(counted).heading == "已计票"
    assert turnout(sqlite_place, poll) == 1


def test_a_vote_that_breaks_the_rules_is_refused_even_if_review_is_passed_by(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, REQUIRED_POLL)
    phone = Phone(sqlite_place, codes[0])

    answer = phone.send(step="cast", nonce="0" * 32, c0=0)

    assert answer.status_code == 422
    assert turnout(sqlite_place, poll) == 0


def test_a_cast_without_a_review_s_nonce_is_refused(sqlite_place):
    poll, codes = an_open_poll(sqlite_place)
    phone = Phone(sqlite_place, codes[0])

    for nonce in ("", "short", "Z" * 32, "0" * 1000):
        answer = phone.send(step="cast", nonce=nonce, c0=0)
        assert answer.status_code == 409
        assert "先核对再提交" in page(answer).text
    assert turnout(sqlite_place, poll) == 0


def test_a_wholly_blank_vote_counts_as_abstaining(place):
    poll, codes = an_open_poll(place)
    for code in codes[:5]:
        assert page(Phone(place, code).vote()).heading == "已计票"

    close(place, poll)

    tally = tally_of(place, poll)
    assert (tally.returned[""], tally.invalid[""], tally.slots[0][""].blank) == (5, 0, 5)


def test_where_a_wholly_blank_vote_is_invalid_the_review_warns_of_it(sqlite_place):
    _, codes = an_open_poll(sqlite_place, INVALID_IF_BLANK_POLL)
    phone = Phone(sqlite_place, codes[0])

    assert "按规定是无效票" in page(phone.review()).text
    assert "无效票" not in page(phone.review(c0=2)).text


def test_a_group_answers_only_about_the_subjects_it_rates(sqlite_place):
    _, codes = an_open_poll(sqlite_place, SEVERAL_QUESTIONS)
    phone = Phone(sqlite_place, codes[-1])

    assert phone.review(c0=0, c2=0).status_code == 422
    assert len(page(phone.review(c2=0)).every("dt")) == 2
    assert page(phone.vote(c2=0, c3=1)).heading == "已计票"


@pytest.mark.parametrize("wrong", ["4", "-1", "00", "好", "255", "٣", "1.0", " 1"])
def test_a_value_that_is_no_level_is_refused(sqlite_place, wrong):
    _, codes = an_open_poll(sqlite_place)

    answer = Phone(sqlite_place, codes[0]).send(step="review", c0=wrong)

    assert answer.status_code == 422
    assert "与测评表不符" in page(answer).text


def test_after_the_end_no_ballot_is_given_out_but_a_vote_on_its_way_is_taken(sqlite_settings):
    with a_place(replace(sqlite_settings, grace_seconds=90)) as place:
        poll, codes = an_open_poll(place)
        phone = Phone(place, codes[0])
        form = phone.reviewed(c0=0)
        with place.database.write() as connection:
            closing.order(connection, poll.id, scrutineer="张", by="test", now=place.clock())
        place.clock.go(seconds=60)

        assert phone.open().status_code == 409
        assert page(phone.send(**form)).heading == "已计票"
        assert page(Phone(place, codes[1]).vote(c0=1)).heading == "已计票"

        late = Phone(place, codes[2])
        form = late.reviewed(c0=1)
        place.clock.go(seconds=31)
        assert late.send(**form).status_code == 409
        assert page(late.send(**form)).heading == "投票已经结束"
