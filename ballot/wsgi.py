"""The application for a server: `ballot.wsgi:create`, called once in each serving process."""

import gc
import logging
import multiprocessing
import os
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from ballot.clock import now_utc
from ballot.domain.keys import Keys
from ballot.lifeline import die_with, heed_sigterm_once, leave_ctrl_c_to_the_parent
from ballot.services.lookups import Lookups
from ballot.services.start import open_installation, steady_clock
from ballot.settings import Settings, from_environment
from ballot.storage.database import Database, DatabaseUnreachableError
from ballot.web.app import MOST_BODY_BYTES, create_app
from ballot.web.finding import InLoop, InThread
from ballot.web.lane_rsgi import LaneInLoop
from ballot.web.lane_wsgi import lane_of
from ballot.web.recent import Recent
from ballot.web.reception import Reception
from ballot.web.wall import Wall

logger = logging.getLogger(__name__)

_TRY_EVERY_SECONDS: Final = 1.0


def create() -> Reception:
    """Open the installation and return the application, with what takes requests in for it."""
    leave_ctrl_c_to_the_parent()
    heed_sigterm_once()
    die_with(_parent())
    settings = from_environment(os.environ)
    reception = receiving(settings, *_open(settings))
    _collect_seldom()
    return reception


def _collect_seldom() -> None:
    """Let Python look for lost circles of objects less often, and never among those of the start.

    Requests make next to none; looking after every 700 objects was a tenth of a visit's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def receiving(
    settings: Settings, database: Database, keys: Keys, clock: Callable[[], datetime]
) -> Reception:
    """Return the application on an opened installation, with what takes requests in for it."""
    app = create_app(settings, database, keys, clock)
    before = lane_of(app)
    finding = InLoop(database) if database.on_sqlite else InThread(Lookups(database))
    lane = LaneInLoop(before.lane, before.queue, finding, before.counts)
    recent = Recent(before.counts)
    wall = Wall(app, settings) if settings.console_here else None
    return Reception(app, most_bytes=MOST_BODY_BYTES, lane=lane, recent=recent, wall=wall)


def _open(settings: Settings) -> tuple[Database, Keys, Callable[[], datetime]]:
    """Open the installation, which the main process did before; wait for a database that is away.

    A serving process that ended instead would take the whole server with it.
    """
    while True:
        try:
            database, keys = open_installation(settings, now_utc())
            return database, keys, steady_clock(database)
        except DatabaseUnreachableError as error:
            logger.error("%s", error)
            time.sleep(_TRY_EVERY_SECONDS)


def _parent() -> int:
    """Return the process that started this one, which may be gone by now: `getppid` forgets it."""
    started_by = multiprocessing.parent_process()
    pid = started_by.pid if started_by else None
    return os.getppid() if pid is None else pid
