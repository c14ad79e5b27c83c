"""Signing in and out: the session holds an account and its version, so a new password ends it."""

import re
from typing import Final, cast

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from ballot.domain.people import Role, User
from ballot.errors import BallotError
from ballot.services import people, signing_in
from ballot.services.people import WrongPasswordError
from ballot.services.signing_in import Delays, WaitError
from ballot.web import devices
from ballot.web.access import allow, anyone
from ballot.web.context import here
from ballot.web.errors import status_of

blueprint = Blueprint("login", __name__, url_prefix="/office")

_OFFICE: Final = "/office/"
_DELAYS: Final = "ballot delays"
_LOCAL: Final = re.compile(r"/office/(?!log(in|out)$)[A-Za-z0-9/_-]*")


@blueprint.record
def _start_counting(state: BlueprintSetupState) -> None:
    state.app.extensions[_DELAYS] = Delays()


@blueprint.before_app_request
def load_user() -> None:
    """Find who is signed in; only the office has accounts, so only its paths look."""
    if request.path.startswith(_OFFICE) and "user" in session:
        g.user = people.signed_in(here().database, session["user"], session["version"])


@blueprint.after_app_request
def name_the_office(response: Response) -> Response:
    """Let the office's own pages say where they come from: the form check on HTTPS asks."""
    if request.path.startswith(_OFFICE):
        response.headers["Referrer-Policy"] = "same-origin"
    return response


@blueprint.get("/login")
@anyone
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form; whoever is signed in goes on."""
    if g.get("user"):
        return redirect(_next(), code=303)
    return render_template("office/sign_in.html", typed=request.args, texts=())


@blueprint.post("/login")
@anyone
def check_in() -> ResponseReturnValue:
    """Check name and password and begin a fresh session."""
    name = request.form.get("name", "").strip()
    try:
        user = signing_in.sign_in(
            here().database,
            cast(Delays, current_app.extensions[_DELAYS]),
            name=name,
            password=request.form.get("password", ""),
            device=devices.known_to(name),
            now=here().clock(),
        )
    except (WrongPasswordError, WaitError) as error:
        return _again(error)
    return _begin_session(user)


@blueprint.post("/logout")
@allow(*Role)
def sign_out() -> ResponseReturnValue:
    """End the session on this browser."""
    session.clear()
    return redirect(url_for("login.sign_in"), code=303)


def _begin_session(user: User) -> ResponseReturnValue:
    """Begin anew: nothing of what the browser brought before is kept."""
    session.clear()
    session.permanent = True
    session["user"], session["version"] = user.id, user.version
    response = make_response(redirect(_next(), code=303))
    devices.remember(response, user.name)
    return response


def _again(error: BallotError) -> ResponseReturnValue:
    page = render_template("office/sign_in.html", typed=request.form, texts=error.texts())
    if isinstance(error, WaitError):
        return page, 429, {"Retry-After": str(error.seconds)}
    return page, status_of(error)


def _next() -> str:
    """Return where to go after signing in: a plain path of the office, or its first page."""
    wanted = request.values.get("next", "")
    return wanted if _LOCAL.fullmatch(wanted) else url_for("office.home")
