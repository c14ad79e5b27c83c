"""The big screen (大屏): a page for a projector, opened by its key; no account and no cookie.

The page asks for its content again every other second and gets it only when it changed; without
JavaScript it loads itself anew. What is not revealed yet is nowhere in an answer.
"""

import hashlib
from functools import lru_cache
from typing import Final, NamedTuple, cast

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from ballot.output.qr_drawing import Drawing, drawing
from ballot.services.screens import Shown
from ballot.web import screen_figures
from ballot.web.access import anyone
from ballot.web.context import here, language

blueprint = Blueprint("screen", __name__, url_prefix="/screen")

_DRAWN: Final = "ballot screens drawn"
_MOST_KEPT: Final = 64


class _Drawn(NamedTuple):
    """What was made of a value; as long as that stays, it need not be made again."""

    shown: Shown
    content: str
    tag: str


def _drawn() -> dict[tuple[str, str], _Drawn]:
    """Return what this application drew, by key and language."""
    return cast(dict[tuple[str, str], _Drawn], current_app.extensions.setdefault(_DRAWN, {}))


@blueprint.get("/<key>")
@anyone
def page(key: str) -> ResponseReturnValue:
    """Show the screen: its frame, with what it shows now."""
    drawn = _draw(key)
    return render_template(
        "screen/page.html",
        shown=drawn.shown,
        content=drawn.content,
        tag=drawn.tag,
        key=key,
        look="light" if request.args.get("look") == "light" else "dark",
    )


@blueprint.get("/<key>/now")
@anyone
def now(key: str) -> ResponseReturnValue:
    """Give what the screen shows now; 304 to whoever has it already."""
    drawn = _draw(key)
    response = Response(drawn.content, mimetype="text/html")
    response.set_etag(drawn.tag)
    return response.make_conditional(request)


def _draw(key: str) -> _Drawn:
    """Return a screen's content, made anew only where it changed. Raises: NoSuchScreenError."""
    shown = here().screens.of(key)
    kept = _drawn()
    known = kept.get((key, language()))
    if known is not None and known.shown is shown:
        return known
    address, qr = _address(here().settings.public_url)
    content = render_template(
        "screen/content.html",
        shown=shown,
        address=address,
        qr=qr,
        figures=screen_figures.figures(shown),
    )
    tag = hashlib.sha256(content.encode("utf-8")).hexdigest()[:32]
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    drawn = kept[key, language()] = _Drawn(shown, content, tag)
    return drawn


@lru_cache(maxsize=4)
def _address(public_url: str) -> tuple[str, Drawing]:
    """Return where codes are typed, as a person types it and as a QR code."""
    from ballot.output.qr import typed_address  # brings a library that voters never need

    return typed_address(public_url), drawing(f"{public_url}/")
