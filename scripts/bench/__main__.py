"""The command: what to measure, how long, on which databases; a table, and JSON."""

import argparse
import json
import shlex
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from ballot.settings import Settings
from scripts.bench import beside_job, profiling, rates, stored, tables, under_load
from scripts.bench.load import Window
from scripts.bench.machine import Cores, facts, file_system
from scripts.bench.serving import PostgreSQL, a_postgresql, installation

_LOADS = ("rates", "growth", "watchers", "processes", "job")
_STORED = ("tally", "closing", "printing")
_EVERYTHING = (*_LOADS, *_STORED)
_DATABASES = ("sqlite", "postgresql")
_TITLES = {
    "sqlite": "SQLite, WAL, synchronous=FULL",
    "postgresql": "PostgreSQL, default durability",
}
_ABOUT = {
    "rates": "hello, noop form, ballot page, review, cast, visit, in turn",
    "growth": "casting with many ballots in the table against few",
    "watchers": "casting with 200 watchers of the turnout against none",
    "processes": "casting on two servers against one, nothing pinned (PostgreSQL only)",
    "job": "casting while the worker prints 10,000 slips again and again, against casting alone",
    "tally": "tallying against reading the same rows",
    "closing": "writing votes and ballots anew",
    "printing": "`ballot poll ballots --pdf`, start to end (no database to compare: SQLite only)",
}
_QUICK = {"rounds": 3, "seconds": 1.0, "warm_up": 0.3}
_THOROUGH = {"rounds": 7, "seconds": 5.0, "warm_up": 1.0}


