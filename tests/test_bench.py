"""The measuring itself: it runs, checks every answer, its books balance. No time is asserted."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.bench.electorate import an_electorate
from scripts.bench.load import Leg, Plan, Window, drive
from scripts.bench.machine import Cores
from scripts.bench.serving import installation, product_options, the_product
from tests.live import ROOT, plain_environment

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("wrk") is None, reason="no wrk here (apt-get install wrk)"),
]

LINES = ["hello", "served", "form", "page", "review", "cast", "visit"]
BRIEFLY = ["--rounds", "1", "--seconds", "1", "--warm-up", "0.1", "--connections", "8"]


def said(*words: str) -> str:
    """Return what the command writes to stdout; it has to succeed.

    It measures on a disk, wherever the tests' own folders lie.
    """
    environ = plain_environment()
    environ.pop("TMPDIR", None)
    done = subprocess.run(
        [ROOT / "scripts" / "bench" / "run", *words],
        env=environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def found(*words: str) -> dict[str, Any]:
    """Return the figures that the command writes as JSON."""
    figures: dict[str, Any] = json.loads(said(*words, *BRIEFLY, "--json", "-"))
    return figures


def assert_balanced(book: dict[str, int]) -> None:
    """Every acknowledged vote is a marked ballot and a kept vote, and nothing else is there."""
    assert book["acknowledged"] > 0
    assert book == {
        "acknowledged": book["acknowledged"],
        "marked": book["acknowledged"],
        "votes": book["acknowledged"],
        "lost": 0,
        "double": 0,
        "unheard": 0,
    }


def test_the_quick_measurement_checks_every_answer_and_its_books_balance():
    figures = found("--quick")

    assert {"command", "machine", "window", "rounds", "connections"} <= set(figures)
    for database in ("sqlite", "postgresql"):
        rates = figures[database]["rates"]
        assert list(rates["lines"]) == LINES
        for line in rates["lines"].values():
            assert {"of_hello", "of_served", "p50_ms", "p95_ms", "p99_ms", "server"} <= set(line)
            assert line["rate"]["median"] > 0
            assert line["error_kinds"] == {}
        assert rates["memory_mb"] > 0
        assert_balanced(rates["book"])
    assert figures["postgresql"]["server"]["fsync"] == "on"
    assert figures["postgresql"]["server"]["synchronous_commit"] == "on"


def test_two_servers_on_one_postgresql_count_each_code_once():
    figures = found("processes", "--database", "postgresql")

    processes = figures["postgresql"]["processes"]
    assert processes["error_kinds"] == {}
    assert_balanced(processes["book"])
    race = processes["race"]
    assert set(race.pop("others")) <= {"cast: refused as used"}
    assert_balanced(race)


def test_casting_under_circumstances_loses_nothing():
    figures = found("watchers", "growth", "--votes", "2000", "--database", "sqlite")

    watching, growth = figures["sqlite"]["watchers"], figures["sqlite"]["growth"]
    assert watching["asked"] > 0
    assert watching["failed"] == 0
    assert 0 < watching["share_of_core"] < 1
    ballots = growth["ballots_at_the_end"]
    assert ballots["large"] > ballots["small"]
    for part in (watching, growth):
        assert part["error_kinds"] == {}
        assert part["cost_by_processor"] > 0
        assert_balanced(part["book"])


def test_casting_beside_a_job_loses_nothing_and_the_job_goes_on():
    figures = found("job", "--slips", "500")

    for database in ("sqlite", "postgresql"):
        beside = figures[database]["job"]
        assert beside["slips_printed"] > 0
        assert beside["error_kinds"] == {}
        assert beside["ratio"]["median"] > 0
        assert_balanced(beside["book"])


def test_rows_and_slips_are_measured_by_number():
    rows = ("tally", "closing", "--votes", "1000")

    figures = found("--quick", *rows, "printing", "--slips", "100,200")

    for database in ("sqlite", "postgresql"):
        (tally,) = figures[database]["tally"]
        assert (tally["votes"], tally["subjects"]) == (1000, 10)
        assert [line["votes"] for line in figures[database]["closing"]] == [10, 100, 1000]
    printing = figures["sqlite"]["printing"]
    assert [line["slips"] for line in printing] == [100, 200]
    assert all(line["bytes_each"] > 0 and line["memory_mb"] > 0 for line in printing)
    assert all(line["cpu_s"] > 0 for line in printing)
    assert "printing" not in figures["postgresql"]


@pytest.mark.parametrize("kind", ["page", "cast"])
def test_a_profile_tells_where_time_goes(kind):
    told = said("--profile", kind, "--requests", "40")

    assert f"40 requests ({kind};" in told
    assert "functions by own time" in told
    assert ("(cast_all)" in told) is (kind == "cast")


def test_an_answer_that_does_not_count_a_vote_is_an_error_of_the_load(tmp_path: Path):
    connections, each = 4, 5
    cores = Cores.split()
    window = Window(seconds=60, warm_up=0)  # the codes end long before

    with (
        an_electorate(installation(tmp_path / "var")) as electorate,
        the_product(electorate.settings, cores.server) as server,
    ):
        codes = electorate.print(connections, each)
        electorate.open()
        first = cast(Plan("cast", server, connections, electorate, codes), window, cores)
        again = cast(Plan("cast", server, connections, electorate, codes, True), window, cores)
        truth = electorate.truth()

    ended = {"no codes left": connections}
    assert (first.acknowledged, first.errors) == (connections * each, ended)
    assert (again.acknowledged, again.errors) == (
        0,
        {"cast: refused as used": connections * each} | ended,
    )
    assert truth == (connections * each, connections * each)


def cast(plan: Plan, window: Window, cores: Cores) -> Leg:
    """Drive one load."""
    (leg,) = drive([plan], window, cores, cores.others)
    return leg


def test_the_baseline_gets_the_product_s_own_options():
    options = product_options("127.0.0.1", 8000)

    assert options["workers"] == 1
    assert options["address"] == "127.0.0.1"
    assert {"backlog", "interface", "log_access"} <= set(options)
