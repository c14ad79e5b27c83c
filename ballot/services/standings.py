"""Standings: what was polled and entered for a kind of units, put together and ranked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ballot.domain.assessment import Approval, Figure, LedgerRow, TieDecision, Unit, in_force, named
from ballot.domain.canonical import canonical, fingerprint
from ballot.errors import BallotError, RefusedError
from ballot.language import N_, SOURCE, Text
from ballot.scoring import PENDING, Adjustment, DecisionError, Standing, Veto, score
from ballot.scoring.entry_problems import above, key_problems
from ballot.services import facts, kinds, polled
from ballot.services.entries import Table
from ballot.services.entries import table as entered_table
from ballot.services.kinds import Assessed
from ballot.services.points import PointsRow
from ballot.services.polled import Polled
from ballot.storage import ledger
from ballot.storage.database import Connection

_NAMED = 8
"""So many units are named in a sentence about what is missing; of more, their number is told."""


class NotApprovedError(RefusedError):
    """The standing is a draft, which only scorers see."""

    message = N_("“%(kinds)s”的总评还没有经党政会议审定；审定以前只有计分员能看到草案。")


class NoUnitsError(RefusedError):
    """The cycle has no units to rank."""

    message = N_("考核周期 %(id)s 还没有录入单位名单，没有总评。")


@dataclass(frozen=True)
class Origin:
    """Where a figure of a unit comes from: certified points of a poll, or an entered figure.

    `value` is exact: of a poll, the points before they are rounded.
    """

    key: str
    title: str
    value: Decimal | Fraction
    points: PointsRow | None = None
    entered: Figure | None = None


@dataclass(frozen=True)
class KindStanding:
    """A kind's standing as it is now: ranked, or what keeps it from being ranked.

    `approved`: the approval that stands, with which it is final; without one it is a draft.
    """

    assessed: Assessed
    units: Sequence[Unit]
    standings: Sequence[Standing]
    problems: Sequence[Text]
    origins: Mapping[str, Sequence[Origin]]
    adjustments: Sequence[LedgerRow]
    vetoes: Sequence[LedgerRow]
    decisions: Sequence[TieDecision]
    approvals: Sequence[Approval]
    poll_titles: Mapping[int, str]

    @property
    def approved(self) -> Approval | None:
        """Return the approval that stands."""
        return in_force(self.approvals)

    @property
    def figures(self) -> str:
        """Return what a meeting approves, as canonical JSON: all figures, without the words."""
        return canonical([figures_of(standing) for standing in self.standings])

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the figures."""
        return fingerprint([figures_of(standing) for standing in self.standings])

    @property
    def differs(self) -> bool:
        """Tell whether the figures are no longer those that were approved."""
        return self.approved is not None and self.approved.hash != self.hash

    @property
    def pending(self) -> Sequence[Standing]:
        """Return the units whose grade hangs on a decision that is still to be made."""
        return [standing for standing in self.standings if standing.grade == PENDING]

    @property
    def ties(self) -> list[list[str]]:
        """Return the units with one and the same total, where somebody's grade hangs on a tie."""
        if not self.pending:
            return []
        by_total: dict[tuple[str, Decimal], list[str]] = {}
        for standing in self.standings:
            if standing.total is not None and standing.rank is not None:
                place = (standing.sector, standing.total)
                by_total.setdefault(place, []).append(standing.unit)
        settled = {unit for each in self.decisions if each.recorded.stands for unit in each.order}
        return [units for units in by_total.values() if len(units) > 1 and not settled & set(units)]

    def to_json(self, language: str = SOURCE) -> dict[str, Any]:
        """Return the standing as the API gives it."""
        approval = self.approved
        return {
            "kind": self.assessed.kind.key,
            "title": self.assessed.kind.title,
            "approval": approval
            and {
                "meeting": approval.meeting,
                "held_on": approval.held_on.isoformat(),
                "by": approval.recorded.by,
                "recorded_at": approval.recorded.at.isoformat(timespec="seconds"),
                "sha256": approval.hash,
                "unchanged": not self.differs,
            },
            "standings": [standing.to_json(language) for standing in self.standings],
        }


def figures_of(standing: Standing) -> dict[str, Any]:
    """Return a unit's figures without the words around them, which a later version may better."""
    found = standing.to_json()
    return {key: value for key, value in found.items() if key not in {"derivation", "note"}}


def of_kind(
    connection: Connection, cycle_id: int, kind: str, *, smallest_group: int
) -> KindStanding:
    """Return a kind's standing: a draft unless it is approved.

    Raises: NoSuchCycleError, UnknownKindError.
    """
    table = entered_table(connection, cycle_id, kind)
    votes = polled.of_kind(connection, cycle_id, kind, smallest_group=smallest_group)
    adjustments = ledger.of_kind(connection, cycle_id, kind)
    vetoes = ledger.vetoes_of(connection, cycle_id, kind)
    decisions = ledger.decisions_of(connection, cycle_id, kind)
    origins = {unit.name: list(_origins(table, votes, unit)) for unit in table.units}
    problems = [*votes.problems, *_strangers(table, votes), *_twice(table, votes, origins)]
    problems += _missing(table, votes, origins)
    standings: Sequence[Standing] = ()
    if not problems and table.units:
        standings, problems = _scored(table, origins, adjustments, vetoes, decisions)
    return KindStanding(
        assessed=table.assessed,
        units=table.units,
        standings=standings,
        problems=problems,
        origins=origins,
        adjustments=adjustments,
        vetoes=vetoes,
        decisions=decisions,
        approvals=ledger.approvals_of(connection, cycle_id, kind),
        poll_titles=votes.titles,
    )


