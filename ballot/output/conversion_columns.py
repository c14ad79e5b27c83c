"""The columns of a conversion's calculation sheet: which there are, and what stands over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ballot.language import Text
from ballot.output.workbook import column
from ballot.scoring import Bands, Base, LevelMean, RankMarks, Rule, Scale
from ballot.scoring.parts import Answer

LEVEL: Final = "level "
"""Put before a level's label to make its column's key."""


@dataclass(frozen=True)
class Columns:
    """The columns by key, with their headings, from the left."""

    keys: tuple[str, ...]
    headings: tuple[str, ...]

    @classmethod
    def of(cls, rule: Rule, told: Sequence[Sequence[Answer]], language: str) -> "Columns":
        """Return the columns that a rule's subjects need."""
        parts = [part for answers in told for each in answers for part in each.parts]
        named: dict[str, Text | str] = {"subject": Text("对象")}
        if any(len(answers) > 1 for answers in told):
            named |= {"question": Text("测评项"), "question-weight": Text("测评项权重")}
        if any(part.group for part in parts):
            named |= {"group": Text("类别"), "group-weight": Text("类别权重")}
        named |= _counts(rule)
        named |= _measures(rule)
        named["own"] = Text("对象折算分")
        if isinstance(rule.conversion, RankMarks):
            named |= {"place": Text("名次"), "final": Text("按名次计分")}
        named |= {"points": Text("得分"), "note": Text("备注"), "derivation": Text("计算过程")}
        headings = (
            each.in_(language) if isinstance(each, Text) else each for each in named.values()
        )
        return cls(tuple(named), tuple(headings))

    def __contains__(self, key: str) -> bool:
        return key in self.keys

    def at(self, key: str) -> int:
        """Return a column's number, counted from 1."""
        return self.keys.index(key) + 1

    def place(self, key: str, row: int) -> str:
        """Return the place of a cell, such as `C5`."""
        return f"{column(self.at(key))}{row}"

    def down(self, key: str, first: int, last: int) -> str:
        """Return a range of cells in a column."""
        return f"{self.place(key, first)}:{self.place(key, last)}"

    def fixed(self, key: str, first: int, last: int) -> str:
        """Return a range that stays where it is when its formula is copied."""
        letters = column(self.at(key))
        return f"${letters}${first}:${letters}${last}"


def _counts(rule: Rule) -> Mapping[str, Text | str]:
    named: dict[str, Text | str] = {}
    if isinstance(rule.scale, Scale):
        named |= {f"{LEVEL}{label}": label for label in rule.scale.labels}
    else:
        named["opinions"] = Text("打分票")
    named |= {"abstain": Text("弃权"), "valid": Text("有效"), "invalid": Text("无效")}
    named["returned"] = Text("收回")
    if rule.base is Base.ISSUED:
        named["issued"] = Text("发出")
    if rule.base is Base.ELIGIBLE:
        named["eligible"] = Text("应到")
    named["base"] = Text("基数（%(base)s）", base=rule.base.text)
    return named


def _measures(rule: Rule) -> Mapping[str, Text | str]:
    if not isinstance(rule.scale, Scale):
        return {"top": Text("去掉最高"), "bottom": Text("去掉最低"), "score": Text("折算分")}
    named: dict[str, Text | str] = {"approving": Text("认可票"), "percent": Text("得票率")}
    if isinstance(rule.own, Bands) and rule.own.discretionary:
        named["discretion"] = Text("酌情分")
    heading = Text("等次平均分") if isinstance(rule.own, LevelMean) else Text("折算分")
    return {**named, "score": heading}
