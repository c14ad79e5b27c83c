"""What every answer has to carry, checked on each one that any test fetches.

`Place.client()` is such a client, and `Server.ask` checks the same on the real server.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable
from http.cookies import SimpleCookie
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot.settings import Settings

Headers = Iterable[tuple[str, str]]

_EXACTLY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_NOWHERE = {"default-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'"}
_ONLY_HERE = {"form-action", "style-src", "script-src", "connect-src"}
_KEPT_OUT_OF_SIGHT = ("Traceback (most recent call last)", 'File "/', "sqlalchemy", "werkzeug.")
_OFFICE = "/office/"
_ELSEWHERE = re.compile(
    r"""(?:href|src|srcset|action|formaction|poster|data|content)\s*=\s*["']?\s*(?:[a-z]+:)?//""",
    re.I,
)
_HASH = re.compile(r"style-src 'self' 'sha256-([A-Za-z0-9+/=]{44})'")
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def check(path: str, headers: Headers, body: str, *, secure: bool) -> None:
    """Fail for an answer without its security headers, or with more than it may hold.

    `secure`: the installation's public address is one with TLS.
    """
    pairs = [(name.lower(), value) for name, value in headers]
    told = dict(pairs)
    office = path.startswith(_OFFICE)
    for name, value in _EXACTLY.items():
        assert told.get(name) == value, f"{path}: {name} is {told.get(name)}"
    assert told["referrer-policy"] == ("same-origin" if office else "no-referrer"), path
    assert ("strict-transport-security" in told) == secure, path
    _check_policy(path, told.get("content-security-policy", ""), body)
    _check_keeping(path, told.get("cache-control", ""))
    _check_location(told.get("location", "/"))
    for name, value in pairs:
        assert "\r" not in value, f"{path}: {name} is broken"
        assert "\n" not in value, f"{path}: {name} is broken"
        if name == "set-cookie":
            _check_cookie(path, value, secure=secure)
    if "html" in told.get("content-type", ""):  # a hall has no internet to fetch it from
        assert not _ELSEWHERE.search(body), f"{path} refers to another host"
    for word in _KEPT_OUT_OF_SIGHT:
        assert word not in body, f"{path} shows {word}"


def _check_policy(path: str, policy: str, body: str) -> None:
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    for name, value in _NOWHERE.items():
        assert directives.pop(name, None) == value, f"{path}: {policy}"
    assert directives.pop("img-src") == "'self' data:", f"{path}: {policy}"
    assert {"form-action", "style-src"} <= set(directives) <= _ONLY_HERE, f"{path}: {policy}"
    assert {value.partition(" ")[0] for value in directives.values()} == {"'self'"}, policy
    hashes = set(_HASH.findall(policy))
    assert policy.count("'sha256-") == len(hashes), f"{path}: {policy}"
    for style in _STYLE.findall(body):
        digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert digest in hashes, f"{path}: a style that the policy does not name"


def _check_keeping(path: str, control: str) -> None:
    """Only files, and for its own client the API's answers, may be kept."""
    if path.startswith("/static/") and control.startswith("public"):
        return
    if path.startswith("/api/"):
        assert control in {"no-store", "private, no-cache"}, f"{path}: {control}"
        return
    assert "no-store" in control, f"{path}: {control}"


def _check_location(location: str) -> None:
    """Whoever is sent somewhere stays here, whatever host the request named."""
    assert location.startswith("/"), location
    assert not location.startswith(("//", "/\\")), location


def _check_cookie(path: str, header: str, *, secure: bool) -> None:
    assert path.startswith(_OFFICE), f"a cookie outside the office: {path}"
    (cookie,) = SimpleCookie(header).values()
    assert cookie["httponly"], header
    assert cookie["samesite"] in {"Strict", "Lax"}, header
    assert cookie["path"] == _OFFICE, header
    assert not cookie["domain"], header
    assert bool(cookie["secure"]) == secure, header


def checking(settings: Settings) -> type[FlaskClient]:
    """Return a browser for the application of an installation, that checks every answer."""
    secure = settings.public_url.startswith("https:")

    class Checking(FlaskClient):
        def open(self, *args: Any, **options: Any) -> TestResponse:
            answer = super().open(*args, **options)
            body = (
                "" if "/static/" in answer.request.path else answer.data.decode("utf-8", "replace")
            )
            check(answer.request.path, answer.headers, body, secure=secure)
            return answer

    return Checking
