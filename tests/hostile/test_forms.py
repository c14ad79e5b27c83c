"""Every form there is, found in the application itself, with whatever can be sent to it."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from ballot.domain.codes import new_code
from ballot.domain.people import Role
from tests import assessment
from tests.builders import Place, a_poll, an_open_poll, cast, close, print_ballots
from tests.hostile.attacks import BOUNDED, bodies, forms, texts, types
from tests.web.desk import HOME, Desk, a_desk
from tests.web.html_page import Page
from tests.web.phone import with_wrong_check_symbol

FEW = settings(BOUNDED, max_examples=10)
"""For each form of more than a hundred."""
SESSION = "ballot_office"
NONCE = "0" * 32
SENT_IN_EVERY_FORM = ["step", "nonce", "c0", "c1", "code", "name", "password", "next", "csrf_token"]


class Target:
    """An installation under attack: an administrator's browser that stays signed in."""

    def __init__(self, place: Place) -> None:
        self.draft = a_poll(place)
        print_ballots(place, self.draft, 6)
        self.open, codes = an_open_poll(place)
        self.closed, cast_codes = an_open_poll(place)
        cast(place, self.closed, cast_codes[0], 1)
        close(place, self.closed)
        self.codes = [codes[0], codes[1], cast_codes[0], new_code()]
        self.codes += [with_wrong_check_symbol(codes[0]), "AAAA", "…"]
        assessment.add_units(place, 1, ["白马村", "青龙村"])
        assessment.adjust(place, "白马村", "award-city")
        assessment.an_approved_station(place)
        self.desk: Desk = a_desk(place, Role.ADMIN)
        self.client: FlaskClient = self.desk.client
        self.form_token = self.desk.token(HOME)
        self.session = self.client.get_cookie(SESSION, path="/office/")

    def signed_in(self) -> FlaskClient:
        """Return the browser, whatever an attack did to its session."""
        self.client.set_cookie(SESSION, self.session.value, path="/office/")
        return self.client

    def rules(self) -> list[Rule]:
        """Return every route that takes a form."""
        rules = self.client.application.url_map.iter_rules()
        return sorted(
            (rule for rule in rules if "POST" in rule.methods), key=lambda rule: rule.rule
        )

    def addresses(self, rule: Rule) -> st.SearchStrategy[str]:
        """Return addresses of a route: of things that are there, and of others."""
        polls = [str(poll.id) for poll in (self.draft, self.open, self.closed)]
        numbers = st.sampled_from([*polls, "0", "9", "2147483647"])
        codes = st.sampled_from(self.codes)
        known = {
            "code": codes,
            "kind": st.sampled_from(["village", "station", "nothing", "\x00"]),
            "what": st.sampled_from(["adjustment", "veto"]),
            "part": st.sampled_from(["components", "rules", "vetoes", "titles", "nothing"]),
        }
        values = {name: known.get(name, numbers) for name in rule.arguments}
        return st.fixed_dictionaries(values).map(lambda chosen: rule.build(chosen)[1])

    def fields(self, rule: Rule) -> list[str]:
        """Return the names of the fields on the pages that have this form."""
        words = {"code": self.codes[0], "kind": "village", "what": "adjustment", "cycle_id": 1}
        words["part"] = "components"
        found = set(SENT_IN_EVERY_FORM)
        for poll in (self.draft, self.open, self.closed):
            chosen = {name: words.get(name, poll.id) for name in rule.arguments}
            answer = self.signed_in().get(rule.build(chosen)[1])
            if answer.status_code == 200:
                page = Page(answer.text)
                found |= {e.get("name") for e in page.every("input", "textarea", "select")}
        return sorted(found)


@pytest.fixture
def target(sqlite_place: Place) -> Target:
    """Give an installation under attack."""
    return Target(sqlite_place)


def is_answered(answer: TestResponse) -> None:
    """Hold an answer to what every one promises, besides what the browser checks by itself."""
    assert answer.status_code < 500, answer.text
    if answer.mimetype == "text/html" and answer.text and answer.status_code not in {303, 308}:
        page = Page(answer.text)
        assert page.mistakes == []
        scripts = [script.get("src") or "" for script in page.every("script")]
        assert not page.every("x-evil")
        assert all(re.fullmatch(r"/static/\w+\.js\?v=\w+", script) for script in scripts)


def attack(target: Target, send: Callable[[st.DataObject, Rule], TestResponse]) -> None:
    """Attack every form in turn."""
    for rule in target.rules():
        _attack_one(lambda data, rule=rule: is_answered(send(data, rule)))


def _attack_one(send: Callable[[st.DataObject], None]) -> None:
    @given(st.data())
    @FEW
    def once(data: st.DataObject) -> None:
        send(data)

    once()


@pytest.mark.slow
def test_no_field_of_any_form_brings_a_server_error(place):
    """On both databases, which mind different characters."""
    target = Target(place)
    fields = {rule.rule: target.fields(rule) for rule in target.rules()}
    steps = st.sampled_from(["review", "edit", "cast", "steal"])

    def send(data: st.DataObject, rule: Rule) -> TestResponse:
        sent: dict = data.draw(forms(fields[rule.rule]))
        if data.draw(st.integers(0, 9)):
            sent["csrf_token"] = target.form_token
        if data.draw(st.booleans()):
            sent |= {"step": data.draw(steps), "nonce": NONCE, "confirm": "yes"}
        query = data.draw(st.none() | st.dictionaries(st.sampled_from(["lang", "next"]), texts))
        return target.signed_in().post(
            data.draw(target.addresses(rule)), data=sent, query_string=query
        )

    attack(target, send)


@pytest.mark.slow
def test_no_bytes_sent_to_any_form_bring_a_server_error(target):
    def send(data: st.DataObject, rule: Rule) -> TestResponse:
        return target.signed_in().post(
            data.draw(target.addresses(rule)),
            data=data.draw(bodies),
            content_type=data.draw(types),
            headers={"X-CSRFToken": target.form_token},
        )

    attack(target, send)


def test_the_forms_that_are_attacked_are_all_there_are(target):
    """New routes join by themselves; this says that finding them works."""
    found = {rule.endpoint: target.fields(rule) for rule in target.rules()}

    assert {"voter.type_code", "voter.vote", "login.check_in", "office.open_poll"} <= set(found)
    assert {"confirm", "closes_at"} <= set(found["office.open_poll"])
    assert {"issued-voters", "confirm"} <= set(found["office.certify"])
    assert "c0" in found["voter.vote"]
    assert {"seen", "office", "c-1-base-work.party.building"} <= set(found["entries.save"])
    assert {"unit", "rule", "times", "marks", "note", "item"} <= set(found["ledger.record"])
    assert {"why", "confirm"} <= set(found["ledger.withdraw"])
    assert {"meeting", "held_on", "seen"} <= set(found["standings.approve"])
