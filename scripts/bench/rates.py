"""The main measurement: hello, noop form, ballot page, review, cast and visit, in turn."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from ballot.settings import Settings
from scripts.bench.electorate import Electorate, Slice, Truth, an_electorate
from scripts.bench.load import Leg, Plan, Window, drive
from scripts.bench.machine import Cores, memory_mb
from scripts.bench.serving import Running, the_baseline, the_product

LINES = ("hello", "served", "form", "page", "review", "cast", "visit")
_KINDS = {"served": "hello"}  # the same load on another server
SPENDS = frozenset({"cast", "visit"})
_READ_EACH = 100  # codes that each connection opens and reviews again and again
_FIRST_GUESS = {"cast": 0.8, "visit": 0.4}  # of hello's rate: more than anything here reaches
_ROOM = 2.0  # for connections that get more than their share
_ROOM_EACH = 30


@dataclass(frozen=True)
class Way:
    """How to measure: for how long, how often, with how many connections, on which cores."""

    window: Window
    rounds: int
    connections: int
    cores: Cores
    say: Callable[[str], None]


@dataclass
class Book:
    """Whether what was acknowledged is what the database holds, over all casting loads."""

    acknowledged: int = 0
    marked: int = 0
    votes: int = 0

    def enter(self, legs: list[Leg], before: Truth, after: Truth) -> None:
        """Add one load."""
        self.acknowledged += sum(leg.acknowledged for leg in legs)
        self.marked += after.marked - before.marked
        self.votes += after.votes - before.votes

    @property
    def lost(self) -> int:
        """Return how many acknowledged votes are not there."""
        return max(0, self.acknowledged - min(self.marked, self.votes))

    @property
    def double(self) -> int:
        """Return how many votes are there without a ballot of their own."""
        return max(0, self.votes - self.marked)

    @property
    def unheard(self) -> int:
        """Return how many votes are there whose answer never arrived."""
        return max(0, self.marked - self.acknowledged)

    def to_json(self) -> dict[str, int]:
        """Return all of it."""
        return {
            "acknowledged": self.acknowledged,
            "marked": self.marked,
            "votes": self.votes,
            "lost": self.lost,
            "double": self.double,
            "unheard": self.unheard,
        }


@dataclass
class Rates:
    """What the rounds found: a leg per line and round, the books, the most memory held (MB)."""

    rounds: list[dict[str, Leg]] = field(default_factory=list)
    book: Book = field(default_factory=Book)
    memory_mb: float = 0.0
    baseline_memory_mb: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return medians and ranges by line."""
        return {
            "lines": {name: self._line(name) for name in LINES},
            "visit_steps": {
                step: _latencies([legs["visit"] for legs in self.rounds], step)
                for step in ("page", "review", "cast")
            },
            "book": self.book.to_json(),
            "memory_mb": round(self.memory_mb, 1),
            "baseline_memory_mb": round(self.baseline_memory_mb, 1),
        }

    def _of(self, measure: str, name: str) -> dict[str, float]:
        """Return a line's rate as a part of another one's, round by round."""
        return _range([legs[name].rate / legs[measure].rate for legs in self.rounds], 3)

    def _by_processor(self, name: str) -> float:
        """Return the part of hello's rate per second that the serving process ran.

        What others took of its core hardly matters here.
        """
        pace = {
            line: median(legs[line].rate / max(legs[line].server, 0.01) for legs in self.rounds)
            for line in (name, "hello")
        }
        return round(pace[name] / pace["hello"], 3)

    def _line(self, name: str) -> dict[str, Any]:
        legs = [legs[name] for legs in self.rounds]
        hellos = [legs["hello"] for legs in self.rounds]
        tails = [
            leg.percentile(99) / hello.percentile(99)
            for leg, hello in zip(legs, hellos, strict=True)
        ]
        errors: Counter[str] = sum((leg.errors for leg in legs), Counter())
        return {
            "rate": _range([leg.rate for leg in legs], 1),
            "of_hello": self._of("hello", name),
            "of_served": self._of("served", name),
            "of_hello_by_processor": self._by_processor(name),
            **_latencies(legs),
            "p99_of_hello": round(median(tails), 2),
            "errors": errors.total(),
            "error_kinds": dict(errors),
            "server": round(median(leg.server for leg in legs), 2),
            "server_core": round(median(leg.server_core for leg in legs), 2),
            "other_cores": round(median(leg.other_cores for leg in legs), 2),
            "client": round(median(leg.client for leg in legs), 2),
        }


