"""Turnout for a whole hall to see: totals, and groups only where no small one can be told apart.

Source: docs/anonymity.md, "While a poll is open".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ballot.language import N_, Text

OTHERS = N_("其他类别")


@dataclass(frozen=True)
class GroupLine:
    """Groups shown as one, in numbers of ballots; `returned` is None where it is hidden."""

    name: str | Text
    issued: int
    returned: int | None


@dataclass(frozen=True)
class HallTurnout:
    """How many ballots were issued and returned; `lines` by group, none where they would tell."""

    issued: int
    returned: int
    lines: tuple[GroupLine, ...] = ()


@dataclass(frozen=True)
class _Group:
    name: str | Text
    issued: int
    returned: int


def hall_turnout(groups: Sequence[tuple[str, int, int]], *, smallest_group: int) -> HallTurnout:
    """Return the turnout of groups, each with its name, ballots issued and ballots returned.

    A group with fewer ballots issued than `smallest_group` (k) is put together with other small
    ones, and the next larger where that is still too little. A line with fewer returned hides
    that number, and others with it, until what the totals tell of the hidden ones is at least k.
    """
    every = [_Group(*group) for group in groups]
    issued, returned = sum(g.issued for g in every), sum(g.returned for g in every)
    lines = _put_together(every, smallest_group)
    if len(lines) < 2:  # what would be said of it is the total
        return HallTurnout(issued, returned)
    hidden = _hidden(lines, smallest_group)
    shown = tuple(
        GroupLine(line.name, line.issued, None if place in hidden else line.returned)
        for place, line in enumerate(lines)
    )
    return HallTurnout(issued, returned, shown)


def _put_together(groups: Sequence[_Group], least: int) -> list[_Group]:
    large = [group for group in groups if group.issued >= least]
    small = [group for group in groups if group.issued < least]
    while small and large and sum(group.issued for group in small) < least:
        next_larger = min(large, key=lambda group: group.issued)
        large.remove(next_larger)
        small.append(next_larger)
    if not small:
        return large
    together = _Group(
        Text(OTHERS), sum(group.issued for group in small), sum(group.returned for group in small)
    )
    return [*large, together]


def _hidden(lines: Sequence[_Group], least: int) -> set[int]:
    """Return the places of the lines whose returned ballots are not shown."""
    hidden = {place for place, line in enumerate(lines) if line.returned < least}
    rest = sorted(set(range(len(lines))) - hidden, key=lambda place: lines[place].returned)
    while hidden and rest and sum(lines[place].returned for place in hidden) < least:
        hidden.add(rest.pop(0))
    return hidden
