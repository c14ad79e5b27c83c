"""Tables of a report: ruled, with wrapped cells, and headings that come again on each page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Final

from ballot.output.flow import Align, Flow, Style, put
from ballot.output.pages import Ink
from ballot.output.pdf import POINTS_PER_MM

_PADDING: Final = 1.4
_SIDES: Final = 1.6
_SHADE: Final = 0.93
_THIN: Final = 0.5
_LEAST_LINES: Final = 3
"""A row is parted only where at least so many of its lines stand on the first page."""
_LEAST_SHARED: Final = 0.3
"""Of the table's width, for the columns that share what fixed ones leave."""

_HEADING_LINES: Final = 3
_LEAST_SIZE: Final = 7.0

Lines = list[list[str]]
"""The lines of each cell of a row."""


@dataclass(frozen=True)
class Column:
    """A column: its heading, its share of what is left of the width, and how its cells are set.

    With a share of 0 it is as wide as its widest cell, and its heading is broken into lines.
    """

    heading: str
    share: float = 0
    align: Align = Align.CENTRE


@dataclass(frozen=True)
class RuledTable:
    """Columns in one size of type; `leading` is lines apart by size."""

    columns: Sequence[Column]
    size: float = 10.5
    leading: float = 1.3

    def fitted(self, flow: Flow, rows: Sequence[Sequence[str]]) -> "RuledTable":
        """Return the table in type small enough that fixed columns leave room for the others."""
        table = self
        while table.size > _LEAST_SIZE and table.crowded(flow, rows):
            table = replace(table, size=table.size - 0.5)
        return table

    def crowded(self, flow: Flow, rows: Sequence[Sequence[str]]) -> bool:
        """Tell whether the fixed columns take more of the width than they should."""
        return sum(self._fixed(flow, rows)) > (1 - _LEAST_SHARED) * flow.width

    def draw(self, flow: Flow, rows: Sequence[Sequence[str]], *, follows: float = 0) -> None:
        """Set the rows under their headings, over as many pages as it takes.

        The last row stays with what `follows`: so many millimetres of it.
        """
        widths = self._widths(flow, rows)
        heading = self._lines(flow, [column.heading for column in self.columns], widths)
        laid = [self._lines(flow, row, widths) for row in rows]
        flow.need(self._height(heading) + sum(self._height(row) for row in laid[:1]))
        self._heading(flow, heading, widths)
        for number, row in enumerate(laid, start=1):
            if number == len(laid) and self._height(row) + follows > flow.room:
                self._break(flow, heading, widths)
            self._row(flow, row, heading, widths)

    def height(self, flow: Flow, rows: Sequence[Sequence[str]]) -> float:
        """Return how high the table would be on one page, in millimetres."""
        widths = self._widths(flow, rows)
        headings = [column.heading for column in self.columns]
        return sum(self._height(self._lines(flow, row, widths)) for row in (headings, *rows))

    def _widths(self, flow: Flow, rows: Sequence[Sequence[str]]) -> list[float]:
        """Return the columns' widths: what fixed ones need, the rest shared out."""
        fixed = self._fixed(flow, rows)
        shares = sum(column.share for column in self.columns) or 1
        left = max(flow.width - sum(fixed), _LEAST_SHARED * flow.width)
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
        return max(widest, longest, part, 2 * em) + 2 * _SIDES + 0.3

    def _lines(self, flow: Flow, row: Sequence[str], widths: Sequence[float]) -> Lines:
        style = self._style(Align.LEFT)
        return [
            [
                line
                for paragraph in cell.split("\n")
                for line in flow.lines(paragraph, style, width - 2 * _SIDES)
            ]
            for cell, width in zip(row, widths, strict=True)
        ]

    def _heading(self, flow: Flow, heading: Lines, widths: Sequence[float]) -> None:
        height = self._height(heading)
        flow.pages.fill(flow.left, flow.y, flow.width, height, grey=_SHADE)
        flow.pages.line(flow.left, flow.y, flow.left + flow.width, flow.y, width=_THIN)
        self._cells(flow, heading, widths, bold=True)

    def _row(self, flow: Flow, row: Lines, heading: Lines, widths: Sequence[float]) -> None:
        rest = row
        while self._height(rest) > flow.room + 0.01:
            fitting = floor((flow.room - 2 * _PADDING) / self._style(Align.LEFT).step)
            if fitting >= _LEAST_LINES and self._height(rest) > flow.depth / 3:
                self._cells(flow, [lines[:fitting] for lines in rest], widths)
                rest = [lines[fitting:] for lines in rest]
            self._break(flow, heading, widths)
        self._cells(flow, rest, widths)

    def _break(self, flow: Flow, heading: Lines, widths: Sequence[float]) -> None:
        flow.begin_page()
        self._heading(flow, heading, widths)

    def _cells(
        self, flow: Flow, row: Lines, widths: Sequence[float], *, bold: bool = False
    ) -> None:
        """Draw a row's lines and the rules beside and under it."""
        height, x, pages = self._height(row), flow.left, flow.pages
        pages.line(x, flow.y, x, flow.y + height, width=_THIN)
        for column, lines, width in zip(self.columns, row, widths, strict=True):
            style = self._style(Align.CENTRE if bold else column.align, bold=bold)
            top = flow.y + (height - len(lines) * style.step) / 2
            for number, line in enumerate(lines):
                baseline = top + number * style.step + _baseline(style)
                put(pages, line, style, (x + _SIDES, baseline, width - 2 * _SIDES))
            x += width
            pages.line(x, flow.y, x, flow.y + height, width=_THIN)
        flow.y += height
        pages.line(flow.left, flow.y, flow.left + flow.width, flow.y, width=_THIN)

    def _height(self, row: Lines) -> float:
        return max(len(lines) for lines in row) * self._style(Align.LEFT).step + 2 * _PADDING

    def _style(self, align: Align, *, bold: bool = False) -> Style:
        return Style(Ink(self.size, bold=bold), align, leading=self.leading)


def _baseline(style: Style) -> float:
    """Return how far a line's baseline lies below its top."""
    return (style.step + 0.76 * style.ink.size / POINTS_PER_MM) / 2


def _words(heading: str) -> list[str]:
    """Return the parts of a heading that no line should break: Latin words."""
    return re.findall(r"[!-~]+", heading) or [""]
