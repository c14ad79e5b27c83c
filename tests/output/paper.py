"""Printing slips for a test, and reading them back as a person or a camera would."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2
import zxingcpp
from PIL.Image import Image

from ballot.domain.codes import Code, new_code
from ballot.output.sheet import TEN, Layout, Sheet
from ballot.output.slips import SlipBatch, write_slips

URL = "https://ballot.example.gov.cn"
TITLE = "白马村2023年度村述村评"
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-?[0-9A-Z]{4}-[0-9A-Z]{4}")  # on one line or two


def codes(count: int) -> list[Code]:
    return [new_code() for _ in range(count)]


def a_batch(
    count: int = 1, group: str = "村民代表", colour: int = 0, spares: bool = False
) -> SlipBatch:
    return SlipBatch(group, colour, codes(count), spares)


def printed(
    *batches: SlipBatch, title: str = TITLE, public_url: str = URL, layout: Layout = TEN
) -> bytes:
    file = io.BytesIO()
    write_slips(file, title=title, public_url=public_url, batches=batches, layout=layout)
    return file.getvalue()


@dataclass(frozen=True)
class Slip:
    """What was found on one slip: its text, and the contents of its QR codes."""

    page: int
    text: str
    links: tuple[str, ...]

    @property
    def code(self) -> str:
        (shown,) = CODE.findall(on_one_line(self.text))
        return shown.replace("-", "")


def read(pdf: bytes, dpi: int = 150, layout: Layout = TEN) -> list[Slip]:
    """Cut every page into slips and read those that are not empty."""
    return list(slips_of(pdf, dpi, layout))


def slips_of(pdf: bytes, dpi: int, layout: Layout = TEN) -> Iterator[Slip]:
    """Read slip after slip, in the order of the pages."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for number, page in enumerate(document):
            for text, image in _cut(page, dpi, layout.sheet):
                if text:
                    found = zxingcpp.read_barcodes(image)
                    yield Slip(number, text, tuple(code.text for code in found))
    finally:
        document.close()


def pictures(pdf: bytes, dpi: int = 150) -> list[Image]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil() for page in document]
    finally:
        document.close()


def _cut(page: pypdfium2.PdfPage, dpi: int, sheet: Sheet) -> Iterator[tuple[str, Image]]:
    picture = page.render(scale=dpi / 72).to_pil().convert("L")
    text = page.get_textpage()
    for slot in range(sheet.slips):
        row, column = divmod(slot, sheet.columns)
        left, top = column * sheet.width, row * sheet.height
        height = sheet.height * sheet.rows
        words = text.get_text_bounded(
            left, height - top - sheet.height, left + sheet.width, height - top
        )
        edges = (left, top, left + sheet.width, top + sheet.height)
        yield words, picture.crop(tuple(round(edge * dpi / 72) for edge in edges))


def on_one_line(texts: Sequence[str] | str) -> str:
    """Return text without the line ends that the paper's width made."""
    return "".join("".join(texts).split())
