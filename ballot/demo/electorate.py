"""Simulated voters: each opens its slip's page, fills the form, reviews and submits, over HTTP.

They know nothing but the address of the server and a code, and read the pages as a browser would.
"""

import http.client
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlencode, urlsplit

from ballot.errors import OperationError
from ballot.language import N_

PHONES: Final = 16


class VoteLostError(OperationError):
    """A simulated voter did not see what a voter must see."""

    message = N_("模拟投票失败：%(step)s 返回 %(status)s。")


@dataclass(frozen=True)
class Voter:
    """A slip and what its holder wants to say: a level for each place, None to abstain."""

    code: str
    choices: Sequence[int | None]


class _Fields(HTMLParser):
    """Collects hidden inputs, and the names of radio groups in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.radios: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an input."""
        values = {name: value or "" for name, value in attrs}
        if tag != "input":
            return
        if values.get("type") == "radio":
            self.radios[values["name"]] = None
        elif values.get("type") == "hidden":
            self.hidden[values["name"]] = values.get("value", "")


def vote_all(address: str, voters: Sequence[Voter], progress: Callable[[int], None]) -> None:
    """Let every voter vote, several phones at a time.

    Raises: VoteLostError as soon as one does not see that its ballot counted.
    """
    with ThreadPoolExecutor(PHONES) as phones:
        for _ in phones.map(lambda voter: _vote(address, voter), voters):
            progress(1)


def _vote(address: str, voter: Voter) -> None:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=30)
    try:
        path = f"/b/{voter.code}"
        ballot = _read(_ask(connection, "GET", path, None))
        names = list(ballot.radios)
        chosen = {
            name: str(level)
            for name, level in zip(names, voter.choices, strict=True)
            if level is not None
        }
        review = _read(_ask(connection, "POST", path, {"step": "review", **chosen}))
        answer = _ask(connection, "POST", path, {**review.hidden, "step": "cast"})
        if "已计票" not in answer:
            raise VoteLostError(step="cast", status="200")
    finally:
        connection.close()


def _ask(
    connection: http.client.HTTPConnection, method: str, path: str, form: Mapping[str, str] | None
) -> str:
    headers = {"Accept-Language": "zh-CN"}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, urlencode(form) if form is not None else None, headers)
    response = connection.getresponse()
    page = response.read().decode("utf-8")
    if response.status != http.client.OK:
        raise VoteLostError(step=method, status=response.status)
    return page


def _read(page: str) -> _Fields:
    fields = _Fields()
    fields.feed(page)
    return fields
