"""Results: what a closed poll's tally becomes, subject by subject."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ballot.domain.account import Account
from ballot.domain.definition import Definition, Section, Slot, Subject
from ballot.domain.polls import Phase, Poll, PollId
from ballot.domain.tallies import POOLED, SlotTally, Tally
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.scoring import Converted, Counts, Discretion, QuestionTally, convert
from ballot.storage import events, polls, tallies
from ballot.storage.database import Connection

TOLD: Final = frozenset({Phase.CLOSED, Phase.CERTIFIED, Phase.PUBLISHED})
_NUMBER: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")
FINAL: Final = frozenset({Phase.CERTIFIED, Phase.PUBLISHED})


class NoResultYetError(RefusedError):
    """Before closing nobody learns anything but turnout."""

    message = N_("测评活动“%(title)s”%(phase)s，投票结束后才有结果。")


class AnnulledResultError(RefusedError):
    """An annulled poll is kept, never counted."""

    message = N_("测评活动“%(title)s”已作废，不计票、不出结果。")


class NoSuchSubjectError(RefusedError):
    """The poll has no such subject."""

    message = N_("测评活动“%(title)s”中没有测评对象“%(unit)s”。")


@dataclass(frozen=True)
class SubjectResult:
    """One subject's result."""

    subject: Subject
    converted: Converted


@dataclass(frozen=True)
class SectionResult:
    """One section's results, in paper order."""

    section: Section
    subjects: tuple[SubjectResult, ...]


@dataclass(frozen=True)
class Results:
    """A closed poll's account and results. `final`: they are certified."""

    poll: Poll
    account: Account
    sections: tuple[SectionResult, ...]

    @property
    def final(self) -> bool:
        """Tell whether the results are certified."""
        return self.poll.phase in FINAL


def account_of(connection: Connection, poll_id: int) -> tuple[Poll, Account]:
    """Return a closed poll with its ballot account, which never rests on the results.

    Raises: NoSuchPollError, NoResultYetError, AnnulledResultError.
    """
    poll = polls.get(connection, poll_id)
    _require_told(poll)
    return poll, tallies.stored(connection, poll.id)[1]


def _require_told(poll: Poll) -> None:
    if poll.phase is Phase.ANNULLED:
        raise AnnulledResultError(title=poll.title)
    if poll.phase not in TOLD:
        raise NoResultYetError(title=poll.title, phase=poll.phase.text)


def of_poll(connection: Connection, poll_id: int, *, smallest_group: int = 5) -> Results:
    """Return a closed poll's results; never before closing.

    Raises: NoSuchPollError, NoResultYetError, AnnulledResultError.
    """
    poll = polls.get(connection, poll_id)
    _require_told(poll)
    tally, account = tallies.stored(connection, poll.id)
    recorded = tallies.discretions_of(connection, poll.id)
    sections = tuple(
        _section(poll.definition, place, tally, account, recorded, smallest_group)
        for place in range(len(poll.definition.sections))
    )
    return Results(poll, account, sections)


def _section(
    definition: Definition,
    place: int,
    tally: Tally,
    account: Account,
    recorded: Mapping[tuple[int, str], tuple[str, str, str]],
    smallest_group: int,
) -> SectionResult:
    section = definition.sections[place]
    results = []
    for subject in section.subjects:
        slots = [s for s in definition.slots if s.section is section and s.subject is subject]
        value = recorded.get((place, subject.unit))
        converted = convert(
            subject.name,
            [_question(definition, slot, tally.slots[slot.index], account) for slot in slots],
            section.rule,
            weights=_weights(definition, subject),
            discretion=Discretion(Decimal(value[0]), value[1], value[2]) if value else None,
            smallest_group=smallest_group,
        )
        results.append(SubjectResult(subject, converted))
    return SectionResult(section, tuple(results))


def _weights(definition: Definition, subject: Subject) -> Mapping[str, Fraction]:
    """Return the weights of the groups that rate a subject, shared out anew to add up to 1."""
    rating = {
        group.key: group.weight
        for group in definition.groups
        if group.weight is not None and group.rates(subject)
    }
    total = sum(rating.values(), Fraction(0))
    return {key: weight / total for key, weight in rating.items()}


def _question(
    definition: Definition, slot: Slot, counted: Mapping[str, SlotTally], account: Account
) -> QuestionTally:
    rating = [group for group in definition.groups if group.rates(slot.subject)]
    together = [[group.key for group in rating]]
    if definition.weighted:
        together = [[group.key] for group in rating]
    counts = {
        keys[0] if definition.weighted else POOLED: _counts(
            counted[keys[0] if definition.weighted else POOLED], account, keys
        )
        for keys in together
    }
    return QuestionTally(counts, slot.question.text, slot.question.weight)


def _counts(counted: SlotTally, account: Account, keys: Sequence[str]) -> Counts:
    lines = [line for line in account.lines if line.group in keys]
    eligible = [line.eligible for line in lines if line.eligible is not None]
    return Counts(
        marks=counted.marks,
        abstain=counted.blank,
        invalid=counted.invalid,
        issued=sum(line.issued for line in lines),
        eligible=sum(eligible) if len(eligible) == len(lines) else None,
    )


def set_discretion(
    connection: Connection,
    poll_id: int,
    *,
    unit: str,
    value: str,
    reason: str,
    by: str,
    now: datetime,
    component: str | None = None,
) -> None:
    """Record another value for a subject in the discretionary lowest band, before certifying.

    `component`: where a unit stands in several sections.
    Raises: NoSuchPollError, WrongPhaseError, NoSuchSubjectError, MistakesError for a value that
        is no number, DiscretionError where the rule or the ratio has no room for it.
    """
    poll = polls.get(connection, poll_id, hold=True)
    poll.require(Phase.CLOSED, Text("记录酌情分"))
    section = _section_of(poll, unit, component)
    if not _NUMBER.fullmatch(value):
        raise MistakesError([Text("酌情分应为数字，如 35 或 35.5。")])
    tallies.set_discretion(
        connection,
        poll_id=poll.id,
        section=section,
        unit=unit,
        value=value,
        reason=reason.strip(),
        by=by,
    )
    of_poll(connection, poll.id)  # refuses what does not fit
    _log_discretion(connection, poll.id, unit, value, reason, by, now)


def _section_of(poll: Poll, unit: str, component: str | None) -> int:
    for place, section in enumerate(poll.definition.sections):
        units = {subject.unit for subject in section.subjects}
        if unit in units and component in {None, section.component}:
            return place
    raise NoSuchSubjectError(title=poll.title, unit=unit)


def _log_discretion(
    connection: Connection,
    poll_id: PollId,
    unit: str,
    value: str,
    reason: str,
    by: str,
    now: datetime,
) -> None:
    events.append(
        connection,
        now=now,
        actor=by,
        action="discretion recorded",
        poll=poll_id,
        unit=unit,
        value=value,
        reason=reason.strip(),
    )
