"""Points as a table that spreadsheets open: the API's keys, one row per unit and component."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response

from ballot.output.cells import safe
from ballot.services.points import PointsRow
from ballot.web.headers import attachment

COLUMNS: Final = (
    "kind", "component", "unit", "full_marks", "subject", "valid", "approving", "base", "ratio",
    "percent", "levels", "score", "points", "derivation", "note", "marks", "poll", "rules_hash",
)  # fmt: skip
_JOINT: Final = " / "


def answer(cycle_id: int, rows: Sequence[PointsRow], language: str) -> Response:
    """Return the table as a file to keep."""
    return attachment(write(rows, language), f"points-{cycle_id}.csv", "text/csv")


def write(rows: Sequence[PointsRow], language: str) -> bytes:
    """Return the table in UTF-8 with the mark by which Excel knows it."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in rows:
        values = row.to_json(language)
        writer.writerow([safe(_text(values[column])) for column in COLUMNS])
    return file.getvalue().encode("utf-8-sig")


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping) and "counts" in value:
        return _JOINT.join(f"{mark} × {ballots}" for mark, ballots in value["counts"].items())
    if isinstance(value, Mapping):
        return _JOINT.join(_level(label, level) for label, level in value.items())
    if isinstance(value, list):
        return _JOINT.join(value)
    return str(value)


def _level(label: str, level: Mapping[str, Any]) -> str:
    share = f" ({level['percent']}%)" if level["percent"] is not None else ""
    return f"{label} {level['count']}{share}"
