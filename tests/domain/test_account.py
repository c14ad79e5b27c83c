"""The ballot account: what balances, what cannot be, and what it has to say in words."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.domain.account import Account, AccountError, AccountLine, ExcessError

EVENING = AccountLine(
    "voters", "村民", 64, 4, voided=3, issued=58, returned=55, damaged=2, lost=1, handed_out=58
)
"""The example of docs/scoring-rules.md, "The ballot account"."""


def refusal(line: AccountLine, *boxes: AccountLine) -> str:
    with pytest.raises(AccountError) as refused:
        Account((line,), boxes=boxes).check()
    return str(refused.value)


def test_the_worked_example_balances_as_told_rules_61_to_64():
    account = Account((EVENING,), invalid=2)

    account.check()

    assert (EVENING.left_over, EVENING.not_returned, account.valid) == (3, 3, 53)
    assert EVENING.printed == EVENING.issued + EVENING.replaced + EVENING.left_over
    assert [str(text) for text in account.remarks()] == [
        "村民：遗失换发 1 张。遗失的票无法指认，找到后仍能投出，"
        "所以收回数中最多可能有 1 票是同一人的第二票。"
    ]


def test_a_lost_slip_cast_beside_its_replacement_needs_a_reason_and_is_told_rule_64():
    account = Account((replace(EVENING, returned=59),))

    account.check()
    with pytest.raises(ExcessError, match="至少有 1 张已报遗失的票也投了出来"):
        account.require_reason_for_excess(" ")
    account.require_reason_for_excess("监票组一致同意")

    assert "收回比发出多 1 票" in str(account.remarks()[0])


def test_more_votes_than_slips_in_hands_cannot_be_rule_64():
    assert "多于发出的 58 张与遗失换发的 1 张之和" in refusal(replace(EVENING, returned=60))


def test_a_voided_slip_gives_nobody_a_right_rule_63():
    assert "合计多于印制的 64 张" in refusal(replace(EVENING, issued=61))
    assert not list(replace(EVENING, issued=60).mistakes("村民"))


def test_more_exchanged_as_damaged_than_voided_cannot_be_rule_63():
    assert "损坏换发 4 张，而作废的票只有 3 张" in refusal(replace(EVENING, damaged=4))


def test_an_account_of_an_earlier_version_is_held_to_what_it_counted():
    """It declared slips, not persons: a voided one that was handed out stood among the issued."""
    old = AccountLine("voters", "村民", printed=10, spares=1, voided=1, issued=10, returned=8)

    Account((old,)).check()

    assert "作废" in refusal(replace(old, damaged=0, lost=0))
    assert old.to_json().keys() == {
        "group",
        "name",
        "printed",
        "spares",
        "voided",
        "issued",
        "returned",
        "eligible",
    }


def test_a_box_and_the_hall_without_it_have_to_balance_by_themselves_rule_65():
    box = AccountLine("voters", "一号箱", 7, 1, 0, issued=6, returned=6, damaged=0, lost=0)
    Account((EVENING,), boxes=(box,)).check()

    assert refusal(EVENING, replace(box, returned=7)).startswith("村民 · 一号箱：收回 7 张")
    hall = refusal(EVENING, replace(box, returned=1))
    assert hall.startswith("村民 · 会场（流动票箱以外）：收回 54 张，多于发出的 52 张与遗失")
    assert "流动票箱的数比整个类别的数还大" in refusal(EVENING, replace(box, spares=5))


def test_declared_numbers_take_the_place_of_recorded_ones_and_it_is_told_rule_62():
    box = AccountLine("voters", "一号箱", 10, 2, 0, issued=8, returned=6, damaged=0, lost=0)
    account = Account((EVENING,), boxes=(box,))

    declared = account.declaring({"voters": 57, "voters@一号箱": 7})

    assert [str(line.source) for line in (*account.lines, *account.boxes)] == [
        "发放记录",
        "印制 − 备用（没有发放记录）",
    ]
    assert (declared.lines[0].issued, declared.boxes[0].issued) == (57, 7)
    assert {str(line.source) for line in (*declared.lines, *declared.boxes)} == {"认定时填写"}


numbers = st.integers(0, 40)


@st.composite
def evenings(draw: st.DrawFn) -> AccountLine:
    """Play an evening slip by slip, and count what an onlooker would count."""
    persons, damaged, lost, on_table, good_left = (draw(numbers) for _ in range(5))
    damaged, lost = min(damaged, persons), min(lost, persons)
    returned = draw(st.integers(0, persons)) + draw(st.integers(0, lost))
    printed = persons + damaged + lost + on_table + good_left
    return AccountLine(
        "g",
        "甲",
        printed=printed,
        spares=draw(st.integers(0, printed)),
        voided=damaged + on_table,
        issued=persons,
        returned=returned,
        damaged=damaged,
        lost=lost,
    )


@given(evenings())
def test_whatever_happens_in_a_hall_its_account_balances(line):
    Account((line,)).check()

    assert line.printed == line.issued + line.replaced + line.left_over
    assert line.issued == line.returned + line.not_returned
    assert max(0, line.returned - line.issued) <= line.possible_excess <= (line.lost or 0)
    assert line.left_over >= line.voided - (line.damaged or 0)


@given(evenings(), evenings())
def test_parts_of_a_line_that_balance_make_a_line_that_balances(hall, box):
    whole = hall + box

    Account((replace(whole, name="甲"),), boxes=(replace(box, name="箱"),)).check()

    assert replace(whole.without(box), name=hall.name) == replace(hall, eligible=whole.eligible)
    assert Account((whole,)).total.left_over == hall.left_over + box.left_over


@given(evenings(), st.none() | numbers, st.booleans())
def test_an_account_reads_back_as_it_was_written(line, handed_out, old):
    line = replace(line, handed_out=handed_out)
    if old:
        line = replace(line, damaged=None, lost=None, handed_out=None)
    account = Account((line,), 3, (replace(line, name="箱"),) if not old else ())

    assert Account.from_json(account.to_json()) == account


@pytest.mark.parametrize("number", [-1, True, "1", 1.0])
def test_what_is_no_whole_number_is_no_account(number):
    value = Account((EVENING,)).to_json()
    value["lines"][0]["lost"] = number

    with pytest.raises(TypeError):
        Account.from_json(value)
