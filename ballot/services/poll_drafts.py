"""Polls made and changed in the office's forms: what there is to choose, checks, creating."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ballot.domain.definition import Definition
from ballot.domain.occasions import UNIT, Occasion, Part, Way, occasions, year_of
from ballot.domain.poll_mistakes import Mistake, told, told_each
from ballot.domain.poll_sheet import Sheet, each_values, sheet_values, told_of
from ballot.domain.pollfile import read_poll_file
from ballot.domain.pollfile_written import toml_text
from ballot.domain.polls import Poll, PollId
from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring import Scheme
from ballot.services import polls as poll_service
from ballot.services.cycles import scheme_of
from ballot.storage import cycles, polls, units
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection


class SheetError(MistakesError):
    """A poll's form holds mistakes; each knows the field it belongs to."""

    def __init__(self, found: Sequence[Mistake]) -> None:
        super().__init__([mistake.text for mistake in found])
        self.found = tuple(found)


@dataclass(frozen=True)
class Choices:
    """What a cycle's polls can be: its occasions, and the units of each kind, by name.

    `year`: that of the cycle. `duties`: of units that have one (persons), by kind and name.
    """

    cycle: Cycle
    scheme: Scheme
    occasions: Sequence[Occasion]
    units: Mapping[str, Sequence[str]]
    year: str
    duties: Mapping[str, Mapping[str, str]]

    def has_units(self, part: Part) -> bool:
        """Tell whether there is anybody to rate."""
        return bool(self.units[part.kind.key])


@dataclass(frozen=True)
class Planned:
    """A poll that a form would make: its POLL.toml, and what was read from it."""

    text: str
    definition: Definition


@dataclass(frozen=True)
class Plan:
    """The polls that a form would make, and what is worth a second look about them."""

    polls: Sequence[Planned]
    warnings: Sequence[Text]


def choices(connection: Connection, cycle_id: int) -> Choices:
    """Return what there is to choose from.

    Raises: NoSuchCycleError, the scheme's own errors.
    """
    cycle = cycles.get(connection, cycle_id)
    scheme = scheme_of(cycle)
    there = units.every_kind(connection, cycle.id)
    return Choices(
        cycle,
        scheme,
        occasions(scheme),
        {kind: [unit.name for unit in there[kind]] for kind in scheme.kinds},
        year_of(cycle.title, cycle.created_at.year),
        {
            kind: {unit.name: unit.facts["duty"] for unit in there[kind] if unit.facts.get("duty")}
            for kind in scheme.kinds
        },
    )


def plan(
    connection: Connection, cycle_id: int, sheet: Sheet, way: Way, *, smallest_group: int
) -> Plan:
    """Return what a form would make; nothing is stored.

    Raises: NoSuchCycleError; SheetError with every mistake and its field.
    """
    cycle = cycles.get(connection, cycle_id)
    known = units.names(connection, cycle.id)
    odd = strangers(known, sheet)
    try:
        made = (
            _each(cycle, sheet, smallest_group)
            if way is Way.EACH
            else [_one(cycle, sheet, smallest_group)]
        )
    except SheetError as error:
        raise SheetError([*error.found, *odd]) from None
    if odd:
        raise SheetError(odd)
    standing = polls.standing(connection, cycle_id)
    titles = {poll.title for poll in standing}
    repeated = [each.definition.title for each in made if each.definition.title in titles]
    if repeated:
        raise SheetError([taken(title) for title in repeated])
    warned = [text for each in made for text in warnings(known, standing, each.definition)]
    return Plan(made, warned)


def strangers(known: Mapping[str, Sequence[str]], sheet: Sheet) -> list[Mistake]:
    """Return a mistake for each line about somebody who is neither ticked nor a unit at all.

    `known`: names of the cycle's units by kind.
    """
    found = []
    for place, section in enumerate(sheet.sections, 1):
        listed = {*known[section.part.partition(":")[0]], *section.units}
        for name in [each for each in told_of(section.told) if each not in listed]:
            text = Text("职务写给了“%(name)s”，而名单里和勾选的对象里都没有。", name=name[:40])
            found.append(Mistake(f"told {place}", text))
    return found


