"""The wall between the hall and this machine: who comes over the network meets voters' pages only.

It stands before everything else, the fast lane and the answers of the last second among it, and
lets through what is named here and nothing else; so a new route stays inside until it is named.
Where a request comes from is what the connection says, never a header: no proxy is expected here,
and behind one every request would seem to come from this machine.
Source: docs/decisions/0017-lan.md.
"""

import json
import re
from typing import Any, Final

from flask import Flask, render_template

from ballot.language import LANGUAGES, N_, Text
from ballot.settings import Settings
from ballot.web.context import accepted
from ballot.web.headers import voter_headers

Answer = tuple[int, list[tuple[str, str]], bytes]

_HERE: Final = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
"""As the system gives it to a connection that never leaves this machine."""
_FOR_EVERYBODY: Final = re.compile(
    r"/|/(b|B|receipts|static|kiosk|screen|notices)/.*|/screen|/notices", re.DOTALL
)
_WORDS: Final = N_(
    "工作台和接口只能在运行服务的那台电脑上打开。投票请扫票上的二维码，或点下面输入票码。"
)


class Wall:
    """Keeps other machines out of everything but voters' pages and screens."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._language = settings.language
        self._headers = [(name.lower(), value) for name, value in voter_headers(settings).items()]
        self._pages = {language: _page(app, language) for language in LANGUAGES}

    def keeps_out(self, scope: Any) -> bool:
        """Tell whether a request is not to get any further."""
        return _FOR_EVERYBODY.fullmatch(scope.path) is None and not from_here(scope.client)

    def refusal(self, scope: Any) -> Answer:
        """Return what it is answered: 403 with a sentence, to programs as a problem."""
        language = accepted(scope.headers.get("accept-language", ""), self._language)
        if scope.path.startswith("/api/"):
            kind, body = "application/problem+json", _problem(language)
        else:
            kind, body = "text/html; charset=utf-8", self._pages[language]
        headers = [*self._headers, ("content-type", kind), ("content-length", str(len(body)))]
        if scope.path.startswith("/office/"):
            headers = [(n, "same-origin" if n == "referrer-policy" else v) for n, v in headers]
        return 403, headers, b"" if scope.method == "HEAD" else body


def from_here(client: str) -> bool:
    """Tell whether a connection's other end (`ADDRESS:PORT`) is this machine itself."""
    return client.rpartition(":")[0].strip("[]") in _HERE


def _page(app: Flask, language: str) -> bytes:
    with app.test_request_context(f"/?lang={language}"):
        return render_template("errors/elsewhere.html", text=Text(_WORDS)).encode("utf-8")


def _problem(language: str) -> bytes:
    """Return problem details. Source: RFC 9457."""
    words = Text(_WORDS).in_(language)
    body = {"type": "urn:ballot:Elsewhere", "title": words, "status": 403, "detail": words}
    return json.dumps(body, ensure_ascii=False).encode("utf-8")
