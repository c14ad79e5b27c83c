"""Writing a POLL.toml: the file from which a definition can be made again.

`read_poll_file(poll_file(definition)) == definition` for every definition that was read from one.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from ballot.domain.definition import (
    Blank,
    Definition,
    Group,
    Question,
    Quorum,
    Section,
    Subject,
    WhollyBlank,
)
from ballot.scoring import NAMED_SCALES, AnyScale, Item, MarksScale, MeanMark, Scale, Scheme
from ballot.scoring.figures import exact

Values = dict[str, Any]

_AT_THE_TOP: Final = ("kind", "component", "scale", "base", "subjects", "questions", "limits")
"""What a single section writes at the top level."""


def poll_file(definition: Definition, scheme: Scheme | None) -> str:
    """Return a definition as a POLL.toml; `scheme` is its scheme with the cycle's settings."""
    return toml_text(values_of(definition, scheme))


def values_of(definition: Definition, scheme: Scheme | None) -> Values:
    """Return what a definition's POLL.toml holds, each section in `sections`.

    What is as the scheme has it is left out; without a scheme everything is said.
    """
    values: Values = {"title": definition.title, "scheme": definition.scheme}
    if definition.instructions:
        values["instructions"] = definition.instructions
    if definition.blank is not Blank.ABSTAIN:
        values["blank"] = definition.blank.value
    if definition.wholly_blank is not WhollyBlank.ABSTAIN:
        values["wholly_blank"] = definition.wholly_blank.value
    if definition.comments:
        values["comments"] = True
    if definition.quorum:
        values["quorum"] = _quorum(definition.quorum)
    values["groups"] = [_group(group) for group in definition.groups]
    values["sections"] = [_section(each, _component(scheme, each)) for each in definition.sections]
    return values


def _component(scheme: Scheme | None, section: Section) -> Item | None:
    kind = scheme.kinds.get(section.kind) if scheme else None
    found = (item for item in kind.nodes() if item.key == section.component) if kind else ()
    return next(iter(found), None)


def _quorum(quorum: Quorum) -> Values:
    key = "more_than" if quorum.more else "at_least"
    return {key: exact(quorum.fraction), "of": quorum.of.value}


def _group(group: Group) -> Values:
    values: Values = {"key": group.key, "name": group.name, "ballots": group.ballots}
    if group.eligible is not None:
        values["eligible"] = group.eligible
    if group.weight is not None:
        values["weight"] = exact(group.weight)
    if group.excludes:
        values["excludes"] = sorted(group.excludes)
    return values


def _section(section: Section, component: Item | None) -> Values:
    values: Values = {"kind": section.kind, "component": section.component}
    rule, own = section.rule, component.rule if component else None
    if own is None or (rule.scale, rule.conversion) != (own.scale, own.conversion):
        values["scale"] = _scale(rule.scale, rule.conversion)
    if not section.on_marks and (own is None or rule.base is not own.base):
        values["base"] = rule.base.value
    values["subjects"] = [_subject(subject) for subject in section.subjects]
    usual = tuple(map(Question, component.questions)) if component else ()
    if section.questions not in (usual, (Question(),)):
        values["questions"] = [
            {"text": each.text, **({"weight": exact(each.weight)} if each.weight != 1 else {})}
            for each in section.questions
        ]
    if section.limits:
        values["limits"] = [
            {"level": limit.level, "at_most": limit.at_most} for limit in section.limits
        ]
    return values


def _scale(scale: AnyScale, conversion: object) -> Any:
    if isinstance(scale, MarksScale):
        mean = conversion if isinstance(conversion, MeanMark) else MeanMark()
        return {
            "marks": {
                "drop_top": exact(mean.drop_top),
                "drop_bottom": exact(mean.drop_bottom),
                "only_above": mean.only_above,
            }
        }
    return next((name for name, each in NAMED_SCALES.items() if each == scale), None) or {
        "levels": _levels(scale)
    }


def _levels(scale: Scale) -> list[Values]:
    return [
        {"label": level.label, "value": exact(level.value), "approves": level.approves}
        for level in scale.levels
    ]


def _subject(subject: Subject) -> Values:
    values: Values = {"unit": subject.unit}
    if subject.name != subject.unit:
        values["name"] = subject.name
    if subject.duty:
        values["duty"] = subject.duty
    return values


def toml_text(values: Mapping[str, Any], *, single_at_the_top: bool = True) -> str:
    """Return a POLL.toml of its values; a single section may stand at the top level."""
    top = {key: value for key, value in values.items() if key != "sections"}
    sections = list(values.get("sections", ()))
    if len(sections) == 1 and single_at_the_top:
        (only,) = sections
        groups = top.pop("groups", None)
        top |= {key: only[key] for key in _AT_THE_TOP if key in only}
        top |= {} if groups is None else {"groups": groups}
        sections = []
    parts = ["\n".join(_line(key, value) for key, value in top.items())]
    for section in sections:
        lines = (_line(key, value) for key, value in section.items())
        parts.append("\n".join(("[[sections]]", *lines)))
    return "\n\n".join(parts) + "\n"


def _line(key: str, value: Any) -> str:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        rows = "".join(f"  {_inline(row)},\n" for row in value)
        return f"{key} = [\n{rows}]"
    return f"{key} = {_inline(value)}"


def _inline(value: Any) -> str:
    """Return a value on one line. JSON's texts are TOML's, but for one character."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_inline(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
