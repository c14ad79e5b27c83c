"""CSV as people's programs write it: decoded, cut at the separator it uses, line by line.

Excel in China writes GB18030 and commas, elsewhere semicolons; its "Unicode text" is UTF-16 with
tabs.
"""

import csv
import io
from collections.abc import Iterator
from typing import Final

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.table import MOST_COLUMNS, MOST_ROWS, Line, Lines

MOST_BYTES: Final = 2_000_000
SEPARATORS: Final = ",;\t"
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


def csv_lines(content: bytes, name: str) -> Lines:
    """Return the filled lines of a CSV file.

    UTF-8 (with a byte order mark or without), GB18030, or UTF-16 with its mark; separated by
    commas, semicolons or tabs, whichever the first filled line holds most of.
    Raises: MistakesError if it cannot be read, or is far larger than any such file.
    """
    if len(content) > MOST_BYTES:
        raise MistakesError(
            [Text("%(file)s：文件太大，最多 %(most)s 字节", file=name, most=MOST_BYTES)]
        )
    text = _decoded(content, name)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    try:
        return Lines(name, tuple(_filled(reader, name)))
    except csv.Error as error:
        problem = Text("%(file)s：不是有效的 CSV：%(problem)s", file=name, problem=str(error))
        raise MistakesError([problem]) from error


def _filled(reader: Iterator[list[str]], name: str) -> Iterator[Line]:
    """Yield the filled lines, and stop at a file that no person wrote."""
    for number, cells in enumerate(reader, start=1):
        if number > MOST_ROWS:
            raise MistakesError([Text("%(file)s：最多 %(most)s 行", file=name, most=MOST_ROWS)])
        if len(cells) > MOST_COLUMNS:
            problem = Text(
                "%(file)s 第 %(row)s 行：最多 %(most)s 列", file=name, row=number, most=MOST_COLUMNS
            )
            raise MistakesError([problem])
        line = Line(number, tuple(cell.strip() for cell in cells))
        if any(line.cells):
            yield line


def _decoded(content: bytes, name: str) -> str:
    encodings = ("utf-16",) if content.startswith(UTF_16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise MistakesError([Text("%(file)s：文字编码须是 UTF-8 或 GB18030", file=name)])


def _separator(text: str) -> str:
    """Return the separator that the first filled line holds most of, outside quotation marks."""
    first = next((line for line in text.splitlines() if line.strip(SEPARATORS + " ")), "")
    outside = "".join(first.split('"')[::2])
    return max(SEPARATORS, key=outside.count)
