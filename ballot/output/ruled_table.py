"""Tables of a report: ruled, with wrapped cells, and headings that come again on each page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import floor
from typing import Final

from ballot.output.flow import Align, Flow, Style, put
from ballot.output.pages import Ink
from ballot.output.pdf import POINTS_PER_MM

_SHADE: Final = 0.93
_THIN: Final = 0.5
_LEAST_LINES: Final = 3
"""A row is parted only where at least so many of its lines stand on the first page."""
_HEADING_LINES: Final = 3
_LEAST_SIZE: Final = 7.0

Lines = list[list[str]]
"""The lines of each cell of a row."""


@dataclass(frozen=True)
class Column:
    """A column: its heading, its share of what is left of the width, and how its cells are set.

    With a share of 0 it is as wide as its widest cell, and its heading is broken into lines.
    Neighbours with the same `over` stand under one heading with these words.
    """

    heading: str
    share: float = 0
    align: Align = Align.CENTRE
    over: str = ""


@dataclass(frozen=True)
class _Headings:
    """The headings' lines, runs of columns with the lines over them, and the heights of both."""

    lines: Lines
    over: Sequence[tuple[int, list[str]]]
    height: float
    upper: float


@dataclass(frozen=True)
class RuledTable:
    """Columns in one size of type; `leading` is lines apart by size.

    `sides`, `padding`: the paper beside, and above and below, a cell's text, in millimetres.
    `shared`: how much of the width is kept, if type can be made smaller, for columns that share
    what fixed ones leave.
    """

    columns: Sequence[Column]
    size: float = 10.5
    leading: float = 1.3
    sides: float = 1.6
    padding: float = 1.4
    shared: float = 0.3

    def fitted(self, flow: Flow, rows: Sequence[Sequence[str]]) -> "RuledTable":
        """Return the table in type small enough that fixed columns leave room for the others."""
        table = self
        while table.size > _LEAST_SIZE and table.crowded(flow, rows):
            table = replace(table, size=table.size - 0.5)
        return table

    def crowded(self, flow: Flow, rows: Sequence[Sequence[str]]) -> bool:
        """Tell whether the fixed columns take more of the width than they should."""
        return sum(self._fixed(flow, rows)) > (1 - self.shared) * flow.width

    def draw(self, flow: Flow, rows: Sequence[Sequence[str]], *, follows: float = 0) -> None:
        """Set the rows under their headings, over as many pages as it takes.

        The last row stays with what `follows`: so many millimetres of it.
        """
        widths = self._widths(flow, rows)
        heading = self._headings(flow, widths)
        laid = [self._lines(flow, row, widths) for row in rows]
        flow.need(heading.height + sum(self._height(row) for row in laid[:1]))
        self._heading(flow, heading, widths)
        for number, row in enumerate(laid, start=1):
            if number == len(laid) and self._height(row) + follows > flow.room:
                self._break(flow, heading, widths)
            self._row(flow, row, heading, widths)

    def height(self, flow: Flow, rows: Sequence[Sequence[str]]) -> float:
        """Return how high the table would be on one page, in millimetres."""
        widths = self._widths(flow, rows)
        heights = (self._height(self._lines(flow, row, widths)) for row in rows)
        return self._headings(flow, widths).height + sum(heights)

    def _widths(self, flow: Flow, rows: Sequence[Sequence[str]]) -> list[float]:
        """Return the columns' widths: what fixed ones need, the rest shared out."""
        fixed = self._fixed(flow, rows)
        shares = sum(column.share for column in self.columns) or 1
        left = max(flow.width - sum(fixed), self.shared * flow.width)
        widths = [
            width or left * column.share / shares
            for width, column in zip(fixed, self.columns, strict=True)
        ]
        return [width * flow.width / sum(widths) for width in widths]

    def _fixed(self, flow: Flow, rows: Sequence[Sequence[str]]) -> list[float]:
        return [
            0.0 if column.share else self._need(flow, column, [row[place] for row in rows])
            for place, column in enumerate(self.columns)
        ]

    def _need(self, flow: Flow, column: Column, cells: Sequence[str]) -> float:
        """Return what a column's cells need on one line each, and its heading on a few."""
        pages = flow.pages
        lines = [pages.printable(line) for cell in cells for line in cell.split("\n")]
        widest = max((pages.width(line, self.size) for line in lines), default=0.0)
        heading = pages.printable(column.heading)
        em = self.size / POINTS_PER_MM
        longest = max(pages.width(word, self.size) for word in _words(heading))
        part = pages.width(heading, self.size) / _HEADING_LINES + em / 2
        return max(widest, longest, part, 2 * em) + 2 * self.sides + 0.3

    def _lines(self, flow: Flow, row: Sequence[str], widths: Sequence[float]) -> Lines:
        style = self._style(Align.LEFT)
        return [
            [
                line
                for paragraph in cell.split("\n")
                for line in flow.lines(paragraph, style, width - 2 * self.sides)
            ]
            for cell, width in zip(row, widths, strict=True)
        ]

    def _headings(self, flow: Flow, widths: Sequence[float]) -> "_Headings":
        """Return the headings' lines, and those over them, with their heights."""
        lines = self._lines(flow, [column.heading for column in self.columns], widths)
        over: list[tuple[int, list[str]]] = []
        for words, run in groupby(
            zip(self.columns, widths, strict=True), lambda each: each[0].over
        ):
            members = list(run)
            across = sum(width for _, width in members) - 2 * self.sides
            told = flow.lines(words, self._style(Align.CENTRE), across) if words else []
            over.append((len(members), told))
        below = [own for own, each in zip(lines, self.columns, strict=True) if each.over]
        upper = self._height([told for _, told in over if told]) if below else 0.0
        whole = max(self._height(lines), upper + (self._height(below) if below else 0.0))
        return _Headings(lines, over, whole, whole - self._height(below) if below else 0.0)

    def _heading(self, flow: Flow, heading: "_Headings", widths: Sequence[float]) -> None:
        pages, x, top = flow.pages, flow.left, flow.y
        pages.fill(flow.left, top, flow.width, heading.height, grey=_SHADE)
        pages.line(flow.left, top, flow.left + flow.width, top, width=_THIN)
        place = 0
        for number, words in heading.over:
            across = sum(widths[place : place + number])
            if words:
                self._cell(flow, words, (x, top, across, heading.upper), Align.CENTRE, bold=True)
                line = top + heading.upper
                pages.line(x, line, x + across, line, width=_THIN)
            start = top + heading.upper if words else top
            for lines, width in zip(
                heading.lines[place : place + number], widths[place : place + number], strict=True
            ):
                box = (x, start, width, top + heading.height - start)
                self._cell(flow, lines, box, Align.CENTRE, bold=True)
                x += width
            place += number
        flow.y += heading.height
        pages.line(flow.left, flow.y, flow.left + flow.width, flow.y, width=_THIN)

    def _row(self, flow: Flow, row: Lines, heading: "_Headings", widths: Sequence[float]) -> None:
        rest = row
        while self._height(rest) > flow.room + 0.01:
            fitting = floor((flow.room - 2 * self.padding) / self._style(Align.LEFT).step)
            if fitting >= _LEAST_LINES and self._height(rest) > flow.depth / 3:
                self._cells(flow, [lines[:fitting] for lines in rest], widths)
                rest = [lines[fitting:] for lines in rest]
            self._break(flow, heading, widths)
        self._cells(flow, rest, widths)

    def _break(self, flow: Flow, heading: "_Headings", widths: Sequence[float]) -> None:
        flow.begin_page()
        self._heading(flow, heading, widths)

    def _cells(self, flow: Flow, row: Lines, widths: Sequence[float]) -> None:
        """Draw a row's lines and the rules beside and under it."""
        height, x, pages = self._height(row), flow.left, flow.pages
        for column, lines, width in zip(self.columns, row, widths, strict=True):
            self._cell(flow, lines, (x, flow.y, width, height), column.align)
            x += width
        flow.y += height
        pages.line(flow.left, flow.y, flow.left + flow.width, flow.y, width=_THIN)

    def _cell(
        self,
        flow: Flow,
        lines: Sequence[str],
        box: tuple[float, float, float, float],
        align: Align,
        *,
        bold: bool = False,
    ) -> None:
        """Draw lines in the middle of a box (left, top, width, height) with rules at its sides."""
        x, top, width, height = box
        style = self._style(align, bold=bold)
        first = top + (height - len(lines) * style.step) / 2
        for number, line in enumerate(lines):
            baseline = first + number * style.step + _baseline(style)
            place = (x + self.sides, baseline, width - 2 * self.sides)
            put(flow.pages, line, style, place)
        for side in (x, x + width):
            flow.pages.line(side, top, side, top + height, width=_THIN)

    def _height(self, row: Lines) -> float:
        return max(len(lines) for lines in row) * self._style(Align.LEFT).step + 2 * self.padding

    def _style(self, align: Align, *, bold: bool = False) -> Style:
        return Style(Ink(self.size, bold=bold), align, leading=self.leading)


def _baseline(style: Style) -> float:
    """Return how far a line's baseline lies below its top."""
    return (style.step + 0.76 * style.ink.size / POINTS_PER_MM) / 2


def _words(heading: str) -> list[str]:
    """Return the parts of a heading that no line should break: Latin words."""
    return re.findall(r"[!-~]+", heading) or [""]
