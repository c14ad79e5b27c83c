"""Notices, reviews, deliveries and contacts: rows that are withdrawn, never deleted."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, delete, insert, select, update

from ballot.domain.canonical import canonical
from ballot.domain.notices import Contact, Notice, PostedTable, Wording
from ballot.domain.reviews import Answer, Outcome, Request, Review
from ballot.domain.written_notices import Delivery
from ballot.storage import withdrawing
from ballot.storage.assessment_tables import units
from ballot.storage.publication_tables import contacts, deliveries, notices, reviews
from ballot.storage.withdrawing import recorded

_TABLES: Final = {"notice": notices, "review": reviews, "delivery": deliveries}


def contact_of(connection: Connection, cycle_id: int) -> Contact:
    """Return whom to turn to in a cycle; empty where nobody was named yet."""
    statement = select(contacts).where(contacts.c.cycle_id == cycle_id)
    row = connection.execute(statement).one_or_none()
    return Contact() if row is None else Contact(row.name, row.phone, row.place)


def set_contact(connection: Connection, cycle_id: int, contact: Contact) -> None:
    """Keep whom to turn to in a cycle, in the place of anybody named before."""
    connection.execute(delete(contacts).where(contacts.c.cycle_id == cycle_id))
    values = {"name": contact.name, "phone": contact.phone, "place": contact.place}
    connection.execute(insert(contacts).values(cycle_id=cycle_id, **values))


def add_notice(
    connection: Connection, cycle_id: int, wording: Wording, *, by: str, now: datetime
) -> int:
    """Keep a new draft of a notice and return its number."""
    return _add(connection, notices, cycle_id=cycle_id, by=by, at=now, **_worded(wording))


def reword(connection: Connection, number: int, wording: Wording) -> None:
    """Give a draft other words."""
    connection.execute(update(notices).where(notices.c.id == number).values(**_worded(wording)))


def post(connection: Connection, number: int, posted: Sequence[PostedTable], sha256: str) -> None:
    """Keep what a notice shows from now on."""
    content = canonical([table.to_json() for table in posted])
    values = {"posted": content, "hash": sha256}
    connection.execute(update(notices).where(notices.c.id == number).values(**values))


def notices_of(connection: Connection, cycle_id: int) -> list[Notice]:
    """Return a cycle's notices, oldest first, withdrawn ones too."""
    statement = select(notices).where(notices.c.cycle_id == cycle_id).order_by(notices.c.id)
    return [_notice(row) for row in connection.execute(statement)]


def notice(connection: Connection, number: int) -> Notice | None:
    """Return a notice of any cycle, withdrawn or not."""
    row = connection.execute(select(notices).where(notices.c.id == number)).one_or_none()
    return None if row is None else _notice(row)


def published_notices(connection: Connection) -> list[Notice]:
    """Return every notice that was published, newest first, withdrawn ones too."""
    statement = select(notices).where(notices.c.posted.is_not(None)).order_by(notices.c.id.desc())
    return [_notice(row) for row in connection.execute(statement)]


def add_review(
    connection: Connection,
    cycle_id: int,
    unit_id: int,
    request: Request,
    *,
    by: str,
    now: datetime,
) -> int:
    """Keep a request for review and return its number."""
    return _add(
        connection,
        reviews,
        cycle_id=cycle_id,
        unit_id=unit_id,
        about=request.about,
        ground=request.ground,
        received_on=request.received_on.isoformat(),
        told_on=request.told_on and request.told_on.isoformat(),
        admitted=request.admitted,
        by=by,
        at=now,
    )


def answer_review(
    connection: Connection, number: int, answer: Answer, *, by: str, now: datetime
) -> bool:
    """Keep a review's answer, and say whether this call did it: only the first counts."""
    statement = update(reviews).where(
        reviews.c.id == number, reviews.c.outcome.is_(None), reviews.c.withdrawn_at.is_(None)
    )
    values = {
        "outcome": answer.outcome.value,
        "answer": answer.text,
        "answered_on": answer.answered_on.isoformat(),
        "decided_by": answer.decided_by,
        "answered_by": by,
        "answered_at": now,
    }
    return connection.execute(statement.values(**values)).rowcount == 1


def reviews_of(connection: Connection, cycle_id: int) -> list[Review]:
    """Return a cycle's reviews, oldest first, withdrawn ones too."""
    statement = (
        select(reviews, units.c.name, units.c.kind)
        .join(units)
        .where(reviews.c.cycle_id == cycle_id)
        .order_by(reviews.c.id)
    )
    return [_review(row) for row in connection.execute(statement)]


def add_delivery(
    connection: Connection,
    unit_id: int,
    approval_id: int,
    told_on: date,
    *,
    by: str,
    now: datetime,
) -> int:
    """Keep that a unit was told in writing, and return the row's number."""
    said = {"unit_id": unit_id, "approval_id": approval_id, "told_on": told_on.isoformat()}
    return _add(connection, deliveries, **said, by=by, at=now)


def deliveries_of(connection: Connection, cycle_id: int, kind: str) -> list[Delivery]:
    """Return when units of a kind were told, oldest first, withdrawn rows too."""
    mine = (units.c.cycle_id == cycle_id) & (units.c.kind == kind)
    statement = select(deliveries, units.c.name).join(units).where(mine).order_by(deliveries.c.id)
    return [
        Delivery(recorded(row), row.name, row.approval_id, date.fromisoformat(row.told_on))
        for row in connection.execute(statement)
    ]


def withdraw(
    connection: Connection, what: str, number: int, *, why: str, by: str, now: datetime
) -> bool:
    """Withdraw a row (`notice`, `review`, `delivery`) and say whether this call did it."""
    return withdrawing.withdraw(connection, _TABLES[what], number, why=why, by=by, now=now)


def _add(connection: Connection, table: Table, **values: Any) -> int:
    statement = insert(table).values(**values).returning(table.c.id)
    return int(connection.execute(statement).scalar_one())


def _worded(wording: Wording) -> dict[str, Any]:
    return {
        "title": wording.title,
        "text": wording.text,
        "items": canonical(list(wording.items)),
        "start_on": wording.start_on.isoformat(),
        "days": wording.days,
        "contact_name": wording.contact.name,
        "contact_phone": wording.contact.phone,
        "contact_place": wording.contact.place,
    }


def _notice(row: Row[Any]) -> Notice:
    wording = Wording(
        title=row.title,
        text=row.text,
        items=tuple(json.loads(row.items)),
        start_on=date.fromisoformat(row.start_on),
        days=row.days,
        contact=Contact(row.contact_name, row.contact_phone, row.contact_place),
    )
    posted = None
    if row.posted is not None:
        posted = tuple(PostedTable.from_json(table) for table in json.loads(row.posted))
    return Notice(recorded(row), row.cycle_id, wording, posted, row.hash or "")


def _review(row: Row[Any]) -> Review:
    request = Request(
        unit=row.name,
        about=row.about,
        ground=row.ground,
        received_on=date.fromisoformat(row.received_on),
        told_on=None if row.told_on is None else date.fromisoformat(row.told_on),
        admitted=row.admitted,
    )
    answer = None
    if row.outcome is not None:
        day = date.fromisoformat(row.answered_on)
        answer = Answer(Outcome(row.outcome), row.answer, day, row.decided_by)
    return Review(recorded(row), row.cycle_id, row.kind, request, answer, row.answered_by or "")
