"""Tables that people bring: one function reads a CSV file or an XLSX workbook line by line."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring import Lines, csv_lines

if TYPE_CHECKING:
    from ballot.services.workbooks import CellFault

_ZIP: Final = b"PK\x03\x04"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files of older Excel begin, and those that a password locks."""


def read_with_faults(content: bytes, filename: str) -> tuple[Lines, "Sequence[CellFault]"]:
    """Return the filled lines of a table, and which cells of a workbook cannot be used.

    Raises: MistakesError for a file that cannot be read at all.
    """
    if content.startswith(_ZIP):
        from ballot.services.workbooks import sheet_with_faults  # loads a large library

        _, lines, faults = sheet_with_faults(content, filename)
        return lines, faults
    return read_table_file(content, filename), ()


def read_table_file(content: bytes, filename: str) -> Lines:
    """Return the filled lines of a table: CSV (see `csv_lines`) or XLSX (see `sheet_lines`).

    What it is, its first bytes say; `filename` is for messages.
    Raises: MistakesError, each mistake with file, row and column, for what cannot be read as it
        stands.
    """
    if content.startswith(_COMPOUND):
        problem = Text("%(file)s：是旧式的 .xls 或加了密码，请另存为不加密的 .xlsx", file=filename)
        raise MistakesError([problem])
    if content.startswith(_ZIP):
        from ballot.services.workbooks import sheet_lines  # loads a large library

        return sheet_lines(content, filename)
    return csv_lines(content, filename)
