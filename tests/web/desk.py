"""A desk in the office: signing in, reading pages and sending their forms, by real requests."""

from contextlib import suppress
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot.domain.people import Role
from ballot.services.people import NameTakenError
from tests.builders import PASSWORD, Place, a_user
from tests.web.html_page import Page

HOME = "/office/"
LOGIN = "/office/login"


def page(answer: TestResponse) -> Page:
    """Return an answer's page, which has to be faultless HTML."""
    read = Page(answer.text)
    assert read.mistakes == []
    return read


class Desk:
    """One browser in the office; `beside` another it shares the application, not the cookies."""

    def __init__(self, place: Place, *, beside: "Desk | None" = None) -> None:
        self.client: FlaskClient = (
            beside.client.application.test_client() if beside else place.client()
        )
        self.witnesses: dict[str, Desk] = {}

    def get(self, path: str, **options: Any) -> TestResponse:
        answer = self.client.get(path, **options)
        if answer.mimetype == "text/html" and answer.text and answer.status_code != 303:
            page(answer)
        return answer

    def read(self, path: str) -> Page:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return page(answer)

    def token(self, path: str = LOGIN) -> str:
        """Return the form token that a page of this session holds."""
        return page(self.client.get(path)).every("input", name="csrf_token")[0].get("value")

    def send(self, path: str, **fields: str) -> TestResponse:
        """Fetch a form and send it filled in; what it held already is sent along."""
        form = page(self.client.get(path))
        held = {
            field.get("name"): field.get("value")
            for field in form.every("input")
            if (inside := field.inside("form")) and not inside.get("action").endswith("/logout")
            if field.get("type") != "checkbox"
        }
        return self.client.post(path, data=held | fields)

    def sign_in(self, name: str = "zhang", password: str = PASSWORD, **more: str) -> TestResponse:
        return self.send(LOGIN, name=name, password=password, **more)


def witnessed(place: Place, desk: Desk, path: str, **fields: str) -> TestResponse:
    """Ask by a form, confirm as a scrutineer at a desk of their own, and return that answer."""
    asked = desk.send(path, **{"confirm": "yes", **fields})
    assert asked.status_code == 303, asked.text
    return confirmed(a_witness(place, desk), asked.location)


def a_witness(place: Place, desk: Desk, name: str = "监票人甲") -> Desk:
    """Return the desk of a scrutineer beside another desk; of the same one each time."""
    if name not in desk.witnesses:
        with suppress(NameTakenError):
            a_user(place, name, Role.SCRUTINEER)
        desk.witnesses[name] = Desk(place, beside=desk)
        assert desk.witnesses[name].sign_in(name).status_code == 303
    return desk.witnesses[name]


def confirmed(desk: Desk, request: str) -> TestResponse:
    """Confirm a request, by the address of its page."""
    fields = {"csrf_token": desk.token(request), "confirm": "yes"}
    return desk.client.post(f"{request}/confirm", data=fields)


def a_desk(place: Place, role: Role = Role.ORGANISER, beside: Desk | None = None) -> Desk:
    """Return a desk at which a person of this role has signed in."""
    a_user(place, name=role.value, role=role)
    desk = Desk(place, beside=beside)
    assert desk.sign_in(role.value).status_code == 303
    return desk
