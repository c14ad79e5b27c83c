"""`ballot`: the group that every command hangs on."""

import logging
import os
from dataclasses import dataclass
from functools import cached_property
from getpass import getuser
from typing import TYPE_CHECKING, Final

import click

from ballot.cli.lazy import LazyGroup
from ballot.cli.reporting import _
from ballot.clock import now_utc
from ballot.settings import Settings, from_environment

if TYPE_CHECKING:  # commands without a database need not load one
    from collections.abc import Callable
    from datetime import datetime

    from ballot.domain.keys import Keys
    from ballot.storage.database import Database

NUMBER: Final = click.IntRange(1, 2**31 - 1)
"""The number of a poll, cycle or token, as the database holds it."""


@dataclass
class Session:
    """What commands work with; the database is opened by the first one that needs it."""

    @cached_property
    def settings(self) -> Settings:
        """Read the settings from the environment."""
        return from_environment(os.environ)

    @cached_property
    def _opened(self) -> "tuple[Database, Keys]":
        from ballot.services.start import open_installation

        return open_installation(self.settings, now_utc())

    @cached_property
    def now(self) -> "Callable[[], datetime]":
        """Return the installation's clock."""
        from ballot.services.start import steady_clock

        return steady_clock(self.database)

    @property
    def database(self) -> "Database":
        """Return the opened database."""
        return self._opened[0]

    @property
    def keys(self) -> "Keys":
        """Return the installation's keys."""
        return self._opened[1]

    def close(self) -> None:
        """Give the database back if a command opened it."""
        if "_opened" in self.__dict__:
            self.database.close()

    @property
    def actor(self) -> str:
        """Return who the event log names: the account of this machine."""
        return f"{getuser()}@cli"


_PLACES: Final = {
    "convert": "ballot.cli.scoring:convert",
    "score": "ballot.cli.scoring:score",
    "reported": "ballot.cli.reported:reported_command",
    "schemes": "ballot.cli.schemes:schemes",
    "cycle": "ballot.cli.cycles:cycle",
    "poll": "ballot.cli.polls:poll",
    "user": "ballot.cli.people:user",
    "token": "ballot.cli.people:token",
    "export": "ballot.cli.archive:export",
    "verify": "ballot.cli.archive:verify",
    "serve": "ballot.cli.serving:serve",
    "work": "ballot.cli.working:work",
    "demo": "ballot.cli.serving:demo",
    "log": "ballot.cli.serving:log",
    "backup": "ballot.cli.backup:backup",
    "restore": "ballot.cli.backup:restore",
}


@click.group(
    cls=LazyGroup,
    places=_PLACES,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_(
        "民评：匿名测评票，从印票到计分。\n"
        "\n"
        "数据默认放在当前目录的 var/ 中，可用环境变量 BALLOT_FOLDER、BALLOT_DATABASE_URL、\n"
        "BALLOT_PUBLIC_URL 等更改。"
    ),
)
@click.version_option(package_name="ballot")
@click.pass_context
def main(context: click.Context) -> None:
    """Run `ballot`."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    context.obj = session = Session()
    context.call_on_close(session.close)
