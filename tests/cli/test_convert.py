"""`ballot convert`: the contract of the command line."""

import csv
import io
import json
from pathlib import Path

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result

from ballot.cli.scoring import convert
from tests.live import ROOT

GOOD = "对象,好,较好,一般,差\n白马村,20,7,3,0\n青龙村,20,6,3,0\n"
PEER_REVIEW = [
    "--scheme", "street-2023", "--kind", "village", "--component", "village-peer-review",
]  # fmt: skip
PLAIN = ["--scale", "four-level", "--conversion", "bands"]


def run(folder: Path, text: str, *options: str) -> Result:
    path = folder / "counts.csv"
    path.write_text(text, encoding="utf-8")
    return CliRunner().invoke(convert, [str(path), *options])


def printed(folder, text, *options):
    result = run(folder, text, "--format", "json", *options)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    return json.loads(result.stdout)


def test_json_has_the_keys_of_the_contract(tmp_path):
    rows = printed(tmp_path, GOOD, *PEER_REVIEW)

    assert list(rows[0]) == [
        "subject", "valid", "approving", "base", "ratio", "percent", "levels", "score", "points",
        "derivation", "note",
    ]  # fmt: skip
    first, second = rows
    assert (first["ratio"], first["percent"]) == ("27/30", "90.00")
    assert (first["score"], first["points"]) == ("90", "4.50")
    assert first["levels"]["好"] == {"count": 20, "percent": "66.67"}
    assert (second["percent"], second["score"], second["points"]) == ("89.66", "80", "4.00")


def test_groups_are_pooled_into_one_object(tmp_path):
    text = "subject,group,好,较好,一般,差\n村,甲,40,0,0,0\n村,乙,0,14,5,1\n"

    [row] = printed(tmp_path, text, *PEER_REVIEW)

    assert (row["ratio"], row["points"]) == ("54/60", "4.50")


def test_bands_without_a_scheme_are_out_of_100(tmp_path):
    rows = printed(tmp_path, GOOD, *PLAIN)

    assert [row["points"] for row in rows] == ["90.00", "80.00"]


def test_full_marks_are_read_exactly(tmp_path):
    rows = printed(tmp_path, GOOD, *PLAIN, "--full-marks", "0.5")

    assert [row["points"] for row in rows] == ["0.45", "0.40"]


@pytest.mark.parametrize(
    ("scale", "conversion", "score", "base"),
    [
        ("four-level", "level-mean", "70", "opinions"),
        ("four-level", "approval-ratio", "45.45", "valid"),
    ],
)
def test_other_conversions_have_their_own_base(tmp_path, scale, conversion, score, base):
    text = "对象,好,较好,一般,差,弃权\n村,4,1,3,2,1\n".replace("4,1,3,2", "3,2,4,1")

    [row] = printed(tmp_path, text, "--scale", scale, "--conversion", conversion)

    assert (row["score"], row["base"]) == (score, base)


def test_an_empty_base_has_no_result(tmp_path):
    [row] = printed(tmp_path, "对象,好,较好,一般,差\n村,0,0,0,0\n", *PEER_REVIEW)

    assert (row["score"], row["points"]) == (None, None)
    assert row["note"] == "基数（有效票）为 0，没有结果"


def test_the_base_can_be_chosen(tmp_path):
    text = "对象,发出,好,较好,一般,差\n村,40,27,0,3,0\n"

    [row] = printed(tmp_path, text, *PEER_REVIEW, "--base", "issued")

    assert (row["base"], row["ratio"], row["points"]) == ("issued", "27/40", "3.00")


