"""What a scheme says about making results known: what is posted, how long, reviews and clocks.

Source: docs/scoring-rules.md, rules 66 to 68.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ballot.language import N_, Text
from ballot.scoring.readings import Reading


class Posts(StrEnum):
    """What a public notice (公示) may hold about units of a kind (rule 66)."""

    ALL = "all"
    POLLS = "polls"
    PROPOSED = "proposed"
    NONE = "none"

    @property
    def text(self) -> Text:
        """Say it in words."""
        return Text(_POSTS_WORDS[self])


_POSTS_WORDS: Final = {
    Posts.ALL: N_("审定的总评（名次、总分、等次）和已认定的测评结果"),
    Posts.POLLS: N_("已认定的测评结果，不公示总评"),
    Posts.PROPOSED: N_("只公示拟定为最高等次和拟表彰的名单，不公示任何分数、票数和名次"),
    Posts.NONE: N_("什么都不公示"),
}


@dataclass(frozen=True)
class NoticeRule:
    """What may be posted, and for how many days: from `least` to `most`, the first not counted.

    A scheme that says nothing lets nothing be posted, so that no person's marks ever come on a
    wall by an omission.
    """

    posts: Posts = Posts.NONE
    least: int = 5
    most: int = 7
    clause: str = ""
    readings: tuple[Reading, ...] = ()

    @property
    def standing(self) -> bool:
        """Tell whether an approved standing may be posted with its figures."""
        return self.posts is Posts.ALL

    @property
    def polls(self) -> bool:
        """Tell whether certified results of polls may be posted."""
        return self.posts in {Posts.ALL, Posts.POLLS}


@dataclass(frozen=True)
class ReviewRule:
    """The two clocks of a review (复核), in calendar days, the first not counted (rule 68).

    `ask`: from being told in writing to asking; `answer`: from receipt of the request to the
    answer.
    """

    ask: int = 10
    answer: int = 10
    clause: str = ""
    readings: tuple[Reading, ...] = ()


UNSAID: Final = NoticeRule()
"""What a scheme lets be posted that says nothing."""
TEN_DAYS: Final = ReviewRule()
"""The clocks of a scheme that names none."""
