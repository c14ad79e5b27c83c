"""The recipe for systemd in docs/operations.md, read by systemd itself and held to the product."""

import os
import shutil
import signal
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from ballot.cli.server import LAST_ANSWERS_SECONDS
from ballot.settings import from_environment
from ballot.storage.database import THREADS
from tests.builders import a_place, a_poll
from tests.live import START_SECONDS, Server, a_free_port, plain_environment, until
from tests.operations.front import NAME, end
from tests.operations.front import TITLE as NGINX_TITLE
from tests.operations.recipes import block, replaced

TITLE = "As a service (systemd)"
PROGRAM = "/opt/ballot/.venv/bin/ballot"
STATE = "/var/lib/ballot"
SETTINGS = "/etc/ballot/environment"
WORKER_SECONDS = 5  # `ballot work` gets these after the last answers (cli/server.py)
MOST_EXPOSED = 20  # of 100, by systemd's own judgement; a plain unit has more than 90

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def the_unit() -> ConfigParser:
    """Return the unit, as keys and values with their case."""
    parser = ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(block(TITLE, "systemd"))
    return parser


def settings_told() -> dict[str, str]:
    lines = block(TITLE, "ini").splitlines()
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


@pytest.fixture
def unit_file(tmp_path: Path) -> Path:
    """Give the unit in a file, with a program that is here instead of the one installed."""
    program = tmp_path / "ballot"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    file = tmp_path / "ballot.service"
    file.write_text(replaced(block(TITLE, "systemd"), {PROGRAM: str(program)}))
    return file


def systemd_says(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | {"SYSTEMD_COLORS": "0"},
    )


@needs_systemd
def test_systemd_finds_no_fault_in_the_unit(unit_file):
    done = systemd_says("verify", "--recursive-errors=no", unit_file)

    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if "ballot" in line] == []


@needs_systemd
def test_systemd_would_name_a_misspelt_line(unit_file):
    unit_file.write_text(unit_file.read_text().replace("KillMode=mixed", "KillMode=mixd"))

    assert "mixd" in systemd_says("verify", unit_file).stderr


@needs_systemd
def test_systemd_judges_the_unit_to_be_closed_up(unit_file):
    threshold = f"--threshold={MOST_EXPOSED}"

    done = systemd_says("security", "--offline=true", "--no-pager", threshold, unit_file)

    assert done.returncode == 0, done.stdout


def test_systemd_waits_for_the_last_answers_and_asks_the_main_process_alone():
    """A serving process that is asked by systemd and by its parent would be asked twice."""
    service = the_unit()["Service"]

    assert int(service["TimeoutStopSec"]) > LAST_ANSWERS_SECONDS + WORKER_SECONDS
    assert service["KillMode"] == "mixed"
    assert "KillSignal" not in service, "SIGTERM, which the main process takes as a wish to end"
    assert (service["Restart"], the_unit()["Unit"]["StartLimitIntervalSec"]) == ("always", "0")


def test_votes_in_memory_reach_no_disk_and_files_are_for_the_service_only():
    service = the_unit()["Service"]

    assert (service["LimitCORE"], service["MemorySwapMax"]) == ("0", "0")
    assert (service["StateDirectoryMode"], service["UMask"]) == ("0700", "0077")
    assert settings_told()["BALLOT_FOLDER"] == f"/var/lib/{service['StateDirectory']}" == STATE
    assert int(service["LimitNOFILE"]) > 4 * 2048 + THREADS, "nginx's connections, and the files"


def test_the_recipes_for_systemd_and_nginx_fit_together():
    command = the_unit()["Service"]["ExecStart"].split()

    port = command[command.index("--port") + 1]
    assert f"server 127.0.0.1:{port};" in block(NGINX_TITLE, "nginx")
    assert "--host" not in command
    assert settings_told()["BALLOT_PUBLIC_URL"] == f"https://{NAME}"


@pytest.mark.slow
def test_the_units_command_with_its_settings_serves_and_ends_when_its_main_process_is_asked(
    tmp_path,
):
    service, port = the_unit()["Service"], a_free_port()
    command = replaced(service["ExecStart"], {PROGRAM: "-m ballot", "8000": str(port)})
    state = tmp_path / service["StateDirectory"]
    state.mkdir(mode=int(service["StateDirectoryMode"], 8))
    environ = plain_environment() | settings_told() | {"BALLOT_FOLDER": str(state)}
    log = tmp_path / "journal"
    with log.open("wb") as journal:
        process = subprocess.Popen(
            [sys.executable, *command.split()],
            cwd=state,
            env=environ,
            umask=int(service["UMask"], 8),
            stdout=journal,
            stderr=journal,
            start_new_session=True,
        )
    server = Server(process, environ, port, log)
    try:
        until(server.answers, seconds=START_SECONDS, what=f"it answers:\n{server.output}")
        assert f"https://{NAME}" in server.output
        assert [f.name for f in state.iterdir() if f.stat().st_mode & 0o077] == []

        os.kill(process.pid, signal.SIGTERM)

        assert process.wait(int(service["TimeoutStopSec"])) == 0
        assert server.processes() == {}
    finally:
        end(process)


def test_the_wrapper_for_commands_sees_the_services_settings(tmp_path):
    """The change of user is left out here: it needs root and the account."""
    folder = tmp_path / "state"
    with a_place(from_environment({"BALLOT_FOLDER": str(folder)})) as place:
        a_poll(place)
    (tmp_path / "environment").write_text(
        replaced(block(TITLE, "ini"), {STATE: str(folder)}), "utf-8"
    )
    wrapper = tmp_path / "ballot"
    changes = {
        SETTINGS: str(tmp_path / "environment"),
        "setpriv --reuid=ballot --regid=ballot --init-groups ": "",
        PROGRAM: f"{sys.executable} -m ballot",
    }
    wrapper.write_text(replaced(block(TITLE, "bash"), changes))
    wrapper.chmod(0o755)

    done = subprocess.run(
        [wrapper, "poll", "list", "--format", "csv"],
        cwd=tmp_path,
        env=plain_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "白马村2023年度村述村评" in done.stdout
