"""A draft as its form shows it: the sheet from which the same poll is made again."""

from typing import Any

from ballot.domain.definition import Definition, Section
from ballot.domain.poll_sheet import (
    MARKS,
    OWN_LEVELS,
    WEIGHTED,
    GroupRow,
    SectionSheet,
    Sheet,
)
from ballot.domain.pollfile_written import values_of
from ballot.scoring import Scheme

Values = dict[str, Any]


def sheet_of(definition: Definition, scheme: Scheme | None) -> Sheet:
    """Return a draft as its form shows it: what is as the scheme has it stays empty."""
    values = values_of(definition, scheme)
    quorum = dict(values.get("quorum", {}))
    of = quorum.pop("of", "eligible")
    how, fraction = next(iter(quorum.items()), ("", ""))
    return Sheet(
        title=definition.title,
        instructions=definition.instructions,
        groups=tuple(map(_group_row, values["groups"])),
        sections=tuple(map(_section_sheet, definition.sections, values["sections"])),
        blank=definition.blank.value,
        wholly_blank=definition.wholly_blank.value,
        quorum_how=how,
        quorum=fraction,
        quorum_of=of,
        comments=definition.comments,
    )


def _group_row(values: Values) -> GroupRow:
    texts = {name: str(values.get(name, "")) for name in ("ballots", "eligible", "weight")}
    excludes = tuple(values.get("excludes", ()))
    return GroupRow(key=values["key"], name=values["name"], excludes=excludes, **texts)


def _section_sheet(section: Section, values: Values) -> SectionSheet:
    scale = values.get("scale", "")
    marks = scale.get("marks") if isinstance(scale, dict) else None
    levels = scale.get("levels") if isinstance(scale, dict) else None
    return SectionSheet(
        part=f"{section.kind}:{section.component}",
        units=tuple(subject.unit for subject in section.subjects),
        told="\n".join(
            "\t".join((subject.unit, subject.duty, subject.name))
            for subject in section.subjects
            if subject.duty or subject.name != subject.unit
        ),
        scale=OWN_LEVELS if levels else MARKS if marks else scale,
        levels="\n".join(
            "\t".join((each["label"], each["value"], "认可" if each["approves"] else "不认可"))
            for each in levels or ()
        ),
        top=_unless_zero(marks, "drop_top"),
        bottom=_unless_zero(marks, "drop_bottom"),
        above=_unless_zero(marks, "only_above"),
        base=values.get("base", ""),
        limits="，".join(f"{limit.level} {limit.at_most}" for limit in section.limits),
        questions="\n".join(
            f"{each['text']} ×{each.get('weight', 1)}"
            if "weight" in each or WEIGHTED.fullmatch(each["text"])
            else each["text"]
            for each in values.get("questions", ())
        ),
    )


def _unless_zero(marks: Values | None, key: str) -> str:
    written = str(marks[key]) if marks else ""
    return "" if written == "0" else written
