"""A kind of units: its components, adjustments, vetoes, grades, and what else it takes in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from ballot.scoring.adjustments import AdjustmentLimit, AdjustmentRule, VetoRule
from ballot.scoring.components import Component, Item
from ballot.scoring.errors import UnknownComponentError
from ballot.scoring.grade_rules import CutGrades, GradeRule
from ballot.scoring.publicity import TEN_DAYS, UNSAID, NoticeRule, ReviewRule
from ballot.scoring.readings import Reading


@dataclass(frozen=True)
class Coefficient:
    """A column whose figure multiplies the sum of the components; blank means 1 (rule 46)."""

    column: str
    title: str
    clause: str = ""
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class StaffQuota:
    """How many of a unit's staff may be chosen, printed beside its standing (rule 56).

    `first` is the share in units of the first grade and in those that do not compete.
    """

    title: str
    first: Fraction
    others: Fraction
    clause: str = ""
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class TwoYears:
    """What is noted where this year and last year were both bad (rule 57).

    Bad is a total below `below`, or the grade `grade`.
    """

    flag: str
    below: Decimal | None = None
    grade: str = ""
    clause: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of units with the components of its total, its adjustments, vetoes and grades.

    `sectors`: units are ranked and graded inside their sector (rule 51). `competes`: some are
    listed out of competition (rule 52). `notice`, `review`: what is made known, and the clocks of
    reviews (rules 66 to 68).
    """

    key: str
    title: str
    components: tuple[Component, ...]
    adjustments: Mapping[str, AdjustmentRule]
    vetoes: Mapping[str, VetoRule]
    grades: GradeRule | None = None
    limits: Mapping[str, AdjustmentLimit] = field(default_factory=dict)
    sectors: bool = False
    competes: bool = False
    coefficient: Coefficient | None = None
    staff: StaffQuota | None = None
    two_years: TwoYears | None = None
    notice: NoticeRule = UNSAID
    review: ReviewRule = TEN_DAYS
    clause: str = ""
    readings: tuple[Reading, ...] = ()

    @property
    def full_marks(self) -> Decimal | None:
        """Return the sum of what the components can bring; None if one has no full marks."""
        most = [component.most for component in self.components]
        known = [each for each in most if each is not None]
        if len(known) < len(most):
            return None
        whole = sum(known, Fraction(0))
        return Decimal(whole.numerator) / Decimal(whole.denominator)

    @property
    def flags(self) -> bool:
        """Whether something may be noted beside its units."""
        return self.two_years is not None or any(veto.flag for veto in self.vetoes.values())

    @property
    def converts(self) -> bool:
        """Whether figures are entered that are no points, or that no total counts."""
        return any(
            component.indicators or not component.counted for component in self.components
        ) or any(item.steps for item in self.nodes())

    @property
    def distinguishes(self) -> bool:
        """Whether its grades bring a further distinction."""
        return isinstance(self.grades, CutGrades) and self.grades.distinction is not None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that its entries may have besides the unit and its figures."""
        used = {
            "sector": self.sectors,
            "competes": self.competes,
            "staff": self.staff is not None,
            "last-year": self.two_years is not None,
        }
        own = (self.coefficient.column,) if self.coefficient else ()
        return (*(column for column, here in used.items() if here), *own)

    @property
    def indicated(self) -> Component | None:
        """The component that is made of indicators, None where there is none."""
        return next((each for each in self.components if each.indicators), None)

    def nodes(self) -> Iterator[Item]:
        """Return every component and item, wholes before their parts."""
        for component in self.components:
            yield component
            yield from component.below()

    def component(self, key: str) -> Component:
        """Return a component.

        Raises: UnknownComponentError.
        """
        for component in self.components:
            if component.key == key:
                return component
        raise self._unknown(key, [component.key for component in self.components])

    def balloted(self, key: str) -> Item:
        """Return a component, or an item that is decided by a ballot of its own.

        Raises: UnknownComponentError.
        """
        found = {item.key: item for item in self.nodes() if item.rule or "." not in item.key}
        if key not in found:
            raise self._unknown(key, list(found))
        return found[key]

    def _unknown(self, key: str, known: list[str]) -> UnknownComponentError:
        return UnknownComponentError(kind=self.key, component=key, known="、".join(known))
