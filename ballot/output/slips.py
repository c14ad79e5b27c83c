"""The printed ballots: a PDF of slips to cut apart, fold and draw from a box.

Nothing on a slip or in the file tells the slips of one batch apart but the code itself: no serial
number, no page number, no time.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from ballot.domain.codes import ALPHABET
from ballot.output import fonts
from ballot.output.code_drawing import CodeDrawing
from ballot.output.pdf import A4, PdfWriter
from ballot.output.qr import Matrices, typed_address
from ballot.output.sheet import TEN, Layout, Sheet
from ballot.output.slip_drawing import Drawing
from ballot.output.slip_wording import CHINESE, SlipWording
from ballot.output.typesetting import ELLIPSIS

_CUT_LINES: Final = "Cut"


@dataclass(frozen=True)
class SlipBatch:
    """Slips of one voter group, which begin on a sheet of their own unless `joined`.

    `colour` counts up from 0 and wraps; the name tells groups apart where colours cannot.
    `codes` are 16 symbols without dashes; they are asked for one sheet at a time, once.
    `rehearsal`: a mark lies across each slip. `title`: the poll's, where it is not the document's.
    `cover`: what stands on a slip without a code that comes first, to lie on top of the stack.
    """

    group: str
    colour: int
    codes: Iterable[str]
    spares: bool = False
    rehearsal: bool = False
    title: str = ""
    cover: str = ""
    joined: bool = False


def _silent(_slips: int) -> None:
    """Take note of no progress."""


def write_slips(
    file: BinaryIO,
    *,
    title: str,
    public_url: str,
    batches: Sequence[SlipBatch],
    progress: Callable[[int], None] = _silent,
    wording: SlipWording = CHINESE,
    layout: Layout = TEN,
) -> int:
    """Write the slips of one poll or of several as a PDF and return their number.

    The file needs only `write`; memory does not grow with the number of slips. After each sheet
    `progress` is told how many slips are done. A character without a glyph is printed as `〓`.
    The same batches give the same bytes.

    Raises: PublicUrlError, LongPublicUrlError before anything is written; FontMissingError;
        ValueError for what is no code; whatever the file raises. After an error the file is
        incomplete.
    """
    matrices = Matrices(public_url)
    drawing, printable = _prepared(title, typed_address(public_url), batches, wording, layout)
    codes = CodeDrawing(matrices, drawing.monospace, layout)
    writer = PdfWriter(file)
    writer.fonts(drawing.faces)
    writer.form(_CUT_LINES, layout.sheet.cut_lines(), width=A4[0], height=A4[1])
    pages = _Pages(writer, layout.sheet, progress)
    for number, (batch, words) in enumerate(zip(batches, printable, strict=True)):
        if not batch.joined:
            pages.turn()
        if batch.cover:
            pages.form(f"C{number}", drawing.cover(*words, batch.colour))
            pages.put(f"C{number}")
        name, group, _ = words
        marks = {"spare": batch.spares, "rehearsal": batch.rehearsal}
        pages.form(f"S{number}", drawing.shared(name, group, batch.colour, **marks))
        for code in batch.codes:
            pages.put(f"S{number}", codes.drawn(code))
    pages.turn()
    writer.finish(title=drawing.chinese_title, language=wording.language)
    return pages.written


class _Pages:
    """The sheets of a document, filled slip by slip."""

    def __init__(self, writer: PdfWriter, sheet: Sheet, progress: Callable[[int], None]) -> None:
        self._writer = writer
        self._sheet = sheet
        self._progress = progress
        self._slips: list[str] = []
        self.written = 0

    def form(self, name: str, drawing: str) -> None:
        """Write what slips have in common."""
        self._writer.form(name, drawing, width=self._sheet.width, height=self._sheet.height)

    def put(self, form: str, code: str = "") -> None:
        """Add a slip, on a new sheet where this one is full; one without a code is no ballot."""
        if len(self._slips) == self._sheet.slips:
            self.turn()
        self._slips.append(f"q {self._sheet.place(len(self._slips))}/{form} Do {code} Q")
        self.written += bool(code)

    def turn(self) -> None:
        """End this sheet, if anything is on it.

        Black ink is where every page begins (ISO 32000-1, 8.4.1).
        """
        if self._slips:
            self._writer.page("\n".join((f"/{_CUT_LINES} Do", *self._slips)))
            self._slips.clear()
            self._progress(self.written)


def _prepared(
    title: str,
    address: str,
    batches: Sequence[SlipBatch],
    wording: SlipWording,
    layout: Layout,
) -> tuple[Drawing, list[tuple[str, str, str]]]:
    """Return what draws the slips, and each batch's printable title, group and cover's words."""
    with (
        fonts.FontFile(fonts.chinese_file()) as chinese,
        fonts.FontFile(fonts.monospace_file()) as monospace,
    ):
        words = wording.each(chinese.printable)
        mark = words.rehearsal if any(batch.rehearsal for batch in batches) else ""
        title = chinese.printable(title)
        printable = [
            (
                chinese.printable(batch.title) if batch.title else title,
                chinese.printable(batch.group),
                chinese.printable(batch.cover),
            )
            for batch in batches
        ]
        texts = {text for each in printable for text in each}
        face = chinese.face([title, ELLIPSIS, mark, *sorted(texts), *words.texts()])
        typed = monospace.face([ALPHABET, "-", ELLIPSIS, address])
    return Drawing(title, address, words, face, typed, layout), printable
