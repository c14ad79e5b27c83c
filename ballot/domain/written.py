"""What organisers write in passing: names, titles, reasons. It goes into the log and onto pages."""

import unicodedata
from collections.abc import Iterable
from typing import Final

from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.plain_text import unseen_problem

LONGEST_NAME: Final = 100
LONGEST_REASON: Final = 500
_DOTS: Final = dict.fromkeys(map(ord, "•‧∙⋅・"), "·")
"""What programs write for the dot within a name (买买提·艾力)."""


def comparable(name: str) -> str:
    """Return a name without what does not tell people apart: spaces, width, case, kind of dot."""
    plain = unicodedata.normalize("NFKC", name).translate(_DOTS)
    return "".join(plain.split()).casefold()


def problems(what: Text, text: str, *, most: int, lines: bool = False) -> list[Text]:
    """Return what is wrong with a written text, each naming `what` it is.

    `most`: in characters; `lines`: it may have several lines.
    """
    found = [unseen_problem(text, lines=lines)]
    if len(text) > most:
        found.append(Text("最多 %(most)s 个字", most=most))
    return [Text("%(key)s：%(problem)s", key=what, problem=problem) for problem in found if problem]


def require_readable(texts: Iterable[object]) -> None:
    """Refuse what a reader of the log could not see, or nobody would read to its end.

    Raises: MistakesError.
    """
    mistakes = [
        problem
        for text in texts
        if isinstance(text, str)
        for problem in problems(Text("所写的文字"), text, most=LONGEST_REASON, lines=True)
    ]
    if mistakes:
        raise MistakesError(mistakes)
