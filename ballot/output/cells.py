"""Cells of exported tables: text stays text, also in a spreadsheet."""

import re
from typing import Final

_PLAIN_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_BEGINS_FORMULA: Final = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def safe_text(cell: str) -> str:
    """Return a text that no spreadsheet takes for a formula. Source: OWASP, CSV injection."""
    return f"'{cell}" if cell.startswith(_BEGINS_FORMULA) else cell


def safe(cell: str) -> str:
    """Return a cell that may also hold a number, which stays one."""
    return cell if _PLAIN_NUMBER.fullmatch(cell) else safe_text(cell)
