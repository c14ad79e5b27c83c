"""Written notices (书面通知): printed for each unit, and when each was delivered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ballot.domain.assessment import Approval, in_force
from ballot.domain.canonical import fingerprint
from ballot.domain.notices import Contact
from ballot.domain.periods import local_day
from ballot.domain.written_notices import Delivery, Told, register
from ballot.errors import MistakesError, NotFoundError, RefusedError
from ballot.language import N_, Text
from ballot.services import contacts, kinds
from ballot.services.kinds import Assessed
from ballot.services.ledger import a_reason
from ballot.services.mastheads import masthead
from ballot.services.standings import KindStanding, NotApprovedError
from ballot.storage import events, ledger, publication, units
from ballot.storage.database import Connection


class NoSuchDeliveryError(NotFoundError):
    """No such row of the register, or it was withdrawn already."""

    message = N_("没有这条送达记录，或者它早已撤回。")


class StandingDiffersError(RefusedError):
    """What would be printed is not what the meeting approved."""

    message = N_("“%(kind)s”现在算出的数字与审定时不同，不能印发书面通知。请先查明原因。")


@dataclass(frozen=True)
class Register:
    """Who was told when: every unit, and rows that do not count any more."""

    assessed: Assessed
    approval: Approval
    told: Sequence[Told]
    past: Sequence[Delivery]
    contact: Contact

    @property
    def missing(self) -> int:
        """Return how many units were not told yet."""
        return sum(each.delivery is None for each in self.told)


def of_kind(connection: Connection, cycle_id: int, kind: str) -> Register:
    """Return the register of a kind whose standing is approved.

    Raises: NoSuchCycleError, UnknownKindError, NotApprovedError.
    """
    assessed = kinds.of(connection, cycle_id, kind)
    approval = in_force(ledger.approvals_of(connection, cycle_id, kind))
    if approval is None:
        raise NotApprovedError(kinds=assessed.kind.title)
    there = publication.deliveries_of(connection, cycle_id, kind)
    names = [unit.name for unit in units.every(connection, cycle_id, kind)]
    told = register(names, there, approval.recorded.id, assessed.kind.review)
    standing = {each.delivery.recorded.id for each in told if each.delivery}
    past = [each for each in there if each.recorded.id not in standing]
    return Register(assessed, approval, told, past, contacts.of(connection, cycle_id))


def deliver(
    connection: Connection,
    cycle_id: int,
    kind: str,
    names: Collection[str],
    told_on: date,
    *,
    by: str,
    now: datetime,
) -> int:
    """Record that units got their written notices on a day, and return how many.

    Raises: NoSuchCycleError, UnknownKindError, NotApprovedError; MistakesError for nobody, for
        units that were told already, and for a day that has not come or lies before the approval.
    """
    kinds.of(connection, cycle_id, kind, hold=True)
    found = of_kind(connection, cycle_id, kind)
    open_ones = {each.unit for each in found.told if each.delivery is None}
    numbers = {unit.name: unit.id for unit in units.every(connection, cycle_id, kind)}
    mistakes = [] if names else [Text("请勾选已经送达的单位（人员）。")]
    mistakes += [
        Text("“%(unit)s”已有送达记录，或不在名单中。", unit=name)
        for name in names
        if name not in open_ones
    ]
    if told_on > local_day(now):
        mistakes.append(Text("送达日期还没有到。"))
    if told_on < found.approval.held_on:
        mistakes.append(Text("送达不能早于审定结果的会议。"))
    if mistakes:
        raise MistakesError(mistakes)
    approval = found.approval.recorded.id
    for name in names:
        publication.add_delivery(connection, numbers[name], approval, told_on, by=by, now=now)
    events.append(
        connection,
        now=now,
        actor=by,
        action="written notices delivered",
        cycle=cycle_id,
        kind=kind,
        told_on=told_on.isoformat(),
        count=len(names),
        sha256=fingerprint(sorted(names)),
    )
    return len(names)


def withdraw(
    connection: Connection,
    cycle_id: int,
    kind: str,
    number: int,
    *,
    why: str,
    by: str,
    now: datetime,
) -> None:
    """Withdraw a row that was a mistake; it stays to be seen.

    Raises: NoSuchCycleError, UnknownKindError, NoSuchDeliveryError, MistakesError.
    """
    kinds.of(connection, cycle_id, kind)
    why = a_reason(why)
    row(connection, cycle_id, kind, number)
    publication.withdraw(connection, "delivery", number, why=why, by=by, now=now)
    events.append(
        connection,
        now=now,
        actor=by,
        action="delivery withdrawn",
        cycle=cycle_id,
        kind=kind,
        number=number,
        sha256=fingerprint(why),
    )


def row(connection: Connection, cycle_id: int, kind: str, number: int) -> Delivery:
    """Return a row of the register that stands.

    Raises: NoSuchDeliveryError.
    """
    for each in publication.deliveries_of(connection, cycle_id, kind):
        if each.recorded.id == number and each.recorded.stands:
            return each
    raise NoSuchDeliveryError


def pdf(
    standing: KindStanding,
    found: Register,
    unit: str | None,
    *,
    issued_on: date | None,
    language: str,
) -> bytes:
    """Return the written notices of a kind as PDF: of one unit, or of all, a page each.

    Raises: StandingDiffersError where the figures are no longer those that were approved;
        FontMissingError.
    """
    from ballot.output.written_notices import Delivered, written_notices_pdf  # reads fonts
    from ballot.services.reports import votes_of

    if standing.differs:
        raise StandingDiffersError(kind=standing.assessed.kind.title)
    days = {
        each.unit: Delivered(each.delivery.told_on, each.clock.last)
        for each in found.told
        if each.delivery is not None and each.clock is not None
    }
    return written_notices_pdf(
        replace(masthead(standing, language=language), issued_on=issued_on),
        standing.assessed.kind,
        standing.standings,
        only=None if unit is None else {unit},
        votes=votes_of(standing),
        contact=found.contact,
        delivered=days,
    )
