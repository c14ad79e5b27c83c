"""Charts on a count report's pages: a bar of levels and a bar of approval for each subject.

Drawn as vectors with the document's own font. Lengths are millimetres. Floats only draw.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ballot.domain.bars import Approval, Stripe
from ballot.language import Text
from ballot.output.flow import Align, Flow, Style, put
from ballot.output.level_colours import REST, colours, ink
from ballot.output.pages import Ink
from ballot.output.pdf import POINTS_PER_MM
from ballot.output.typesetting import Box, fitted
from ballot.scoring.figures import half_up, percent

_ROW: Final = 7.8
_BAR: Final = 5.0
_HEAD: Final = 11.0
_GAP: Final = 5.0
_NAMES: Final = 0.19
_LEVELS: Final = 0.44
"""Of the width, for names and for bars of levels; bars of approval have what is left."""
_VALUE: Final = 14.0
"""Beside a bar of approval, for its percentage."""
_SIZES: Final = (9.0, 8.0, 7.0)
_SMALL: Final = 7.5
_APPROVAL: Final = "#2f6b57"
_WHITE: Final = "#ffffff"


@dataclass(frozen=True)
class ChartLine:
    """One subject's bars; no approval on marks and without a result."""

    name: str
    stripe: Stripe
    approval: Approval | None


class ReportCharts:
    """The charts of one section, over as many pages as they take; the legend comes again."""

    def __init__(self, flow: Flow, lines: Sequence[ChartLine], language: str) -> None:
        self._flow = flow
        self._lines = lines
        self._language = language
        self._labels = [label for label, _ in lines[0].stripe.counts]
        self._colours = colours(len(self._labels))
        approving = any(line.approval for line in lines)
        self._names = _NAMES * flow.width
        whole = flow.width - self._names - _GAP
        self._levels = _LEVELS * flow.width if approving else whole
        self._approval = (whole - self._levels - _GAP - _VALUE) if approving else 0.0

    @property
    def height(self) -> float:
        """Return how high all would be on one page."""
        return _HEAD + len(self._lines) * _ROW

    def draw(self, *, follows: float = 0) -> None:
        """Draw head and bars. The last bars stay with what `follows`: so many millimetres."""
        self._flow.need(_HEAD + _ROW)
        self._head()
        for number, line in enumerate(self._lines, start=1):
            kept = _ROW + (follows if number == len(self._lines) else 0)
            if self._flow.room < kept:
                self._flow.begin_page()
                self._head()
            self._line(line)

    @property
    def _bars(self) -> float:
        return self._flow.left + self._names + _GAP / 2

    @property
    def _approvals(self) -> float:
        return self._bars + self._levels + _GAP

    def _head(self) -> None:
        """Draw the legend of levels, and the percentages of the bands' edges."""
        flow, x = self._flow, self._bars
        names: list[tuple[str | Text, str]] = list(zip(self._labels, self._colours, strict=True))
        if any(line.stripe.left for line in self._lines):
            names.append((self._lines[0].stripe.rest, REST))
        for name, colour in names:
            label = flow.pages.printable(self._said(name))
            flow.pages.paint(x, flow.y + 3.6, 3, 3, colour)
            self._text(x + 4, flow.y + 6.2, label, _SIZES[0])
            x += 4 + flow.pages.width(label, _SIZES[0]) + 5
        approvals = [line.approval for line in self._lines if line.approval]
        if approvals:
            title = flow.pages.printable(self._said(approvals[0].name))
            style = Style(Ink(_SIZES[0]), Align.CENTRE)
            put(flow.pages, title, style, (self._approvals, flow.y + 3.4, self._approval))
            style = Style(Ink(_SMALL), Align.CENTRE)
            for edge in approvals[0].edges:
                x = self._approvals + self._approval * float(edge)
                told = f"{half_up(edge * 100, 2).normalize():f}"
                put(flow.pages, told, style, (x - 6, flow.y + _HEAD - 3.2, 12))
        flow.y += _HEAD - 2

    def _line(self, line: ChartLine) -> None:
        flow = self._flow
        top = flow.y + (_ROW - _BAR) / 2
        self._name(line.name)
        if line.stripe.base:
            self._stripe(line.stripe, top)
        else:
            empty = flow.pages.printable(self._said(Text("基数为零，没有结果")))
            self._text(self._bars, top + _BAR - 1.6, empty, _SIZES[0])
        if line.approval:
            self._share(line.approval, top)
        flow.y += _ROW

    def _name(self, name: str) -> None:
        """Write a name beside its bars, in two lines and smaller where it is long."""
        flow = self._flow
        name = flow.pages.printable(name)
        box = Box(self._names * POINTS_PER_MM, (_ROW - 0.4) * POINTS_PER_MM)
        block = fitted([name], flow.pages.font, box, _SIZES)
        step = block.size * box.leading / POINTS_PER_MM
        middle = flow.y + _ROW / 2 + 0.36 * block.size / POINTS_PER_MM
        for number, line in enumerate(block.lines):
            baseline = middle + (number - (len(block.lines) - 1) / 2) * step
            place = (flow.left, baseline, self._names)
            put(flow.pages, line, Style(Ink(block.size), Align.RIGHT), place)

    def _stripe(self, stripe: Stripe, top: float) -> None:
        x, own = self._bars, iter(self._colours)
        every = [*zip(stripe.counts, own, strict=True), ((stripe.rest, stripe.left), REST)]
        for (_, votes), colour in every:
            if not votes:
                continue
            width = self._levels * votes / stripe.base
            self._flow.pages.paint(x, top, width, _BAR, colour)
            self._label(votes, stripe.base, (x, top, width), colour)
            x += width

    def _label(self, votes: int, base: int, place: tuple[float, float, float], colour: str) -> None:
        """Write count and percentage on a part that has room, or the count alone."""
        x, top, width = place
        grey = 1.0 if ink(colour) == _WHITE else 0.0
        for told in (f"{votes} ({percent(votes, base)}%)", str(votes)):
            if self._flow.pages.width(told, _SMALL) + 1 <= width:
                style = Style(Ink(_SMALL, grey), Align.CENTRE)
                put(self._flow.pages, told, style, (x, top + _BAR / 2 + 0.95, width))
                return

    def _share(self, approval: Approval, top: float) -> None:
        pages, x = self._flow.pages, self._approvals
        pages.fill(x, top, self._approval, _BAR, grey=0.92)
        if approval.share:
            pages.paint(x, top, self._approval * float(approval.share), _BAR, _APPROVAL)
        for edge in approval.edges:
            at = x + self._approval * float(edge)
            light = 1.0 if edge < approval.share else 0.35
            pages.line(at, top, at, top + _BAR, dashed=True, grey=light, width=0.7)
            for start, end in ((top - 1.7, top), (top + _BAR, top + _BAR + 1.7)):
                pages.line(at, start, at, end, dashed=True, grey=0.35, width=0.7)
        told = f"{half_up(approval.share * 100, 2):f}%"
        self._text(x + self._approval + 1.5, top + _BAR / 2 + 1.1, told, _SIZES[0])

    def _text(self, x: float, baseline: float, text: str, size: float) -> None:
        self._flow.pages.text(x, baseline, text, Ink(size))

    def _said(self, text: Text | str) -> str:
        return text.in_(self._language) if isinstance(text, Text) else text
