"""`ballot convert` where the scheme's component weights its voter groups (rules 12 and 13)."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ballot.cli.schemes import schemes
from ballot.cli.scoring import convert

SCHEME = """
title = "三类票"
[rules.bands]
scale = "four-level"
conversion = "bands"
bands = [{ at-least = "90%", score = 90 }, { at-least = "80%", score = 80 }]
otherwise = 40
combine = "ratios"
[kinds.unit]
title = "单位"
full = 100
[[kinds.unit.components]]
key = "review"
title = "测评"
full = 100
source = "ballot"
rule = "bands"
groups = { "A票" = "0.4", "B票" = "0.3", "C票" = "0.3" }
"""
# 0.4 × 18/20 + 0.3 × 17/20 + 0.3 × 19/20 = 0.36 + 0.255 + 0.285 = exactly 90 %.
VOTES = """对象,类别,好,较好,一般,差
财政所,A票,18,0,2,0
财政所,B票,17,0,3,0
财政所,C票,19,0,1,0
"""


def converted(folder: Path, scheme: str, votes: str) -> Result:
    (folder / "scheme.toml").write_text(scheme, encoding="utf-8")
    (folder / "votes.csv").write_text(votes, encoding="utf-8")
    words = ["--scheme", str(folder / "scheme.toml"), "--kind", "unit", "--component", "review"]
    return CliRunner().invoke(convert, [str(folder / "votes.csv"), *words, "--format", "json"])


def checked(folder: Path, scheme: str) -> Result:
    (folder / "scheme.toml").write_text(scheme, encoding="utf-8")
    return CliRunner().invoke(schemes, ["check", str(folder / "scheme.toml")])


def test_weights_of_the_component_are_exact(tmp_path):
    result = converted(tmp_path, SCHEME, VOTES)

    [row] = json.loads(result.stdout)
    assert (row["percent"], row["score"], row["points"]) == ("90.00", "90", "90.00")
    assert row["ratio"] == "54/60"


def test_without_weights_the_same_file_is_pooled(tmp_path):
    pooled = "\n".join(line for line in SCHEME.splitlines() if not line.startswith("groups"))

    [row] = json.loads(converted(tmp_path, pooled, VOTES).stdout)

    assert (row["ratio"], row["points"]) == ("54/60", "90.00")
    assert not any("0.4" in line for line in row["derivation"])


def test_a_group_that_nobody_weighted_is_named(tmp_path):
    result = converted(tmp_path, SCHEME, VOTES.replace("C票", "D票"))

    assert result.exit_code == 1
    assert result.stdout == ""
    assert "“财政所”的类别“D票”没有权重；有权重的类别：A票、B票、C票" in result.stderr


def test_a_weighted_group_without_a_row_leaves_no_result(tmp_path):
    two = "".join(line for line in VOTES.splitlines(keepends=True) if "C票" not in line)

    [row] = json.loads(converted(tmp_path, SCHEME, two).stdout)

    assert row["points"] is None
    assert "C票" in row["note"]


@pytest.mark.parametrize(
    ("groups", "problem"),
    [
        ('groups = { "A票" = "0.4", "B票" = "0.3" }', "合计为 1，现合计为 0.7"),
        ('groups = { "A票" = "1.4" }', "不超过 1 的比例"),
        ('groups = "A票"', "须是表"),
    ],
)
def test_wrong_weights_are_named_with_their_key(tmp_path, groups, problem):
    result = checked(tmp_path, SCHEME.replace(SCHEME.splitlines()[-1], groups))

    assert result.exit_code == 1
    assert "kinds.unit.components[1].groups" in result.stderr
    assert problem in result.stderr


def test_weights_without_a_ballot_are_refused(tmp_path):
    entered = SCHEME.replace('source = "ballot"\nrule = "bands"', 'source = "entry"')

    assert "只用于有折算规则的考核项" in checked(tmp_path, entered).stderr
