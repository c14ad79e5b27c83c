"""Conversions: how the counts of one subject become a score out of 100.

A further conversion is a frozen dataclass with the same four members (`name`, `measure`,
`score`, `to_json`), an entry in `conversion_from_json`, and its wording in `wording.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, ClassVar, Final

from ballot.language import Text
from ballot.scoring.counts import Counts
from ballot.scoring.errors import RuleError
from ballot.scoring.figures import approval_ratio, exact
from ballot.scoring.mean_mark import MeanMark
from ballot.scoring.scales import AnyScale, levels_of


@dataclass(frozen=True)
class Band:
    """One band (档): from which share on, and the score it brings."""

    at_least: Fraction
    score: Fraction


@dataclass(frozen=True)
class Bands:
    """The approval ratio falls into a band; every edge belongs to the band above it.

    Raises: RuleError for bands that are not ordered from high to low.
    Source: docs/scoring-rules.md, rules 4 and 5.
    """

    edges: tuple[Band, ...]
    otherwise: Fraction
    discretionary: bool = False
    name: ClassVar[str] = "bands"

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise RuleError(problem=problem)

    def measure(self, counts: Counts, scale: AnyScale, base: int) -> Fraction:
        """Return the approval ratio."""
        return approval_ratio(approving=levels_of(scale).approving(counts.marks), base=base)

    def band(self, measure: Fraction) -> Band | None:
        """Return the band of a ratio, None below the last edge."""
        return next((band for band in self.edges if measure >= band.at_least), None)

    def next_band(self, measure: Fraction) -> Band | None:
        """Return the band just above a ratio, None in the highest."""
        return next((band for band in reversed(self.edges) if measure < band.at_least), None)

    def score(self, measure: Fraction) -> Fraction:
        """Return the score of the ratio's band."""
        band = self.band(measure)
        return band.score if band else self.otherwise

    def to_json(self) -> dict[str, Any]:
        """Return the bands as plain JSON values, exact."""
        return {
            "name": self.name,
            "edges": [
                {"at_least": exact(band.at_least), "score": exact(band.score)}
                for band in self.edges
            ],
            "otherwise": exact(self.otherwise),
            "discretionary": self.discretionary,
        }


@dataclass(frozen=True)
class LevelMean:
    """The mean of what the levels are worth.

    Source: docs/scoring-rules.md, rule 9.
    """

    name: ClassVar[str] = "level-mean"

    def measure(self, counts: Counts, scale: AnyScale, base: int) -> Fraction:
        """Return the mean worth in the base, which must not be empty."""
        return levels_of(scale).worth(counts.marks) / base

    def score(self, measure: Fraction) -> Fraction:
        """Return the score out of 100: the mean itself."""
        return measure

    def to_json(self) -> dict[str, Any]:
        """Return the conversion as plain JSON values."""
        return {"name": self.name}


@dataclass(frozen=True)
class ApprovalRatio:
    """The approval ratio times 100.

    Source: docs/scoring-rules.md, rule 10.
    """

    name: ClassVar[str] = "approval-ratio"

    def measure(self, counts: Counts, scale: AnyScale, base: int) -> Fraction:
        """Return the approval ratio."""
        return approval_ratio(approving=levels_of(scale).approving(counts.marks), base=base)

    def score(self, measure: Fraction) -> Fraction:
        """Return the score out of 100: the ratio times 100."""
        return measure * 100

    def to_json(self) -> dict[str, Any]:
        """Return the conversion as plain JSON values."""
        return {"name": self.name}


Measured = LevelMean | ApprovalRatio | MeanMark
"""What subjects can be ranked by."""


@dataclass(frozen=True)
class RankMarks:
    """Marks by rank: the subjects of a section are ranked by another conversion's exact score.

    A subject's own counts give `by`'s score; its mark needs all subjects (`ranks.py`).
    Source: docs/scoring-rules.md, rule 26.
    """

    by: Measured
    name: ClassVar[str] = "rank-marks"

    def to_json(self) -> dict[str, Any]:
        """Return the conversion as plain JSON values."""
        return {"name": self.name, "by": self.by.to_json()}


OwnConversion = Bands | Measured
"""What makes a subject's score from its own counts."""
Conversion = OwnConversion | RankMarks


def _problem(bands: Bands) -> Text | None:
    if not bands.edges:
        return Text("至少要有一档")
    if not all(0 < band.at_least <= 1 for band in bands.edges):
        return Text("档位的比例须大于 0%%、不超过 100%%")
    if any(high.at_least <= low.at_least for high, low in pairwise(bands.edges)):
        return Text("档位须由高到低排列，比例不得相同")
    scores = [*(band.score for band in bands.edges), bands.otherwise]
    if not all(0 <= score <= 100 for score in scores):
        return Text("档位的分值须在 0 至 100 之间")
    if any(high < low for high, low in pairwise(scores)):
        return Text("比例高的档位，分值不得低于比例低的档位")
    return None


STANDARD_BANDS: Final = Bands(
    tuple(Band(Fraction(score, 100), Fraction(score)) for score in (90, 80, 70, 60)),
    otherwise=Fraction(40),
)
MEASURES: Final[Mapping[str, Measured]] = {
    each.name: each for each in (LevelMean(), ApprovalRatio(), MeanMark())
}
CONVERSIONS: Final[Mapping[str, OwnConversion]] = {Bands.name: STANDARD_BANDS, **MEASURES}


def conversion_from_json(written: Mapping[str, Any]) -> Conversion:
    """Return the conversion that `to_json` wrote.

    Raises: KeyError, TypeError, ValueError for anything else.
    """
    if written["name"] == RankMarks.name:
        return RankMarks(_measured_from_json(written["by"]))
    if written["name"] != Bands.name:
        return _measured_from_json(written)
    if not isinstance(written["discretionary"], bool):
        raise TypeError("discretionary")
    return Bands(
        edges=tuple(
            Band(Fraction(band["at_least"]), Fraction(band["score"])) for band in written["edges"]
        ),
        otherwise=Fraction(written["otherwise"]),
        discretionary=written["discretionary"],
    )


def _measured_from_json(written: Mapping[str, Any]) -> Measured:
    if written["name"] == MeanMark.name:
        return MeanMark.from_json(written)
    return MEASURES[written["name"]]
