"""The demonstration: the whole assessment, once, as a person starts it."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest

from ballot.demo import figures
from ballot.domain.polls import Phase
from ballot.domain.tallies import tally
from ballot.services import polls
from ballot.settings import from_environment
from ballot.storage import votes
from tests.builders import Place, a_place
from tests.live import a_free_port, environment, processes_of

pytestmark = pytest.mark.slow

SECONDS = 240


@dataclass(frozen=True)
class Played:
    """A finished demonstration: its folder, what it wrote, and what was left running."""

    folder: Path
    code: int
    stdout: str
    stderr: str
    left_running: dict[int, str]

    def row(self, *cells: str) -> bool:
        """Tell whether a table has a row with these cells side by side."""
        return bool(re.search(r"│ *" + r" *│ *".join(map(re.escape, cells)) + r" *│", self.stdout))


def demo(folder: Path, port: int) -> Played:
    settings = from_environment({"BALLOT_FOLDER": str(folder.parent / "elsewhere")})
    where = ("--folder", str(folder), "--port", str(port))
    process = subprocess.Popen(
        [sys.executable, "-m", "ballot", "demo", "--no-serve", *where],
        env=environment(settings, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=SECONDS)
        return Played(folder, process.returncode, stdout, stderr, processes_of(process.pid))
    finally:
        for pid in processes_of(process.pid):
            os.kill(pid, 9)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Play the demonstration once for the tests below."""
    return demo(tmp_path_factory.mktemp("demo") / "demo", a_free_port())


@pytest.fixture
def demo_place(played: Played) -> Iterator[Place]:
    settings = from_environment({"BALLOT_FOLDER": str(played.folder / "data")})
    with a_place(settings) as place:
        place.clock.now = datetime.now(UTC)
        yield place


def test_it_plays_to_its_end_and_leaves_nothing_running(played):
    assert played.code == 0, played.stdout + played.stderr
    assert "演示完成" in played.stdout
    assert played.left_running == {}
    assert "Traceback" not in played.stderr
    assert not (played.folder.parent / "elsewhere").exists(), "it keeps to its own folder"


def test_every_band_occurs_and_27_of_30_is_exactly_90_percent(played):
    assert played.row("白马村", "27/30", "90.00", "90", "4.50")
    assert played.row("青龙村", "26/29", "89.66", "80", "4.00")
    assert played.row("石桥社区", "21/28", "75.00", "70", "3.50")
    assert played.row("财政所", "24/40", "60.00", "60", "12.00")
    assert played.row("司法所", "20/40", "50.00", "40", "8.00")
    assert "好 20 + 较好 7 = 27 票，27/30 = 90.00% ≥ 90% → 90 分 × 0.05 = 4.50 分" in played.stdout


def test_the_standing_follows_from_the_points(played):
    """青龙村 leads by points, but an accident keeps it from 先进."""
    assert "总分：80.12 + 4.00 + 4.00 + 4.20 = 92.32 分" in played.stdout
    assert "总分：78.35 + 4.50 + 4.50 + 4.60 + 0.30 = 92.25 分" in played.stdout
    assert "总分：71.08 + 3.50 + 3.50 + 3.90 − 0.40 = 81.58 分" in played.stdout
    for unit, total, grade in (
        ("青龙村", "92.32", "良好"),
        ("白马村", "92.25", "先进"),
        ("财政所", "79.20", "先进"),
    ):
        assert re.search(rf"│ {unit} .*│ {total} *│ {grade}", played.stdout)


def test_the_slips_and_charts_are_there_and_open(played):
    slips = {path.stem: path for path in (played.folder / "slips").glob("*.pdf")}
    charts = list((played.folder / "charts").glob("*.pdf"))

    assert set(slips) == {Path(planned.file).stem for planned in figures.POLLS}
    assert len(charts) > len(figures.POLLS), "the leaders' ballot has two parts"
    for path in (*slips.values(), *charts):
        document = pypdfium2.PdfDocument(path)
        assert len(document) >= 1
        document.close()


def test_the_stored_votes_are_the_planned_figures(demo_place):
    with demo_place.database.read() as connection:
        stored = {poll.title: poll for poll in polls.every(connection)}
        counted = {
            title: tally(poll.definition, votes.every(connection, poll.id, poll.definition))
            for title, poll in stored.items()
        }

    assert len(stored) == len(figures.POLLS)
    for planned in figures.POLLS:
        (title,) = (title for title in stored if f'title = "{title}"' in planned.text)
        slots = [next(iter(slot.values())) for slot in counted[title].slots]
        assert stored[title].phase is Phase.CERTIFIED
        assert [(*slot.marks, slot.blank) for slot in slots] == list(planned.marks)


def test_no_code_of_a_slip_stands_in_what_it_wrote(played):
    """The slips' files hold them, and nothing else does."""
    assert "/B/" not in played.stdout
    assert not re.search(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}", played.stdout)


def test_a_folder_with_somebody_elses_files_is_refused_untouched(tmp_path):
    (tmp_path / "mine").mkdir()
    file = tmp_path / "mine" / "letter.txt"
    file.write_text("dear Sir")

    refused = demo(tmp_path / "mine", a_free_port())

    assert refused.code == 1
    assert f"文件夹 {tmp_path / 'mine'} 里已有别的内容" in refused.stderr
    assert refused.stdout == ""
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    assert file.read_text() == "dear Sir"


def test_on_a_taken_port_it_says_so_before_it_begins(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = demo(tmp_path / "demo", taken.getsockname()[1])

    assert refused.code == 1
    assert "请换一个端口" in refused.stderr
    assert refused.stdout == ""
    assert not (tmp_path / "demo").exists()
