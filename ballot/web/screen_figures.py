"""What a screen draws: shares as lengths for SVG, and how large a name may be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ballot.domain.hall_turnout import GroupLine
from ballot.domain.reveal import Ranked, Revealed
from ballot.language import Text
from ballot.scoring import Converted, percent
from ballot.services.screens import Shown

_ROOM_FOR_LABEL = 14.0  # percent of the bar


@dataclass(frozen=True)
class Bar:
    """A turnout: its share in percent for drawing, and as it is told; `line` has its words."""

    drawn: str
    told: str
    line: GroupLine | None = None


@dataclass(frozen=True)
class Piece:
    """One level, or range of marks: how many votes, their share, and where its part of the bar is.

    `tone`: 0 for the best to 5 for the worst. `roomy`: a label fits.
    """

    label: str
    count: int
    percent: str | None
    x: float
    width: float
    tone: int

    @property
    def middle(self) -> float:
        """Return where a label stands, in percent of the bar."""
        return self.x + self.width / 2

    @property
    def roomy(self) -> bool:
        """Tell whether a label fits."""
        return self.width >= _ROOM_FOR_LABEL


@dataclass(frozen=True)
class Subject:
    """One subject as a screen shows it. `size`: of its name, 1 (short) to 4 (very long)."""

    name: str
    duty: str
    rank: int | None
    converted: Converted
    pieces: Sequence[Piece]
    size: int

    @property
    def score(self) -> str | None:
        """Return the converted score, as results tell it."""
        told: str | None = self.converted.to_json()["score"]
        return told


@dataclass(frozen=True)
class Figures:
    """Everything that is drawn on a screen. `approval`: what the approving levels are called."""

    ring: Bar | None = None
    bars: Sequence[Bar] = ()
    subject: Subject | None = None
    table: Sequence[Subject] = ()
    approval: Text | None = None


def figures(shown: Shown) -> Figures:
    """Return what is drawn; while a reveal runs, nothing of turnout."""
    if shown.reveal is not None:
        return _revealed(shown.reveal, shown.rows)
    if shown.turnout is None:
        return Figures()
    turnout = shown.turnout
    bars = [_bar(line.returned or 0, line.issued, line) for line in turnout.lines]
    return Figures(ring=_bar(turnout.returned, turnout.issued), bars=bars)


def _revealed(reveal: Revealed, rows: slice) -> Figures:
    section = reveal.section.section
    return Figures(
        subject=None if reveal.subject is None else _subject(reveal.subject),
        table=[_subject(each) for each in reveal.table[rows]],
        approval=None if section.on_marks else section.rule.levels.approval,
    )


def _subject(ranked: Ranked) -> Subject:
    subject, converted = ranked.result.subject, ranked.result.converted
    size = sum(len(subject.name) > most for most in (9, 15, 26)) + 1
    pieces = list(_pieces(_counted(converted)))
    return Subject(subject.name, subject.duty, ranked.rank, converted, pieces, size)


def _counted(converted: Converted) -> list[tuple[str, int, str | None]]:
    """Return levels, or ranges of marks, with their votes and shares."""
    if converted.spread is None:
        return [(key, level["count"], level["percent"]) for key, level in converted.levels.items()]
    spread = converted.spread
    return [(label, number, percent(number, spread.opinions)) for label, number in spread.ranges]


def _pieces(counted: Sequence[tuple[str, int, str | None]]) -> Iterable[Piece]:
    x = 0.0
    worst = max(len(counted) - 1, 1)
    for place, (label, number, share) in enumerate(counted):
        width = float(share or 0)
        yield Piece(label, number, share, x, width, place * 5 // worst)
        x += width


def _bar(returned: int, issued: int, line: GroupLine | None = None) -> Bar:
    share = min(100.0, 100 * returned / issued) if issued else 0.0
    return Bar(f"{share:.2f}", percent(returned, issued) if issued else "0.00", line)
