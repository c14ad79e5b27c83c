"""A QR code of any text as one path, for pages and what is printed from them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Drawing:
    """A QR code in modules, quiet zone included: `side` is its width and height.

    `path` is the data of an SVG path that fills the dark modules.
    """

    side: int
    path: str


def drawing(text: str) -> Drawing:
    """Return the QR code of a text.

    Loaded where it is used: the library brings drawing with it that voters' requests never need.
    """
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    from ballot.output.qr import QUIET_ZONE

    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(text)
    rows = code.get_matrix()
    runs = (run for y, row in enumerate(rows) for run in _runs(y, row))
    return Drawing(len(rows), "".join(runs))


def _runs(y: int, row: list[bool]) -> list[str]:
    """Return the dark runs of a row, each as a rectangle of height 1."""
    runs = []
    start = None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            runs.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            start = None
    return runs
