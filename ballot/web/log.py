"""The event log: read, filtered, taken away."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import LOG_READERS
from ballot.errors import MistakesError
from ballot.language import Text
from ballot.output.cells import safe_text
from ballot.services import log
from ballot.services.log import PAGE, Filter, Line
from ballot.web.access import allow
from ballot.web.context import here, language
from ballot.web.forms import read_day
from ballot.web.headers import attachment

blueprint = Blueprint("log", __name__, url_prefix="/office")

_BIGGEST: Final = 2**31 - 1
_LATEST_DAY: Final = date(9998, 12, 31)


@blueprint.get("/log")
@allow(*LOG_READERS)
def page() -> ResponseReturnValue:
    """Show the entries that fit, newest first, and whether the chain holds."""
    texts: Sequence[Text] = ()
    asked = Filter()
    try:
        asked = _asked()
    except MistakesError as error:
        texts = error.texts()
    number = _whole(request.args.get("page", "")) or 1
    with here().database.read() as connection:
        lines, count = log.lines(connection, asked, page=number)
        head = log.head(connection)
        choices = log.choices(connection)
    answer = render_template(
        "office/log.html",
        lines=lines,
        count=count,
        head=head,
        choices=choices,
        typed=request.args,
        texts=texts,
        links={name: _link("log.page", number + step) for name, step in _STEPS.items()}
        | {form: _link(f"log.{form}") for form in ("as_csv", "as_json")},
        number=number,
        pages=max(1, -(-count // PAGE)),
    )
    return answer, 422 if texts else 200


_STEPS: Final = {"newer": -1, "older": 1}


@blueprint.get("/log.csv")
@allow(*LOG_READERS)
def as_csv() -> ResponseReturnValue:
    """Give the entries that fit as a table, in UTF-8 with the mark by which Excel knows it."""
    file = io.StringIO()
    writer = csv.writer(file)
    for place, line in enumerate(_all()):
        row = line.to_json(language())
        row["details"] = json.dumps(row["details"], ensure_ascii=False, sort_keys=True)
        if not place:
            writer.writerow(row)
        writer.writerow([safe_text("" if cell is None else str(cell)) for cell in row.values()])
    return attachment(file.getvalue().encode("utf-8-sig"), "log.csv", "text/csv")


@blueprint.get("/log.json")
@allow(*LOG_READERS)
def as_json() -> Response:
    """Give the entries that fit as JSON."""
    rows = [line.to_json(language()) for line in _all()]
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    return attachment(text.encode("utf-8"), "log.json", "application/json")


def _all() -> Sequence[Line]:
    """Return every entry that fits, oldest first, so that the chain can be followed."""
    with here().database.read() as connection:
        return log.lines(connection, _asked())[0][::-1]


def _asked() -> Filter:
    """Return the filter that the address says.

    Raises: MistakesError for a day that is none.
    """
    said = {name: value.strip() for name, value in request.args.items() if _sayable(value)}
    return Filter(
        poll_id=_whole(said.get("poll", "")),
        actor=said.get("actor"),
        action=said.get("action"),
        since=_day(said.get("since")),
        until=_day(said.get("until")),
    )


def _sayable(value: str) -> bool:
    return bool(value.strip()) and value.isprintable()  # PostgreSQL refuses a zero byte


def _day(typed: str | None) -> date | None:
    return min(max(read_day(typed), date(1970, 1, 2)), _LATEST_DAY) if typed else None


def _whole(typed: str) -> int | None:
    if typed.isascii() and typed.isdigit() and len(typed) < 11 and 0 < int(typed) <= _BIGGEST:
        return int(typed)
    return None


def _link(endpoint: str, page_number: int | None = None) -> str:
    """Return an address with the present filter."""
    names = ("poll", "actor", "action", "since", "until", "lang")
    kept: dict[str, Any] = {name: request.args[name] for name in names if request.args.get(name)}
    return url_for(endpoint, **(kept | {"page": page_number} if page_number else kept))
