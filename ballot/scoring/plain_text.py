"""Text that people can see: what shows as nothing, or turns the reading direction, is refused.

A name with a hidden character looks like another one, a control character drives the terminal it is
printed on, and U+202E makes 1 read as the last digit. All of them are in Unicode's categories for
controls (Cc), formats (Cf: direction marks, zero-width characters, tags), line and paragraph
separators (Zl, Zp) and halves of characters (Cs); a few letters, marks and variation selectors show
as nothing, too.
"""

import unicodedata
from typing import Final

from ballot.language import Text

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_BLANK_LETTERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(number)
    for first, last in ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
    for number in range(first, last + 1)
}
_LINES: Final = frozenset("\n\r\t")


def is_unseen(character: str) -> bool:
    """Tell whether a character shows as nothing, or changes how others are shown."""
    return unicodedata.category(character) in _UNSEEN or character in _BLANK_LETTERS


def unseen_problem(text: str, *, lines: bool = False) -> Text | None:
    """Return what is wrong with a text, naming its first unseen character.

    `lines`: line breaks and tabs are allowed.
    """
    if text.isascii() and text.isprintable():
        return None
    for character in text:
        if is_unseen(character) and not (lines and character in _LINES):
            return Text(
                "含有看不见的或改变文字方向的字符 %(code)s，请删去", code=f"U+{ord(character):04X}"
            )
    return None


def visible(text: str) -> str:
    """Return a text with its unseen characters written out, fit to be shown in a message."""
    return "".join(f"<U+{ord(c):04X}>" if is_unseen(c) else c for c in text)
