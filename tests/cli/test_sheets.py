"""`--sheet`: the same figures as printed, as a workbook of formulas."""

import json

import pytest
from click.testing import CliRunner

from ballot.cli.scoring import convert, score
from tests.output.recalculated import formulas, opened, table

COUNTS = "对象,好,较好,一般,差\n白马村,20,7,3,0\n青龙村,20,6,3,0\n"
ENTRIES = "unit,base-work,leaders-review,village-peer-review,street-review\n甲,80,4.5,4,5\n"
PLAIN = ("--scale", "four-level", "--conversion", "bands")
VILLAGE = ("--scheme", "street-2023", "--kind", "village")


@pytest.mark.parametrize(
    ("command", "text", "options", "keys"),
    [
        (convert, COUNTS, PLAIN, ("折算", "subject", "对象", "points", "得分")),
        (score, ENTRIES, VILLAGE, ("总评", "unit", "单位", "total", "总分")),
    ],
    ids=["convert", "score"],
)
def test_a_sheet_holds_the_printed_figures_as_formulas(tmp_path, command, text, options, keys):
    source, sheet = tmp_path / "in.csv", tmp_path / "out.xlsx"
    source.write_text(text, encoding="utf-8")

    result = CliRunner().invoke(
        command, [str(source), *options, "--format", "json", "--sheet", str(sheet)]
    )

    assert result.exit_code == 0, result.stderr
    assert str(sheet) in result.stderr
    page, name, named, figure, written = keys
    rows = table(sheet.read_bytes(), page, named)
    for row in json.loads(result.stdout):
        assert rows[row[name]][written] == float(row[figure])
    assert any(formulas(sheet.read_bytes()))


def test_a_standing_by_command_is_a_draft(tmp_path):
    source, sheet = tmp_path / "in.csv", tmp_path / "out.xlsx"
    source.write_text(ENTRIES, encoding="utf-8")

    CliRunner().invoke(score, [str(source), *VILLAGE, "--sheet", str(sheet)])

    assert "草案" in opened(sheet.read_bytes(), values=True)["总评"]["A2"].value


def test_a_sheet_that_cannot_be_written_ends_with_a_sentence(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text(COUNTS, encoding="utf-8")

    result = CliRunner().invoke(
        convert, [str(source), *PLAIN, "--sheet", str(tmp_path / "no" / "out.xlsx")]
    )

    assert (result.exit_code, result.stdout) == (1, "")
    assert "写不成" in result.stderr
