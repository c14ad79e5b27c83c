"""The sheet of A4 that is cut into slips: ten of them, 105 mm by 59.4 mm, without waste.

Page description is that of ISO 32000-1, 8; a place on a slip is given in millimetres from its
upper left corner.
"""

from typing import Final

from ballot.output.pdf import A4, POINTS_PER_MM

COLUMNS: Final = 2
ROWS: Final = 5
SLIPS: Final = COLUMNS * ROWS
WIDTH: Final = A4[0] / COLUMNS
HEIGHT: Final = A4[1] / ROWS
"""A slip's size in points."""


def cut_lines() -> str:
    """Return the dashed lines along which a page is cut into slips."""
    across = (f"0 {row * HEIGHT:.2f} m {A4[0]:g} {row * HEIGHT:.2f} l" for row in range(1, ROWS))
    down = (f"{c * WIDTH:.2f} 0 m {c * WIDTH:.2f} {A4[1]:g} l" for c in range(1, COLUMNS))
    return f"0.4 w 0.6 G [3 3] 0 d {' '.join((*across, *down))} S"


def place(slot: int) -> str:
    """Return the shift to a slip's place on the page: row by row from the top."""
    row, column = divmod(slot, COLUMNS)
    return f"1 0 0 1 {column * WIDTH:.2f} {(ROWS - 1 - row) * HEIGHT:.2f} cm"


def point(x: float, y: float) -> str:
    """Return a place on a slip as the slip's own coordinates: points from its lower left."""
    return f"{x * POINTS_PER_MM:.2f} {HEIGHT - y * POINTS_PER_MM:.2f}"


def rectangle(left: float, top: float, right: float, bottom: float) -> str:
    """Return a filled rectangle."""
    width, height = (right - left) * POINTS_PER_MM, (bottom - top) * POINTS_PER_MM
    return f"{point(left, bottom)} {width:.2f} {height:.2f} re f"
