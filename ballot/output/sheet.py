"""The sheet of A4 that is cut into slips, and where things stand on a slip.

Page description is that of ISO 32000-1, 8; a place on a slip is given in millimetres from its
upper left corner.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ballot.output.pdf import A4, POINTS_PER_MM

Sizes = tuple[float, ...]
"""Sizes of type in points, descending: the largest that fits is taken."""


@dataclass(frozen=True)
class Sheet:
    """A sheet cut into equal slips without waste; widths and heights are in points."""

    columns: int
    rows: int

    @property
    def slips(self) -> int:
        """Return how many slips a sheet holds."""
        return self.columns * self.rows

    @property
    def width(self) -> float:
        """Return a slip's width."""
        return A4[0] / self.columns

    @property
    def height(self) -> float:
        """Return a slip's height."""
        return A4[1] / self.rows

    def cut_lines(self) -> str:
        """Return the dashed lines along which a page is cut into slips."""
        ys = (row * self.height for row in range(1, self.rows))
        xs = (column * self.width for column in range(1, self.columns))
        across = (f"0 {y:.2f} m {A4[0]:g} {y:.2f} l" for y in ys)
        down = (f"{x:.2f} 0 m {x:.2f} {A4[1]:g} l" for x in xs)
        return f"0.4 w 0.6 G [3 3] 0 d {' '.join((*across, *down))} S"

    def place(self, slot: int) -> str:
        """Return the shift to a slip's place on the page: row by row from the top."""
        row, column = divmod(slot, self.columns)
        return f"1 0 0 1 {column * self.width:.2f} {(self.rows - 1 - row) * self.height:.2f} cm"

    def point(self, x: float, y: float) -> str:
        """Return a place on a slip as the slip's own coordinates: points from its lower left."""
        return f"{x * POINTS_PER_MM:.2f} {self.height - y * POINTS_PER_MM:.2f}"

    def rectangle(self, left: float, top: float, right: float, bottom: float) -> str:
        """Return a filled rectangle."""
        width, height = (right - left) * POINTS_PER_MM, (bottom - top) * POINTS_PER_MM
        return f"{self.point(left, bottom)} {width:.2f} {height:.2f} re f"


@dataclass(frozen=True)
class Layout:
    """Where things stand on a slip, in millimetres; sizes of type are in points.

    Pairs are (left, right) or (top, bottom). Nothing is printed within 5 mm of a slip's edge, where
    many printers cannot print. `qr`: left, top and side of the QR code with its quiet zone.
    `code_lines`: the middles of the lines on which the code stands. `labels`: whether 网址 and
    扫码测评 are written; `brief`: the short instructions are. `leading`: of title and steps.
    """

    sheet: Sheet
    sides: tuple[float, float]
    band: tuple[float, float]
    band_padding: float
    spare: tuple[float, float]
    text_left: float
    title: tuple[float, float]
    steps: tuple[float, float]
    rule: float
    address: tuple[float, float, float]
    qr: tuple[float, float, float]
    code_left: float
    code_lines: tuple[float, ...]
    code_size: float
    mark_size: float
    labels: bool
    brief: bool
    leading: tuple[float, float]
    title_sizes: Sizes
    group_sizes: Sizes
    step_sizes: Sizes
    address_sizes: Sizes
    label_sizes: Sizes
    spare_sizes: Sizes


def _halves(most: float, least: float) -> Sizes:
    """Return sizes from the largest to the smallest by steps of half a point."""
    return tuple(size / 2 for size in range(round(most * 2), round(least * 2) - 1, -1))


TEN: Final = Layout(
    sheet=Sheet(columns=2, rows=5),
    sides=(5.5, 99.5),
    band=(5.0, 13.2),
    band_padding=3.0,
    spare=(15.0, 5.8),
    text_left=40.8,
    title=(15.0, 26.2),
    steps=(26.8, 40.2),
    rule=41.0,
    address=(47.8, 45.0, 6.6),
    qr=(2.0, 13.4, 38.0),
    code_left=47.8,
    code_lines=(51.8,),
    code_size=12.6,
    mark_size=80.0,
    labels=True,
    brief=False,
    leading=(1.3, 1.45),
    title_sizes=(13.0, 12.0, 11.0, 10.0, 9.0, 8.0),
    group_sizes=(14.0, 13.0, 12.0, 11.0, 10.0, 9.0),
    step_sizes=tuple(size / 10 for size in range(95, 60, -1)),
    address_sizes=_halves(11.0, 4.5),
    label_sizes=_halves(7.5, 5.0),
    spare_sizes=(12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0),
)
"""Slips of 105 mm by 59.4 mm; the code in capitals of 3.2 mm, 51 mm long."""

TWENTY_ONE: Final = Layout(
    sheet=Sheet(columns=3, rows=7),
    sides=(5.0, 65.0),
    band=(5.0, 9.6),
    band_padding=1.8,
    spare=(10.0, 3.4),
    text_left=31.4,
    title=(10.2, 19.4),
    steps=(19.7, 24.6),
    rule=24.9,
    address=(31.4, 27.6, 5.2),
    qr=(2.4, 9.7, 27.8),
    code_left=36.8,
    code_lines=(31.9, 35.8),
    code_size=12.0,
    mark_size=40.0,
    labels=False,
    brief=True,
    leading=(1.2, 1.2),
    title_sizes=_halves(10.0, 5.5),
    group_sizes=_halves(9.5, 6.0),
    step_sizes=_halves(7.5, 5.5),
    address_sizes=_halves(9.0, 4.0),
    label_sizes=(6.0, 5.5, 5.0),
    spare_sizes=(7.5, 7.0, 6.5, 6.0),
)
"""Slips of 70 mm by 42.4 mm: half the paper, smaller type; the code on two lines."""

LAYOUTS: Final[Mapping[int, Layout]] = {each.sheet.slips: each for each in (TEN, TWENTY_ONE)}
"""By slips to a sheet."""
