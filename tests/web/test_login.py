import pytest

from ballot.domain.people import Role
from ballot.services.signing_in import BusyError, Delays, WaitError
from ballot.storage import people
from tests.builders import NOW, PASSWORD, Place, a_user
from tests.web.desk import HOME, LOGIN, Desk, a_desk, page

REFUSED = "账号或密码不正确。"
WRONG = "not the password"


def fail(desk: Desk, times: int, name: str = "zhang") -> None:
    for _ in range(times):
        assert desk.sign_in(name, WRONG).status_code == 401


def signed_in(desk: Desk) -> bool:
    return desk.get(HOME).status_code == 200


def test_the_right_password_opens_the_office(place):
    a_user(place, "zhang")
    desk = Desk(place)

    answer = desk.sign_in()

    assert (answer.status_code, answer.location) == (303, HOME)
    assert "zhang 组织者" in desk.read(HOME).text


@pytest.mark.parametrize("name", ["zhang", "nobody", "no\0body", ""])
def test_a_wrong_password_and_an_unknown_name_take_the_same_sentence(place, name):
    a_user(place, "zhang")

    answer = Desk(place).sign_in(name, WRONG)

    assert answer.status_code == 401
    assert page(answer).one("div", role="alert").text.strip() == REFUSED


def test_a_refused_sign_in_keeps_the_name_and_never_the_password(sqlite_place):
    answer = Desk(sqlite_place).sign_in("zhang", WRONG, next="/office/polls/3")

    form = page(answer)
    assert form.one("input", name="name").get("value") == "zhang"
    assert form.one("input", name="next").get("value") == "/office/polls/3"
    assert WRONG not in answer.text


def test_after_signing_in_one_is_where_one_wanted_to_go(sqlite_place):
    a_user(sqlite_place, "zhang")
    desk = Desk(sqlite_place)

    login = desk.get("/office/cycles/1/points").location
    answer = desk.send(login, name="zhang", password=PASSWORD)

    assert answer.location == "/office/cycles/1/points"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/office/",
        "//evil.example/office/",
        "/\\evil.example",
        "/office/..//evil.example",
        "/office/\n",
        "/",
        "/b/CODE",
        "/office/logout",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_sent_out_of_the_office_after_signing_in(sqlite_place, wanted):
    a_user(sqlite_place, "zhang")

    assert Desk(sqlite_place).sign_in(next=wanted).location == HOME


def test_after_three_failures_the_wait_grows_to_fifteen_seconds_and_no_further(sqlite_place):
    a_user(sqlite_place, "zhang")
    desk = Desk(sqlite_place)
    fail(desk, 3)

    for seconds in (1, 2, 4, 8, 15, 15, 15):
        answer = desk.sign_in()
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(seconds))
        assert f"请等 {seconds} 秒再试" in page(answer).text
        sqlite_place.clock.go(seconds=seconds)
        fail(desk, 1)


def test_an_attempt_during_the_wait_is_not_checked_and_makes_it_no_longer(sqlite_place):
    a_user(sqlite_place, "zhang")
    desk = Desk(sqlite_place)
    fail(desk, 3)

    for _ in range(20):
        assert desk.sign_in().status_code == 429
    sqlite_place.clock.go(seconds=1)

    assert desk.sign_in().status_code == 303


def test_unknown_devices_share_one_wait_for_an_account(sqlite_place):
    a_user(sqlite_place, "zhang")
    a_user(sqlite_place, "li")
    attackers = [Desk(sqlite_place)]
    attackers += [Desk(sqlite_place, beside=attackers[0]) for _ in range(2)]
    for attacker in attackers:
        fail(attacker, 1)

    newcomer = Desk(sqlite_place, beside=attackers[0])

    assert newcomer.sign_in().status_code == 429
    assert newcomer.sign_in("li").status_code == 303


def test_no_attacker_keeps_the_owner_of_a_known_device_out(sqlite_place):
    a_user(sqlite_place, "zhang")
    owner = Desk(sqlite_place)
    owner.sign_in()
    owner.client.post("/office/logout", data={"csrf_token": owner.token(HOME)})
    attacker = Desk(sqlite_place, beside=owner)
    fail(attacker, 3)

    assert attacker.sign_in().status_code == 429
    assert owner.sign_in().status_code == 303


