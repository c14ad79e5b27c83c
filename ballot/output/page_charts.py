"""Charts as pieces of SVG inside a page: a bar of levels, a bar of approval with band lines.

Written by hand, without a drawing library: a bar takes microseconds, so a serving process may draw
it (docs/decisions/0016). Places along the bar are percentages, so it is as wide as the page gives
room; heights and type are pixels. Colours are attributes, never styles: the pages' policy forbids
those. What is outside the coloured parts takes the page's own colour, also in the dark.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from typing import Final

from ballot.domain.bars import Approval, Stripe
from ballot.language import SOURCE, Text
from ballot.output.level_colours import LINE, REST, colours, ink
from ballot.scoring.figures import half_up, percent

NARROW: Final = 290
"""Pixels that a bar has on a phone at least, and `WIDE` on other screens: what labels need."""
WIDE: Final = 640
_DASHES: Final = 'stroke-dasharray="4 3"'
_WIDE_ONLY: Final = ' class="roomy"'
"""The page's style hides these labels on narrow screens."""


@dataclass(frozen=True)
class Size:
    """How large a chart is, in pixels: its bar's height, and its type."""

    bar: int = 44
    text: int = 14


PAGE: Final = Size()


def levels_svg(stripe: Stripe, size: Size = PAGE, *, language: str = SOURCE) -> str:
    """Return a 100% bar of levels, each with its count and percentage where they fit.

    An empty base is a sentence. Label and title tell everything that is drawn.
    """
    if not stripe.base:
        return _svg(size.bar, _said(Text("基数为零，没有结果"), language), _empty(size, language))
    told = "，".join(
        f"{_said(label, language)} {count}（{percent(count, stripe.base)}%）"
        for label, count in stripe.parts
    )
    return _svg(size.bar, told, "".join(_levels(stripe, size, language)))


def _levels(stripe: Stripe, size: Size, language: str) -> Iterator[str]:
    paint = dict(
        zip((label for label, _ in stripe.counts), colours(len(stripe.counts)), strict=True)
    )
    start = 0
    for label, count in stripe.parts:
        place, width = (half_up(Fraction(100 * each, stripe.base), 3) for each in (start, count))
        own = paint.get(str(label), REST) if isinstance(label, str) else REST
        dashes = "" if isinstance(label, str) else f" {_DASHES}"
        yield (
            f'<rect x="{place}%" y="1" width="{width}%" height="{size.bar - 2}" fill="{own}"'
            f' stroke="{LINE}" stroke-width="1"{dashes}/>'
        )
        lines = (f"{_said(label, language)} {count}", f"{percent(count, stripe.base)}%")
        yield from _label(lines, Fraction(count, stripe.base), place + width / 2, own, size)
        start += count


def _label(
    lines: Sequence[str], share: Fraction, middle: object, colour: str, size: Size
) -> Iterator[str]:
    """Write a part's label in two lines where the part has room, on wide screens if not on all."""
    need = max(_width(line, size.text) for line in lines) + 6
    if share * WIDE * size.text / PAGE.text < need:
        return
    only = "" if share * NARROW >= need else _WIDE_ONLY
    step = round(size.text * 1.25)
    first = size.bar // 2 - step // 2 + round(size.text * 0.36)
    for number, line in enumerate(lines):
        yield (
            f'<text{only} x="{middle}%" y="{first + number * step}" text-anchor="middle"'
            f' font-size="{size.text}" fill="{ink(colour)}">{escape(line)}</text>'
        )


def approval_svg(approval: Approval, size: Size = PAGE, *, language: str = SOURCE) -> str:
    """Return a bar of the approval share from 0 to 100%, with a line at the edge of each band."""
    shown = f"{half_up(approval.share * 100, 2):f}%"
    told = f"{_said(approval.name, language)} {shown}"
    top = round(size.text * 1.1)
    width = half_up(approval.share * 100, 3)
    height = size.bar // 2
    drawn = [
        f'<rect class="track" y="{top}" width="100%" height="{height}"/>',
        f'<rect class="fill" y="{top}" width="{width}%" height="{height}"/>',
    ]
    for edge in approval.edges:
        x = f"{half_up(edge * 100, 3).normalize():f}%"
        drawn.append(
            f'<line x1="{x}" x2="{x}" y1="{top - 2}" y2="{top + height + 2}"'
            ' stroke="currentColor" stroke-width="1.5" stroke-dasharray="3 2"/>'
            f'<text x="{x}" y="{top - 4}" text-anchor="middle" fill="currentColor"'
            f' font-size="{round(size.text * 0.72)}">{x}</text>'
        )
    return _svg(top + height + 3, told, "".join(drawn))


def swatch(place: int, of: int) -> str:
    """Return a small square in the colour of one level of so many, for legends.

    The one after the last is the rest of the base.
    """
    own = f'fill="{colours(of)[place]}"' if place < of else f'fill="{REST}" {_DASHES}'
    return (
        '<svg width="12" height="12" aria-hidden="true" focusable="false"><rect x="0.5" y="0.5"'
        f' width="11" height="11" {own} stroke="{LINE}"/></svg>'
    )


def _svg(height: int, told: str, drawn: str) -> str:
    return (
        f'<svg class="stack" width="100%" height="{height}" role="img"'
        f' aria-label="{escape(told)}">{drawn}</svg>'
    )


def _empty(size: Size, language: str) -> str:
    words = escape(_said(Text("基数为零，没有结果"), language))
    return (
        f'<rect class="track" width="100%" height="{size.bar}"/><text x="50%"'
        f' y="{size.bar // 2 + size.text // 3}" text-anchor="middle" fill="currentColor"'
        f' font-size="{size.text}">{words}</text>'
    )


def _said(text: Text | str, language: str) -> str:
    return text.in_(language) if isinstance(text, Text) else text


def _width(text: str, size: int) -> int:
    """Return about how wide a text is, in pixels: Chinese fills the square, Latin about 0.6."""
    return sum(size if ord(character) > 0x2E7F else -(-size * 6 // 10) for character in text)
