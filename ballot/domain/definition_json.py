"""The frozen form of a definition: plain JSON values, and the hash printed on the count report."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ballot.domain.canonical import fingerprint
from ballot.domain.definition import (
    Blank,
    Definition,
    Group,
    Limit,
    Mode,
    Question,
    Quorum,
    Section,
    Subject,
    WhollyBlank,
)
from ballot.scoring import Base, Rule


def rules_hash(definition: Definition) -> str:
    """Return the SHA-256 of a definition's canonical JSON."""
    return fingerprint(to_json(definition))


def face_of_slips(definition: Definition) -> str:
    """Return the SHA-256 of what slips bear: the title, and the groups' names in their places."""
    groups = [[group.key, group.name] for group in definition.groups]
    return fingerprint([definition.title, groups])


def to_json(definition: Definition) -> dict[str, Any]:
    """Return a definition as plain JSON values, fractions as text."""
    return {
        "title": definition.title,
        "scheme": definition.scheme,
        "mode": definition.mode.value,
        "blank": definition.blank.value,
        "wholly_blank": definition.wholly_blank.value,
        "comments": definition.comments,
        "instructions": definition.instructions,
        "quorum": _quorum_json(definition.quorum),
        "groups": [_group_json(group) for group in definition.groups],
        "sections": [_section_json(section) for section in definition.sections],
        # only where it is one: the hashes of all other polls stay what they were
        **({"rehearsal": True} if definition.rehearsal else {}),
    }


def from_json(value: Mapping[str, Any]) -> Definition:
    """Read what `to_json` wrote."""
    return Definition(
        title=value["title"],
        scheme=value["scheme"],
        mode=Mode(value["mode"]),
        blank=Blank(value["blank"]),
        wholly_blank=WhollyBlank(value["wholly_blank"]),
        comments=value["comments"],
        instructions=value["instructions"],
        quorum=_quorum_from(value["quorum"]),
        groups=tuple(_group_from(group) for group in value["groups"]),
        sections=tuple(_section_from(section) for section in value["sections"]),
        rehearsal=value.get("rehearsal", False),
    )


def _section_json(section: Section) -> dict[str, Any]:
    return {
        "kind": section.kind,
        "component": section.component,
        "title": section.title,
        "subjects": [{"unit": s.unit, "name": s.name, "duty": s.duty} for s in section.subjects],
        "questions": [{"text": q.text, "weight": str(q.weight)} for q in section.questions],
        "limits": [{"level": m.level, "at_most": m.at_most} for m in section.limits],
        "rule": section.rule.to_json(),
        # only under a cycle's own scheme: the hashes of all other polls stay what they were
        **({"kind_title": section.kind_title} if section.kind_title else {}),
    }


def _section_from(value: Mapping[str, Any]) -> Section:
    return Section(
        kind=value["kind"],
        component=value["component"],
        title=value["title"],
        subjects=tuple(Subject(**subject) for subject in value["subjects"]),
        questions=tuple(Question(q["text"], Fraction(q["weight"])) for q in value["questions"]),
        limits=tuple(Limit(**limit) for limit in value["limits"]),
        rule=Rule.from_json(value["rule"]),
        kind_title=value.get("kind_title", ""),
    )


def _group_json(group: Group) -> dict[str, Any]:
    return {
        "key": group.key,
        "name": group.name,
        "ballots": group.ballots,
        "weight": None if group.weight is None else str(group.weight),
        "eligible": group.eligible,
        "excludes": sorted(group.excludes),
    }


def _group_from(value: Mapping[str, Any]) -> Group:
    weight = value["weight"]
    return Group(
        key=value["key"],
        name=value["name"],
        ballots=value["ballots"],
        weight=None if weight is None else Fraction(weight),
        eligible=value["eligible"],
        excludes=frozenset(value["excludes"]),
    )


def _quorum_json(quorum: Quorum | None) -> dict[str, Any] | None:
    if quorum is None:
        return None
    return {"fraction": str(quorum.fraction), "more": quorum.more, "of": quorum.of.value}


def _quorum_from(value: Mapping[str, Any] | None) -> Quorum | None:
    if value is None:
        return None
    return Quorum(Fraction(value["fraction"]), value["more"], Base(value["of"]))
