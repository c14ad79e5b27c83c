"""A unit's standing as a value, with its working and its JSON form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ballot.language import SOURCE, Text
from ballot.scoring.applying import AppliedAdjustment, AppliedVeto
from ballot.scoring.figures import exact, in_percent, signed
from ballot.scoring.kinds import Coefficient, Kind, StaffQuota
from ballot.scoring.readings import with_clause
from ballot.scoring.working import ComponentWork


@dataclass(frozen=True)
class AppliedCoefficient:
    """What a unit's coefficient did: `before` is the sum of the components, `marks` its growth.

    So that the column adds up: `before` + `marks` is `before` × `factor`, rounded once (rule 46).
    """

    rule: Coefficient
    factor: Decimal
    before: Decimal
    marks: Decimal

    def to_json(self) -> dict[str, str]:
        """Return the coefficient as JSON values."""
        return {
            "column": self.rule.column,
            "factor": exact(self.factor),
            "before": f"{self.before:f}",
            "marks": f"{self.marks:f}",
        }

    @property
    def line(self) -> Text:
        """Tell how its marks came about."""
        line = Text(
            "%(title)s：%(before)s × %(factor)s = %(after)s，%(marks)s 分",
            title=self.rule.title,
            before=f"{self.before:f}",
            factor=exact(self.factor),
            after=f"{self.before + self.marks:f}",
            marks=signed(self.marks),
        )
        return with_clause(line, self.rule.clause)


@dataclass(frozen=True)
class StaffPlaces:
    """How many of a unit's staff may be chosen; None while its grade is pending (rule 56)."""

    rule: StaffQuota
    staff: int
    share: str
    places: int | None

    def to_json(self) -> dict[str, Any]:
        """Return the number as JSON values."""
        return {"staff": self.staff, "share": self.share or None, "places": self.places}


@dataclass(frozen=True)
class Standing:
    """A unit's total, rank and grade (总评); `grade` is None where the scheme has none.

    `total` is None where a figure it needs stays blank, `rank` also for units out of competition.
    `components` holds the points of those that the total counts; `working` tells of all how they
    came about. The printed column: `components`, the coefficient's marks, `adjustments`; its sum
    is `total`.
    """

    unit: str
    total: Decimal | None
    rank: int | None
    grade: str | None
    components: Mapping[str, Decimal | None]
    adjustments: tuple[AppliedAdjustment, ...]
    vetoes: tuple[AppliedVeto, ...]
    derivation: tuple[Text, ...]
    note: Text | None
    working: tuple[ComponentWork, ...] = ()
    sector: str = ""
    competes: bool = True
    coefficient: AppliedCoefficient | None = None
    staff: StaffPlaces | None = None
    distinction: str | None = None
    flags: tuple[Text, ...] = ()
    kind: Kind | None = None

    def to_json(self, language: str = SOURCE) -> dict[str, Any]:
        """Return the values that `ballot score --format json` prints.

        Beyond the nine of every scheme there are those that the kind uses (rule 58).
        """
        return {
            "unit": self.unit,
            "total": _written(self.total),
            "rank": self.rank,
            "grade": self.grade,
            "components": {key: _written(points) for key, points in self.components.items()},
            "adjustments": [each.to_json(language) for each in self.adjustments],
            "vetoes": [each.to_json() for each in self.vetoes],
            "derivation": [line.in_(language) for line in self.derivation],
            "note": None if self.note is None else self.note.in_(language),
            **self._more(language),
        }

    def _more(self, language: str) -> dict[str, Any]:
        kind = self.kind
        more: dict[str, Any] = {}
        if kind is None:
            return more
        if kind.sectors:
            more["sector"] = self.sector
        if kind.competes:
            more["competes"] = self.competes
        if self.coefficient:
            more["coefficient"] = self.coefficient.to_json()
        if self.staff:
            more["staff"] = self.staff.to_json()
        if kind.distinguishes:
            more["distinction"] = self.distinction
        if kind.flags:
            more["flags"] = [flag.in_(language) for flag in self.flags]
        if kind.converts:
            more["figures"] = dict(self._figures())
        return more

    def _figures(self) -> Iterator[tuple[str, str]]:
        """Return each figure as it was entered, by its key."""
        waiting = [done.work for done in self.working if done.work is not None]
        while waiting:
            work = waiting.pop(0)
            if work.figure is not None:
                yield work.key, exact(work.figure)
            waiting[:0] = work.parts

    def working_json(self) -> list[dict[str, Any]]:
        """Return the working of all components as JSON values."""
        return [each.to_json() for each in self.working]


def share_shown(quota: StaffQuota, *, first: bool) -> str:
    """Return the share of a unit's staff that may be chosen, in percent."""
    return in_percent(quota.first if first else quota.others)


def _written(points: Decimal | None) -> str | None:
    return None if points is None else f"{points:f}"
