"""The API's description. Source: OpenAPI 3.1; a test compares its paths to the routes."""

from typing import Final

from ballot.language import LANGUAGES
from ballot.web.openapi_forms import (
    NUMBER,
    POINTS_ROW,
    TEXT,
    Schema,
    decimal_text,
    list_of,
    object_of,
    or_null,
    ref,
)

_CYCLE: Final = object_of(
    {
        "id": {"type": "integer"},
        "title": TEXT,
        "scheme": TEXT,
        "settings": {
            "type": "object",
            "additionalProperties": TEXT,
            "description": "Readings of the scheme that the cycle sets otherwise, by key.",
        },
    }
)
_TURNOUT: Final = object_of(
    {
        "poll": {"type": "integer"},
        "groups": list_of(
            object_of({"key": TEXT, "name": TEXT, "printed": NUMBER, "cast": NUMBER})
        ),
    }
)
_PROBLEM: Final = object_of(
    {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "detail": TEXT},
    description="Problem details (RFC 9457).",
)


_ADJUSTMENT: Final = object_of(
    {
        "rule": TEXT,
        "times": NUMBER,
        "marks": decimal_text("Marks added or taken off, two decimals."),
        "item": TEXT,
        "note": TEXT,
    }
)
_STANDING: Final = {
    **object_of(
        {
            "unit": TEXT,
            "total": or_null(decimal_text("Sum of the rounded components and adjustments.")),
            "rank": or_null(NUMBER, "Competition rank; null where a unit is not ranked."),
            "grade": or_null(TEXT, "Null where the scheme has no grades."),
            "components": {
                "type": "object",
                "description": "Points by the component's key.",
                "additionalProperties": or_null(decimal_text("Points, two decimals.")),
            },
            "adjustments": list_of(_ADJUSTMENT),
            "vetoes": list_of(object_of({"rule": TEXT, "item": TEXT, "note": TEXT})),
            "derivation": {**list_of(TEXT), "description": "How it came about, step by step."},
            "note": or_null(TEXT, "What a reader must know besides."),
        }
    ),
    "description": "More keys may be there, as the scheme has them.",
}
_APPROVAL: Final = object_of(
    {
        "meeting": {**TEXT, "description": "The meeting that fixed the result."},
        "held_on": {**TEXT, "format": "date"},
        "by": {**TEXT, "description": "Who recorded it."},
        "recorded_at": {**TEXT, "format": "date-time"},
        "sha256": {**TEXT, "description": "SHA-256 of the figures that were approved."},
        "unchanged": {
            "type": "boolean",
            "description": "False where the figures are no longer those that were approved.",
        },
    }
)
_KIND_STANDING: Final = object_of(
    {
        "kind": TEXT,
        "title": TEXT,
        "approval": ref("Approval"),
        "standings": {**list_of(ref("Standing")), "description": "In rank order."},
    }
)
_FIGURES: Final[Schema] = {
    "type": "object",
    "description": "Figures by unit; a unit that is absent has none.",
    "additionalProperties": decimal_text(
        "At most 20 characters; a JSON number is taken as written."
    ),
}


def _problem(description: str) -> Schema:
    content = {"application/problem+json": {"schema": ref("Problem")}}
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
        content["text/csv"] = {"schema": TEXT}
    etag = {"ETag": {"schema": TEXT, "description": "Strong version of the answer."}}
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


_IF_NONE_MATCH: Final[Schema] = {"name": "If-None-Match", "in": "header", "schema": TEXT}
_LANGUAGE: Final[Schema] = {
    "name": "lang",
    "in": "query",
    "description": "Language of derivations and notes; else Accept-Language decides.",
    "schema": {"enum": list(LANGUAGES)},
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
    "schema": TEXT,
}
_COMPONENT: Final[Schema] = {
    "name": "component",
    "in": "path",
    "required": True,
    "description": "Key of a component or item that is entered: base-work.party.building.",
    "schema": {**TEXT, "minLength": 1},
}
_IF_MATCH: Final[Schema] = {"name": "If-Match", "in": "header", "schema": TEXT}


def _entries() -> Schema:
    """Describe the column of figures under one key: read, and replaced as a whole."""
    read = _read(
        "Figures that stand under a component's or item's key.",
        ref("Column"),
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
        "application/json": {"schema": object_of({"figures": _FIGURES}, additionalProperties=False)}
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
        object_of({"cycle": ref("Cycle"), "standings": list_of(ref("KindStanding"))}),
        scope="standings:read",
        parameters=(_number("cycle_id"), _KIND),
    )
    found["get"]["responses"]["409"] = _problem("The approval of a standing is not recorded yet.")
    return found


_POINTS: Final = object_of({"cycle": ref("Cycle"), "points": list_of(ref("PointsRow"))})

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
            "All cycles.", object_of({"cycles": list_of(ref("Cycle"))}), scope="points:read"
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
            ref("Turnout"),
            scope="turnout:read",
            parameters=(_number("poll_id"),),
        ),
        "/openapi.json": _read("This description.", {"type": "object"}),
    },
    "components": {
        "schemas": {
            "Cycle": _CYCLE,
            "PointsRow": POINTS_ROW,
            "Approval": _APPROVAL,
            "Standing": _STANDING,
            "KindStanding": _KIND_STANDING,
            "Column": object_of(
                {
                    "cycle": ref("Cycle"),
                    "kind": TEXT,
                    "component": TEXT,
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
