"""Load: wrk against a server, every answer checked, every latency kept."""

import math
import os
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.bench.electorate import Electorate, Slice
from scripts.bench.machine import Cores, busy_seconds, pinned, worked_seconds
from scripts.bench.serving import Running

_HERE = Path(__file__).parent
_CLIENT = _HERE / "client.lua"
_LOOKS = frozenset({"page", "visit"})
_START_SECONDS = 0.4  # wrk starts its threads and connects
_LAST_ANSWERS_SECONDS = 30
_LOOK_EVERY_SECONDS = 0.1


@dataclass(frozen=True)
class Window:
    """How long a load lasts: answers in `seconds` count, those of the warm-up before do not."""

    seconds: float
    warm_up: float

    @property
    def whole(self) -> float:
        """Return for how long requests are sent, in seconds."""
        return self.seconds + self.warm_up


@dataclass(frozen=True)
class Plan:
    """A load of one kind (`client.lua` lists them) on one server.

    `other_nonce`: casts carry the nonce on file backwards, so that they are somebody else's.
    """

    kind: str
    server: Running
    connections: int
    electorate: Electorate | None = None
    codes: Slice | None = None
    other_nonce: bool = False


@dataclass
class Leg:
    """What a load found. Latencies are in microseconds, by step, sorted.

    `acknowledged`: casts answered with "counted", in the warm-up too. `client`, `server`: how busy
    wrk and the serving process kept a core; `server_core`, `other_cores`: how busy those cores
    were, whoever used them. 1 is all the time.
    """

    kind: str
    rate: float = 0.0
    acknowledged: int = 0
    used: int = 0
    latencies: dict[str, list[int]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    client: float = 0.0
    server: float = 0.0
    server_core: float = 0.0
    other_cores: float = 0.0

    def percentile(self, percent: int, step: str = "") -> float:
        """Return the latency that so many percent of the answers did not exceed, in ms."""
        latencies = self.latencies.get(step or self.kind, [])
        if not latencies:
            return math.nan
        return latencies[max(0, math.ceil(len(latencies) * percent / 100) - 1)] / 1000

    @property
    def cost(self) -> float:
        """Return for how many seconds the serving process worked for each right answer."""
        return self.server / self.rate

    def require_answers(self) -> "Leg":
        """Return the leg, which can be compared with others.

        Raises: RuntimeError if not one answer was right.
        """
        if not self.rate:
            raise RuntimeError(f"{self.kind}: not one right answer: {dict(self.errors)}")
        return self


def drive(plans: Sequence[Plan], window: Window, cores: Cores, at: frozenset[int]) -> list[Leg]:
    """Load servers, all plans at the same time, with wrk on the cores `at`."""
    begin = time.monotonic() + _START_SECONDS + window.warm_up
    with tempfile.TemporaryDirectory(prefix="bench-reports-") as folder, pinned(at):
        clients = [
            _Client(plan, Path(folder) / str(number), begin, window)
            for number, plan in enumerate(plans)
        ]
        time.sleep(max(0, begin - time.monotonic()))
        before = _worked(plans, cores)
        _wait(begin + window.seconds, clients)
        after = _worked(plans, cores)
        legs = [client.leg() for client in clients]
    shares = [(end - start) / window.seconds for start, end in zip(before, after, strict=True)]
    for leg, share in zip(legs, shares[2:], strict=True):
        leg.server = share
        leg.server_core = shares[0] / len(cores.server)
        leg.other_cores = shares[1] / len(cores.others)
    return legs


def _wait(until: float, clients: Sequence["_Client"]) -> None:
    """Wait for a moment, or less if no connection has anything left to ask."""
    while (left := until - time.monotonic()) > 0 and not all(c.is_over() for c in clients):
        time.sleep(min(left, _LOOK_EVERY_SECONDS))


def _worked(plans: Sequence[Plan], cores: Cores) -> list[float]:
    """Return how long the server's core, the others, and each serving process have worked."""
    return [
        busy_seconds(cores.server),
        busy_seconds(cores.others),
        *(worked_seconds(plan.server.serving) for plan in plans),
    ]


class _Client:
    """One wrk at work."""

    def __init__(self, plan: Plan, reports: Path, begin: float, window: Window) -> None:
        self._plan = plan
        self._window = window
        self._reports = reports
        self._deadline = begin + window.seconds + _LAST_ANSWERS_SECONDS
        reports.mkdir()
        given = {
            "kind": plan.kind,
            "reports": reports,
            "begin": f"{begin:.6f}",
            "finish": f"{begin + window.seconds:.6f}",
            "choices": "&".join(f"c{number}=1" for number in range(10)),
            "nonce": "backwards" if plan.other_nonce else "on file",
        }
        if plan.electorate and plan.codes:
            given |= {
                "choices": plan.electorate.choices,
                "records": plan.electorate.codes,
                "first": plan.codes.first,
                "each": plan.codes.each,
            }
        if plan.electorate and plan.kind in _LOOKS:
            given["page"] = plan.electorate.page
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            [
                *("wrk", f"-t{plan.connections}", f"-c{plan.connections}", "--timeout", "60s"),
                *(f"-d{math.ceil(window.whole) + 600}s", "-s", str(_CLIENT)),
                *(f"{plan.server.url}/", "--"),
                *(f"{name}={value}" for name, value in given.items()),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def leg(self) -> Leg:
        """Wait until every connection had its last answer, and return what they report."""
        while not self.is_over() and time.monotonic() < self._deadline:
            time.sleep(0.02)
        os.kill(self._process.pid, signal.SIGINT)
        assert self._process.stdout
        with self._process.stdout:
            said = self._process.stdout.read()
        _, status, used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        lasted = time.monotonic() - self._began
        leg = Leg(self._plan.kind, client=(used.ru_utime + used.ru_stime) / lasted)
        counted = sum(_read_report(path, leg) for path in self._finished())
        leg.rate = counted / self._window.seconds
        for latencies in leg.latencies.values():
            latencies.sort()
        leg.errors += _socket_errors(said)
        silent = self._plan.connections - len(self._finished())
        if silent:
            leg.errors[f"no last answer; wrk said: {said.strip()[-300:]}"] += silent
        return leg

    def is_over(self) -> bool:
        """Tell whether every connection has reported, or wrk ended by itself.

        Its figures stay to be read by `wait4`.
        """
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return (
            len(self._finished()) == self._plan.connections
            or os.waitid(os.P_PID, self._process.pid, options) is not None
        )

    def _finished(self) -> list[Path]:
        return [path for path in self._reports.iterdir() if not path.suffix]


def _read_report(path: Path, leg: Leg) -> int:
    """Add one connection's report to a leg, and return how much it counted."""
    counted = 0
    for line in path.read_text("utf-8").splitlines():
        name, *values = line.split("\t")
        if name == "counted":
            counted = int(values[0])
        elif name == "acknowledged":
            leg.acknowledged += int(values[0])
        elif name == "used":
            leg.used += int(values[0])
        elif name == "error":
            leg.errors[values[0]] += int(values[1])
        elif name == "latency":
            leg.latencies.setdefault(values[0], []).extend(map(int, values[1].split()))
        elif name == "ending" and values[0] != "time":
            leg.errors[values[0]] += 1
    return counted


def _socket_errors(said: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in said.splitlines():
        if line.strip().startswith("Socket errors:"):
            for part in line.partition(":")[2].split(","):
                what, number = part.split()
                found[f"socket: {what}"] += int(number)
    return +found


class Watchers:
    """Connections that ask for a page again and again, about every two seconds each."""

    def __init__(self, url: str, token: str, number: int, at: frozenset[int]) -> None:
        with pinned(at):
            self._process = subprocess.Popen(
                [
                    *("wrk", "-t2", f"-c{number}", "-d3600s", "--timeout", "60s"),
                    *("-s", str(_HERE / "watch.lua"), url, "--", f"token={token}"),
                ],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def end(self) -> tuple[int, int]:
        """Send them home, and return how often they asked, and how often in vain."""
        self._process.send_signal(signal.SIGINT)
        said, _ = self._process.communicate(timeout=60)
        for line in said.splitlines():
            name, *values = line.split("\t")
            if name == "watched":
                return int(values[0]), int(values[1])
        raise RuntimeError(f"the watchers said: {said}")
