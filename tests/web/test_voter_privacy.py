"""What the voter's pages never do: write on GET, ask the database in vain, log a code."""

import logging

import pytest
from sqlalchemy import event

from ballot.domain.codes import new_code, shown
from ballot.storage.tables import metadata
from tests.builders import an_open_poll
from tests.web import voter_states
from tests.web.phone import Phone, page, with_wrong_check_symbol
from tests.web.voter_states import STATES, broken_table


def everything_stored(place):
    with place.database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(table.select())))
            for table in metadata.sorted_tables
        }


def logged(caplog) -> str:
    """Return every log line as a handler writes it, with its traceback."""
    formatter = logging.Formatter("%(name)s %(message)s")
    return "\n".join(formatter.format(record) for record in caplog.records)


def test_looking_at_a_ballot_writes_nothing_and_does_not_spend_it(place):
    _, codes = an_open_poll(place)
    client = place.client()
    before = everything_stored(place)

    for _ in range(3):
        for ask in (client.get, client.head, client.options):
            assert ask(f"/B/{codes[0]}").status_code == 200
            assert ask("/").status_code == 200
    client.head(f"/B/{new_code()}")

    assert everything_stored(place) == before
    assert page(Phone(place, codes[0]).vote(c0=0)).heading == "已计票"


def test_reviewing_and_going_back_write_nothing(place):
    _, codes = an_open_poll(place)
    phone = Phone(place, codes[0])
    before = everything_stored(place)

    phone.review(c0=1)
    phone.send(step="edit", c0=1)
    phone.send(step="cast", c0=1, nonce="not a nonce")

    assert everything_stored(place) == before


def test_a_head_request_has_the_headers_of_the_page_and_no_page(sqlite_place):
    _, codes = an_open_poll(sqlite_place)
    phone = Phone(sqlite_place, codes[0])

    head = phone.client.head(phone.address)

    assert head.data == b""
    assert head.headers == phone.open().headers


def test_a_code_with_a_wrong_check_symbol_reaches_no_database(place):
    asked = []
    wrong = with_wrong_check_symbol(new_code())
    client = place.client()
    event.listen(place.database.engine, "checkout", lambda *_: asked.append("connection"))

    client.get(f"/B/{wrong}")
    client.post(f"/b/{wrong}", data={"step": "review", "c0": "0"})
    client.post(f"/b/{wrong}", data={"step": "cast", "c0": "0", "nonce": "0" * 32})
    client.post("/", data={"code": wrong})
    assert asked == []

    client.get(f"/B/{new_code()}")
    assert asked == ["connection"]


def test_no_log_line_holds_a_code_or_a_receipt_or_an_address(sqlite_place, caplog):
    caplog.set_level(logging.DEBUG)
    _, codes = an_open_poll(sqlite_place)
    phone = Phone(sqlite_place, codes[0])

    phone.open()
    form = phone.reviewed(c0=1)
    phone.send(**form)
    phone.send(**form)
    phone.open()
    phone.client.get(f"/B/{codes[0]}x")

    lines = logged(caplog)
    for secret in (codes[0], shown(codes[0]), form["nonce"], "127.0.0.1"):
        assert secret.lower() not in lines.lower()


@pytest.mark.parametrize("table", ["ballots", "polls", "votes"])
def test_an_error_inside_a_view_is_logged_without_the_code(place, caplog, table):
    _, codes = an_open_poll(place)
    phone = Phone(place, codes[0])
    form = phone.reviewed(c0=1)
    caplog.clear()

    with broken_table(place, table):
        if table != "votes":
            assert phone.open().status_code == 500
        assert phone.send(**form).status_code == 503

    lines = logged(caplog)
    digest = place.keys.digest(codes[0])
    assert "Traceback" in lines
    for secret in (codes[0], shown(codes[0]), form["nonce"], digest.hex(), repr(digest)):
        assert secret.lower() not in lines.lower()


def test_an_error_while_the_error_page_is_made_is_logged_without_the_code(sqlite_place, caplog):
    _, codes = an_open_poll(sqlite_place)
    phone = Phone(sqlite_place, codes[0])

    @phone.client.application.after_request
    def fails(_):
        raise RuntimeError("a fault behind the views")

    phone.open()

    assert "a fault behind the views" in logged(caplog)
    assert codes[0] not in logged(caplog)


def test_no_state_s_page_shows_a_path_or_a_statement_of_the_machine(sqlite_place):
    for state in (voter_states.broken, voter_states.uncertain):
        text = state(sqlite_place).text
        for word in ("SELECT", "sqlite", str(sqlite_place.settings.folder), "ballot.db", "Error"):
            assert word not in text


def test_the_states_are_all_the_pages_that_there_are(sqlite_place):
    """The endpoints of the voter's blueprint: each is asked for in some state."""
    rules = sqlite_place.client().application.url_map.iter_rules()

    endpoints = {rule.endpoint for rule in rules if rule.endpoint.startswith("voter.")}

    assert endpoints == {
        "voter.start",
        "voter.type_code",
        "voter.ballot",
        "voter.vote",
        "voter.receipts_of",
    }
    assert len(STATES) == 24
