"""The fast lane for a WSGI server and for tests: it stands before the application."""

import io
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from flask import Flask

from ballot.web.context import Installation
from ballot.web.fast_lane import MOST_BYTES, Asked, FastLane, Page, Submitted, with_form
from ballot.web.prepared import install as install_prepared
from ballot.web.refusals import PASSED, REFUSAL
from ballot.web.watching import Counts, counts_of

_KEY: Final = "ballot fast lane"

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


class LaneBefore:
    """An application with the fast lane before it."""

    def __init__(
        self, application: Application, installation: Installation, lane: FastLane, counts: Counts
    ) -> None:
        self.application = application
        self.lane = lane
        self.counts = counts
        self.queue = installation.queue

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        page = None
        if PASSED not in environ:
            try:
                page = self._page(self.begin(environ))
            except Exception as refusal:  # expected or not: the view tells it
                environ[REFUSAL] = refusal
        if page is None:
            return self.application(environ, start_response)
        self.counts.answered_at_once("voter", 200)
        start_response("200 OK", self.lane.headers(page))
        return (page.body,)

    def _page(self, begun: Page | Submitted | None) -> Page | None:
        if isinstance(begun, Submitted):
            return self.lane.counted(begun, self.queue.cast(begun.cast))
        return begun

    def begin(self, environ: Environ) -> Page | Submitted | None:
        """Return the answer to a request, or the vote to be cast; None leaves it to the views.

        Raises: whatever a view would raise for the same request.
        """
        asked = self.lane.takes(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            environ.get("QUERY_STRING", ""),
            environ.get("HTTP_ACCEPT_LANGUAGE", ""),
            environ.get("HTTP_ACCEPT_ENCODING", ""),
        )
        if asked is not None and environ["REQUEST_METHOD"] == "POST":
            asked = _with_body(asked, environ)
        return None if asked is None else self.lane.begin(asked, self.lane.find(asked))


def _with_body(asked: Asked, environ: Environ) -> Asked | None:
    """Read a form and put it back for the view; None for one that is left to the view."""
    length = environ.get("CONTENT_LENGTH", "")
    plain = length.isascii() and length.isdigit() and int(length) <= MOST_BYTES
    if not plain:
        return None
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    return with_form(asked, environ.get("CONTENT_TYPE", ""), body)


def install_fast_lane(app: Flask, installation: Installation) -> None:
    """Put the fast lane before an application."""
    lane = FastLane(installation, install_prepared(app))
    before = LaneBefore(app.wsgi_app, installation, lane, counts_of(app))
    app.extensions[_KEY] = app.wsgi_app = before  # type: ignore[method-assign]


def lane_of(app: Flask) -> LaneBefore:
    """Return the fast lane before an application."""
    return cast(LaneBefore, app.extensions[_KEY])
