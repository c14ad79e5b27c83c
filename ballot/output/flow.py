"""Text that flows down the pages of a report: paragraphs, one after the other.

Lengths are millimetres, sizes of type points. Margins and type follow the habits of Chinese
official documents (GB/T 9704-2012), with Noto Sans in the place of the faces it asks for.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from ballot.output.pages import GREY, Ink, Pages
from ballot.output.pdf import POINTS_PER_MM
from ballot.output.typesetting import Block, Box, balanced, wrap

_ASCENT: Final = 0.88
"""From a line's top to its baseline, as a share of the size: Chinese fills the em square."""

_MOST_SPACING: Final = 0.12
"""How far a line may be widened between two characters, as a share of the size."""

_BETWEEN: Final = 8.0
"""Between columns beside each other."""
_EM: Final = "一"
_FOOT_SIZE: Final = 10.5
_FOOT: Final = 12.0
"""From the page's lower edge to the page number."""


class Align(Enum):
    """Where a line stands between the margins."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"
    BOTH = "both"


@dataclass(frozen=True)
class Margins:
    """The paper left free around the text, in millimetres."""

    top: float = 30.0
    right: float = 26.0
    bottom: float = 28.0
    left: float = 28.0


@dataclass(frozen=True)
class Style:
    """How a paragraph is set. `indent`: of its first line, in ems; `leading`: lines by size."""

    ink: Ink
    align: Align = Align.BOTH
    indent: int = 0
    leading: float = 1.6

    @property
    def step(self) -> float:
        """Return how far lines are apart, in millimetres."""
        return self.ink.size * self.leading / POINTS_PER_MM


class Flow:
    """A column of text on pages that are begun as they are needed; `y` is how far down it got."""

    def __init__(self, pages: Pages, margins: Margins = Margins()) -> None:
        self.pages = pages
        self.margins = margins
        self.y = 0.0
        self.begin_page()

    @property
    def left(self) -> float:
        """Return where lines begin."""
        return self.margins.left

    @property
    def width(self) -> float:
        """Return how long lines are."""
        return self.pages.paper[0] - self.margins.left - self.margins.right

    @contextmanager
    def beside(self, count: int) -> Iterator[Callable[[int], None]]:
        """Set so many columns beside each other: what is given begins one of them, from 0 on.

        All of them have to fit the page. Afterwards the flow goes on beneath the longest.
        """
        whole, top, ends = self.margins, self.y, [self.y]
        width = (self.width - (count - 1) * _BETWEEN) / count

        def begin(number: int) -> None:
            ends.append(self.y)
            left = whole.left + number * (width + _BETWEEN)
            right = self.pages.paper[0] - left - width
            self.margins, self.y = replace(whole, left=left, right=right), top

        yield begin
        self.margins, self.y = whole, max(*ends, self.y)

    @property
    def room(self) -> float:
        """Return how much of the page is left below."""
        return self.pages.paper[1] - self.margins.bottom - self.y

    @property
    def depth(self) -> float:
        """Return how much a whole page holds."""
        return self.pages.paper[1] - self.margins.top - self.margins.bottom

    def begin_page(self) -> None:
        """Go on at the top of a new page."""
        self.pages.add()
        self.y = self.margins.top

    def need(self, height: float) -> None:
        """Begin a new page unless the rest of this one is as high, or none could be."""
        if height > self.room + 0.01 and self.y > self.margins.top:
            self.begin_page()

    def gap(self, height: float) -> None:
        """Leave some paper free, but none at the top of a page."""
        if self.y > self.margins.top:
            self.y += height

    def lines(self, text: str, style: Style, width: float | None = None) -> list[str]:
        """Return the lines of a paragraph; the first lacks its indent."""
        text = self.pages.printable(text)
        points = (width or self.width) * POINTS_PER_MM
        indented = wrap(_EM * style.indent + text, self.pages.font, points, style.ink.size)
        return [indented[0][style.indent :], *indented[1:]]

    def title(self, parts: Sequence[str], style: Style) -> None:
        """Set a title on one centred line, or else each of its parts on lines of like length."""
        whole = self.pages.printable("".join(parts))
        points = self.width * POINTS_PER_MM
        fits = self.pages.width(whole, style.ink.size) <= self.width
        for part in [whole] if fits else map(self.pages.printable, parts):
            block = Block(tuple(self.lines(part, style)), style.ink.size)
            box = Box(points, points)
            for line in balanced(part, self.pages.font, box, block).lines:
                self.need(style.step)
                self._line(line, replace(style, align=Align.CENTRE), 0)

    def paragraph(self, text: str, style: Style) -> None:
        """Set a paragraph, over pages where it must be."""
        lines = self.lines(text, style)
        for number, line in enumerate(lines):
            self.need(style.step)
            indent = 0 if number else style.indent * style.ink.size / POINTS_PER_MM
            ended = style if number < len(lines) - 1 else replace(style, align=_ended(style.align))
            self._line(line, ended, indent)

    def heading(self, text: str, style: Style, *, follows: float) -> None:
        """Set a paragraph that stays with what follows: so many millimetres of it at least."""
        lines = self.lines(text, style)
        self.need(len(lines) * style.step + follows)
        self.paragraph(text, style)

    def _line(self, line: str, style: Style, indent: float) -> None:
        baseline = self.y + (style.step + (2 * _ASCENT - 1) * style.ink.size / POINTS_PER_MM) / 2
        put(self.pages, line, style, (self.left + indent, baseline, self.width - indent))
        self.y += style.step


def put(pages: Pages, line: str, style: Style, place: tuple[float, float, float]) -> None:
    """Draw one printable line at (left, baseline, width), aligned as the style says."""
    left, baseline, width = place
    spare = width - pages.width(line, style.ink.size)
    spacing = 0.0
    if style.align is Align.BOTH and len(line) > 1 and 2 * _latin(line) < len(line):
        spacing = min(spare * POINTS_PER_MM / (len(line) - 1), _MOST_SPACING * style.ink.size)
    shift = {Align.CENTRE: spare / 2, Align.RIGHT: spare}.get(style.align, 0.0)
    pages.text(left + shift, baseline, line, style.ink, spacing=max(spacing, 0.0))


def number_pages(pages: Pages, first: int = 0) -> None:
    """Put their numbers on all pages from one on, as official documents do: `— 1 —`."""
    style = Style(Ink(_FOOT_SIZE, GREY), Align.CENTRE)
    for page in range(first, pages.count):
        with pages.again(page):
            put(pages, pages.printable(f"— {page - first + 1} —"), style, foot(pages))


def foot(pages: Pages) -> tuple[float, float, float]:
    """Return where a page's foot line stands: left, baseline, width."""
    width, height = pages.paper
    return 0, height - _FOOT, width


def _latin(line: str) -> int:
    """Return how many characters are Latin: their words are not widened letter by letter."""
    return sum(character.isascii() for character in line)


def _ended(align: Align) -> Align:
    """Return how a paragraph's last line is set: it is not widened."""
    return Align.LEFT if align is Align.BOTH else align
