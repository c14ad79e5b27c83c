"""The headings that a file of entries may have, in English or Chinese, and what each stands for."""

from collections.abc import Callable, Mapping
from typing import Final

from ballot.scoring.entries import IMPROVEMENT, LEVEL, indicator, nodes
from ballot.scoring.kinds import Kind

UNIT: Final = ("unit", "单位", "姓名", "对象", "名称", "单位名称")
EXTRAS: Final[Mapping[str, tuple[str, ...]]] = {
    "sector": ("分口",),
    "competes": ("参评", "是否参评"),
    "staff": ("人数",),
    "last-year": ("上年", "上年结果", "上年得分", "上年等次"),
}
PARTS: Final = {"现状": LEVEL, "改善": IMPROVEMENT, LEVEL: LEVEL, IMPROVEMENT: IMPROVEMENT}


def headings(kind: Kind) -> dict[str, str]:
    """Return the headings a column may have, each with the key it stands for.

    Besides its whole key (`base-work.party.building`) an item answers to its component and last
    name (`base-work.building`), and everything to its title, where that is unambiguous.
    """
    known = nodes(kind)
    shorter: dict[str, list[str]] = {}
    for key, item in known.items():
        path = key.split(".")
        names = {item.title, f"{path[0]}.{path[-1]}" if len(path) > 1 else key}
        for name in names:
            shorter.setdefault(name, []).append(key)
    unique = {name: keys[0] for name, keys in shorter.items() if len(keys) == 1}
    return {**unique, **{key: key for key in known}}


def extra_headings(kind: Kind) -> dict[str, str]:
    """Return the headings of the unit and of the extra columns that the kind has."""
    found = dict.fromkeys(UNIT, "unit")
    for column in kind.columns:
        found.update(dict.fromkeys((column, *EXTRAS.get(column, ())), column))
    if kind.coefficient:
        found[kind.coefficient.title] = kind.coefficient.column
    return found


def entry_column(kind: Kind) -> Callable[[str], str | None]:
    """Return what tells the key of a heading in a file of entries, None for an unknown one."""
    known = {**headings(kind), **extra_headings(kind)}

    def understand(heading: str) -> str | None:
        return known.get(heading) or _indicator(kind, heading)

    return understand


def _indicator(kind: Kind, heading: str) -> str | None:
    """Return the key of an indicator's column: `NAME.level`, `NAME.现状`, with its whole or not."""
    if kind.indicated is None:
        return None
    name, _, part = heading.removeprefix(f"{kind.indicated.key}.").rpartition(".")
    key = f"{name}.{PARTS.get(part, '')}"
    return key if indicator(kind, key) else None
