"""The rule of a ballot component: scale, conversion, base and full marks, as frozen into a poll."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Literal, cast, get_args

from ballot.errors import BallotError
from ballot.language import SOURCE, Text
from ballot.scoring.conversions import (
    Conversion,
    OwnConversion,
    RankMarks,
    conversion_from_json,
)
from ballot.scoring.counts import Base
from ballot.scoring.errors import RuleError, RuleFormatError
from ballot.scoring.figures import exact
from ballot.scoring.mean_mark import MeanMark
from ballot.scoring.scales import MARKS, AnyScale, Level, MarksScale, Scale, levels_of

EmptyGroup = Literal["block", "renormalise"]
Combine = Literal["scores", "ratios"]


@dataclass(frozen=True)
class Rule:
    """How votes on one component become its points.

    `empty_group`: what a weighted group without a ballot does (rule 13). `combine`: whether
    weighted groups are banded apart and their scores combined, or their ratios combined and
    banded once (rule 12). `readings`: our readings of the source, printed with the derivation.
    """

    scale: AnyScale
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
        on_marks = isinstance(self.own, MeanMark)
        if on_marks is not isinstance(self.scale, MarksScale):
            raise RuleError(
                problem=Text("平均分（mean-mark）只用于百分制打分（marks），二者须一起用")
            )
        if on_marks and self.base is not Base.OPINIONS:
            raise RuleError(problem=Text("平均分按表态票计算，基数须是 opinions"))

    @property
    def own(self) -> OwnConversion:
        """Return what makes a subject's score from its own counts: subjects are ranked by it."""
        return self.conversion.by if isinstance(self.conversion, RankMarks) else self.conversion

    @property
    def unranked(self) -> "Rule":
        """Return the rule without ranking: the score that subjects are ranked by."""
        return replace(self, conversion=self.own)

    @property
    def levels(self) -> Scale:
        """Return the scale of a rule that has levels.

        Raises: TypeError for marks.
        """
        return levels_of(self.scale)

    @property
    def factor(self) -> Fraction:
        """What a score out of 100 is multiplied by (rule 6)."""
        return Fraction(self.full_marks) / 100

    def counted_on(self, base: Base) -> "Rule":
        """Return a scheme's rule on a base of someone's choice, which its readings then tell.

        The scheme's own reading of its base stays; what was chosen follows it (rule 3).
        Raises: RuleError for marks on another base than opinions.
        """
        if base is self.base:
            return self
        chosen = Text(
            "本次另定以%(base)s为基数，方案所定的是%(own)s", base=base.text, own=self.base.text
        )
        return replace(self, base=base, readings=(*self.readings, chosen.in_(SOURCE)))

    def to_json(self) -> dict[str, Any]:
        """Return the rule as canonical JSON values: texts and booleans, no floats (rule 22)."""
        return {
            "scale": _scale_json(self.scale),
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


def _scale_json(scale: AnyScale) -> Any:
    if isinstance(scale, MarksScale):
        return scale.name
    return [
        {"label": level.label, "value": exact(level.value), "approves": level.approves}
        for level in scale.levels
    ]


def _scale(written: Any) -> AnyScale:
    if written == MarksScale.name:
        return MARKS
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
