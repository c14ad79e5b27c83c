import csv
import io
import json
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot.domain.people import Scope
from ballot.services import people, points
from ballot.web.openapi import DOCUMENT
from ballot.web.points_csv import COLUMNS, safe
from tests.builders import (
    ONE_GROUP_POLL,
    VILLAGE_POLL,
    Place,
    a_cycle,
    a_token,
    an_open_poll,
    cast,
    certify,
    close,
)

API = "/api/v1"


def get(client: FlaskClient, token: str, path: str, **headers: str) -> TestResponse:
    return client.get(API + path, headers={"Authorization": f"Bearer {token}"} | headers)


def a_certified_poll(place: Place, text: str = ONE_GROUP_POLL, votes: int = 30):
    poll, codes = an_open_poll(place, text)
    for n, code in enumerate(codes[:votes]):
        cast(place, poll, code, 0 if n % 3 else 1)
    close(place, poll)
    certify(place, poll)
    return place.poll(poll.id)


def of_service(place: Place, cycle_id: int) -> list[dict]:
    with place.database.read() as connection:
        return [row.to_json() for row in points.of_cycle(connection, cycle_id, smallest_group=5)[1]]


def problem(answer: TestResponse) -> dict:
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    return answer.json


def test_the_cycles_are_given(place):
    a_cycle(place, "2023年度考核")

    answer = get(place.client(), a_token(place, Scope.POINTS), "/cycles")

    told = {"id": 1, "title": "2023年度考核", "scheme": "street-2023", "settings": {}}
    assert answer.json == {"cycles": [told]}


def test_the_cycles_tell_which_readings_they_set_otherwise(sqlite_place):
    a_cycle(sqlite_place, scheme="municipal", commended="8‰")

    answer = get(sqlite_place.client(), a_token(sqlite_place, Scope.POINTS), "/cycles")

    assert answer.json["cycles"][0]["settings"] == {"commended": "8‰"}


def test_the_points_given_are_those_of_the_results(place):
    poll = a_certified_poll(place, VILLAGE_POLL)

    answer = get(place.client(), a_token(place, Scope.POINTS), f"/cycles/{poll.cycle_id}/points")

    [row] = answer.json["points"]
    [section] = place.results(poll.id).sections
    expected = section.subjects[0].converted.to_json()
    assert {key: row[key] for key in expected} == expected
    assert answer.json["cycle"]["id"] == poll.cycle_id
    assert (row["unit"], row["component"], row["points"]) == (
        "白马村", "village-peer-review", "4.50",
    )  # fmt: skip


def test_levels_are_given_from_best_to_worst(sqlite_place):
    poll = a_certified_poll(sqlite_place)

    answer = get(sqlite_place.client(), a_token(sqlite_place), f"/cycles/{poll.cycle_id}/points")

    [row] = json.loads(answer.text)["points"]
    assert list(row["levels"]) == ["好", "较好", "一般", "差"]


def test_no_points_are_given_before_a_poll_is_certified(sqlite_place):
    poll, codes = an_open_poll(sqlite_place)
    cast(sqlite_place, poll, codes[0], 3)
    client, token = sqlite_place.client(), a_token(sqlite_place)
    address = f"/cycles/{poll.cycle_id}/points"

    while_open = get(client, token, address)
    close(sqlite_place, poll)
    while_closed = get(client, token, address)

    assert while_open.json["points"] == while_closed.json["points"] == []


def test_the_turnout_tells_printed_and_cast_per_group_and_nothing_else(place):
    poll, codes = an_open_poll(place)
    for level, code in enumerate(codes[:3]):
        cast(place, poll, code, level)

    answer = get(place.client(), a_token(place, Scope.TURNOUT), f"/polls/{poll.id}/turnout")

    assert answer.json == {
        "poll": poll.id,
        "groups": [{"key": "voters", "name": "村民", "printed": 60, "cast": 3}],
    }


