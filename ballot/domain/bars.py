"""What a chart's bars show: a subject's levels out of their base, and its share of approval."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from ballot.domain.results import SectionResult, SubjectResult
from ballot.language import Text
from ballot.scoring import Bands, Base
from ballot.scoring.spread import NO_MARKS

OTHERS: Final = Text("其余")
_RESTS: Final = {Base.VALID: Text("弃权"), Base.RETURNED: Text("弃权和无效")}


@dataclass(frozen=True)
class Stripe:
    """A bar of levels: counts by level, the best first, and the base that they are shares of.

    `rest` is what the counts leave of the base, in words.
    """

    counts: Sequence[tuple[str, int]]
    base: int
    rest: Text = OTHERS

    @property
    def parts(self) -> list[tuple[str | Text, int]]:
        """Return every part of the bar that has votes, with what is left of the base last."""
        every: list[tuple[str | Text, int]] = [*self.counts, (self.rest, self.left)]
        return [(label, count) for label, count in every if count]

    @property
    def left(self) -> int:
        """Return what the counts leave of the base."""
        return self.base - sum(count for _, count in self.counts)


@dataclass(frozen=True)
class Approval:
    """An approval share, from 0 to 1, with the edges of bands, if any, and what it is called."""

    name: Text
    share: Fraction
    edges: Sequence[Fraction] = ()


def rest_of(base: Base) -> Text:
    """Say what a base holds besides opinions; wide ones hold ballots that never came back too."""
    return _RESTS.get(base, OTHERS)


def stripe_of(section: SectionResult, subject: SubjectResult) -> Stripe:
    """Return the bar of one subject's levels, or ranges of marks, of the rule's base."""
    converted = subject.converted
    rest, base = rest_of(section.section.rule.base), section.base_of(subject)
    if converted.on_marks:
        return Stripe(converted.spread.ranges if converted.spread else NO_MARKS, base, rest)
    counts = [(label, int(level["count"])) for label, level in converted.levels.items()]
    return Stripe(counts, base, rest)


def approval_of(section: SectionResult, subject: SubjectResult) -> Approval | None:
    """Return a subject's approval share, as printed, with the edges that its rule bands it by.

    Nothing on marks, and nothing without a result.
    """
    percent = subject.converted.percent
    if not percent:
        return None
    rule = section.section.rule
    edges = [band.at_least for band in rule.own.edges] if isinstance(rule.own, Bands) else []
    name = Text("%(levels)s率", levels=rule.levels.approval)
    return Approval(name, Fraction(percent) / 100, edges)
