"""Checking a name and its password, wherever a page asks for them, behind one count of failures."""

from typing import Final, cast

from flask import current_app
from flask.sansio.app import App

from ballot.domain.people import User
from ballot.services import signing_in
from ballot.services.signing_in import Delays
from ballot.web import devices
from ballot.web.context import here

_DELAYS: Final = "ballot delays"


def start_counting(app: App) -> None:
    """Give an application its counts of failed attempts."""
    app.extensions[_DELAYS] = Delays()


def checked(name: str, password: str) -> User:
    """Return the account that a name and password belong to.

    Raises: WaitError, WrongPasswordError.
    """
    name = name.strip()
    return signing_in.sign_in(
        here().database,
        cast(Delays, current_app.extensions[_DELAYS]),
        name=name,
        password=password,
        device=devices.known_to(name),
        now=here().clock(),
    )
