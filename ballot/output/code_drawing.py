"""What one slip alone shows: the QR code and the code in groups of four.

This is drawn for every slip, so all that does not depend on the code is prepared once. Lengths in
the constants are millimetres from the slip's upper left corner.
"""

from typing import Final

from ballot.domain.codes import ALPHABET, Code, shown
from ballot.output.fonts import Face
from ballot.output.pdf import POINTS_PER_MM
from ballot.output.qr import QUIET_ZONE, Matrices
from ballot.output.sheet import point

QR_LEFT, QR_TOP, QR_SIDE = 2.0, 13.4, 38.0
"""The QR code with its quiet zone: 28.8 mm of modules in version 2, 31.2 mm in version 5."""

CODE_LEFT, CODE_MIDDLE = 47.8, 51.8
CODE_SIZE: Final = 12.6
"""In points: capitals 3.2 mm high, 19 symbols 51 mm long."""

MONOSPACE: Final = "M"
"""The name of the font for codes and addresses."""

ABOVE_BASELINE: Final = 0.38
"""How far the middle of a line lies above its baseline, as a share of the size."""


class CodeDrawing:
    """Draws codes; the `monospace` face must hold the code alphabet and the dash."""

    def __init__(self, matrices: Matrices, monospace: Face) -> None:
        baseline = CODE_MIDDLE + CODE_SIZE * ABOVE_BASELINE / POINTS_PER_MM
        self._matrices = matrices
        self._digits = 2 * matrices.row_bytes * matrices.modules
        self._glyphs = {symbol: monospace.encoded(symbol) for symbol in f"{ALPHABET}-"}
        self._image = _image_place(matrices)
        self._text = f"BT/{MONOSPACE} {CODE_SIZE:g} Tf {point(CODE_LEFT, baseline)} Td"

    def drawn(self, code: str) -> str:
        """Return the drawing of a code, in the ink that is set.

        Raises: ValueError for what is no code.
        """
        bits = format(self._matrices.matrix(code), f"0{self._digits}x")
        text = "".join([self._glyphs[symbol] for symbol in shown(Code(code))])
        return f"q {self._image}{bits}>EI Q {self._text}<{text}>Tj ET"


def _image_place(matrices: Matrices) -> str:
    """Return an inline image (ISO 32000-1, 8.9.7) up to its samples; the quiet zone stays bare.

    It is a stencil (8.9.6.2): viewers do not smooth one. Its bits follow as hexadecimal digits,
    since readers search for the image's end and might find one in binary samples.
    """
    module = QR_SIDE / (matrices.modules + 2 * QUIET_ZONE)
    left, side = QR_LEFT + module * QUIET_ZONE, module * matrices.modules
    corner = point(left, QR_TOP + module * QUIET_ZONE + side)
    points = f"{side * POINTS_PER_MM:.2f}"
    return (
        f"{points} 0 0 {points} {corner} cm "
        f"BI/W {matrices.modules}/H {matrices.modules}/IM true/D[1 0]/F/AHx ID "
    )
