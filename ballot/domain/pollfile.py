"""Reading a POLL.toml: a poll's definition as an organiser writes it.

Every mistake is collected and told with its key, as `sections[2].subjects[1].unit`; nothing is
made of a file that holds one. The form of the file: docs/operations.md, "POLL.toml".
"""

from collections.abc import Callable
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeVar

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
from ballot.domain.pollfile_rule import BASES, read_limits, read_rule, unknown_word
from ballot.domain.pollfile_whole import check_whole, no_repeats
from ballot.errors import BallotError, MistakesError
from ballot.language import Text
from ballot.scoring import (
    Base,
    Item,
    Scheme,
    load_scheme,
)
from ballot.scoring.toml_table import Table
from ballot.scoring.toml_text import read_toml

MOST_BALLOTS: Final = 100_000
MOST_SUBJECTS: Final = 200
E = TypeVar("E", bound=StrEnum)


Schemes = Callable[[str], Scheme]


def read_poll_file(
    text: str, *, smallest_group: int = 5, schemes: Schemes = load_scheme
) -> Definition:
    """Return the definition that a POLL.toml holds.

    `schemes` gives the scheme of a name, with the settings of the poll's cycle.

    `smallest_group`: no exclusion may leave a subject fewer voters than this (k).
    Raises: MistakesError with one text per mistake, each naming its key.
    """
    mistakes: list[Text] = []
    definition = _definition(Table(read_toml(text), "", mistakes), smallest_group, schemes)
    if mistakes:
        raise MistakesError(mistakes)
    return definition


def _definition(table: Table, smallest_group: int, schemes: Schemes = load_scheme) -> Definition:
    scheme = _scheme(table, schemes)
    definition = Definition(
        title=table.text("title", most=60),
        scheme=scheme.name if scheme else "",
        sections=tuple(section for section in _sections(table, scheme) if section),
        groups=tuple(_group(row) for row in table.rows("groups", required=True)),
        blank=_word(table, "blank", Blank.ABSTAIN),
        wholly_blank=_word(table, "wholly_blank", WhollyBlank.ABSTAIN),
        quorum=_quorum(table),
        comments=table.flag("comments", default=False),
        instructions=table.text("instructions", "", most=500, lines=True),
    )
    table.finish()
    if table.sound:
        check_whole(definition, table, smallest_group)
    return definition


def _word(table: Table, key: str, default: E) -> E:
    """Return one of an enumeration's words."""
    words = {member.value: member for member in type(default)}
    found: E | None = table.choice(key, words, default.value)
    return default if found is None else found


def _scheme(table: Table, schemes: Schemes) -> Scheme | None:
    name = table.text("scheme")
    try:
        return schemes(name) if name else None
    except BallotError as error:
        for problem in error.texts():
            table.mistake("scheme", problem)
        return None


def _sections(table: Table, scheme: Scheme | None) -> list[Section | None]:
    """Return the sections; a single one may stand at the top level of the file."""
    if "sections" not in table:
        return [_section(table, scheme)]
    sections = []
    for row in table.rows("sections", required=True):
        sections.append(_section(row, scheme))
        row.finish()
    return sections


def _section(table: Table, scheme: Scheme | None) -> Section | None:
    kind_key, component = _component(table, scheme)
    subjects = tuple(_subject(row) for row in table.rows("subjects", required=True))
    no_repeats(table, "subjects", [subject.unit for subject in subjects])
    if len(subjects) > MOST_SUBJECTS:
        table.mistake("subjects", Text("最多 %(most)s 个测评对象", most=MOST_SUBJECTS))
    questions = tuple(_question(row) for row in table.rows("questions"))
    rule = read_rule(table, component)
    limits = read_limits(table, rule)
    if component is None or rule is None:
        return None
    return Section(
        kind=kind_key,
        component=component.key,
        title=component.title,
        subjects=subjects,
        rule=rule,
        questions=questions or tuple(map(Question, component.questions)) or (Question(),),
        limits=limits,
        kind_title=scheme.kinds[kind_key].title if scheme and scheme.is_own else "",
    )


def _component(table: Table, scheme: Scheme | None) -> tuple[str, Item | None]:
    kinds = scheme.kinds if scheme else {}
    kind_key, component_key = table.text("kind"), table.text("component")
    if not kinds or not kind_key:
        return kind_key, None
    if kind_key not in kinds:
        unknown_word(table, "kind", kind_key, kinds)
        return kind_key, None
    balloted = {each.key: each for each in kinds[kind_key].nodes() if each.rule is not None}
    if component_key and component_key not in balloted:
        known = "、".join(balloted)
        problem = Text(
            "“%(key)s”不是由投票产生的考核项；可用：%(known)s", key=component_key, known=known
        )
        table.mistake("component", problem)
    return kind_key, balloted.get(component_key)


def _subject(table: Table) -> Subject:
    unit = table.text("unit", most=40)
    name = table.text("name", unit, most=40)
    duty = table.text("duty", "", most=40)
    table.finish()
    return Subject(unit, name or unit, duty)


def _question(table: Table) -> Question:
    question = Question(table.text("text", most=200), table.fraction("weight", Fraction(1)))
    if not question.weight:
        table.mistake("weight", Text("须大于 0"))
    table.finish()
    return question


def _group(table: Table) -> Group:
    key = table.text("key", most=40)
    if key and not key.replace("-", "").replace("_", "").isalnum():
        table.mistake("key", Text("只能用字母、数字、“-”和“_”"))
    group = Group(
        key=key,
        name=table.text("name", most=20),
        ballots=table.whole("ballots", most=MOST_BALLOTS),
        weight=table.fraction("weight") if "weight" in table else None,
        eligible=table.whole("eligible", least=0) if "eligible" in table else None,
        excludes=frozenset(table.texts("excludes")),
    )
    table.finish()
    return group


def _quorum(table: Table) -> Quorum | None:
    inner = table.table("quorum")
    if inner is None:
        return None
    key = "more_than" if "more_than" in inner else "at_least"
    fraction = inner.share(key)
    of = inner.choice("of", BASES, Base.ELIGIBLE.value)
    inner.finish()
    return Quorum(fraction, key == "more_than", of or Base.ELIGIBLE)
