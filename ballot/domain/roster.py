"""Counting persons from lists of names: who stands in several groups counts once, in the first.

The groups' order in the poll's definition is their order of precedence. Names are compared without
spaces, width and case; a note (备注) tells two persons of one name apart. Names end here: what a
poll keeps is a number for each group.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ballot.domain.definition import Definition, Group
from ballot.domain.pollfile import MOST_BALLOTS
from ballot.domain.pollfile_whole import exposed
from ballot.domain.written import comparable
from ballot.errors import MistakesError
from ballot.language import Text

LONGEST_PERSON: Final = 100
"""In characters, of a name and of a note."""

_Identity = tuple[str, str]
_Listed = dict[_Identity, dict[int, list["RosterRow"]]]
"""Rows by person, and by the place of the group they name."""


@dataclass(frozen=True)
class RosterRow:
    """A row of a list: its number as a spreadsheet shows it, a name, a group's key or name."""

    number: int
    name: str
    group: str
    note: str = ""

    @property
    def told(self) -> str:
        """Return the person as messages name them."""
        return f"{self.name}（{self.note}）" if self.note else self.name


@dataclass(frozen=True)
class GroupCount:
    """A group's numbers, in persons: on its own list, and after precedence."""

    key: str
    name: str
    listed: int
    persons: int


@dataclass(frozen=True)
class CountedOnce:
    """A person on several groups' lists: the names of those groups, the first one counts."""

    person: str
    groups: tuple[str, ...]

    @property
    def text(self) -> Text:
        """Return where the person stands and counts."""
        return Text(
            "%(person)s：列在%(groups)s，计入“%(counted)s”",
            person=self.person,
            groups="、".join(f"“{name}”" for name in self.groups),
            counted=self.groups[0],
        )


@dataclass(frozen=True)
class Repeated:
    """A person in several rows of one group's list, which count once."""

    person: str
    group: str
    rows: tuple[int, ...]

    @property
    def text(self) -> Text:
        """Return which rows say the same."""
        return Text(
            "%(person)s：在“%(group)s”中重复，第 %(rows)s 行，只计一人",
            person=self.person,
            group=self.group,
            rows="、".join(map(str, self.rows)),
        )


@dataclass(frozen=True)
class Namesakes:
    """Rows of one name that notes tell apart: counted as different persons."""

    name: str
    persons: tuple[tuple[str, int], ...]
    """Each person's note and first row."""

    @property
    def text(self) -> Text:
        """Return who is held for different persons; the organiser knows whether they are."""
        return Text(
            "%(name)s：备注不同（%(notes)s），第 %(rows)s 行，按 %(count)s 人计",
            name=self.name,
            notes="、".join(note or "—" for note, _ in self.persons),
            rows="、".join(str(row) for _, row in self.persons),
            count=len(self.persons),
        )


@dataclass(frozen=True)
class RosterCount:
    """What lists of names come to: numbers by group, and what to look at before using them."""

    groups: tuple[GroupCount, ...]
    counted_once: tuple[CountedOnce, ...]
    repeated: tuple[Repeated, ...]
    namesakes: tuple[Namesakes, ...]

    @property
    def persons(self) -> Mapping[str, int]:
        """Return the number of persons by group key: all that is ever kept."""
        return {group.key: group.persons for group in self.groups}

    @property
    def total(self) -> int:
        """Return the number of different persons."""
        return sum(group.persons for group in self.groups)


def count_roster(groups: Sequence[Group], rows: Iterable[RosterRow]) -> RosterCount:
    """Count persons by group, each in the first of their groups.

    Raises: MistakesError with every row that names nobody, or no group of the poll.
    """
    mistakes: list[Text] = []
    listed: _Listed = {}
    for row in rows:
        problems, place = _read(row, groups)
        mistakes += [
            Text("第 %(row)s 行：%(problem)s", row=row.number, problem=problem)
            for problem in problems
        ]
        person = (comparable(row.name), comparable(row.note))
        listed.setdefault(person, {}).setdefault(place, []).append(row)
    if mistakes:
        raise MistakesError(mistakes)
    return RosterCount(
        tuple(_group_counts(groups, listed)),
        tuple(_counted_once(groups, listed)),
        tuple(_repeated(groups, listed)),
        tuple(_namesakes(listed)),
    )


