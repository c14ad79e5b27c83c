"""Bar charts of counts: drawn with matplotlib, so no process that serves voters imports this.

The same rows give the same bytes: no date, no random names. Lengths are inches where matplotlib
wants inches, points elsewhere.
"""

import io
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Patch

from ballot.output.fonts import FontFile, chinese_file
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

_TITLE_SIZE, _SUBJECT_SIZE, _COUNT_SIZE, _SMALL_SIZE = 14.0, 10.5, 9.0, 8.0
_NARROW: Final = 0.085
"""Below this share of the bar a count does not fit inside and is written beneath."""

_PALETTE: Final = "YlGnBu"
_DARKEST, _LIGHTEST = 0.98, 0.06
_EDGE: Final = "#404040"
_DARK: Final = 0.5
"""Below this lightness (0..1) white text is easier to read than black."""

_RASTER: Final = ("png", "pdf")
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


@dataclass(frozen=True)
class ChartWording:
    """The words of a chart, in one language."""

    rest: str = "其余"
    base: str = "基数"
    empty: str = "基数为零,没有结果"


CHINESE: Final = ChartWording()


def levels_chart(
    rows: Sequence[ChartRow],
    title: str,
    *,
    form: Form = "svg",
    wording: ChartWording = CHINESE,
) -> bytes:
    """Return a chart with one bar per subject, divided by level, counts and percentages on it.

    Levels run from dark (best) to light (worst), so that they differ in grey print and to the
    colour-blind alike. In an SVG text stays text, for the viewer's fonts to draw; in a PDF or PNG
    a character without a glyph becomes `〓`.

    Raises: ValueError for rows of unlike levels, or counts beyond the base; FontMissingError.
    """
    levels = _levels(rows)
    pen = _Pen(form)
    settings = {"svg.fonttype": "none", "svg.hashsalt": "ballot", "pdf.fonttype": 42}
    with mpl.rc_context(settings), warnings.catch_warnings():
        if form == "svg":
            # matplotlib measures with our font what the browser will draw with its own.
            warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = _figure(rows, levels, title, pen, wording)
        file = io.BytesIO()
        figure.savefig(file, format=form, dpi=_DPI, metadata=_UNDATED[form])
    return file.getvalue()


def _levels(rows: Sequence[ChartRow]) -> list[str]:
    """Return the levels that all rows share, checked."""
    levels = [level for level, _ in rows[0].counts] if rows else []
    for row in rows:
        if [level for level, _ in row.counts] != levels:
            raise ValueError("rows of unlike levels")
        if min((count for _, count in row.counts), default=0) < 0 or _rest(row) < 0:
            raise ValueError("counts beyond the base")
    return levels


def _rest(row: ChartRow) -> int:
    return row.base - sum(count for _, count in row.counts)


class _Pen:
    """Writes text in our font, wrapped where asked, with only what the form can show."""

    def __init__(self, form: Form) -> None:
        self._file = chinese_file()
        self._printable = FontFile(self._file).printable if form in _RASTER else str

    def font(self, size: float) -> FontProperties:
        """Return the font at a size in points: our file, and families for browsers."""
        return FontProperties(family=[*FAMILIES, "sans-serif"], fname=self._file, size=size)

    def wrapped(self, text: str, *, width: float, lines: int, size: float) -> str:
        """Return a text in at most so many lines of a width in inches, cut short if need be."""
        box = Box(width * 72, size + (lines - 1) * size * Box.leading)
        return "\n".join(fitted([self._printable(text)], _Columns(), box, [size]).lines)

    def write(self, axes: Axes, x: float, y: float, text: str, size: float, **style: Any) -> None:
        """Write a text at a place of the axes."""
        axes.text(
            x,
            y,
            self._printable(text) if "\n" not in text else text,
            fontproperties=self.font(size),
            parse_math=False,
            **style,
        )


class _Columns:
    """Measures text roughly, as a terminal does: the viewer's font is not ours to know."""

    def width(self, text: str, size: float) -> float:
        """Return a width in points."""
        wide = sum(unicodedata.east_asian_width(character) in "WFA" for character in text)
        return size * (wide + 0.62 * (len(text) - wide))


def _figure(
    rows: Sequence[ChartRow], levels: list[str], title: str, pen: _Pen, wording: ChartWording
) -> Figure:
    height = _TOP + _LEGEND + _BOTTOM + _ROW * max(1, len(rows))
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes(
        (
            _LEFT / _WIDTH,
            _BOTTOM / height,
            (_WIDTH - _LEFT - _RIGHT) / _WIDTH,
            _ROW * max(1, len(rows)) / height,
        )
    )
    axes.set_xlim(0, 1)
    axes.set_ylim(max(1, len(rows)) - 0.5, -0.5)
    axes.axis("off")
    colours = _colours(len(levels))
    for place, row in enumerate(rows):
        _draw_row(axes, place, row, colours, pen, wording)
    title = pen.wrapped(title, width=_WIDTH - 0.4, lines=1, size=_TITLE_SIZE)
    figure.text(
        0.5,
        1 - _TOP / 2 / height,
        title,
        ha="center",
        va="center",
        fontproperties=pen.font(_TITLE_SIZE),
        parse_math=False,
    )
    _draw_legend(figure, levels, colours, pen, wording.rest if any(map(_rest, rows)) else None)
    return figure
