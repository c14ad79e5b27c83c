"""Bar charts of counts: drawn with matplotlib, so no process that serves voters imports this.

The same rows give the same bytes: no date, no random names. Lengths are inches where matplotlib
wants inches, points elsewhere.
"""

import io
import unicodedata
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Patch

from ballot.output.fonts import FontFile, chinese_file
from ballot.output.level_colours import LINE, colours, ink
from ballot.output.typesetting import Box, fitted
from ballot.scoring.figures import percent

Form = Literal["svg", "pdf", "png"]

FAMILIES: Final = ("Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei")
"""What a browser may draw an SVG's text with, before its own sans-serif."""

_WIDTH: Final = 9.0
_LEFT, _RIGHT = 2.1, 0.9
_TOP, _LEGEND, _BOTTOM = 0.6, 0.4, 0.2
_ROW: Final = 0.72
_BAR: Final = 0.56
"""A bar's height, as a share of its row's."""
_DPI: Final = 150
_POINTS: Final = 72
"""To an inch."""
_LATIN_WIDTH: Final = 0.62
"""Of the size: a little more than most letters need."""

_TITLE_SIZE, _SUBJECT_SIZE, _COUNT_SIZE, _SMALL_SIZE = 14.0, 10.5, 9.0, 8.0
_NARROW: Final = 0.085
"""Below this share of the bar a count does not fit inside and is written beneath."""

_HATCH: Final = "////"
_SETTINGS: Final[dict[Any, Any]] = {
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "ballot",
    "text.parse_math": False,
}
"""Text stays text, names are not random, and a dollar sign begins no formula."""

_UNDATED: Final[dict[str, dict[str, Any]]] = {
    "svg": {"Date": None, "Creator": "Ballot"},
    "pdf": {"CreationDate": None, "Creator": "Ballot", "Producer": "Ballot"},
    "png": {"Software": None},
}


@dataclass(frozen=True)
class ChartRow:
    """A subject's counts by level, the best first, and the base that they are shares of.

    The levels of all rows are the same. What the counts leave of the base is drawn hatched.
    """

    subject: str
    counts: Sequence[tuple[str, int]]
    base: int

    @property
    def levels(self) -> tuple[str, ...]:
        """The names of the levels."""
        return tuple(level for level, _ in self.counts)

    @property
    def rest(self) -> int:
        """What the counts leave of the base."""
        return self.base - sum(count for _, count in self.counts)


@dataclass(frozen=True)
class ChartWording:
    """The words of a chart, in one language."""

    rest: str = "其余"
    base: str = "基数"
    empty: str = "基数为零，没有结果"


CHINESE: Final = ChartWording()


def levels_chart(
    rows: Sequence[ChartRow], title: str, *, form: Form = "svg", wording: ChartWording = CHINESE
) -> bytes:
    """Return a chart with one bar per subject, divided by level, counts and percentages on it.

    Levels run from dark (best) to light (worst), so that they differ in grey print and to the
    colour-blind alike. In an SVG text stays text, for the viewer's fonts to draw; in a PDF or PNG
    a character without a glyph becomes `〓`.

    Raises: ValueError for rows of unlike levels, or counts beyond the base; FontMissingError.
    """
    _check(rows)
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        if form == "svg":
            # matplotlib measures with our font what the browser will draw with its own.
            warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = _Chart(rows, _writable(form), wording).drawn(title)
        file = io.BytesIO()
        figure.savefig(file, format=form, dpi=_DPI, metadata=_UNDATED[form])
    return file.getvalue()


def _check(rows: Sequence[ChartRow]) -> None:
    for row in rows:
        if row.levels != rows[0].levels:
            raise ValueError("rows of unlike levels")
        if row.rest < 0 or any(count < 0 for _, count in row.counts):
            raise ValueError("counts beyond the base")


def _writable(form: Form) -> Callable[[str], str]:
    """Return what makes a text fit to be drawn in a form."""
    if form == "svg":
        return lambda text: " ".join(text.split())
    with FontFile(chinese_file()) as font:
        return font.printable


