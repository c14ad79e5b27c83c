"""The calculation sheet of a conversion: formulas that come to our figures, in any program."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from time import sleep

import pytest

from ballot.output.conversion_workbook import ConversionHead, conversion_xlsx
from ballot.scoring import (
    MARKS,
    NAMED_SCALES,
    ApprovalRatio,
    Band,
    Bands,
    Base,
    Counted,
    Counts,
    Discretion,
    LevelMean,
    MeanMark,
    QuestionTally,
    RankMarks,
    Rule,
    convert_all,
    load_scheme,
    scheme_names,
)
from tests.output.recalculated import (
    differences,
    formulas,
    needs_office,
    opened,
    recalculated,
    table,
)
from tests.scoring.examples import PEER_REVIEW, a_rule

HEAD = ConversionHead(
    "白马村村述村评折算计算表", ("方案：街道综合目标管理考核（2023）", "草案，未经审定")
)
EDGES = [
    (54, 60),
    (53, 60),
    (26, 29),
    (27, 30),
    (18, 20),
    (7, 10),
    (3, 5),
    (35, 59),
    (1, 3),
    (0, 7),
]
THIRDS = Bands(
    (Band(Fraction(2, 3), Fraction(90)), Band(Fraction("0.335"), Fraction(70))), Fraction(40)
)


def one(approving: int, of: int, **more: int) -> QuestionTally:
    return QuestionTally({"": Counts((approving, 0, of - approving, 0), **more)})


def by_group(*groups: tuple[str, int, int]) -> QuestionTally:
    return QuestionTally({key: Counts((good, 0, of - good, 0)) for key, good, of in groups})


def a_section(rule: Rule) -> list[Counted]:
    """Return subjects with one to three questions, pooled or with weighted groups, by dice."""
    dice = Random(str(rule))
    places = rule.scale.answers
    weights = {"A": Fraction("0.4"), "B": Fraction("0.35"), "C": Fraction("0.25")}

    def counts(most: int) -> Counts:
        marks = [0] * places
        for _ in range(dice.randint(6, most)):
            marks[dice.randrange(places)] += 1
        more = {"abstain": dice.randint(0, 3), "invalid": dice.randint(0, 2)}
        return Counts(tuple(marks), issued=most + 6, eligible=most + 9, **more)

    return [
        Counted(
            f"第{number}村",
            [
                QuestionTally({group: counts(40) for group in weights}, text, Fraction(weight))
                for text, weight in (("健康度", 2), ("舒适度", 1), ("便捷度", 1))[: 1 + number % 3]
            ],
            weights if number % 2 else {},
        )
        for number in range(6)
    ]


RULES = {
    "bands": a_rule(),
    "bands on odd edges": a_rule(conversion=THIRDS),
    "bands of combined ratios": a_rule(combine="ratios"),
    "level mean": a_rule(conversion=LevelMean(), base=Base.OPINIONS, full_marks=Decimal("4.5")),
    "approval ratio": a_rule(conversion=ApprovalRatio(), base=Base.ELIGIBLE),
    "of issued ballots": a_rule(conversion=ApprovalRatio(), base=Base.ISSUED),
    "three levels": replace(a_rule(conversion=LevelMean()), scale=NAMED_SCALES["three-level"]),
    "ranked by level mean": a_rule(conversion=RankMarks(LevelMean()), base=Base.OPINIONS),
    "mean mark": Rule(MARKS, MeanMark(), Base.OPINIONS, Decimal(30)),
    "mean mark, two dropped": Rule(
        MARKS, MeanMark(Fraction(1), Fraction(1), only_above=5), Base.OPINIONS, Decimal(100)
    ),
    "mean mark, tenths dropped": Rule(
        MARKS,
        MeanMark(Fraction(1, 10), Fraction(1, 20), rounding="half-up"),
        Base.OPINIONS,
        Decimal(100),
    ),
    "mean mark, sixths dropped upwards": Rule(
        MARKS,
        RankMarks(MeanMark(Fraction(1, 6), Fraction(1, 6), rounding="up")),
        Base.OPINIONS,
        Decimal(100),
    ),
}  # fmt: skip


def rules_of_presets() -> dict[str, Rule]:
    """Return every rule of a preset, each only once."""
    every = {
        f"{name} {kind.key} {item.key}": item.rule
        for name in scheme_names()
        for kind in load_scheme(name).kinds.values()
        for item in kind.nodes()
        if item.rule
    }
    return {name: rule for rule, name in {rule: name for name, rule in every.items()}.items()}


@needs_office
@pytest.mark.slow
def test_every_formula_comes_to_our_figure_for_every_rule_and_preset(tmp_path):
    sections = {
        name: (rule, a_section(rule)) for name, rule in {**RULES, **rules_of_presets()}.items()
    }
    made = {
        name: conversion_xlsx(HEAD, rule, section) for name, (rule, section) in sections.items()
    }

    again = recalculated(tmp_path, list(made.values()))

    wrong = [
        f"{name}: {line}"
        for (name, ours), theirs in zip(made.items(), again, strict=True)
        for line in differences(ours, theirs)
    ]
    assert wrong == []
    for (name, (rule, section)), theirs in zip(sections.items(), again, strict=True):
        rows = table(theirs, "折算", "对象")
        for each in convert_all(section, rule):
            assert round(rows[each.subject]["得分"], 9) == float(each.points), name


@needs_office
@pytest.mark.slow
def test_edges_and_half_cents_are_ours_in_libreoffice_too(tmp_path):
    """54 of 60 is 90%, 26 of 29 is not; 82.5 × 0.05 and 61 × 0.025 end in half cents."""
    halves = [Decimal(n) / 200 for n in (1, 3, 201, 305, 815, 825, 1001, 1525)]
    edges = [Counted(f"{a}/{b}", [one(a, b)]) for a, b in EDGES]
    made = [conversion_xlsx(HEAD, PEER_REVIEW, edges)]
    exact = a_rule(conversion=ApprovalRatio())
    shares = [*edges, *(Counted(f"{a}/{b}", [one(a, b)]) for a, b in ((1, 1), (1, 8), (5, 16)))]
    made += [conversion_xlsx(HEAD, replace(exact, full_marks=full), shares) for full in halves]

    again = recalculated(tmp_path, made)

    assert [line for pair in zip(made, again, strict=True) for line in differences(*pair)] == []
    assert table(again[0], "折算", "对象")["54/60"]["得分"] == 4.5
    assert table(again[0], "折算", "对象")["26/29"]["得分"] == 4.0


def test_counts_stand_as_values_and_everything_else_as_formulas():
    made = conversion_xlsx(HEAD, PEER_REVIEW, [Counted("白马村", [one(54, 60, invalid=2)])])

    written = {place: formula for sheet, place, formula in formulas(made) if sheet == "折算"}
    row = table(made, "折算", "对象")["白马村"]
    assert (row["好"], row["差"], row["无效"], row["收回"]) == (54, 0, 2, 62)
    assert (row["得票率"], row["对象折算分"], row["得分"]) == (0.9, 90, 4.5)
    assert len(written) == 8
    assert any("*100>=" in formula for formula in written.values())


def test_the_sheet_says_what_it_is_names_its_base_and_tells_every_step():
    made = conversion_xlsx(HEAD, PEER_REVIEW, [Counted("白马村", [one(54, 60)])])

    sheet = opened(made, values=True)["折算"]
    text = "\n".join(str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value)
    for part in (HEAD.title, *HEAD.lines, "基数：有效票", "54/60 = 90.00%"):
        assert part in text
    assert sheet.freeze_panes is not None
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToHeight == 0
    rules = "\n".join(
        str(cell.value) for row in opened(made, values=True)["折算规则"] for cell in row
    )
    assert "得票率 ≥ 90%" in rules
    assert "三、2(2)" in rules


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "\t=1"])
def test_no_name_becomes_a_formula(name):
    made = conversion_xlsx(ConversionHead(name, (name,)), PEER_REVIEW, [Counted(name, [one(1, 2)])])

    assert all(not formula.startswith(name.strip()) for _, _, formula in formulas(made))
    values = [cell.value for row in opened(made, values=True)["折算"].iter_rows() for cell in row]
    assert values.count(name.strip("\t")) == 3


def test_groups_too_small_to_be_told_apart_stay_together():
    weights = {"A": Fraction("0.6"), "B": Fraction("0.4")}
    section = [Counted("白马村", [by_group(("A", 9, 10), ("B", 2, 3))], weights)]

    hidden = conversion_xlsx(HEAD, a_rule(), section)
    shown = conversion_xlsx(HEAD, a_rule(), section, smallest_group=1)

    sheet = opened(hidden, values=True)["折算"]
    numbers = [
        cell.value for row in sheet.iter_rows() for cell in row if cell.value in (9, 10, 2, 3)
    ]
    assert 9 not in numbers
    assert 10 not in numbers
    assert table(hidden, "折算", "对象")["白马村"]["得分"] == 78
    assert table(shown, "折算", "对象")["白马村"]["得分"] == 78
    assert sum(1 for _ in formulas(shown)) > sum(1 for _ in formulas(hidden))


def test_a_subject_without_a_result_says_so_and_hinders_no_other():
    section = [Counted("白马村", [one(0, 0)]), Counted("青龙村", [one(54, 60)])]

    rows = table(conversion_xlsx(HEAD, PEER_REVIEW, section), "折算", "对象")

    assert "没有结果" in rows["白马村"]["得分"]
    assert rows["青龙村"]["得分"] == 4.5


def test_a_recorded_discretion_is_its_subject_s_own():
    discretion = Discretion(Decimal(35), "领导小组研究", "李四")
    section = [
        Counted("白马村", [one(30, 60)], discretion=discretion),
        Counted("青龙村", [one(30, 60)]),
    ]

    rows = table(conversion_xlsx(HEAD, PEER_REVIEW, section), "折算", "对象")

    assert (rows["白马村"]["酌情分"], rows["白马村"]["得分"]) == (35, 1.75)
    assert (rows["青龙村"]["酌情分"], rows["青龙村"]["得分"]) == (40, 2)


def test_the_sheet_speaks_english():
    made = conversion_xlsx(HEAD, PEER_REVIEW, [Counted("A", [one(54, 60)])], language="en")

    assert opened(made, values=True).sheetnames[:2] == ["Conversion", "Rule"]
    assert table(made, "Conversion", "Subject")["A"]["Points"] == 4.5


def test_the_same_counts_are_the_same_bytes():
    section = a_section(a_rule())

    first = conversion_xlsx(HEAD, a_rule(), section)
    sleep(1.1)  # a file's own time is told in whole seconds

    assert conversion_xlsx(HEAD, a_rule(), section) == first
