"""The session of a signed-in person: how long it lasts, and what of a form survives its end."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final, NamedTuple

from flask import g, request, session
from itsdangerous import BadSignature, URLSafeSerializer

from ballot.domain.people import User
from ballot.language import N_, Text
from ballot.services import people
from ballot.web.context import here

IDLE: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=12)
COOKIE: Final = timedelta(days=7)
"""The browser keeps the cookie longer than it is good for, so that it can be told why it is not."""
NOBODY: Final = 0
"""Whose a form is that came after signing out: of whoever signs in at this browser and sends it."""
MOST_HELD: Final = 40_000  # characters; a request's form may have 64 KiB


class Lapse(Enum):
    """Why a session that was there opens nothing any more."""

    IDLE = N_("已超过 %(minutes)s 分钟未操作，请重新登录。")
    LONG = N_("登录已超过 %(hours)s 小时，请重新登录。")
    ENDED = N_("密码已更换或账号已停用，请重新登录。")

    @property
    def text(self) -> Text:
        """Return the reason in words."""
        hours = int(LONGEST.total_seconds() // 3600)
        return Text(self.value, minutes=int(IDLE.total_seconds() // 60), hours=hours)


def begin(user: User, now: datetime) -> None:
    """Begin anew: nothing of what the browser brought before is kept."""
    session.clear()
    session.permanent = True
    session["user"], session["version"] = user.id, user.version
    session["begun"] = session["seen"] = int(now.timestamp())


def load(now: datetime) -> None:
    """Find who is signed in, or why nobody is any more: `g.user` or `g.lapse`."""
    if "user" not in session:
        return
    user = people.signed_in(here().database, session["user"], session["version"])
    moment = int(now.timestamp())
    if user is None:
        g.lapse = Lapse.ENDED
    elif moment - session.get("begun", 0) >= LONGEST.total_seconds():
        g.lapse = Lapse.LONG
    elif moment - session.get("seen", 0) >= IDLE.total_seconds():
        g.lapse = Lapse.IDLE
    else:
        g.user = user
        session["seen"] = moment


class Held(NamedTuple):
    """A form that came too late: whose, where it was sent, and its fields."""

    user: int
    path: str
    fields: Sequence[tuple[str, str]]


def hold() -> str:
    """Return the form of this request, signed, to be sent again after signing in; or nothing.

    Passwords are not in it, and neither are files. It is good for nobody but its account, where
    the session still tells whose it is.
    """
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name
    ]
    written = _signer().dumps([session.get("user", NOBODY), request.path, fields])
    text = written if isinstance(written, str) else written.decode("ascii")
    return text if len(text) <= MOST_HELD and not request.files else ""


def held(written: str) -> Held | None:
    """Return the form that `hold` wrote."""
    try:
        value: Any = _signer().loads(written)
    except BadSignature:
        return None
    return Held(value[0], value[1], [(name, text) for name, text in value[2]])


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(here().keys.sessions, salt="ballot held form")
