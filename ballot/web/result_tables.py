"""Results as a page shows them: per section a table with shares, bars and what they rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ballot.domain.definition import Section, Subject
from ballot.domain.results import SectionResult, SubjectResult
from ballot.language import Text
from ballot.scoring import (
    Converted,
    Scale,
    Spread,
    UnknownKindError,
    UnknownSchemeError,
    load_scheme,
    percent,
)
from ballot.services.results import Results

_ROOM_FOR_LABEL: Final = 16.0  # percent of the bar that a label needs


@dataclass(frozen=True)
class Piece:
    """One level of a subject, or a range of marks: how many votes, their share, their bar.

    `x`, `middle`, `width`: percent of the bar, for drawing only. `tone`: 0 for the best level to
    5 for the worst.
    """

    label: str
    count: int
    percent: str | None
    x: float
    width: float
    tone: int

    @property
    def middle(self) -> float:
        """Return where a label stands."""
        return self.x + self.width / 2

    @property
    def roomy(self) -> bool:
        """Tell whether a label fits."""
        return self.width >= _ROOM_FOR_LABEL


@dataclass(frozen=True)
class Row:
    """One subject's line. `abstain`: valid votes that name no level."""

    subject: Subject
    pieces: Sequence[Piece]
    abstain: int
    converted: Converted


@dataclass(frozen=True)
class SectionTable:
    """One section. `approval`: how the approving levels are called together, None on marks."""

    section: Section
    kind: str
    approval: Text | None
    rows: Sequence[Row]


def tables(results: Results) -> list[SectionTable]:
    """Return the tables of a poll's results, in paper order."""
    scheme = results.poll.definition.scheme
    return [_table(scheme, section) for section in results.sections]


def kind_title(scheme: str, kind: str) -> str:
    """Return what a kind of units is called, or its key where the scheme is not known here."""
    try:
        return load_scheme(scheme).kind(kind).title
    except (UnknownSchemeError, UnknownKindError):
        return kind


def _table(scheme: str, result: SectionResult) -> SectionTable:
    section = result.section
    return SectionTable(
        section=section,
        kind=kind_title(scheme, section.kind),
        approval=None if section.on_marks else approval(section.rule.levels),
        rows=[_row(subject) for subject in result.subjects],
    )


def approval(scale: Scale) -> Text:
    """Return what the approving levels are called together: 较好以上."""
    approving = [level.label for level in scale.levels if level.approves]
    if len(approving) == 1:
        return Text("%(level)s", level=approving[0])
    return Text("%(level)s以上", level=approving[-1])


def _row(result: SubjectResult) -> Row:
    converted = result.converted
    pieces = _ranges(converted.spread) if converted.spread else _pieces(converted)
    abstain = converted.valid - sum(piece.count for piece in pieces)
    return Row(result.subject, pieces, abstain, converted)


def _pieces(converted: Converted) -> list[Piece]:
    """Return the levels' pieces."""
    levels = converted.levels.items()
    return _in_line([(label, level["count"], level["percent"]) for label, level in levels])


def _ranges(spread: Spread) -> list[Piece]:
    """Return the pieces of ranges of marks: so many from 90 to 100, and so on."""
    return _in_line(
        [(label, count, percent(count, spread.opinions)) for label, count in spread.ranges]
    )


def _in_line(counted: Sequence[tuple[str, int, str | None]]) -> list[Piece]:
    pieces: list[Piece] = []
    x = 0.0
    worst = max(len(counted) - 1, 1)
    for place, (label, count, share) in enumerate(counted):
        width = float(share or 0)
        pieces.append(Piece(label, count, share, x, width, place * 5 // worst))
        x += width
    return pieces
