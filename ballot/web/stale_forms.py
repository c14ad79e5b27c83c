"""A form whose token is not this session's: somebody signed out, or in again, in another tab.

What was typed is kept for whoever signs in, or for whoever is signed in now, and sent again only
by a press of theirs. That is offered to forms of our own pages alone, as the browser tells it:
else any site could put a form before somebody who has just signed in.
"""

from typing import Final
from urllib.parse import urlsplit

from flask import Flask, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from ballot.language import Text
from ballot.web import login, sessions
from ballot.web.errors import stale_form

_NEVER_KEPT: Final = frozenset({"login", "first_account"})
"""Their forms hold passwords and little else."""


def keep_stale_forms(app: Flask) -> None:
    """Answer stale forms of the office; every other one is answered with a clear page."""
    app.register_error_handler(CSRFError, _stale)


def _stale(_: CSRFError) -> ResponseReturnValue:
    if not (request.path.startswith("/office/") and _from_our_page()):
        return stale_form()
    login.load_user()
    user = g.get("user")
    if request.endpoint == "login.sign_out" and user is None:
        return redirect(url_for("login.sign_in"), code=303)
    if request.blueprint in _NEVER_KEPT or (user and user.temporary):
        return stale_form()
    written = sessions.hold()
    if user is None:
        return login.ask_again(Text("这个浏览器里已经退出登录，请重新登录。"), written)
    held = sessions.held(written) if written else None
    if held is None:
        return stale_form()
    return render_template("office/send_again.html", held=held), 409


def _from_our_page() -> bool:
    """Tell whether the browser says that a page of this very server sent the form."""
    sent_from = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(sent_from).netloc == request.host
