"""Headers that every answer carries."""

from typing import Final

from flask import Flask, Response, request

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_WITH_SCRIPTS: Final = f"{_POLICY}; script-src 'self'; connect-src 'self'"
_WITHOUT_SCRIPTS: Final = frozenset({None, "voter"})  # no blueprint: an address that is no page
_EVERYWHERE: Final = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def add_headers(app: Flask) -> None:
    """Put the security headers on every answer; nothing but static files may be stored."""

    @app.after_request
    def add(response: Response) -> Response:
        strict = request.blueprint in _WITHOUT_SCRIPTS
        policy = _POLICY if strict else _WITH_SCRIPTS
        response.headers.setdefault("Content-Security-Policy", policy)
        for name, value in _EVERYWHERE.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static" or response.status_code >= 400:
            response.headers.setdefault("Cache-Control", "no-store")
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response
