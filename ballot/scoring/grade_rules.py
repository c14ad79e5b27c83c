"""The rules by which units get grades: by place, by a share of places, by cuts."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

from ballot.scoring.readings import Reading


@dataclass(frozen=True)
class PlaceGrades:
    """Grades by place: so many first, those below a mark failed, the others split by rank.

    The first are `places` many or, with a `share`, that share of the competing units, rounded
    down, but no fewer than `least` (rule 53). `floor`: a total below it bars the first grade.
    `fill_vacancies`: a barred unit's place goes to the next in rank. `upper_share` of the others,
    rounded up, get the `upper` grade, the rest `lower`; both may be empty, then the others have no
    grade. `failed` may be empty too.
    Source: docs/scoring-rules.md, rules 18 to 20, 53.
    """

    first: str
    places: int
    upper: str = ""
    upper_share: Fraction = Fraction(0)
    lower: str = ""
    failed: str = ""
    failed_below: Decimal | None = None
    floor: Decimal | None = None
    fill_vacancies: bool = True
    clause: str = ""
    readings: tuple[Reading, ...] = ()
    share: Fraction | None = None
    least: int = 0

    def number(self, competing: int) -> int:
        """Return how many places the first grade has among so many competing units."""
        if self.share is None:
            return self.places
        return max(self.least, floor(self.share * competing))

    @property
    def labels(self) -> tuple[str, ...]:
        """The grades from best to worst."""
        return tuple(filter(None, (self.first, self.upper, self.lower, self.failed)))

    @property
    def last(self) -> str:
        """The grade of who failed; empty where none fails."""
        return self.failed


@dataclass(frozen=True)
class Cut:
    """A grade for totals from a mark on; exactly that mark is enough."""

    grade: str
    at_least: Decimal


@dataclass(frozen=True)
class Distinction:
    """A distinction (表彰) for the first of those with the first grade: a share of all units."""

    title: str
    share: Fraction


@dataclass(frozen=True)
class CutGrades:
    """Grades by cuts (rule 54): the first cut that a total reaches; below them all, `otherwise`.

    `limit`: the first grade goes to no more than this share of all units, rounded down.
    """

    cuts: tuple[Cut, ...]
    otherwise: str
    limit: Fraction | None = None
    distinction: Distinction | None = None
    clause: str = ""
    readings: tuple[Reading, ...] = ()

    @property
    def first(self) -> str:
        """The best grade."""
        return self.cuts[0].grade

    @property
    def labels(self) -> tuple[str, ...]:
        """The grades from best to worst."""
        return (*(cut.grade for cut in self.cuts), self.otherwise)

    @property
    def last(self) -> str:
        """The grade of who failed."""
        return self.otherwise


GradeRule = PlaceGrades | CutGrades
