"""Entries: figures typed, read from a file or sent by another system, for every unit and item."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ballot.domain.assessment import Cell, Figure, Unit, Way
from ballot.domain.canonical import fingerprint
from ballot.domain.merging import Cells, merge
from ballot.domain.people import Role, User
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.scoring.entries import nodes
from ballot.scoring.entry_problems import figure_problem, key_problems
from ballot.scoring.figures import decimal_number, exact
from ballot.services import kinds
from ballot.services.kinds import Assessed, Column
from ballot.storage import entries, events, units
from ballot.storage.database import Connection

LONGEST_FIGURE = 20


class NotYourItemError(RefusedError):
    """The figure belongs to another office."""

    message = N_("“%(item)s”不由您负责的线办录入，没有保存任何数据。")


class ColumnChangedError(RefusedError):
    """The column is not the one that its writer had read."""

    message = N_("这一列在读取以后有了变动，没有写入。请重新读取，再写一次。")


class CellMistakesError(MistakesError):
    """Some figures cannot be taken; `cells` says which, and nothing was saved."""

    def __init__(self, sentences: Sequence[Text], cells: Mapping[Cell, Text]) -> None:
        super().__init__(sentences)
        self.cells = cells


@dataclass(frozen=True)
class Table:
    """A kind's units, and every figure entered for them."""

    assessed: Assessed
    units: Sequence[Unit]
    figures: Mapping[Cell, Figure]

    @property
    def texts(self) -> dict[Cell, str]:
        """Return the figures as exact texts, without cleared ones."""
        return {
            cell: exact(figure.value)
            for cell, figure in self.figures.items()
            if figure.value is not None
        }

    def marks(self, key: str) -> list[Decimal]:
        """Return what the units got under a key."""
        found = (self.figures.get((unit.id, key)) for unit in self.units)
        return [each.value for each in found if each is not None and each.value is not None]


def offices_of(connection: Connection, user: User, cycle_id: int) -> frozenset[str] | None:
    """Return the offices for which an account enters figures; None if for every one."""
    if user.role is not Role.OFFICE:
        return None
    return units.offices_of(connection, user.id, cycle_id)


def table(connection: Connection, cycle_id: int, kind: str) -> Table:
    """Return a kind's units and figures.

    Raises: NoSuchCycleError, UnknownKindError.
    """
    return _table(connection, kinds.of(connection, cycle_id, kind))


def _table(connection: Connection, assessed: Assessed) -> Table:
    cycle, kind = assessed.cycle.id, assessed.kind.key
    there = units.every(connection, cycle, kind)
    return Table(assessed, there, entries.current(connection, cycle, kind))


def save(
    connection: Connection,
    cycle_id: int,
    kind: str,
    *,
    seen: Cells,
    wanted: Mapping[Cell, str],
    offices: frozenset[str] | None,
    way: Way,
    by: str,
    now: datetime,
) -> int:
    """Keep the figures that a person changed, all or none, and return how many they are.

    `seen`: what stood before the person's eyes. `offices`: for whom the person may enter, None
    for everybody.
    Raises: NoSuchCycleError, UnknownKindError, ApprovedError, NotYourItemError; CellMistakesError
        for figures that are none, beyond their marks, given twice over, or changed by somebody
        else meanwhile.
    """
    found = _table(connection, kinds.to_change(connection, cycle_id, kind))
    _require_rights(found.assessed, wanted, offices)
    typed, mistakes = _read(found, wanted)
    merged = merge(seen=seen, wanted=typed, stored=found.texts)
    for cell in sorted(merged.conflicts):
        mistakes.setdefault(cell, _conflict(found.figures[cell], typed[cell]))
    for cell, problem in _doubled(found, merged.changes):
        mistakes.setdefault(cell, problem)
    if mistakes:
        raise _told(found, mistakes)
    entries.add(connection, merged.changes, way=way, by=by, now=now)
    if merged.changes:
        events.append(
            connection,
            now=now,
            actor=by,
            action="figures entered",
            cycle=cycle_id,
            kind=kind,
            way=way.value,
            figures=len(merged.changes),
            sha256=_fingerprint(found, merged.changes),
        )
    return len(merged.changes)


def _require_rights(
    assessed: Assessed, wanted: Mapping[Cell, str], offices: frozenset[str] | None
) -> None:
    for _, key in wanted:
        column = assessed.column(key)
        if offices is not None and (column is None or not may_enter(column, offices)):
            raise NotYourItemError(item=column.title if column else key)


