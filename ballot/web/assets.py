"""Addresses of static files that change with their content, so that a browser may keep them."""

import hashlib
from pathlib import Path
from typing import Final, cast

from flask import current_app, url_for

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
