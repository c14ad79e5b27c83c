"""Two people at two desks, or at one: what each sees, and what nobody gets past."""

import pytest

from ballot.domain.people import Role
from ballot.domain.polls import Phase
from ballot.services import accounts, people, polls
from ballot.storage import events
from tests.builders import (
    ONE_GROUP_POLL,
    PASSWORD,
    Place,
    a_poll,
    a_user,
    an_open_poll,
    close,
    print_ballots,
)
from tests.web.desk import HOME, Desk, a_desk, a_witness, confirmed, page

PERSONS_POLL = ONE_GROUP_POLL.replace('name = "白马村领导班子"', 'name = "王小明"')


def refusal(answer) -> str:
    return " ".join(page(answer).one("div", role="alert").text.split())


def asked_to_open(place: Place, text: str = ONE_GROUP_POLL):
    """Return a printed poll, the desk of who asked to open it, and the request's address."""
    poll = a_poll(place, text)
    print_ballots(place, poll)
    desk = a_desk(place)
    answer = desk.send(f"/office/polls/{poll.id}/open", confirm="yes")
    assert answer.status_code == 303
    return poll, desk, answer.location


def here(desk: Desk, request: str, name: str, password: str = PASSWORD):
    return desk.send(f"{request}/here", name=name, password=password, confirm="yes")


def test_the_asker_waits_and_the_second_person_finds_it_and_reads_what_will_happen(place):
    poll, desk, request = asked_to_open(place)

    waiting = desk.read(request)
    assert "正在等待第二人确认。 还没有执行。" in waiting.text
    assert waiting.one("meta", **{"http-equiv": "refresh"}).get("content") == "5"
    witness = a_witness(place, desk)
    for shown in (witness.read(HOME), witness.read(f"/office/polls/{poll.id}")):
        assert "开始投票 · 白马村2023年度村述村评" in shown.text
        assert "等您确认" in shown.text
    told = witness.read(request)
    assert "印好的 60 张票立即可以投" in told.text
    assert told.every("meta", **{"http-equiv": "refresh"}) == []
    assert place.poll(poll.id).phase is Phase.DRAFT

    assert confirmed(witness, request).location == f"/office/polls/{poll.id}"
    assert place.poll(poll.id).phase is Phase.OPEN
    after = desk.read(request)
    assert "已确认 · 监票人甲" in after.text
    assert after.every("meta", **{"http-equiv": "refresh"}) == []
    assert "待确认" not in witness.read(HOME).text


def test_on_one_device_the_second_person_types_name_and_password_and_the_first_stays(place):
    poll, desk, request = asked_to_open(place)
    with place.database.write() as connection:
        people.add_user(
            connection,
            name="li",
            full_name="李监票",
            role=Role.SCRUTINEER,
            password=PASSWORD,
            by="test",
            now=place.clock(),
        )

    answer = here(desk, request, "li")

    assert answer.location == f"/office/polls/{poll.id}"
    assert "已开始投票。" in desk.read(answer.location).text
    assert "organiser 组织者" in desk.read(HOME).text
    with place.database.read() as connection:
        opened = events.last_about(connection, poll.id)
    assert (opened.actor, opened.details["scrutineer"]) == ("organiser", "李监票")


@pytest.mark.parametrize(
    ("name", "password", "status", "sentence"),
    [
        ("organiser", PASSWORD, 409, "提出的人不能自己确认。请由另一人用自己的账号确认。"),
        ("li", "not the password", 401, "账号或密码不正确。"),
        ("nobody", PASSWORD, 401, "账号或密码不正确。"),
        ("ended", PASSWORD, 401, "账号或密码不正确。"),
        ("scorer", PASSWORD, 409, "账号“scorer”的角色是计分员，不能确认这项操作。"),
        ("王小明", PASSWORD, 409, "“王小明”是本次测评的对象，不能担任它的监票人或计票人。"),
        ("new", PASSWORD, 409, "账号“new”用的还是临时密码。请先登录，设置自己的密码，再来确认。"),
    ],
)
def test_nobody_but_a_second_person_opens_it_at_the_askers_desk(
    sqlite_place, name, password, status, sentence
):
    poll, desk, request = asked_to_open(sqlite_place, PERSONS_POLL)
    for one in ("li", "王小明", "ended", "scorer", "new"):
        user = a_user(sqlite_place, one, Role.SCORER if one == "scorer" else Role.SCRUTINEER)
        with sqlite_place.database.write() as connection:
            if one == "ended":
                accounts.end(connection, user.id, by="t", now=sqlite_place.clock())
    with sqlite_place.database.write() as connection:
        found = people.every_user(connection)
        number = next(user.id for user in found if user.name == "new")
        if name == "new":
            _, password = accounts.reset(connection, number, by="t", now=sqlite_place.clock())

    answer = here(desk, request, name, password)

    assert (answer.status_code, refusal(answer)) == (status, sentence)
    assert password not in answer.text
    assert sqlite_place.poll(poll.id).phase is Phase.DRAFT


def test_guessing_the_second_persons_password_is_as_slow_as_at_signing_in(sqlite_place):
    poll, desk, request = asked_to_open(sqlite_place)
    a_user(sqlite_place, "li", Role.SCRUTINEER)

    answers = [here(desk, request, "li", "wrong").status_code for _ in range(3)]
    slowed = here(desk, request, "li")

    assert answers == [401, 401, 401]
    assert slowed.status_code == 409 or slowed.status_code == 429
    assert "请等 1 秒再试" in refusal(slowed)
    assert sqlite_place.poll(poll.id).phase is Phase.DRAFT