def may_enter(column: Column, offices: frozenset[str] | None) -> bool:
    """Tell whether whoever enters for these offices may enter this."""
    return offices is None or (bool(column.office) and column.office in offices)


def _read(found: Table, wanted: Mapping[Cell, str]) -> tuple[dict[Cell, str], dict[Cell, Text]]:
    """Return the figures as exact texts, and what is wrong with those that cannot be taken."""
    known = nodes(found.assessed.kind)
    there = {unit.id for unit in found.units}
    typed: dict[Cell, str] = {}
    mistakes: dict[Cell, Text] = {}
    for (unit_id, key), text in wanted.items():
        cell = (unit_id, key)
        if unit_id not in there:
            mistakes[cell] = Text("这个单位已不在名单中")
        elif found.assessed.column(key) is None:
            balloted = Text("由投票产生，不能录入")
            mistakes[cell] = balloted if key in known else Text("没有这个考核项")
        elif not text.strip():
            typed[cell] = ""
        else:
            figure = decimal_number(text) if len(text) <= LONGEST_FIGURE else None
            if figure is None:
                mistakes[cell] = Text("不是数字")
                continue
            typed[cell] = exact(figure)
            problem = figure_problem(known[key], figure) if key in known else None
            if problem:
                mistakes[cell] = problem
    return typed, mistakes


def _conflict(figure: Figure, mine: str) -> Text:
    there = exact(figure.value) if figure.value is not None else Text("空白")
    return Text(
        "%(by)s 刚刚把它改为 %(theirs)s，您写的是 %(mine)s；仍要以您的为准，请再保存一次",
        by=figure.by,
        theirs=there,
        mine=mine or Text("空白"),
    )


def _doubled(found: Table, changes: Mapping[Cell, str]) -> Iterator[tuple[Cell, Text]]:
    """Say which units would have something given both whole and by its parts."""
    given: dict[int, set[str]] = defaultdict(set)
    for (unit_id, key), text in {**found.texts, **changes}.items():
        if text:
            given[unit_id].add(key)
    for unit_id in sorted({unit_id for unit_id, _ in changes}):
        keys = given[unit_id]
        for key, problem in key_problems(found.assessed.kind, keys):
            mine = _nearest_change(changes, unit_id, key)
            if key in keys and mine is not None:
                yield mine, problem


def _nearest_change(changes: Mapping[Cell, str], unit_id: int, key: str) -> Cell | None:
    """Return the change that is to blame for a key being given twice over: itself, or its whole."""
    path = key.split(".")
    for length in range(len(path), 0, -1):
        cell = (unit_id, ".".join(path[:length]))
        if changes.get(cell):
            return cell
    return None


def _told(found: Table, mistakes: Mapping[Cell, Text]) -> CellMistakesError:
    units_by_id = {unit.id: unit.name for unit in found.units}
    titles = {column.key: column.title for column in found.assessed.columns}
    sentences = [
        Text(
            "“%(unit)s”的“%(item)s”：%(problem)s。",
            unit=units_by_id.get(unit_id, unit_id),
            item=titles.get(key, key),
            problem=problem,
        )
        for (unit_id, key), problem in mistakes.items()
    ]
    return CellMistakesError(sentences, mistakes)


def _fingerprint(found: Table, changes: Mapping[Cell, str]) -> str:
    names = {unit.id: unit.name for unit in found.units}
    return fingerprint(
        sorted([names[unit_id], key, figure] for (unit_id, key), figure in changes.items())
    )


def replace_column(
    connection: Connection,
    cycle_id: int,
    kind: str,
    key: str,
    figures: Mapping[str, str],
    *,
    by: str,
    now: datetime,
) -> int:
    """Put these figures, by unit, in place of all that stood under a key.

    A unit that is not named is cleared. The same figures once more change nothing.
    Raises: as `save`; MistakesError for a unit that is not on the list.
    """
    found = _table(connection, kinds.of(connection, cycle_id, kind, hold=True))
    numbers = {unit.name: unit.id for unit in found.units}
    strangers = [name for name in figures if name not in numbers]
    if strangers:
        raise MistakesError(
            [Text("名单中没有单位“%(unit)s”。", unit=name[:100]) for name in strangers]
        )
    wanted = {(unit.id, key): figures.get(unit.name, "") for unit in found.units}
    return save(
        connection,
        cycle_id,
        kind,
        seen=found.texts,
        wanted=wanted,
        offices=None,
        way=Way.API,
        by=by,
        now=now,
    )
