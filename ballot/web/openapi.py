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
_POINTS: Final = _object({"cycle": _ref("Cycle"), "points": _list(_ref("PointsRow"))})

DOCUMENT: Final[Schema] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Ballot 民评",
        "version": "1",
        "description": "Read-only. No result is given before its poll is certified.",
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
