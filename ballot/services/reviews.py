"""Reviews (复核): requests recorded by the office, their clocks, and the recorded answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from ballot.domain.assessment import in_force
from ballot.domain.canonical import fingerprint
from ballot.domain.periods import Clock, local_day
from ballot.domain.polls import Poll
from ballot.domain.reviews import Answer, Outcome, Request, Review
from ballot.domain.written_notices import in_force as delivered
from ballot.errors import MistakesError, NotFoundError, RefusedError
from ballot.language import N_, Text
from ballot.scoring import Kind, ReviewRule
from ballot.services.cycles import scheme_of
from ballot.services.ledger import a_reason
from ballot.storage import cycles, events, ledger, polls, publication, units
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection

STANDING: Final = "standing"
POLL: Final = "poll:"


class NoSuchReviewError(NotFoundError):
    """No review of that number in the cycle."""

    message = N_("没有这件复核申请。")


class AnsweredError(RefusedError):
    """The review was answered or withdrawn already."""

    message = N_("这件复核申请已经答复或撤回，不能再改。")


@dataclass(frozen=True)
class Line:
    """A review as a page shows it: its kind, what it is about in words, its two clocks."""

    review: Review
    kind: Kind
    about: str
    asking: Clock | None
    answering: Clock

    @property
    def rule(self) -> ReviewRule:
        """Return the kind's two clocks."""
        return self.kind.review

    @property
    def late(self) -> bool:
        """Tell whether it came after the last day for asking."""
        return self.review.request.is_late(self.rule)

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """Return what can come of it."""
        return self.review.outcomes(self.rule)


@dataclass(frozen=True)
class Office:
    """A cycle's reviews, those that wait first, the nearest last day before the others."""

    cycle: Cycle
    lines: Sequence[Line]

    @property
    def waiting(self) -> list[Line]:
        """Return those that wait for their answer."""
        return [line for line in self.lines if line.review.open]


@dataclass(frozen=True)
class Subject:
    """Somebody who may ask. `about`: what there is to ask about, by key, in words.

    `told_on`: when a written notice was delivered, if that is recorded.
    """

    key: str
    kind: Kind
    unit: str
    about: Sequence[tuple[str, str]]
    told_on: date | None


def of_cycle(connection: Connection, cycle_id: int) -> Office:
    """Return a cycle's reviews.

    Raises: NoSuchCycleError.
    """
    cycle = cycles.get(connection, cycle_id)
    known = scheme_of(cycle).kinds
    titles = {f"{POLL}{poll.id}": poll.title for poll in polls.every(connection, cycle_id)}
    lines = [
        _line(review, known[review.kind], titles)
        for review in publication.reviews_of(connection, cycle_id)
        if review.kind in known
    ]
    waiting = sorted(
        (line for line in lines if line.review.open), key=lambda line: line.answering.last
    )
    return Office(cycle, [*waiting, *(line for line in reversed(lines) if not line.review.open)])


def _line(review: Review, kind: Kind, titles: dict[str, str]) -> Line:
    request = review.request
    about = titles.get(request.about) or str(Text("%(kind)s总评", kind=kind.title))
    return Line(review, kind, about, request.asked(kind.review), review.answering(kind.review))


def of(connection: Connection, cycle_id: int, number: int) -> tuple[Cycle, Line]:
    """Return a review of a cycle.

    Raises: NoSuchCycleError, NoSuchReviewError.
    """
    office = of_cycle(connection, cycle_id)
    for line in office.lines:
        if line.review.number == number:
            return office.cycle, line
    raise NoSuchReviewError


def subjects(connection: Connection, cycle_id: int) -> list[Subject]:
    """Return who may ask for a review: units that have a result, each with what it is.

    Raises: NoSuchCycleError.
    """
    found = []
    there = units.every_kind(connection, cycle_id)
    final = [poll for poll in polls.standing(connection, cycle_id) if poll.phase.final]
    for kind in scheme_of(cycles.get(connection, cycle_id)).kinds.values():
        approval = in_force(ledger.approvals_of(connection, cycle_id, kind.key))
        told = publication.deliveries_of(connection, cycle_id, kind.key)
        polled = _polled(final, kind.key)
        for unit in there[kind.key]:
            about = list(polled.get(unit.name, ()))
            if approval is not None:
                title = str(Text("%(kind)s总评", kind=kind.title))
                about.insert(0, (STANDING, title))
            delivery = delivered(told, unit.name, approval.recorded.id) if approval else None
            if about:
                key = f"{kind.key}:{unit.id}"
                day = delivery.told_on if delivery else None
                found.append(Subject(key, kind, unit.name, about, day))
    return found


