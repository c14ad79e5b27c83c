"""How a slip looks: what all slips of a batch share; and the cover of a stack of them.

Where things stand is the layout's matter (`sheet.py`), in millimetres from the slip's upper left
corner; what is handed out is page description in points (ISO 32000-1, 8 and 9).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ballot.output import palette
from ballot.output.code_drawing import ABOVE_BASELINE, MONOSPACE
from ballot.output.fonts import Face
from ballot.output.pdf import POINTS_PER_MM
from ballot.output.sheet import Layout
from ballot.output.slip_wording import SlipWording
from ballot.output.typesetting import Block, Box, balanced, fitted

_MARK_ANGLE: Final = math.radians(14)
_MARK_GREY: Final = 0.8
"""Light enough to read black type on it, dark enough to be seen across a table."""

_BOLD: Final = 0.03
"""The outline, as a share of the size, that makes the regular face bold."""

_CHINESE: Final = "N"


@dataclass(frozen=True)
class Drawing:
    """Draws slips. Texts are printable, and the faces hold their characters.

    `chinese_title`: the document's.
    """

    chinese_title: str
    address: str
    wording: SlipWording
    chinese: Face
    monospace: Face
    layout: Layout

    @property
    def faces(self) -> dict[str, Face]:
        """The fonts under the names that the drawings use."""
        return {_CHINESE: self.chinese, MONOSPACE: self.monospace}

    def shared(
        self, title: str, group: str, colour: int, *, spare: bool, rehearsal: bool = False
    ) -> str:
        """Return what every slip of a batch shows."""
        layout, point = self.layout, self.layout.sheet.point
        right = layout.sides[1]
        rule = f"{point(layout.text_left, layout.rule)} m {point(right, layout.rule)} l S"
        return "\n".join(
            (
                *(self._mark() if rehearsal else ()),
                *self._band(group, palette.colour(colour), spare=spare),
                "0 g 0 G",
                *self._title_lines(title, (layout.text_left, right), layout.title),
                *self._step_lines(),
                f"0.5 w 0.6 G {rule}",
                *(self._label(self.wording.address, layout.address[1]) if layout.labels else ()),
                *self._address_lines(),
                *self._label(self.wording.code, layout.code_lines[0]),
                *(self._scan_line() if layout.labels else ()),
            )
        )

    def cover(self, title: str, group: str, words: str, colour: int) -> str:
        """Return the cover of a stack: the group's band, the poll, how many, and that it is one."""
        layout = self.layout
        left, right = layout.sides
        top, low = layout.band[1], layout.code_lines[-1]
        step = (low - top) / 5
        sizes = layout.group_sizes
        return "\n".join(
            (
                *self._band(group, palette.colour(colour), spare=False),
                "0 g 0 G",
                *self._title_lines(title, (left, right), (top + 1, top + 2.6 * step)),
                *self._line(words, (left, right), top + 3.4 * step, sizes, bold=True),
                *self._line(self.wording.cover, (left, right), low, layout.label_sizes),
            )
        )

    def _line(
        self,
        text: str,
        sides: tuple[float, float],
        middle: float,
        sizes: tuple[float, ...],
        *,
        bold: bool = False,
    ) -> Iterator[str]:
        block = fitted([text], self.chinese, _box(sides[1] - sides[0], sizes[0]), sizes)
        yield from self._middle(block, sides[0], middle, bold=bold)

    def _band(self, group: str, colour: palette.Colour, *, spare: bool) -> Iterator[str]:
        layout = self.layout
        (left, right), (top, bottom), padding = layout.sides, layout.band, layout.band_padding
        red, green, blue = colour.band
        yield f"{red:g} {green:g} {blue:g} rg"
        yield layout.sheet.rectangle(left, top, right, bottom)
        left, right = left + padding, right - padding
        if spare:
            yield from self._spare_mark()
            right -= layout.spare[0] + padding
        sizes = layout.group_sizes
        block = fitted([group], self.chinese, _box(right - left, sizes[0]), sizes)
        yield f"{colour.text:g} g {colour.text:g} G"
        yield from self._middle(block, left, (top + bottom) / 2, bold=True)

    def _spare_mark(self) -> Iterator[str]:
        """Draw the word for spare on a white field at the band's right."""
        layout = self.layout
        (top, bottom), (width, height) = layout.band, layout.spare
        middle = (top + bottom) / 2
        right = layout.sides[1] - (bottom - top - height) / 2
        left = right - width
        yield "1 g"
        yield layout.sheet.rectangle(left, middle - height / 2, right, middle + height / 2)
        yield "0 g 0 G"
        sizes = layout.spare_sizes
        block = fitted([self.wording.spare], self.chinese, _box(width - 1, sizes[0]), sizes)
        yield from self._middle(block, self._centred(block, left, right), middle, bold=True)

    def _mark(self) -> Iterator[str]:
        """Draw the word for rehearsal across the slip, under everything else and beside the QR."""
        layout = self.layout
        size = layout.mark_size
        width = self.chinese.width(self.wording.rehearsal, size)
        across = (layout.text_left + layout.sides[1]) / 2
        middle = layout.sheet.point(across, (layout.title[0] + layout.code_lines[-1]) / 2)
        x, y = (float(place) for place in middle.split())
        cosine, sine = math.cos(_MARK_ANGLE), math.sin(_MARK_ANGLE)
        turned = f"{cosine:.4f} {sine:.4f} {-sine:.4f} {cosine:.4f} {x:.2f} {y:.2f} cm"
        word = self.chinese.encoded(self.wording.rehearsal)
        yield f"q {turned} {_MARK_GREY:g} g BT /{_CHINESE} {size:g} Tf"
        yield f"{-width / 2:.2f} {-size * 0.36:.2f} Td <{word}> Tj ET Q"

    def _title_lines(
        self, title: str, sides: tuple[float, float], edges: tuple[float, float]
    ) -> Iterator[str]:
        (left, right), (top, bottom), leading = sides, edges, self.layout.leading[0]
        box = _box(right - left, (bottom - top) * POINTS_PER_MM, leading)
        block = fitted([title], self.chinese, box, self.layout.title_sizes)
        block = balanced(title, self.chinese, box, block)
        yield from self._middle(block, left, (top + bottom) / 2, leading=leading, bold=True)

    def _step_lines(self) -> Iterator[str]:
        layout, leading = self.layout, self.layout.leading[1]
        top, bottom = layout.steps
        width = layout.sides[1] - layout.text_left
        steps = self.wording.brief if layout.brief else self.wording.steps
        box = _box(width, (bottom - top) * POINTS_PER_MM, leading)
        block = fitted(steps, self.chinese, box, layout.step_sizes)
        yield from self._middle(block, layout.text_left, (top + bottom) / 2, leading=leading)

    def _address_lines(self) -> Iterator[str]:
        left, middle, height = self.layout.address
        box = _box(self.layout.sides[1] - left, height * POINTS_PER_MM)
        block = fitted([self.address], self.monospace, box, self.layout.address_sizes)
        yield from self._middle(block, left, middle, font=MONOSPACE)

    def _label(self, label: str, middle: float) -> Iterator[str]:
        layout = self.layout
        sides = (layout.text_left, layout.code_left - 1)
        yield from self._line(label, sides, middle, layout.label_sizes)

    def _scan_line(self) -> Iterator[str]:
        left, top, side = self.layout.qr
        sizes = self.layout.label_sizes
        block = fitted([self.wording.scan], self.chinese, _box(side - 8, sizes[0]), sizes)
        yield from self._middle(block, self._centred(block, left, left + side), top + side + 1)

    def _centred(self, block: Block, left: float, right: float) -> float:
        """Return where a block's first line begins, to stand midway between two edges."""
        width = self.chinese.width(block.lines[0], block.size) / POINTS_PER_MM
        return (left + right - width) / 2

    def _middle(
        self,
        block: Block,
        left: float,
        middle: float,
        *,
        leading: float = Box.leading,
        font: str = _CHINESE,
        bold: bool = False,
    ) -> Iterator[str]:
        """Draw a block about its middle."""
        rise = ABOVE_BASELINE - (len(block.lines) - 1) * leading / 2
        baseline = middle + rise * block.size / POINTS_PER_MM
        mode = f"2 Tr 1 j {block.size * _BOLD:.2f} w " if bold else ""
        yield f"q BT {mode}/{font} {block.size:g} Tf {block.size * leading:.2f} TL"
        yield f"{self.layout.sheet.point(left, baseline)} Td"
        for line in block.lines:
            yield f"<{self.faces[font].encoded(line)}> Tj T*"
        yield "ET Q"


def _box(width: float, height: float, leading: float = Box.leading) -> Box:
    """Return a box of a width in mm and a height in points."""
    return Box(width * POINTS_PER_MM, height, leading)
