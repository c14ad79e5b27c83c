"""A PDF file written from front to back: nothing but the offsets of its objects is kept.

Syntax and clause numbers are of ISO 32000-1:2008 (PDF 1.7). Lengths are in points (1/72 inch).
"""

import zlib
from array import array
from typing import BinaryIO, Final

from ballot.output import pdf_fonts
from ballot.output.fonts import Face

A4: Final = (595.276, 841.89)
"""Width and height, in points: 210 mm by 297 mm."""

POINTS_PER_MM: Final = 72 / 25.4

_HEADER: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_PRODUCER: Final = "Ballot"
_KIDS: Final = 100
"""Pages under one node of the page tree (7.7.3): a viewer opens any page in few steps."""


class PdfWriter:
    """A document of pages of one size (in points), streamed into a file that needs only `write`.

    Order of use: `fonts`, then `form` and `page` as often as wanted, then `finish`. Whatever the
    file raises travels to the caller; the document is then incomplete and worthless.
    """

    def __init__(self, file: BinaryIO, size: tuple[float, float] = A4) -> None:
        self._file = file
        self._size = size
        self._position = 0
        self._offsets = array("Q", [0])
        self._forms: dict[str, int] = {}
        self._nodes: list[int] = []
        self._kids: list[int] = []
        self._pages = 0
        self._put(_HEADER)
        self._catalogue = self._reserved()
        self._root = self._reserved()
        self._fonts = self._reserved()
        self._node = 0

    def fonts(self, faces: dict[str, Face]) -> None:
        """Embed the fonts that every form and page may name."""
        entries = " ".join(f"/{name} {self._font(face)} 0 R" for name, face in faces.items())
        self._object(self._fonts, f"<<{entries}>>".encode("ascii"))

    def form(self, name: str, content: str, *, width: float, height: float) -> None:
        """Write a drawing that pages may repeat with `/name Do` (8.10)."""
        number = self._reserved()
        self._stream(
            number,
            f"/Type/XObject/Subtype/Form/BBox[0 0 {width:g} {height:g}]"
            f"/Resources<</Font {self._fonts} 0 R>>",
            content.encode("ascii"),
        )
        self._forms[name] = number

    def page(self, content: str) -> None:
        """Write a page; its resources and size come from the root of the page tree (7.7.3.4)."""
        if not self._kids:
            self._node = self._reserved()
        contents, page = self._reserved(), self._reserved()
        self._stream(contents, "", content.encode("ascii"))
        self._object(page, b"<</Type/Page/Parent %d 0 R/Contents %d 0 R>>" % (self._node, contents))
        self._kids.append(page)
        self._pages += 1
        if len(self._kids) == _KIDS:
            self._close_node()

    def finish(self, *, title: str, language: str) -> None:
        """Write what closes the document; no date stands in it. `language` is a tag: `zh-CN`.

        A document without pages gets a blank one, since viewers refuse to open it otherwise.
        """
        if not self._pages:
            self.page("")
        if self._kids:
            self._close_node()
        self._page_tree()
        self._object(
            self._catalogue,
            f"<</Type/Catalog/Pages {self._root} 0 R/Lang({language})"
            f"/ViewerPreferences<</DisplayDocTitle true>>>>".encode("ascii"),
        )
        information = self._reserved()
        self._object(
            information,
            f"<</Title {_text(title)}/Producer({_PRODUCER})>>".encode("ascii"),
        )
        self._trailer(information)

    def _page_tree(self) -> None:
        forms = " ".join(f"/{name} {number} 0 R" for name, number in self._forms.items())
        self._object(
            self._root,
            f"<</Type/Pages/Count {self._pages}/Kids[{_references(self._nodes)}]"
            f"/MediaBox[0 0 {self._size[0]:g} {self._size[1]:g}]"
            f"/Resources<</Font {self._fonts} 0 R/XObject<<{forms}>>>>>>".encode("ascii"),
        )

    def _close_node(self) -> None:
        self._object(
            self._node,
            f"<</Type/Pages/Parent {self._root} 0 R/Count {len(self._kids)}"
            f"/Kids[{_references(self._kids)}]>>".encode("ascii"),
        )
        self._nodes.append(self._node)
        self._kids.clear()

    def _font(self, face: Face) -> int:
        """Embed one font as a Type0 font of glyph numbers (9.7) and return its object."""
        program, descriptor, descendant, unicode, font = (self._reserved() for _ in range(5))
        self._stream(program, f"/Length1 {len(face.program)}", face.program)
        self._object(descriptor, pdf_fonts.descriptor(face, program))
        self._object(descendant, pdf_fonts.descendant(face, descriptor))
        self._stream(unicode, "", pdf_fonts.unicode_map(face))
        self._object(font, pdf_fonts.font(face, descendant, unicode))
        return font

    def _reserved(self) -> int:
        self._offsets.append(0)
        return len(self._offsets) - 1

    def _stream(self, number: int, entries: str, plain: bytes) -> None:
        packed = zlib.compress(plain)
        head = f"<<{entries}/Filter/FlateDecode/Length {len(packed)}>>stream\n".encode("ascii")
        self._object(number, head + packed + b"\nendstream")

    def _object(self, number: int, body: bytes) -> None:
        self._offsets[number] = self._position
        self._put(b"%d 0 obj\n%b\nendobj\n" % (number, body))

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._position += len(data)

    def _trailer(self, information: int) -> None:
        """Write the table of offsets, in pieces, and the trailer (7.5.4, 7.5.5)."""
        start, count = self._position, len(self._offsets)
        self._put(b"xref\n0 %d\n0000000000 65535 f \n" % count)
        for first in range(1, count, 1000):
            offsets = self._offsets[first : first + 1000]
            self._put(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
        self._put(
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n"
            % (count, self._catalogue, information, start)
        )


def _references(numbers: list[int]) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)


def _text(text: str) -> str:
    """Return a text string (7.9.2.2)."""
    return f"<feff{text.encode('utf-16-be', 'replace').hex()}>"
