"""Charts inside pages: what they say, exactly, to eyes and to screen readers."""

import re
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from ballot.domain.bars import Approval, Stripe
from ballot.language import Text
from ballot.output.level_colours import colours, ink, lightness, parts
from ballot.output.page_charts import Size, approval_svg, levels_svg, swatch

LEVELS = ("好", "较好", "一般", "差")


def stripe(*counts, base=None):
    return Stripe([*zip(LEVELS, counts, strict=True)], sum(counts) if base is None else base)


def rects(svg):
    return ElementTree.fromstring(svg).findall("rect")


def texts(svg):
    return [each.text for each in ElementTree.fromstring(svg).findall("text")]


def test_a_bar_of_levels_fills_its_whole_length_from_the_best_to_the_worst():
    svg = levels_svg(stripe(20, 6, 2, 1))

    places = [(each.get("x"), each.get("width")) for each in rects(svg)]
    assert places == [
        ("0.000%", "68.966%"),
        ("68.966%", "20.690%"),
        ("89.655%", "6.897%"),
        ("96.552%", "3.448%"),
    ]


def test_a_bar_tells_counts_and_percentages_in_its_label_and_where_they_fit():
    svg = levels_svg(stripe(20, 6, 2, 1))

    told = ElementTree.fromstring(svg).get("aria-label")
    assert told == "好 20（68.97%），较好 6（20.69%），一般 2（6.90%），差 1（3.45%）"
    assert texts(svg) == ["好 20", "68.97%", "较好 6", "20.69%"]


def test_a_label_that_fits_on_wide_screens_only_is_marked_so():
    svg = levels_svg(stripe(20, 6, 0, 3))

    drawn = ElementTree.fromstring(svg).findall("text")
    assert {each.text: each.get("class") for each in drawn} == {
        "好 20": None, "68.97%": None, "较好 6": None, "20.69%": None,
        "差 3": "roomy", "10.34%": "roomy",
    }  # fmt: skip


def test_what_the_levels_leave_of_the_base_is_outlined_and_named():
    svg = levels_svg(Stripe([("满意", 20), ("不满意", 0)], 30, Text("弃权")))

    assert rects(svg)[-1].get("stroke-dasharray")
    assert (rects(svg)[-1].get("x"), rects(svg)[-1].get("width")) == ("66.667%", "33.333%")
    assert "弃权 10（33.33%）" in svg


def test_an_empty_base_is_a_sentence_and_no_bar():
    svg = levels_svg(stripe(0, 0, 0, 0))

    assert texts(svg) == ["基数为零，没有结果"]
    assert len(rects(svg)) == 1
    assert rects(svg)[0].get("class") == "track"


def test_names_cannot_break_out_of_the_drawing():
    svg = levels_svg(Stripe([('"><script>', 3), ("&", 2)], 5))

    assert "<script" not in svg
    assert texts(svg)[0] == '"><script> 3'


def test_a_bar_of_approval_ends_at_its_share_among_the_lines_of_the_bands():
    edges = [Fraction(edge, 100) for edge in (90, 80, 70, 60)]

    svg = approval_svg(Approval(Text("较好以上率"), Fraction(26, 29), edges))

    drawn = ElementTree.fromstring(svg)
    assert drawn.get("aria-label") == "较好以上率 89.66%"
    assert drawn.find("rect[@class='fill']").get("width") == "89.655%"
    assert [line.get("x1") for line in drawn.findall("line")] == ["90%", "80%", "70%", "60%"]
    assert texts(svg) == ["90%", "80%", "70%", "60%"]


def test_odd_edges_stand_where_they_are():
    svg = approval_svg(Approval(Text("率"), Fraction(1), [Fraction(2, 3), Fraction("0.335")]))

    assert texts(svg) == ["66.667%", "33.5%"]


def test_charts_speak_english():
    assert "no result" in levels_svg(stripe(0, 0, 0, 0), language="en")


def test_a_screen_s_chart_is_as_large_as_it_asks_for():
    svg = levels_svg(stripe(20, 6, 2, 1), Size(bar=160, text=48))

    assert ElementTree.fromstring(svg).get("height") == "160"
    assert {each.get("font-size") for each in ElementTree.fromstring(svg).findall("text")} == {"48"}


def test_no_chart_needs_what_the_pages_policy_forbids():
    for svg in (
        levels_svg(stripe(20, 6, 2, 1)),
        approval_svg(Approval(Text("率"), Fraction(1, 3), [Fraction(1, 2)])),
        swatch(0, 4),
    ):
        assert not re.search(r"style|script|href|url\(", svg)


@pytest.mark.parametrize("count", range(2, 7))
def test_levels_differ_in_lightness_and_their_labels_can_be_read(count):
    every = colours(count)

    assert all(after - before > Fraction(1, 9) for before, after in pairwise(map(lightness, every)))
    for colour in every:
        assert contrast(colour, ink(colour)) >= 4.5


def contrast(one, other):
    """Return the contrast of two colours. Source: WCAG 2.2, relative luminance."""

    def luminance(colour):
        channels = [part / 255 for part in parts(colour)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in channels
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