def _polled(final: Sequence[Poll], kind: str) -> dict[str, list[tuple[str, str]]]:
    """Return what certified polls there are about each unit of a kind."""
    found: dict[str, list[tuple[str, str]]] = {}
    for poll in final:
        for name in {unit for its, _, unit in poll.definition.places if its == kind}:
            found.setdefault(name, []).append((f"{POLL}{poll.id}", poll.title))
    return found


def record(
    connection: Connection,
    cycle_id: int,
    key: str,
    request: Request,
    *,
    by: str,
    now: datetime,
) -> int:
    """Record a request of who goes by a key, and return its number.

    `request.unit` is filled in; a delivery that is recorded says when the unit was told, where the
    request is about the standing and does not say it itself.
    The log tells that a request came, with the SHA-256 of its words.
    Raises: NoSuchCycleError, MistakesError.
    """
    cycles.get(connection, cycle_id, hold=True)
    asking = next((each for each in subjects(connection, cycle_id) if each.key == key), None)
    if asking is None:
        raise MistakesError([Text("请选择申请复核的单位（人员）。")])
    told = request.told_on or (asking.told_on if request.about == STANDING else None)
    said = Request(
        asking.unit, request.about, request.ground, request.received_on, told, request.admitted
    )
    mistakes = list(said.mistakes(local_day(now)))
    if request.about not in dict(asking.about):
        mistakes.append(Text("请选择对哪项结果申请复核。"))
    if said.admitted and not said.is_late(asking.kind.review):
        mistakes.append(Text("申请没有逾期，不用写受理理由。"))
    if mistakes:
        raise MistakesError(mistakes)
    unit_id = int(key.rpartition(":")[2])
    number = publication.add_review(connection, cycle_id, unit_id, said, by=by, now=now)
    _log(
        connection,
        "review recorded",
        cycle_id,
        number,
        [said.unit, said.about, said.ground, said.admitted],
        by=by,
        now=now,
    )
    return number


def answer(
    connection: Connection, cycle_id: int, number: int, said: Answer, *, by: str, now: datetime
) -> None:
    """Record a review's answer, once; it changes no figure.

    Raises: NoSuchCycleError, NoSuchReviewError, AnsweredError, MistakesError.
    """
    _, line = of(connection, cycle_id, number)
    if not line.review.open:
        raise AnsweredError
    mistakes = list(said.mistakes(line.review.request, local_day(now)))
    if said.outcome not in line.outcomes:
        mistakes.append(Text("请选择复核的结论。"))
    if mistakes:
        raise MistakesError(mistakes)
    if not publication.answer_review(connection, number, said, by=by, now=now):
        raise AnsweredError
    content = [said.outcome.value, said.text, said.decided_by]
    _log(connection, "review answered", cycle_id, number, content, by=by, now=now)


def withdraw(
    connection: Connection, cycle_id: int, number: int, *, why: str, by: str, now: datetime
) -> None:
    """Withdraw a request that was recorded by mistake or taken back; it stays to be seen.

    Raises: NoSuchCycleError, NoSuchReviewError, AnsweredError, MistakesError.
    """
    _, line = of(connection, cycle_id, number)
    why = a_reason(why)
    if not line.review.open:
        raise AnsweredError
    publication.withdraw(connection, "review", number, why=why, by=by, now=now)
    _log(connection, "review withdrawn", cycle_id, number, why, by=by, now=now)


def _log(
    connection: Connection,
    action: str,
    cycle_id: int,
    number: int,
    content: object,
    *,
    by: str,
    now: datetime,
) -> None:
    events.append(
        connection,
        now=now,
        actor=by,
        action=action,
        cycle=cycle_id,
        number=number,
        sha256=fingerprint(content),
    )