@pytest.mark.parametrize("path", ["/cycles", "/cycles/1/points", "/polls/1/turnout"])
@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer ballot_wrong", "Basic YTpi", "Bearer 民评"]
)
def test_without_a_good_token_there_is_nothing_to_read(sqlite_place, path, header):
    headers = {} if header is None else {"Authorization": header.encode().decode("latin-1")}

    answer = sqlite_place.client().get(API + path, headers=headers)

    assert problem(answer)["title"] == "令牌缺失、无效或已过期。"
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_in_the_address_is_not_taken(sqlite_place):
    token = a_token(sqlite_place)

    for name in ("token", "access_token", "bearer"):
        answer = sqlite_place.client().get(f"{API}/cycles", query_string={name: token})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("scope", "path"),
    [(Scope.TURNOUT, "/cycles"), (Scope.TURNOUT, "/cycles/1/points"),
     (Scope.POINTS, "/polls/1/turnout")],
)  # fmt: skip
def test_a_token_opens_only_what_it_is_for(sqlite_place, scope, path):
    answer = get(sqlite_place.client(), a_token(sqlite_place, scope), path)

    assert answer.status_code == 403
    assert problem(answer)["type"] == "urn:ballot:Scope"


def test_a_token_ends_with_its_time(sqlite_place):
    with sqlite_place.database.write() as connection:
        token = people.create_token(
            connection,
            name="短期",
            scopes=[Scope.POINTS],
            lifetime=timedelta(hours=1),
            by="test",
            now=sqlite_place.clock(),
        )
    client = sqlite_place.client()

    assert get(client, token, "/cycles").status_code == 200
    sqlite_place.clock.go(hours=1)
    assert get(client, token, "/cycles").status_code == 401


@pytest.mark.parametrize(
    "path", ["/cycles/9/points", "/polls/9/turnout", "/nowhere", f"/polls/{10**12}/turnout"]
)
def test_what_is_not_there_is_a_problem_in_words(sqlite_place, path):
    answer = get(sqlite_place.client(), a_token(sqlite_place), path)

    assert answer.status_code == 404
    assert problem(answer)["detail"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [("?format=csv", {}), ("", {"Accept": "text/csv"}), ("?format=csv", {"Accept": "*/*"})],
)
def test_points_are_given_as_csv_for_spreadsheets(sqlite_place, path, headers):
    poll = a_certified_poll(sqlite_place)

    answer = get(sqlite_place.client(), a_token(sqlite_place), f"/cycles/1/points{path}", **headers)

    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.data.startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    [expected] = of_service(sqlite_place, poll.cycle_id)
    assert list(row) == list(COLUMNS) == list(expected)
    assert row["derivation"] == " / ".join(expected["derivation"])
    assert row["levels"] == "好 20 (66.67%) / 较好 10 (33.33%) / 一般 0 (0.00%) / 差 0 (0.00%)"
    assert (row["points"], row["ratio"]) == ("4.50", "30/30")


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/csv;q=0.5"])
def test_json_is_given_unless_csv_is_wanted(sqlite_place, accept):
    a_cycle(sqlite_place)

    answer = get(sqlite_place.client(), a_token(sqlite_place), "/cycles/1/points", Accept=accept)

    assert answer.mimetype == "application/json"


def test_a_form_that_is_not_known_is_refused(sqlite_place):
    answer = get(sqlite_place.client(), a_token(sqlite_place), "/cycles/1/points?format=xml")

    assert (answer.status_code, problem(answer)["title"]) == (422, "format 只能是 json 或 csv。")


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_no_cell_is_taken_for_a_formula(begins):
    assert safe(f"{begins}HYPERLINK(1)") == f"'{begins}HYPERLINK(1)"


@pytest.mark.parametrize("cell", ["-0.20", "+1", "4.50", "27/30", "白马村", "", "a=b"])
def test_plain_cells_and_numbers_stay_as_they_are(cell):
    assert safe(cell) == cell


