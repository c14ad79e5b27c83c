"""The fields of a poll's form: read into a sheet, written from one, and carried in an address.

A form's state travels in the address of its pages, so that going back, loading anew and signing in
again lose nothing; what is too long for an address stays in the page.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from werkzeug.datastructures import MultiDict

from ballot.domain.canonical import canonical
from ballot.domain.occasions import Occasion, Way
from ballot.domain.poll_sheet import GroupRow, SectionSheet, Sheet
from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring.figures import whole_number

LONGEST_IN_ADDRESS: Final = 6000
MOST_BYTES: Final = 200_000
MOST_FIELDS: Final = 2000
MOST_MORE: Final = 20
MOST_TYPED: Final = 800
"""A table that takes more fields than this is one text: a form holds a thousand fields."""

Fields = MultiDict[str, str]
Pairs = Sequence[tuple[str, str]]

_ROW: Final = ("key", "name", "ballots", "eligible", "weight")
_WHOLE: Final = (
    "title",
    "instructions",
    "blank",
    "wholly_blank",
    "quorum_how",
    "quorum",
    "quorum_of",
)
_SECTION: Final = (
    "suffix",
    "told",
    "scale",
    "levels",
    "top",
    "bottom",
    "above",
    "base",
    "limits",
    "questions",
)


def pack(pairs: Pairs) -> str:
    """Return a form's fields as an address holds them."""
    text = canonical([[name, value] for name, value in pairs]).encode("utf-8")
    return base64.urlsafe_b64encode(zlib.compress(text, 9)).decode("ascii")


def unpack(packed: str) -> Fields:
    """Return the fields that an address holds.

    Raises: MistakesError for what no page of ours ever made.
    """
    try:
        inflating = zlib.decompressobj()
        text = inflating.decompress(base64.urlsafe_b64decode(packed), MOST_BYTES)
        pairs = json.loads(text.decode("utf-8"))
        fits = len(pairs) <= MOST_FIELDS and all(
            isinstance(part, str) for name, value in pairs for part in (name, value)
        )
    except (binascii.Error, zlib.error, ValueError, TypeError, RecursionError):
        fits = False
    if not fits:
        raise MistakesError([Text("页面的数据不完整。请刷新页面，再做一次。")])
    return MultiDict((name, value) for name, value in pairs)


def read_sheet(fields: Fields) -> Sheet:
    """Return the sheet that fields hold; rows in which nothing was typed are left out."""
    columns = [fields.getlist(name) for name in _ROW]
    rows = [
        _group(row, fields.getlist(f"excludes {place}"))
        for place, row in enumerate(zip(*columns, strict=False), 1)
    ]
    kept = [place for place, row in enumerate(rows) if not row.blank]
    parts = list(dict.fromkeys(fields.getlist("part")))
    return Sheet(
        **{name: _lines(fields[name]) for name in _WHOLE if name in fields},
        groups=tuple(rows[place] for place in kept),
        sections=tuple(_section(fields, part, place) for place, part in enumerate(parts, 1)),
        comments=fields.get("comments") == "yes",
        same=fields.get("same") == "yes",
        cells={
            unit: tuple(_at(fields.getlist(f"cell {number}"), place) for place in kept)
            for number, unit in enumerate(fields.getlist("row"))
        },
    )


def _group(row: Sequence[str], excludes: Sequence[str]) -> GroupRow:
    key, name, ballots, eligible, weight = (cell.strip() for cell in row)
    return GroupRow(key, name, ballots, eligible, weight, tuple(excludes))


def _section(fields: Fields, part: str, place: int) -> SectionSheet:
    extra = [line.strip() for line in fields.get(f"extra {place}", "").splitlines()]
    units = dict.fromkeys((*fields.getlist(f"unit {place}"), *filter(None, extra)))
    written = {name: _lines(fields.get(f"{name} {place}", "")) for name in _SECTION}
    return SectionSheet(part, tuple(units), **written)


def _at(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def blank_rows(fields: Fields) -> int:
    """Return how many empty rows for further groups a form shows."""
    return min(whole_number(fields.get("more", "0")) or 0, MOST_MORE)


def pairs_of(sheet: Sheet, way: Way, more: int) -> list[tuple[str, str]]:
    """Return a sheet as fields; `read_sheet` reads them back."""
    return [("way", way.value), ("more", str(more)), *_pairs(sheet)]


def _pairs(sheet: Sheet) -> Iterator[tuple[str, str]]:
    yield from ((name, getattr(sheet, name)) for name in _WHOLE)
    ticks = (("comments", sheet.comments), ("same", sheet.same))
    yield from ((name, "yes") for name, ticked in ticks if ticked)
    for place, row in enumerate(sheet.groups, 1):
        yield from ((name, getattr(row, name)) for name in _ROW)
        yield from ((f"excludes {place}", unit) for unit in row.excludes)
    for place, section in enumerate(sheet.sections, 1):
        yield "part", section.part
        yield from ((f"unit {place}", unit) for unit in section.units)
        written = ((f"{name} {place}", getattr(section, name)) for name in _SECTION)
        yield from (pair for pair in written if pair[1])
    for number, (unit, cells) in enumerate(sheet.cells.items()):
        yield "row", unit
        yield from ((f"cell {number}", cell) for cell in cells)


def proposed(occasion: Occasion, units: Sequence[Sequence[str]], year: str) -> Sheet:
    """Return what a form begins with: everybody rated, by those whom the occasion suggests.

    `units`: those of each part's kind.
    """
    groups = tuple(
        GroupRow(
            name=group.name,
            ballots="" if group.ballots is None else str(group.ballots),
            weight="" if group.weight is None else str(group.weight),
        )
        for group in occasion.groups
    )
    each = occasion.way is Way.EACH
    return Sheet(
        title=occasion.poll_title(year),
        groups=tuple(replace(row, ballots="") for row in groups) if each else groups,
        sections=tuple(
            SectionSheet(part.key, tuple(names), suffix=occasion.team)
            for part, names in zip(occasion.parts, units, strict=True)
        ),
        same=each,
        cells={name: tuple(row.ballots for row in groups) for name in units[0]} if each else {},
    )


def as_text(sheet: Sheet) -> str:
    """Return the table of ballots as lines that `read_cells` reads, in the groups' order."""
    lines = ("\t".join((unit, *cells)) for unit, cells in sheet.cells.items() if any(cells))
    return "\n".join(lines)


def moved(sheet: Sheet, what: str, place: int) -> Sheet:
    """Return a sheet with a group, counted from 0, removed, or moved before the one above it."""
    order = list(range(len(sheet.groups)))
    if what == "remove" and place < len(order):
        del order[place]
    elif what == "up" and 0 < place < len(order):
        order[place - 1 : place + 1] = [place, place - 1]
    return replace(
        sheet,
        groups=tuple(sheet.groups[each] for each in order),
        cells={
            unit: tuple(_at(cells, each) for each in order) for unit, cells in sheet.cells.items()
        },
    )
