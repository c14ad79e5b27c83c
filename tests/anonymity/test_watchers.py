"""Watching an open poll: nudging the last voter and looking shows that somebody voted, not how."""

import re
from collections import Counter

import pytest

from ballot.domain.people import Role, Scope
from tests.anonymity.seized import everything_stored
from tests.builders import Place, a_token, an_open_poll, cast
from tests.web.desk import Desk, a_desk

GOOD, FAIR, POOR, BAD = range(4)
TOKEN = re.compile(r'name="csrf_token" [^>]*>')


def watched(place: Place, signed_in: Desk, poll) -> dict[str, str]:
    """Return all that organisers, other programs and other voters can look at.

    Each time of a server of its own, since one shows a turnout that may be a second old.
    """
    desk = Desk(place)
    session = signed_in.client.get_cookie("ballot_office", path="/office/")
    desk.client.set_cookie(session.key, session.value, path=session.path)
    token = {"Authorization": f"Bearer {a_token(place, *Scope)}"}
    number = str(poll.id)
    pages = {
        "poll": f"/office/polls/{number}",
        "results": f"/office/polls/{number}/results",
        "closing": f"/office/polls/{number}/close",
        "certifying": f"/office/polls/{number}/certify",
        "points": "/office/cycles/1/points",
        "points as CSV": "/office/cycles/1/points.csv",
        "API: turnout": f"/api/v1/polls/{number}/turnout",
        "API: points": "/api/v1/cycles/1/points",
        "receipts": f"/receipts/{number}",
    }
    told = {}
    for name, path in pages.items():
        answer = desk.client.get(path, headers=token if "/api/" in path else {})
        page = TOKEN.sub("", answer.text).replace(f"/polls/{number}", "/polls/N")
        told[name] = f"{answer.status_code} " + page.replace(f'"poll": {number},', '"poll": N,')
    return told


def test_whatever_the_last_voter_chooses_all_watchers_see_the_same(place):
    """Two polls alike; before and after the last vote of each."""
    desk = a_desk(place, Role.ADMIN)
    seen = {}
    for choice in (GOOD, BAD):
        poll, codes = an_open_poll(place)
        for code in codes[:-1]:
            cast(place, poll, code, FAIR)
        before = watched(place, desk, poll)
        cast(place, poll, codes[-1], choice)
        seen[choice] = before, watched(place, desk, poll)

    assert seen[GOOD] == seen[BAD]
    before, after = seen[GOOD]
    changed = {name: page for name, page in after.items() if page != before[name]}
    assert changed.keys() == {"poll", "closing", "API: turnout"}
    for name, page in changed.items():
        shown = before[name].replace("98.33%", "100.00%").replace("59", "60")
        assert page == shown, "one more has voted, and nothing else"


@pytest.mark.parametrize("choice", [GOOD, BAD])
def test_a_vote_leaves_the_event_log_as_it_was(place, choice):
    poll, codes = an_open_poll(place)
    before = everything_stored(place)

    cast(place, poll, codes[0], choice)

    after = everything_stored(place)
    changed = {table for table in after if Counter(after[table]) != Counter(before[table])}
    assert changed == {"votes", "ballots"}
