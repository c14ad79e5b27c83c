import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.output.typesetting import Block, Box, balanced, fitted, wrap


class Square:
    """Every character is as wide as the size."""

    def width(self, text, size):
        return len(text) * size


FACE = Square()
texts = st.text(st.sampled_from("白马村述评“”、。（）ab12 …"), max_size=60).map(
    lambda text: " ".join(text.split())
)


@given(text=texts, width=st.integers(1, 30))
def test_wrapping_loses_no_character_and_no_line_is_too_long(text, width):
    lines = wrap(text, FACE, width, 1)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(len(line) <= width for line in lines)


@given(text=texts, width=st.integers(1, 30), height=st.integers(1, 5))
def test_fitted_text_is_inside_its_box(text, width, height):
    box = Box(width, height, leading=1)

    block = fitted([text], FACE, box, [1])

    assert len(block.lines) <= height
    assert all(len(line) <= width for line in balanced(text, FACE, box, block).lines)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("白马村、石桥村", ["白马", "村、石", "桥村"]),
        ("看到“已计票”", ["看到", "“已计", "票”"]),
        ("共2023年", ["共", "202", "3年"]),
        ("在2月 3日", ["在2月", "3日"]),
    ],
)
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(text, lines):
    assert wrap(text, FACE, 3, 1) == lines


def test_text_is_shrunk_before_it_is_cut():
    box = Box(10, 10, leading=1)

    assert fitted(["一二三四五"], FACE, box, [5, 3, 2]) == Block(("一二三", "四五"), 3)
    assert fitted(["一二三四五六"], FACE, box, [5]) == Block(("一二", "三…"), 5)


def test_balanced_lines_leave_no_lonely_character():
    text, box = "一二三四五六七", Box(6, 2, leading=1)

    block = balanced(text, FACE, box, fitted([text], FACE, box, [1]))

    assert [len(line) for line in block.lines] == [4, 3]
