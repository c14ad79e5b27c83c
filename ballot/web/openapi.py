"""The API's description. Source: OpenAPI 3.1; a test compares its paths to the routes."""

from typing import Any, Final

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": "integer", "minimum": 0}


def _or_null(schema: Schema, description: str = "") -> Schema:
    told = {"description": description} if description else {}
    return {**schema, "type": [schema["type"], "null"], **told}


def _decimal(description: str) -> Schema:
    """Return the schema of an exact number written as text: no float ever touches it."""
    pattern = "^[+-]?[0-9]+(\\.[0-9]+)?$"
    return {"type": "string", "pattern": pattern, "description": description}


def _object(properties: dict[str, Schema], **more: Any) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties), **more}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_LEVEL: Final = _object(
    {"count": _NUMBER, "percent": _or_null(_decimal("Share of the base, two decimals."))}
)
_POINTS_ROW: Final = _object(
    {
        "kind": {**_TEXT, "description": "Key of the kind of units in the scheme."},
        "component": {**_TEXT, "description": "Key of the component in the scheme."},
        "unit": {**_TEXT, "description": "The unit assessed, as the cycle names it."},
        "full_marks": _decimal("Full marks of the component."),
        "subject": {**_TEXT, "description": "The unit as it stood on the ballot."},
        "valid": {**_NUMBER, "description": "Valid ballots."},
        "approving": {**_NUMBER, "description": "Marks that approve (较好以上票)."},
        "base": {"enum": ["opinions", "valid", "returned", "issued", "eligible"]},
        "ratio": {**_TEXT, "description": "approving/base, not reduced.", "examples": ["27/30"]},
        "percent": _or_null(_decimal("The ratio in percent, rounded half up for reading.")),
        "levels": {
            "type": "object",
            "description": "Per level, from best to worst.",
            "additionalProperties": _LEVEL,
        },
        "score": _or_null(_TEXT, "Score out of 100; null where there is no result."),
        "points": _or_null(_decimal("Points, rounded once; null where there is no result.")),
        "derivation": {**_list(_TEXT), "description": "How the points came about, step by step."},
        "note": _or_null(_TEXT, "What a reader must know besides."),
        "poll": {"type": "integer"},
        "rules_hash": {**_TEXT, "description": "SHA-256 of the rules frozen when the poll opened."},
    }
)
_CYCLE: Final = _object({"id": {"type": "integer"}, "title": _TEXT, "scheme": _TEXT})
_TURNOUT: Final = _object(
    {
        "poll": {"type": "integer"},
        "groups": _list(
            _object({"key": _TEXT, "name": _TEXT, "printed": _NUMBER, "cast": _NUMBER})
        ),
    }
)
_PROBLEM: Final = _object(
    {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT},
    description="Problem details (RFC 9457).",
)


_ADJUSTMENT: Final = _object(
    {
        "rule": _TEXT,
        "times": _NUMBER,
        "marks": _decimal("Marks added or taken off, two decimals."),
        "item": _TEXT,
        "note": _TEXT,
    }
)
_STANDING: Final = {
    **_object(
        {
            "unit": _TEXT,
            "total": _or_null(_decimal("Sum of the rounded components and adjustments.")),
            "rank": _or_null(_NUMBER, "Competition rank; null where a unit is not ranked."),
            "grade": _or_null(_TEXT, "Null where the scheme has no grades."),
            "components": {
                "type": "object",
                "description": "Points by the component's key.",
                "additionalProperties": _or_null(_decimal("Points, two decimals.")),
            },
            "adjustments": _list(_ADJUSTMENT),
            "vetoes": _list(_object({"rule": _TEXT, "item": _TEXT, "note": _TEXT})),
            "derivation": {**_list(_TEXT), "description": "How it came about, step by step."},
            "note": _or_null(_TEXT, "What a reader must know besides."),
        }
    ),
    "description": "More keys may be there, as the scheme has them.",
}
_APPROVAL: Final = _object(
    {
        "meeting": {**_TEXT, "description": "The meeting that fixed the result."},
        "held_on": {**_TEXT, "format": "date"},
        "by": {**_TEXT, "description": "Who recorded it."},
        "recorded_at": {**_TEXT, "format": "date-time"},
        "sha256": {**_TEXT, "description": "SHA-256 of the figures that were approved."},
        "unchanged": {
            "type": "boolean",
            "description": "False where the figures are no longer those that were approved.",
        },
    }
)
_KIND_STANDING: Final = _object(
    {
        "kind": _TEXT,
        "title": _TEXT,
        "approval": _ref("Approval"),
        "standings": {**_list(_ref("Standing")), "description": "In rank order."},
    }
)
_FIGURES: Final[Schema] = {
    "type": "object",
    "description": "Figures by unit; a unit that is absent has none.",
    "additionalProperties": _decimal("At most 20 characters; a JSON number is taken as written."),
}


def _problem(description: str) -> Schema:
    content = {"application/problem+json": {"schema": _ref("Problem")}}
    return {"description": description, "content": content}


