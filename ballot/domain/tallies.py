"""Tallies: what the votes of a poll say, counted per slot, level and, where needed, group."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ballot.domain.definition import Definition, Slot
from ballot.domain.votes import BLANK, NOT_ASKED

POOLED = ""


class StoredVote(NamedTuple):
    """A vote as it is stored: the group only in weighted polls."""

    group: str
    valid: bool
    choices: bytes


@dataclass(frozen=True)
class SlotTally:
    """Counts of one slot in one group (or pooled): per level, blank, not asked, invalid.

    All are numbers of votes. `invalid` counts the invalid votes that were asked.
    """

    marks: tuple[int, ...]
    blank: int = 0
    not_asked: int = 0
    invalid: int = 0


@dataclass(frozen=True)
class Tally:
    """The counts of a poll. `returned`, `invalid`: votes per group key, or under `POOLED`."""

    slots: tuple[Mapping[str, SlotTally], ...]
    returned: Mapping[str, int]
    invalid: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return the tally as plain JSON values."""
        return {
            "returned": dict(self.returned),
            "invalid": dict(self.invalid),
            "slots": [
                {
                    group: {
                        "marks": list(counts.marks),
                        "blank": counts.blank,
                        "not_asked": counts.not_asked,
                        "invalid": counts.invalid,
                    }
                    for group, counts in slot.items()
                }
                for slot in self.slots
            ],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Tally":
        """Read what `to_json` wrote."""
        return cls(
            returned=value["returned"],
            invalid=value["invalid"],
            slots=tuple(
                {
                    group: SlotTally(
                        tuple(counts["marks"]),
                        counts["blank"],
                        counts["not_asked"],
                        counts["invalid"],
                    )
                    for group, counts in slot.items()
                }
                for slot in value["slots"]
            ),
        )


def tally(definition: Definition, votes: Iterable[StoredVote]) -> Tally:
    """Count votes in any order; one pass over them, then one per slot over packed bytes."""
    packed: dict[tuple[str, bool], list[bytes]] = defaultdict(list)
    for vote in votes:
        packed[vote.group, vote.valid].append(vote.choices)
    groups = [group.key for group in definition.groups] if definition.weighted else [POOLED]
    valid = {group: b"".join(packed[group, True]) for group in groups}
    invalid = {group: b"".join(packed[group, False]) for group in groups}
    return Tally(
        slots=tuple(
            {group: _count(definition, slot, valid[group], invalid[group]) for group in groups}
            for slot in definition.slots
        ),
        returned={group: len(packed[group, True]) + len(packed[group, False]) for group in groups},
        invalid={group: len(packed[group, False]) for group in groups},
    )


def _count(definition: Definition, slot: Slot, valid: bytes, invalid: bytes) -> SlotTally:
    width = len(definition.slots)
    column = valid[slot.index :: width]
    refused = invalid[slot.index :: width]
    answers = range(slot.section.rule.scale.answers)
    return SlotTally(
        marks=tuple(column.count(answer) for answer in answers),
        blank=column.count(BLANK),
        not_asked=column.count(NOT_ASKED),
        invalid=len(refused) - refused.count(NOT_ASKED),
    )
