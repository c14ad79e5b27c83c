"""`ballot cycle ballots`: everything a cycle still needs, in one file."""

import csv

from tests.cli.test_polls import Shell, sqlite_shell

__all__ = ["sqlite_shell"]


def test_all_missing_slips_of_a_cycle_go_into_one_file_and_then_none_is_missing(
    sqlite_shell: Shell,
):
    printed = sqlite_shell.a_poll()
    missing = sqlite_shell.answer("poll", "copy", printed)
    sqlite_shell.answer("poll", "ballots", printed, "--links")
    file = sqlite_shell.folder / "slips.csv"

    told = sqlite_shell.run("cycle", "ballots", "1", "--spares", "1", "--csv", str(file))

    assert told.exit_code == 0, told.stderr
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    planned = sqlite_shell.answer("poll", "ballots", missing, "--links").split()
    spares = [row for row in rows if row["备用"]]
    assert len(rows) - len(spares) == len(planned)
    assert {row["类别"] for row in spares} == {row["类别"] for row in rows}
    assert "票数为 0" in sqlite_shell.refusal("cycle", "ballots", "1", "--pdf", str(file))
