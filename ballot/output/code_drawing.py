"""What one slip alone shows: the QR code and the code in groups of four.

This is drawn for every slip, so all that does not depend on the code is prepared once. Where it
stands is the layout's matter: a QR code has 28.8 mm of modules in version 2 and 31.2 mm in
version 5 on the large slips, 21 mm and 22.9 mm on the small ones.
"""

from typing import Final

from ballot.domain.codes import ALPHABET, Code, shown
from ballot.output.fonts import Face
from ballot.output.pdf import POINTS_PER_MM
from ballot.output.qr import QUIET_ZONE, Matrices
from ballot.output.sheet import Layout

MONOSPACE: Final = "M"
"""The name of the font for codes and addresses."""

ABOVE_BASELINE: Final = 0.38
"""How far the middle of a line lies above its baseline, as a share of the size."""

_SYMBOLS: Final = 19


class CodeDrawing:
    """Draws codes; the `monospace` face must hold the code alphabet and the dash."""

    def __init__(self, matrices: Matrices, monospace: Face, layout: Layout) -> None:
        self._matrices = matrices
        self._digits = 2 * matrices.row_bytes * matrices.modules
        self._glyphs = {symbol: monospace.encoded(symbol) for symbol in f"{ALPHABET}-"}
        self._image = _image_place(matrices, layout)
        self._width = _SYMBOLS // len(layout.code_lines)  # without the dash between lines
        first, *others = (_baseline(layout, middle) for middle in layout.code_lines)
        self._begin = (
            f"BT/{MONOSPACE} {layout.code_size:g} Tf {layout.sheet.point(layout.code_left, first)}"
        )
        self._further = [
            f" 0 {(before - after) * POINTS_PER_MM:.2f} Td"
            for before, after in zip([first, *others], others, strict=False)
        ]

    def drawn(self, code: str) -> str:
        """Return the drawing of a code, in the ink that is set.

        Raises: ValueError for what is no code.
        """
        bits = format(self._matrices.matrix(code), f"0{self._digits}x")
        glyphs = [self._glyphs[symbol] for symbol in shown(Code(code))]
        text = f"<{''.join(glyphs[: self._width])}>Tj"
        for line, move in enumerate(self._further, start=1):
            begins = line * (self._width + 1)
            text += f"{move}<{''.join(glyphs[begins : begins + self._width])}>Tj"
        return f"q {self._image}{bits}>EI Q {self._begin} Td{text} ET"


def _baseline(layout: Layout, middle: float) -> float:
    return middle + layout.code_size * ABOVE_BASELINE / POINTS_PER_MM


def _image_place(matrices: Matrices, layout: Layout) -> str:
    """Return an inline image (ISO 32000-1, 8.9.7) up to its samples; the quiet zone stays bare.

    It is a stencil (8.9.6.2): viewers do not smooth one. Its bits follow as hexadecimal digits,
    since readers search for the image's end and might find one in binary samples.
    """
    qr_left, qr_top, qr_side = layout.qr
    module = qr_side / (matrices.modules + 2 * QUIET_ZONE)
    left, side = qr_left + module * QUIET_ZONE, module * matrices.modules
    corner = layout.sheet.point(left, qr_top + module * QUIET_ZONE + side)
    points = f"{side * POINTS_PER_MM:.2f}"
    return (
        f"{points} 0 0 {points} {corner} cm "
        f"BI/W {matrices.modules}/H {matrices.modules}/IM true/D[1 0]/F/AHx ID "
    )
