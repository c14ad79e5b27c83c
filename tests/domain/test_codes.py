"""Ballot codes: what is caught when one is typed, and what is forgiven."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.domain.codes import (
    ALPHABET,
    LENGTH,
    Code,
    CodeError,
    CodeGroupError,
    CodeLengthError,
    CodeSymbolError,
    new_code,
    parse_code,
    shown,
)

LOOKALIKES = {"0": "Oo", "1": "IiLl"}
SEPARATORS = ["", "", "", "-", " ", "  ", "—", "－", "　", "\t", "·"]

randoms = st.text(ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1)


def accepted(symbols: str) -> bool:
    try:
        return parse_code(symbols) == symbols
    except CodeError:
        return False


def completed(symbols: str) -> Code:
    """Return fifteen symbols with the check symbol that fits."""
    return next(Code(symbols + check) for check in ALPHABET if accepted(symbols + check))


codes = randoms.map(completed)


@st.composite
def typings(draw: st.DrawFn) -> tuple[Code, str]:
    """Give a code and one of the many ways to type it."""
    code = draw(codes)
    typed = draw(st.sampled_from(SEPARATORS))
    for symbol in code:
        ways = [symbol, symbol.lower(), *LOOKALIKES.get(symbol, "")]
        way = draw(st.sampled_from(ways))
        if draw(st.booleans()):
            way = chr(ord(way) + 0xFEE0)  # full width
        typed += way + draw(st.sampled_from(SEPARATORS))
    return code, typed


def test_the_alphabet_has_32_symbols_and_none_that_look_like_another():
    assert len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("ILOU")


def test_new_codes_are_codes_and_never_the_same():
    made = [new_code() for _ in range(500)]

    assert all(accepted(code) for code in made)
    assert len(set(made)) == 500


@given(symbols=randoms)
def test_exactly_one_check_symbol_fits(symbols):
    assert sum(accepted(symbols + check) for check in ALPHABET) == 1


@given(code=codes)
def test_every_single_wrong_symbol_is_caught(code):
    for place in range(LENGTH):
        for wrong in ALPHABET.replace(code[place], ""):
            assert not accepted(code[:place] + wrong + code[place + 1 :])


@given(code=codes)
def test_every_swap_of_two_symbols_is_caught(code):
    for one, other in combinations(range(LENGTH), 2):
        swapped = list(code)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        if code[one] != code[other]:
            assert not accepted("".join(swapped))


@given(typing=typings())
def test_however_it_is_typed_it_is_the_same_code(typing):
    code, typed = typing

    assert parse_code(typed) == code


@given(code=codes)
def test_the_printed_form_has_four_groups_of_four_and_reads_back(code):
    assert [len(group) for group in shown(code).split("-")] == [4, 4, 4, 4]
    assert parse_code(shown(code)) == code


@pytest.mark.parametrize(
    "typed", ["", "ABCD", "ABCDEFGHJKMNPQR", "ABC-EFGH-JKMN-PQR", "ABCD-EFGH-JKMN-PQRS-T"]
)
def test_too_few_and_too_many_symbols_are_told_by_their_number(typed):
    with pytest.raises(CodeLengthError) as refusal:
        parse_code(typed)

    assert f"现在是 {len(typed.replace('-', ''))} 个" in str(refusal.value)


@pytest.mark.parametrize(
    ("typed", "group", "count"),
    [("ABCD-EFGH-JKMN-PQR", 4, 3), ("abcd EFGHJ jkmn pqrs", 2, 5), ("A－EFGH－JKMN－PQRS", 1, 1)],
)
def test_a_group_of_the_wrong_length_is_told_where_groups_are_typed_apart(typed, group, count):
    with pytest.raises(CodeGroupError) as refusal:
        parse_code(typed)

    assert f"第 {group} 组应为 4 个字符，现在是 {count} 个" in str(refusal.value)


@pytest.mark.parametrize(
    ("typed", "group", "symbol"),
    [
        ("UBCD-EFGH-JKMN-PQRS", 1, "U"),
        ("ABCD-EFGu-JKMN-PQRS", 2, "U"),
        ("ABCDEFGHJKM好PQRS", 3, "好"),
        ("ABCD EFGH JKMN PQR！", 4, "!"),
    ],
)
def test_a_symbol_that_no_code_holds_is_told_with_its_group(typed, group, symbol):
    with pytest.raises(CodeSymbolError) as refusal:
        parse_code(typed)

    assert f"第 {group} 组里的“{symbol}”" in str(refusal.value)


@given(typed=st.text())
def test_whatever_is_typed_is_a_code_or_is_refused_in_words(typed):
    refusal = None
    try:
        parse_code(typed)
    except CodeError as error:
        refusal = str(error)

    assert refusal is None or refusal.endswith("。")
