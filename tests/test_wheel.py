"""The wheel: whole, and able to run an assessment from an empty folder."""

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from ballot.settings import from_environment
from tests.builders import VILLAGE_POLL
from tests.live import ROOT, a_server, ballot, environment

UV = ROOT / ".tools" / "bin" / "uv"


def run(*words: str | Path, **environ: str) -> None:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the tree as it is, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    (built,) = folder.glob("*.whl")
    return built


@dataclass(frozen=True)
class Installed:
    """A Python that has the wheel, and an empty folder to work in."""

    python: str
    cwd: Path

    def ballot(self, environ: dict[str, str], *words: str) -> str:
        done = ballot(environ, *words, python=self.python, cwd=self.cwd)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Installed:
    """Install the wheel; what it depends on comes from the environment that runs the tests."""
    venv = tmp_path / "venv"
    run(UV, "venv", "--quiet", "--offline", "--python", sys.executable, venv)
    python = venv / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel)
    (packages,) = venv.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    (tmp_path / "empty").mkdir()
    return Installed(str(python), tmp_path / "empty")


def test_the_wheel_holds_every_file_of_the_tree(wheel):
    """Hatchling drops files that git ignores without a word, so the tree itself is compared."""
    wanted = {
        ("" if folder == "ballot" else "ballot/") + str(file.relative_to(ROOT))
        for folder in ("ballot", "templates", "static")
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }

    held = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert sorted(wanted - held) == []
    assert sorted(held - wanted) == []
    for part in (
        "ballot/templates/voter/ballot.html",
        "ballot/static/voter.css",
        "ballot/scoring/presets/street-2023.toml",
        "ballot/translations/en/LC_MESSAGES/messages.mo",
        "ballot/storage/migrations/versions/m0001_first.py",
        "ballot/storage/migrations/env.py",
    ):
        assert part in held


def test_the_installed_wheel_runs_a_poll_from_an_empty_folder(installed, tmp_path):
    settings = from_environment({"BALLOT_FOLDER": str(tmp_path / "var")})
    environ = environment(settings)
    (installed.cwd / "poll.toml").write_text(VILLAGE_POLL, encoding="utf-8")

    place = subprocess.check_output(
        [installed.python, "-c", "import ballot; print(ballot.__file__)"],
        cwd=installed.cwd,
        env=environ,
        text=True,
    )
    cycle = installed.ballot(environ, "cycle", "create", "--title", "一", "--scheme", "street-2023")
    poll = installed.ballot(environ, "poll", "create", "poll.toml").strip()
    links = installed.ballot(environ, "poll", "ballots", poll, "--links").split()
    installed.ballot(environ, "poll", "open", poll)
    with a_server(settings, python=installed.python, cwd=installed.cwd) as server:
        code = links[0].rpartition("/B/")[2]
        status, page = server.ask("GET", f"/b/{code}")
        style = page.partition('<link rel="stylesheet" href="')[2].partition('"')[0]
        styled, _ = server.ask("GET", style)
        assert server.vote(code, 0)

    assert Path(place.strip()).is_relative_to(tmp_path / "venv")
    assert (cycle.strip(), len(links)) == ("1", 30)
    assert (status, styled) == (200, 200)
    assert "白马村领导班子" in page
    assert list(installed.cwd.iterdir()) == [installed.cwd / "poll.toml"]
