"""The printed ballots: a PDF of slips to cut apart, fold and draw from a box.

Nothing on a slip or in the file tells the slips of one batch apart but the code itself: no serial
number, no page number, no time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Final

from ballot.domain.codes import ALPHABET
from ballot.output import fonts, sheet
from ballot.output.code_drawing import CodeDrawing
from ballot.output.pdf import A4, PdfWriter
from ballot.output.qr import Matrices, typed_address
from ballot.output.slip_drawing import Drawing
from ballot.output.slip_wording import CHINESE, SlipWording
from ballot.output.typesetting import ELLIPSIS

_CUT_LINES: Final = "Cut"


@dataclass(frozen=True)
class SlipBatch:
    """Slips of one voter group, which begin on a sheet of their own.

    `colour` counts up from 0 and wraps; the name tells groups apart where colours cannot.
    `codes` are 16 symbols without dashes; they are asked for one sheet at a time, once.
    `rehearsal`: a mark lies across each slip.
    """

    group: str
    colour: int
    codes: Iterable[str]
    spares: bool = False
    rehearsal: bool = False


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
) -> int:
    """Write the slips of one poll as a PDF and return their number.

    The file needs only `write`; memory does not grow with the number of slips. After each sheet
    `progress` is told how many slips are done. A character without a glyph is printed as `〓`.
    The same batches give the same bytes.

    Raises: PublicUrlError, LongPublicUrlError before anything is written; FontMissingError;
        ValueError for what is no code; whatever the file raises. After an error the file is
        incomplete.
    """
    matrices = Matrices(public_url)
    drawing, groups = _prepared(title, typed_address(public_url), batches, wording)
    codes = CodeDrawing(matrices, drawing.monospace)
    writer = PdfWriter(file)
    writer.fonts(drawing.faces)
    writer.form(_CUT_LINES, sheet.cut_lines(), width=A4[0], height=A4[1])
    written = 0
    for number, (batch, group) in enumerate(zip(batches, groups, strict=True)):
        form = f"S{number}"
        shared = drawing.shared(group, batch.colour, spare=batch.spares, rehearsal=batch.rehearsal)
        writer.form(form, shared, width=sheet.WIDTH, height=sheet.HEIGHT)
        for on_sheet in _sheets(batch.codes):
            writer.page(_page(form, on_sheet, codes))
            written += len(on_sheet)
            progress(written)
    writer.finish(title=title, language=wording.language)
    return written


def _prepared(
    title: str, address: str, batches: Sequence[SlipBatch], wording: SlipWording
) -> tuple[Drawing, list[str]]:
    """Return what draws the slips, and the groups' printable names in order."""
    with (
        fonts.FontFile(fonts.chinese_file()) as chinese,
        fonts.FontFile(fonts.monospace_file()) as monospace,
    ):
        words = wording.each(chinese.printable)
        mark = words.rehearsal if any(batch.rehearsal for batch in batches) else ""
        title = chinese.printable(title)
        groups = [chinese.printable(batch.group) for batch in batches]
        face = chinese.face([title, ELLIPSIS, mark, *groups, *words.texts()])
        typed = monospace.face([ALPHABET, "-", ELLIPSIS, address])
    return Drawing(title, address, words, face, typed), groups


def _sheets(codes: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(codes)
    while on_sheet := list(islice(rest, sheet.SLIPS)):
        yield on_sheet


def _page(form: str, on_sheet: Sequence[str], codes: CodeDrawing) -> str:
    """Return a page's drawing; black ink is where every page begins (ISO 32000-1, 8.4.1)."""
    slips = (
        f"q {sheet.place(slot)}/{form} Do {codes.drawn(code)} Q"
        for slot, code in enumerate(on_sheet)
    )
    return "\n".join((f"/{_CUT_LINES} Do", *slips))
