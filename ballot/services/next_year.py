"""Next year's cycle from this one's: the same scheme and units, the polls as drafts once more."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ballot.domain.assessment import Unit
from ballot.domain.definition import Definition
from ballot.domain.polls import CycleId, Poll
from ballot.domain.redefining import redefined
from ballot.domain.written import problems
from ballot.errors import MistakesError
from ballot.language import Text
from ballot.scoring import Kind
from ballot.scoring.schemes import OWN
from ballot.services import offices
from ballot.services.cycles import checked_title, refuse_taken, scheme_of
from ballot.storage import cycles, events, polls, units
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection

LONGEST_POLL_TITLE: Final = 60
_DIGITS: Final = "〇一二三四五六七八九"
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|二[〇零○][〇零○一二三四五六七八九]{2}(?=年)")
_STALE: Final = frozenset({"last-year"})
"""Facts that speak of the year before, and so are another one's next year."""


@dataclass(frozen=True)
class KindPlan:
    """A kind's units as they would be taken over."""

    kind: Kind
    units: Sequence[Unit]


@dataclass(frozen=True)
class PollPlan:
    """A poll as it would be taken over, with its new title.

    `dated`: a question or the instructions name a year, which nobody changes for the organiser.
    """

    poll: Poll
    title: str
    dated: bool


@dataclass(frozen=True)
class Plan:
    """What next year's cycle would take over. `duties`: accounts that enter for an office."""

    cycle: Cycle
    title: str
    kinds: Sequence[KindPlan]
    polls: Sequence[PollPlan]
    duties: Sequence[offices.Assignment]


def next_title(title: str) -> str:
    """Return a title with every year one later: 2023年度 → 2024年度, 二〇二三年 → 二〇二四年."""
    return _YEAR.sub(_next, title)


def _next(found: re.Match[str]) -> str:
    text = found[0]
    if text.isascii():
        return str(int(text) + 1)
    number = int("".join(str(_DIGITS.index("〇" if each in "零○" else each)) for each in text))
    return "".join(_DIGITS[int(each)] for each in str(number + 1))


def plan(connection: Connection, cycle_id: int) -> Plan:
    """Return what next year's cycle would take over: no rehearsal, and nothing annulled.

    Raises: NoSuchCycleError.
    """
    cycle = cycles.get(connection, cycle_id)
    return Plan(
        cycle,
        next_title(cycle.title),
        [
            KindPlan(kind, units.every(connection, cycle.id, kind.key))
            for kind in scheme_of(cycle).kinds.values()
        ],
        [
            PollPlan(poll, next_title(poll.title), _is_dated(poll))
            for poll in polls.standing(connection, cycle.id)
        ],
        [each for each in offices.of_cycle(connection, cycle_id).assignments if each.offices],
    )


def _is_dated(poll: Poll) -> bool:
    asked = [each.text for section in poll.definition.sections for each in section.questions]
    return any(_YEAR.search(text) for text in (poll.definition.instructions, *asked))


def copy(
    connection: Connection,
    cycle_id: int,
    *,
    title: str,
    kinds: Sequence[str],
    titles: Mapping[int, str],
    duties: bool,
    by: str,
    now: datetime,
) -> CycleId:
    """Make next year's cycle, all of it or nothing, and return its number.

    `kinds`: whose units are taken over; `titles`: which polls become drafts, by number, with their
    titles; `duties`: whether the same accounts enter for the same offices. Scheme, own changes and
    settings go along; codes, votes, figures and ballots do not.
    Raises: NoSuchCycleError; MistakesError with all titles that will not do; TitleTakenError.
    """
    old = plan(connection, cycle_id)
    title = _checked(title, titles)
    refuse_taken(connection, title)
    number = _new_cycle(connection, old.cycle, title, by, now)
    for each in old.kinds:
        if each.kind.key in kinds and each.units:
            _take_units(connection, number, each, by, now)
    new = cycles.get(connection, number)
    before, after = scheme_of(old.cycle), scheme_of(new)
    for planned in old.polls:
        poll = planned.poll
        if poll.id in titles:
            definition = redefined(poll.definition, before, after)
            _take_poll(connection, number, poll, definition, titles[poll.id].strip(), by, now)
    for assigned in old.duties if duties else ():
        names = assigned.offices
        offices.assign(connection, number, assigned.user.name, names, by=by, now=now)
    return number


def _checked(title: str, titles: Mapping[int, str]) -> str:
    mistakes: list[Text] = []
    try:
        title = checked_title(title)
    except MistakesError as error:
        mistakes += error.texts()
    for poll, written in titles.items():
        what = Text("测评活动 %(id)s 的名称", id=poll)
        mistakes += problems(what, written.strip(), most=LONGEST_POLL_TITLE)
        if not written.strip():
            mistakes.append(Text("%(key)s：%(problem)s", key=what, problem=Text("不能空白")))
    if mistakes:
        raise MistakesError(mistakes)
    return title


def _new_cycle(connection: Connection, old: Cycle, title: str, by: str, now: datetime) -> CycleId:
    number = cycles.add(connection, title=title, scheme=old.scheme, settings=old.settings, now=now)
    scheme = old.scheme
    if old.own is not None:
        scheme = f"{old.based_on or 'own'}{OWN}{number}"
        cycles.keep_scheme(
            connection,
            number,
            scheme=scheme,
            settings=old.settings,
            own=old.own,
            based_on=old.based_on,
        )
    said = {"cycle": number, "copy_of": old.id, "title": title, "scheme": scheme}
    events.append(connection, now=now, actor=by, action="cycle copied", **said)
    return number


def _take_units(
    connection: Connection, number: CycleId, each: KindPlan, by: str, now: datetime
) -> None:
    for unit in each.units:
        facts = {key: value for key, value in unit.facts.items() if key not in _STALE}
        units.add(connection, number, each.kind.key, unit.name, facts)
    said = {"cycle": number, "kind": each.kind.key, "units": [unit.name for unit in each.units]}
    events.append(connection, now=now, actor=by, action="units added", **said)


def _take_poll(
    connection: Connection,
    number: CycleId,
    poll: Poll,
    definition: Definition,
    title: str,
    by: str,
    now: datetime,
) -> None:
    made = polls.add(
        connection,
        cycle_id=number,
        definition=replace(definition, title=title),
        now=now,
        copy_of=poll.id,
    )
    said = {"poll": made, "copy_of": poll.id, "title": title}
    events.append(connection, now=now, actor=by, action="poll copied", **said)
