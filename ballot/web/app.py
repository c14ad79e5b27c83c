"""The application factory. There is no global `app`, and no global database."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from flask import Flask
from flask_wtf import CSRFProtect

from ballot.domain.keys import Keys
from ballot.language import NAMES, Text, translations
from ballot.resources import folder
from ballot.services.casting import CastingQueue
from ballot.services.screens import Screens
from ballot.services.turnouts import Turnouts
from ballot.settings import Settings
from ballot.storage.database import Database
from ballot.web import (
    api,
    api_standings,
    checklists,
    comments,
    comparisons,
    confirmations,
    copies,
    count_reports,
    cycles,
    entries,
    first_account,
    jobs,
    kiosk,
    kiosk_office,
    lan,
    ledger,
    log,
    login,
    notice_office,
    notices,
    office,
    paper_entries,
    paper_votes,
    people,
    poll_changes,
    poll_forms,
    presenting,
    previews,
    printing,
    reviews,
    rosters,
    schemes,
    screen,
    sessions,
    slips,
    standings,
    unit_lists,
    units,
    voter,
    watching,
    workbooks,
    written_notices,
)
from ballot.web.access import guarded
from ballot.web.context import Installation, install, language
from ballot.web.errors import handle_errors
from ballot.web.headers import add_headers
from ballot.web.lane_wsgi import install_fast_lane
from ballot.web.stale_forms import keep_stale_forms

MOST_BODY_BYTES: Final = 64 * 1024
MOST_FORM_PARTS: Final = 1000


def create_app(
    settings: Settings,
    database: Database,
    keys: Keys,
    clock: Callable[[], datetime],
) -> Flask:
    """Return the application on an opened installation."""
    app = Flask("ballot.web", template_folder=folder("templates"), static_folder=folder("static"))
    app.config.update(
        SECRET_KEY=keys.sessions,
        MAX_CONTENT_LENGTH=MOST_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BODY_BYTES,
        MAX_FORM_PARTS=MOST_FORM_PARTS,
        PERMANENT_SESSION_LIFETIME=sessions.COOKIE,
        SESSION_COOKIE_NAME="ballot_office",
        SESSION_COOKIE_PATH="/office/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=settings.secure,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=1),
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open loses no typing
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    # else the router itself redirects, to an address on whatever host the request named
    app.url_map.strict_slashes = app.url_map.merge_slashes = False
    queue = CastingQueue(database, clock)
    turnouts = Turnouts(database, clock)
    screens = Screens(database, clock, settings.smallest_group)
    installation = Installation(settings, database, keys, queue, turnouts, screens, clock)
    install(app, installation)
    _prepare_templates(app)
    csrf = CSRFProtect(app)
    for blueprint in (voter.blueprint, kiosk.blueprint, api.blueprint, api_standings.blueprint):
        csrf.exempt(blueprint)  # the code, or the bearer token, is the capability; no cookie is
    for blueprint in (
        watching.blueprint,  # first: it counts what the others answer
        voter.blueprint,
        kiosk.blueprint,
        login.blueprint,
        first_account.blueprint,
        office.blueprint,
        confirmations.blueprint,
        people.blueprint,
        log.blueprint,
        copies.blueprint,
        rosters.blueprint,
        presenting.blueprint,
        screen.blueprint,
        lan.blueprint,
        paper_votes.blueprint,
        paper_entries.blueprint,
        kiosk_office.blueprint,
        slips.blueprint,
        printing.blueprint,
        jobs.blueprint,
        units.blueprint,
        unit_lists.blueprint,
        poll_forms.blueprint,
        poll_changes.blueprint,
        previews.blueprint,
        checklists.blueprint,
        cycles.blueprint,
        schemes.blueprint,
        entries.blueprint,
        ledger.blueprint,
        standings.blueprint,
        workbooks.blueprint,
        count_reports.blueprint,
        comments.blueprint,
        comparisons.blueprint,
        notice_office.blueprint,
        notices.blueprint,
        reviews.blueprint,
        written_notices.blueprint,
        api.blueprint,
        api_standings.blueprint,
    ):
        app.register_blueprint(blueprint)
    handle_errors(app)
    keep_stale_forms(app)
    add_headers(app, settings)
    guarded(app)
    install_fast_lane(app, installation)
    watching.count_underway(app)
    return app


def _prepare_templates(app: Flask) -> None:
    """Give templates gettext and a filter for texts, in the language of the request."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: translations(language()).gettext(message),
        lambda one, many, n: translations(language()).ngettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.filters["words"] = lambda text: (
        text.in_(language()) if isinstance(text, Text) else text
    )
    app.jinja_env.globals["language"] = language
    app.jinja_env.globals["language_names"] = NAMES
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
