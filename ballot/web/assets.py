"""Static files: addresses that change with their content, and a style within a page."""

import hashlib
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Final, cast

from flask import current_app, url_for
from markupsafe import Markup

from ballot import resources

VOTER_STYLE: Final = "voter.css"

_KNOWN: Final = "ballot assets"
_HASH_SYMBOLS: Final = 12


def asset(name: str) -> str:
    """Return the address of a file in `static/`, with the hash of its content.

    Raises: FileNotFoundError for a file that is not there.
    """
    known: dict[str, str] = current_app.extensions.setdefault(_KNOWN, {})
    if name not in known:
        content = (Path(cast(str, current_app.static_folder)) / name).read_bytes()
        known[name] = hashlib.sha256(content).hexdigest()[:_HASH_SYMBOLS]
    return url_for("static", filename=name, v=known[name])


@cache
def _text(name: str) -> str:
    return (resources.folder("static") / name).read_text("utf-8")


def style_within(name: str) -> Markup:
    """Return a style sheet as an element: the page that bears it needs no request for it."""
    return Markup(f"<style>{_text(name)}</style>")  # noqa: S704 - our own file


def style_hash(name: str) -> str:
    """Return the hash by which a Content-Security-Policy knows that element (CSP 3, 6.7.3.3)."""
    digest = hashlib.sha256(_text(name).encode("utf-8")).digest()
    return f"sha256-{b64encode(digest).decode('ascii')}"
