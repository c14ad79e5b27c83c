"""What a host script is made of: the facts of this moment, and lines that are said or done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from ballot.domain.account import Account
from ballot.domain.polls import Poll
from ballot.domain.results import SectionResult
from ballot.language import Text

GAP: Final = Text("________")
"""Where a figure is written by hand."""


class Line(NamedTuple):
    """A line of the script: said aloud, or (`cue`) for the host's eyes."""

    text: Text
    cue: bool


def say(text: Text) -> Line:
    """Return a line that is said."""
    return Line(text, cue=False)


def cue(text: Text) -> Line:
    """Return a line that tells the host what to do."""
    return Line(text, cue=True)


class Turnout(NamedTuple):
    """Ballots handed out, printed and cast, of all groups together; None is not known or told."""

    printed: int | None
    issued: int | None
    cast: int | None


@dataclass(frozen=True)
class Facts:
    """What is known of a poll at this moment.

    `account` from closing on, `sections` once the result is certified. `scrutineer`: the name that
    the log recorded at opening, or "". `reason`: why the result was certified all the same.
    """

    poll: Poll
    scheme: str
    now: datetime
    turnout: Turnout
    scrutineer: str = ""
    account: Account | None = None
    sections: tuple[SectionResult, ...] = ()
    reason: str = ""
