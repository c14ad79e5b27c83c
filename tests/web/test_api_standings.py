"""The API's entries and standings: written by other systems, and read once they are approved."""

import json

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot.domain.people import Scope
from ballot.web.openapi import DOCUMENT
from tests.assessment import (
    BASE,
    STREET,
    a_cycle_with_units,
    add_units,
    approve,
    complete,
    enter,
    figures,
    standing,
)
from tests.builders import Place, a_token
from tests.services.test_standings import annul

API = "/api/v1/cycles/1"
COLUMN = f"{API}/entries/{STREET}"


class Program:
    """Another system with a token of some scopes."""

    def __init__(self, place: Place, *scopes: Scope) -> None:
        self.client: FlaskClient = place.client()
        self.bearer = {"Authorization": f"Bearer {a_token(place, *scopes)}"}

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers=self.bearer | headers)

    def put(self, path: str, column: object, **headers: str) -> TestResponse:
        body = column if isinstance(column, str) else json.dumps({"figures": column})
        return self.client.put(path, data=body, headers=self.bearer | headers)


def problem(answer: TestResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    return answer.status_code, answer.json["type"].removeprefix("urn:ballot:")


# ---- writing ------------------------------------------------------------------------------------


def test_a_column_is_put_read_and_put_again_without_any_change(place):
    a_cycle_with_units(place)
    program = Program(place, Scope.ENTRIES)

    first = program.put(COLUMN, {"白马村": "4.50", "青龙村": 5})
    again = program.put(COLUMN, {"青龙村": "5.0", "白马村": 4.5})
    read = program.get(COLUMN)

    assert first.status_code == again.status_code == 200
    assert first.json == again.json == read.json
    assert read.json["figures"] == {"白马村": "4.5", "青龙村": "5"}
    assert (read.json["kind"], read.json["component"]) == ("village", STREET)
    assert first.headers["ETag"] == read.headers["ETag"]
    assert figures(place) == {("白马村", STREET): "4.5", ("青龙村", STREET): "5"}


def test_numbers_are_taken_exactly_as_written(sqlite_place):
    a_cycle_with_units(sqlite_place)

    Program(sqlite_place).put(COLUMN, '{"figures": {"白马村": 4.000000000000001}}')

    assert figures(sqlite_place)["白马村", STREET] == "4.000000000000001"


def test_an_item_is_put_under_its_whole_key(sqlite_place):
    a_cycle_with_units(sqlite_place)
    program = Program(sqlite_place)

    answer = program.put(f"{API}/entries/base-work.party.building", {"白马村": "8"})

    assert answer.json["figures"] == {"白马村": "8"}


def test_whoever_says_what_it_had_read_overwrites_nothing_newer(place):
    a_cycle_with_units(place)
    program = Program(place)
    version = program.get(COLUMN).headers["ETag"]

    enter(place, {("白马村", STREET): "4"})
    refused = program.put(COLUMN, {"白马村": "5"}, **{"If-Match": version})
    newer = program.get(COLUMN).headers["ETag"]
    taken = program.put(COLUMN, {"白马村": "5"}, **{"If-Match": newer})

    assert problem(refused) == (412, "ColumnChanged")
    assert taken.status_code == 200
    assert figures(place) == {("白马村", STREET): "5"}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("", "内容不是有效的 JSON。"),
        ("[" * 5000, "内容不是有效的 JSON。"),
        ('{"figures": {"白马村": NaN}}', "内容不是有效的 JSON。"),
        ("[]", '内容应为 {"figures": {单位: 分数}}。'),
        ('{"figures": [], "more": 1}', '内容应为 {"figures": {单位: 分数}}。'),
        ('{"figures": []}', "figures 应为 {单位: 分数}。"),
        ('{"figures": {"白马村": true}}', "“白马村”的分数应为数字。"),
        ('{"figures": {"白马村": "4", "白马村": "5"}}', "“白马村”写了两次。"),
        ('{"figures": {"黑马村": "4"}}', "名单中没有单位“黑马村”。"),
        ('{"figures": {"白马村": "6"}}', "“白马村”的“村述街道评”：6 超过满分 5。"),
        ('{"figures": {"白马村": "1e2"}}', "“白马村”的“村述街道评”：不是数字。"),
    ],
)
def test_a_body_that_cannot_be_taken_is_a_problem_and_writes_nothing(sqlite_place, body, told):
    a_cycle_with_units(sqlite_place)

    answer = Program(sqlite_place).put(COLUMN, body)

    assert problem(answer) == (422, answer.json["type"].removeprefix("urn:ballot:"))
    assert answer.json["title"] == told
    assert figures(sqlite_place) == {}


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        (f"{API}/entries/village-peer-review", 409, "DecidedByBallot"),
        (f"{API}/entries/leaders-review?kind=station", 409, "DecidedByBallot"),
        (f"{API}/entries/nothing", 404, "NoSuchItem"),
        (f"{COLUMN}?kind=station", 404, "NoSuchItem"),
        (f"{COLUMN}?kind=nothing", 404, "UnknownKind"),
        (f"/api/v1/cycles/9/entries/{STREET}", 404, "NoSuchCycle"),
    ],
)
def test_what_nobody_enters_is_not_written(sqlite_place, path, status, name):
    a_cycle_with_units(sqlite_place)
    program = Program(sqlite_place)

    assert problem(program.put(path, {"白马村": "4"})) == (status, name)
    assert problem(program.get(path)) == (status, name)


