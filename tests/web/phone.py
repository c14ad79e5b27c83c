"""A voter's phone: opening a slip, filling it in, reviewing and casting, by real requests."""

from werkzeug.test import TestResponse

from ballot.domain.codes import ALPHABET, Code
from tests.builders import Place
from tests.web.html_page import Page


def page(answer: TestResponse) -> Page:
    """Return an answer's page, which has to be faultless HTML."""
    read = Page(answer.text)
    assert read.mistakes == []
    return read


class Phone:
    """One phone with one slip."""

    def __init__(self, place: Place, code: str, query: str = "") -> None:
        self.client = place.client()
        self.address = f"/B/{code}{query}"

    def open(self) -> TestResponse:
        return self.client.get(self.address)

    def send(self, **fields: str | int) -> TestResponse:
        return self.client.post(self.address, data=fields)

    def review(self, **choices: int) -> TestResponse:
        return self.send(step="review", **choices)

    def reviewed(self, **choices: int) -> dict[str, str]:
        """Review and return what the button "提交" would send."""
        answer = self.review(**choices)
        assert answer.status_code == 200
        return page(answer).fields("cast")

    def vote(self, **choices: int) -> TestResponse:
        """Review and submit."""
        return self.send(**self.reviewed(**choices))


def receipt(answer: TestResponse) -> str:
    return " ".join(page(answer).one("p", **{"class": "symbols"}).text.split())


def with_wrong_check_symbol(code: Code) -> str:
    return code[:-1] + next(symbol for symbol in ALPHABET if symbol != code[-1])
