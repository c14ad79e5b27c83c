"""Static files: addresses that change with their content, and a style within a page."""

import hashlib
from base64 import b64encode
from functools import cache
from typing import Final

from flask import url_for
from markupsafe import Markup

from ballot import resources

VOTER_STYLE: Final = "voter.css"

_HASH_SYMBOLS: Final = 12


def asset(name: str) -> str:
    """Return the address of a file in `static/`, with the hash of its content.

    Raises: FileNotFoundError for a file that is not there.
    """
    return url_for("static", filename=name, v=_digest(name).hex()[:_HASH_SYMBOLS])


@cache
def _content(name: str) -> bytes:
    return (resources.folder("static") / name).read_bytes()


@cache
def _digest(name: str) -> bytes:
    return hashlib.sha256(_content(name)).digest()


def style_within(name: str) -> Markup:
    """Return a style sheet as an element: the page that bears it needs no request for it."""
    return Markup(f"<style>{_content(name).decode()}</style>")  # noqa: S704 - our own file


def style_hash(name: str) -> str:
    """Return the hash by which a Content-Security-Policy knows that element (CSP 3, 6.7.3.3)."""
    return f"sha256-{b64encode(_digest(name)).decode('ascii')}"
