"""The page on which the very first account is made."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.language import N_, Text
from ballot.services import first_account
from ballot.services.people import SHORTEST_PASSWORD
from ballot.web import sessions
from ballot.web.access import anyone
from ballot.web.context import here
from ballot.web.forms import retyped

blueprint = Blueprint("first_account", __name__, url_prefix="/office")


def _page(typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    return render_template(
        "office/first_account.html", least=SHORTEST_PASSWORD, typed=typed, texts=texts
    )


@blueprint.get("/first")
@anyone
def form() -> ResponseReturnValue:
    """Ask for the set-up code and who is to administer; later, go on to signing in."""
    with here().database.read() as connection:
        if not first_account.wanted(connection):
            return redirect(url_for("login.sign_in"), code=303)
    return _page({}, ())


@blueprint.post("/first")
@anyone
@retyped(_page)
def make() -> ResponseReturnValue:
    """Make the account and sign its person in."""
    now = here().clock()
    with here().database.write() as connection:
        user = first_account.make(
            connection,
            here().keys,
            code=request.form.get("code", ""),
            name=request.form.get("name", ""),
            full_name=request.form.get("full_name", ""),
            password=request.form.get("password", ""),
            again=request.form.get("password_again", ""),
            now=now,
        )
    sessions.begin(user, now)
    g.user = user
    flash(N_("管理员账号已建立。请先给监票人、计分员等建好账号：开始投票、认定结果都要两个人。"))
    return redirect(url_for("people.accounts"), code=303)
