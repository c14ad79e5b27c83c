"""The very first account is made on a page, by whoever can see what the server said."""

from ballot.domain.people import Role
from ballot.services import first_account, people
from tests.builders import PASSWORD, a_user
from tests.live import a_server
from tests.web.desk import Desk

FIRST = "/office/first"
FORM = {"name": "wang", "full_name": "王管理", "password": PASSWORD, "password_again": PASSWORD}


def accounts(place):
    with place.database.read() as connection:
        return [(each.name, each.full_name, each.role) for each in people.every_user(connection)]


def test_with_the_code_in_any_case_or_spacing_the_account_is_made_and_signed_in(sqlite_place):
    code = first_account.setup_code(sqlite_place.keys)
    desk = Desk(sqlite_place)
    assert "建立第一个账号" in desk.get("/office/login").text

    made = desk.send(FIRST, code=code.lower().replace("-", " "), **FORM)
    assert (made.status_code, made.location) == (303, "/office/people")
    assert accounts(sqlite_place) == [("wang", "王管理", Role.ADMIN)]
    assert "管理员账号已建立" in desk.get("/office/people").text


def test_without_the_code_nobody_gets_in_and_nothing_typed_is_lost(sqlite_place):
    desk = Desk(sqlite_place)
    for code, said in (("ABCD-EFGH", "设置码不对"), ("", "设置码不对")):
        refused = desk.send(FIRST, code=code, **FORM)
        assert refused.status_code == 422
        assert said in refused.text
        assert 'value="王管理"' in refused.text
        assert PASSWORD not in refused.text
    right = first_account.setup_code(sqlite_place.keys)
    refused = desk.send(FIRST, code=right, **FORM | {"password_again": "another one, mistyped"})
    assert "两次输入的密码不一样" in refused.text
    assert accounts(sqlite_place) == []


def test_once_somebody_has_an_account_the_code_opens_nothing(sqlite_place):
    desk = Desk(sqlite_place)
    code = first_account.setup_code(sqlite_place.keys)
    token = desk.token(FIRST)
    a_user(sqlite_place, "zhang")
    late = desk.client.post(FIRST, data={"csrf_token": token, "code": code, **FORM})
    assert late.status_code == 409
    assert desk.client.get(FIRST).location == "/office/login"
    assert "建立第一个账号" not in desk.get("/office/login").text
    assert [name for name, *_ in accounts(sqlite_place)] == ["zhang"]


def test_the_server_tells_the_code_as_long_as_it_is_needed(sqlite_place):
    code = first_account.setup_code(sqlite_place.keys)
    with a_server(sqlite_place.settings) as server:
        assert code in server.output
        assert f":{server.port}/office/first" in server.output
    a_user(sqlite_place, "zhang")
    with a_server(sqlite_place.settings) as server:
        assert code not in server.output
