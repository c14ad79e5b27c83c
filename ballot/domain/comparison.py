"""Comparison (对比): the weighted groups of a subject, and a subject now and in an earlier poll.

What cannot be compared is not: other levels, marks beside levels, other full marks. What can be
compared with a reservation says it: another base, other questions, other rules of conversion.
Source: docs/scoring-rules.md, rule 69; suppression of small groups: rule 12.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from ballot.domain.definition import Definition, Section, Subject
from ballot.domain.results import SectionResult, SubjectResult
from ballot.language import Text
from ballot.scoring import Level, MarksScale
from ballot.scoring.compared import GroupShare, exact_share, group_shares
from ballot.scoring.figures import half_up, percentage

_PLUS: Final = "+"


@dataclass(frozen=True)
class SubjectGroups:
    """A subject with the shares of the groups that rate it.

    `groups` is None where telling them would tell of a small one.
    """

    subject: Subject
    whole: Fraction | None
    groups: Sequence[GroupShare] | None


@dataclass(frozen=True)
class Measured:
    """What is compared of one subject's result: its share or mean, exact, and its points."""

    section: Section
    subject: Subject
    share: Fraction | None
    points: Decimal | None

    @property
    def shown(self) -> str:
        """Return the share in percent, or the mean mark; nothing without a result."""
        return shown_share(self.share, on_marks=self.section.on_marks)


@dataclass(frozen=True)
class Compared:
    """A subject now and then, and what to mind about it.

    `share` is in percentage points (or marks), exact. It and `points` are None where they cannot
    be compared; `cautions` say why.
    """

    now: Measured
    then: Measured
    share: Fraction | None
    points: Decimal | None
    cautions: tuple[Text, ...]

    @property
    def shown_share(self) -> str:
        """Return the difference of shares with its sign, rounded half up to two decimals."""
        return "" if self.share is None else _signed(half_up(self.share, 2))

    @property
    def shown_points(self) -> str:
        """Return the difference of points with its sign."""
        return "" if self.points is None else _signed(self.points)


def shown_share(share: Fraction | None, *, on_marks: bool) -> str:
    """Return a share in percent, or a mean mark, with two decimals; nothing for none."""
    if share is None:
        return ""
    return f"{half_up(share, 2):f}" if on_marks else f"{percentage(share)}%"


def of_groups(
    definition: Definition, section: SectionResult, smallest_group: int
) -> list[SubjectGroups]:
    """Return what a section's groups said of each subject, as far as it may be told.

    Nothing for polls whose groups are pooled: no vote knows its group there.
    """
    if not definition.weighted:
        return []
    names = {group.key: group.name for group in definition.groups}
    return [
        SubjectGroups(
            result.subject,
            measured(section, result).share,
            group_shares(
                counted.subject,
                counted.questions,
                section.section.rule,
                counted.weights,
                names,
                smallest_group,
            ),
        )
        for result, counted in zip(section.subjects, section.counted, strict=True)
    ]


def measured(section: SectionResult, result: SubjectResult) -> Measured:
    """Return what is compared of a subject's result."""
    counted = section.counted[section.subjects.index(result)]
    rule = section.section.rule
    share = exact_share(counted.subject, counted.questions, rule, counted.weights)
    return Measured(section.section, result.subject, share, result.converted.points)


def compare(now: Measured, then: Measured) -> Compared:
    """Return how a subject's result differs from an earlier one.

    Exchanging the two changes the signs and nothing else.
    """
    same_scale = scales_agree(now.section, then.section)
    same_full = now.section.rule.full_marks == then.section.rule.full_marks
    share = points = None
    if same_scale and now.share is not None and then.share is not None:
        share = (now.share - then.share) * (1 if now.section.on_marks else 100)
    if same_full and now.points is not None and then.points is not None:
        points = now.points - then.points
    return Compared(now, then, share, points, tuple(_cautions(now, then)))


def scales_agree(one: Section, other: Section) -> bool:
    """Tell whether shares on two scales mean the same: both marks, or the same levels."""
    if one.on_marks or other.on_marks:
        return one.on_marks and other.on_marks
    return _levels(one) == _levels(other)


def _levels(section: Section) -> Sequence[tuple[str, bool]]:
    scale = section.rule.scale
    levels: Sequence[Level] = () if isinstance(scale, MarksScale) else scale.levels
    return [(level.label, level.approves) for level in levels]


def _cautions(now: Measured, then: Measured) -> Iterator[Text]:
    mine, theirs = now.section, then.section
    if not scales_agree(mine, theirs):
        yield Text("量表不同，比率不作比较")
    elif mine.rule.base is not theirs.rule.base:
        yield Text(
            "基数不同：本次为%(now)s，上年为%(then)s",
            now=mine.rule.base.text,
            then=theirs.rule.base.text,
        )
    if mine.rule.full_marks != theirs.rule.full_marks:
        yield Text("满分不同，得分不作比较")
    elif mine.rule.conversion != theirs.rule.conversion or mine.rule.combine != theirs.rule.combine:
        yield Text("折算规则不同")
    if [each.text for each in mine.questions] != [each.text for each in theirs.questions]:
        yield Text("测评项不同")
    if now.share is None or then.share is None:
        yield Text("有一次没有结果")


def _signed(number: Decimal) -> str:
    return f"{_PLUS if number > 0 else ''}{number:f}"
