"""Printed percentages: which whole numbers of ballots can have given them (rules 35 to 39)."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.errors import MistakesError
from ballot.scoring import (
    NAMED_SCALES,
    Base,
    NoVotesError,
    Rounding,
    count_problem,
    csv_lines,
    read_counts,
    read_percentage,
    reported,
    reported_levels,
    turnout,
)
from tests.scoring.examples import FOUR, converted, marks

DECIMALS = {
    Rounding.HALF_UP: ROUND_HALF_UP,
    Rounding.HALF_EVEN: ROUND_HALF_EVEN,
    Rounding.CUT: ROUND_DOWN,
}
bases = st.integers(1, 400)
printed = st.builds(
    lambda units, places: Decimal((0, tuple(map(int, str(units))), -places)),
    st.integers(0, 12_000),
    st.integers(0, 3),
)


def as_printed(count: int, base: int, like: Decimal, rounding: Rounding) -> Decimal:
    """Round a share by the standard library's own rounding, with digits to spare."""
    with localcontext(Context(prec=60)):
        return (Decimal(100 * count) / Decimal(base)).quantize(like, rounding=DECIMALS[rounding])


def by_trying(percent: Decimal, base: int, rounding: Rounding) -> list[int]:
    return [c for c in range(base + 1) if as_printed(c, base, percent, rounding) == percent]


def test_24_ballots_cannot_be_98_percent_rule_37():
    found = reported(Decimal(98), 24)

    assert not found.possible
    assert found.nearest == ((23, "96"), (24, "100"))
    assert str(found.text) == "以 24 为基数，不可能是 98%，最接近的是 23/24 = 96%、24/24 = 100%"


def test_many_ballots_may_share_a_coarse_percentage_rule_35():
    found = reported(Decimal("99.9"), 2000)

    assert list(found.counts) == [1997, 1998]
    assert str(found.text) == "99.9% 是 2000 中的 1997–1998"


@pytest.mark.parametrize(
    ("percent", "base", "rounding"),
    [("13", 8, "half-up"), ("12", 8, "half-even"), ("89.28", 28, "cut"), ("37", 8, "cut")],
)
def test_other_roundings_are_possible_and_named_rule_36(percent, base, rounding):
    found = reported(Decimal(percent), base)

    assert found.rounding == rounding
    assert ("不是四舍五入" in str(found.text)) == (rounding != "half-up")


@given(printed, bases)
def test_the_counts_are_those_found_by_trying_every_number(percent, base):
    found = reported(percent, base)

    tried = {rounding: by_trying(percent, base, rounding) for rounding in Rounding}
    first = next((rounding for rounding in Rounding if tried[rounding]), None)
    assert found.rounding == first
    assert list(found.counts) == (tried[first] if first else [])


@given(bases, st.data(), st.integers(0, 3))
def test_what_we_print_ourselves_is_always_possible(base, data, places):
    count = data.draw(st.integers(0, base))
    percent = as_printed(count, base, Decimal((0, (1,), -places)), Rounding.HALF_UP)

    assert count in reported(percent, base).counts
    assert count_problem(count, base, percent) is None


@given(printed, bases)
def test_the_nearest_counts_enclose_an_impossible_percentage(percent, base):
    found = reported(percent, base)
    if found.possible:
        return

    below = [Decimal(100 * count) / base for count, _ in found.nearest]
    assert below[0] < percent
    assert len(below) == 2 or found.nearest[0][0] == base
    assert all(edge > percent for edge in below[1:])


@given(st.integers(1, 30), st.lists(st.integers(0, 100), min_size=2, max_size=4), st.booleans())
def test_levels_are_possible_together_exactly_if_some_counts_add_up_rule_38(base, percents, whole):
    found = reported_levels([Decimal(percent) for percent in percents], base, whole=whole)

    each = [list(reported(Decimal(percent), base).counts) for percent in percents]
    fitting = [
        counts
        for counts in product(*each)
        if sum(counts) == base or sum(counts) < base > whole * base
    ]
    assert found.possible == bool(fitting)
    if fitting:
        for place, level in enumerate(found.levels):
            assert list(level.counts) == sorted({counts[place] for counts in fitting})


def test_thirty_percent_three_times_leaves_a_ballot_over_rule_38():
    found = reported_levels([Decimal(30)] * 3, 10)

    assert str(found.problem) == "各等次合计至多 9 票，不足 10 票"
    assert reported_levels([Decimal(30)] * 3, 10, whole=False).possible
    assert str(reported_levels([Decimal(40)] * 3, 10).problem) == "各等次合计至少 12 票，多于 10 票"
    assert reported_levels([Decimal("33.33")] * 3, 3).possible


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("89.29%", "89.29"),
        (" 25.00 % ", "25.00"),
        ("８９．２９％", "89.29"),
        ("100", "100"),
        ("89.2857142857143%", "89.2857142857143"),
    ],
)
def test_a_percentage_keeps_the_decimals_it_was_printed_with(text, percent):
    found = read_percentage(text)

    assert str(found) == percent


@pytest.mark.parametrize("text", ["", "%", "-1%", "1e2", "8 9%", "89,29%", "nan", "1000%"])
def test_other_text_is_no_percentage(text):
    assert read_percentage(text) is None


def test_an_empty_base_has_no_percentages():
    with pytest.raises(NoVotesError):
        reported(Decimal(0), 0)


def test_turnout_counts_invalid_ballots_as_returned_rule_39():
    found = converted(marks(50, 60, invalid=4, eligible=100))

    assert turnout(returned=64, eligible=100) * 100 == 64
    assert "参评率：收回 64 ÷ 应到 100 = 64.00%" in [str(line) for line in found.derivation]
    assert not any("参评率" in str(line) for line in converted(marks(50, 60)).derivation)
    with pytest.raises(NoVotesError):
        turnout(returned=0, eligible=0)


def test_percentages_in_a_file_are_of_the_base_that_the_rule_counts():
    text = "对象,应到,好,好%,较好,一般,差,差 ％,弃权\n村,40,20,66.67%,7,2,0,,1\n".encode()

    assert read_counts(csv_lines(text, "c.csv"), FOUR, Base.VALID)
    for base, right in ((Base.OPINIONS, "68.97"), (Base.ELIGIBLE, "50.00")):
        with pytest.raises(MistakesError, match=f"应为 {right}%，不是 66.67%"):
            read_counts(csv_lines(text, "c.csv"), FOUR, base)


@pytest.mark.parametrize(
    ("cells", "mistake"),
    [
        ("1,百分之百,0,0", "“满意%”：“百分之百”不是百分比"),
        ("0,0%,0,0", "“满意%”：基数为 0 或没有填写，不能有百分比"),
    ],
)
def test_what_is_no_percentage_is_refused_with_its_place(cells, mistake):
    text = f"对象,满意,满意%,基本满意,不满意\n村,{cells}\n".encode()

    with pytest.raises(MistakesError, match=mistake):
        read_counts(csv_lines(text, "c.csv"), NAMED_SCALES["three-level"], Base.VALID)
