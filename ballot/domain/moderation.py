"""Moderation (意见审核) of comments: published or withheld, masked perhaps, never edited.

What is published of a comment may have characters replaced by `MASK`, nothing else.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

from ballot.domain.comments import plain
from ballot.errors import MistakesError
from ballot.language import N_, Text

MASK: Final = "○"
_MARK_SYMBOLS: Final = 16
_BETWEEN_WORDS: Final = re.compile(r"[\s、，,；;]+")


class MaskError(MistakesError):
    """What is to be masked does not stand in the comment."""


class Verdict(StrEnum):
    """What a moderator says to a comment."""

    PUBLISH = "publish"
    WITHHOLD = "withhold"


class Why(StrEnum):
    """Why a comment is withheld."""

    PERSON = "person"
    INSULT = "insult"
    OFF_TOPIC = "off-topic"
    OTHER = "other"

    @property
    def text(self) -> Text:
        """Return the reason in words."""
        return Text(_WHY_WORDS[self])


_WHY_WORDS: Final = {
    Why.PERSON: N_("能认出是谁写的或写的是谁"),
    Why.INSULT: N_("辱骂、攻击"),
    Why.OFF_TOPIC: N_("与测评无关"),
    Why.OTHER: N_("其他原因"),
}


@dataclass(frozen=True)
class Decision:
    """What was decided about a comment: `why` only where it is withheld.

    `masked`: what is published instead of the comment's own text, or None.
    """

    verdict: Verdict
    why: Why | None = None
    masked: str | None = None


def masked(text: str, words: str) -> str | None:
    """Return a text with every occurrence of some words masked, None where there are no words.

    `words`: as they stand in the text, with blanks or commas between them. Each character becomes
    one `MASK`, so nothing can be put into anybody's mouth.
    Raises: MaskError naming each word that the text does not hold.
    """
    wanted = [word for word in _BETWEEN_WORDS.split(plain(words)) if word]
    missing = [word for word in wanted if word not in text]
    if missing:
        raise MaskError([Text("意见里没有“%(word)s”，无法遮盖。", word=word) for word in missing])
    for word in sorted(wanted, key=len, reverse=True):  # a name before a part of it
        text = text.replace(word, MASK * len(word))
    return text if wanted else None


def masked_words(text: str, shown: str) -> list[str]:
    """Return what was masked in a text, each run of characters once, as it may be typed again."""
    return list(dict.fromkeys(_runs(text, shown)))


def _runs(text: str, shown: str) -> Iterator[str]:
    pairs = zip(text, shown, strict=True)
    for hidden, run in groupby(pairs, lambda pair: pair[0] != pair[1]):
        if hidden:
            yield "".join(own for own, _ in run)


@dataclass(frozen=True)
class Said:
    """What a moderator's form says of one comment: words of `Verdict` and `Why`, or nothing.

    `mask`: the words to be masked, as they were typed.
    """

    verdict: str
    why: str
    mask: str

    @property
    def mark(self) -> str:
        """Return a short mark of this: what a form saw, to be held against what stands."""
        whole = "|".join((self.verdict, self.why, self.mask))
        return hashlib.sha256(whole.encode()).hexdigest()[:_MARK_SYMBOLS]

    def decision(self, text: str) -> Decision | None:
        """Return the decision about a comment of this text; None takes one back.

        Raises: MistakesError.
        """
        if self.verdict == Verdict.PUBLISH:
            return Decision(Verdict.PUBLISH, masked=masked(text, self.mask))
        if self.verdict != Verdict.WITHHOLD:
            return None
        if self.why not in set(Why):
            raise MistakesError([Text("不公布的，请选理由。")])
        return Decision(Verdict.WITHHOLD, Why(self.why))
