"""Mistakes of a poll's form: those of its POLL.toml, told in the form's words and at its fields."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ballot.domain.poll_sheet import Sheet, Single
from ballot.language import N_, Text

_GROUP: Final = re.compile(r"groups\[([0-9]+)\](?:\.(\w+))?")
_SECTION: Final = re.compile(r"sections\[([0-9]+)\]\.(\w+)(?:\[([0-9]+)\])?")

_GROUP_WORDS: Final = {
    "key": N_("代号"),
    "name": N_("名称"),
    "ballots": N_("票数"),
    "eligible": N_("应到人数"),
    "weight": N_("权重"),
    "excludes": N_("回避"),
}
_SECTION_WORDS: Final = {
    "subjects": N_("测评对象"),
    "scale": N_("量表"),
    "base": N_("基数"),
    "questions": N_("测评项"),
    "limits": N_("限额"),
}
_WHOLE_WORDS: Final = {
    "title": N_("标题"),
    "instructions": N_("填票说明"),
    "quorum": N_("参加比例"),
    "groups": N_("参评人员类别"),
    "sections": N_("测评表"),
    "questions": N_("测评项"),
    "scheme": N_("方案"),
    "comments": N_("意见"),
}


@dataclass(frozen=True)
class Mistake:
    """What is wrong, and the form's field that it belongs to; no field where there is none.

    `brief`: what is said beside the field, where it need not say which one it is.
    """

    field: str
    text: Text
    brief: Text | None = None


def told(sheet: Sheet, mistakes: Iterable[Text]) -> list[Mistake]:
    """Return the mistakes of a poll's file as those of its sheet."""
    return [_told(sheet, text) for text in mistakes]


def _told(sheet: Sheet, text: Text) -> Mistake:
    key, problem = str(text.values.get("key", "")), text.values.get("problem", text)
    group, section = _GROUP.match(key), _SECTION.match(key)
    if group:
        place, what = int(group[1]), group[2] or "name"
        rows = sheet.filled
        where = Text(
            "第 %(number)s 个类别“%(name)s”的%(what)s",
            number=place,
            name=rows[place - 1].name if place <= len(rows) else "",
            what=Text(_GROUP_WORDS.get(what, what)),
        )
        return _at(f"{what} {place}", where, problem)
    if section:
        place, what = int(section[1]), section[2]
        return _at(f"{what} {place}", _in_section(sheet, place, what, section[3]), problem)
    what = key.partition(".")[0]
    if what in _WHOLE_WORDS:
        return _at("questions 1" if what == "questions" else what, _WHOLE_WORDS[what], problem)
    return Mistake("", text)


def _in_section(sheet: Sheet, place: int, what: str, row: str | None) -> Text:
    """Return where in a section something is: which section, what, and whom it is about."""
    words = Text(_SECTION_WORDS.get(what, what))
    units = sheet.sections[place - 1].units if place <= len(sheet.sections) else ()
    if what == "subjects" and row and int(row) <= len(units):
        words = Text("测评对象“%(unit)s”", unit=units[int(row) - 1])
    elif row:
        words = Text("%(what)s第 %(row)s 行", what=words, row=row)
    if len(sheet.sections) == 1:
        return words
    return Text("第 %(number)s 张测评表的%(what)s", number=place, what=words)


def _at(field: str, where: Text | str, problem: object) -> Mistake:
    words = Text(where) if isinstance(where, str) else where
    text = Text("%(where)s：%(problem)s。", where=words, problem=problem)
    return Mistake(field, text, Text("%(problem)s。", problem=problem))


def told_each(sheet: Sheet, found: Sequence[tuple[Single, Sequence[Text]]]) -> list[Mistake]:
    """Return the mistakes of a sheet for each unit: with the unit, and once what all share.

    `found`: every unit, with the mistakes of its file.
    """
    told_of: dict[Mistake, list[str]] = {}
    for single, mistakes in found:
        for text in mistakes:
            told_of.setdefault(_of_single(sheet, single, text), []).append(single.unit)
    return [
        mistake
        if len(units) == len(found) and not mistake.field.startswith("cell ")
        else Mistake(
            mistake.field,
            Text("%(units)s：%(problem)s", units=_named(units), problem=mistake.text),
        )
        for mistake, units in told_of.items()
    ]


def _of_single(sheet: Sheet, single: Single, text: Text) -> Mistake:
    """Return one unit's mistake; a number of ballots stands in the table, by unit and group."""
    group = _GROUP.fullmatch(str(text.values.get("key", "")))
    if group is None or int(group[1]) > len(single.columns):
        return _told(sheet, text)
    column = single.columns[int(group[1]) - 1]
    name = sheet.filled[column].name
    if group[2] == "ballots":
        words = Text("“%(group)s”的票数", group=name)
        return _at(f"cell {column} {single.unit}", words, text.values["problem"])
    what = group[2] or "name"
    words = Text("“%(group)s”的%(what)s", group=name, what=Text(_GROUP_WORDS[what]))
    return _at(f"{what} {column + 1}", words, text.values["problem"])


def _named(units: Sequence[str]) -> str:
    return "、".join(f"“{unit}”" for unit in units)
