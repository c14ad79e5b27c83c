"""The API for other systems: cycles, converted points, turnout; by bearer token."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from flask import Blueprint, Response, g, request
from flask.typing import ResponseReturnValue

from ballot.domain.people import Scope
from ballot.errors import MistakesError
from ballot.language import LANGUAGES, SOURCE, Text
from ballot.services import cycles, people, points
from ballot.services.people import TokenError
from ballot.storage.cycles import Cycle
from ballot.web import points_csv
from ballot.web.access import anyone
from ballot.web.context import here, language
from ballot.web.openapi import DOCUMENT

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

NUMBER: Final = "int(max=2147483647)"
_JSON: Final = "application/json"
_CSV: Final = "text/csv"

View = Callable[..., Response]


def bearer(scope: Scope) -> Callable[[View], Callable[..., ResponseReturnValue]]:
    """Let whoever brings a token of a scope use a route: in the header, never in the address."""

    def decorate(view: View) -> Callable[..., ResponseReturnValue]:
        @anyone
        @wraps(view)
        def checked(**arguments: Any) -> ResponseReturnValue:
            g.token = people.token_for(here().database, _secret(), scope, here().clock())
            _check_parameters()
            return view(**arguments)

        return checked

    return decorate


def _secret() -> str:
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer" or not authorization.token:
        raise TokenError
    return authorization.token


@blueprint.after_request
def name_the_version(response: Response) -> Response:
    """Let a client keep what it read, and ask whether it still holds."""
    if response.status_code == 200:
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["Vary"] = "Accept, Accept-Language, Authorization"
        response.add_etag()
        response.make_conditional(request)
    return response


@blueprint.get("/cycles")
@bearer(Scope.POINTS)
def every_cycle() -> Response:
    """Give the cycles."""
    with here().database.read() as connection:
        found = cycles.every(connection)
    return as_json({"cycles": [cycle_json(cycle) for cycle in found]})


@blueprint.get(f"/cycles/<{NUMBER}:cycle_id>/points")
@bearer(Scope.POINTS)
def cycle_points(cycle_id: int) -> Response:
    """Give the converted points of the cycle's certified polls, with derivations."""
    wants_csv = _wants_csv()
    with here().database.read() as connection:
        cycle, rows = points.of_cycle(
            connection, cycle_id, smallest_group=here().settings.smallest_group
        )
    if wants_csv:
        return points_csv.answer(cycle_id, rows, language())
    return as_json(
        {"cycle": cycle_json(cycle), "points": [row.to_json(language()) for row in rows]}
    )


@blueprint.get(f"/polls/<{NUMBER}:poll_id>/turnout")
@bearer(Scope.TURNOUT)
def turnout(poll_id: int) -> Response:
    """Give how many ballots of each group were printed and cast."""
    found = here().turnouts.of(poll_id)
    groups = [
        {"key": group.key, "name": group.name, "printed": group.printed, "cast": group.cast}
        for group in found.groups
    ]
    return as_json({"poll": poll_id, "groups": groups})


@blueprint.get("/openapi.json")
@anyone
def openapi() -> Response:
    """Give this API's description."""
    _check_parameters()
    return as_json(DOCUMENT)


def cycle_json(cycle: Cycle) -> dict[str, Any]:
    """Return a cycle as every answer gives it."""
    return {
        "id": cycle.id,
        "title": cycle.title,
        "scheme": cycle.scheme,
        "settings": dict(cycle.settings),
    }


def _check_parameters() -> None:
    """Refuse a parameter that is not clear: a program should not get what it did not ask for."""
    mistakes = [
        Text("参数 %(name)s 只能写一次。", name=name)
        for name in ("format", "kind", "lang")
        if len(request.args.getlist(name)) > 1
    ]
    if request.args.get("lang", SOURCE) not in LANGUAGES:
        mistakes.append(Text("lang 只能是 zh-CN 或 en。"))
    if mistakes:
        raise MistakesError(mistakes)


def _wants_csv() -> bool:
    form = request.args.get("format")
    if form is None:
        return request.accept_mimetypes.best_match([_JSON, _CSV]) == _CSV
    if form not in {"json", "csv"}:
        raise MistakesError([Text("format 只能是 json 或 csv。")])
    return form == "csv"


def as_json(value: Any) -> Response:
    """Answer with keys in their own order: levels run from best to worst."""
    return Response(json.dumps(value, ensure_ascii=False), mimetype=_JSON)
