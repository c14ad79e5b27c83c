"""What the total of a kind consists of: components and their items, as a tree of full marks."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from ballot.language import Text
from ballot.scoring.errors import NotByBallotError
from ballot.scoring.readings import Reading
from ballot.scoring.rules import Rule

WHOLE: Final = Fraction(1)


class Source(StrEnum):
    """Where a component's points come from. An entered one with a rule may be polled instead."""

    BALLOT = "ballot"
    ENTRY = "entry"

    @property
    def text(self) -> Text:
        """Return the source in words."""
        return Text("投票") if self is Source.BALLOT else Text("录入")


class Combine(StrEnum):
    """How the items that were given make up their whole (rule 40)."""

    SUM = "sum"
    MEAN = "mean"
    WEIGHTS = "weights"

    @property
    def text(self) -> Text:
        """Return the way in words."""
        if self is Combine.SUM:
            return Text("相加")
        return Text("取所填各项的平均") if self is Combine.MEAN else Text("按权重合成")


@dataclass(frozen=True)
class Steps:
    """Marks for an entered place: `first` for the first, `step` less for each further (rule 44)."""

    first: Decimal
    step: Decimal
    least: Decimal = Decimal(0)

    def marks(self, place: int) -> Fraction:
        """Return the marks of a place, counted from 1."""
        return max(Fraction(self.first - self.step * (place - 1)), Fraction(self.least))


@dataclass(frozen=True)
class Indicators:
    """Any number of indicators with raw figures, each marked by rank among the units (rule 45).

    `level` and `improvement` are the shares of the two marks. Larger figures are better, except
    those of the indicators named in `smaller`.
    """

    level: Fraction
    improvement: Fraction
    smaller: tuple[str, ...] = ()


@dataclass(frozen=True)
class Condition:
    """A figure is given where another component reaches a mark; below it, it stays blank."""

    component: str
    at_least: Decimal


@dataclass(frozen=True)
class Item:
    """A part of a component with its own full marks; its key is the whole path from the kind.

    `full_marks` is None where the scheme sets none. `combine` tells how its own items make it up;
    `weight` is what its whole counts it with where that combines by weights. With a rule it can be
    decided by a ballot; `groups` are then the voter groups' names and exact weights, empty where
    groups are pooled (rule 12).
    """

    key: str
    title: str
    full_marks: Decimal | None
    office: str = ""
    includes: str = ""
    clause: str = ""
    readings: tuple[Reading, ...] = ()
    items: tuple["Item", ...] = ()
    combine: Combine = Combine.SUM
    weight: Fraction = WHOLE
    steps: Steps | None = None
    source: Source = Source.ENTRY
    rule: Rule | None = None
    questions: tuple[str, ...] = ()
    groups: tuple[tuple[str, Fraction], ...] = ()

    def below(self) -> Iterator["Item"]:
        """Return every item under this one, parents before their parts."""
        for item in self.items:
            yield item
            yield from item.below()

    def leaves(self) -> Iterator["Item"]:
        """Return the items that are entered one by one; this one itself if it has no parts."""
        if not self.items:
            yield self
        for item in self.items:
            yield from item.leaves()

    @property
    def reading(self) -> str:
        """The readings it rests on, in one text."""
        return ";".join(reading.text for reading in self.readings)

    def ballot_rule(self) -> Rule:
        """Return the rule by which votes become its marks.

        Raises: NotByBallotError.
        """
        if self.rule is None:
            raise NotByBallotError(component=self.key)
        return self.rule


@dataclass(frozen=True)
class Component(Item):
    """One part of a kind's total (考核项).

    `share`: what it counts with in the total, where it is out of marks of its own (rule 41).
    `counted`: false for a figure that is no part of the total. `needs`: when it is given at all
    (rule 42). `indicators`: it is made of raw figures (rule 45).
    """

    share: Fraction = WHOLE
    counted: bool = True
    needs: Condition | None = None
    indicators: Indicators | None = None

    @property
    def most(self) -> Fraction | None:
        """The most it can bring to the total; None without full marks."""
        if not self.counted:
            return Fraction(0)
        return None if self.full_marks is None else Fraction(self.full_marks) * self.share
