"""Results being made known, said with only what matters: notices, reviews, written notices."""

from datetime import date, timedelta
from typing import Any

from ballot.domain.notices import Contact, Notice, Wording
from ballot.domain.periods import local_day
from ballot.domain.reviews import Request
from ballot.services import notices, polls, reviews, written_notices
from tests.assessment import number_of
from tests.builders import Place

CONTACT = Contact("李芳", "0731-5555", "街道办3楼党建办")


def today(place: Place) -> date:
    return local_day(place.clock())


def a_wording(place: Place, *items: str, days: int = 5, starts_in: int = 0) -> Wording:
    start = today(place) + timedelta(days=starts_in)
    return Wording("2023年度考核结果公示", "现将结果予以公示。", items, start, days, CONTACT)


def a_draft(place: Place, *items: str, cycle: int = 1, **said: Any) -> Notice:
    """Return a draft notice of a cycle."""
    with place.database.write() as connection:
        number = notices.save(
            connection,
            cycle,
            None,
            a_wording(place, *items, **said),
            smallest_group=5,
            by="test",
            now=place.clock(),
        )
        return notices.of(connection, cycle, number)


def publish(place: Place, notice: Notice, seen: str | None = None) -> Notice:
    """Publish a draft as it would be shown now, or as it was seen."""
    with place.database.write() as connection:
        said = {"smallest_group": 5, "now": place.clock()}
        shown = notices.shown(connection, notice.cycle_id, notice.number, **said)
        sha256 = shown.hash if seen is None else seen
        return notices.publish(
            connection, notice.cycle_id, notice.number, seen=sha256, by="test", **said
        )


def a_notice(place: Place, *items: str, **said: Any) -> Notice:
    """Return a published notice."""
    return publish(place, a_draft(place, *items, **said))


def deliver(place: Place, *units: str, on: date | None = None, kind: str = "village") -> None:
    """Record that units got their written notices, today unless told."""
    with place.database.write() as connection:
        day = on or today(place)
        said = {"by": "test", "now": place.clock()}
        written_notices.deliver(connection, 1, kind, units, day, **said)


def a_review(
    place: Place,
    unit: str = "白马村",
    *,
    about: str = "standing",
    received: date | None = None,
    told: date | None = None,
    admitted: str = "",
) -> int:
    """Record a request for review, received today unless told, and return its number."""
    asked = Request("", about, "漏计一项", received or today(place), told, admitted)
    key = f"village:{number_of(place, unit)}"
    with place.database.write() as connection:
        return reviews.record(connection, 1, key, asked, by="test", now=place.clock())


def annul(place: Place, poll_id: int) -> None:
    """Annul a poll after its result was made known."""
    with place.database.write() as connection:
        polls.annul(connection, poll_id, reason="复核后作废", by="test", now=place.clock())