def test_a_base_that_is_not_the_schemes_is_told_as_such_rule_3(tmp_path):
    text = "对象,收回,发出,好,较好,一般,差\n村,30,40,27,0,3,0\n"
    chosen = "口径：本次另定以发出票为基数，方案所定的是有效票"

    [on_issued] = printed(tmp_path, text, *PEER_REVIEW, "--base", "issued")
    [on_its_own] = printed(tmp_path, text, *PEER_REVIEW, "--base", "valid")
    [without_a_scheme] = printed(tmp_path, text, *PLAIN, "--base", "issued")

    assert on_issued["derivation"][-1] == chosen
    assert on_its_own == printed(tmp_path, text, *PEER_REVIEW)[0]
    assert not any("另定" in line for line in without_a_scheme["derivation"])


def test_the_table_names_its_base_and_tells_every_step(tmp_path):
    result = run(tmp_path, GOOD, *PEER_REVIEW)

    assert "占有效票%" in result.stdout
    assert "27/30 = 90.00% ≥ 90% → 90 分 × 0.05 = 4.50 分" in result.stdout


def test_csv_is_for_other_programs(tmp_path):
    result = run(tmp_path, GOOD, *PEER_REVIEW, "--format", "csv")

    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["subject"], row["好"], row["points"], row["base"]) for row in rows] == [
        ("白马村", "20", "4.50", "valid"),
        ("青龙村", "20", "4.00", "valid"),
    ]
    assert "27/30" in rows[0]["derivation"]


@pytest.mark.parametrize(
    ("text", "options", "place"),
    [
        (GOOD.replace("20,7", "20,-7"), PLAIN, "第 2 行“较好”"),
        (GOOD.replace(",差", ",坏"), PLAIN, "第 1 行“坏”"),
        (GOOD, [*PLAIN, "--base", "eligible"], "第 1 行“eligible”"),
        (GOOD, ["--scheme", "nope", "--kind", "a", "--component", "b"], "没有考核方案“nope”"),
        (GOOD, [*PEER_REVIEW[:2], "--kind", "a", "--component", "b"], "没有类别“a”"),
        (GOOD, [*PEER_REVIEW[:4], "--component", "base-work"], "不由投票产生"),
    ],
)
def test_an_expected_error_is_a_line_on_stderr_and_exit_code_1(tmp_path, text, options, place):
    result = run(tmp_path, text, *options)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert place in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--scheme", "street-2023"],
        ["--scale", "four-level"],
        [*PEER_REVIEW, *PLAIN],
        [*PEER_REVIEW, "--full-marks", "5"],
        [*PLAIN, "--full-marks", "0"],
        [*PLAIN, "--full-marks", "x"],
        [*PLAIN, "--base", "all"],
        [*PLAIN, "--scale", "five-level"],
        [*PLAIN, "--format", "xml"],
    ],
)
def test_a_wrong_use_has_exit_code_2(tmp_path, options):
    result = run(tmp_path, GOOD, *options)

    assert result.exit_code == 2
    assert result.stdout == ""


def test_a_file_that_is_not_there_is_a_wrong_use(tmp_path):
    assert CliRunner().invoke(convert, [str(tmp_path / "no.csv"), *PLAIN]).exit_code == 2


MARKS = "subject,mark,ballots\n甲,90,3\n甲,100,1\n甲,10,1\n乙,80,4\n乙,弃权,1\n"
ON_MARKS = ["--scale", "marks", "--conversion", "mean-mark"]


def test_marks_become_their_mean_with_the_top_and_bottom_dropped(tmp_path):
    rows = printed(tmp_path, MARKS, *ON_MARKS, "--drop-top", "1", "--drop-bottom", "20%")

    assert [row["score"] for row in rows] == ["90", "80"]
    assert rows[0]["marks"] == {
        "opinions": 5, "mean": "76.00", "lowest": 10, "highest": 100,
        "counts": {"100": 1, "90": 3, "10": 1},
    }  # fmt: skip
    plain = printed(tmp_path, MARKS, *ON_MARKS, "--drop-top", "1", "--only-above", "5")
    assert [row["score"] for row in plain] == ["76", "80"]


