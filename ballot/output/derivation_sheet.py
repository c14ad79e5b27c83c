"""The sheet that tells how figures came about, line by line, so that it can be printed."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from ballot.language import Text
from ballot.output.workbook import TEXT, Look, Sheet

_LINE: Final = Look(wrapped=True, left=True)


def write_derivations(
    sheet: Sheet,
    rows: Iterable[tuple[str, Sequence[str]]],
    words: Callable[[Text], str],
) -> None:
    """Write each subject's lines under one another, its name before each."""
    sheet.headings(1, [words(Text("单位")), words(Text("计算过程"))], frozen=1)
    number = 1
    for name, lines in rows:
        for line in lines:
            number += 1
            sheet.put(number, 1, name, TEXT)
            sheet.put(number, 2, line, _LINE)
    sheet.widen(2, 110)


def beside(lines: Iterable[str], words: Callable[[Text], str]) -> str:
    """Return lines as one, for the cell beside the figures, which does not print."""
    return words(Text("；")).join(lines)
