"""Receipts: the same on every repeat, published after closing, as many as votes returned."""

import pytest

from ballot.services import receipts
from ballot.services.results import NoResultYetError
from tests.builders import an_open_poll, cast, close


def of(place, poll):
    with place.database.read() as connection:
        return receipts.of_poll(connection, place.keys, poll.id)


def test_the_published_receipts_are_those_of_the_cast_ballots_sorted_and_as_many(place):
    poll, codes = an_open_poll(place, count=20)
    for code in codes[:12]:
        cast(place, poll, code, 0)
    close(place, poll)

    published = of(place, poll)

    mine = sorted(place.keys.receipt(place.keys.digest(code)) for code in codes[:12])
    assert list(published.receipts) == mine
    assert published.returned == 12


def test_before_closing_no_receipt_is_published(place):
    poll, codes = an_open_poll(place, count=20)
    cast(place, poll, codes[0], 0)

    with pytest.raises(NoResultYetError):
        of(place, poll)


def test_the_page_lists_them_for_anyone_and_sets_no_cookie(sqlite_place):
    poll, codes = an_open_poll(sqlite_place, count=20)
    cast(sqlite_place, poll, codes[0], 0)
    client = sqlite_place.client()
    early = client.get(f"/receipts/{poll.id}")
    close(sqlite_place, poll)

    page = client.get(f"/receipts/{poll.id}")

    receipt = sqlite_place.keys.receipt(sqlite_place.keys.digest(codes[0]))
    assert early.status_code == 409
    assert receipt not in early.text
    assert f"{receipt[:4]} {receipt[4:]}" in page.text
    assert "收回的票共 1 张" in page.text
    assert "Set-Cookie" not in page.headers
    assert client.get("/receipts/999").status_code == 404