def _read(row: RosterRow, groups: Sequence[Group]) -> tuple[list[Text], int]:
    """Return what is wrong with a row, and the place of its group (-1 for none)."""
    problems = []
    if not comparable(row.name):
        problems.append(Text("没有姓名"))
    if len(row.name) > LONGEST_PERSON or len(row.note) > LONGEST_PERSON:
        problems.append(Text("姓名和备注各最多 %(most)s 个字", most=LONGEST_PERSON))
    found = _places(row.group, groups)
    known = "、".join(group.name for group in groups)
    if not row.group.strip():
        problems.append(Text("没有类别。可写：%(known)s", known=known))
    elif not found:
        problems.append(
            Text("没有参评人员类别“%(key)s”。可写：%(known)s", key=row.group, known=known)
        )
    elif len(found) > 1:
        keys = "、".join(groups[place].key for place in found)
        problems.append(Text("有几个类别叫“%(key)s”，请写 %(keys)s", key=row.group, keys=keys))
    return problems, found[0] if len(found) == 1 else -1


def _places(written: str, groups: Sequence[Group]) -> list[int]:
    """Return the places of the groups that are meant: by the exact key, else by key or name."""
    exact = [place for place, group in enumerate(groups) if group.key == written.strip()]
    wanted = comparable(written)
    return exact or [
        place
        for place, group in enumerate(groups)
        if wanted in {comparable(group.key), comparable(group.name)}
    ]


def _group_counts(groups: Sequence[Group], listed: _Listed) -> Iterable[GroupCount]:
    firsts = [min(places) for places in listed.values()]
    for place, group in enumerate(groups):
        on_list = sum(place in places for places in listed.values())
        yield GroupCount(group.key, group.name, on_list, firsts.count(place))


def _counted_once(groups: Sequence[Group], listed: _Listed) -> Iterable[CountedOnce]:
    for places in listed.values():
        if len(places) > 1:
            order = sorted(places)
            names = tuple(groups[place].name for place in order)
            yield CountedOnce(places[order[0]][0].told, names)


def _repeated(groups: Sequence[Group], listed: _Listed) -> Iterable[Repeated]:
    for places in listed.values():
        for place, rows in sorted(places.items()):
            if len(rows) > 1:
                numbers = tuple(row.number for row in rows)
                yield Repeated(rows[0].told, groups[place].name, numbers)


def _namesakes(listed: _Listed) -> Iterable[Namesakes]:
    by_name: dict[str, list[RosterRow]] = {}
    for (name, _), places in listed.items():
        first = min((row for rows in places.values() for row in rows), key=lambda row: row.number)
        by_name.setdefault(name, []).append(first)
    for firsts in by_name.values():
        if len(firsts) > 1:
            told = tuple((row.note, row.number) for row in firsts)
            yield Namesakes(firsts[0].name, told)


def with_persons(definition: Definition, persons: Mapping[str, int]) -> Definition:
    """Return a definition in which each group has these persons: to print for, and entitled."""
    groups = (
        replace(group, ballots=persons[group.key], eligible=persons[group.key])
        for group in definition.groups
    )
    return replace(definition, groups=tuple(groups))


def obstacles(
    definition: Definition, persons: Mapping[str, int], smallest_group: int
) -> list[Text]:
    """Return why a poll cannot have these numbers, which are for exactly its groups.

    `smallest_group`: no exclusion may leave a subject fewer voters than this (k).
    """
    if set(persons) != {group.key for group in definition.groups}:
        return [Text("人数与测评活动的类别不符。请重新统计。")]
    found = [
        Text("“%(group)s”一个人也没有，不能开始投票。请补名单，或去掉这个类别。", group=group.name)
        for group in definition.groups
        if persons[group.key] < 1
    ]
    found += [
        Text("“%(group)s”最多 %(most)s 人。", group=group.name, most=MOST_BALLOTS)
        for group in definition.groups
        if persons[group.key] > MOST_BALLOTS
    ]
    return found or list(exposed(with_persons(definition, persons), smallest_group))
