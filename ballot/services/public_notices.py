"""Notices as anybody may see them: what is on the wall today, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ballot.domain.notices import Notice, PostedTable, State
from ballot.errors import NotFoundError
from ballot.language import N_
from ballot.services import posting
from ballot.storage import cycles, publication
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection

LISTED_AFTER: Final = timedelta(days=365)
"""How long a notice that ended is still named on the public list."""


class NoSuchNoticeError(NotFoundError):
    """No notice of that number, or none that was published."""

    message = N_("没有这份公示。")


@dataclass(frozen=True)
class Shown:
    """A notice on a day: `tables` with whether each still holds; `hash` of what is shown."""

    notice: Notice
    cycle: Cycle
    state: State
    tables: Sequence[tuple[PostedTable, bool]]
    hash: str


def public(connection: Connection, number: int, today: date) -> Shown:
    """Return a published notice as anybody may see it: its tables during its period alone.

    Raises: NoSuchNoticeError, for drafts as for numbers that nobody gave.
    """
    notice = publication.notice(connection, number)
    if notice is None or notice.posted is None:
        raise NoSuchNoticeError
    found = as_posted(connection, notice, today)
    tables = found.tables if notice.shows(today) else ()
    return Shown(notice, found.cycle, found.state, tables, found.hash)


def public_list(connection: Connection, today: date) -> list[tuple[Notice, State]]:
    """Return the notices that anybody may know of, newest first: coming, running, ended lately."""
    every = [(each, each.state(today)) for each in publication.published_notices(connection)]
    return [
        (notice, state)
        for notice, state in every
        if state is not State.WITHDRAWN and today - notice.wording.ends_on <= LISTED_AFTER
    ]


def as_posted(connection: Connection, notice: Notice, today: date) -> Shown:
    """Return a published or withdrawn notice with what it shows, and whether that still holds."""
    cycle = cycles.get(connection, notice.cycle_id)
    tables = [
        (table, posting.stands(connection, notice.cycle_id, table)) for table in notice.posted or ()
    ]
    return Shown(notice, cycle, notice.state(today), tables, notice.hash)
