"""Every state's page: what it says, what to do next, and what it never does."""

import pytest

from ballot.domain.codes import new_code, shown
from tests.builders import an_open_poll
from tests.web import voter_states
from tests.web.phone import Phone, page, receipt, with_wrong_check_symbol
from tests.web.voter_states import STATES, broken_table

EVERY_STATE = pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)


@EVERY_STATE
def test_every_state_has_a_page_in_plain_words_that_says_what_to_do_next(place, state):
    status, heading, following = STATES[state]

    answer = state(place)

    assert answer.status_code == status
    assert page(answer).heading == heading
    assert following in page(answer).text
    assert "Traceback" not in answer.text


@EVERY_STATE
def test_no_state_sets_a_cookie_or_may_be_stored_or_passes_on_where_it_came_from(
    sqlite_place, state
):
    answer = state(sqlite_place)

    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert [str(e.get("src")).partition("?")[0] for e in page(answer).every("script")] == [
        "/static/voter.js"
    ]
    assert page(answer).one("meta", name="robots").get("content") == "noindex"


@pytest.mark.parametrize("state", [voter_states.unknown_code, voter_states.wrong_check_symbol])
def test_a_code_that_is_no_ballot_s_can_be_typed_again_there(sqlite_place, state):
    answer = state(sqlite_place)

    field = page(answer).one("input", name="code")
    form = field.inside("form")
    assert (form.get("action"), form.get("method")) == ("/", "post")
    assert field.get("autocomplete") == "off"


def test_a_typed_code_leads_to_its_ballot(sqlite_place):
    _, codes = an_open_poll(sqlite_place)
    client = sqlite_place.client()

    answer = client.post("/", data={"code": f" {shown(codes[0]).lower()} "})

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/B/{codes[0]}"
    assert client.get(answer.headers["Location"]).status_code == 200


def test_the_language_of_the_address_is_carried_on_and_nothing_else_is(sqlite_place):
    query = {"lang": "zh-CN", "code": "X", "_external": "1", "_scheme": "javascript", "x": "1"}
    code = new_code()

    answer = sqlite_place.client().post("/", query_string=query, data={"code": code})

    assert answer.headers["Location"] == f"/B/{code}?lang=zh-CN"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "票码应为 16 个字符，现在是 0 个"),
        ("ABCD-EFGH", "票码应为 16 个字符，现在是 8 个"),
        ("ABCD-EFGH-JKMN-PQRU", "第 4 组里的“U”不会出现在票码中"),
        ("<b>", "第 1 组里的“<”不会出现在票码中"),
        ("A\x00", "第 1 组里的“\N{REPLACEMENT CHARACTER}”不会出现在票码中"),
    ],
)
def test_a_wrong_code_stays_in_its_field_with_what_is_wrong(sqlite_place, typed, sentence):
    answer = sqlite_place.client().post("/", data={"code": typed})

    start = page(answer)
    field = start.one("input", name="code")
    assert answer.status_code == 422
    assert sentence in start.one("p", id="code-problem").text
    assert field.get("value") == typed.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    assert field.get("aria-invalid") == "true"
    assert "code-problem" in field.get("aria-describedby")


def test_a_wrong_check_symbol_is_told_where_it_was_typed(sqlite_place):
    wrong = with_wrong_check_symbol(new_code())

    answer = sqlite_place.client().post("/", data={"code": wrong})

    assert answer.status_code == 422
    assert "票码不正确。请逐组核对后再输入。" in page(answer).text
    assert page(answer).one("input", name="code").get("value") == wrong


def test_an_uncertain_vote_is_sent_again_with_one_button_and_counts_once(place, caplog):
    _, codes = an_open_poll(place)
    phone = Phone(place, codes[0])
    form = phone.reviewed(c0=2)
    with broken_table(place, "votes"):
        lost = phone.send(**form)

    again = page(lost)
    counted = phone.send(**again.fields("cast"))

    assert again.buttons == ["再提交一次"]
    assert again.fields("cast") == form
    assert page(counted).heading == "已计票"
    assert receipt(phone.send(**form)) == receipt(counted)


def test_a_vote_that_meets_any_failure_is_not_given_up(place, caplog):
    _, codes = an_open_poll(place)
    phone = Phone(place, codes[0])
    form = phone.reviewed(c0=2)
    with broken_table(place, "ballots"):
        lost = phone.send(**form)

    assert lost.status_code == 503
    assert page(phone.send(**page(lost).fields("cast"))).heading == "已计票"


def test_a_ballot_that_is_not_open_yet_can_be_looked_at_again(sqlite_place):
    waiting = page(voter_states.not_open_yet(sqlite_place))

    assert waiting.one("a", **{"class": "button"}).get("href") == "?"


def test_a_vote_on_its_way_to_an_annulled_or_voided_ballot_is_told_so(sqlite_place):
    from ballot.services import polls

    poll, codes = an_open_poll(sqlite_place)
    phone = Phone(sqlite_place, codes[0])
    form = phone.reviewed(c0=0)
    with sqlite_place.database.write() as connection:
        polls.void_ballot(
            connection,
            sqlite_place.keys,
            poll.id,
            codes[0],
            by="test",
            now=sqlite_place.clock(),
        )

    answer = phone.send(**form)

    assert answer.status_code == 409
    assert page(answer).heading == "此票已作废"
