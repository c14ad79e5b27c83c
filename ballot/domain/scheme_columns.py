"""The forms of a scheme as values: sheets of blocks of lines of fields, and what is typed there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ballot.language import N_, Text


class Sort(StrEnum):
    """What is typed into a field."""

    TEXT = "text"
    NUMBER = "number"
    SHARE = "share"
    WHOLE = "whole"
    CHOICE = "choice"


@dataclass(frozen=True)
class Column:
    """A column of fields. `options`: the words of a choice, by what is written in the file."""

    name: str
    label: str
    sort: Sort = Sort.TEXT
    required: bool = True
    options: Mapping[str, str | Text] = field(default_factory=dict)
    wide: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Line:
    """A line of fields about one thing. `path`: of that thing.

    `heading`: what it is, where no field of its own says it. `columns`: those it has. `sums`: its
    full marks are the sum of its parts' and not typed.
    """

    path: str
    columns: tuple[str, ...]
    heading: Text | None = None
    depth: int = 0
    removable: bool = False
    sums: bool = False

    def field_path(self, column: str) -> str:
        """Return the place of the value that a column of this line holds."""
        return f"{self.path}.{column}" if self.path else column


@dataclass(frozen=True)
class Block:
    """Lines under one heading. `into`: where new lines may go, each place with its words;

    `fresh`: the columns of a new line.
    """

    title: Text
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    into: tuple[tuple[str, Text], ...] = ()
    fresh: tuple[Column, ...] = ()
    hint: Text | None = None

    def column(self, name: str) -> Column:
        """Return a column by its name."""
        return next(each for each in self.columns if each.name == name)


@dataclass(frozen=True)
class Sheet:
    """One page of a scheme's forms. `part`: its sort; `kind`: that it is about, "" for all."""

    part: str
    kind: str
    title: Text
    blocks: tuple[Block, ...]


TITLE: Final = Column("title", N_("名称"), wide=True)
CLAUSE: Final = Column("clause", N_("条款"), required=False)
OFFICE: Final = Column("office", N_("负责单位"), required=False)
EFFECTS: Final[Mapping[str, str]] = {
    "bars": N_("不得评最好的等次"),
    "fails": N_("定为最低等次"),
    "caps": N_("最高只能评某一等次"),
    "zeroes": N_("某一项记零分"),
    "flags": N_("只作提示"),
}
YES_NO: Final[Mapping[str, str]] = {"true": N_("是"), "false": N_("否")}
BASES: Final[Mapping[str, str]] = {
    "opinions": N_("表态票"),
    "valid": N_("有效票"),
    "returned": N_("收回票"),
    "issued": N_("发出票"),
    "eligible": N_("应到人数"),
}
