"""What only a whole POLL.toml shows: its size, repeats, weights, and exclusions."""

from collections.abc import Iterable, Iterator
from typing import Final

from ballot.domain.definition import Definition
from ballot.language import Text
from ballot.scoring import Base
from ballot.scoring.toml_table import Table

MOST_PLACES: Final = 400
MOST_GROUPS: Final = 100


def check_whole(definition: Definition, table: Table, smallest_group: int) -> None:
    """Check what only the whole file shows: size, repeats, weights, and exclusions."""
    if len(definition.slots) > MOST_PLACES:
        table.mistake(
            "questions",
            Text(
                "一张票共 %(count)s 项，最多 %(most)s 项",
                count=len(definition.slots),
                most=MOST_PLACES,
            ),
        )
    if len(definition.groups) > MOST_GROUPS:
        table.mistake("groups", Text("最多 %(most)s 个参评人员类别", most=MOST_GROUPS))
    no_repeats(table, "groups", [group.key for group in definition.groups])
    parts = [f"{section.kind} {section.component}" for section in definition.sections]
    no_repeats(table, "sections", parts)
    weights = [group.weight for group in definition.groups]
    if definition.weighted and (None in weights or sum(weight or 0 for weight in weights) != 1):
        table.mistake("groups", Text("权重（weight）须每个类别都写，且合计为 1"))
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
    for problem in exposed(definition, smallest_group):
        table.mistake("groups", problem)


def exposed(definition: Definition, smallest_group: int) -> Iterator[Text]:
    """Yield a problem for each subject whom recusals (回避) leave fewer ballots than k."""
    for subject in (subject for section in definition.sections for subject in section.subjects):
        rating = [group for group in definition.groups if group.rates(subject)]
        voters = sum(group.ballots for group in rating)
        if len(rating) < len(definition.groups) and voters < smallest_group:
            yield Text(
                "回避后只有 %(voters)s 张票评价“%(name)s”，少于 %(least)s 张，无法保护投票人",
                voters=voters,
                name=subject.name,
                least=smallest_group,
            )


def no_repeats(table: Table, key: str, names: Iterable[str]) -> None:
    """Note every name that stands twice in a list."""
    seen: set[str] = set()
    for place, name in enumerate(names, 1):
        if name and name in seen:
            table.mistake(f"{key}[{place}]", Text("“%(name)s”重复", name=name))
        seen.add(name)