def _read(
    summary: str,
    answer: Schema,
    *,
    scope: str = "",
    parameters: tuple[Schema, ...] = (),
    csv: bool = False,
) -> Schema:
    """Describe a route that is read. A route that names one thing may not find it."""
    content: Schema = {"application/json": {"schema": answer}}
    if csv:
        content["text/csv"] = {"schema": _TEXT}
    etag = {"ETag": {"schema": _TEXT, "description": "Strong version of the answer."}}
    answers: Schema = {
        "200": {"description": "OK", "headers": etag, "content": content},
        "304": {"description": "Not modified since the version in If-None-Match."},
    }
    if scope:
        answers["401"] = _problem("The token is missing, unknown, revoked or expired.")
        answers["403"] = _problem(f"The token has no scope {scope}.")
    if parameters:
        answers["404"] = _problem("No such cycle or poll.")
    answers["422"] = _problem("A parameter with an unknown value, or one given twice.")
    security = [{"token": [scope]}] if scope else [{}]
    return {
        "get": {
            "summary": summary,
            "security": security,
            "parameters": [*parameters, _IF_NONE_MATCH, _LANGUAGE],
            "responses": answers,
        }
    }


def _number(name: str) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}}


_IF_NONE_MATCH: Final[Schema] = {"name": "If-None-Match", "in": "header", "schema": _TEXT}
_LANGUAGE: Final[Schema] = {
    "name": "lang",
    "in": "query",
    "description": "Language of derivations and notes; else Accept-Language decides.",
    "schema": {"enum": ["zh-CN", "en"]},
}
_FORMAT: Final[Schema] = {
    "name": "format",
    "in": "query",
    "description": "Else the Accept header decides. CSV joins lists by ' / '.",
    "schema": {"enum": ["json", "csv"]},
}
_KIND: Final[Schema] = {
    "name": "kind",
    "in": "query",
    "description": "Key of the kind of units; needed where several kinds would do.",
    "schema": _TEXT,
}
_COMPONENT: Final[Schema] = {
    "name": "component",
    "in": "path",
    "required": True,
    "description": "Key of a component or item that is entered: base-work.party.building.",
    "schema": {**_TEXT, "minLength": 1},
}
_IF_MATCH: Final[Schema] = {"name": "If-Match", "in": "header", "schema": _TEXT}


def _entries() -> Schema:
    """Describe the column of figures under one key: read, and replaced as a whole."""
    read = _read(
        "Figures that stand under a component's or item's key.",
        _ref("Column"),
        scope="entries",
        parameters=(_number("cycle_id"), _COMPONENT, _KIND),
    )["get"]
    answers = {status: each for status, each in read["responses"].items() if status != "304"}
    answers["409"] = _problem("The component is decided by ballot, or the standing is approved.")
    read["responses"] = {**read["responses"], "409": answers["409"]}
    answers["400"] = _problem("The request is not complete.")
    answers["412"] = _problem("The column is no longer the version in If-Match.")
    answers["422"] = _problem("Something in the body cannot be taken; nothing was written.")
    content = {
        "application/json": {"schema": _object({"figures": _FIGURES}, additionalProperties=False)}
    }
    put = {
        "summary": "Put figures, by unit, in place of all that stood under the key.",
        "description": "A unit that is not named is cleared. The same body again changes nothing.",
        "security": read["security"],
        "parameters": [_number("cycle_id"), _COMPONENT, _KIND, _IF_MATCH, _LANGUAGE],
        "requestBody": {"required": True, "content": content},
        "responses": answers,
    }
    return {"get": read, "put": put}


def _standings() -> Schema:
    found = _read(
        "The yearly standings, once their approval is recorded.",
        _object({"cycle": _ref("Cycle"), "standings": _list(_ref("KindStanding"))}),
        scope="standings:read",
        parameters=(_number("cycle_id"), _KIND),
    )
    found["get"]["responses"]["409"] = _problem("The approval of a standing is not recorded yet.")
    return found


_POINTS: Final = _object({"cycle": _ref("Cycle"), "points": _list(_ref("PointsRow"))})

DOCUMENT: Final[Schema] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Ballot 民评",
        "version": "1",
        "description": "No result is given before its poll is certified, "
        "no standing before its approval.",
    },
    "servers": [{"url": "/api/v1"}],
    "paths": {
        "/cycles": _read(
            "All cycles.", _object({"cycles": _list(_ref("Cycle"))}), scope="points:read"
        ),
        "/cycles/{cycle_id}/points": _read(
            "Converted points of a cycle's certified polls, with derivations.",
            _POINTS,
            scope="points:read",
            parameters=(_number("cycle_id"), _FORMAT),
            csv=True,
        ),
        "/cycles/{cycle_id}/standings": _standings(),
        "/cycles/{cycle_id}/entries/{component}": _entries(),
        "/polls/{poll_id}/turnout": _read(
            "Printed and cast ballots of each voter group.",
            _ref("Turnout"),
            scope="turnout:read",
            parameters=(_number("poll_id"),),
        ),
        "/openapi.json": _read("This description.", {"type": "object"}),
    },
    "components": {
        "schemas": {
            "Cycle": _CYCLE,
            "PointsRow": _POINTS_ROW,
            "Approval": _APPROVAL,
            "Standing": _STANDING,
            "KindStanding": _KIND_STANDING,
            "Column": _object(
                {
                    "cycle": _ref("Cycle"),
                    "kind": _TEXT,
                    "component": _TEXT,
                    "figures": _FIGURES,
                }
            ),
            "Turnout": _TURNOUT,
            "Problem": _PROBLEM,
        },
        "securitySchemes": {
            "token": {
                "type": "http",
                "scheme": "bearer",
                "description": "Made by `ballot token create`; sent in the Authorization header.",
            }
        },
    },
}
