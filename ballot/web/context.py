"""What a request needs from its application: database, keys, queue, settings, clock, language."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, cast

from flask import Flask, current_app, g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from ballot.domain.keys import Keys
from ballot.language import LANGUAGES, closest
from ballot.services.casting import CastingQueue
from ballot.services.screens import Screens
from ballot.services.turnouts import Turnouts
from ballot.settings import Settings
from ballot.storage.database import Database

_KEY: Final = "ballot"


@dataclass(frozen=True)
class Installation:
    """The parts of one running installation."""

    settings: Settings
    database: Database
    keys: Keys
    queue: CastingQueue
    turnouts: Turnouts
    screens: Screens
    clock: Callable[[], datetime]


def install(app: Flask, installation: Installation) -> None:
    """Give an application its parts."""
    app.extensions[_KEY] = installation


def here() -> Installation:
    """Return the parts of the application that serves this request."""
    return cast(Installation, current_app.extensions[_KEY])


def language() -> str:
    """Return the language to answer in: `?lang=`, else what the browser asks for, else Chinese."""
    if "language" not in g:
        asked = request.args.get("lang")
        g.language = (
            asked
            if asked in LANGUAGES
            else accepted(request.headers.get("Accept-Language", ""), here().settings.language)
        )
    return cast(str, g.language)


@lru_cache(maxsize=512)
def accepted(header: str, otherwise: str) -> str:
    """Return the language of `LANGUAGES` that an `Accept-Language` header asks for first."""
    best = parse_accept_header(header, LanguageAccept).best
    return closest(best) if best else otherwise
