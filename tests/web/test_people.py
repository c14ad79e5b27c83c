"""Accounts, first passwords, and how sessions end without losing what was typed."""

import re

import pytest

from ballot.domain.people import Role
from ballot.services import accounts
from tests.builders import PASSWORD, Place, a_cycle, a_poll, a_user, print_ballots
from tests.web.desk import HOME, LOGIN, Desk, a_desk, page
from tests.web.html_page import Page

OWN = "correct horse battery"
PEOPLE = "/office/people"


def refusal(answer) -> str:
    return " ".join(page(answer).one("div", role="alert").text.split())


def invited(place: Place, name: str = "li", role: Role = Role.SCRUTINEER) -> tuple[Desk, str]:
    """Let an administrator make an account, and return their desk and the temporary password."""
    admin = a_desk(place, Role.ADMIN)
    answer = admin.send(PEOPLE, name=name, full_name="李监票", role=role.value)
    assert answer.status_code == 200, answer.text
    return admin, page(answer).one("code", **{"class": "secret"}).text.strip()


def account(admin: Desk, name: str) -> str:
    """Return the address of an account's page."""
    links = [link for link in admin.read(PEOPLE).every("a") if link.text.strip() == name]
    return links[0].get("href")


def act(desk: Desk, path: str, **fields: str):
    sent = {"csrf_token": desk.token(HOME), "confirm": "yes", **fields}
    return desk.client.post(path, data=sent)


def test_whoever_was_given_a_password_sets_their_own_before_anything_else(place):
    admin, given = invited(place)
    desk = Desk(place, beside=admin)
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", given)
    assert given not in admin.read(PEOPLE).text
    assert "临时密码，尚未修改" in admin.read(PEOPLE).text

    desk.sign_in("li", given)
    for path in (HOME, "/office/log", "/office/polls/1"):
        assert desk.get(path).location == f"/office/password?next={path}"
    assert act_as_new(desk, "/office/polls/1/open").status_code == 303
    assert refusal(desk.send("/office/password", password=OWN, password_again="x" * 12)) == (
        "两次输入的新密码不一样。"
    )
    assert refusal(desk.send("/office/password", password=given, password_again=given)) == (
        "新密码不能与原来的相同。"
    )
    done = desk.send("/office/password?next=/office/log", password=OWN, password_again=OWN)

    assert done.location == "/office/log"
    assert desk.get(HOME).status_code == 200
    fresh = Desk(place, beside=admin)
    assert fresh.sign_in("li", given).status_code == 401
    assert fresh.sign_in("li", OWN).status_code == 303


def act_as_new(desk: Desk, path: str):
    return desk.client.post(path, data={"csrf_token": desk.token("/office/password")})


def test_an_own_password_is_changed_with_the_one_before_and_other_sessions_end(sqlite_place):
    desk = a_desk(sqlite_place)
    other = Desk(sqlite_place, beside=desk)
    other.sign_in("organiser")
    new = {"password": OWN, "password_again": OWN}

    wrong = desk.send("/office/password", password_before="not it", **new)
    assert (wrong.status_code, refusal(wrong)) == (401, "账号或密码不正确。")
    assert desk.send("/office/password", password_before=PASSWORD, **new).status_code == 303

    assert desk.get(HOME).status_code == 200
    assert other.get(HOME).location.startswith(LOGIN)
    assert "密码已更换或账号已停用，请重新登录。" in other.read(LOGIN).text


def test_an_administrator_resets_changes_and_ends_accounts(place):
    admin, given = invited(place)
    desk = Desk(place, beside=admin)
    desk.sign_in("li", given)
    desk.send("/office/password", password=OWN, password_again=OWN)
    address = account(admin, "li")

    assert act(admin, address, full_name="李明", role="teller").location == PEOPLE
    assert "李明 计票人" in desk.read(HOME).text
    reset = act(admin, f"{address}/password")
    assert page(reset).one("code", **{"class": "secret"}).text.strip() != given
    assert desk.get(HOME).location.startswith(LOGIN)
    assert act(admin, f"{address}/end").location == PEOPLE

    assert desk.sign_in("li", OWN).status_code == 401
    assert "已停用" in admin.read(PEOPLE).text
    assert refusal(act(admin, f"{address}/end")) == "账号“li”已停用。"
    taken = admin.send(PEOPLE, name="li", role="teller")
    assert (taken.status_code, refusal(taken)) == (409, "已有名为“li”的账号。")
    assert "停用账号" in admin.read("/office/log").text


