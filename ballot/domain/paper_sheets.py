"""Sheets: the papers of one voter group as counts, row by row, and the votes that they make.

Stored votes are columns of choices shuffled apart (`domain/votes.part`), so counts are all that
remains of any vote. A sheet is therefore as good as its papers: it becomes as many votes, whose
columns hold exactly its counts.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from ballot.domain.definition import Blank, Definition, Group, Slot, WhollyBlank
from ballot.domain.paper_votes import (
    TWO_TICKS,
    Difference,
    EntryError,
    Paper,
    asked_of,
    row_name,
    vote_of,
)
from ballot.domain.votes import BLANK, NOT_ASKED, Vote
from ballot.language import N_, Text
from ballot.scoring.figures import whole_number

INVALID_CELL: Final = "invalid"
MOST_CELLS: Final = 900
"""What one form may hold; a longer ballot is entered paper by paper."""
_OTHERS: Final = (BLANK, TWO_TICKS)
_OTHER_WORDS: Final = (N_("空白"), N_("两处打勾"))
_LONGEST: Final = 6


@dataclass(frozen=True)
class Sheet:
    """Counts of one group's papers; None is a cell that nobody filled in yet.

    `rows`: for each slot of the poll the papers of each answer, of blank rows and of rows with
    two ticks; empty where the group does not rate the subject. `invalid`: whole papers.
    """

    invalid: int | None
    rows: tuple[tuple[int | None, ...], ...]


def fits_sheets(definition: Definition) -> bool:
    """Tell whether a poll's papers can be entered as counts: no marks, and no endless form."""
    if any(section.on_marks for section in definition.sections):
        return False
    cells = sum(slot.section.rule.scale.answers + len(_OTHERS) for slot in definition.slots)
    return cells <= MOST_CELLS


def cell_field(slot: Slot, place: int) -> str:
    """Return the form field of a count: `n0-0`, `n0-1`, …"""
    return f"n{slot.index}-{place}"


def columns(slot: Slot) -> list[Text]:
    """Return the words above a row's counts: its levels, blank, two ticks."""
    labels = [Text("%(answer)s", answer=label) for label in slot.section.rule.levels.labels]
    return [*labels, *map(Text, _OTHER_WORDS)]


def read_sheet(definition: Definition, group: Group, fields: Mapping[str, str]) -> Sheet:
    """Return the counts that a form holds, finished or not: an empty cell is None.

    Raises: EntryError naming each cell that is no number of papers.
    """
    mistakes: list[Text] = []

    def number(name: str, what: Text) -> int | None:
        typed = fields.get(name, "").strip()
        if not typed:
            return None
        found = whole_number(typed) if len(typed) <= _LONGEST else None
        if found is None or found < 0:
            mistakes.append(Text("%(what)s：应为票数（0 或正整数）。", what=what))
        return found

    rows: list[tuple[int | None, ...]] = [()] * len(definition.slots)
    for place, slot in enumerate(asked_of(definition, group), 1):
        rows[slot.index] = tuple(
            number(cell_field(slot, column), _cell_name(place, slot, word))
            for column, word in enumerate(columns(slot))
        )
    invalid = number(INVALID_CELL, Text("整票无效的张数"))
    if mistakes:
        raise EntryError(mistakes)
    return Sheet(invalid, tuple(rows))


def _cell_name(place: int, slot: Slot, word: Text) -> Text:
    return Text("%(row)s的“%(column)s”", row=row_name(place, slot), column=word)


def problems(definition: Definition, group: Group, papers: int, sheet: Sheet) -> list[Text]:
    """Return what is missing on a sheet, or what so many papers cannot have given.

    Source: docs/operations.md, "Paper votes".
    """
    if sheet.invalid is None:
        return [
            Text("请填写整票无效的张数（没有填 0）。"),
            *_of_rows(definition, group, None, sheet),
        ]
    if sheet.invalid > papers:
        return [
            Text(
                "整票无效 %(invalid)s 张，多于登记的 %(papers)s 张。",
                invalid=sheet.invalid,
                papers=papers,
            )
        ]
    valid = papers - sheet.invalid
    found = list(_of_rows(definition, group, valid, sheet))
    return found or [*_beyond_limits(definition, valid, sheet), *_silent(definition, valid, sheet)]


def _of_rows(
    definition: Definition, group: Group, valid: int | None, sheet: Sheet
) -> Iterator[Text]:
    for place, slot in enumerate(asked_of(definition, group), 1):
        row = sheet.rows[slot.index]
        empty = row.count(None)
        if empty:
            yield Text(
                "%(row)s还有 %(count)s 格没有填（没有的填 0）。",
                row=row_name(place, slot),
                count=empty,
            )
        elif valid is not None:
            yield from _of_row(definition, row_name(place, slot), valid, _whole(row))


