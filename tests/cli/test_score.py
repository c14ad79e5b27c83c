"""`ballot score` and `ballot schemes`: the contract of the command line."""

import csv
import io
import json
from importlib.resources import files

import pytest
from click.testing import CliRunner

from ballot.cli.scoring import schemes, score
from ballot.scoring import load_scheme

STREET = ["--scheme", "street-2023", "--kind", "village"]
ENTRIES = """unit,base-work,leaders-review,village-peer-review,street-review
甲村,70,4.5,4,4.75
乙村,80.123,4.5,4.5,4.8
丙村,40,2,2,2
"""


def run(folder, *options, entries=ENTRIES, **more):
    arguments = [str(written(folder, "entries", entries)), *STREET, *options]
    for name, text in more.items():
        arguments += [f"--{name}", str(written(folder, name, text))]
    return CliRunner().invoke(score, arguments)


def written(folder, name, text):
    path = folder / f"{name}.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_json_is_in_rank_order_with_the_keys_of_the_contract(tmp_path):
    result = run(
        tmp_path,
        "--format",
        "json",
        adjustments="unit,rule,times\n甲村,award-province,6\n",
        vetoes="unit,rule,note\n甲村,safety,事故\n",
    )

    assert result.exit_code == 0, result.stderr
    rows = json.loads(result.stdout)
    assert list(rows[0]) == [
        "unit", "total", "rank", "grade", "components", "adjustments", "vetoes", "derivation",
        "note",
    ]  # fmt: skip
    assert [(row["unit"], row["total"], row["rank"], row["grade"]) for row in rows] == [
        ("甲村", "95.25", 1, "良好"),
        ("乙村", "93.92", 2, "先进"),
        ("丙村", "46.00", 3, "不合格"),
    ]
    assert rows[1]["components"]["base-work"] == "80.12"
    assert rows[0]["adjustments"][0]["marks"] == "12.00"
    assert rows[0]["vetoes"][0]["rule"] == "safety"
    assert "总分：80.12 + 4.50 + 4.50 + 4.80 = 93.92 分" in rows[1]["derivation"]


def test_csv_has_a_column_for_every_component(tmp_path):
    result = run(tmp_path, "--format", "csv")

    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["unit"] for row in rows] == ["乙村", "甲村", "丙村"]
    assert rows[0]["base-work"] == "80.12"


def test_the_table_tells_every_step(tmp_path):
    result = run(tmp_path)

    assert "基础工作" in result.stdout
    assert "基础工作（满分 85）：80.123 → 80.12 分" in result.stdout


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"entries": ENTRIES.replace("70,", "90,")}, "第 2 行“base-work”：90 超过满分 85"),
        ({"entries": ENTRIES.replace("70,", ",")}, "第 2 行“base-work”：不能空白"),
        ({"entries": ENTRIES.replace("乙村", "甲村")}, "第 3 行“unit”：“甲村”与第 2 行重复"),
        ({"entries": ENTRIES.replace("unit,", "unit,x,")}, "第 1 行“x”：未知的列"),
        ({"adjustments": "unit,rule\n丁村,late-reply\n"}, "第 2 行“unit”：没有单位“丁村”"),
        ({"vetoes": "unit,rule\n甲村,nope\n"}, "第 2 行“rule”：没有否决情形“nope”"),
    ],
)
def test_an_expected_error_is_a_line_on_stderr_and_exit_code_1(tmp_path, files, place):
    result = run(tmp_path, **files)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert place in result.stderr


def test_scheme_and_kind_are_needed(tmp_path):
    path = written(tmp_path, "entries", ENTRIES)

    assert CliRunner().invoke(score, [str(path)]).exit_code == 2


def test_schemes_are_listed_with_their_kinds():
    listed = json.loads(CliRunner().invoke(schemes, ["--format", "json"]).stdout)

    assert {row["name"]: row for row in listed}["street-2023"] == {
        "name": "street-2023",
        "title": "街道综合目标管理考核（2023）",
        "source": "XX街道2023年综合目标管理考核方案",
        "kinds": [
            {"key": "village", "title": "村（社区）"},
            {"key": "station", "title": "站办所"},
        ],
    }
    assert "street-2023" in CliRunner().invoke(schemes).stdout


def test_a_scheme_is_shown_with_its_rules_and_readings():
    result = CliRunner().invoke(schemes, ["show", "street-2023", "--format", "csv"])

    shown = {(row["kind"], row["key"]): row for row in csv.DictReader(io.StringIO(result.stdout))}
    assert shown["village", "base-work.party.women"]["marks"] == "1"
    assert shown["station", "late-reply"]["marks"] == "-0.2"
    assert shown["station", "grades"]["title"] == "先进、良好、合格、不合格；先进 4 个"
    assert "酌情" in shown["", "discretion"]["title"]


def test_an_unknown_scheme_is_an_expected_error():
    result = CliRunner().invoke(schemes, ["show", "nope"])

    assert (result.exit_code, result.stdout) == (1, "")
    assert "没有考核方案“nope”" in result.stderr


