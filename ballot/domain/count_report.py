"""The count report (计票报告单): what the signed sheet of a closed poll tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ballot.domain.account import Account
from ballot.domain.count_table import CountTable, count_tables
from ballot.domain.definition_json import rules_hash
from ballot.domain.events import Event
from ballot.domain.polls import Poll
from ballot.domain.quorum import is_met
from ballot.domain.results import SectionResult
from ballot.language import N_, Text

_STAGES: Final[Mapping[str, str]] = {
    "poll opened": N_("开始投票"),
    "closing begun": N_("结束投票"),
    "result certified": N_("认定结果"),
    "paper votes taken over": N_("纸质票"),
}
"""The entries of the log that the report tells, and what they are called."""


@dataclass(frozen=True)
class Act:
    """One act in the log: what was done, when, by whom (`actor`), and who watched (`scrutineer`).

    `tellers`: who counted, where votes were on paper; such an act has no actor.
    """

    action: str
    at: datetime
    actor: str
    scrutineer: str
    tellers: tuple[str, ...] = ()

    @property
    def counting(self) -> bool:
        """Tell whether this is tellers' counting, not an act of those who run the poll."""
        return bool(self.tellers)

    @property
    def stage(self) -> Text:
        """Return what was done, in words."""
        return Text(_STAGES[self.action])


@dataclass(frozen=True)
class CountReport:
    """A closed poll's figures with what they rest on.

    `organisation`: the cycle's title. `kinds`: what each section's kind is called. `sealed_by`: the
    log's last entry about the poll. `reason`: why it was certified below its quorum or with more
    votes than rights, if it was. `assisted`: votes cast at a kiosk (代填), None without one.
    """

    poll: Poll
    organisation: str
    scheme: str
    account: Account
    sections: tuple[SectionResult, ...]
    kinds: tuple[str, ...]
    sealed_by: Event
    acts: tuple[Act, ...]
    reason: str
    smallest_group: int
    assisted: int | None = None

    @property
    def final(self) -> bool:
        """Tell whether the result is certified."""
        return self.poll.phase.final

    @property
    def state(self) -> Text | None:
        """Return why the figures are not to be used, None where they are."""
        if self.poll.rehearsal:
            return Text("演练，不计入任何结果")
        return None if self.final else Text("未认定，仅供核对")

    @property
    def rules_hash(self) -> str:
        """Return the hash of the rules that were frozen when the poll opened."""
        return rules_hash(self.poll.definition)

    def tables(self, section: SectionResult) -> list[CountTable]:
        """Return a section's tables."""
        names = {group.key: group.name for group in self.poll.definition.groups}
        return count_tables(section, names, self.smallest_group)

    def quorum(self) -> Text | None:
        """Say whether enough voted, with the recorded reason if not; None without a quorum."""
        return quorum_told(self.poll, self.account, self.reason)


def acts_of(log: Sequence[Event]) -> tuple[Act, ...]:
    """Return the acts that entries of the log tell; of each kind the last one."""
    last = {event.action: event for event in log if event.action in _STAGES}
    return tuple(_act(last[action]) for action in _STAGES if action in last)


def _act(event: Event) -> Act:
    scrutineer = str(event.details.get("scrutineer", ""))
    tellers = event.details.get("tellers")
    if tellers is not None:  # whoever took the papers over runs nothing by it
        return Act(event.action, event.at, "", scrutineer, tuple(map(str, tellers)))
    return Act(event.action, event.at, event.actor, scrutineer)


def quorum_told(poll: Poll, account: Account, reason: str = "") -> Text | None:
    """Say whether enough voted; None where nothing is required."""
    quorum = poll.definition.quorum
    if quorum is None:
        return None
    rule = Text("多于" if quorum.more else N_("不少于"))
    values = {
        "returned": account.total.returned,
        "base": quorum.of.text,
        "number": account.of(quorum.of),
        "rule": rule,
        "fraction": quorum.fraction,
    }
    if is_met(quorum, account):
        return Text(
            "收回 %(returned)s 票，%(base)s %(number)s，达到规定的参加比例"
            "（%(rule)s %(fraction)s）。",
            **values,
        )
    if reason:
        return Text(
            "收回 %(returned)s 票，%(base)s %(number)s，未达到规定的参加比例"
            "（%(rule)s %(fraction)s）；仍予认定的理由：%(reason)s",
            **values,
            reason=reason,
        )
    return Text(
        "收回 %(returned)s 票，%(base)s %(number)s，未达到规定的参加比例"
        "（%(rule)s %(fraction)s）；未写明理由不得认定。",
        **values,
    )


def grouped(digest: str, blocks: int = 4) -> str:
    """Return the first symbols of a hash in groups of four, for reading aloud."""
    return " ".join(digest[start : start + 4] for start in range(0, 4 * blocks, 4))
