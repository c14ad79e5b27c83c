"""Decisions on ties, and the meeting that fixes a standing: recorded, and withdrawn."""

from collections.abc import Sequence
from datetime import date, datetime

from ballot.domain.written import problems
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.services import kinds
from ballot.services.ledger import LONGEST_NOTE, a_reason, note, take_back
from ballot.services.standings import KindStanding, of_kind
from ballot.storage import events, ledger
from ballot.storage.database import Connection


class NotReadyError(RefusedError):
    """The standing cannot be approved as it is."""

    message = N_("“%(kind)s”的总评还不能审定：%(problem)s")


class ChangedMeanwhileError(RefusedError):
    """The standing is no longer the one that was looked at."""

    message = N_("总评在您查看以后有了变动，没有审定。请核对现在的数字，再审定一次。")


def decide(
    connection: Connection,
    cycle_id: int,
    kind: str,
    order: Sequence[str],
    reason: str,
    *,
    smallest_group: int,
    by: str,
    now: datetime,
) -> int:
    """Record which of tied units come first, and why.

    Raises: NoSuchCycleError, UnknownKindError, ApprovedError; MistakesError for a missing reason
        or units that are not tied.
    """
    assessed = kinds.to_change(connection, cycle_id, kind)
    reason = a_reason(reason)
    number = ledger.add_decision(connection, cycle_id, kind, order, reason, by=by, now=now)
    after = of_kind(connection, cycle_id, kind, smallest_group=smallest_group)
    if after.problems:
        raise MistakesError(after.problems)
    note(connection, "tie decided", assessed, number, [list(order), reason], by=by, now=now)
    return number


def approve(
    connection: Connection,
    cycle_id: int,
    kind: str,
    *,
    meeting: str,
    held_on: date,
    seen: str | None,
    smallest_group: int,
    by: str,
    now: datetime,
) -> KindStanding:
    """Record that a meeting fixed the standing; from now on nothing it rests on changes.

    `seen`: the hash of the standing that was before the person's eyes, None to take it as it is.
    Raises: NoSuchCycleError, UnknownKindError, ApprovedError, NotReadyError,
        ChangedMeanwhileError, MistakesError.
    """
    assessed = kinds.to_change(connection, cycle_id, kind)
    meeting = meeting.strip()
    mistakes = [] if meeting else [Text("请写明是哪次会议审定的。")]
    mistakes += problems(Text("会议"), meeting, most=LONGEST_NOTE)
    if held_on > now.date():
        mistakes.append(Text("会议日期还没有到。"))
    if mistakes:
        raise MistakesError(mistakes)
    found = of_kind(connection, cycle_id, kind, smallest_group=smallest_group)
    _require_ready(found)
    if seen is not None and seen != found.hash:
        raise ChangedMeanwhileError
    ledger.add_approval(
        connection,
        cycle_id,
        kind,
        meeting=meeting,
        held_on=held_on,
        standing=found.figures,
        sha256=found.hash,
        by=by,
        now=now,
    )
    events.append(
        connection,
        now=now,
        actor=by,
        action="standing approved",
        cycle=cycle_id,
        kind=kind,
        scheme=assessed.scheme.name,
        meeting=meeting,
        held_on=held_on.isoformat(),
        sha256=found.hash,
    )
    return found


def _require_ready(found: KindStanding) -> None:
    title = found.assessed.kind.title
    if not found.units:
        raise NotReadyError(kind=title, problem=Text("还没有单位名单。"))
    if found.problems:
        more = len(found.problems) - 1
        problem = found.problems[0]
        if more:
            problem = Text("%(problem)s（另有 %(more)s 处）", problem=problem, more=more)
        raise NotReadyError(kind=title, problem=problem)
    if found.pending:
        names = "、".join(standing.unit for standing in found.pending)
        raise NotReadyError(
            kind=title, problem=Text("%(units)s的等次待定，须先决定同分的先后。", units=names)
        )


def withdraw_approval(
    connection: Connection,
    cycle_id: int,
    kind: str,
    number: int,
    *,
    why: str,
    by: str,
    now: datetime,
) -> None:
    """Make an approved standing a draft again, with a reason.

    Raises: NoSuchCycleError, UnknownKindError, NoSuchRowError, MistakesError.
    """
    assessed = kinds.of(connection, cycle_id, kind, hold=True)
    take_back(connection, assessed, "approval", number, why=why, by=by, now=now)


def withdraw_standing_approval(
    connection: Connection, cycle_id: int, kind: str, *, why: str, by: str, now: datetime
) -> None:
    """Withdraw the approval that stands, whatever its number.

    Raises: as `withdraw_approval`; NoSuchRowError where none stands.
    """
    every = ledger.approvals_of(connection, cycle_id, kind)
    numbers = [each.recorded.id for each in every if each.recorded.stands]
    number = numbers[0] if numbers else 0
    withdraw_approval(connection, cycle_id, kind, number, why=why, by=by, now=now)
