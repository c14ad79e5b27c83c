"""Casting under circumstances: a large table, watchers, several processes on PostgreSQL."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import Any

from ballot.settings import Settings
from scripts.bench.electorate import Electorate, an_electorate
from scripts.bench.load import Leg, Plan, Watchers
from scripts.bench.machine import worked_seconds
from scripts.bench.rates import Book, Casting, Way, hello_rate
from scripts.bench.serving import Running, the_baseline, the_product
from scripts.bench.stored import add_ballots

NewSettings = Callable[[], Settings]
SMALL = 1000
WATCHERS = 200
_WATCHERS_BEGIN_SECONDS = 3  # each asks at once, and then after 1 to 3 seconds


def growth(new_settings: NewSettings, way: Way, large: int) -> dict[str, Any]:
    """Compare casting with few ballots in the table and with many, in turn."""
    book = Book()
    with ExitStack() as stack:
        pace = hello(new_settings(), way)
        places = {}
        for name, number in (("small", SMALL), ("large", large)):
            electorate, server = place(stack, new_settings(), way)
            add_ballots(electorate.database, electorate.poll.id, number)
            places[name] = number, electorate, server, Casting(electorate, way, book)
            places[name][-1].expect(pace)
        legs: dict[str, list[Leg]] = {"small": [], "large": []}
        for _ in range(way.rounds):
            for name, (_number, _electorate, server, casting) in places.items():
                legs[name] += casting.run("cast", [server])
        rows = {
            name: number + electorate.printed for name, (number, electorate, _, _) in places.items()
        }
    return compared(legs["large"], legs["small"], book) | {"ballots_at_the_end": rows}


def watching(new_settings: NewSettings, way: Way) -> dict[str, Any]:
    """Compare casting with and without watchers of the turnout, in turn."""
    book = Book()
    asked = failed = 0
    with ExitStack() as stack:
        pace = hello(new_settings(), way)
        electorate, server = place(stack, new_settings(), way)
        url = f"{server.url}/api/v1/polls/{electorate.poll.id}/turnout"
        token = electorate.token()
        casting = Casting(electorate, way, book)
        casting.expect(pace)
        watched, alone = [], []
        for _ in range(way.rounds):
            alone += casting.run("cast", [server])
            watchers = Watchers(url, token, WATCHERS, way.cores.others)
            try:
                watched += casting.run("cast", [server])
            finally:
                requests, errors = watchers.end()
            asked, failed = asked + requests, failed + errors
        share = _share_of_watchers(Watchers(url, token, WATCHERS, way.cores.others), server, way)
    return compared(watched, alone, book) | {
        "watchers": WATCHERS,
        "page": "/api/v1/polls/ID/turnout",
        "asked": asked,
        "failed": failed,
        "share_of_core": round(share, 4),
    }


def _share_of_watchers(watchers: Watchers, server: Running, way: Way) -> float:
    """Return how busy watchers alone keep the serving process; 1 is all the time."""
    try:
        time.sleep(way.window.warm_up + _WATCHERS_BEGIN_SECONDS)
        began, before = time.monotonic(), worked_seconds(server.serving)
        time.sleep(way.window.seconds + _WATCHERS_BEGIN_SECONDS)
        return (worked_seconds(server.serving) - before) / (time.monotonic() - began)
    finally:
        watchers.end()


def processes(new_settings: NewSettings, way: Way) -> dict[str, Any]:
    """Compare one and two servers on one database, everything free to run on every core.

    At the end of each round both get the same codes, each with a nonce of its own, at the same
    time: every code has to count once.
    """
    book, race = Book(), Book()
    every = way.cores.every
    with ExitStack() as stack:
        settings = new_settings()
        pace = hello(new_settings(), way)
        electorate = stack.enter_context(an_electorate(settings))
        electorate.print(way.connections, 1)
        electorate.open()
        servers = [stack.enter_context(the_product(settings, every)) for _ in range(2)]
        casting, racing = Casting(electorate, way, book), Casting(electorate, way, race)
        casting.expect(pace)
        racing.expect(pace)
        one, two = [], []
        refused: Counter[str] = Counter()
        for _ in range(way.rounds):
            one.append(casting.run("cast", servers[:1], every))
            two.append(casting.run("cast", servers, every))
            refused += _race(electorate, way, servers, racing)
    return compared(list(map(_sum, two)), list(map(_sum, one)), book) | {
        "processes": 2,
        "race": race.to_json() | {"others": dict(refused)},
    }


def hello(settings: Settings, way: Way) -> float:
    """Return the rate of hello, by which codes are printed; its server ends again."""
    with the_baseline(settings.folder, way.cores.server) as baseline:
        return hello_rate(baseline, way)


def place(stack: ExitStack, settings: Settings, way: Way) -> tuple[Electorate, Running]:
    """Start a server with an open poll."""
    electorate = stack.enter_context(an_electorate(settings))
    electorate.print(way.connections, 1)
    electorate.open()
    return electorate, stack.enter_context(the_product(settings, way.cores.server))


def _race(
    electorate: Electorate, way: Way, servers: list[Running], casting: Casting
) -> Counter[str]:
    """Cast the same codes on two servers at once, and return what the losers were told."""
    connections = way.connections // len(servers)
    codes = casting.codes("cast", connections)
    plans = [
        Plan("cast", server, connections, electorate, codes, other_nonce=place > 0)
        for place, server in enumerate(servers)
    ]
    legs = casting.drive(plans, way.cores.every)
    told: Counter[str] = sum((leg.errors for leg in legs), Counter())
    told.pop("no codes left", 0)  # a connection that hears nothing but refusals is done early
    return told


def compared(those: list[Leg], to: list[Leg], book: Book) -> dict[str, Any]:
    """Compare loads with the ones that ran beside them, pair by pair."""
    pairs = list(zip(those, to, strict=True))
    ratios = [leg.require_answers().rate / other.require_answers().rate for leg, other in pairs]
    by_processor = [leg.cost / other.cost for leg, other in pairs if other.cost]
    errors = sum((leg.errors for leg in [*those, *to]), Counter())
    return {
        "rate": round(median(leg.rate for leg in those), 1),
        "rate_to_compare": round(median(leg.rate for leg in to), 1),
        "ratio": {
            "median": round(median(ratios), 3),
            "least": round(min(ratios), 3),
            "most": round(max(ratios), 3),
        },
        **({"cost_by_processor": round(median(by_processor), 3)} if by_processor else {}),
        "p99_ms": round(median(leg.percentile(99) for leg in those), 2),
        "p99_to_compare_ms": round(median(leg.percentile(99) for leg in to), 2),
        "errors": errors.total(),
        "error_kinds": dict(errors),
        "book": book.to_json(),
    }


def _sum(legs: list[Leg]) -> Leg:
    """Make one leg of loads that ran at the same time."""
    whole = Leg(legs[0].kind, rate=sum(leg.rate for leg in legs))
    for leg in legs:
        whole.errors += leg.errors
        for step, latencies in leg.latencies.items():
            whole.latencies[step] = sorted(whole.latencies.get(step, []) + latencies)
    return whole
