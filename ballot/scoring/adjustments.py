"""The rules of adjustments (加减分) and of vetoes (否决情形)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ballot.language import Text
from ballot.scoring.readings import Reading


@dataclass(frozen=True)
class AdjustmentRule:
    """Marks added or taken off each time; without fixed `marks` they are entered."""

    key: str
    title: str
    marks: Decimal | None
    clause: str = ""
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True)
class AdjustmentLimit:
    """What several adjustments of one unit may bring together.

    `rules` are the keys of the rules it holds. `same_item`: rows that name one item count once,
    with the highest (rule 47). `at_most`: what they may add up to (rule 48), or, if `scaled`, what
    the highest unit counts with, all others in proportion (rule 49).
    """

    key: str
    title: str
    rules: tuple[str, ...]
    same_item: bool = False
    at_most: Decimal | None = None
    scaled: bool = False
    clause: str = ""
    readings: tuple[Reading, ...] = ()


class Effect(StrEnum):
    """What a veto does (rule 50)."""

    BARS = "bars"
    FAILS = "fails"
    CAPS = "caps"
    ZEROES = "zeroes"
    FLAGS = "flags"

    @property
    def text(self) -> Text:
        """Return the effect in words."""
        return _EFFECTS[self]


_EFFECTS = {
    Effect.BARS: Text("不得评为最高等次"),
    Effect.FAILS: Text("记为最低等次"),
    Effect.CAPS: Text("等次封顶"),
    Effect.ZEROES: Text("所指事项计 0 分"),
    Effect.FLAGS: Text("另作提示"),
}


@dataclass(frozen=True)
class VetoRule:
    """A veto (否决情形) with its effect.

    `grade`: the best grade it leaves, for `caps`. `flag`: what is noted beside the unit, about
    its head for instance; any effect may have one.
    """

    key: str
    title: str
    effect: Effect
    clause: str = ""
    grade: str = ""
    flag: str = ""
    readings: tuple[Reading, ...] = ()
