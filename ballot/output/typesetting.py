"""Lines of Chinese and Latin text fitted into a box: wrapped, then shrunk, then cut short."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

ELLIPSIS: Final = "…"
_PIECES: Final = re.compile(r"[!-~]+|.", re.DOTALL)
_NEVER_FIRST: Final = frozenset("，。、；：！？）》”』】〕”’…·％%,.;:!?)")
_NEVER_LAST: Final = frozenset("（《“『【〔“‘(①②③④⑤⑥⑦⑧⑨")


class Measure(Protocol):
    """What knows how far text reaches: a `Face`, or a guess."""

    def width(self, text: str, size: float) -> float:
        """Return a text's width in points at a size in points."""
        ...


@dataclass(frozen=True)
class Box:
    """What a text must fit: width and height in points; `leading` is lines apart by size."""

    width: float
    height: float
    leading: float = 1.2

    def lines(self, size: float) -> int:
        """Return how many lines of a size in points the box holds."""
        return max(1, 1 + int((self.height - size) / (size * self.leading)))


@dataclass(frozen=True)
class Block:
    """Lines, and the size in points at which they fit."""

    lines: tuple[str, ...]
    size: float


def fitted(paragraphs: Sequence[str], face: Measure, box: Box, sizes: Sequence[float]) -> Block:
    """Return paragraphs at the largest of the sizes at which they fit the box.

    `sizes` are in points and descend. If even the last is too large, the text is cut and ends in
    an ellipsis (which the face must hold).
    """
    for size in sizes:
        lines = [line for text in paragraphs for line in wrap(text, face, box.width, size)]
        if len(lines) <= box.lines(size):
            return Block(tuple(lines), size)
    kept = lines[: box.lines(size)]
    return Block((*kept[:-1], _cut_short(kept[-1], face, box.width, size)), size)


def balanced(text: str, face: Measure, box: Box, block: Block) -> Block:
    """Return a fitted paragraph with lines of like length, rather than a short last one."""
    width = face.width(text, block.size) / len(block.lines)
    while width < box.width:
        lines = wrap(text, face, width, block.size)
        if len(lines) <= len(block.lines):
            return Block(tuple(lines), block.size)
        width += block.size / 4
    return block


def wrap(text: str, face: Measure, width: float, size: float) -> list[str]:
    """Return the lines of a text: Latin words and numbers stay whole where a line can hold them.

    Width and size are in points. A closing mark begins no line and an opening one ends none
    (GB/T 15834-2011, 5.1), unless a piece is longer than a line.
    """
    lines = []
    line = ""
    for piece in _pieces(text):
        if face.width((line + piece).strip(), size) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.strip())
        *full, line = _broken(piece.lstrip(), face, width, size)
        lines.extend(full)
    return [*lines, line.strip()]


def _pieces(text: str) -> list[str]:
    """Split a text into pieces between which a line may end."""
    pieces: list[str] = []
    for piece in _PIECES.findall(text):
        if pieces and (piece[0] in _NEVER_FIRST or pieces[-1][-1] in _NEVER_LAST):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces


def _broken(piece: str, face: Measure, width: float, size: float) -> list[str]:
    """Split a piece anywhere into parts that fit a line; the last may be short."""
    parts = [""]
    for character in piece:
        if parts[-1] and face.width(parts[-1] + character, size) > width:
            parts.append("")
        parts[-1] += character
    return parts


def _cut_short(line: str, face: Measure, width: float, size: float) -> str:
    while line and face.width(line + ELLIPSIS, size) > width:
        line = line[:-1]
    return line + ELLIPSIS
