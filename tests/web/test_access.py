import pytest
from flask import Flask

from ballot.domain.people import Role
from ballot.web.access import anyone, guarded
from tests.builders import ONE_GROUP_POLL, Place, a_poll, an_open_poll, close
from tests.web.desk import LOGIN, Desk, a_desk

EVERYONE = frozenset(Role)
ORGANISERS = frozenset({Role.ADMIN, Role.ORGANISER})
CERTIFIERS = ORGANISERS | {Role.SCRUTINEER}
DRAFT, OPEN, CLOSED = 1, 2, 3

# endpoint: (method, path, who may, what they get); a form sent empty is refused as a form
ROUTES = {
    "office.home": ("GET", "/office/", EVERYONE, 200),
    "office.poll": ("GET", f"/office/polls/{OPEN}", EVERYONE, 200),
    "office.opening": ("GET", f"/office/polls/{DRAFT}/open", ORGANISERS, 200),
    "office.open_poll": ("POST", f"/office/polls/{DRAFT}/open", ORGANISERS, 422),
    "office.closing_form": ("GET", f"/office/polls/{OPEN}/close", ORGANISERS, 200),
    "office.close": ("POST", f"/office/polls/{OPEN}/close", ORGANISERS, 422),
    "office.certifying": ("GET", f"/office/polls/{CLOSED}/certify", CERTIFIERS, 200),
    "office.certify": ("POST", f"/office/polls/{CLOSED}/certify", CERTIFIERS, 422),
    "office.poll_results": ("GET", f"/office/polls/{CLOSED}/results", EVERYONE, 200),
    "office.cycle_points": ("GET", "/office/cycles/1/points", EVERYONE, 200),
    "office.cycle_points_csv": ("GET", "/office/cycles/1/points.csv", EVERYONE, 200),
    "login.sign_out": ("POST", "/office/logout", EVERYONE, 303),
}
FOR_ANYONE = {"login.sign_in", "login.check_in"}


@pytest.fixture
def polls(sqlite_place: Place) -> Place:
    """Give a place with a draft, an open and a closed poll."""
    assert a_poll(sqlite_place, ONE_GROUP_POLL).id == DRAFT
    assert an_open_poll(sqlite_place, ONE_GROUP_POLL)[0].id == OPEN
    closed, _ = an_open_poll(sqlite_place, ONE_GROUP_POLL)
    assert closed.id == CLOSED
    close(sqlite_place, closed)
    return sqlite_place


def ask(desk: Desk, method: str, path: str) -> int:
    fields = {"csrf_token": desk.token("/office/")} if method == "POST" else None
    return desk.client.open(path, method=method, data=fields).status_code


@pytest.mark.parametrize("role", Role)
def test_every_role_gets_what_it_may_and_nothing_else(polls, role):
    desk = a_desk(polls, role)

    for endpoint, (method, path, who, answer) in ROUTES.items():
        assert ask(desk, method, path) == (answer if role in who else 403), endpoint


def test_whoever_is_not_signed_in_is_asked_to(polls):
    desk = Desk(polls)
    token = desk.token()

    for endpoint, (method, path, _, _) in ROUTES.items():
        fields = {"csrf_token": token} if method == "POST" else None
        answer = desk.client.open(path, method=method, data=fields)
        assert (answer.status_code, answer.location) == (303, f"{LOGIN}?next={path}"), endpoint


def test_the_table_above_names_every_route_of_the_office(sqlite_place):
    app = sqlite_place.client().application

    office = {e for e in app.view_functions if e.startswith(("office.", "login."))}

    assert office == set(ROUTES) | FOR_ANYONE


def test_only_voters_pages_the_api_and_signing_in_are_open_to_anyone(sqlite_place):
    app = sqlite_place.client().application

    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/office/") and rule.endpoint not in FOR_ANYONE:
            assert app.view_functions[rule.endpoint].ballot_access, rule.rule


def test_the_application_refuses_to_start_when_a_route_lacks_a_rule():
    app = Flask("test")
    app.add_url_rule("/told", "told", anyone(lambda: ""))
    app.add_url_rule("/forgotten", "forgotten", lambda: "")

    with pytest.raises(RuntimeError, match="forgotten"):
        guarded(app)


def test_the_api_has_no_route_that_forgets_its_token(polls):
    client = polls.client()

    for rule in client.application.url_map.iter_rules():
        if rule.rule.startswith("/api/") and not rule.rule.endswith("/openapi.json"):
            path = rule.build(dict.fromkeys(rule.arguments, 1))[1]
            assert client.get(path).status_code == 401, path