def test_a_device_is_known_only_to_the_accounts_that_signed_in_on_it(sqlite_place):
    a_user(sqlite_place, "zhang")
    a_user(sqlite_place, "li")
    desk = Desk(sqlite_place)
    desk.sign_in("li")
    stranger = Desk(sqlite_place, beside=desk)
    fail(stranger, 3)
    cookie = desk.client.get_cookie("ballot_device", path="/office/")
    desk.client.delete_cookie("ballot_office", path="/office/")

    assert desk.sign_in("zhang").status_code == 429
    assert (cookie.path, cookie.http_only, cookie.same_site) == ("/office/", True, "Strict")


def test_a_forged_device_cookie_makes_no_known_device(sqlite_place):
    a_user(sqlite_place, "zhang")
    desk = Desk(sqlite_place)
    fail(desk, 3)

    desk.client.set_cookie("ballot_device", '["aa",["zhang"]].x', path="/office/")

    assert desk.sign_in().status_code == 429


def test_the_delays_forget_the_longest_unused_count_and_stay_bounded():
    delays = Delays(most=5)

    for n in range(100):
        with pytest.raises(ZeroDivisionError), delays.attempt(f"name {n}", "", NOW):
            raise ZeroDivisionError

    assert len(delays) == 5


def test_attempts_sent_at_the_same_moment_do_not_slip_past_the_delay():
    delays = Delays()

    def guess(depth: int) -> None:
        with delays.attempt("zhang", "a known device", NOW):
            if depth:
                guess(depth - 1)

    guess(2)
    with pytest.raises(WaitError):
        guess(3)


def test_strangers_never_take_more_than_two_password_checks_at_once():
    delays = Delays()

    with delays.attempt("a", "", NOW), delays.attempt("b", "", NOW):
        with pytest.raises(BusyError), delays.attempt("c", "", NOW):
            pass
        with delays.attempt("c", "a known device", NOW):
            pass


def test_a_new_password_ends_the_sessions_of_before(place):
    user = a_user(place, "zhang")
    desk = Desk(place)
    desk.sign_in()
    assert signed_in(desk)

    with place.database.write() as connection:
        people.set_password(connection, user.id, "another hash")

    assert desk.get(HOME).location.startswith(LOGIN)


def test_signing_out_ends_the_session_and_needs_its_form(sqlite_place):
    desk = a_desk(sqlite_place)

    assert desk.get("/office/logout").status_code == 405
    assert desk.client.post("/office/logout").status_code == 400
    assert signed_in(desk)
    desk.client.post("/office/logout", data={"csrf_token": desk.token(HOME)})
    assert not signed_in(desk)


def test_signing_in_begins_a_fresh_session(sqlite_place):
    a_user(sqlite_place, "zhang")
    desk = Desk(sqlite_place)
    planted = desk.token()

    desk.sign_in()

    assert desk.client.post("/office/logout", data={"csrf_token": planted}).status_code == 400
    with desk.client.session_transaction(path="/office/") as session:
        assert set(session) == {"user", "version", "begun", "seen", "_permanent"}


def test_a_form_without_its_token_is_answered_with_a_clear_page(sqlite_place):
    answer = Desk(sqlite_place).client.post(LOGIN, data={"name": "zhang", "password": PASSWORD})

    assert answer.status_code == 400
    assert "页面放置太久，已经失效。" in page(answer).text


def test_forms_work_over_https_where_the_browser_has_to_say_where_they_come_from(sqlite_place):
    a_user(sqlite_place, "zhang")
    desk = Desk(sqlite_place)
    address = "https://localhost/office/login"
    form = desk.get(LOGIN, base_url="https://localhost")
    assert form.headers["Referrer-Policy"] == "same-origin"
    token = page(form).one("input", name="csrf_token").get("value")

    def send(**headers):
        fields = {"name": "zhang", "password": PASSWORD, "csrf_token": token}
        return desk.client.post(
            LOGIN, data=fields, base_url="https://localhost", headers=headers
        ).status_code

    assert send(Referer="https://evil.example/") == 400
    assert send(Referer=address) == 303


def test_no_page_outside_the_office_sets_or_reads_a_cookie(sqlite_place: Place):
    desk = a_desk(sqlite_place, Role.ADMIN)

    for path in ("/", "/b/AAAA-AAAA-AAAA-AAAA", "/api/v1/cycles", "/static/office.css", "/nowhere"):
        answer = desk.client.get(path)
        assert "Set-Cookie" not in answer.headers, path
        assert "Cookie" not in answer.headers.get("Vary", ""), path
        answer.close()
    for cookie in ("ballot_office", "ballot_device"):
        kept = desk.client.get_cookie(cookie, path="/office/")
        assert (kept.http_only, kept.same_site) == (True, "Strict")
