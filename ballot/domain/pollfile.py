"""Reading a POLL.toml: a poll's definition as an organiser writes it.

Every mistake is collected and told with its key, as `sections[2].subjects[1].unit`; nothing is
made of a file that holds one. The form of the file: docs/operations.md, "POLL.toml".
"""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Final, TypeVar

from ballot.domain.definition import (
    Blank,
    Definition,
    Group,
    Limit,
    Question,
    Quorum,
    Section,
    Subject,
    WhollyBlank,
)
from ballot.domain.tomlreader import Table
from ballot.errors import BallotError, MistakesError
from ballot.language import Text
from ballot.scoring import NAMED_SCALES, Base, Component, Level, Rule, Scale, Scheme, load_scheme

T = TypeVar("T")

MOST_BALLOTS: Final = 100_000
MOST_SUBJECTS: Final = 200
_SECTION_KEYS: Final = frozenset(
    {"kind", "component", "subjects", "scale", "questions", "base", "limits"}
)
_POLL_KEYS: Final = frozenset(
    {"title", "scheme", "groups", "blank", "wholly_blank", "quorum", "comments", "instructions"}
)


def read_poll_file(text: str, *, smallest_group: int = 5) -> Definition:
    """Return the definition that a POLL.toml holds.

    `smallest_group`: no exclusion may leave a subject fewer voters than this (k).
    Raises: MistakesError with one text per mistake, each naming its key.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MistakesError([Text("文件不是有效的 TOML:%(error)s", error=error)]) from None
    mistakes: list[Text] = []
    definition = _definition(Table(content, "", mistakes), smallest_group)
    if mistakes or definition is None:
        raise MistakesError(mistakes)
    return definition


def _definition(table: Table, smallest_group: int) -> Definition | None:
    several = "sections" in table
    table.only(_POLL_KEYS | ({"sections"} if several else _SECTION_KEYS))
    scheme = _scheme(table)
    sections = _each(table, "sections", lambda t: _section(t, scheme)) if several else None
    if sections is None and not several:
        sections = [_section(table, scheme)]
    title = table.text("title", most=60)
    blank = table.choice("blank", Blank, Blank.ABSTAIN)
    definition = Definition(
        title=title or "",
        scheme=scheme.name if scheme else "",
        sections=tuple(section for section in sections or () if section),
        groups=tuple(_each(table, "groups", _group) or ()),
        blank=blank,
        wholly_blank=table.choice("wholly_blank", WhollyBlank, WhollyBlank.ABSTAIN),
        quorum=_quorum(table),
        comments=table.boolean("comments", False),
        instructions=table.text("instructions", default="", most=500) or "",
    )
    if table.mistakes:
        return None
    _check_whole(definition, table, smallest_group)
    return definition


def _scheme(table: Table) -> Scheme | None:
    name = table.text("scheme")
    if name is None:
        return None
    try:
        return load_scheme(name)
    except BallotError as error:
        table.mistake("scheme", *error.texts())
        return None


def _each(table: Table, key: str, read: Callable[[Table], T]) -> list[T] | None:
    tables = table.tables(key)
    return None if tables is None else [read(entry) for entry in tables]


def _section(table: Table, scheme: Scheme | None) -> Section | None:
    if "sections" not in table and table.place:
        table.only(_SECTION_KEYS)
    component, kind_key = _component(table, scheme)
    subjects = _each(table, "subjects", _subject) or []
    _no_repeats(table, "subjects", [subject.unit for subject in subjects if subject])
    if len(subjects) > MOST_SUBJECTS:
        table.mistake("subjects", Text("最多 %(most)s 个测评对象。", most=MOST_SUBJECTS))
    questions = _each(table, "questions", _question) if "questions" in table else None
    rule = _rule(table, component)
    limits = _each(table, "limits", lambda t: _limit(t, rule)) if "limits" in table else None
    if component is None or rule is None:
        return None
    return Section(
        kind=kind_key,
        component=component.key,
        title=component.title,
        subjects=tuple(subject for subject in subjects if subject),
        rule=rule,
        questions=tuple(questions) if questions else (Question(),),
        limits=tuple(limit for limit in limits or () if limit),
    )


def _component(table: Table, scheme: Scheme | None) -> tuple[Component | None, str]:
    kind_key, component_key = table.text("kind"), table.text("component")
    if scheme is None or kind_key is None:
        return None, ""
    if kind_key not in scheme.kinds:
        known = "、".join(scheme.kinds)
        table.mistake(
            "kind", Text("方案中没有类别“%(key)s”;有:%(known)s", key=kind_key, known=known)
        )
        return None, kind_key
    if component_key is None:
        return None, kind_key
    balloted = {c.key: c for c in scheme.kinds[kind_key].components if c.rule is not None}
    if component_key not in balloted:
        known = "、".join(balloted)
        table.mistake(
            "component",
            Text("“%(key)s”不是由投票产生的考核项;可用:%(known)s", key=component_key, known=known),
        )
        return None, kind_key
    return balloted[component_key], kind_key


def _subject(table: Table) -> Subject | None:
    table.only({"unit", "name", "duty"})
    unit = table.text("unit", most=40)
    name = table.text("name", default=unit or "", most=40)
    duty = table.text("duty", default="", most=40)
    return Subject(unit, name or unit, duty or "") if unit else None


def _question(table: Table) -> Question:
    table.only({"text", "weight"})
    text = table.text("text", most=200)
    weight = table.fraction("weight", Fraction(1))
    return Question(text or "", weight)


def _limit(table: Table, rule: Rule | None) -> Limit | None:
    table.only({"level", "at_most"})
    level, at_most = table.text("level"), table.whole("at_most", least=0)
    labels = [known.label for known in rule.scale.levels] if rule else []
    if level and labels and level not in labels:
        known = "、".join(labels)
        table.mistake(
            "level", Text("量表中没有等次“%(level)s”;有:%(known)s", level=level, known=known)
        )
    return Limit(level, at_most) if level and at_most is not None else None


def _rule(table: Table, component: Component | None) -> Rule | None:
    """Return the component's rule with the scale and base that the file sets instead."""
    scale = _scale(table) if "scale" in table else None
    base = table.choice("base", Base, None) if "base" in table else None
    if component is None or component.rule is None:
        return None
    rule = component.rule
    if scale is not None:
        rule = replace(rule, scale=scale)
    return replace(rule, base=base) if base is not None else rule


