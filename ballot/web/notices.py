"""Notices (公示) for everybody: no account, no cookie, no script; shown in their period alone."""

from functools import lru_cache

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ballot.domain.periods import local_day
from ballot.output.qr_drawing import Drawing, drawing
from ballot.services import public_notices
from ballot.web.access import anyone
from ballot.web.context import here

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("")
@anyone
def every() -> ResponseReturnValue:
    """List the notices that are on the wall, to come, or ended lately."""
    with here().database.read() as connection:
        found = public_notices.public_list(connection, local_day(here().clock()))
    return render_template("notices/list.html", notices=found)


@blueprint.get("/<int(max=2147483647):number>")
@anyone
def notice(number: int) -> ResponseReturnValue:
    """Show a notice during its period; before and after, that it is to come or has ended."""
    with here().database.read() as connection:
        found = public_notices.public(connection, number, local_day(here().clock()))
    address, qr = page_address(here().settings.public_url, number)
    return render_template("notices/page.html", shown=found, address=address, qr=qr)


@lru_cache(maxsize=64)
def page_address(public_url: str, number: int) -> tuple[str, Drawing]:
    """Return where a notice is found, as it is printed and as a QR code."""
    address = f"{public_url}/notices/{number}"
    return address, drawing(address)
