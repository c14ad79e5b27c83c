"""`kill -9` while slips are printed: they count and are whole, or none of them exists."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import text

from tests.builders import Place, a_poll
from tests.live import ROOT, environment

pytestmark = pytest.mark.slow

SLIPS = 3000
PER_SHEET = 10


@dataclass
class Printing:
    """A running `ballot poll ballots --pdf`."""

    place: Place
    poll: int
    file: Path
    process: subprocess.Popen[bytes]

    @property
    def parts(self) -> list[Path]:
        """Return the working files: what operations.md tells people to look for."""
        return list(self.file.parent.glob(f".{self.file.name}.*.part"))

    def until(self, found: Callable[[], object]) -> None:
        """Wait without a pause, for moments that pass quickly."""
        deadline = time.monotonic() + 60
        while not found():
            assert self.process.poll() is None, "it ended before its moment came"
            assert time.monotonic() < deadline

    def written(self) -> int:
        return sum(part.stat().st_size for part in self.parts)

    def waits_for_the_turn(self) -> bool:
        """Tell whether it has the complete file and asks to write; source: proc(5), locks."""
        lines = Path("/proc/locks").read_text().splitlines()
        return any("->" in line and f" {self.process.pid} " in line for line in lines)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)


def begin(place: Place, poll: int, file: Path) -> Printing:
    words = ("poll", "ballots", str(poll), "--count", str(SLIPS), "--pdf", str(file))
    process = subprocess.Popen(
        [sys.executable, "-m", "ballot", *words],
        env=environment(place.settings),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return Printing(place, poll, file, process)


def slips_that_count(place: Place) -> int:
    with place.database.read() as connection:
        return connection.execute(text("SELECT count(*) FROM ballots")).scalar_one()


def is_whole(file: Path) -> bool:
    document = pypdfium2.PdfDocument(file)
    try:
        return len(document) == SLIPS // PER_SHEET
    finally:
        document.close()


def as_soon_as_the_file_is_begun(printing: Printing) -> None:
    printing.until(lambda: printing.parts)
    printing.kill()


def in_the_middle_of_the_file(printing: Printing) -> None:
    printing.until(lambda: printing.written() > SLIPS * 80)
    printing.kill()


def with_the_file_complete_and_no_slip_taken(printing: Printing) -> None:
    with printing.place.database.write():
        printing.until(printing.waits_for_the_turn)
        assert is_whole(printing.parts[0])
        printing.kill()


def somewhere_around_the_commit(printing: Printing) -> None:
    with printing.place.database.write():
        printing.until(printing.waits_for_the_turn)
    time.sleep(random.uniform(0, 0.15))
    printing.kill()


@pytest.mark.parametrize(
    "moment",
    [
        as_soon_as_the_file_is_begun,
        in_the_middle_of_the_file,
        with_the_file_complete_and_no_slip_taken,
        *[somewhere_around_the_commit] * 2,
    ],
)
def test_killed_while_printing_either_all_slips_count_and_their_file_is_whole_or_none_does(
    sqlite_place, tmp_path, moment
):
    poll = a_poll(sqlite_place).id
    file = tmp_path / "slips.pdf"
    printing = begin(sqlite_place, poll, file)

    moment(printing)

    count = slips_that_count(sqlite_place)
    assert count in ({0, SLIPS} if moment is somewhere_around_the_commit else {0})
    if count == 0:
        assert not file.exists(), "a file under its own name holds slips that count"
    else:
        (whole,) = [file] if file.exists() else printing.parts
        assert is_whole(whole)
    assert len(printing.parts) == (0 if file.exists() else 1)
    assert {path.stat().st_mode & 0o777 for path in printing.parts} <= {0o600}


def test_after_a_killed_printing_the_same_command_prints_and_leaves_the_rest_to_a_person(
    sqlite_place, tmp_path
):
    poll = a_poll(sqlite_place).id
    printing = begin(sqlite_place, poll, tmp_path / "slips.pdf")
    as_soon_as_the_file_is_begun(printing)

    again = begin(sqlite_place, poll, tmp_path / "slips.pdf")

    assert again.process.wait(60) == 0
    assert slips_that_count(sqlite_place) == SLIPS
    assert is_whole(again.file)
    assert len(again.parts) == 1