def _origins(table: Table, votes: Polled, unit: Unit) -> Iterator[Origin]:
    """Yield every figure of a unit, in the scheme's order."""
    columns = {column.key: column for column in table.assessed.columns}
    nodes = {item.key: item.title for item in table.assessed.kind.nodes()}
    for key in dict.fromkeys((*nodes, *columns)):
        row = votes.rows.get((unit.name, key))
        points = row.exact if row else None
        if row is not None and points is not None:
            yield Origin(key, nodes[key], points, points=row)
        figure = table.figures.get((unit.id, key))
        if figure is not None and figure.value is not None:
            title = columns[key].path if key in columns else nodes.get(key, key)
            yield Origin(key, title, figure.value, entered=figure)


def _twice(table: Table, votes: Polled, origins: Mapping[str, Sequence[Origin]]) -> Iterator[Text]:
    """Refuse a component that was both polled and entered."""
    for unit in table.units:
        entered = {each.key for each in origins[unit.name] if each.entered}
        for item in table.assessed.kind.nodes():
            row = votes.rows.get((unit.name, item.key))
            beside = {item.key, *above(item.key)} & entered
            below = any(item.key in above(key) for key in entered)
            if row is not None and (beside or below):
                yield Text(
                    "“%(unit)s”的“%(component)s”既有测评活动 %(id)s“%(title)s”的得分，"
                    "又有录入的分数，只能依据一个：请清空录入的，或作废测评活动。",
                    unit=unit.name,
                    component=item.title,
                    id=row.poll_id,
                    title=votes.titles[row.poll_id],
                )


def _strangers(table: Table, votes: Polled) -> Iterator[Text]:
    """Name units that were voted on but are not on the list: they would silently go unranked."""
    known = {unit.name for unit in table.units}
    if not known:
        return
    for name in dict.fromkeys(unit for unit, _ in votes.rows if unit not in known):
        yield Text("“%(unit)s”有测评得分，却不在单位名单中：请先把它加入名单。", unit=name)


def _missing(
    table: Table, votes: Polled, origins: Mapping[str, Sequence[Origin]]
) -> Iterator[Text]:
    """Say what is missing, once for each item, naming the units."""
    wanting: dict[tuple[str, Text], list[str]] = {}
    kind = table.assessed.kind
    titles = {item.key: item.title for item in kind.nodes()}
    for unit in table.units:
        for key, problem in key_problems(kind, {each.key for each in origins[unit.name]}):
            if (unit.name, key) in votes.told:
                continue
            if key in titles and table.assessed.column(key) is None:
                problem = votes.missing(unit.name, key)
            wanting.setdefault((key, problem), []).append(unit.name)
    for (key, problem), names in wanting.items():
        column = table.assessed.column(key)
        title = column.path if column else titles.get(key, key)
        office = f"（{column.office}）" if column and column.office else ""
        yield Text(
            "“%(item)s”%(office)s：%(units)s——%(problem)s。",
            item=title,
            office=office,
            units=_named(names, len(table.units)),
            problem=problem,
        )


def _named(names: Sequence[str], of: int) -> Text:
    if len(names) == of and of > 1:
        return Text("全部 %(count)s 个单位", count=of)
    return named(names, _NAMED)


def _scored(
    table: Table,
    origins: Mapping[str, Sequence[Origin]],
    adjustments: Sequence[LedgerRow],
    vetoes: Sequence[LedgerRow],
    decisions: Sequence[TieDecision],
) -> tuple[Sequence[Standing], list[Text]]:
    """Return the standings, or what keeps them from being made."""
    entries = [
        facts.entry(
            table.assessed.kind, unit, {each.key: each.value for each in origins[unit.name]}
        )
        for unit in table.units
    ]
    added = [r.said for r in adjustments if r.recorded.stands and isinstance(r.said, Adjustment)]
    met = [r.said for r in vetoes if r.recorded.stands and isinstance(r.said, Veto)]
    decided = [each.decision for each in decisions if each.recorded.stands]
    try:
        return score(table.assessed.kind, entries, added, met, decided), []
    except DecisionError as error:
        again = Text("%(problem)s请先撤回这个决定。", problem=error.text)
        return (), [again]
    except BallotError as error:
        return (), list(error.texts())


def of_cycle(
    connection: Connection, cycle_id: int, kind: str | None = None, *, smallest_group: int
) -> list[KindStanding]:
    """Return a cycle's standings of one kind, or of all kinds that have units.

    Raises: NoSuchCycleError, UnknownKindError; NoUnitsError where nobody is to be ranked.
    """
    keys = [kind] if kind else [each.kind.key for each in kinds.every(connection, cycle_id)]
    every = [of_kind(connection, cycle_id, key, smallest_group=smallest_group) for key in keys]
    found = [each for each in every if each.units]
    if not found:
        raise NoUnitsError(id=cycle_id)
    return found


def approved(
    connection: Connection, cycle_id: int, kind: str | None = None, *, smallest_group: int
) -> list[KindStanding]:
    """Return a cycle's standings, every one of them approved.

    Raises: NoSuchCycleError, UnknownKindError, NoUnitsError; NotApprovedError naming the drafts.
    """
    found = of_cycle(connection, cycle_id, kind, smallest_group=smallest_group)
    drafts = [each.assessed.kind.title for each in found if each.approved is None]
    if drafts:
        raise NotApprovedError(kinds="”“".join(drafts))
    return found
