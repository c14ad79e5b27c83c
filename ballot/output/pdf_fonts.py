"""The objects by which a PDF knows an embedded TrueType font by glyph number.

Clause numbers are of ISO 32000-1:2008 (PDF 1.7). Each function returns an object's body; numbers
that it takes are those of other objects.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

from ballot.output.fonts import Face

_SYMBOLIC: Final = 4
_STEM: Final = 80
"""A stroke's width (9.8.1); only viewers that replace the font look at it."""

_MAP_LINES: Final = 100
"""Most lines of one `bfchar` section (Adobe technical note 5014, 9)."""

_MAP_HEAD: Final = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
"""
_MAP_TAIL: Final = """endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def font(face: Face, descendant: int, unicode: int) -> bytes:
    """Return the Type0 font that contents name (9.7.6)."""
    return (
        f"<</Type/Font/Subtype/Type0/BaseFont/{_name(face)}/Encoding/Identity-H"
        f"/DescendantFonts[{descendant} 0 R]/ToUnicode {unicode} 0 R>>"
    ).encode("ascii")


def descendant(face: Face, descriptor: int) -> bytes:
    """Return the CIDFont with the glyphs' widths (9.7.4)."""
    return (
        f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{_name(face)}"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        f"/FontDescriptor {descriptor} 0 R/CIDToGIDMap/Identity/DW 1000/W[{_widths(face)}]>>"
    ).encode("ascii")


def descriptor(face: Face, program: int) -> bytes:
    """Return the font descriptor (9.8)."""
    box = " ".join(map(str, face.box))
    return (
        f"<</Type/FontDescriptor/FontName/{_name(face)}/Flags {_SYMBOLIC}/FontBBox[{box}]"
        f"/ItalicAngle 0/Ascent {face.ascent}/Descent {face.descent}"
        f"/CapHeight {face.cap_height}/StemV {_STEM}/FontFile2 {program} 0 R>>"
    ).encode("ascii")


def unicode_map(face: Face) -> bytes:
    """Return the map by which text can be searched and copied (9.10.3)."""
    lines = [
        f"<{glyph:04x}> <{character.encode('utf-16-be').hex()}>\n"
        for glyph, character in sorted(_characters(face).items())
    ]
    sections = (
        f"{len(section)} beginbfchar\n{''.join(section)}endbfchar\n" for section in _sections(lines)
    )
    return (_MAP_HEAD + "".join(sections) + _MAP_TAIL).encode("ascii")


def _characters(face: Face) -> dict[int, str]:
    """Return the character of each glyph: the first, should several share one."""
    return {glyph: character for character, glyph in reversed(face.glyphs.items())}


def _sections(lines: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(lines), _MAP_LINES):
        yield lines[start : start + _MAP_LINES]


def _widths(face: Face) -> str:
    widths = {glyph: face.widths[character] for character, glyph in face.glyphs.items()}
    return " ".join(f"{glyph}[{width}]" for glyph, width in sorted(widths.items()))


def _name(face: Face) -> str:
    """Return the font's name with the tag of a subset: six letters (9.6.4)."""
    tag = "".join(chr(ord("A") + byte % 26) for byte in hashlib.sha256(face.program).digest()[:6])
    return f"{tag}+{face.name}"
