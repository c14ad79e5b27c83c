"""How a slip looks: what all slips of a batch share.

Lengths in the constants are millimetres from the slip's upper left corner; what is handed out is
page description in points (ISO 32000-1, 8 and 9). Nothing is printed within 5 mm of a slip's edge,
where many printers cannot print.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ballot.output import palette
from ballot.output.code_drawing import (
    ABOVE_BASELINE,
    CODE_LEFT,
    CODE_MIDDLE,
    MONOSPACE,
    QR_LEFT,
    QR_SIDE,
)
from ballot.output.fonts import Face
from ballot.output.pdf import POINTS_PER_MM
from ballot.output.sheet import point, rectangle
from ballot.output.slip_wording import SlipWording
from ballot.output.typesetting import Block, Box, balanced, fitted

_LEFT, _RIGHT = 5.5, 99.5
_BAND_TOP, _BAND_BOTTOM = 5.0, 13.2
_BAND_PADDING = 3.0
_SPARE_WIDTH, _SPARE_HEIGHT = 15.0, 5.8
_SCAN_MIDDLE = 52.4
_TEXT_LEFT = 40.8
_TITLE_TOP, _TITLE_BOTTOM = 15.0, 26.2
_STEPS_TOP, _STEPS_BOTTOM = 26.8, 40.2
_RULE = 41.0
_ADDRESS_MIDDLE, _ADDRESS_HEIGHT = 45.0, 6.6

_TITLE_SIZES: Final = (13.0, 12.0, 11.0, 10.0, 9.0, 8.0)
_GROUP_SIZES: Final = (14.0, 13.0, 12.0, 11.0, 10.0, 9.0)
_STEP_SIZES: Final = tuple(size / 10 for size in range(95, 60, -1))
_ADDRESS_SIZES: Final = tuple(size / 2 for size in range(22, 8, -1))
_LABEL_SIZES: Final = (7.5, 7.0, 6.5, 6.0, 5.5, 5.0)
_SPARE_SIZES: Final = (12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0)
_STEP_LEADING: Final = 1.45
_TITLE_LEADING: Final = 1.3

_MARK_SIZE: Final = 80.0
_MARK_ANGLE: Final = math.radians(14)
_MARK_GREY: Final = 0.8
"""Light enough to read black type on it, dark enough to be seen across a table."""

_BOLD: Final = 0.03
"""The outline, as a share of the size, that makes the regular face bold."""

_CHINESE: Final = "N"


@dataclass(frozen=True)
class Drawing:
    """Draws the slips of one poll. Texts are printable, and the faces hold their characters."""

    title: str
    address: str
    wording: SlipWording
    chinese: Face
    monospace: Face

    @property
    def faces(self) -> dict[str, Face]:
        """The fonts under the names that the drawings use."""
        return {_CHINESE: self.chinese, MONOSPACE: self.monospace}

    def shared(self, group: str, colour: int, *, spare: bool, rehearsal: bool = False) -> str:
        """Return what every slip of a batch shows."""
        return "\n".join(
            (
                *(self._mark() if rehearsal else ()),
                *self._band(group, palette.colour(colour), spare=spare),
                "0 g 0 G",
                *self._title_lines(),
                *self._step_lines(),
                f"0.5 w 0.6 G {point(_TEXT_LEFT, _RULE)} m {point(_RIGHT, _RULE)} l S",
                *self._label(self.wording.address, _ADDRESS_MIDDLE),
                *self._address_lines(),
                *self._label(self.wording.code, CODE_MIDDLE),
                *self._scan_line(),
            )
        )

    def _band(self, group: str, colour: palette.Colour, *, spare: bool) -> Iterator[str]:
        red, green, blue = colour.band
        yield f"{red:g} {green:g} {blue:g} rg"
        yield rectangle(_LEFT, _BAND_TOP, _RIGHT, _BAND_BOTTOM)
        left, right = _LEFT + _BAND_PADDING, _RIGHT - _BAND_PADDING
        if spare:
            yield from self._spare_mark()
            right -= _SPARE_WIDTH + _BAND_PADDING
        block = fitted([group], self.chinese, _box(right - left, _GROUP_SIZES[0]), _GROUP_SIZES)
        yield f"{colour.text:g} g {colour.text:g} G"
        middle = (_BAND_TOP + _BAND_BOTTOM) / 2
        yield from self._middle(block, left, middle, bold=True)

    def _spare_mark(self) -> Iterator[str]:
        """Draw the word for spare on a white field at the band's right."""
        middle = (_BAND_TOP + _BAND_BOTTOM) / 2
        right = _RIGHT - (_BAND_BOTTOM - _BAND_TOP - _SPARE_HEIGHT) / 2
        left = right - _SPARE_WIDTH
        yield "1 g"
        yield rectangle(left, middle - _SPARE_HEIGHT / 2, right, middle + _SPARE_HEIGHT / 2)
        yield "0 g 0 G"
        block = fitted(
            [self.wording.spare],
            self.chinese,
            _box(_SPARE_WIDTH - 1, _SPARE_SIZES[0]),
            _SPARE_SIZES,
        )
        yield from self._middle(block, self._centred(block, left, right), middle, bold=True)

    def _mark(self) -> Iterator[str]:
        """Draw the word for rehearsal across the slip, under everything else and beside the QR."""
        size = _MARK_SIZE
        width = self.chinese.width(self.wording.rehearsal, size)
        middle = ((_TEXT_LEFT + _RIGHT) / 2, (_TITLE_TOP + CODE_MIDDLE) / 2)
        x, y = (float(place) for place in point(*middle).split())
        cosine, sine = math.cos(_MARK_ANGLE), math.sin(_MARK_ANGLE)
        turned = f"{cosine:.4f} {sine:.4f} {-sine:.4f} {cosine:.4f} {x:.2f} {y:.2f} cm"
        word = self.chinese.encoded(self.wording.rehearsal)
        yield f"q {turned} {_MARK_GREY:g} g BT /{_CHINESE} {size:g} Tf"
        yield f"{-width / 2:.2f} {-size * 0.36:.2f} Td <{word}> Tj ET Q"

    def _title_lines(self) -> Iterator[str]:
        height = (_TITLE_BOTTOM - _TITLE_TOP) * POINTS_PER_MM
        box = _box(_RIGHT - _TEXT_LEFT, height, _TITLE_LEADING)
        block = fitted([self.title], self.chinese, box, _TITLE_SIZES)
        block = balanced(self.title, self.chinese, box, block)
        middle = (_TITLE_TOP + _TITLE_BOTTOM) / 2
        yield from self._middle(block, _TEXT_LEFT, middle, leading=_TITLE_LEADING, bold=True)

    def _step_lines(self) -> Iterator[str]:
        height = (_STEPS_BOTTOM - _STEPS_TOP) * POINTS_PER_MM
        box = _box(_RIGHT - _TEXT_LEFT, height, _STEP_LEADING)
        block = fitted(self.wording.steps, self.chinese, box, _STEP_SIZES)
        middle = (_STEPS_TOP + _STEPS_BOTTOM) / 2
        yield from self._middle(block, _TEXT_LEFT, middle, leading=_STEP_LEADING)

    def _address_lines(self) -> Iterator[str]:
        left = CODE_LEFT
        box = _box(_RIGHT - left, _ADDRESS_HEIGHT * POINTS_PER_MM)
        block = fitted([self.address], self.monospace, box, _ADDRESS_SIZES)
        yield from self._middle(block, left, _ADDRESS_MIDDLE, font=MONOSPACE)

    def _label(self, label: str, middle: float) -> Iterator[str]:
        box = _box(CODE_LEFT - _TEXT_LEFT - 1, _LABEL_SIZES[0])
        yield from self._middle(
            fitted([label], self.chinese, box, _LABEL_SIZES), _TEXT_LEFT, middle
        )

    def _scan_line(self) -> Iterator[str]:
        box = _box(QR_SIDE - 8, _LABEL_SIZES[0])
        block = fitted([self.wording.scan], self.chinese, box, _LABEL_SIZES)
        left = self._centred(block, QR_LEFT, QR_LEFT + QR_SIDE)
        yield from self._middle(block, left, _SCAN_MIDDLE)

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
        yield f"{point(left, baseline)} Td"
        for line in block.lines:
            yield f"<{self.faces[font].encoded(line)}> Tj T*"
        yield "ET Q"


def _box(width: float, height: float, leading: float = Box.leading) -> Box:
    """Return a box of a width in mm and a height in points."""
    return Box(width * POINTS_PER_MM, height, leading)
