"""The server's log when the database refuses a row: which rule was broken, and nothing of the row.

PostgreSQL quotes the whole row in the DETAIL of its message.
"""

import logging

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ballot.services.casting import UncertainError
from tests.builders import a_cast, an_open_poll

BAD = 3


def test_no_line_of_the_log_quotes_a_vote_that_the_database_refused(place, caplog):
    """The vote breaks a rule of the database itself, as a bug would."""
    poll, codes = an_open_poll(place)
    vote = a_cast(place, poll, codes[0], bytes([BAD] * 8))
    vote = vote._replace(vote=vote.vote._replace(valid=None))

    with pytest.raises(UncertainError):
        place.queue.cast(vote)

    lines = "\n".join(logging.Formatter().format(record) for record in caplog.records).lower()
    assert "null" in lines
    for secret in (vote.digest, vote.nonce, vote.vote.choices):
        assert secret.hex() not in lines
    assert "row contains" not in lines


def test_no_error_quotes_a_row_that_the_database_refused(place):
    key = b"a digest beside a choice"

    with pytest.raises(DBAPIError) as caught, place.database.write() as connection:
        connection.execute(text("INSERT INTO votes (poll_id, id) VALUES (1, :id)"), {"id": key})

    for told in (str(caught.value), str(caught.value.orig), repr(caught.value.__cause__)):
        assert key.hex() not in told
        assert "null" in told.lower()
