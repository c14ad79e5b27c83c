"""Results as a page shows them: per section a table with shares, bars and what they rest on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ballot.domain.definition import Section, Subject
from ballot.domain.results import SectionResult, SubjectResult
from ballot.language import Text
from ballot.scoring import Converted, Scale, UnknownKindError, UnknownSchemeError, load_scheme
from ballot.services.results import Results

_ROOM_FOR_LABEL: Final = 16.0  # percent of the bar that a label needs


@dataclass(frozen=True)
class Piece:
    """One level of a subject: its number of votes, its share, and where its bar is drawn.

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
    """One section. `approval`: how the approving levels are called together."""

    section: Section
    kind: str
    approval: Text
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
        approval=approval(section.rule.levels),
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
    pieces = _pieces(converted)
    abstain = converted.valid - sum(piece.count for piece in pieces)
    return Row(result.subject, pieces, abstain, converted)


def _pieces(converted: Converted) -> list[Piece]:
    pieces: list[Piece] = []
    x = 0.0
    worst = max(len(converted.levels) - 1, 1)
    for place, (label, level) in enumerate(converted.levels.items()):
        width = float(level["percent"] or 0)
        tone = place * 5 // worst
        pieces.append(Piece(label, level["count"], level["percent"], x, width, tone))
        x += width
    return pieces
