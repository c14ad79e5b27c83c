"""The wall: of all routes there are, other machines reach those of voters and screens only."""

from types import SimpleNamespace

import pytest
from werkzeug.routing.converters import AnyConverter, BaseConverter, NumberConverter

from ballot.web.wall import Wall, from_here
from tests.builders import Place

HALL = "192.168.1.77:50123"
FOR_EVERYBODY = {"voter", "kiosk", "screen", "notices", None}
"""Blueprints; `None` is static files."""


INSIDE = [
    "/office",
    "/office/",
    "//office/",
    "/Office/login",
    "/office/lan",
    "/api/v1/cycles",
    "/metrics",
    "/healthz",
    "/x",
    "*",
    "/screens",
    "/kiosk",
    "/b",
    "/office/../b/x",
    "office",
]


def asking(path: str, client: str = HALL, method: str = "GET", **headers: str) -> SimpleNamespace:
    """Return a request's head as the server tells it."""
    return SimpleNamespace(path=path, client=client, method=method, headers=headers)


def a_value(converter: BaseConverter) -> int | str:
    """Return something that can stand in an address in this place."""
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, NumberConverter) else "x"


@pytest.fixture
def wall(sqlite_place: Place) -> Wall:
    return Wall(sqlite_place.client().application, sqlite_place.settings)


def test_no_route_but_those_of_voters_and_screens_is_open_to_the_hall(sqlite_place, wall):
    app = sqlite_place.client().application
    rules = list(app.url_map.iter_rules())
    assert len(rules) > 50

    for rule in rules:
        values = {name: a_value(converter) for name, converter in rule._converters.items()}
        path = rule.build(values)[1]
        blueprint = rule.endpoint.rpartition(".")[0] or None
        assert wall.keeps_out(asking(path)) == (blueprint not in FOR_EVERYBODY), rule
        assert not wall.keeps_out(asking(path, "127.0.0.1:50123")), rule


@pytest.mark.parametrize(
    "path",
    [*INSIDE, "", "/\n/b/x", "/x\n/static/"],
)
def test_whatever_is_not_named_is_kept_from_the_hall(wall, path):
    assert wall.keeps_out(asking(path))


def test_only_the_connection_says_where_a_request_comes_from(wall):
    pretended = {
        "host": "127.0.0.1:8000",
        "x-forwarded-for": "127.0.0.1",
        "x-real-ip": "127.0.0.1",
        "forwarded": "for=127.0.0.1",
        "client-ip": "127.0.0.1",
    }

    assert wall.keeps_out(asking("/office/", **pretended))
    assert not wall.keeps_out(asking("/office/", "127.0.0.1:5"))


@pytest.mark.parametrize(
    ("client", "here"),
    [
        ("127.0.0.1:50123", True),
        ("[::1]:50123", True),
        ("::1:50123", True),
        ("[::ffff:127.0.0.1]:50123", True),
        ("192.168.1.10:50123", False),
        ("127.0.0.2:50123", False),
        ("[fe80::1]:50123", False),
        ("10.127.0.0.1:5", False),
        ("", False),
        ("127.0.0.1", False),
    ],
)
def test_this_machine_is_the_other_end_of_a_connection_that_never_leaves_it(client, here):
    assert from_here(client) == here


def test_who_is_kept_out_is_told_so_in_their_language_and_programs_as_a_problem(wall):
    status, headers, page = wall.refusal(asking("/office/"))
    assert (status, dict(headers)["referrer-policy"]) == (403, "same-origin")
    assert "只能在运行服务的那台电脑上打开" in page.decode()

    _, headers, page = wall.refusal(asking("/office/", **{"accept-language": "en"}))
    assert "computer that runs the service" in page.decode()
    assert dict(headers)["content-length"] == str(len(page))

    _, headers, body = wall.refusal(asking("/api/v1/cycles"))
    assert dict(headers)["content-type"] == "application/problem+json"
    assert b"Elsewhere" in body

    assert wall.refusal(asking("/office/", method="HEAD"))[2] == b""
