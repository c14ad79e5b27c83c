"""Asking for a second person's confirmation from any of the office's forms."""

from flask import g, redirect, url_for
from flask.typing import ResponseReturnValue

from ballot.domain.confirmations import Details
from ballot.services import confirmations
from ballot.services.confirmable import Action
from ballot.web.context import here


def ask(action: Action, poll_id: int, details: Details) -> ResponseReturnValue:
    """Ask for an action in the name of whoever is signed in, and go where it waits."""
    with here().database.write() as connection:
        number = confirmations.ask(
            connection, action, poll_id, details, asker=g.user, now=here().clock()
        )
    return redirect(url_for("confirmations.waiting", number=number), code=303)
