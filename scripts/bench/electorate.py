"""The poll that is voted in: ten subjects rated on four levels, and as many codes as are needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

from ballot.clock import now_utc
from ballot.domain.keys import Keys, new_nonce
from ballot.domain.people import Scope
from ballot.domain.polls import Poll
from ballot.domain.votes import field_name
from ballot.services import cycles, people, polls, printing
from ballot.services.start import open_installation
from ballot.settings import Settings
from ballot.storage import votes
from ballot.storage.database import Database

BY = "bench"
SCHEME = "street-2023"
SUBJECTS = ("白马", "青龙", "石桥", "柳林", "双河", "大坪", "新店", "高峰", "云台", "太平")
_POLL = f"""
title = "2023年度党政领导评议"
scheme = "{SCHEME}"
kind = "village"
component = "leaders-review"
subjects = [{", ".join(f'{{ unit = "{name}村" }}' for name in SUBJECTS)}]
groups = [{{ key = "leaders", name = "党政领导", ballots = 1000 }}]
"""


class Slice(NamedTuple):
    """Codes in the file of codes: the first one's place, and how many each connection has."""

    first: int
    each: int


class Truth(NamedTuple):
    """What the database holds of a poll: ballots marked as cast, and votes."""

    marked: int
    votes: int


def new_poll(database: Database) -> Poll:
    """Create the poll, as a draft, in a cycle of its own."""
    with database.write() as connection:
        title = f"考核{len(cycles.every(connection)) + 1}"
        cycle = cycles.create(connection, title=title, scheme=SCHEME, by=BY, now=now_utc())
        poll_id = polls.create(
            connection, _POLL, cycle_id=cycle, smallest_group=5, by=BY, now=now_utc()
        )
        return polls.get(connection, poll_id)


class Electorate:
    """An open poll of an installation, with a file of codes for the load to vote with."""

    def __init__(self, settings: Settings, database: Database, keys: Keys) -> None:
        self.settings = settings
        self.database = database
        self.codes = settings.folder / "codes"
        self.page = settings.folder / "page"
        self.printed = 0
        self._keys = keys
        self.poll = new_poll(database)
        self.choices = "&".join(
            f"{field_name(slot)}={slot.index % slot.section.rule.scale.answers}"
            for slot in self.poll.definition.slots
        )

    def print(self, connections: int, each: int) -> Slice:
        """Print ballots, as `ballot poll ballots` does, and add their codes to the file."""
        batches = printing.make_batches(
            self.poll.definition, None, count=connections * each, spares=0
        )
        with self.database.write() as connection:
            printing.take(connection, self._keys, self.poll.id, batches, by=BY, now=now_utc())
        made = Slice(self.printed, each)
        with self.codes.open("a") as file:
            for batch in batches:
                file.writelines(f"{code}{new_nonce()}" for code in batch.codes)
        self.printed += connections * each
        return made

    def open(self) -> None:
        """Open the poll, which takes no end of its own."""
        with self.database.write() as connection:
            polls.open_poll(
                connection,
                self.poll.id,
                scrutineer="张监票",
                closes_at=None,
                grace_seconds=self.settings.grace_seconds,
                by=BY,
                now=now_utc(),
            )

    def keep_page(self, port: int) -> None:
        """Keep the ballot page as the server gives it now: every answer has to be these bytes.

        Raises: RuntimeError if it is no ballot page of this poll.
        """
        with self.codes.open() as file:
            code = file.read(16)
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", f"/B/{code}", headers={"Accept-Language": "zh-CN"})
        plain = connection.getresponse().read().decode()
        if not all(f"{name}村" in plain for name in SUBJECTS) or code in plain:
            raise RuntimeError("that is no page for every voter of the poll")
        headers = {"Accept-Language": "zh-CN,zh;q=0.9", "Accept-Encoding": "gzip, deflate"}
        connection.request("GET", f"/B/{code}", headers=headers)
        self.page.write_bytes(connection.getresponse().read())
        connection.close()

    def truth(self) -> Truth:
        """Return what the database holds."""
        with self.database.read() as connection:
            marked = sum(group.cast for group in polls.turnout(connection, self.poll))
            return Truth(marked, votes.number(connection, self.poll.id))

    def token(self) -> str:
        """Return a token that may ask for the turnout."""
        with self.database.write() as connection:
            return people.create_token(
                connection,
                name=BY,
                scopes=(Scope.TURNOUT,),
                lifetime=timedelta(days=1),
                by=BY,
                now=now_utc(),
            )


@contextmanager
def an_electorate(settings: Settings) -> Iterator[Electorate]:
    """Open an installation beside its server, and give everything back afterwards."""
    database, keys = open_installation(settings, now_utc())
    try:
        yield Electorate(settings, database, keys)
    finally:
        database.close()


def size_mb(path: Path) -> float:
    """Return a file's size in MB of 10^6 bytes."""
    return path.stat().st_size / 1e6
