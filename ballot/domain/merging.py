"""Two people at one table: whose changes can be kept together, and which cells both changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from ballot.domain.assessment import Cell

Cells = Mapping[Cell, str]
"""Figures as exact texts; a cell that is absent or empty holds none."""


@dataclass(frozen=True)
class Merged:
    """What is to be written, and the cells that somebody else changed meanwhile."""

    changes: Mapping[Cell, str]
    conflicts: frozenset[Cell]


def merge(*, seen: Cells, wanted: Cells, stored: Cells) -> Merged:
    """Return what a person wants changed, against what stands there now.

    `seen`: what the person had before their eyes. A cell left as it was seen is no wish, so what
    somebody else wrote there meanwhile stays. A cell that both changed, to different figures, is
    a conflict; to the same figure, it is settled.
    """
    changes = {
        cell: value
        for cell, value in wanted.items()
        if value != seen.get(cell, "") and value != stored.get(cell, "")
    }
    both = {cell for cell in changes if stored.get(cell, "") != seen.get(cell, "")}
    return Merged(changes, frozenset(both))