def test_ending_an_account_ends_its_session_at_once(place):
    admin = a_desk(place, Role.ADMIN)
    desk = a_desk(place, beside=admin)
    assert desk.get(HOME).status_code == 200

    act(admin, f"{account(admin, 'organiser')}/end")

    assert desk.get(HOME).location.startswith(LOGIN)


def test_the_last_administrator_is_neither_ended_nor_made_something_else(place):
    admin = a_desk(place, Role.ADMIN)
    address = account(admin, "admin")
    sentence = "“admin”是唯一的管理员，不能停用，也不能改为其他角色。请先另设一名管理员。"

    assert refusal(act(admin, f"{address}/end")) == sentence
    assert refusal(act(admin, address, full_name="", role="auditor")) == sentence
    second = a_user(place, "second", Role.ADMIN)
    with place.database.write() as connection:
        accounts.end(connection, second.id, by="t", now=place.clock())
    assert refusal(act(admin, f"{address}/end")) == sentence
    a_user(place, "third", Role.ADMIN)
    assert act(admin, f"{address}/end").location == PEOPLE


def test_an_account_without_a_role_or_a_name_is_refused_and_loses_no_typing(sqlite_place):
    admin = a_desk(sqlite_place, Role.ADMIN)

    answer = admin.send(PEOPLE, name="li", full_name="李", role="king")
    nameless = admin.send(PEOPLE, name=" ", role="teller")

    assert (answer.status_code, refusal(answer)) == (422, "请选择角色。")
    assert page(answer).one("input", name="full_name").get("value") == "李"
    assert refusal(nameless) == "账号名不能为空。"


# How a session ends


@pytest.mark.parametrize(
    ("away", "sentence"),
    [
        ([61], "已超过 60 分钟未操作，请重新登录。"),
        ([50] * 15, "登录已超过 12 小时，请重新登录。"),
    ],
)
def test_a_session_that_lapsed_says_why_and_goes_on_where_one_was(sqlite_place, away, sentence):
    desk = a_desk(sqlite_place)
    for minutes in away:
        sqlite_place.clock.go(minutes=minutes)
        answer = desk.get("/office/log?action=account+made")

    assert answer.status_code == 303
    assert sentence in desk.read(answer.location).text
    back = desk.send(answer.location, name="organiser", password=PASSWORD)
    assert back.location == "/office/log?action=account+made"
    assert desk.get(back.location).status_code == 200


def test_a_session_goes_on_while_it_is_used(sqlite_place):
    desk = a_desk(sqlite_place)

    for _ in range(12):
        sqlite_place.clock.go(minutes=59)
        assert desk.get(HOME).status_code == 200


def late_form(place: Place) -> tuple[int, Desk, str]:
    """Return a printed poll, a desk whose session lapsed, and the answer to its late form."""
    poll = a_poll(place)
    print_ballots(place, poll)
    desk = a_desk(place)
    token = desk.token(HOME)
    place.clock.go(minutes=61)
    answer = desk.client.post(
        f"/office/polls/{poll.id}/open",
        data={"csrf_token": token, "closes_at": "2023-12-29T18:00", "confirm": "yes"},
    )
    assert answer.status_code == 401
    return poll.id, desk, page(answer).one("input", name="held").get("value")


def signed_in_with(desk: Desk, held: str, name: str = "organiser"):
    sent = {"name": name, "password": PASSWORD, "held": held, "csrf_token": desk.token()}
    return desk.client.post(LOGIN, data=sent)


