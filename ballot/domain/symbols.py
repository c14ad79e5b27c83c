"""Choices as an archive writes them: one symbol for a level, three for a mark.

Source: docs/archive.md, "Slots".
"""

from typing import Final

from ballot.domain.definition import Definition
from ballot.domain.votes import BLANK, NOT_ASKED

_SYMBOLS: Final = {BLANK: "-", NOT_ASKED: "x"}
_BYTES: Final = {symbol: value for value, symbol in _SYMBOLS.items()}
MARK_WIDTH: Final = 3


def widths(definition: Definition) -> list[int]:
    """Return how many symbols each slot takes."""
    return [MARK_WIDTH if slot.section.on_marks else 1 for slot in definition.slots]


def symbols(choices: bytes, widths: list[int]) -> str:
    """Return packed choices as text: `2`, `085`; `-` or `---` is blank, `x` or `xxx` not asked."""
    pairs = zip(choices, widths, strict=True)
    return "".join(
        _SYMBOLS[choice] * width if choice in _SYMBOLS else f"{choice:0{width}d}"
        for choice, width in pairs
    )


def choices(text: str, widths: list[int]) -> bytes:
    """Return the packed choices that `symbols` wrote.

    Raises: ValueError for another text.
    """
    packed, place = bytearray(), 0
    for width in widths:
        piece = text[place : place + width]
        place += width
        if piece and piece == piece[0] * width and piece[0] in _BYTES:
            packed.append(_BYTES[piece[0]])
        elif len(piece) == width and piece.isascii() and piece.isdecimal():
            packed.append(int(piece))
        else:
            raise ValueError(text)
    if place != len(text):
        raise ValueError(text)
    return bytes(packed)
