"""The API's entries and standings: other systems write a component's figures, and read results."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, Response, g, request
from werkzeug.http import generate_etag

from ballot.domain.people import Scope
from ballot.errors import MistakesError, NotFoundError, RefusedError
from ballot.language import N_, Text
from ballot.services import entries, kinds, standings
from ballot.services.cycles import scheme_of
from ballot.services.entries import ColumnChangedError, Table
from ballot.storage import cycles
from ballot.storage.database import Connection
from ballot.web.api import NUMBER, as_json, bearer, cycle_json, name_the_version
from ballot.web.context import here, language

blueprint = Blueprint("api_standings", __name__, url_prefix="/api/v1")
blueprint.after_request(name_the_version)

_ENTRIES: Final = f"/cycles/<{NUMBER}:cycle_id>/entries/<component>"


class NoSuchItemError(NotFoundError):
    """Nothing can be entered under this key."""

    message = N_("类别“%(kind)s”没有可以录入的考核项“%(key)s”。")


class DecidedByBallotError(RefusedError):
    """The component is voted on."""

    message = N_("考核项“%(key)s”由投票产生，不能写入；请读取 /cycles/%(cycle)s/points。")


@blueprint.get(f"/cycles/<{NUMBER}:cycle_id>/standings")
@bearer(Scope.STANDINGS)
def cycle_standings(cycle_id: int) -> Response:
    """Give the standings of a cycle, once their approval is recorded."""
    with here().database.read() as connection:
        found = standings.approved(
            connection,
            cycle_id,
            request.args.get("kind"),
            smallest_group=here().settings.smallest_group,
        )
    cycle = found[0].assessed.cycle
    told = [each.to_json(language()) for each in found]
    return as_json({"cycle": cycle_json(cycle), "standings": told})


@blueprint.route(_ENTRIES, methods=["GET", "PUT"])  # one rule, so that what is not there is 404
@bearer(Scope.ENTRIES)
def column(cycle_id: int, component: str) -> Response:
    """Give the figures under a component's or item's key, or put others in their place."""
    if request.method == "PUT":
        return _replaced(cycle_id, component, _figures())
    with here().database.read() as connection:
        return _column(connection, cycle_id, _kind(connection, cycle_id, component), component)


def _replaced(cycle_id: int, key: str, figures: dict[str, str]) -> Response:
    with here().database.write() as connection:
        kind = _kind(connection, cycle_id, key)
        kinds.of(connection, cycle_id, kind, hold=True)
        before = _column(connection, cycle_id, kind, key)
        if request.if_match and not request.if_match.contains(_version(before)):
            raise ColumnChangedError
        entries.replace_column(
            connection, cycle_id, kind, key, figures, by=g.token.name, now=here().clock()
        )
        return _column(connection, cycle_id, kind, key)


def _version(answer: Response) -> str:
    return generate_etag(answer.get_data())


def _kind(connection: Connection, cycle_id: int, key: str) -> str:
    """Return the kind that the request names, or the only one that has the key.

    Raises: NoSuchCycleError, UnknownKindError, NoSuchItemError, DecidedByBallotError;
        MistakesError where several kinds have the key.
    """
    scheme = scheme_of(cycles.get(connection, cycle_id))
    asked = request.args.get("kind")
    every = [scheme.kind(asked)] if asked is not None else list(scheme.kinds.values())
    having = [kind for kind in every if any(each.key == key for each in kind.components)]
    entered = [
        each.kind
        for each in kinds.every(connection, cycle_id)
        if each.kind in every and each.column(key)
    ]
    if len(entered) > 1 or (entered and len(having) > 1):
        names = "、".join(kind.key for kind in (*entered, *having))
        raise MistakesError(
            [
                Text(
                    "几个类别都有考核项“%(key)s”（%(kinds)s），请用 kind 指明。",
                    key=key,
                    kinds=names,
                )
            ]
        )
    if entered:
        return entered[0].key
    if having:
        raise DecidedByBallotError(key=key, cycle=cycle_id)
    raise NoSuchItemError(kind=asked or "、".join(scheme.kinds), key=key)


def _column(connection: Connection, cycle_id: int, kind: str, key: str) -> Response:
    table = entries.table(connection, cycle_id, kind)
    return as_json(
        {
            "cycle": cycle_json(table.assessed.cycle),
            "kind": kind,
            "component": key,
            "figures": _told(table, key),
        }
    )


def _told(table: Table, key: str) -> dict[str, str]:
    texts = table.texts
    return {unit.name: texts[unit.id, key] for unit in table.units if (unit.id, key) in texts}


def _figures() -> dict[str, str]:
    """Return the figures by unit that a request's body holds, exactly as written.

    Raises: MistakesError.
    """
    try:
        body = json.loads(
            request.get_data(as_text=False).decode("utf-8"),
            parse_float=str,
            parse_int=str,
            parse_constant=_refuse_constant,
            object_pairs_hook=_each_once,
        )
    except (ValueError, RecursionError):
        raise MistakesError([Text("内容不是有效的 JSON。")]) from None
    if not isinstance(body, dict) or set(body) != {"figures"}:
        raise MistakesError([Text('内容应为 {"figures": {单位: 分数}}。')])
    figures = body["figures"]
    if not isinstance(figures, dict):
        raise MistakesError([Text("figures 应为 {单位: 分数}。")])
    strange = [unit for unit, figure in figures.items() if not isinstance(figure, str)]
    if strange:
        raise MistakesError(
            [Text("“%(unit)s”的分数应为数字。", unit=unit[:100]) for unit in strange]
        )
    return figures


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    counted = Counter(name for name, _ in pairs)
    twice = sorted(name for name, count in counted.items() if count > 1)
    if twice:
        raise MistakesError([Text("“%(unit)s”写了两次。", unit=name[:100]) for name in twice])
    return dict(pairs)


def _refuse_constant(_: str) -> None:
    raise ValueError("not a number")
