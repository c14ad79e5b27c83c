"""A hall of voters for tests of faults: each has a slip, fills it in once, and keeps the form.

Every slip's choices are a pattern of their own. So a test, which knows who holds which slip, can
tell from the stored votes whose they are, as nobody else can.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from http.client import HTTPException
from pathlib import Path
from time import sleep
from typing import Final

from sqlalchemy import text

from ballot.domain.codes import Code
from ballot.domain.keys import Digest, new_nonce
from ballot.domain.polls import Poll
from ballot.settings import Settings
from tests.builders import Clock, Place, a_place, an_open_poll
from tests.live import Server, until

WIDTH: Final = 6
LEVELS: Final = 4
MOST_VOTERS: Final = LEVELS**WIDTH
PHONES: Final = 8

_POLL: Final = """
title = "2023年度党政领导评议"
scheme = "street-2023"
groups = [{{ key = "leaders", name = "党政领导", ballots = {ballots} }}]

[[sections]]
kind = "village"
component = "leaders-review"
subjects = [{subjects}]
"""
_NONCE: Final = re.compile(r'name="nonce" value="([^"]+)"')
_RECEIPT: Final = re.compile(r'<p class="symbols"><span>(\w{4})</span> <span>(\w{4})</span>')


class Told(Enum):
    """What a voter read after submitting."""

    COUNTED = auto()
    COUNTED_BEFORE = auto()
    USED = auto()
    UNCERTAIN = auto()
    NOTHING = auto()
    OTHER = auto()


@dataclass
class Voter:
    """A slip, its pattern of choices, the form once it is filled in, and what was told last."""

    code: Code
    choices: bytes
    form: dict[str, str] = field(init=False)
    told: Told | None = None
    receipt: str = ""
    page: str = ""

    def __post_init__(self) -> None:
        """Fill in the form by hand; `fill_in` does it as a person does."""
        fields = {f"c{slot}": str(level) for slot, level in enumerate(self.choices)}
        self.form = {"step": "cast", "nonce": new_nonce(), **fields}

    def fill_in(self, server: Server) -> bool:
        """Open the slip and review it; False if the server does not answer."""
        try:
            status, page = server.ask("GET", f"/b/{self.code}")
            assert status == 200, page
            form = {**self.form, "step": "review"}
            status, page = server.ask("POST", f"/b/{self.code}", form)
        except (OSError, HTTPException):
            return False
        found = _NONCE.search(page)
        assert status == 200, page
        assert found, page
        self.form["nonce"] = found[1]
        return True

    def submit(self, server: Server) -> Told:
        """Send the form, the first time or again."""
        self.told, self.page = _send(server, self.code, self.form)
        if self.told in {Told.COUNTED, Told.COUNTED_BEFORE}:
            found = _RECEIPT.search(self.page)
            assert found, self.page
            assert self.receipt in {"", found[1] + found[2]}, "a receipt never changes"
            self.receipt = found[1] + found[2]
        return self.told

    def submit_anew(self, server: Server) -> Told:
        """Send the slip with another nonce, as somebody who scanned it a second time."""
        return _send(server, self.code, {**self.form, "nonce": new_nonce()})[0]


def _send(server: Server, code: Code, form: dict[str, str]) -> tuple[Told, str]:
    try:
        status, page = server.ask("POST", f"/b/{code}", form)
    except (OSError, HTTPException):
        return Told.NOTHING, ""
    if status == 200 and "已计票" in page:
        return (Told.COUNTED_BEFORE if "先前已经计入" in page else Told.COUNTED), page
    if status == 409 and "此票已投" in page:
        return Told.USED, page
    if status == 503 and "请再提交一次" in page and form["nonce"] in page:
        return Told.UNCERTAIN, page
    return Told.OTHER, page


def a_poll_of(ballots: int) -> str:
    """Return the definition of a poll whose slips have a pattern of choices each."""
    subjects = ", ".join(f'{{ unit = "第{number}村" }}' for number in range(1, WIDTH + 1))
    return _POLL.format(ballots=ballots, subjects=subjects)


def voters_of(codes: Sequence[Code]) -> list[Voter]:
    """Give each slip to a voter with an opinion like no other's."""
    assert len(codes) <= MOST_VOTERS
    return [
        Voter(code, bytes((number // LEVELS**slot) % LEVELS for slot in range(WIDTH)))
        for number, code in enumerate(codes)
    ]


@contextmanager
def beside(settings: Settings) -> Iterator[Place]:
    """Open the installation in this process too, with a clock that shows the present."""
    with a_place(settings) as place:
        place.clock = Clock(datetime.now(UTC))
        yield place


def a_hall(settings: Settings, ballots: int = 24) -> tuple[Poll, list[Voter]]:
    """Open a poll and return it with its voters."""
    with beside(settings) as place:
        poll, codes = an_open_poll(place, a_poll_of(ballots))
        return poll, voters_of(codes)


def all_at_once(phones: int, server: Server, voters: Iterable[Voter]) -> list[Told]:
    """Let voters submit their forms, so many at a time."""
    with ThreadPoolExecutor(phones) as hall:
        return list(hall.map(lambda voter: voter.submit(server), voters))


def fill_in_all(server: Server, voters: Iterable[Voter]) -> None:
    with ThreadPoolExecutor(PHONES) as hall:
        assert all(hall.map(lambda voter: voter.fill_in(server), voters))


@contextmanager
def votes_on_their_way(
    settings: Settings, server: Server, voters: list[Voter]
) -> Iterator[list["Future[Told]"]]:
    """Hold the turn at writing in the block: whoever submits gets no answer before its end."""
    with (
        beside(settings) as place,
        ThreadPoolExecutor(len(voters)) as phones,
        place.database.write(),
    ):
        answers = [phones.submit(voter.submit, server) for voter in voters]
        until(
            lambda: connections_to(server) >= len(voters),
            seconds=30,
            what="every phone has sent its vote",
        )
        sleep(0.3)  # from the connection to the queue
        assert not any(answer.done() for answer in answers)
        yield answers


def connections_to(server: Server) -> int:
    """Count the established connections at the server's end, with nothing left to be read."""
    here = f":{server.port:04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(
        1
        for line in lines
        if line[1].endswith(here) and line[3] == "01" and line[4].endswith(":00000000")
    )


@dataclass(frozen=True)
class Stored:
    """What the database holds of a poll: the digests that are spent, and the votes."""

    spent: frozenset[Digest]
    votes: "Counter[bytes]"


def stored(place: Place, poll: Poll) -> Stored:
    """Read both in one statement, so that nothing lies between."""
    statement = text(
        "SELECT digest, NULL AS choices FROM ballots WHERE poll_id = :poll AND state = 1"
        " UNION ALL SELECT NULL, choices FROM votes WHERE poll_id = :poll"
    )
    with place.database.read() as connection:
        rows = connection.execute(statement, {"poll": poll.id}).all()
    return Stored(
        frozenset(Digest(bytes(digest)) for digest, _ in rows if digest is not None),
        Counter(bytes(choices) for _, choices in rows if choices is not None),
    )


def counted_voters(place: Place, poll: Poll, voters: Iterable[Voter]) -> list[Voter]:
    """Return the voters whose ballots are spent, and make sure that no ballot is half-spent.

    Each spent ballot has the very vote of its voter, and no vote is there without its ballot.
    """
    found = stored(place, poll)
    counted = [voter for voter in voters if place.keys.digest(voter.code) in found.spent]
    assert len(counted) == len(found.spent)
    assert Counter(voter.choices for voter in counted) == found.votes
    return counted


def nobody_was_told_what_is_not_true(
    place: Place, poll: Poll, voters: Sequence[Voter]
) -> list[Voter]:
    """Check all answers so far against what is stored, and return the voters that count."""
    counted = counted_voters(place, poll, voters)
    on_disk = {voter.code for voter in counted}
    for voter in voters:
        if voter.told in {Told.COUNTED, Told.COUNTED_BEFORE}:
            assert voter.code in on_disk, "a vote that was acknowledged is missing"
            assert voter.receipt == place.keys.receipt(place.keys.digest(voter.code))
        assert voter.told not in {Told.USED, Told.OTHER}, voter.page
    return counted
