"""Signing in and out: the session holds an account and its version, so a new password ends it."""

import re
from typing import Final

from flask import (
    Blueprint,
    Response,
    flash,
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

from ballot.domain.people import LOG_READERS, Role, User
from ballot.errors import BallotError
from ballot.language import N_, Text
from ballot.services import first_account
from ballot.services.people import WrongPasswordError
from ballot.services.signing_in import WaitError
from ballot.web import devices, passwords, sessions
from ballot.web.access import allow, anyone, even_temporary, when_lapsed
from ballot.web.context import here
from ballot.web.errors import status_of

blueprint = Blueprint("login", __name__, url_prefix="/office")
blueprint.add_app_template_global(lambda user: user.role in {Role.ADMIN, *LOG_READERS}, "reads_log")

_OFFICE: Final = "/office/"
_LOCAL: Final = re.compile(
    r"/office/(?!log(in|out)$)(?!log(in|out)\?)[A-Za-z0-9/_-]*(\?[A-Za-z0-9=&%+._-]*)?"
)


@blueprint.record
def _start_counting(state: BlueprintSetupState) -> None:
    passwords.start_counting(state.app)
    when_lapsed(state.app, _too_late)


@blueprint.before_app_request
def load_user() -> None:
    """Find who is signed in; only the office has accounts, so only its paths look."""
    if request.path.startswith(_OFFICE):
        sessions.load(here().clock())


@blueprint.after_app_request
def name_the_office(response: Response) -> Response:
    """Let the office's own pages say where they come from: the form check on HTTPS asks."""
    if request.path.startswith(_OFFICE):
        response.headers["Referrer-Policy"] = "same-origin"
    return response


@blueprint.get("/login")
@anyone
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form, and why one is asked again; whoever is signed in goes on."""
    if g.get("user"):
        return redirect(next_page(), code=303)
    texts = [g.lapse.text] if g.get("lapse") else []
    with here().database.read() as connection:
        nobody = first_account.wanted(connection)
    return render_template("office/sign_in.html", typed=request.args, texts=texts, nobody=nobody)


@blueprint.post("/login")
@anyone
def check_in() -> ResponseReturnValue:
    """Check name and password and begin a fresh session."""
    try:
        user = passwords.checked(request.form.get("name", ""), request.form.get("password", ""))
    except (WrongPasswordError, WaitError) as error:
        return _again(error)
    return _begin_session(user)


@blueprint.post("/logout")
@allow(*Role)
@even_temporary
def sign_out() -> ResponseReturnValue:
    """End the session on this browser."""
    session.clear()
    return redirect(url_for("login.sign_in"), code=303)


def _begin_session(user: User) -> ResponseReturnValue:
    held = sessions.held(request.form.get("held", ""))
    sessions.begin(user, here().clock())
    g.user = user
    if held and held.user in {user.id, sessions.NOBODY} and not user.temporary:
        response = make_response(render_template("office/send_again.html", held=held))
    else:
        if held:
            flash(N_("会话失效时填写的内容属于另一个账号，没有提交，也没有保留。"))
        response = make_response(redirect(next_page(), code=303))
    devices.remember(response, user.name)
    return response


def _too_late() -> ResponseReturnValue:
    """Answer a form that came after its session's end: it is kept, and may be sent again."""
    return ask_again(g.lapse.text, sessions.hold())


def ask_again(why: Text, written: str) -> ResponseReturnValue:
    """Ask who is there, and keep the form that was sent; `written`: as `sessions.hold` wrote it."""
    typed = {"next": request.path, "held": written}
    page = render_template("office/sign_in.html", typed=typed, texts=[why], late=True)
    return page, 401


def _again(error: BallotError) -> ResponseReturnValue:
    late = "held" in request.form and bool(request.form["held"])
    page = render_template(
        "office/sign_in.html", typed=request.form, texts=error.texts(), late=late
    )
    if isinstance(error, WaitError):
        return page, 429, {"Retry-After": str(error.seconds)}
    return page, status_of(error)


def next_page() -> str:
    """Return where to go after signing in: a plain path of the office, or its first page."""
    wanted = request.values.get("next", "")
    return wanted if _LOCAL.fullmatch(wanted) else url_for("office.home")
