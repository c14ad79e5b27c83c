"""Pages of a report: texts, lines and fills at places in millimetres from a page's upper left.

Everything is kept until `finish`, which cuts the font down to the characters in use and writes
the document. The same drawing gives the same bytes. Page description: ISO 32000-1, 8 and 9.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import cos, radians, sin
from typing import Final

from ballot.output.fonts import Face, FontFile
from ballot.output.level_colours import parts
from ballot.output.pdf import A4, POINTS_PER_MM, PdfWriter

Paper = tuple[float, float]
"""Width and height in millimetres."""

PORTRAIT: Final[Paper] = (210.0, 297.0)
LANDSCAPE: Final[Paper] = (297.0, 210.0)
BLACK: Final = 0.0
GREY: Final = 0.45
_FONT: Final = "N"
_BOLD: Final = 0.03
"""The outline, as a share of the size, that makes the regular face bold."""

_MARK_GREY: Final = 0.88
_MARK_SIZE: Final = 120.0
_MARK_ANGLES: Final = {PORTRAIT: 55.0, LANDSCAPE: 35.0}

Operation = Callable[[Face], str]


@dataclass(frozen=True)
class Ink:
    """How a text is drawn: its size in points, its grey (0 is black), and whether it is bold."""

    size: float
    grey: float = BLACK
    bold: bool = False


class Pages:
    """A document being drawn on paper of one size, one page after the other.

    `mark` is written large and light across every page, under everything else. Texts that are
    drawn must be `printable`.
    """

    def __init__(self, font: FontFile, mark: str = "", paper: Paper = PORTRAIT) -> None:
        self.font = font
        self.paper = paper
        self._mark = font.printable(mark)
        self._pages: list[list[Operation]] = []
        self._characters: set[str] = set(self._mark)

    @property
    def count(self) -> int:
        """Return how many pages there are."""
        return len(self._pages)

    def printable(self, text: str) -> str:
        """Return a text on one line, with only characters that the font has."""
        return self.font.printable(text)

    def add(self) -> None:
        """Begin a new page."""
        self._pages.append([])

    def text(self, x: float, baseline: float, text: str, ink: Ink, *, spacing: float = 0) -> None:
        """Draw a line of text from `x` on its baseline; `spacing` widens it, in points each."""
        self._characters.update(text)
        outline = f"2 Tr {ink.size * _BOLD:.3f} w {ink.grey:g} G " if ink.bold else ""
        head = f"BT /{_FONT} {ink.size:g} Tf {spacing:.3f} Tc {ink.grey:g} g {outline}"
        place = f"{x * POINTS_PER_MM:.2f} {self._up(baseline):.2f} Td"
        self._draw(lambda face: f"q {head}{place} <{face.encoded(text)}> Tj ET Q")

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        *,
        width: float = 0.5,
        grey: float = BLACK,
        dashed: bool = False,
    ) -> None:
        """Draw a line; its width is in points."""
        start = f"{x1 * POINTS_PER_MM:.2f} {self._up(y1):.2f} m"
        end = f"{x2 * POINTS_PER_MM:.2f} {self._up(y2):.2f} l"
        dashes = "[2 2] 0 d " if dashed else ""
        self._draw(lambda _: f"q {dashes}{width:g} w {grey:g} G {start} {end} S Q")

    def fill(self, x: float, y: float, width: float, height: float, *, grey: float) -> None:
        """Fill a rectangle, of which `x` and `y` are the upper left corner."""
        self._rectangle((x, y, width, height), f"{grey:g} g", "f")

    def paint(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle with a colour, `#rrggbb`, and draw a thin line around it."""
        red, green, blue = (part / 255 for part in parts(colour))
        look = f"{red:.3f} {green:.3f} {blue:.3f} rg 0.25 G 0.4 w"
        self._rectangle((x, y, width, height), look, "B")

    def _rectangle(self, box: tuple[float, float, float, float], look: str, paint: str) -> None:
        x, y, width, height = box
        corner = f"{x * POINTS_PER_MM:.2f} {self._up(y + height):.2f}"
        size = f"{width * POINTS_PER_MM:.2f} {height * POINTS_PER_MM:.2f}"
        self._draw(lambda _: f"q {look} {corner} {size} re {paint} Q")

    def width(self, text: str, size: float) -> float:
        """Return how far a text reaches, in millimetres, at a size in points."""
        return self.font.width(text, size) / POINTS_PER_MM

    @contextmanager
    def again(self, page: int) -> Iterator[None]:
        """Draw on an earlier page, counted from 0: its number, once all are known."""
        every, self._pages = self._pages, [self._pages[page]]
        try:
            yield
        finally:
            self._pages = every

    def finish(self, *, title: str, language: str) -> bytes:
        """Return the document. `language` is its tag: `zh-CN`."""
        title = self.printable(title)
        face = self.font.face(["".join(self._characters) or " "])
        file = io.BytesIO()
        writer = PdfWriter(file, self._points)
        writer.fonts({_FONT: face})
        mark = [self._marking] if self._mark else []
        for operations in self._pages:
            writer.page("\n".join(draw(face) for draw in (*mark, *operations)))
        writer.finish(title=title, language=language)
        return file.getvalue()

    def _draw(self, operation: Operation) -> None:
        self._pages[-1].append(operation)

    @property
    def _points(self) -> tuple[float, float]:
        """Return the paper's size in points."""
        return A4 if self.paper == PORTRAIT else (A4[1], A4[0])

    def _up(self, y: float) -> float:
        """Return a height in points from the page's lower edge."""
        return self._points[1] - y * POINTS_PER_MM

    def _marking(self, face: Face) -> str:
        """Draw the mark along the page's diagonal, centred."""
        width, height = self._points
        angle = radians(_MARK_ANGLES[self.paper])
        size = min(_MARK_SIZE, 0.8 * width / face.width(self._mark, 1) / cos(angle))
        c, s = cos(angle), sin(angle)
        back, down = face.width(self._mark, size) / 2, size * 0.35
        x, y = width / 2 - c * back + s * down, height / 2 - s * back - c * down
        matrix = f"{c:.4f} {s:.4f} {-s:.4f} {c:.4f} {x:.2f} {y:.2f} Tm"
        text = face.encoded(self._mark)
        return f"q BT /{_FONT} {size:.2f} Tf {_MARK_GREY} g {matrix} <{text}> Tj ET Q"