def main() -> int:
    """Measure; 0 if nothing was lost, nothing counted twice, and every answer was right."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # lets servers end with this process
    asked = _arguments()
    with tempfile.TemporaryDirectory(
        prefix="bench-", dir=asked.folder, ignore_cleanup_errors=True
    ) as folder:
        return _Run(asked, Path(folder)).all()


class _Run:
    """One run of the command in a folder that is thrown away."""

    def __init__(self, asked: argparse.Namespace, folder: Path) -> None:
        self._asked = asked
        self._folder = folder
        self._numbers = count()
        self._table = sys.stderr if asked.json == "-" else sys.stdout
        self._way = rates.Way(
            window=Window(asked.seconds, asked.warm_up),
            rounds=asked.rounds,
            connections=asked.connections,
            cores=Cores.split(),
            say=self._progress,
        )

    def all(self) -> int:
        """Measure what was asked for, on each database."""
        asked = self._asked
        found: dict[str, Any] = {
            "command": shlex.join(["scripts/bench/run", *sys.argv[1:]]),
            "machine": facts(self._folder) | {"placement": self._way.cores.words()},
            "window": {"seconds": asked.seconds, "warm_up": asked.warm_up},
            "rounds": asked.rounds,
            "connections": asked.connections,
        }
        self._write(_heading(found))
        for kind in asked.databases:
            with self._database(kind) as (new_settings, about):
                found[kind] = about | self._measure(kind, new_settings)
        if asked.json:
            text = json.dumps(found, ensure_ascii=False, indent=2)
            if asked.json == "-":
                print(text)
            else:
                Path(asked.json).write_text(text + "\n", "utf-8")
        return 0 if all(_is_right(found[kind]) for kind in asked.databases) else 1

    @contextmanager
    def _database(self, kind: str) -> Iterator[tuple[Callable[[], Settings], dict[str, Any]]]:
        """Give a maker of empty installations on a kind of database."""
        if kind == "sqlite":
            yield lambda: installation(self._new_folder()), {}
            return
        with a_postgresql(self._folder / "pg", self._way.cores.others) as server:
            yield lambda: self._on(server), {"server": server.facts()}

    def _on(self, server: PostgreSQL) -> Settings:
        return installation(self._new_folder(), server.new_database())

    def _new_folder(self) -> Path:
        return self._folder / str(next(self._numbers))

    def _measure(self, kind: str, new_settings: Callable[[], Settings]) -> dict[str, Any]:
        if self._asked.profile:
            self._write(
                profiling.profile(new_settings(), self._asked.profile, self._asked.requests)
            )
            return {}
        found: dict[str, Any] = {}
        for what in self._asked.what:
            if what == ("printing" if kind == "postgresql" else "processes"):
                continue
            self._write(f"\n{_TITLES[kind]}: {_ABOUT[what]}")
            found[what] = self._one(what, new_settings)
        return found

    def _one(self, what: str, new_settings: Callable[[], Settings]) -> Any:
        asked, way = self._asked, self._way
        found: Any
        if what == "rates":
            found = rates.measure(new_settings(), way).to_json()
            self._write(tables.rates(found))
        elif what in _LOADS:
            if what == "growth":
                found = under_load.growth(new_settings, way, asked.votes)
            elif what == "watchers":
                found = under_load.watching(new_settings, way)
            elif what == "job":
                found = beside_job.working(new_settings, way, asked.slips[0])
            else:
                found = under_load.processes(new_settings, way)
            self._write(tables.compared(found))
        else:
            if what == "tally":
                found = [stored.tallying(new_settings, asked.votes, asked.repeats)]
            elif what == "closing":
                found = stored.closing(new_settings, [asked.votes // part for part in (100, 10, 1)])
            else:
                found = stored.printing(new_settings, asked.slips, asked.repeats)
            self._write(tables.plain(found))
        return found

    def _write(self, text: str) -> None:
        print(text, file=self._table, flush=True)

    def _progress(self, text: str) -> None:
        print(f"[bench] {text}", file=sys.stderr, flush=True)


def _is_right(found: dict[str, Any]) -> bool:
    """Tell whether every answer was right and every acknowledged vote is there, once."""
    books = []
    errors = 0
    for what in _LOADS:
        part = found.get(what)
        if part is None:
            continue
        books += [part["book"]] + ([part["race"]] if "race" in part else [])
        lines = part["lines"].values() if "lines" in part else [part]
        errors += sum(line["errors"] for line in lines) + part.get("failed", 0)
    return errors == 0 and not any(book["lost"] or book["double"] for book in books)


def _heading(found: dict[str, Any]) -> str:
    machine = found["machine"]
    window = found["window"]
    return "\n".join(
        [
            f"$ {found['command']}",
            f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, "
            f"{machine['system']}; {machine['disk']}, a flush takes "
            f"{machine['flush_ms']} ms; "
            f"busy with other things before: {machine['busy_before']:.0%}",
            f"commit {machine['commit']}; Python {machine['python']}, granian "
            f"{machine['granian']}, Flask {machine['flask']}, SQLAlchemy {machine['sqlalchemy']}, "
            f"SQLite {machine['sqlite']}, wrk {machine['wrk']}",
            machine["placement"],
            f"{found['rounds']} rounds of {window['seconds']} s after {window['warm_up']} s of "
            f"warm-up, {found['connections']} keep-alive connections",
        ]
    )


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench/run", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    about = "\n".join(f"{name}: {words}" for name, words in _ABOUT.items())
    parser.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        choices=[*_EVERYTHING, "all", []],
        help=f"{about}\nall: all of it; default: rates",
    )
    parser.add_argument(
        "--quick", action="store_true", help="rates within two minutes; once, not thrice"
    )
    parser.add_argument("--database", choices=[*_DATABASES, "both"])
    parser.add_argument("--json", metavar="FILE", help="write figures as JSON; - is stdout")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of each load that count")
    parser.add_argument("--warm-up", type=float, help="seconds before")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--votes", type=int, default=1_000_000, help="tally, closing, growth")
    parser.add_argument(
        "--slips",
        type=_numbers,
        default=[10_000, 100_000],
        help="printing, such as 10000,100000; job: the first",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()),
        help="where databases lie while they are measured (%(default)s)",
    )
    parser.add_argument("--profile", choices=profiling.KINDS, help="where its time goes, instead")
    parser.add_argument("--requests", type=int, default=2000, help="to profile")
    asked = parser.parse_intermixed_args()
    if file_system(asked.folder) in {"tmpfs", "ramfs"}:
        parser.error(f"{asked.folder} is memory, where nothing is durable; see --folder")
    for name, value in (_QUICK if asked.quick else _THOROUGH).items():
        if getattr(asked, name) is None:
            setattr(asked, name, value)
    asked.repeats = 1 if asked.quick else 3
    asked.what = _EVERYTHING if "all" in asked.what else (asked.what or ["rates"])
    chosen = asked.database or ("sqlite" if asked.profile else "both")
    asked.databases = _DATABASES if chosen == "both" else (chosen,)
    return asked


if __name__ == "__main__":
    sys.exit(main())