def _range(values: list[float], digits: int) -> dict[str, float]:
    return {
        "median": round(median(values), digits),
        "least": round(min(values), digits),
        "most": round(max(values), digits),
    }


def _latencies(legs: list[Leg], step: str = "") -> dict[str, float]:
    return {
        f"p{percent}_ms": round(median(leg.percentile(percent, step) for leg in legs), 2)
        for percent in (50, 95, 99)
    }


class Casting:
    """Loads that spend codes: prints enough before each, and keeps the books after it."""

    def __init__(self, electorate: Electorate, way: Way, book: Book) -> None:
        self._electorate = electorate
        self._way = way
        self._book = book
        self._fastest: dict[str, float] = {}

    def expect(self, hello: float) -> None:
        """Print for the first loads by the rate of hello."""
        for kind, part in _FIRST_GUESS.items():
            self._fastest.setdefault(kind, hello * part)

    def run(self, kind: str, servers: list[Running], at: frozenset[int] | None = None) -> list[Leg]:
        """Spread a load evenly over servers of one database, and enter what it did."""
        connections = self._way.connections // len(servers)
        plans = [
            Plan(kind, server, connections, self._electorate, self.codes(kind, connections))
            for server in servers
        ]
        return self.drive(plans, at)

    def drive(self, plans: list[Plan], at: frozenset[int] | None = None) -> list[Leg]:
        """Drive loads and enter what they did."""
        before = self._electorate.truth()
        legs = drive(plans, self._way.window, self._way.cores, at or self._way.cores.others)
        self._book.enter(legs, before, self._electorate.truth())
        whole = sum(leg.used for leg in legs) / self._way.window.whole
        self._fastest[plans[0].kind] = max(self._fastest.get(plans[0].kind, 0), whole)
        return legs

    def codes(self, kind: str, connections: int) -> Slice:
        """Print twice as many codes as a load needs at the fastest rate seen, and some."""
        wanted = self._fastest[kind] * self._way.window.whole * _ROOM
        each = int(wanted / self._way.connections) + _ROOM_EACH
        return self._electorate.print(connections, each)


def hello_rate(baseline: Running, way: Way, at: frozenset[int] | None = None) -> float:
    """Return what hello reaches now, which every other load is planned by."""
    plan = Plan("hello", baseline, way.connections)
    return drive([plan], way.window, way.cores, at or way.cores.others)[0].rate


def measure(settings: Settings, way: Way) -> Rates:
    """Measure an empty installation."""
    rates = Rates()
    with (
        an_electorate(settings) as electorate,
        the_baseline(settings.folder, way.cores.server) as baseline,
        the_baseline(settings.folder, way.cores.server, as_served=True) as served,
    ):
        looked_at = electorate.print(way.connections, _READ_EACH)
        electorate.open()
        with the_product(settings, way.cores.server) as product:
            electorate.keep_page(product.port)
            casting = Casting(electorate, way, rates.book)
            servers = {"hello": baseline, "served": served, "form": baseline}
            for number in range(way.rounds):
                legs = _round(way, electorate, looked_at, product, servers, casting)
                rates.rounds.append(legs)
                way.say(f"round {number + 1} of {way.rounds}: {_brief(legs)}")
            rates.memory_mb = memory_mb(product.serving)
            rates.baseline_memory_mb = memory_mb(baseline.serving)
    return rates


def _round(
    way: Way,
    electorate: Electorate,
    looked_at: Slice,
    product: Running,
    servers: Mapping[str, Running],
    casting: Casting,
) -> dict[str, Leg]:
    legs: dict[str, Leg] = {}
    for name in LINES:
        if name in SPENDS:
            casting.expect(legs["hello"].rate)
            (legs[name],) = casting.run(name, [product])
            continue
        plan = Plan(
            _KINDS.get(name, name),
            servers.get(name, product),
            way.connections,
            electorate,
            looked_at,
        )
        (legs[name],) = drive([plan], way.window, way.cores, way.cores.others)
    return {name: leg.require_answers() for name, leg in legs.items()}


def _brief(legs: dict[str, Leg]) -> str:
    hello = legs["hello"].rate
    return ", ".join(
        f"{name} {leg.rate:.0f} ({leg.rate / hello:.2f})" for name, leg in legs.items()
    )
