"""Who may use a route: every one says so, or the application refuses to start."""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.sansio.app import App
from flask.typing import ResponseReturnValue

from ballot.domain.people import Role

V = TypeVar("V", bound=Callable[..., Any])

_RULE: Final = "ballot_access"
_TEMPORARY: Final = "ballot_even_temporary"
_LAPSED: Final = "ballot lapsed"
_FRAMEWORK_ROUTES: Final = frozenset({"static"})


def anyone(view: V) -> V:
    """Let anyone use a route: voters have no accounts, and the code is the capability."""
    setattr(view, _RULE, frozenset())
    return view


def allow(*roles: Role) -> Callable[[V], V]:
    """Let signed-in people of these roles use a route; an admin may always."""

    def mark(view: V) -> V:
        setattr(view, _RULE, frozenset({*roles, Role.ADMIN}))
        return view

    return mark


def even_temporary(view: V) -> V:
    """Let also those use a route who still have to set a password of their own."""
    setattr(view, _TEMPORARY, True)
    return view


def when_lapsed(app: App, answer: Callable[[], ResponseReturnValue]) -> None:
    """Say how a form is answered that came after its session's end."""
    app.extensions[_LAPSED] = answer


def may(roles: Iterable[Role]) -> bool:
    """Tell whether whoever is signed in has one of the roles; an admin has them all."""
    return g.user.role in {*roles, Role.ADMIN}


def guarded(app: Flask) -> None:
    """Check every request against its route's rule, and refuse to start without rules.

    Call it last: routes made afterwards would go unchecked. Raises: RuntimeError.
    """
    missing = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint not in _FRAMEWORK_ROUTES and not hasattr(view, _RULE)
    ]
    if missing:
        raise RuntimeError(f"routes without an access rule: {missing}")
    app.before_request(_check)


def _check() -> ResponseReturnValue | None:
    view = current_app.view_functions.get(request.endpoint or "")
    roles: frozenset[Role] = getattr(view, _RULE, frozenset())
    if not roles:
        return None
    if g.get("user") is None:
        if request.method == "POST" and g.get("lapse"):
            answer: ResponseReturnValue = current_app.extensions[_LAPSED]()
            return answer
        wanted = request.full_path if request.query_string else request.path
        return redirect(url_for("login.sign_in", next=wanted), code=303)
    if g.user.temporary and not hasattr(view, _TEMPORARY):
        return redirect(url_for("people.own_password", next=request.path), code=303)
    if g.user.role not in roles:
        abort(403)
    return None
