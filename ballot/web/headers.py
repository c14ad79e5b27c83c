"""Headers that every answer carries."""

from collections.abc import Mapping
from typing import Final

from flask import Flask, Response, request

from ballot.settings import Settings
from ballot.web.assets import VOTER_STYLE, style_hash

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_WITH_SCRIPTS: Final = f"{_POLICY}; script-src 'self'; connect-src 'self'"
_OF_VOTERS: Final = frozenset({None, "voter"})  # no blueprint: an address that is no page
_EVERYWHERE: Final = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SECURE: Final = {"Strict-Transport-Security": "max-age=31536000"}


def attachment(content: bytes, name: str, mimetype: str) -> Response:
    """Return a file to keep; `name` is ours, in letters that no header need escape."""
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def voter_headers(settings: Settings) -> Mapping[str, str]:
    """Return what a voter's page carries besides its type and length."""
    secure = _SECURE if settings.secure else {}
    own_style = f"style-src 'self' '{style_hash(VOTER_STYLE)}'"
    return {
        "Content-Security-Policy": _WITH_SCRIPTS.replace("style-src 'self'", own_style),
        **_EVERYWHERE,
        **secure,
        "Cache-Control": "no-store",
    }


def add_headers(app: Flask, settings: Settings) -> None:
    """Put the security headers on every answer; nothing but static files may be stored.

    Whether the connection is secure is what the public address says: a proxy in front ends TLS,
    and no header that it (or anyone) sends is believed.
    """
    of_voters = voter_headers(settings)
    of_others = {**of_voters, "Content-Security-Policy": _WITH_SCRIPTS}

    hooks = app.process_response

    def add(response: Response) -> Response:
        try:
            response = hooks(response)
        finally:  # an answer behind which a hook failed is sent as well
            headers = of_voters if request.blueprint in _OF_VOTERS else of_others
            for name, value in headers.items():
                response.headers.setdefault(name, value)  # a static file that is there says its own
        return response

    app.process_response = add  # type: ignore[method-assign]
