"""Comments (意见): what a voter may write besides the choices, one free text per ballot."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from ballot.domain.definition import Definition
from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.plain_text import is_unseen

FIELD: Final = "comment"
"""The name of the form's field."""
LONGEST: Final = 300
"""Of a comment as it is kept, in characters."""
MOST_TYPED: Final = 3000
"""The field's own limit, in UTF-16 units: what is too long comes back whole, and fits a request."""


class CommentError(MistakesError):
    """A comment that cannot be taken."""


@dataclass(frozen=True)
class Written:
    """What a form says. `typed`: to be shown again; `text`: as it would be kept, empty for none."""

    longest: ClassVar[int] = LONGEST
    most_typed: ClassVar[int] = MOST_TYPED

    typed: str = ""
    text: str = ""

    @property
    def problem(self) -> Text | None:
        """Return what keeps the comment from being taken."""
        if len(self.text) <= LONGEST:
            return None
        return Text(
            "意见最多写 %(most)s 个字，现在是 %(count)s 个字，请删短一些。您写的都还在。",
            most=LONGEST,
            count=len(self.text),
        )


NOTHING: Final = Written()


def read_comment(definition: Definition, fields: Mapping[str, str]) -> Written:
    """Return the comment that a form holds, where the poll takes comments."""
    typed = fields.get(FIELD, "") if definition.comments else ""
    if not typed:
        return NOTHING
    return Written("\n".join(map(_seen, typed.splitlines())), plain(typed))


def accept_comment(definition: Definition, fields: Mapping[str, str]) -> str:
    """Return the comment to be kept, empty for none.

    Raises: CommentError for one that is too long.
    """
    written = read_comment(definition, fields)
    if written.problem:
        raise CommentError([written.problem])
    return written.text


def plain(typed: str) -> str:
    """Return a text as it is kept: without what shows as nothing, blank runs and blank lines.

    Spaces and hidden characters would be a hand to be known by, and could turn the page around.
    What is plain stays as it is.
    """
    lines = (" ".join(_seen(line).split()) for line in typed.splitlines())
    return "\n".join(line for line in lines if line)


def _seen(line: str) -> str:
    kept = "".join([c for c in line if c.isspace() or not is_unseen(c)])
    return "".join(c for c in unicodedata.normalize("NFC", kept) if not is_unseen(c) or c == "\t")
