"""Who may do what: the office's roles and the API's scopes, and who is too close to a poll."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ballot.domain.definition import Definition
from ballot.domain.written import comparable
from ballot.errors import RefusedError
from ballot.language import N_, Text

_BETWEEN_NAMES: Final = re.compile(r"[,;/、，；／\n]+")


class Role(StrEnum):
    """What a signed-in person is allowed to do."""

    ADMIN = "admin"
    ORGANISER = "organiser"
    SCRUTINEER = "scrutineer"
    TELLER = "teller"
    SCORER = "scorer"
    AUDITOR = "auditor"
    OFFICE = "office"

    @property
    def text(self) -> Text:
        """Return the role in words."""
        return Text(_ROLE_WORDS[self])


_ROLE_WORDS = {
    Role.ADMIN: N_("管理员"),
    Role.ORGANISER: N_("组织者"),
    Role.SCRUTINEER: N_("监票人"),
    Role.TELLER: N_("计票人"),
    Role.SCORER: N_("计分员"),
    Role.AUDITOR: N_("审计员"),
    Role.OFFICE: N_("线办"),
}
STAFF: Final = frozenset(Role) - {Role.OFFICE, Role.TELLER}
"""Who sees polls, points and standings: not line offices and tellers, who have one task each."""
POLL_READERS: Final = STAFF | {Role.TELLER}
"""Who sees a poll, its turnout and, once it is closed, its results."""
TELLERS: Final = (Role.TELLER, Role.SCRUTINEER)
"""Who enters paper votes (an admin may always); see also `refuse_rated`."""
MODERATORS: Final = (Role.ORGANISER, Role.SCRUTINEER)
"""Who decides about comments and publishes them (an admin may always)."""
COMMENT_READERS: Final = (*MODERATORS, Role.AUDITOR)
"""Who reads comments that are not published."""
LOG_READERS: Final = (Role.ORGANISER, Role.SCRUTINEER, Role.AUDITOR)
"""Who reads the event log (an admin may always)."""


class Scope(StrEnum):
    """What an API token is allowed to do."""

    POINTS = "points:read"
    TURNOUT = "turnout:read"
    METRICS = "metrics"
    STANDINGS = "standings:read"
    ENTRIES = "entries"


@dataclass(frozen=True)
class User:
    """An account of the office. `version` grows when the password changes: old sessions end.

    `full_name`: the person's (姓名), as logs and confirmations tell it. `temporary`: the password
    was set by somebody else and is good for nothing but setting an own one. `ended`: the account
    opens nothing any more; its name stays.
    """

    id: int
    name: str
    role: Role
    version: int
    full_name: str
    temporary: bool = False
    ended: bool = False

    @property
    def told(self) -> str:
        """Return who this is: the full name, with the account's where they differ."""
        return self.name if self.full_name == self.name else f"{self.full_name}（{self.name}）"


@dataclass(frozen=True)
class Token:
    """An API token as it is kept: never the secret, only who it is for and until when."""

    id: int
    name: str
    scopes: frozenset[Scope]
    expires_at: datetime


class RatedPersonError(RefusedError):
    """Somebody would witness, or count, the votes about themselves."""

    message = N_("“%(person)s”是本次测评的对象，不能担任它的监票人或计票人。")


def refuse_rated(definition: Definition, *names: str) -> None:
    """Make sure that none of these is rated on the poll: accounts' and full names, typed names.

    A typed name may hold several, with 、 or a comma between. Names are compared without spaces,
    width and case.

    Raises: RatedPersonError.
    """
    rated = {
        comparable(name)
        for section in definition.sections
        for subject in section.subjects
        for name in (subject.unit, subject.name)
    }
    for typed in names:
        for name in _each(typed):
            if comparable(name) in rated:
                raise RatedPersonError(person=name.strip())


def _each(typed: str) -> Iterator[str]:
    yield typed
    yield from _BETWEEN_NAMES.split(typed)