def test_once_approved_no_column_is_written(sqlite_place):
    complete(sqlite_place)
    approve(sqlite_place)

    answer = Program(sqlite_place).put(COLUMN, {"白马村": "1"})

    assert problem(answer) == (409, "Approved")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("PUT", COLUMN, Scope.STANDINGS),
        ("GET", COLUMN, Scope.POINTS),
        ("GET", f"{API}/standings", Scope.ENTRIES),
    ],
)
def test_each_route_wants_the_scope_it_is_for(sqlite_place, method, path, scope):
    complete(sqlite_place)
    before = figures(sqlite_place)
    program = Program(sqlite_place, scope)

    answer = program.client.open(
        path, method=method, headers=program.bearer, data='{"figures": {}}'
    )

    assert problem(answer) == (403, "Scope")
    assert figures(sqlite_place) == before


def test_the_token_is_named_as_who_wrote(sqlite_place):
    a_cycle_with_units(sqlite_place)
    Program(sqlite_place).put(COLUMN, {"白马村": "4"})

    with sqlite_place.database.read() as connection:
        from ballot.services import entries

        [figure] = entries.table(connection, 1, "village").figures.values()
    assert (figure.by, figure.way.value) == ("计分系统", "api")


# ---- reading ------------------------------------------------------------------------------------


def test_no_standing_is_given_before_its_approval_is_recorded(place):
    complete(place)
    program = Program(place, Scope.STANDINGS)

    draft = program.get(f"{API}/standings")
    approve(place)
    given = program.get(f"{API}/standings")

    assert problem(draft) == (409, "NotApproved")
    assert "93.50" not in draft.text
    [village] = given.json["standings"]
    assert village["kind"] == "village"
    assert [row["unit"] for row in village["standings"]] == ["白马村", "石桥社区", "青龙村"]
    assert village["approval"]["meeting"] == "党工委会议"
    assert village["approval"]["sha256"] == standing(place).hash
    assert village["approval"]["unchanged"] is True


def test_a_kind_is_given_when_it_is_approved_and_all_when_all_are(sqlite_place):
    complete(sqlite_place)
    add_units(sqlite_place, 1, ["财政所"], "station")
    approve(sqlite_place)
    program = Program(sqlite_place)

    assert program.get(f"{API}/standings?kind=village").status_code == 200
    assert problem(program.get(f"{API}/standings?kind=station")) == (409, "NotApproved")
    assert problem(program.get(f"{API}/standings")) == (409, "NotApproved")
    assert problem(program.get(f"{API}/standings?kind=moon")) == (404, "UnknownKind")
    assert program.get(f"{API}/standings?kind=a&kind=b").status_code == 422


def test_a_standing_that_has_not_changed_is_not_sent_again(sqlite_place):
    complete(sqlite_place)
    approve(sqlite_place)
    program = Program(sqlite_place)
    version = program.get(f"{API}/standings").headers["ETag"]

    same = program.get(f"{API}/standings", **{"If-None-Match": version})
    annul(sqlite_place, 1)
    other = program.get(f"{API}/standings", **{"If-None-Match": version})

    assert (same.status_code, other.status_code) == (304, 200)
    assert other.json["standings"][0]["approval"]["unchanged"] is False


def test_the_description_tells_the_keys_of_a_standing(sqlite_place):
    complete(sqlite_place)
    approve(sqlite_place)

    [kind] = Program(sqlite_place).get(f"{API}/standings").json["standings"]

    schemas = DOCUMENT["components"]["schemas"]
    assert list(kind) == list(schemas["KindStanding"]["properties"])
    assert list(kind["approval"]) == list(schemas["Approval"]["properties"])
    assert set(schemas["Standing"]["required"]) <= set(kind["standings"][0])


def test_a_cycle_that_nobody_is_ranked_in_has_no_standing(sqlite_place):
    a_cycle_with_units(sqlite_place)
    enter(sqlite_place, {("白马村", BASE): "80"})
    program = Program(sqlite_place)

    assert problem(program.get(f"{API}/standings?kind=station")) == (409, "NoUnits")
