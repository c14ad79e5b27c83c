"""Accounts for administrators (auditors read them), and the own password of everybody."""

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.people import Role
from ballot.errors import MistakesError
from ballot.language import N_, Text
from ballot.services import accounts
from ballot.services import people as services
from ballot.services.people import SHORTEST_PASSWORD
from ballot.web import sessions
from ballot.web.access import allow, even_temporary
from ballot.web.context import here
from ballot.web.forms import read_confirmed, retyped
from ballot.web.login import next_page
from ballot.web.passwords import checked

blueprint = Blueprint("people", __name__, url_prefix="/office")

ACCOUNT: Final = "/people/<int(max=2147483647):user_id>"


def _accounts_page(typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        users = services.every_user(connection)
    users.sort(key=lambda user: user.ended)
    return render_template(
        "office/people.html",
        users=users,
        roles=Role,
        may_change=g.user.role is Role.ADMIN,
        typed=typed,
        texts=texts,
    )


@blueprint.get("/people", endpoint="accounts")
@allow(Role.AUDITOR)
def accounts_list() -> ResponseReturnValue:
    """List the accounts; an administrator may add one."""
    return _accounts_page({}, ())


@blueprint.post("/people")
@allow()
@retyped(_accounts_page)
def add() -> ResponseReturnValue:
    """Make an account and show its temporary password, this once."""
    with here().database.write() as connection:
        user, password = accounts.invite(
            connection,
            name=request.form.get("name", ""),
            full_name=request.form.get("full_name", ""),
            role=_role(),
            by=g.user.name,
            now=here().clock(),
        )
    return render_template("office/temporary_password.html", account=user, password=password)


def _account_page(user_id: int, typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    with here().database.read() as connection:
        user = accounts.get(connection, user_id)
    return render_template(
        "office/account.html", account=user, roles=Role, typed=typed, texts=texts
    )


@blueprint.get(ACCOUNT)
@allow()
def account(user_id: int) -> ResponseReturnValue:
    """Show one account and what can be done with it."""
    return _account_page(user_id, {}, ())


@blueprint.post(ACCOUNT)
@allow()
@retyped(_account_page)
def change(user_id: int) -> ResponseReturnValue:
    """Change whose account it is and what it may do."""
    with here().database.write() as connection:
        accounts.change(
            connection,
            user_id,
            full_name=request.form.get("full_name", ""),
            role=_role(),
            by=g.user.name,
            now=here().clock(),
        )
    return _done(N_("账号已修改。"))


@blueprint.post(f"{ACCOUNT}/password")
@allow()
@retyped(_account_page)
def reset(user_id: int) -> ResponseReturnValue:
    """Give an account a temporary password and show it, this once."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        user, password = accounts.reset(connection, user_id, by=g.user.name, now=here().clock())
    return render_template("office/temporary_password.html", account=user, password=password)


@blueprint.post(f"{ACCOUNT}/end")
@allow()
@retyped(_account_page)
def end(user_id: int) -> ResponseReturnValue:
    """End an account."""
    read_confirmed(request.form)
    with here().database.write() as connection:
        accounts.end(connection, user_id, by=g.user.name, now=here().clock())
    return _done(N_("账号已停用，它的登录已全部失效。"))


def _password_page(typed: Mapping[str, str], texts: Sequence[Text]) -> str:
    return render_template(
        "office/own_password.html",
        least=SHORTEST_PASSWORD,
        next=request.values.get("next", ""),
        typed=typed,
        texts=texts,
    )


@blueprint.get("/password")
@allow(*Role)
@even_temporary
def own_password() -> ResponseReturnValue:
    """Ask for a new password of one's own."""
    return _password_page({}, ())


@blueprint.post("/password")
@allow(*Role)
@even_temporary
@retyped(_password_page)
def set_own_password() -> ResponseReturnValue:
    """Set a new password of one's own: other sessions end, this one goes on."""
    if not g.user.temporary:  # else it was typed a moment ago
        checked(g.user.name, request.form.get("password_before", ""))
    with here().database.write() as connection:
        user = accounts.set_own_password(
            connection,
            g.user,
            password=request.form.get("password", ""),
            again=request.form.get("password_again", ""),
            now=here().clock(),
        )
    sessions.begin(user, here().clock())
    flash(N_("密码已更换，其他设备上的登录已失效。"))
    return redirect(next_page(), code=303)


def _role() -> Role:
    """Return the role that the form says.

    Raises: MistakesError.
    """
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        raise MistakesError([Text("请选择角色。")]) from None


def _done(message: str) -> ResponseReturnValue:
    flash(message)
    return redirect(url_for("people.accounts"), code=303)
