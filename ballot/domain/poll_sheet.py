"""A poll as a form holds it: everything is text, and becomes the values of a POLL.toml.

What is wrong with them the reader of POLL.toml says (`pollfile.py`); nothing is checked twice.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from ballot.domain.occasions import UNIT
from ballot.scoring.figures import exact, whole_number

Values = dict[str, Any]

OWN_LEVELS: Final = "levels"
MARKS: Final = "marks"
_BETWEEN: Final = re.compile(r"[\t,，;；]")
WEIGHTED: Final = re.compile(r"(.*?)\s*[×✕xX*]\s*([0-9./]+)")
_PERCENT: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)\s*[%％]")
_LIMIT: Final = re.compile(r"(.*?)[\s：:]*([0-9]+)\s*个?")
_YES: Final = frozenset({"认可", "是", "yes", "approves", "true", "1"})


@dataclass(frozen=True)
class GroupRow:
    """A voter group as it is typed. `key`: of a group that is there already."""

    key: str = ""
    name: str = ""
    ballots: str = ""
    eligible: str = ""
    weight: str = ""
    excludes: tuple[str, ...] = ()

    @property
    def blank(self) -> bool:
        """Tell whether nothing was typed."""
        return not any((self.name, self.ballots, self.eligible, self.weight, self.excludes))


@dataclass(frozen=True)
class SectionSheet:
    """A section as it is typed; `part` is what an occasion calls it.

    `units`: those that were ticked, in their order. `suffix`: what follows each name on the
    ballot. `told`: lines of unit, duty, and perhaps another name. `scale`: nothing for the
    scheme's, a name, `marks` with what is dropped, or `levels` as the lines of `levels` say.
    """

    part: str
    units: tuple[str, ...] = ()
    suffix: str = ""
    told: str = ""
    scale: str = ""
    levels: str = ""
    top: str = ""
    bottom: str = ""
    above: str = ""
    base: str = ""
    limits: str = ""
    questions: str = ""


@dataclass(frozen=True)
class Sheet:
    """A poll as it is typed; or, with `cells`, one for each unit of its only section.

    `cells`: for each unit how many ballots each group has; 0 where a unit has no such group.
    `same`: as many persons are entitled as there are ballots.
    """

    title: str = ""
    instructions: str = ""
    groups: tuple[GroupRow, ...] = ()
    sections: tuple[SectionSheet, ...] = ()
    blank: str = "abstain"
    wholly_blank: str = "abstain"
    quorum_how: str = ""
    quorum: str = ""
    quorum_of: str = "eligible"
    comments: bool = False
    same: bool = False
    cells: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def filled(self) -> tuple[GroupRow, ...]:
        """Return the groups of which something was typed."""
        return tuple(row for row in self.groups if not row.blank)


def sheet_values(sheet: Sheet, scheme: str) -> Values:
    """Return the POLL.toml that a sheet says; groups without a key get one."""
    keys = keys_of(sheet.filled)
    rows = zip(sheet.filled, keys, strict=True)
    groups = [_group(row, key, row.ballots, row.eligible) for row, key in rows]
    return _whole(sheet, scheme, sheet.title, groups, sheet.sections)


@dataclass(frozen=True)
class Single:
    """What a sheet for each unit says of one. `columns`: which group each of its groups is."""

    unit: str
    values: Values
    columns: tuple[int, ...]


def each_values(sheet: Sheet, scheme: str) -> Iterator[Single]:
    """Yield the POLL.toml of every ticked unit."""
    (section,) = sheet.sections
    keys = keys_of(sheet.filled)
    for unit in section.units:
        cells = sheet.cells.get(unit, ())
        groups, columns = [], []
        for column, (row, key) in enumerate(zip(sheet.filled, keys, strict=True)):
            cell = cells[column].strip() if column < len(cells) else ""
            if cell != "0":
                groups.append(_group(row, key, cell, cell if sheet.same else ""))
                columns.append(column)
        title = sheet.title.replace(UNIT, unit)
        told = "\n".join(line for line in section.told.splitlines() if _cells(line)[0] == unit)
        own = SectionSheet(**{**vars(section), "units": (unit,), "told": told})
        yield Single(unit, _whole(sheet, scheme, title, groups, (own,)), tuple(columns))


def _whole(
    sheet: Sheet, scheme: str, title: str, groups: list[Values], sections: Sequence[SectionSheet]
) -> Values:
    values: Values = {"title": title.strip(), "scheme": scheme}
    if sheet.instructions.strip():
        values["instructions"] = sheet.instructions.strip()
    values |= {"blank": sheet.blank, "wholly_blank": sheet.wholly_blank}
    if sheet.comments:
        values["comments"] = True
    if sheet.quorum_how:
        values["quorum"] = {sheet.quorum_how: sheet.quorum.strip(), "of": sheet.quorum_of}
    return {**values, "groups": groups, "sections": [_section(each) for each in sections]}


def keys_of(rows: Sequence[GroupRow]) -> list[str]:
    """Return the key of every group: its own, or the next that is free."""
    taken = {row.key for row in rows if row.key}
    free = (key for number in range(1, 10_000) if (key := f"g{number}") not in taken)
    return [row.key or next(free) for row in rows]


def _group(row: GroupRow, key: str, ballots: str, eligible: str) -> Values:
    values: Values = {"key": key, "name": row.name.strip()}
    values |= {
        name: _whole_or_text(typed)
        for name, typed in (("ballots", ballots), ("eligible", eligible))
        if typed.strip()
    }
    if row.weight.strip():
        values["weight"] = _share(row.weight.strip())
    if row.excludes:
        values["excludes"] = list(row.excludes)
    return values


def _whole_or_text(typed: str) -> int | str:
    number = whole_number(typed.strip())
    return typed.strip() if number is None else number


def _share(typed: str) -> str:
    """Return a weight as a POLL.toml writes it; percentages are none there."""
    percent = _PERCENT.fullmatch(typed)
    return exact(Fraction(percent[1]) / 100) if percent else typed


def _section(sheet: SectionSheet) -> Values:
    kind, _, component = sheet.part.partition(":")
    values: Values = {"kind": kind, "component": component}
    if sheet.scale == OWN_LEVELS:
        values["scale"] = {"levels": [_level(line) for line in _lines(sheet.levels)]}
    elif sheet.scale == MARKS:
        values["scale"] = {"marks": _mean(sheet)}
    elif sheet.scale:
        values["scale"] = sheet.scale
    if sheet.base:
        values["base"] = sheet.base
    values["subjects"] = list(_subjects(sheet))
    if questions := [_question(line) for line in _lines(sheet.questions)]:
        values["questions"] = questions
    if limits := [_limit(part) for part in re.split(r"[\n,，;；、]", sheet.limits) if part.strip()]:
        values["limits"] = limits
    return values


def _subjects(sheet: SectionSheet) -> Iterator[Values]:
    told = told_of(sheet.told)
    for unit in sheet.units:
        _, duty, name = (*told.get(unit, (unit,)), "", "")[:3]
        yield {"unit": unit, "name": name or f"{unit}{sheet.suffix.strip()}", "duty": duty}


def told_of(lines: str) -> dict[str, list[str]]:
    """Return what lines tell of units: each unit's name, duty, and perhaps another name."""
    return {(cells := _cells(line))[0]: cells for line in _lines(lines)}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _cells(line: str) -> list[str]:
    """Return a line's cells: between tabs where there are any, else between commas."""
    return [cell.strip() for cell in (line.split("\t") if "\t" in line else _BETWEEN.split(line))]


def _level(line: str) -> Values:
    cells = _cells(line) if "\t" in line else re.split(r"[\s,，;；]+", line)
    label, worth, approves = (*cells, "", "")[:3]
    values: Values = {"label": label, "approves": approves.lower() in _YES}
    return {**values, "value": worth} if worth else values


def _mean(sheet: SectionSheet) -> Values:
    typed = (("drop_top", sheet.top), ("drop_bottom", sheet.bottom), ("only_above", sheet.above))
    return {
        key: _whole_or_text(value) if key == "only_above" else value.strip().replace("％", "%")
        for key, value in typed
        if value.strip()
    }


def _question(line: str) -> Values:
    weighted = WEIGHTED.fullmatch(line)
    return {"text": weighted[1], "weight": weighted[2]} if weighted else {"text": line}


def _limit(part: str) -> Values:
    found = _LIMIT.fullmatch(part.strip())
    return {"level": found[1], "at_most": int(found[2])} if found else {"level": part.strip()}