def test_subjects_are_marked_by_rank_among_each_other(tmp_path):
    rank = ["--conversion", "rank-marks"]

    marks = printed(tmp_path, MARKS, "--scale", "marks", *rank)
    levels = printed(tmp_path, GOOD, "--scale", "four-level", *rank, "--by", "approval-ratio")

    assert [row["score"] for row in marks] == ["50", "100"]
    assert [row["score"] for row in levels] == ["100", "50"]


def test_a_table_of_marks_shows_their_spread(tmp_path):
    result = run(tmp_path, MARKS, *ON_MARKS)

    assert all(word in result.stdout for word in ("表态票", "最低分", "最高分", "76.00"))
    assert "认可票" not in result.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--scale", "four-level", "--conversion", "bands", "--drop-top", "1"], "mean-mark"),
        ([*ON_MARKS, "--by", "level-mean"], "rank-marks"),
        ([*ON_MARKS, "--drop-top", "100%"], "须是票数"),
        ([*PEER_REVIEW, "--drop-top", "1"], "二者取一"),
    ],
)
def test_options_that_do_not_belong_together_are_wrong_usage(tmp_path, options, message):
    result = run(tmp_path, MARKS, *options)

    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "options",
    [["--scale", "four-level", "--conversion", "mean-mark"], [*ON_MARKS, "--base", "valid"]],
)
def test_marks_and_levels_do_not_mix(tmp_path, options):
    result = run(tmp_path, MARKS, *options)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "折算规则不合规" in result.stderr


SCHEMA = json.loads((ROOT / "docs/schemas/converted.schema.json").read_text("utf-8"))
EMPTY = "对象,好,较好,一般,差,弃权\n空,0,0,0,0,0\n"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (GOOD, PEER_REVIEW),
        (EMPTY, PEER_REVIEW),
        (GOOD, ["--scale", "four-level", "--conversion", "level-mean"]),
        (MARKS, ON_MARKS),
        ("subject,mark\n空,弃权\n", ON_MARKS),
        (MARKS, ["--scale", "marks", "--conversion", "rank-marks"]),
    ],
)
def test_what_is_printed_has_the_published_form(tmp_path, text, options):
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(printed(tmp_path, text, *options))


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.pop("note"),
        lambda row: row.update(points=4.5),
        lambda row: row.update(points=None),
        lambda row: row.update(extra=1),
        lambda row: row.update(ratio="27:30"),
        lambda row: row["levels"]["好"].update(percent="66.7"),
        lambda row: row.update(marks=None),
        lambda row: row.update(approving=None),
    ],
)
def test_the_published_form_says_more_than_that_it_is_json(tmp_path, change):
    rows = printed(tmp_path, GOOD, *PEER_REVIEW)

    change(rows[0])

    assert not jsonschema_rs.Draft202012Validator(SCHEMA).is_valid(rows)


def test_an_item_with_a_ballot_of_its_own_is_converted_by_its_key(tmp_path):
    # 90 x 2 + 85 + 81 = 346 of 4 opinions: 86.50 of 100
    path = tmp_path / "marks.csv"
    path.write_text("对象,分数,票数\n甲科,90,2\n甲科,85,1\n甲科,81,1\n", encoding="utf-8")
    options = ["--scheme", "department-2012", "--kind", "department", "--format", "json"]

    for key in ("review", "review.half-year", "review.year-end"):
        result = CliRunner().invoke(convert, [str(path), *options, "--component", key])
        assert result.exit_code == 0, result.stderr
        assert json.loads(result.stdout)[0]["points"] == "86.50"


def test_an_item_without_a_ballot_is_no_component_to_convert(tmp_path):
    path = tmp_path / "marks.csv"
    path.write_text("对象,分数\n甲科,90\n", encoding="utf-8")
    options = ["--scheme", "municipal", "--kind", "person", "--component", "goals.business"]

    result = CliRunner().invoke(convert, [str(path), *options])

    assert (result.exit_code, result.stdout) == (1, "")
    assert "没有考核项“goals.business”，现有：ballot、goals" in result.stderr
