"""The colours of levels in every chart: from dark (best) to light (worst), evenly apart.

One hue scale instead of green and red: levels differ in lightness, so that grey print and the
colour-blind tell them apart alike. Anchors: Brewer's scale YlGnBu (colorbrewer2.org), darkened at
its light end and lightened at its dark one, so that both stand out from paper and from dark pages.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

Colour = tuple[int, int, int]
"""Red, green, blue from 0 to 255."""

_ANCHORS: Final[Sequence[Colour]] = (
    (32, 46, 130),
    (33, 113, 181),
    (65, 182, 196),
    (164, 218, 184),
    (243, 243, 178),
)
LINE: Final = "#404040"
"""Around every part, so that neighbours and the lightest never run together."""
REST: Final = "#ffffff"
_DARK: Final = Fraction(21, 50)
"""Below this lightness (0..1) white text is easier to read than black."""


def colours(count: int) -> list[str]:
    """Return so many colours as `#rrggbb`, the best level's first."""
    return [_hex(_between(Fraction(place, max(1, count - 1)))) for place in range(count)]


def lightness(colour: str) -> Fraction:
    """Return how light a colour looks, 0..1 (ITU-R BT.601)."""
    red, green, blue = parts(colour)
    return Fraction(299 * red + 587 * green + 114 * blue, 255_000)


def ink(colour: str) -> str:
    """Return what to write with on a colour: white or black."""
    return "#ffffff" if lightness(colour) < _DARK else "#000000"


def parts(colour: str) -> Colour:
    """Return the red, green and blue of `#rrggbb`."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _between(share: Fraction) -> Colour:
    """Return the colour at a share of the way along the anchors."""
    whole = share * (len(_ANCHORS) - 1)
    first = min(int(whole), len(_ANCHORS) - 2)
    rest = whole - first
    pairs = zip(_ANCHORS[first], _ANCHORS[first + 1], strict=True)
    red, green, blue = (round(mine + (other - mine) * rest) for mine, other in pairs)
    return red, green, blue


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