def _of_row(definition: Definition, name: Text, valid: int, row: list[int]) -> Iterator[Text]:
    total = sum(row)
    if total != valid:
        words = N_("%(row)s合计 %(total)s 票，有效票是 %(valid)s 票：少 %(by)s 票。")
        if total > valid:
            words = N_("%(row)s合计 %(total)s 票，有效票是 %(valid)s 票：多 %(by)s 票。")
        yield Text(words, row=name, total=total, valid=valid, by=abs(total - valid))
    elif definition.blank is Blank.REQUIRED and any(row[-len(_OTHERS) :]):
        yield Text(
            "%(row)s有空白或两处打勾的票：规则要求逐项评价，这样的票应计入整票无效。", row=name
        )


def _whole(row: tuple[int | None, ...]) -> list[int]:
    return [number or 0 for number in row]


def _beyond_limits(definition: Definition, valid: int, sheet: Sheet) -> Iterator[Text]:
    """Each paper names a limited level so many times at most; all papers, so many times more."""
    for section in definition.sections:
        for limit in section.limits:
            place = section.rule.levels.labels.index(limit.level)
            given = sum(
                _whole(sheet.rows[slot.index])[place]
                for slot in definition.slots
                if slot.section is section and sheet.rows[slot.index]
            )
            most = limit.at_most * valid
            if given > most:
                yield Text(
                    "“%(section)s”的“%(level)s”共 %(given)s 个：每张票最多 %(each)s 个，"
                    "%(valid)s 张有效票最多 %(most)s 个。",
                    section=section.title,
                    level=limit.level,
                    given=given,
                    each=limit.at_most,
                    valid=valid,
                    most=most,
                )


def _silent(definition: Definition, valid: int, sheet: Sheet) -> Iterator[Text]:
    """Where a wholly blank paper is invalid, each valid one says something."""
    said = sum(sum(_whole(row)[: -len(_OTHERS)]) for row in sheet.rows if row)
    if definition.wholly_blank is WhollyBlank.INVALID and said < valid:
        yield Text(
            "%(valid)s 张有效票一共只有 %(said)s 处评价：通篇空白的票按规则应计入整票无效。",
            valid=valid,
            said=said,
        )


def sheet_of(definition: Definition, group: Group, papers: list[Paper]) -> Sheet:
    """Return the counts of papers that were read one by one."""
    valid = [paper.choices for paper in papers if vote_of(definition, paper).valid]
    rows: list[tuple[int | None, ...]] = [()] * len(definition.slots)
    for slot in asked_of(definition, group):
        column = [choices[slot.index] for choices in valid]
        answers = (*range(slot.section.rule.scale.answers), *_OTHERS)
        rows[slot.index] = tuple(column.count(answer) for answer in answers)
    return Sheet(len(papers) - len(valid), tuple(rows))


def votes_of(
    definition: Definition, group: Group, papers: int, sheet: Sheet, random: Random
) -> list[Vote]:
    """Return as many votes as there are papers, whose columns hold exactly a sheet's counts.

    Which choices stand together in a row is chance: no row is anyone's paper.

    Raises: EntryError for a sheet with problems.
    """
    found = problems(definition, group, papers, sheet)
    if found:
        raise EntryError(found)
    invalid = sheet.invalid or 0
    nothing = bytes(BLANK if row else NOT_ASKED for row in sheet.rows)
    packed = [
        _column(_whole(row), random) if row else bytes([NOT_ASKED]) * (papers - invalid)
        for row in sheet.rows
    ]
    valid = [Vote(bytes(choices)) for choices in zip(*packed, strict=True)]
    return [*valid, *[Vote(nothing, valid=False)] * invalid]


def _column(row: list[int], random: Random) -> bytes:
    *levels, blank, two_ticks = row
    column = [level for level, count in enumerate(levels) for _ in range(count)]
    column += [BLANK] * (blank + two_ticks)
    random.shuffle(column)
    return bytes(column)


def sheet_differences(
    definition: Definition, group: Group, first: Sheet, second: Sheet
) -> Iterator[Difference]:
    """Yield the cells in which two tellers counted differently."""
    if first.invalid != second.invalid:
        yield _difference(Text("整票无效的张数"), first.invalid, second.invalid)
    for place, slot in enumerate(asked_of(definition, group), 1):
        pairs = zip(first.rows[slot.index], second.rows[slot.index], strict=True)
        for (mine, theirs), word in zip(pairs, columns(slot), strict=True):
            if mine != theirs:
                yield _difference(_cell_name(place, slot, word), mine, theirs)


def _difference(place: Text, first: int | None, second: int | None) -> Difference:
    return Difference(place, *(Text("%(count)s 票", count=count) for count in (first, second)))


def written(sheet: Sheet) -> str:
    """Return a sheet as it is kept until both tellers agree."""
    return json.dumps([sheet.invalid, sheet.rows])


def read_written(text: str) -> Sheet:
    """Return what `written` wrote."""
    invalid, rows = json.loads(text)
    return Sheet(invalid, tuple(tuple(row) for row in rows))


def typed_of(definition: Definition, group: Group, sheet: Sheet) -> dict[str, str]:
    """Return the fields of a form that would tell this sheet."""
    fields = {INVALID_CELL: sheet.invalid} | {
        cell_field(slot, place): count
        for slot in asked_of(definition, group)
        for place, count in enumerate(sheet.rows[slot.index])
    }
    return {name: str(count) for name, count in fields.items() if count is not None}
