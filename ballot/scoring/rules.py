"""The rule of a ballot component: scale, conversion, base and full marks, as frozen into a poll."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Literal, cast, get_args

from ballot.errors import BallotError
from ballot.language import Text
from ballot.scoring.conversions import Conversion, conversion_from_json
from ballot.scoring.counts import Base
from ballot.scoring.errors import RuleError, RuleFormatError
from ballot.scoring.figures import exact
from ballot.scoring.scales import Level, Scale

EmptyGroup = Literal["block", "renormalise"]
Combine = Literal["scores", "ratios"]


@dataclass(frozen=True)
class Rule:
    """How votes on one component become its points.

    `empty_group`: what a weighted group without a ballot does (rule 13). `combine`: whether
    weighted groups are banded apart and their scores combined, or their ratios combined and
    banded once (rule 12). `readings`: our readings of the source, printed with the derivation.
    """

    scale: Scale
    conversion: Conversion
    base: Base
    full_marks: Decimal
    clause: str = ""
    empty_group: EmptyGroup = "block"
    combine: Combine = "scores"
    readings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.full_marks.is_finite() and self.full_marks > 0):
            raise RuleError(problem=Text("满分须大于 0"))

    @property
    def factor(self) -> Fraction:
        """What a score out of 100 is multiplied by (rule 6)."""
        return Fraction(self.full_marks) / 100

    def to_json(self) -> dict[str, Any]:
        """Return the rule as canonical JSON values: texts and booleans, no floats (rule 22)."""
        return {
            "scale": [
                {"label": level.label, "value": exact(level.value), "approves": level.approves}
                for level in self.scale.levels
            ],
            "conversion": self.conversion.to_json(),
            "base": self.base.value,
            "full_marks": exact(self.full_marks),
            "clause": self.clause,
            "empty_group": self.empty_group,
            "combine": self.combine,
            "readings": list(self.readings),
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Rule":
        """Return the rule that `to_json` wrote.

        Raises: RuleFormatError for anything else.
        """
        try:
            return cls(
                scale=_scale(written["scale"]),
                conversion=conversion_from_json(written["conversion"]),
                base=Base(written["base"]),
                full_marks=Decimal(_text(written["full_marks"])),
                clause=_text(written["clause"]),
                empty_group=cast(EmptyGroup, _one_of(written["empty_group"], EmptyGroup)),
                combine=cast(Combine, _one_of(written["combine"], Combine)),
                readings=tuple(_text(reading) for reading in written["readings"]),
            )
        except BallotError as error:
            raise RuleFormatError(problem=error.text) from error
        except (KeyError, TypeError, ValueError, InvalidOperation, ZeroDivisionError) as error:
            raise RuleFormatError(problem=repr(error)) from error


def _scale(written: Any) -> Scale:
    return Scale(
        tuple(
            Level(_text(level["label"]), Fraction(_text(level["value"])), _yes(level["approves"]))
            for level in written
        )
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _yes(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _one_of(value: Any, allowed: Any) -> str:
    if value not in get_args(allowed):
        raise ValueError(value)
    return cast(str, value)
