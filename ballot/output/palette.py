"""The colours of the bands that tell voter groups apart at a glance."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Colour:
    """A band's colour (red, green, blue in 0..1) and the grey of the text on it."""

    band: tuple[float, float, float]
    text: float


PALETTE: Final = (
    Colour((0.000, 0.447, 0.698), 1),
    Colour((0.902, 0.624, 0.000), 0),
    Colour((0.000, 0.475, 0.353), 1),
    Colour((0.337, 0.706, 0.914), 0),
    Colour((0.718, 0.259, 0.000), 1),
    Colour((0.941, 0.894, 0.259), 0),
    Colour((0.800, 0.475, 0.655), 0),
    Colour((0.250, 0.250, 0.250), 1),
)
"""After Okabe and Ito (2008), who chose for the colour-blind; three darkened for white text."""


def colour(index: int) -> Colour:
    """Return a group's colour; after the last they begin again."""
    return PALETTE[index % len(PALETTE)]