def test_a_scheme_s_file_is_checked(tmp_path):
    preset = files("ballot.scoring") / "presets" / "street-2023.toml"
    text = preset.read_text(encoding="utf-8")
    good, bad, ugly = tmp_path / "good.toml", tmp_path / "bad.toml", tmp_path / "ugly.toml"
    good.write_text(text, encoding="utf-8")
    bad.write_text(text.replace("full = 85", "full = 86"), encoding="utf-8")
    ugly.write_bytes(b"\xff\xfe")

    results = [CliRunner().invoke(schemes, ["check", str(path)]) for path in (good, bad, ugly)]

    assert [result.exit_code for result in results] == [0, 1, 1]
    assert "good" in results[0].stdout
    assert results[1].stderr.splitlines() == [
        "kinds.village.components[1].full：各项满分合计 85，不等于 86",
        "kinds.village.full：各项满分合计 101，不等于 100",
    ]
    assert "UTF-8" in results[2].stderr


# ---- the other schemes -------------------------------------------------------------------------

PERSONS = "姓名,民主测评,目标完成\n" + "".join(
    f"p{number},{30 - number},{100 - number}\n" for number in range(20)
)


def scored(folder, scheme, kind, entries, *options):
    path = written(folder, "entries", entries)
    return CliRunner().invoke(score, [str(path), "--scheme", scheme, "--kind", kind, *options])


def test_another_setting_of_a_reading_is_used_for_one_standing(tmp_path):
    options = ("--format", "json", "--set", "commended=10%", "--set", "limit=20%")
    result = scored(tmp_path, "municipal", "person", PERSONS, *options)

    rows = json.loads(result.stdout)
    assert [row["grade"] for row in rows].count("优秀") == 4
    assert [row["distinction"] for row in rows].count("拟表彰") == 2


@pytest.mark.parametrize(
    ("setting", "code", "message"),
    [
        ("nope=1", 1, "设置“nope”不能采用：没有这一设置，可用：sector-quota"),
        ("limit=lots", 1, "kinds.person.grades.limit：须是大于 0"),
        ("limit", 2, "READING=VALUE"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(tmp_path, setting, code, message):
    result = scored(tmp_path, "municipal", "person", PERSONS, "--set", setting)

    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr


def test_the_working_is_added_to_json_when_asked_for(tmp_path):
    entries = "unit,common-goals,own-goals,difficulty\n甲,60,30,1.1\n"
    kind = ("village-difficulty", "village")

    plain = scored(tmp_path, *kind, entries, "--format", "json")
    told = scored(tmp_path, *kind, entries, "--format", "json", "--working")

    assert "working" not in json.loads(plain.stdout)[0]
    assert [each["points"] for each in json.loads(told.stdout)[0]["working"]] == ["60.00", "30.00"]


def test_a_table_has_the_columns_that_the_kind_uses(tmp_path):
    entries = "unit,self-assessment,verified\n甲,90,88\n乙,80,\n"
    finance = scored(tmp_path, "township-finance", "town", entries).stdout
    entries = (
        "单位,日常工作目标,规范化建设,工作综合评议,人数,参评\n甲,70,30,99,10,否\n乙,70,30,98,9,\n"
    )
    department = scored(tmp_path, "department-2012", "department", entries).stdout

    assert all(word in finance for word in ("自评", " 90 ", "未达标"))
    assert "先进工作者名额" in department
    assert "不参评：列入名单、照计总分" in department


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_every_scheme_is_shown_whole(form):
    names = [
        row["name"] for row in json.loads(CliRunner().invoke(schemes, ["--format", "json"]).stdout)
    ]
    assert len(names) == 9

    for name in names:
        result = CliRunner().invoke(schemes, ["show", name, "--format", form])
        scheme = load_scheme(name)
        assert result.exit_code == 0
        for kind in scheme.kinds.values():
            assert all(item.key in result.stdout for item in kind.nodes())
            assert all(rule in result.stdout for rule in (*kind.adjustments, *kind.vetoes))
        assert all(reading in result.stdout for reading in scheme.readings)
        assert all(
            setting.path in result.stdout
            for reading in scheme.readings.values()
            for setting in reading.settings
        )


def test_a_scheme_of_one_s_own_is_used_from_its_file(tmp_path):
    preset = files("ballot.scoring") / "presets" / "village-difficulty.toml"
    own = tmp_path / "ours.toml"
    own.write_text(preset.read_text("utf-8").replace("own-goals", "second"), encoding="utf-8")
    entries = "unit,common-goals,second\n甲,60,30\n"

    result = scored(tmp_path, str(own), "village", entries, "--format", "json")
    shown = CliRunner().invoke(schemes, ["show", str(own), "--format", "json"])

    assert json.loads(result.stdout)[0]["components"]["second"] == "30.00"
    assert json.loads(shown.stdout)["name"] == "ours"


def test_a_scheme_s_file_that_is_missing_or_wrong_is_told(tmp_path):
    own = tmp_path / "ours.toml"
    own.write_text('title = "x"', encoding="utf-8")

    missing = scored(tmp_path, str(tmp_path / "none.toml"), "village", PERSONS)
    wrong = scored(tmp_path, str(own), "village", PERSONS)

    assert (missing.exit_code, wrong.exit_code) == (1, 1)
    assert "none.toml 读不出来" in missing.stderr
    assert "kinds：至少要有一个类别" in wrong.stderr
