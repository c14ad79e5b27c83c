"""Standings for tests of reports and sheets, and PDFs read back as a viewer reads them."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pypdfium2

from ballot.output.masthead import Approved, Masthead
from ballot.scoring import Adjustment, Entry, Kind, Standing, Veto, load_scheme, score

STREET = load_scheme("street-2023")
VILLAGE = STREET.kind("village")
STATION = STREET.kind("station")
CYCLE = "白马街道2023年度综合目标管理考核"
ISSUER = "白马街道党政综合办公室"
REVIEW = "对结果有异议的，请在收到通知之日起10日内书面申请复核。"
MEETING = Approved("街道党工委第3次党政联席会议", date(2024, 1, 18))
LONG_NAME = "红旗街道东方红社区居民委员会领导班子和驻社区工作队" * 2


def a_masthead(**changes: Any) -> Masthead:
    """Return the masthead of an approved result in Chinese, changed as told."""
    told: dict[str, Any] = {"approval": MEETING, "issuer": ISSUER, "review": REVIEW, **changes}
    return Masthead(CYCLE, STREET, **told)


def names(count: int) -> list[str]:
    """Return names of villages, no one of which is part of another."""
    return [f"第{number:02d}村" for number in range(1, count + 1)]


def standings(
    kind: Kind,
    units: Sequence[str],
    adjustments: Sequence[Adjustment] = (),
    vetoes: Sequence[Veto] = (),
) -> list[Standing]:
    """Return a standing of units whose items were all entered, with two decimals."""
    dice = Random(kind.key)
    return score(kind, [_entry(kind, unit, dice) for unit in units], adjustments, vetoes)


def _entry(kind: Kind, unit: str, dice: Random) -> Entry:
    leaves = [leaf for component in kind.components for leaf in component.leaves()]
    return Entry(
        unit,
        {leaf.key: leaf.full_marks * dice.randint(70, 100) / Decimal(100) for leaf in leaves},
    )


def texts(pdf: bytes) -> list[str]:
    """Return each page's text without the ends of lines and spaces."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return ["".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


def outside(pdf: bytes, margin: float = 20) -> Iterator[str]:
    """Yield every character that reaches into a margin, in points, around a page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            width, height = page.get_size()
            text = page.get_textpage()
            for number in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(number)
                inside = margin <= left <= right <= width - margin
                if not (inside and margin <= bottom <= top <= height - margin):
                    yield text.get_text_range(number, 1)
    finally:
        document.close()
