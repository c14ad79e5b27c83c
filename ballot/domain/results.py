"""Results: what a tally and an account become, subject by subject. Nothing here is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ballot.domain.account import Account
from ballot.domain.definition import Definition, Section, Slot, Subject
from ballot.domain.tallies import POOLED, SlotTally, Tally
from ballot.language import SOURCE
from ballot.scoring import (
    Converted,
    Counted,
    Counts,
    Discretion,
    QuestionTally,
    convert_all,
    pooled,
)


@dataclass(frozen=True, order=True)
class RecordedDiscretion:
    """A scorer's value for a subject in the discretionary lowest band, as it was recorded."""

    section: int
    unit: str
    value: str
    reason: str
    by: str

    @property
    def discretion(self) -> Discretion:
        """Return it as the conversion takes it."""
        return Discretion(Decimal(self.value), self.reason, self.by)


@dataclass(frozen=True)
class SubjectResult:
    """One subject's result."""

    subject: Subject
    converted: Converted


@dataclass(frozen=True)
class SectionResult:
    """One section's results, in paper order; `counted` is what they were converted from."""

    section: Section
    subjects: tuple[SubjectResult, ...]
    counted: tuple[Counted, ...] = ()

    def total_of(self, subject: SubjectResult) -> Counts:
        """Return a subject's counts, all groups and questions added up (票次 over several)."""
        counted = self.counted[self.subjects.index(subject)]
        return pooled(each for question in counted.questions for each in question.counts.values())

    def base_of(self, subject: SubjectResult) -> int:
        """Return the number that a subject's shares are of, 0 without a result."""
        return self.total_of(subject).of(self.section.rule.base) or 0

    def rows(self, language: str = SOURCE) -> list[dict[str, Any]]:
        """Return a row of plain values for each subject: where it stands, then its conversion."""
        return [
            {
                "kind": self.section.kind,
                "component": self.section.component,
                "unit": each.subject.unit,
                **each.converted.to_json(language),
            }
            for each in self.subjects
        ]


def results(
    definition: Definition,
    tally: Tally,
    account: Account,
    recorded: Sequence[RecordedDiscretion],
    smallest_group: int,
) -> tuple[SectionResult, ...]:
    """Return the results of every section, in paper order.

    `smallest_group`: where a weighted group has fewer ballots, no group's figures are told (k).
    Raises: BaseTooSmallError, BaseUnknownError, DiscretionError.
    """
    values = {(each.section, each.unit): each.discretion for each in recorded}
    return tuple(
        _section(definition, place, tally, account, values, smallest_group)
        for place in range(len(definition.sections))
    )


def _section(
    definition: Definition,
    place: int,
    tally: Tally,
    account: Account,
    recorded: Mapping[tuple[int, str], Discretion],
    smallest_group: int,
) -> SectionResult:
    section = definition.sections[place]
    counted = []
    for subject in section.subjects:
        slots = [s for s in definition.slots if s.section is section and s.subject is subject]
        counted.append(
            Counted(
                subject.name,
                [_question(definition, slot, tally.slots[slot.index], account) for slot in slots],
                _weights(definition, subject),
                recorded.get((place, subject.unit)),
            )
        )
    names = {group.key: group.name for group in definition.groups}
    converted = convert_all(counted, section.rule, smallest_group=smallest_group, names=names)
    subjects = tuple(map(SubjectResult, section.subjects, converted))
    return SectionResult(section, subjects, tuple(counted))


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