def test_a_form_sent_after_the_session_lapsed_is_kept_and_sent_again(place):
    poll, desk, held = late_form(place)

    again = page(signed_in_with(desk, held))
    form = next(each for each in again.every("form") if each.get("action").endswith("/open"))
    fields = {
        field.get("name"): field.get("value")
        for field in again.every("input")
        if field.inside("form") is form
    }
    answer = desk.client.post(form.get("action"), data=fields)

    assert fields["closes_at"] == "2023-12-29T18:00"
    assert answer.location == "/office/confirmations/1"
    assert "投票到 2023-12-29 18:00" in desk.read(answer.location).text
    assert form.get("action") == f"/office/polls/{poll}/open"


def test_a_late_form_is_good_for_nobody_else_and_not_when_forged(sqlite_place):
    _, desk, held = late_form(sqlite_place)
    a_user(sqlite_place, "li", Role.ADMIN)

    forged = signed_in_with(desk, held[:-1] + ("A" if held[-1] != "A" else "B"))
    assert forged.location == HOME
    desk.client.post("/office/logout", data={"csrf_token": desk.token(HOME)})
    other = signed_in_with(desk, held, "li")

    assert other.location == HOME
    assert "属于另一个账号，没有提交，也没有保留。" in desk.read(HOME).text


def test_a_late_form_carries_no_password(sqlite_place):
    desk = a_desk(sqlite_place)
    token = desk.token(HOME)
    sqlite_place.clock.go(minutes=61)

    answer = desk.client.post(
        "/office/password",
        data={"csrf_token": token, "password": OWN, "password_again": OWN, "next": "/office/"},
    )

    held = page(answer).one("input", name="held").get("value")
    again = page(signed_in_with(desk, held))
    assert {field.get("name") for field in again.every("input")} == {"csrf_token", "next"}


def sent_from_another_tab(desk: Desk, token: str, origin: str = "http://localhost"):
    """Send a form that was opened before somebody signed out, or in again, in another tab."""
    fields = {"csrf_token": token, "title": "白马村长长的标题", "confirm": "yes"}
    return desk.client.post("/office/cycles/1/edit", data=fields, headers={"Origin": origin})


def pressed(desk: Desk, again: Page):
    """Press what a page offers to send again."""
    form = next(each for each in again.every("form") if each.get("action").endswith("/edit"))
    fields = {
        each.get("name"): each.get("value")
        for each in again.every("input")
        if each.inside("form") is form
    }
    return desk.client.post(form.get("action"), data=fields)


def test_a_form_survives_that_somebody_signed_out_in_another_tab(sqlite_place):
    a_cycle(sqlite_place)
    desk = a_desk(sqlite_place)
    token = desk.token("/office/cycles/1/edit")
    desk.client.post("/office/logout", data={"csrf_token": desk.token(HOME)})

    late = sent_from_another_tab(desk, token)
    assert late.status_code == 401
    held = page(late).one("input", name="held").get("value")
    again = page(signed_in_with(desk, held))

    assert "将以“organiser”的名义提交。" in again.text
    assert pressed(desk, again).status_code == 303
    assert "白马村长长的标题" in desk.read("/office/cycles/1").text


def test_a_form_survives_that_somebody_signed_in_again_in_another_tab(sqlite_place):
    a_cycle(sqlite_place)
    desk = a_desk(sqlite_place)
    token = desk.token("/office/cycles/1/edit")
    desk.client.post("/office/logout", data={"csrf_token": desk.token(HOME)})
    desk.sign_in("organiser")

    late = sent_from_another_tab(desk, token)

    assert late.status_code == 409
    assert pressed(desk, page(late)).status_code == 303
    assert "白马村长长的标题" in desk.read("/office/cycles/1").text


@pytest.mark.parametrize("origin", ["http://evil.example", "null", ""])
def test_a_form_that_another_site_sent_is_never_kept(sqlite_place, origin):
    a_cycle(sqlite_place)
    desk = a_desk(sqlite_place)

    for signed_in in (True, False):
        if not signed_in:
            desk.client.post("/office/logout", data={"csrf_token": desk.token(HOME)})
        late = sent_from_another_tab(desk, "forged", origin)
        assert late.status_code == 400
        assert "白马村长长的标题" not in late.text
        assert not page(late).every("input", name="held")
