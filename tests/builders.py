"""What tests need, said with only what matters: places, polls, printed ballots, votes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from flask.testing import FlaskClient

from ballot.domain.casting import Cast, Outcome
from ballot.domain.codes import Code
from ballot.domain.keys import Keys, new_nonce, nonce_hash
from ballot.domain.people import Role, Scope, User
from ballot.domain.polls import Phase, Poll
from ballot.domain.votes import accept
from ballot.services import closing, cycles, people, polls, printing, results
from ballot.services.casting import CastingQueue
from ballot.services.start import open_installation
from ballot.settings import Settings
from ballot.storage.database import Database

NOW = datetime(2023, 12, 28, 1, 30, tzinfo=UTC)
PASSWORD = "a long enough password"

VILLAGE_POLL = """
title = "白马村2023年度村述村评"
scheme = "street-2023"
kind = "village"
component = "village-peer-review"
subjects = [{ unit = "白马村", name = "白马村领导班子" }]
groups = [
  { key = "committee", name = "两委成员", ballots = 7 },
  { key = "leaders", name = "村民组长", ballots = 8 },
  { key = "party", name = "党员", ballots = 10 },
  { key = "representatives", name = "村民代表", ballots = 5 },
]
"""

LEADERS_POLL = """
title = "2023年度党政领导评议"
scheme = "street-2023"
groups = [{ key = "leaders", name = "党政领导", ballots = 11 }]

[[sections]]
kind = "village"
component = "leaders-review"
subjects = [{ unit = "白马村" }, { unit = "青龙村" }, { unit = "石桥社区" }]

[[sections]]
kind = "station"
component = "leaders-review"
subjects = [{ unit = "财政所" }, { unit = "司法所" }]
"""

ONE_GROUP_POLL = """
title = "白马村2023年度村述村评"
scheme = "street-2023"
kind = "village"
component = "village-peer-review"
subjects = [{ unit = "白马村", name = "白马村领导班子" }]
groups = [{ key = "voters", name = "村民", ballots = 60 }]
"""


@dataclass
class Clock:
    """A clock that stands still until it is told to go."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def go(self, **how_long: float) -> None:
        self.now += timedelta(**how_long)


@dataclass
class Place:
    """One installation: its settings, database, keys, clock and casting queue."""

    settings: Settings
    database: Database
    keys: Keys
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.queue = CastingQueue(self.database, self.clock)

    def client(self) -> FlaskClient:
        """Return a browser without a memory of its own, on the application itself.

        It checks the headers and cookies of every answer.
        """
        from ballot.web.app import create_app
        from tests.ready_made import templates
        from tests.web.checked import checking

        app = create_app(self.settings, self.database, self.keys, self.clock)
        app.jinja_env.bytecode_cache = templates()
        app.testing = False  # errors become pages, as for a person
        app.test_client_class = checking(self.settings)
        return app.test_client()

    def poll(self, poll_id: int) -> Poll:
        with self.database.read() as connection:
            return polls.get(connection, poll_id)

    def results(self, poll_id: int) -> results.Results:
        with self.database.read() as connection:
            return results.of_poll(connection, poll_id, smallest_group=5)


@contextmanager
def a_place(settings: Settings) -> Iterator[Place]:
    """Open an installation and give everything back afterwards."""
    database, keys = open_installation(settings, NOW)
    try:
        yield Place(settings, database, keys)
    finally:
        database.close()


def a_cycle(
    place: Place,
    title: str = "2023年度综合目标管理考核",
    scheme: str = "street-2023",
    **settings: str,
) -> int:
    """Return a cycle; `settings` of readings have underscores for hyphens."""
    chosen = {key.replace("_", "-"): value for key, value in settings.items()}
    said = {"title": title, "scheme": scheme, "settings": chosen, "by": "test"}
    with place.database.write() as connection:
        return cycles.create(connection, now=place.clock(), **said)


def a_poll(place: Place, text: str = ONE_GROUP_POLL, cycle_id: int | None = None) -> Poll:
    """Return a draft poll; its cycle is made unless one is given or there."""
    with place.database.read() as connection:
        known = [cycle.id for cycle in cycles.every(connection)]
    cycle = cycle_id or (known[0] if known else a_cycle(place))
    with place.database.write() as connection:
        poll_id = polls.create(
            connection, text, cycle_id=cycle, smallest_group=5, by="test", now=place.clock()
        )
    return place.poll(poll_id)


def print_ballots(
    place: Place,
    poll: Poll,
    count: int | None = None,
    group: str | None = None,
    spares: int = 0,
    box: str | None = None,
) -> list[Code]:
    """Print ballots and return their codes, spares last."""
    batches = printing.make_batches(poll.definition, group, count=count, spares=spares, box=box)
    with place.database.write() as connection:
        printing.take(connection, place.keys, poll.id, batches, by="test", now=place.clock())
    return [code for batch in batches for code in batch.every]


def open_poll(place: Place, poll: Poll, closes_at: datetime | None = None) -> None:
    with place.database.write() as connection:
        polls.open_poll(
            connection,
            poll.id,
            scrutineer="张监票",
            closes_at=closes_at,
            grace_seconds=place.settings.grace_seconds,
            by="test",
            now=place.clock(),
        )


def an_open_poll(
    place: Place, text: str = ONE_GROUP_POLL, count: int | None = None, spares: int = 0
) -> tuple[Poll, list[Code]]:
    """Return an open poll and the codes of its ballots."""
    poll = a_poll(place, text)
    codes = print_ballots(place, poll, count, spares=spares)
    open_poll(place, poll)
    return place.poll(poll.id), codes


def a_cast(place: Place, poll: Poll, code: Code, choices: bytes, nonce: str = "") -> Cast:
    """Return a checked vote on its way."""
    from ballot.services import voting

    admission = voting.find(place.database, place.keys, code)
    return Cast(
        digest=admission.digest,
        poll_id=poll.id,
        group_index=admission.group_index if poll.definition.weighted else None,
        nonce=nonce_hash(nonce or new_nonce()),
        vote=accept(poll.definition, choices),
    )


def cast(place: Place, poll: Poll, code: Code, *levels: int, nonce: str = "") -> Outcome:
    """Cast a vote through the queue: a level for each slot, or the same for all."""
    width = len(poll.definition.slots)
    choices = bytes(levels if len(levels) == width else [levels[0]] * width)
    return place.queue.cast(a_cast(place, poll, code, choices, nonce))


def close(place: Place, poll: Poll) -> None:
    """Close a poll and do all closing steps."""
    with place.database.write() as connection:
        closing.order(connection, poll.id, scrutineer="张监票", by="test", now=place.clock())
    place.clock.go(seconds=place.settings.grace_seconds + 1)
    closing.go_on(place.database, place.clock(), Random(7))
    assert place.poll(poll.id).phase is Phase.CLOSED


def certify(place: Place, poll: Poll, issued: dict[str, int] | None = None) -> None:
    with place.database.write() as connection:
        closing.certify(
            connection,
            poll.id,
            issued=issued or {},
            scrutineer="张监票",
            reason="",
            by="test",
            now=place.clock(),
        )


def a_user(place: Place, name: str = "zhang", role: Role = Role.ORGANISER) -> User:
    with place.database.write() as connection:
        return people.add_user(
            connection, name=name, role=role, password=PASSWORD, by="test", now=place.clock()
        )


def a_token(place: Place, *scopes: Scope) -> str:
    with place.database.write() as connection:
        return people.create_token(
            connection,
            name="计分系统",
            scopes=scopes or tuple(Scope),
            lifetime=timedelta(days=30),
            by="test",
            now=place.clock(),
        )
