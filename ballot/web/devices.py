"""Known devices: a signed cookie that says which accounts have signed in on this browser.

It is no credential. It only gives the browser a count of failed sign-ins of its own.
"""

import secrets
from datetime import timedelta
from typing import Any, Final

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from ballot.services.signing_in import UNKNOWN_DEVICE
from ballot.web.context import here

COOKIE: Final = "ballot_device"
LIFETIME: Final = timedelta(days=365)
MOST_NAMES: Final = 8


def known_to(name: str) -> str:
    """Return this browser's device if the account has signed in on it, else `UNKNOWN_DEVICE`."""
    device, names = _read()
    return device if name in names else UNKNOWN_DEVICE


def remember(response: Response, name: str) -> None:
    """Let the browser keep that the account has signed in on it."""
    device, names = _read()
    kept = [name, *(other for other in names if other != name)][:MOST_NAMES]
    response.set_cookie(
        COOKIE,
        _signer().dumps([device, kept]),
        max_age=LIFETIME,
        path="/office/",
        httponly=True,
        samesite="Strict",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )


def _read() -> tuple[str, list[str]]:
    try:
        value: Any = _signer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        return secrets.token_hex(8), []
    return value[0], value[1]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(here().keys.sessions, salt="ballot device")
