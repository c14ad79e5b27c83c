"""How ballot rules on marks and ranks are written in a scheme."""

from fractions import Fraction

import pytest

from ballot.errors import MistakesError
from ballot.scoring import MARKS, ApprovalRatio, Base, MeanMark, RankMarks, read_scheme

SCHEME = """
title = "方案"
[rules.marks]
scale = "marks"
conversion = "mean-mark"
[kinds.office]
title = "办"
full = 100
components = [{ key = "review", title = "评议", full = 100, source = "ballot", rule = "marks" }]
"""


def rule(more=""):
    text = SCHEME.replace('conversion = "mean-mark"', f'conversion = "mean-mark"\n{more}')
    return read_scheme(text, "x").kind("office").component("review").ballot_rule()


def refused(more, old='conversion = "mean-mark"', new=None):
    text = SCHEME.replace(old, new or f"{old}\n{more}")
    with pytest.raises(MistakesError) as caught:
        read_scheme(text, "x")
    return str(caught.value)


def test_a_rule_on_marks_is_the_plain_mean_of_the_opinions_rule_24():
    read = rule()

    assert (read.scale, read.conversion, read.base) == (MARKS, MeanMark(), Base.OPINIONS)


@pytest.mark.parametrize(
    ("more", "mean"),
    [
        ("drop-top = 1\ndrop-bottom = 2", MeanMark(Fraction(1), Fraction(2))),
        ('drop-top = "10%"', MeanMark(Fraction(1, 10))),
        ('drop-bottom = "1/8"', MeanMark(Fraction(0), Fraction(1, 8))),
        ("drop-top = 0.05", MeanMark(Fraction(1, 20))),
        (
            'drop-top = 1\nonly-above = 5\ndrop-rounding = "up"',
            MeanMark(Fraction(1), Fraction(0), 5, "up"),
        ),
    ],
)
def test_what_is_dropped_is_a_number_or_a_share_rule_25(more, mean):
    assert rule(more).conversion == mean


@pytest.mark.parametrize(
    ("more", "mistake"),
    [
        ('drop-top = "100%"', 'rules.marks.drop-top：须是票数（如 1）或小于 1 的比例（如 "10%"）'),
        ("drop-top = 1.5", "rules.marks.drop-top：须是票数"),
        ("drop-top = -1", "rules.marks.drop-top：须是票数"),
        ("drop-top = true", "rules.marks.drop-top：须是票数"),
        ("only-above = -1", "rules.marks.only-above：须是不小于 0 的整数"),
        (
            'drop-rounding = "near"',
            "rules.marks.drop-rounding：“near”无效，可用：down、up、half-up",
        ),
        ('base = "valid"', "rules.marks.conversion：平均分按表态票计算"),
        ('by = "level-mean"', "rules.marks.by：未知的键"),
    ],
)
def test_what_cannot_be_dropped_is_refused_with_its_key_rule_25(more, mistake):
    assert mistake in refused(more)


def test_marks_and_levels_do_not_mix_rule_24():
    assert "rules.marks.conversion：平均分（mean-mark）只用于百分制打分（marks）" in refused(
        "", 'scale = "marks"', 'scale = "four-level"'
    )
    assert "二者须一起用" in refused("", new='conversion = "level-mean"')


def test_a_misspelt_conversion_is_one_mistake_and_hides_no_other():
    keys = 'conversion = "bnds"\nbands = []\notherwise = 40\ndrop-top = 1\nbasis = 2'

    told = refused("", new=keys).splitlines()

    assert [line.split("：")[0] for line in told] == ["rules.marks.conversion", "rules.marks.basis"]


def test_ranks_name_what_they_rank_by_rule_26():
    text = SCHEME.replace('"mean-mark"', '"rank-marks"\nby = "mean-mark"\ndrop-top = 1')
    ratio = SCHEME.replace('"mean-mark"', '"rank-marks"\nby = "approval-ratio"').replace(
        '"marks"\n', '"four-level"\n', 1
    )

    read = read_scheme(text, "x").kind("office").component("review").ballot_rule()
    other = read_scheme(ratio, "x").kind("office").component("review").ballot_rule()

    assert (read.conversion, read.base) == (RankMarks(MeanMark(Fraction(1))), Base.OPINIONS)
    assert (other.conversion, other.base) == (RankMarks(ApprovalRatio()), Base.VALID)
    assert "rules.marks.by：缺少" in refused("", new='conversion = "rank-marks"')
    assert "rules.marks.by：“bands”无效" in refused(
        "", new='conversion = "rank-marks"\nby = "bands"'
    )