def _scale(table: Table) -> Scale | None:
    value = table.value("scale")
    if isinstance(value, str):
        if value in NAMED_SCALES:
            return NAMED_SCALES[value]
        known = "、".join(NAMED_SCALES)
        message = (
            Text("本版还不支持百分制打分(marks)。")
            if value == "marks"
            else Text("没有量表“%(name)s”;有:%(known)s", name=value, known=known)
        )
        table.mistake("scale", message)
        return None
    inner = table.table("scale")
    if inner is None:
        return None
    inner.only({"levels"})
    levels = _each(inner, "levels", _level)
    if not levels or None in levels:
        return None
    try:
        return Scale(tuple(level for level in levels if level))
    except BallotError as error:
        inner.mistake("levels", *error.texts())
        return None


def _level(table: Table) -> Level | None:
    table.only({"label", "value", "approves"})
    label = table.text("label", most=12)
    value = table.fraction("value", None)
    approves = table.boolean("approves", False)
    return Level(label, value, approves) if label and value is not None else None


def _group(table: Table) -> Group:
    table.only({"key", "name", "ballots", "weight", "eligible", "excludes"})
    key = table.text("key", most=40)
    if key is not None and not key.replace("-", "").replace("_", "").isalnum():
        table.mistake("key", Text("只能用字母、数字、“-”和“_”"))
    return Group(
        key=key or "",
        name=table.text("name", most=20) or "",
        ballots=table.whole("ballots", least=1, most=MOST_BALLOTS) or 0,
        weight=table.fraction("weight", None) if "weight" in table else None,
        eligible=table.whole("eligible", least=0) if "eligible" in table else None,
        excludes=frozenset(table.texts("excludes")),
    )


def _quorum(table: Table) -> Quorum | None:
    if "quorum" not in table:
        return None
    inner = table.table("quorum")
    if inner is None:
        return None
    inner.only({"at_least", "more_than", "of"})
    if ("at_least" in inner) == ("more_than" in inner):
        inner.mistake("at_least", Text("at_least 与 more_than 须写且只写一个"))
        return None
    more = "more_than" in inner
    fraction = inner.fraction("more_than" if more else "at_least", None)
    of = inner.choice("of", Base, Base.ELIGIBLE)
    if fraction is None:
        return None
    if fraction > 1:
        inner.mistake("more_than" if more else "at_least", Text("不能大于 1"))
    return Quorum(fraction, more, of)


def _check_whole(definition: Definition, table: Table, smallest_group: int) -> None:
    """Check what only the whole file shows: repeats, weights, and exclusions."""
    _no_repeats(table, "groups", [group.key for group in definition.groups])
    parts = [f"{section.kind} {section.component}" for section in definition.sections]
    _no_repeats(table, "sections", parts)
    weights = [group.weight for group in definition.groups]
    if definition.weighted and (None in weights or sum(weight or 0 for weight in weights) != 1):
        table.mistake("groups", Text("权重(weight)须每个类别都写,且合计为 1"))
    if definition.quorum and definition.quorum.of is Base.ELIGIBLE:
        for place, group in enumerate(definition.groups, 1):
            if group.eligible is None:
                table.mistake(f"groups[{place}].eligible", Text("按应到人数计算到会率时必须填写"))
    _check_exclusions(definition, table, smallest_group)


def _check_exclusions(definition: Definition, table: Table, smallest_group: int) -> None:
    subjects = [subject for section in definition.sections for subject in section.subjects]
    known = {name for subject in subjects for name in (subject.unit, subject.name)}
    for place, group in enumerate(definition.groups, 1):
        for name in sorted(group.excludes - known):
            table.mistake(f"groups[{place}].excludes", Text("没有测评对象“%(name)s”", name=name))
    for subject in subjects:
        rating = [group for group in definition.groups if group.rates(subject)]
        voters = sum(group.ballots for group in rating)
        if len(rating) < len(definition.groups) and voters < smallest_group:
            table.mistake(
                "groups",
                Text(
                    "回避后只有 %(voters)s 张票评价“%(name)s”,少于 %(least)s 张,无法保护投票人",
                    voters=voters,
                    name=subject.name,
                    least=smallest_group,
                ),
            )


def _no_repeats(table: Table, key: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for place, name in enumerate(names, 1):
        if name and name in seen:
            table.mistake(f"{key}[{place}]", Text("“%(name)s”重复", name=name))
        seen.add(name)
