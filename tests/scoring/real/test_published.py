"""Published figures: our arithmetic prints them all, and near misses are refused."""

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from ballot.cli.scoring import convert as convert_command
from ballot.errors import MistakesError
from ballot.scoring import (
    NAMED_SCALES,
    ApprovalRatio,
    Base,
    Level,
    Rule,
    Scale,
    convert,
    csv_lines,
    read_counts,
    reported,
    reported_levels,
)

HERE = Path(__file__).parent
TWO_LEVELS = {
    "kunming-2010.csv": ("支持", "反对"),
    "turnout.csv": ("有效票", "其他"),
}


def scale_of(name):
    if name not in TWO_LEVELS:
        return NAMED_SCALES["three-level"]
    best, worst = TWO_LEVELS[name]
    return Scale((Level(best, Fraction(100), True), Level(worst, Fraction(0), False)))


def converted(name):
    scale = scale_of(name)
    rule = Rule(scale, ApprovalRatio(), Base.VALID, Decimal(100))
    tallies = read_counts(csv_lines((HERE / name).read_bytes(), name), scale, Base.VALID)
    return [convert(subject, [tally], rule) for subject, tally in tallies]


def printed_in(name):
    """Return each row's percentages, as printed, by level."""
    headings, *rows = [
        line.split(",") for line in (HERE / name).read_text(encoding="utf-8").splitlines()
    ]
    return [
        {
            heading.removesuffix("%"): cell.removesuffix("%")
            for heading, cell in zip(headings, row, strict=True)
            if heading.endswith("%") and cell
        }
        for row in rows
    ]


@pytest.mark.parametrize("name", ["zhanyi-60.csv", "kunming-2010.csv"])
def test_our_percentages_are_the_published_ones(name):
    for ours, published in zip(converted(name), printed_in(name), strict=True):
        assert published
        for label, percent in published.items():
            assert Decimal(ours.levels[label]["percent"]) == Decimal(percent)


def test_the_command_line_prints_what_the_congress_of_zhanyi_announced():
    """公告第60号: 25 and 3 of 28 are 89.29% and 10.71%; 20, 7 and 1 are 71.43%, 25%, 3.57%."""
    result = CliRunner().invoke(
        convert_command,
        [
            str(HERE / "zhanyi-60.csv"), "--format", "json",
            "--scale", "three-level", "--conversion", "approval-ratio",
        ],
    )  # fmt: skip

    assert result.exit_code == 0, result.stderr
    rows = json.loads(result.stdout)
    percents = [[level["percent"] for level in row["levels"].values()] for row in rows]
    assert percents[0] == ["89.29", "10.71", "0.00"]
    assert percents[3] == ["71.43", "25.00", "3.57"]
    assert [row["percent"] for row in rows] == ["100.00"] * 3 + ["96.43"] + ["100.00"] * 3


def test_the_published_turnout_is_told_in_the_derivation():
    [only] = converted("turnout.csv")

    assert "参评率：收回 616 ÷ 应到 950 = 64.84%" in [str(line) for line in only.derivation]
    assert only.valid == 609


@pytest.mark.parametrize(
    ("base", "percents", "counts"),
    [
        (28, ("89.29", "10.71"), (25, 3)),
        (28, ("71.43", "25.00", "3.57"), (20, 7, 1)),
        (160, ("97.50", "2.50"), (156, 4)),
        (160, ("97.5", "2.5"), (156, 4)),
    ],
)
def test_published_percentages_are_possible_and_give_their_counts_away(base, percents, counts):
    found = reported_levels([Decimal(percent) for percent in percents], base)

    assert found.possible
    assert [list(level.counts) for level in found.levels] == [[count] for count in counts]


def test_the_published_turnout_can_only_be_616_of_950():
    assert list(reported(Decimal("64.84"), 950).counts) == [616]


@pytest.mark.parametrize(
    ("base", "percent"),
    [
        (28, "89.30"), (28, "89.27"), (28, "10.72"), (28, "71.44"), (28, "71.41"),
        (28, "25.01"), (28, "3.56"), (28, "3.58"), (160, "97.51"), (160, "97.49"), (160, "2.4"),
        (950, "64.85"), (950, "64.83"), (609, "64.84"), (616, "64.84"),
    ],
)  # fmt: skip
def test_near_misses_of_published_percentages_are_impossible(base, percent):
    found = reported(Decimal(percent), base)

    assert not found.possible
    assert len(found.nearest) == 2


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("zhanyi-60.csv", "25,89.29%", "25,89.92%", "2 行“满意%”：25/28 应为 89.29%，不是 89.92%"),
        ("zhanyi-60.csv", "3,10.71%", "3,7.14%", "2 行“基本满意%”：3/28 应为 10.71%，不是 7.14%"),
        ("kunming-2010.csv", "2.5%", "2.6%", "第 2 行“反对%”：4/160 应为 2.5%，不是 2.6%"),
        ("turnout.csv", "64.84%", "64.11%", "第 2 行“参评率”：616/950 应为 64.84%，不是 64.11%"),
    ],
)  # fmt: skip
def test_a_mistyped_percentage_is_refused_with_its_place(name, old, new, place):
    content = (HERE / name).read_text(encoding="utf-8").replace(old, new, 1).encode()

    with pytest.raises(MistakesError) as caught:
        read_counts(csv_lines(content, name), scale_of(name), Base.VALID)

    assert place in str(caught.value)
