"""The pieces of the API's description: schemas, and the row of points.

Source: OpenAPI 3.1, JSON Schema 2020-12.
"""

from typing import Any, Final

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
NUMBER: Final[Schema] = {"type": "integer", "minimum": 0}


def or_null(schema: Schema, description: str = "") -> Schema:
    """Return a schema that null fits as well."""
    told = {"description": description} if description else {}
    return {**schema, "type": [schema["type"], "null"], **told}


def decimal_text(description: str) -> Schema:
    """Return the schema of an exact number written as text: no float ever touches it."""
    pattern = "^[+-]?[0-9]+(\\.[0-9]+)?$"
    return {"type": "string", "pattern": pattern, "description": description}


def object_of(properties: dict[str, Schema], **more: Any) -> Schema:
    """Return the schema of an object that has all these keys."""
    return {"type": "object", "properties": properties, "required": list(properties), **more}


def list_of(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def ref(name: str) -> Schema:
    """Return a reference to a schema of the description."""
    return {"$ref": f"#/components/schemas/{name}"}


_LEVEL: Final = object_of(
    {"count": NUMBER, "percent": or_null(decimal_text("Share of the base, two decimals."))}
)
_MARKS: Final = {
    **object_of(
        {
            "opinions": {**NUMBER, "description": "How many gave a mark."},
            "mean": decimal_text("Their plain mean: no weights, nothing dropped."),
            "lowest": NUMBER,
            "highest": NUMBER,
            "counts": {
                "type": "object",
                "description": "Ballots by mark, the highest first.",
                "additionalProperties": NUMBER,
            },
        }
    ),
    "type": ["object", "null"],
    "description": "How marks from 0 to 100 lie; null on levels, and without an opinion.",
}
POINTS_ROW: Final = object_of(
    {
        "kind": {**TEXT, "description": "Key of the kind of units in the scheme."},
        "component": {**TEXT, "description": "Key of the component in the scheme."},
        "unit": {**TEXT, "description": "The unit assessed, as the cycle names it."},
        "full_marks": decimal_text("Full marks of the component."),
        "subject": {**TEXT, "description": "The unit as it stood on the ballot."},
        "valid": {**NUMBER, "description": "Valid ballots."},
        "approving": or_null(NUMBER, "Votes that approve (较好以上票); null on marks."),
        "base": {"enum": ["opinions", "valid", "returned", "issued", "eligible"]},
        "ratio": {
            **or_null(TEXT, "approving/base, not reduced; null on marks."),
            "examples": ["27/30"],
        },
        "percent": or_null(decimal_text("The ratio in percent, rounded half up for reading.")),
        "levels": {
            "type": "object",
            "description": "Per level, from best to worst; empty on marks.",
            "additionalProperties": _LEVEL,
        },
        "score": or_null(TEXT, "Score out of 100; null where there is no result."),
        "points": or_null(decimal_text("Points, rounded once; null where there is no result.")),
        "derivation": {**list_of(TEXT), "description": "How the points came about, step by step."},
        "note": or_null(TEXT, "What a reader must know besides."),
        "marks": _MARKS,
        "poll": {"type": "integer"},
        "rules_hash": {**TEXT, "description": "SHA-256 of the rules frozen when the poll opened."},
    }
)
