"""The attacker's tools: every byte of the files, and whether two orders have to do with each other.

He finds what he looks for wherever it lies: in rows, in free pages, in the unused space of pages,
in catalogues and logs.
"""

import os
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate, groupby
from math import sqrt
from pathlib import Path
from statistics import correlation
from typing import Any

import numpy as np
from sqlalchemy import text

from tests.builders import Place

PAGE = 4096
_BETWEEN = bytes(32)
_BITS = 22  # of a mark: enough that few strings bear one by chance
_LEAF = 10  # the first byte of a page of a table without row numbers. Source: SQLite, "fileformat2"


def files(place: Place) -> "Haul":
    """Take every file of the data folder; of PostgreSQL's all but its write-ahead log."""
    if place.database.path:
        return Haul(_below(place.database.path.parent, []))
    with place.database.outside_transactions() as connection:
        connection.execute(text("CHECKPOINT"))
        folder = Path(connection.execute(text("SHOW data_directory")).scalar_one())
        own = connection.execute(
            text("SELECT oid FROM pg_database WHERE datname = current_database()")
        ).scalar_one()
    others = [
        path for path in (folder / "base").iterdir() if path.name not in {str(own), "pgsql_tmp"}
    ]
    return Haul(_below(folder, [folder / "pg_wal", *others]))


def _below(folder: Path, without: Collection[Path]) -> dict[str, bytes]:
    """Return the files below a folder; a server's short-lived ones may go meanwhile."""
    found = {}
    for where, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if Path(where, name) not in without]
        for path in (Path(where, name) for name in names):
            with suppress(FileNotFoundError):
                if path.is_file():
                    found[str(path.relative_to(folder))] = path.read_bytes()
    return found


def pieces(wholes: Collection[bytes], length: int) -> set[bytes]:
    """Return every run of `length` bytes in them: half a row is enough for an attacker."""
    return {
        whole[start : start + length]
        for whole in wholes
        for start in range(len(whole) - length + 1)
    }


class Haul:
    """The files that were taken, as one long string: nothing runs on from one into the next."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self.contents = contents
        self.joined = _BETWEEN.join(contents.values())
        self._names = list(contents)
        sizes = [len(data) + len(_BETWEEN) for data in contents.values()]
        self._starts = list(accumulate(sizes, initial=0))

    def name(self, place: int) -> str:
        """Return the file that holds a place."""
        return self._names[bisect_right(self._starts, place) - 1]


class Search:
    """A search for many strings of one length, at least 8 bytes and a multiple of 8."""

    def __init__(self, wanted: Collection[bytes]) -> None:
        self.wanted = frozenset(wanted)
        (self.length,) = {len(each) for each in wanted}
        self._marks = np.zeros(1 << _BITS, bool)
        words = np.frombuffer(b"".join(self.wanted), "<u8").reshape(-1, self.length // 8)
        self._marks[self._mark_of(words[:, 0], words[:, -1])] = True

    def places(self, content: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield where any of the strings lies, in no order."""
        for start in self._candidates(content):
            found = content[start : start + self.length]
            if found in self.wanted:
                yield start, found

    def _mark_of(self, first: Any, last: Any) -> Any:
        """Return a few bits made of the first and the last eight bytes of strings."""
        mixed = first * np.uint64(0x9E3779B97F4A7C15)
        if self.length > 8:
            mixed += last * np.uint64(0xC2B2AE3D27D4EB4F)
        return (mixed >> np.uint64(64 - _BITS)).astype(np.uint32)

    def _candidates(self, content: bytes) -> Iterator[int]:
        """Yield where strings lie that begin and end like wanted ones: few, and all that matter."""
        further = (self.length - 8) // 8
        for shift in range(8):
            words = np.frombuffer(content, "<u8", (len(content) - shift) // 8, shift)
            marks = self._mark_of(words[: len(words) - further], words[further:])
            marked = self._marks.take(marks)
            yield from (np.flatnonzero(marked) * 8 + shift).tolist()

    def counts(self, haul: Haul) -> dict[str, int]:
        """Return how often anything wanted lies in which file; files without it are left out."""
        return dict(Counter(haul.name(place) for place, _ in self.places(haul.joined)))

    def orders(self, haul: Haul) -> list[list[bytes]]:
        """Return the strings as they lie: an order for each copy of all of them in a file."""
        found: dict[str, dict[bytes, list[int]]] = defaultdict(lambda: defaultdict(list))
        for place, each in sorted(self.places(haul.joined)):
            found[haul.name(place)][each].append(place)
        return [
            sorted(places, key=lambda each: places[each][copy])
            for places in found.values()
            if places.keys() == self.wanted
            for copy in range(min(len(at) for at in places.values()))
        ]


def leaves(file: bytes, keys: Collection[bytes]) -> list[int]:
    """Return the pages of an SQLite file that hold rows with these keys, in the keys' order.

    A file that was built anew has them in ascending order; otherwise they tell which page was
    taken into use when. Pages that lead to other pages hold some rows too, and are left out.
    """
    pages = {each: at // PAGE for at, each in Search(keys).places(file)}
    found = [pages[each] for each in sorted(pages)]
    return [page for page in found if file[page * PAGE] == _LEAF]


def related(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Tell whether two orders have to do with each other: Spearman's rank correlation.

    Of independent orders this is true once in ten million times.
    """
    return abs(correlation(_ranks(one), _ranks(other))) > 5.3 / sqrt(len(one))


def _ranks(values: Sequence[Any]) -> list[float]:
    """Return each value's rank, equals sharing the mean of theirs."""
    ranks = [0.0] * len(values)
    first = 0
    places = sorted(range(len(values)), key=lambda place: values[place])
    for _, equal in groupby(places, key=lambda place: values[place]):
        tied = list(equal)
        for place in tied:
            ranks[place] = first + (len(tied) - 1) / 2
        first += len(tied)
    return ranks