def taken(title: str) -> Mistake:
    """Return the mistake of a title that another poll of the cycle has."""
    return Mistake(
        "title",
        Text("本周期已有名为“%(title)s”的测评活动。标题印在票上，不能混淆。", title=title),
    )


def read(cycle: Cycle, text: str, smallest_group: int) -> Definition:
    """Return the definition that a POLL.toml gives under a cycle's own settings.

    Raises: MistakesError.
    """
    return read_poll_file(text, smallest_group=smallest_group, schemes=lambda _: scheme_of(cycle))


def _one(cycle: Cycle, sheet: Sheet, smallest_group: int) -> Planned:
    text = toml_text(sheet_values(sheet, cycle.scheme))
    return Planned(text, checked(cycle, sheet, smallest_group))


def checked(cycle: Cycle, sheet: Sheet, smallest_group: int) -> Definition:
    """Return the definition of a form's one poll.

    Raises: SheetError.
    """
    # every section in `sections`, so that each mistake says in which one it is
    definition, mistakes = _read(cycle, sheet_values(sheet, cycle.scheme), smallest_group)
    if definition is None:
        raise SheetError(told(sheet, mistakes))
    return definition


def _each(cycle: Cycle, sheet: Sheet, smallest_group: int) -> list[Planned]:
    singles = list(each_values(sheet, cycle.scheme))
    if not singles:
        raise SheetError([Mistake("subjects 1", Text("请至少勾选一个单位。"))])
    if len(singles) > 1 and UNIT not in sheet.title:
        problem = Text("一次建多场时，标题里要有“%(unit)s”，各场换成各自的名称。", unit=UNIT)
        raise SheetError([Mistake("title", problem)])
    read_all = [(each, *_read(cycle, each.values, smallest_group)) for each in singles]
    wrong = [(single, mistakes) for single, _, mistakes in read_all]
    if any(mistakes for _, mistakes in wrong):
        raise SheetError(told_each(sheet, wrong))
    return [
        Planned(toml_text(single.values), definition)
        for single, definition, _ in read_all
        if definition is not None
    ]


def _read(
    cycle: Cycle, values: dict[str, object], smallest_group: int
) -> tuple[Definition | None, Sequence[Text]]:
    try:
        text = toml_text(values, single_at_the_top=False)
        return read(cycle, text, smallest_group), ()
    except MistakesError as error:
        return None, error.mistakes


def warnings(
    known: Mapping[str, Sequence[str]], others: Sequence[Poll], definition: Definition
) -> list[Text]:
    """Return which subjects are no units of their kind, and which another poll rates already.

    `known`: names of the cycle's units by kind; `others`: its other polls that stand.
    """
    unknown = [
        Text(
            "“%(component)s”的测评对象不在单位名单里：%(units)s。得分要按名称对上名单。",
            component=section.title,
            units="、".join(strange),
        )
        for section, strange in definition.unlisted(known)
    ]
    return [*unknown, *rated_elsewhere(others, definition)]


def rated_elsewhere(standing: Sequence[Poll], definition: Definition) -> list[Text]:
    """Return a sentence for each poll that rates a unit for the same component."""
    found = []
    for poll in standing:
        both = [unit for _, _, unit in sorted(definition.places & poll.definition.places)]
        if both:
            found.append(
                Text(
                    "“%(title)s”（编号 %(id)s）已经测评同一考核项：%(units)s。"
                    "一个单位的一个考核项只能有一场，多的要作废。",
                    title=poll.title,
                    id=poll.id,
                    units="、".join(dict.fromkeys(both)),
                )
            )
    return found


def create(
    connection: Connection,
    cycle_id: int,
    sheet: Sheet,
    way: Way,
    *,
    smallest_group: int,
    by: str,
    now: datetime,
) -> list[PollId]:
    """Make the polls that a form says, all of them or none.

    Raises: as `plan`.
    """
    cycles.get(connection, cycle_id, hold=True)
    planned = plan(connection, cycle_id, sheet, way, smallest_group=smallest_group)
    return [
        poll_service.create(
            connection,
            each.text,
            cycle_id=cycle_id,
            smallest_group=smallest_group,
            by=by,
            now=now,
        )
        for each in planned.polls
    ]
