import sys
from itertools import pairwise
from xml.etree import ElementTree

import pypdfium2
import pytest

from ballot.output.charts import ChartRow, levels_chart
from ballot.output.level_colours import colours, lightness

LEVELS = ("好", "较好", "一般", "差")
TITLE = "白马镇2023年度村述村评"
SVG = "{http://www.w3.org/2000/svg}"


def a_row(subject="白马村", counts=(20, 7, 2, 1), base=30):
    return ChartRow(subject, tuple(zip(LEVELS, counts, strict=True)), base)


def texts(svg):
    return [element.text for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_an_svg_says_title_subjects_levels_counts_and_shares_as_text():
    said = texts(levels_chart([a_row(), a_row("石桥村", (9, 9, 9, 3))], TITLE))

    for wanted in (TITLE, "白马村", "石桥村", *LEVELS, "20", "66.67%", "7", "23.33%", "基数 30"):
        assert wanted in said


def test_a_level_too_narrow_for_its_count_is_told_beneath_the_bar():
    said = texts(levels_chart([a_row()], TITLE))

    (line,) = (text for text in said if "3.33%" in text and "23.33%" not in text)
    assert "一般 2" in line
    assert "差 1" in line


def test_what_is_missing_from_the_base_is_shown_as_the_rest():
    said = texts(levels_chart([a_row(counts=(20, 6, 0, 0))], TITLE))

    assert "其余" in said
    assert any(text.startswith("其余 4") and "13.33%" in text for text in said)
    assert "其余" not in texts(levels_chart([a_row()], TITLE))


def test_an_empty_base_has_no_bar_but_a_sentence():
    said = texts(levels_chart([a_row(counts=(0, 0, 0, 0), base=0)], TITLE))

    assert any("没有结果" in text for text in said)
    assert not any("%" in text for text in said)


@pytest.mark.parametrize("form", ["svg", "png"])
def test_the_same_rows_are_the_same_bytes_whatever_their_characters(form):
    rows = [a_row("𠮷祥村$成员$<&>", (20, 7, 2, 0)), a_row("红旗街道东方红社区居民委员会领导班子")]

    first, second = (levels_chart(rows, TITLE, form=form) for _ in range(2))

    assert first == second
    assert first.startswith({"svg": b"<?xml", "png": b"\x89PNG"}[form])


def test_a_rare_name_stays_itself_in_svg_and_is_marked_where_our_font_draws():
    row = a_row("𠮷祥村$成员$")

    pdf = levels_chart([row], TITLE, form="pdf")

    document = pypdfium2.PdfDocument(pdf)
    drawn = document[0].get_textpage().get_text_range()
    document.close()
    assert "〓祥村$成员$" in drawn
    assert "𠮷祥村$成员$" in texts(levels_chart([row], TITLE))
    assert pdf == levels_chart([row], TITLE, form="pdf")


def test_a_chart_without_rows_is_a_title():
    assert texts(levels_chart([], TITLE)) == [TITLE]


@pytest.mark.parametrize(
    "rows",
    [
        [a_row(), ChartRow("石桥村", (("满意", 3),), 3)],
        [a_row(counts=(20, 7, 2, 2))],
        [a_row(counts=(20, 7, 2, -1))],
    ],
)
def test_impossible_rows_are_a_bug_and_crash(rows):
    with pytest.raises(ValueError, match=r"levels|base"):
        levels_chart(rows, TITLE)


def test_levels_differ_in_grey_as_well_as_in_colour():
    for count in (2, 3, 4, 5):
        light = [lightness(colour) for colour in colours(count)]
        steps = [after - before for before, after in pairwise(light)]
        assert min(steps) > 0.1


def test_drawing_loads_no_window_system():
    assert "matplotlib.pyplot" not in sys.modules
