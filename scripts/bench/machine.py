"""The machine: which core does what, how busy the cores are, and what a figure hangs on."""

import os
import platform
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_TICKS = os.sysconf("SC_CLK_TCK")
_FLUSHES = 50


@dataclass(frozen=True)
class Cores:
    """Who runs where: the web server alone on one core; wrk and PostgreSQL on the others."""

    server: frozenset[int]
    others: frozenset[int]

    @classmethod
    def split(cls) -> "Cores":
        """Divide the cores that this process may use; a single one is shared by all."""
        first, *rest = sorted(os.sched_getaffinity(0))
        return cls(frozenset({first}), frozenset(rest or {first}))

    @property
    def every(self) -> frozenset[int]:
        """Return all cores."""
        return self.server | self.others

    def words(self) -> str:
        """Say who runs where."""
        if self.server == self.others:
            return f"everything on the one core {named(self.server)}: no figure is worth much"
        return (
            f"web server on core {named(self.server)}; "
            f"wrk and PostgreSQL on core {named(self.others)}"
        )


def named(cores: frozenset[int]) -> str:
    """Return cores as `taskset -c` takes them."""
    return ",".join(str(core) for core in sorted(cores))


@contextmanager
def pinned(cores: frozenset[int]) -> Iterator[None]:
    """Keep this process on some cores, and what it starts meanwhile for good."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def busy_seconds(cores: frozenset[int]) -> float:
    """Return for how many seconds the cores have worked since the machine started."""
    total = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *ticks = line.split()
        if name.removeprefix("cpu").isdigit() and int(name.removeprefix("cpu")) in cores:
            user, nice, system, _idle, _waiting, interrupts, soft, *_ = map(int, ticks)
            total += user + nice + system + interrupts + soft
    return total / _TICKS


def worked_seconds(pid: int) -> float:
    """Return for how many seconds of processor a process has worked, to the nanosecond.

    Source: clock_getcpuclockid(3); the number is Linux's, `MAKE_PROCESS_CPUCLOCK`.
    """
    return time.clock_gettime((~pid << 3) | 2)


def busy_now(cores: frozenset[int]) -> float:
    """Return how busy the cores are without us, over a second; 1 is all of them all the time."""
    before = busy_seconds(cores)
    time.sleep(1)
    return (busy_seconds(cores) - before) / len(cores)


def memory_mb(pid: int) -> float:
    """Return the most memory that a process has held so far (resident, in MB of 10^6 bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():  # a dead one has no such
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def file_system(folder: Path) -> str:
    """Return the kind of file system that a folder lies on, such as ext4; tmpfs is memory."""
    told = subprocess.run(
        ["stat", "--file-system", "--format=%T", folder], capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def flush_milliseconds(folder: Path) -> float:
    """Return what one small durable write costs here: the median of several, in milliseconds."""
    path = folder / "flush"
    took = []
    with path.open("wb", buffering=0) as file:
        for _ in range(_FLUSHES):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    path.unlink()
    return median(took) * 1000


def facts(folder: Path) -> dict[str, Any]:
    """Return what to tell beside figures."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "disk": file_system(folder),
        "flush_ms": round(flush_milliseconds(folder), 3),
        "busy_before": round(busy_now(frozenset(os.sched_getaffinity(0))), 2),
        "commit": _commit(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "wrk": _wrk(),
        **{name: version(name) for name in ("granian", "flask", "sqlalchemy", "psycopg")},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    """Return the commit that is measured; a `+` says that the tree differs from it."""
    try:
        told = subprocess.run(
            ["git", "describe", "--always", "--dirty=+"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return told.stdout.strip()


def _wrk() -> str:
    told = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    return told.stdout.partition("[")[0].removeprefix("wrk").strip()