def test_a_confirmation_needs_its_form_and_is_no_link(sqlite_place):
    poll, desk, request = asked_to_open(sqlite_place)
    witness = a_witness(sqlite_place, desk)

    assert witness.get(f"{request}/confirm").status_code == 405
    assert witness.client.post(f"{request}/confirm", data={"confirm": "yes"}).status_code == 400
    token = {"csrf_token": witness.token(request)}
    assert witness.client.post(f"{request}/confirm", data=token).status_code == 422
    assert desk.client.post(f"{request}/confirm", data=token).status_code == 400
    assert sqlite_place.poll(poll.id).phase is Phase.DRAFT


def test_the_asker_confirms_nothing_by_another_address(sqlite_place):
    poll, desk, request = asked_to_open(sqlite_place)

    answer = confirmed(desk, request)

    assert (answer.status_code, refusal(answer)) == (
        409,
        "提出的人不能自己确认。请由另一人用自己的账号确认。",
    )
    assert sqlite_place.poll(poll.id).phase is Phase.DRAFT


def test_a_confirmation_sent_again_does_nothing_more(sqlite_place):
    _, desk, request = asked_to_open(sqlite_place)
    witness = a_witness(sqlite_place, desk)
    sent = {"csrf_token": witness.token(request), "confirm": "yes"}

    first, again = (witness.client.post(f"{request}/confirm", data=sent) for _ in range(2))

    assert (first.status_code, again.status_code) == (303, 409)
    assert "这项请求已确认，没有再做任何操作。" in page(again).text
    with sqlite_place.database.read() as connection:
        opened = [each for each in events.every(connection) if each.action == "poll opened"]
    assert len(opened) == 1


@pytest.mark.parametrize("number", ["0", "99", "99999999999"])
def test_a_request_that_was_never_made_is_not_there(sqlite_place, number):
    _, desk, _ = asked_to_open(sqlite_place)
    witness = a_witness(sqlite_place, desk)
    sent = {"csrf_token": witness.token(HOME), "confirm": "yes"}

    for path in ("", "/here"):
        assert witness.get(f"/office/confirmations/{number}{path}").status_code == 404
    answer = witness.client.post(f"/office/confirmations/{number}/confirm", data=sent)
    assert answer.status_code == 404


def test_an_expired_request_says_so_and_can_be_asked_anew(sqlite_place):
    poll, desk, request = asked_to_open(sqlite_place)
    witness = a_witness(sqlite_place, desk)
    token = witness.token(request)
    sqlite_place.clock.go(minutes=31)

    answer = witness.client.post(f"{request}/confirm", data={"csrf_token": token, "confirm": "yes"})

    assert answer.status_code == 409
    assert "这项请求已过期，没有再做任何操作。" in page(answer).text
    assert "已过期" in desk.read(request).text
    assert desk.get(f"{request}/here").status_code == 409
    assert desk.send(f"/office/polls/{poll.id}/open", confirm="yes").status_code == 303


def test_a_stale_request_is_answered_in_words(sqlite_place):
    poll, desk, request = asked_to_open(sqlite_place)
    with sqlite_place.database.write() as connection:
        polls.annul(connection, poll.id, reason="改期", by="t", now=sqlite_place.clock())

    answer = confirmed(a_witness(sqlite_place, desk), request)

    assert (answer.status_code, refusal(answer)) == (
        409,
        "测评活动“白马村2023年度村述村评”已作废，不能开始投票。",
    )


def test_a_refusal_tells_the_asker_why_and_a_withdrawn_request_is_gone(sqlite_place):
    poll, desk, request = asked_to_open(sqlite_place)
    witness = a_witness(sqlite_place, desk)
    token = {"csrf_token": witness.token(request)}

    silent = witness.client.post(f"{request}/refuse", data={**token, "reason": " "})
    assert (silent.status_code, refusal(silent)) == (422, "请写明拒绝的理由。")
    witness.client.post(f"{request}/refuse", data={**token, "reason": "人没到齐"})
    told = desk.read(request).text
    assert "被拒绝 · 监票人甲" in told
    assert "理由：人没到齐" in told

    again = desk.send(f"/office/polls/{poll.id}/open", confirm="yes").location
    twice = desk.send(f"/office/polls/{poll.id}/open", confirm="yes")
    assert "“开始投票”已由organiser提出，正在等待确认。" in refusal(twice)
    desk.client.post(f"{again}/withdraw", data={"csrf_token": desk.token(again)})
    assert "已撤回" in desk.read(again).text
    assert sqlite_place.poll(poll.id).phase is Phase.DRAFT


def test_a_poll_is_annulled_on_its_page_by_two_people_with_a_reason(place):
    poll, _ = an_open_poll(place)
    close(place, poll)
    desk = a_desk(place)
    form = f"/office/polls/{poll.id}/annul"

    assert refusal(desk.send(form, confirm="yes", reason=" ")) == "请写明作废的理由。"
    request = desk.send(form, confirm="yes", reason="票箱破损").location
    witness = a_witness(place, desk)
    assert "理由：票箱破损" in witness.read(request).text
    confirmed(witness, request)

    assert place.poll(poll.id).phase is Phase.ANNULLED
    assert desk.get(form).status_code == 409


def test_an_open_poll_is_not_annulled(sqlite_place):
    poll, _ = an_open_poll(sqlite_place)

    answer = a_desk(sqlite_place).get(f"/office/polls/{poll.id}/annul")

    assert answer.status_code == 409
    assert "投票中，不能作废。" in page(answer).text
