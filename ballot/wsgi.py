"""The application for a server: `ballot.wsgi:create`, called once in each serving process."""

import multiprocessing
import os

from flask import Flask

from ballot.clock import now_utc
from ballot.lifeline import die_with, leave_ctrl_c_to_the_parent
from ballot.services.start import open_installation, steady_clock
from ballot.settings import from_environment
from ballot.web.app import create_app


def create() -> Flask:
    """Open the installation and return the application."""
    leave_ctrl_c_to_the_parent()
    die_with(_parent())
    settings = from_environment(os.environ)
    database, keys = open_installation(settings, now_utc())
    return create_app(settings, database, keys, steady_clock(database))


def _parent() -> int:
    """Return the process that started this one, which may be gone by now: `getppid` forgets it."""
    started_by = multiprocessing.parent_process()
    pid = started_by.pid if started_by else None
    return os.getppid() if pid is None else pid