class _Chart:
    """One chart while it is drawn: place 0 is the first row's, a bar's length is 1."""

    def __init__(
        self, rows: Sequence[ChartRow], writable: Callable[[str], str], wording: ChartWording
    ) -> None:
        self._rows = rows
        self._writable = writable
        self._wording = wording
        self._levels = rows[0].levels if rows else ()
        self._colours = colours(len(self._levels))
        self._file = chinese_file()
        bars = _ROW * max(1, len(rows))
        height = _TOP + _LEGEND + bars + _BOTTOM
        self._figure = Figure(figsize=(_WIDTH, height))
        inside = (
            _LEFT / _WIDTH,
            _BOTTOM / height,
            (_WIDTH - _LEFT - _RIGHT) / _WIDTH,
            bars / height,
        )
        self._axes = self._figure.add_axes(inside)
        self._axes.set_xlim(0, 1)
        self._axes.set_ylim(max(1, len(rows)) - 0.5, -0.5)
        self._axes.axis("off")

    def drawn(self, title: str) -> Figure:
        """Draw everything and return the figure."""
        wide = _WIDTH - _LEFT - _RIGHT
        above = -0.5 - (_LEGEND + _TOP / 2) / _ROW
        middle = (_WIDTH / 2 - _LEFT) / wide
        title = self._wrapped(title, _WIDTH - 0.4, 1, _TITLE_SIZE)
        self._write(middle, above, title, _TITLE_SIZE, ha="center")
        self._legend()
        for place, row in enumerate(self._rows):
            subject = self._wrapped(row.subject, _LEFT - 0.3, 2, _SUBJECT_SIZE)
            self._write(-0.15 / wide, place, subject, _SUBJECT_SIZE, ha="right")
            if row.base:
                self._bar(place, row)
                self._narrow(place, row)
                base = f"{self._wording.base} {row.base}"
                self._write(1 + 0.1 / wide, place, base, _SMALL_SIZE, ha="left")
            else:
                self._write(0, place, self._wording.empty, _COUNT_SIZE, ha="left", color=LINE)
        return self._figure

    def _bar(self, place: int, row: ChartRow) -> None:
        start = 0.0
        for (_, count), colour in zip(row.counts, self._colours, strict=True):
            share = count / row.base
            self._part(place, start, share, facecolor=colour)
            if share >= _NARROW:
                text = f"{count}\n{percent(count, row.base)}%"
                middle, own = start + share / 2, ink(colour)
                self._write(middle, place, text, _COUNT_SIZE, ha="center", color=own)
            start += share
        self._part(place, start, row.rest / row.base, facecolor="white", hatch=_HATCH)

    def _part(self, place: int, start: float, share: float, **style: Any) -> None:
        if share:
            self._axes.barh(
                place,
                share,
                _BAR,
                left=start,
                edgecolor=LINE,
                linewidth=0.6,
                clip_on=False,
                **style,
            )

    def _narrow(self, place: int, row: ChartRow) -> None:
        """Write beneath the bar what does not fit inside."""
        texts = [
            f"{level} {count}（{percent(count, row.base)}%）"
            for level, count in (*row.counts, (self._wording.rest, row.rest))
            if count and (count / row.base < _NARROW or level == self._wording.rest)
        ]
        below = place + _BAR / 2 + 0.13
        self._write(1, below, "  ".join(texts), _SMALL_SIZE, ha="right")

    def _legend(self) -> None:
        keys = [
            Patch(facecolor=colour, edgecolor=LINE, linewidth=0.6, label=self._writable(level))
            for level, colour in zip(self._levels, self._colours, strict=True)
        ]
        if any(row.rest for row in self._rows):
            rest = self._writable(self._wording.rest)
            keys.append(Patch(facecolor="white", edgecolor=LINE, hatch=_HATCH, label=rest))
        if keys:
            self._axes.legend(
                handles=keys,
                prop=self._font(_SUBJECT_SIZE),
                loc="lower left",
                bbox_to_anchor=(0, 1),
                ncols=len(keys),
                frameon=False,
                borderaxespad=0.3,
                handlelength=1.4,
                columnspacing=1.4,
            )

    def _write(
        self, x: float, y: float, text: str, size: float, *, ha: str, color: str = "black"
    ) -> None:
        """Write text about a middle line."""
        lines = "\n".join(map(self._writable, text.split("\n")))
        self._axes.text(
            x,
            y,
            lines,
            ha=ha,
            va="center",
            color=color,
            fontproperties=self._font(size),
        )

    def _wrapped(self, text: str, width: float, lines: int, size: float) -> str:
        """Return a text in at most so many lines of a width in inches, cut short if need be."""
        box = Box(width * _POINTS, size * (1 + (lines - 1) * Box.leading))
        return "\n".join(fitted([self._writable(text)], _Columns(), box, [size]).lines)

    def _font(self, size: float) -> FontProperties:
        """Return the font at a size in points: our file, and families for browsers."""
        return FontProperties(family=[*FAMILIES, "sans-serif"], fname=self._file, size=size)


class _Columns:
    """Measures text roughly: how wide the viewer's font is, is not ours to know."""

    def width(self, text: str, size: float) -> float:
        """Return a width in points."""
        wide = sum(unicodedata.east_asian_width(character) in "WFA" for character in text)
        return size * (wide + _LATIN_WIDTH * (len(text) - wide))
