"""Schemes: the rules of a yearly assessment as values. They are read by `scheme_file.py`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from ballot.language import Text
from ballot.scoring.errors import NotByBallotError, UnknownComponentError, UnknownKindError
from ballot.scoring.rules import Rule


class Source(StrEnum):
    """Where a component's points come from. An entered one with a rule may be polled instead."""

    BALLOT = "ballot"
    ENTRY = "entry"

    @property
    def text(self) -> Text:
        """Return the source in words."""
        return Text("投票") if self is Source.BALLOT else Text("录入")


@dataclass(frozen=True)
class Reading:
    """A reading of ours where a clause is silent or unclear, shown to the organiser as such."""

    key: str
    text: str
    clause: str


@dataclass(frozen=True)
class Item:
    """A part of a component with its own full marks; its key is the whole path from the kind."""

    key: str
    title: str
    full_marks: Decimal
    office: str = ""
    includes: str = ""
    clause: str = ""
    readings: tuple[Reading, ...] = ()
    items: tuple["Item", ...] = ()

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


@dataclass(frozen=True)
class Component(Item):
    """One part of a kind's total (考核项). With a rule it can be decided by a ballot."""

    source: Source = Source.ENTRY
    rule: Rule | None = None

    def ballot_rule(self) -> Rule:
        """Return the rule by which votes become points.

        Raises: NotByBallotError.
        """
        if self.rule is None:
            raise NotByBallotError(component=self.key)
        return self.rule


@dataclass(frozen=True)
class AdjustmentRule:
    """Marks added or taken off each time; without fixed `marks` they are entered."""

    key: str
    title: str
    marks: Decimal | None
    clause: str = ""


class Effect(StrEnum):
    """What a veto does."""

    BARS = "bars"
    FAILS = "fails"


@dataclass(frozen=True)
class VetoRule:
    """A veto (否决情形): it bars the first grade, or brings the failing one."""

    key: str
    title: str
    effect: Effect
    clause: str = ""


@dataclass(frozen=True)
class PlaceGrades:
    """Grades by place: so many first, those below a mark failed, the others split by rank.

    `floor`: a total below it bars the first grade. `fill_vacancies`: a barred unit's place goes
    to the next in rank. `upper_share` of the others, rounded up, get the `upper` grade.
    Source: docs/scoring-rules.md, rules 18 to 20.
    """

    first: str
    places: int
    upper: str
    upper_share: Fraction
    lower: str
    failed: str
    failed_below: Decimal
    floor: Decimal | None = None
    fill_vacancies: bool = True
    clause: str = ""
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class Kind:
    """A kind of units with the components of its total, its adjustments, vetoes and grades."""

    key: str
    title: str
    components: tuple[Component, ...]
    adjustments: Mapping[str, AdjustmentRule]
    vetoes: Mapping[str, VetoRule]
    grades: PlaceGrades | None = None

    @property
    def full_marks(self) -> Decimal:
        """Return the sum of the components' full marks."""
        return sum((component.full_marks for component in self.components), Decimal(0))

    def component(self, key: str) -> Component:
        """Return a component.

        Raises: UnknownComponentError.
        """
        for component in self.components:
            if component.key == key:
                return component
        known = "、".join(component.key for component in self.components)
        raise UnknownComponentError(kind=self.key, component=key, known=known)


@dataclass(frozen=True)
class Scheme:
    """An assessment scheme (考核方案)."""

    name: str
    title: str
    source: str
    kinds: Mapping[str, Kind]
    readings: Mapping[str, Reading]

    def kind(self, key: str) -> Kind:
        """Return a kind.

        Raises: UnknownKindError.
        """
        if key not in self.kinds:
            raise UnknownKindError(scheme=self.name, kind=key, known="、".join(self.kinds))
        return self.kinds[key]
