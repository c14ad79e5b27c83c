"""The one tree of errors that a person can act on; everything else is a bug and may crash.

Each class owns its sentence. What it becomes outside (a status, an exit code) is decided by
`web/errors.py` and the command line alone.
"""

from collections.abc import Sequence
from typing import ClassVar, Final

from ballot.language import N_, Text

MOST_TOLD: Final = 100


class BallotError(Exception):
    """An error whose text is fit to show to a person."""

    message: ClassVar[str] = N_("出错了，请重试。")

    def __init__(self, **values: object) -> None:
        super().__init__()
        self.text = Text(self.message, **values)

    def texts(self) -> Sequence[Text]:
        """Return one text per mistake."""
        return (self.text,)

    def __str__(self) -> str:
        return "\n".join(str(text) for text in self.texts())


class MistakesError(BallotError):
    """Something a person wrote holds mistakes: each is told, with its place."""

    message = N_("有 %(count)s 处错误。")

    def __init__(self, mistakes: Sequence[Text]) -> None:
        super().__init__(count=len(mistakes))
        self.mistakes = tuple(mistakes)

    def texts(self) -> Sequence[Text]:
        """Return the mistakes; of very many the first, and how many more there are."""
        more = len(self.mistakes) - MOST_TOLD
        if more <= 0:
            return self.mistakes
        return (*self.mistakes[:MOST_TOLD], Text("还有 %(count)s 处错误，没有列出。", count=more))


class NotFoundError(BallotError):
    """What was asked for does not exist."""

    message = N_("没有找到。")


class RefusedError(BallotError):
    """The action is not allowed in the present state."""


class VotingRefusedError(RefusedError):
    """A voter's request that cannot be granted; the page says why."""


class OperationError(BallotError):
    """The machine or its set-up stands in the way: a file, a lock, a key, a database."""
