"""What a yearly standing rests on, as people recorded it: units, figures, ledger, approvals.

Nothing here is ever deleted: a figure is followed by a newer one, a row of the ledger, a decision
and an approval are withdrawn, each with who did it, when, and why.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from ballot.language import N_, Text
from ballot.scoring import Adjustment, Decision, Veto


@dataclass(frozen=True)
class Unit:
    """A unit of one kind in a cycle. `facts`: what the scheme asks about it besides figures."""

    id: int
    name: str
    facts: Mapping[str, str]


def named(names: Sequence[str], most: int) -> Text:
    """Name units; of more than so many the first, and how many there are."""
    first = "、".join(names[:most])
    if len(names) <= most:
        return Text("%(units)s", units=first)
    return Text("%(units)s等 %(count)s 个单位", units=first, count=len(names))


class Way(StrEnum):
    """How a figure was brought in."""

    TYPED = "typed"
    FILE = "file"
    API = "api"

    @property
    def text(self) -> Text:
        """Return the way in words."""
        return Text(_WAY_WORDS[self])


_WAY_WORDS = {Way.TYPED: N_("录入"), Way.FILE: N_("表格导入"), Way.API: N_("接口写入")}


@dataclass(frozen=True)
class Figure:
    """What was entered for a unit under a key, last of all; `value` is None where it was cleared.

    `before`: what stood there until then.
    """

    value: Decimal | None
    way: Way
    by: str
    at: datetime
    before: Decimal | None = None


Cell = tuple[int, str]
"""A unit's number and the key of a component or item."""


@dataclass(frozen=True)
class Recorded:
    """Who recorded a row, and who withdrew it, if anybody did; times are aware, in UTC."""

    id: int
    by: str
    at: datetime
    withdrawn_by: str | None
    withdrawn_at: datetime | None
    withdrawn_why: str | None

    @property
    def stands(self) -> bool:
        """Tell whether it was not withdrawn."""
        return self.withdrawn_at is None


@dataclass(frozen=True)
class LedgerRow:
    """Marks added or taken off, or a veto, as somebody recorded it."""

    recorded: Recorded
    said: Adjustment | Veto


@dataclass(frozen=True)
class TieDecision:
    """Which of tied units come first, as somebody recorded it."""

    recorded: Recorded
    order: tuple[str, ...]
    reason: str

    @property
    def decision(self) -> Decision:
        """Return it as the standing takes it."""
        return Decision(self.order, self.reason, self.recorded.by)


@dataclass(frozen=True)
class Approval:
    """The meeting that fixed a kind's standing (党政会议审定).

    `standing`: the figures it approved, as canonical JSON; `hash`: their SHA-256.
    """

    recorded: Recorded
    meeting: str
    held_on: date
    standing: str
    hash: str


def in_force(approvals: Iterable[Approval]) -> Approval | None:
    """Return the approval that was not withdrawn, if there is one."""
    return next((approval for approval in approvals if approval.recorded.stands), None)
