"""Notices (公示): what is made public for a number of days, with somebody to turn to.

Source: docs/scoring-rules.md, rules 66 and 67.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from ballot.domain.assessment import Recorded
from ballot.domain.periods import Clock
from ballot.domain.written import problems
from ballot.language import N_, Text
from ballot.scoring import NoticeRule

LONGEST_TITLE: Final = 100
LONGEST_TEXT: Final = 2000
LONGEST_CONTACT: Final = 60
MOST_DAYS: Final = 365


class State(StrEnum):
    """Where a notice stands on a day."""

    DRAFT = "draft"
    COMING = "coming"
    RUNNING = "running"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"

    @property
    def text(self) -> Text:
        """Return the state in words."""
        return Text(_STATE_WORDS[self])


_STATE_WORDS: Final = {
    State.DRAFT: N_("草稿"),
    State.COMING: N_("未到公示期"),
    State.RUNNING: N_("公示中"),
    State.ENDED: N_("公示期满"),
    State.WITHDRAWN: N_("已撤下"),
}


@dataclass(frozen=True)
class Contact:
    """Whom to turn to during a notice, and where requests for review go."""

    name: str = ""
    phone: str = ""
    place: str = ""

    def mistakes(self) -> Iterator[Text]:
        """Yield what is missing or unreadable."""
        for what, text in (
            (Text("联系人"), self.name),
            (Text("联系电话"), self.phone),
            (Text("受理地点"), self.place),
        ):
            if not text:
                yield Text("请填写%(what)s。", what=what)
            yield from problems(what, text, most=LONGEST_CONTACT)


@dataclass(frozen=True)
class Wording:
    """What an organiser writes of a notice. `items` are keys: `poll:3`, `kind:village`."""

    title: str
    text: str
    items: tuple[str, ...]
    start_on: date
    days: int
    contact: Contact

    @property
    def clock(self) -> Clock:
        """Return the period: the day it is posted is not counted (rule 67)."""
        return Clock(self.start_on, self.days)

    @property
    def ends_on(self) -> date:
        """Return the last day on which it is shown."""
        return self.clock.last

    def mistakes(self) -> Iterator[Text]:
        """Yield what is missing or unreadable in the words."""
        for what, text, most, lines in (
            (Text("标题"), self.title, LONGEST_TITLE, False),
            (Text("正文"), self.text, LONGEST_TEXT, True),
        ):
            if not text:
                yield Text("请填写%(what)s。", what=what)
            yield from problems(what, text, most=most, lines=lines)
        yield from self.contact.mistakes()


@dataclass(frozen=True)
class PostedTable:
    """A table as it is posted, in the language of the document; `source` is its item's key.

    `approval`: the number of the approval that a standing's figures rest on.
    """

    source: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...] = ()
    approval: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return {
            "source": self.source,
            "title": self.title,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "remarks": list(self.remarks),
            "approval": self.approval,
        }

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> "PostedTable":
        """Read what `to_json` wrote."""
        return cls(
            source=written["source"],
            title=written["title"],
            columns=tuple(written["columns"]),
            rows=tuple(tuple(row) for row in written["rows"]),
            remarks=tuple(written["remarks"]),
            approval=written["approval"],
        )


@dataclass(frozen=True)
class Notice:
    """A notice as it is kept. `posted`: what it showed from publication on, None for a draft."""

    recorded: Recorded
    cycle_id: int
    wording: Wording
    posted: tuple[PostedTable, ...] | None = None
    hash: str = ""

    @property
    def number(self) -> int:
        """Return its number, by which its page is found."""
        return self.recorded.id

    def state(self, today: date) -> State:
        """Return where it stands on a day."""
        if not self.recorded.stands:
            return State.WITHDRAWN
        if self.posted is None:
            return State.DRAFT
        if today < self.wording.start_on:
            return State.COMING
        return State.RUNNING if today <= self.wording.ends_on else State.ENDED

    def shows(self, today: date) -> bool:
        """Tell whether its content is public on a day."""
        return self.state(today) is State.RUNNING


def days_allowed(rules: Iterable[NoticeRule]) -> tuple[int, int]:
    """Return the fewest and the most days that fit every rule; the first may exceed the second.

    Without any rule both are those of a scheme that says nothing.
    """
    every = list(rules) or [NoticeRule()]
    return max(rule.least for rule in every), min(rule.most for rule in every)


def period_mistakes(wording: Wording, rules: Sequence[NoticeRule]) -> Iterator[Text]:
    """Yield what is wrong with a notice's length under its kinds' rules (rule 67)."""
    least, most = days_allowed(rules)
    if least > most:
        yield Text("所选内容的公示天数没有交集，请分开公示。")
    elif not least <= wording.days <= most:
        yield Text("公示期应为 %(least)s 至 %(most)s 天。", least=least, most=most)