def test_a_units_name_that_is_a_formula_is_disarmed(sqlite_place):
    formula = "=cmd|' /C calc'!A0"
    a_certified_poll(sqlite_place, ONE_GROUP_POLL.replace("白马村领导班子", formula))

    answer = get(sqlite_place.client(), a_token(sqlite_place), "/cycles/1/points?format=csv")

    [row] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert row["subject"] == f"'{formula}"


@pytest.mark.parametrize(
    "path", ["/cycles", "/cycles/1/points", "/cycles/1/points?format=csv", "/polls/1/turnout",
             "/openapi.json"],
)  # fmt: skip
def test_what_has_not_changed_is_not_sent_again(sqlite_place, path):
    a_certified_poll(sqlite_place)
    client, token = sqlite_place.client(), a_token(sqlite_place)

    first = get(client, token, path)
    again = get(client, token, path, **{"If-None-Match": first.headers["ETag"]})

    assert not first.headers["ETag"].startswith("W/")
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert get(client, token, path, **{"If-None-Match": '"other"'}).status_code == 200


def test_a_version_changes_with_what_it_tells(sqlite_place):
    poll, codes = an_open_poll(sqlite_place)
    client, token = sqlite_place.client(), a_token(sqlite_place)
    address = f"/polls/{poll.id}/turnout"
    before = get(client, token, address).headers["ETag"]

    cast(sqlite_place, poll, codes[0], 1)

    assert get(client, token, address, **{"If-None-Match": before}).status_code == 304
    sqlite_place.clock.go(seconds=1)
    assert get(client, token, address, **{"If-None-Match": before}).status_code == 200


def test_a_version_is_no_way_around_the_token(sqlite_place):
    a_cycle(sqlite_place)
    client = sqlite_place.client()
    version = get(client, a_token(sqlite_place), "/cycles").headers["ETag"]

    answer = client.get(f"{API}/cycles", headers={"If-None-Match": version})

    assert answer.status_code == 401


def test_the_description_names_exactly_the_routes_there_are(sqlite_place):
    rules = sqlite_place.client().application.url_map.iter_rules()

    routes: dict[str, set[str]] = {}
    for rule in rules:
        if rule.rule.startswith(API):
            path = re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule.removeprefix(API))
            methods = {method.lower() for method in rule.methods - {"HEAD", "OPTIONS"}}
            routes.setdefault(path, set()).update(methods)

    assert routes == {path: set(methods) for path, methods in DOCUMENT["paths"].items()}


def test_anyone_may_read_the_description_and_its_references_lead_somewhere(sqlite_place):
    answer = sqlite_place.client().get(f"{API}/openapi.json")

    assert answer.json == DOCUMENT
    assert answer.json["openapi"].startswith("3.1.")
    for reference in re.findall(r'"#/components/schemas/(\w+)"', answer.text):
        assert reference in DOCUMENT["components"]["schemas"]
    for path, methods in DOCUMENT["paths"].items():
        named = {p["name"] for p in methods["get"]["parameters"] if p["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))


def test_the_description_tells_the_keys_that_are_given(sqlite_place):
    a_certified_poll(sqlite_place)
    client, token = sqlite_place.client(), a_token(sqlite_place)

    [row] = get(client, token, "/cycles/1/points").json["points"]

    assert list(row) == list(DOCUMENT["components"]["schemas"]["PointsRow"]["properties"])


def test_the_api_sets_no_cookie_and_is_only_read(sqlite_place):
    a_certified_poll(sqlite_place)
    client, token = sqlite_place.client(), a_token(sqlite_place)

    for path in ("/cycles", "/cycles/1/points", "/polls/1/turnout", "/openapi.json", "/nowhere"):
        assert "Set-Cookie" not in get(client, token, path).headers
    refused = client.post(f"{API}/cycles", headers={"Authorization": f"Bearer {token}"})
    assert (refused.status_code, refused.mimetype) == (405, "application/problem+json")
