"""Scales: the ordered levels a subject can be given, or marks from 0 to 100."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType
from typing import ClassVar, Final

from ballot.language import Text
from ballot.scoring.errors import ScaleError


@dataclass(frozen=True)
class Level:
    """One level (等次): its label, its worth from 0 to 100, and whether it approves."""

    label: str
    value: Fraction
    approves: bool


@dataclass(frozen=True)
class Scale:
    """Two to six levels from best to worst.

    Raises: ScaleError for labels that repeat or are blank, worths outside 0 to 100, and levels
        out of order: a lower level is never worth more, nor approves when a higher one does not.
    """

    levels: tuple[Level, ...]

    def __post_init__(self) -> None:
        problem = _problem(self.levels)
        if problem:
            raise ScaleError(problem=problem)

    @property
    def answers(self) -> int:
        """Return how many different answers there are."""
        return len(self.levels)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the levels' labels, best first."""
        return tuple(level.label for level in self.levels)

    @property
    def approval(self) -> Text:
        """Return what the approving levels are called together: 较好以上."""
        approving = [level.label for level in self.levels if level.approves]
        if len(approving) == 1:
            return Text("%(level)s", level=approving[0])
        return Text("%(level)s以上", level=approving[-1])

    def approving(self, marks: Sequence[int]) -> int:
        """Return how many of the marks approve (rule 2)."""
        self._fits(marks)
        pairs = zip(self.levels, marks, strict=True)
        return sum(mark for level, mark in pairs if level.approves)

    def worth(self, marks: Sequence[int]) -> Fraction:
        """Return the sum of what the marks are worth (rule 9)."""
        self._fits(marks)
        pairs = zip(self.levels, marks, strict=True)
        return sum((level.value * mark for level, mark in pairs), Fraction(0))

    def _fits(self, marks: Sequence[int]) -> None:
        if len(marks) != len(self.levels):
            raise ValueError(f"{len(marks)} marks for a scale of {len(self.levels)} levels")


def _problem(levels: tuple[Level, ...]) -> Text | None:
    """Return the first rule of scales that levels break."""
    labels = [level.label for level in levels]
    rules = (
        (2 <= len(levels) <= 6, Text("等次须有 2 至 6 个，现有 %(number)s 个", number=len(levels))),
        (
            all(label and label == label.strip() for label in labels),
            Text("等次名称不能空白，首尾不能有空格"),
        ),
        (len(set(labels)) == len(labels), Text("等次名称重复")),
        (all(0 <= level.value <= 100 for level in levels), Text("等次分值须在 0 至 100 之间")),
        (
            all(high.value >= low.value for high, low in pairwise(levels)),
            Text("等次须由高到低排列，分值不得回升"),
        ),
        (
            all(high.approves or not low.approves for high, low in pairwise(levels)),
            Text("认可的等次须排在不认可的等次之前"),
        ),
        (any(level.approves for level in levels), Text("至少要有一个认可的等次")),
    )
    return next((problem for kept, problem in rules if not kept), None)


def _scale(*levels: tuple[str, int, bool]) -> Scale:
    return Scale(tuple(Level(label, Fraction(value), yes) for label, value, yes in levels))


NAMED_SCALES: Final[Mapping[str, Scale]] = MappingProxyType(
    {
        "four-level": _scale(
            ("好", 100, True), ("较好", 80, True), ("一般", 60, False), ("差", 0, False)
        ),
        "three-level": _scale(("满意", 100, True), ("基本满意", 60, True), ("不满意", 0, False)),
        "personnel": _scale(
            ("优秀", 100, True),
            ("称职", 80, True),
            ("基本称职", 60, False),
            ("不称职", 0, False),
        ),
    }
)


@dataclass(frozen=True)
class MarksScale:
    """Marks (分数): each voter gives each subject a whole number from 0 to 100.

    Counts on it are a histogram: one number of ballots for each mark, from 0 to 100. It has no
    levels, and nothing on it approves or does not.
    Source: docs/scoring-rules.md, rule 23.
    """

    name: ClassVar[str] = "marks"
    highest: ClassVar[int] = 100

    @property
    def answers(self) -> int:
        """Return how many different answers there are."""
        return self.highest + 1


AnyScale = Scale | MarksScale
MARKS: Final = MarksScale()
SCALES: Final[Mapping[str, AnyScale]] = MappingProxyType({**NAMED_SCALES, MarksScale.name: MARKS})
"""Every scale that a file may ask for by its name."""


def levels_of(scale: AnyScale) -> Scale:
    """Return a scale that has levels.

    Raises: TypeError for marks, which nobody asks for their levels.
    """
    if isinstance(scale, MarksScale):
        raise TypeError("marks have no levels")
    return scale
