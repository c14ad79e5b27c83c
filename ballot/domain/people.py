"""Who may do what: the office's roles and the API's scopes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ballot.language import N_, Text


class Role(StrEnum):
    """What a signed-in person is allowed to do."""

    ADMIN = "admin"
    ORGANISER = "organiser"
    SCRUTINEER = "scrutineer"
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
    Role.SCORER: N_("计分员"),
    Role.AUDITOR: N_("审计员"),
    Role.OFFICE: N_("线办"),
}
STAFF: Final = frozenset(Role) - {Role.OFFICE}
"""Everybody but line offices, who see nothing but what they enter themselves."""


class Scope(StrEnum):
    """What an API token is allowed to do."""

    POINTS = "points:read"
    TURNOUT = "turnout:read"
    METRICS = "metrics"
    STANDINGS = "standings:read"
    ENTRIES = "entries"


@dataclass(frozen=True)
class User:
    """An account of the office. `version` grows when the password changes: old sessions end."""

    id: int
    name: str
    role: Role
    version: int


@dataclass(frozen=True)
class Token:
    """An API token as it is kept: never the secret, only who it is for and until when."""

    id: int
    name: str
    scopes: frozenset[Scope]
    expires_at: datetime
