"""`ballot reported`: percentages that somebody printed."""

import csv
import io
import json

from click.testing import CliRunner

from ballot.cli.reported import reported_command


def run(*arguments):
    return CliRunner().invoke(reported_command, arguments)


def test_the_counts_behind_percentages_are_printed():
    result = run("28", "71.43%", "25.00", "3.57%", "--format", "json")

    assert result.exit_code == 0, result.stderr
    assert [row["counts"] for row in json.loads(result.stdout)] == ["20", "7", "1"]
    assert json.loads(result.stdout)[0] == {
        "percent": "71.43", "base": 28, "counts": "20", "rounding": "half-up", "note": None,
    }  # fmt: skip


def test_an_impossible_percentage_ends_with_its_neighbours_on_stderr():
    result = run("24", "98%")

    assert result.exit_code == 1
    assert result.stdout == ""
    assert "23/24 = 96%、24/24 = 100%" in result.stderr


def test_percentages_that_leave_ballots_over_are_refused_unless_they_are_a_part():
    assert run("10", "30", "30", "30").exit_code == 1
    result = run("10", "30", "30", "30", "--part", "--format", "csv")

    assert result.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["counts"] for row in rows] == ["3", "3", "3"]


def test_another_rounding_is_noted():
    assert "只舍不入，不是四舍五入" in run("28", "89.28").stdout


def test_what_is_no_percentage_is_a_usage_error():
    assert run("28", "many").exit_code == 2
    assert run("0", "50").exit_code == 2
