"""Occasions (场合): what polls a scheme can have, and how each is made, from the scheme alone.

Whatever component or item a ballot may decide is reached by one occasion or more. What a scheme
does not say, who votes and whether each unit has a vote of its own, is proposed from the words of
its titles; an organiser may always choose otherwise.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from ballot.errors import RefusedError
from ballot.language import N_, Text
from ballot.scoring import Item, Kind, RankMarks, Scheme, Source

UNIT: Final = "{单位}"
"""Where a proposed title takes the name of the unit that the poll is about."""
LONGEST_GROUP: Final = 20
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")


class Way(StrEnum):
    """Whether every unit has a poll of its own, or one ballot rates them all."""

    EACH = "each"
    TOGETHER = "together"


class NoOccasionError(RefusedError):
    """No such parts, or not in that way."""

    message = N_("本方案没有这样的测评。请回到“新建测评”，从列出的场合里选。")


@dataclass(frozen=True)
class Part:
    """A component or item that a ballot decides. `above`: the title of what it is a part of."""

    kind: Kind
    item: Item
    above: str = ""

    @property
    def key(self) -> str:
        """Return what a form calls it: `village:leaders-review`."""
        return f"{self.kind.key}:{self.item.key}"

    @property
    def title(self) -> str:
        """Return its title, after that of its whole: `工作综合评议（半年评议）`."""
        return f"{self.above}（{self.item.title}）" if self.above else self.item.title

    @property
    def optional(self) -> bool:
        """Tell whether the scheme's usual way is another: entered, or by the rounds below it."""
        by_parts = any(part.rule for part in self.item.below())
        return self.item.source is not Source.BALLOT or by_parts


@dataclass(frozen=True)
class ProposedGroup:
    """A voter group as an occasion proposes it; what stays open is None."""

    name: str
    ballots: int | None = None
    weight: Fraction | None = None


@dataclass(frozen=True)
class Occasion:
    """One way in which one poll, or one for each unit, is made of parts of a scheme."""

    parts: tuple[Part, ...]
    way: Way

    @property
    def title(self) -> str:
        """Return what it is called."""
        return "、".join(dict.fromkeys(part.title for part in self.parts))

    @property
    def optional(self) -> bool:
        """Tell whether the scheme's usual way is another one."""
        return all(part.optional for part in self.parts)

    @property
    def text(self) -> Text:
        """Return in a sentence what is made."""
        kinds = "、".join(part.kind.title for part in self.parts)
        if self.way is Way.EACH:
            return Text("每个%(kind)s一场：各有各的参评人，一次全部建好。", kind=kinds)
        if len(self.parts) > 1:
            return Text(
                "一场：一张票上有 %(number)s 张测评表（%(kinds)s），投一次。",
                number=len(self.parts),
                kinds=kinds,
            )
        return Text("一场：同一批人在一张票上评所有%(kind)s。", kind=kinds)

    @property
    def groups(self) -> tuple[ProposedGroup, ...]:
        """Return the voter groups that the scheme sets, or else those that its words suggest."""
        item = self.parts[0].item
        if item.groups:
            return tuple(ProposedGroup(name, weight=weight) for name, weight in item.groups)
        told = _told_voters(item)
        if told:
            return tuple(map(ProposedGroup, told))
        words = f"{self.title} {item.office}"
        for sign, groups in _VOTERS:
            if sign in words:
                return groups
        if _of_their_own(self.parts[0]):
            return (ProposedGroup(_residents(self.parts[0].kind)),)
        return (ProposedGroup("参评人员"),)

    @property
    def team(self) -> str:
        """Return what follows a unit's name on the ballot: its leadership team, or nothing."""
        return "领导班子" if "述村评" in self.title else ""

    def poll_title(self, year: str) -> str:
        """Return the proposed title of a poll of a year; of polls for each unit with its place."""
        of_year = f"{year}年" if self.title.startswith("年") else f"{year}年度"
        return f"{UNIT if self.way is Way.EACH else ''}{of_year}{self.title}"


_VOTERS: Final = (
    (
        "述村评",
        (
            ProposedGroup("两委成员"),
            ProposedGroup("村民组长"),
            ProposedGroup("党员"),
            ProposedGroup("村民代表", ballots=5),
        ),
    ),
    ("党政领导", (ProposedGroup("党政领导"),)),
    ("街道评", (ProposedGroup("街道党工委成员"),)),
    ("街道干部", (ProposedGroup("街道干部"),)),
    ("述职", (ProposedGroup("参会干部"),)),
    ("民主测评", (ProposedGroup("机关干部职工"),)),
)
"""Who votes, as the documents say it (street-2023 一（三）, 二, 三、2; municipal 三（二）)."""
_SIGNS_OF_THEIR_OWN: Final = ("述村评", "满意度", "群众", "居民", "村民", "公众")
"""Words that say that a unit's own people rate it."""


def _told_voters(item: Item) -> list[str]:
    """Return the voters whom a balloted item lists in what it includes, by full commas."""
    if item.source is not Source.BALLOT or "，" not in item.includes:
        return []
    return [name.strip()[:LONGEST_GROUP] for name in item.includes.split("，") if name.strip()]


def _of_their_own(part: Part) -> bool:
    return any(sign in part.title for sign in _SIGNS_OF_THEIR_OWN)


def _residents(kind: Kind) -> str:
    return "居民" if "社区" in kind.title else "村民" if "村" in kind.title else "群众"


def balloted(scheme: Scheme) -> list[Part]:
    """Return every part of a scheme that one poll can decide, in the scheme's order.

    Marks by rank are none: they put subjects of several polls in order (rule 26).
    """
    return [
        part
        for kind in scheme.kinds.values()
        for component in kind.components
        for part in _parts(kind, component, "")
    ]


def _parts(kind: Kind, item: Item, above: str) -> Iterator[Part]:
    if item.rule is not None and not isinstance(item.rule.conversion, RankMarks):
        yield Part(kind, item, above)
    for below in item.items:
        yield from _parts(kind, below, item.title)


def occasions(scheme: Scheme) -> list[Occasion]:
    """Return the occasions to choose from, the usual ones first.

    Parts of one title in several kinds, rated by the same people, share a ballot.
    """
    found: list[Occasion] = []
    joined: dict[str, list[Part]] = {}
    for part in balloted(scheme):
        if _of_their_own(part):
            found.append(Occasion((part,), Way.EACH))
        else:
            joined.setdefault(part.title, []).append(part)
    found += [Occasion(tuple(parts), Way.TOGETHER) for parts in joined.values()]
    order = {part.key: place for place, part in enumerate(balloted(scheme))}
    return sorted(found, key=lambda each: (each.optional, order[each.parts[0].key]))


def occasion(scheme: Scheme, keys: Sequence[str], way: str) -> Occasion:
    """Return the occasion of any parts that are named, in the scheme's order.

    Raises: NoOccasionError for parts there are none of, or more than one with a poll for each unit.
    """
    parts = tuple(part for part in balloted(scheme) if part.key in keys)
    single = way == Way.EACH and len(parts) == 1
    if len(parts) != len(set(keys)) or not (single or (way == Way.TOGETHER and parts)):
        raise NoOccasionError
    return Occasion(parts, Way(way))


def year_of(title: str, otherwise: int) -> str:
    """Return the year that a cycle's title names, or else another."""
    found = _YEAR.search(title)
    return found[0] if found else str(otherwise)


def spelt_like(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that another was probably meant to be, if there is one."""
    from difflib import get_close_matches  # seldom needed

    found = get_close_matches(name, list(known), n=1)
    return found[0] if found else None
