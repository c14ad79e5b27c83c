"""The fonts that ship with our dependencies, cut down to the glyphs in use.

Chinese is Noto Sans SC (SIL Open Font License) from the package `zhplot`; codes and addresses are
DejaVu Sans Mono Bold (Bitstream Vera licence), whose 0 and O, 1 and I, 8 and B differ plainly,
from `matplotlib`. Only the files are used: neither package is imported.
"""

import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Self

from fontTools import subset
from fontTools.ttLib import TTFont

from ballot.errors import OperationError
from ballot.language import N_

MISSING: Final = "〓"
"""Printed for a character that the font lacks: the printers' mark for a missing type."""

_FALLBACK: Final = "?"
_INVISIBLE: Final = frozenset(("Cc", "Cf", "Co", "Cs"))
_VARIATIONS: Final = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_USUAL_CAP_HEIGHT: Final = 730
"""For fonts whose tables are too old to say."""

_UNITS: Final = 1000
"""Units per em of everything measured here, as in PDF (ISO 32000-1, 9.2.4)."""


class FontMissingError(OperationError):
    """A dependency came without its font file."""

    message = N_("缺少字体文件 %(file)s：请重新安装 %(package)s。")


def chinese_file() -> Path:
    """Return the file of Noto Sans SC. Raises: FontMissingError."""
    return _file_in("zhplot", "fonts/NotoSansSC-Regular.ttf")


def monospace_file() -> Path:
    """Return the file of DejaVu Sans Mono Bold. Raises: FontMissingError."""
    return _file_in("matplotlib", "mpl-data/fonts/ttf/DejaVuSansMono-Bold.ttf")


def _file_in(package: str, name: str) -> Path:
    """Find a file of a package without running the package's code."""
    spec = find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        file = Path(folder, name)
        if file.is_file():
            return file
    raise FontMissingError(file=name, package=package)


@dataclass(frozen=True)
class Face:
    """A font cut down to the characters in use, with what a PDF must say about it.

    Widths and heights are in thousandths of the size. `glyphs` maps a character to its number in
    `program`, a TrueType file.
    """

    name: str
    program: bytes
    glyphs: dict[str, int]
    widths: dict[str, int]
    box: tuple[int, int, int, int]
    ascent: int
    descent: int
    cap_height: int

    def width(self, text: str, size: float) -> float:
        """Return how far a text reaches, in points, at a size in points."""
        return sum(self.widths[character] for character in text) * size / _UNITS

    def encoded(self, text: str) -> str:
        """Return a text as hexadecimal glyph numbers (Identity-H; ISO 32000-1, 9.7.5.2)."""
        return "".join(f"{self.glyphs[character]:04x}" for character in text)


class FontFile:
    """A font file, opened to ask what it holds and to cut a `Face` from it once.

    Use it in a `with` statement: glyphs are read as they are needed.
    """

    def __init__(self, path: Path) -> None:
        self._font = TTFont(path, lazy=True, recalcTimestamp=False)
        self._map: dict[int, str] = self._font.getBestCmap()
        self._name: str = self._font["name"].getDebugName(6)
        self._widths: dict[str, int] = {}
        self._missing = next(mark for mark in (MISSING, _FALLBACK) if ord(mark) in self._map)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._font.close()

    def printable(self, text: str) -> str:
        """Return a text on one line with only characters that this font can show.

        Each run of white space becomes one space; control characters, joiners and variation
        selectors vanish; a character that the font lacks becomes `MISSING` (`?` in a font
        without that mark): never a box, never an error.
        """
        one_line = " ".join(unicodedata.normalize("NFC", text).split())
        return "".join(
            character if ord(character) in self._map else self._missing
            for character in one_line
            if not _is_invisible(character)
        )

    def width(self, text: str, size: float) -> float:
        """Return how far a printable text reaches, in points, at a size in points.

        The same as the width that its `Face` will tell: pages can be set before it is cut.
        """
        known = self._widths
        for character in set(text).difference(known):
            advance = self._font["hmtx"][self._map[ord(character)]][0]
            known[character] = round(advance * _UNITS / self._font["head"].unitsPerEm)
        return sum(known[character] for character in text) * size / _UNITS

    def face(self, texts: Iterable[str]) -> Face:
        """Cut the face that shows these printable texts; afterwards the file is of no use."""
        characters = sorted(set("".join(texts)))
        return _described(self._name, _cut(self._font, characters), characters)


def _is_invisible(character: str) -> bool:
    """Tell whether a character has no glyph of its own (private ones are foreign to any font)."""
    return unicodedata.category(character) in _INVISIBLE or any(
        ord(character) in selectors for selectors in _VARIATIONS
    )


def _cut(font: TTFont, characters: list[str]) -> bytes:
    """Return a TrueType program with these characters and what ISO 32000-1, 9.9 asks for."""
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "gasp", "vhea", "vmtx"]
    options.drop_tables += ["FFTM", "kern", "name", "post"]
    options.recalc_timestamp = False
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(character) for character in characters])
    cutter.subset(font)
    program = io.BytesIO()
    font.save(program)
    return program.getvalue()


def _described(name: str, program: bytes, characters: list[str]) -> Face:
    font = TTFont(io.BytesIO(program))
    scale = _UNITS / font["head"].unitsPerEm
    by_code = font.getBestCmap()
    head: Any = font["head"]
    return Face(
        name=name,
        program=program,
        glyphs={c: font.getGlyphID(by_code[ord(c)]) for c in characters},
        widths={c: round(font["hmtx"][by_code[ord(c)]][0] * scale) for c in characters},
        box=(
            round(head.xMin * scale),
            round(head.yMin * scale),
            round(head.xMax * scale),
            round(head.yMax * scale),
        ),
        ascent=round(font["hhea"].ascent * scale),
        descent=round(font["hhea"].descent * scale),
        cap_height=round(getattr(font["OS/2"], "sCapHeight", 0) * scale) or _USUAL_CAP_HEIGHT,
    )
