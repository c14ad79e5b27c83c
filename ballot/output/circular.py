"""The circular (通报): a cycle's result by kind, as an official document."""

from collections.abc import Sequence
from typing import Final

from ballot.language import Text
from ballot.output.flow import Align, Flow, Margins, Style, number_pages
from ballot.output.fonts import FontFile, chinese_file
from ballot.output.masthead import Masthead
from ballot.output.pages import Ink, Pages
from ballot.output.ruled_table import Column, RuledTable
from ballot.output.standing_words import (
    adjusted_of,
    by_grade,
    grade_of,
    has_grades,
    points_of,
    rank_of,
    remarks,
)
from ballot.scoring import Kind, Standing

_TITLE: Final = Style(Ink(22, bold=True), Align.CENTRE, leading=1.5)
_STATE: Final = Style(Ink(14), Align.CENTRE)
_BODY: Final = Style(Ink(15), indent=2, leading=1.75)
_ADDRESSED: Final = Style(Ink(15), Align.LEFT, leading=1.75)
_HEADING: Final = Style(Ink(15, bold=True), Align.LEFT, indent=2, leading=1.75)
_SIGNED: Final = Style(Ink(15), Align.RIGHT, leading=1.75)
_MARGINS: Final = Margins(top=34, right=26, bottom=30, left=28)
_MOST_COMPONENTS: Final = 5
_AFTER_TABLE: Final = 4.0
_BEFORE_SIGNATURE: Final = 12.0
_NUMBERS: Final = "一二三四五六七八九十"

Result = tuple[Kind, Sequence[Standing]]
"""A kind with its units in rank order."""


def circular_pdf(masthead: Masthead, results: Sequence[Result]) -> bytes:
    """Return the circular as a PDF: title, sentences and ranking by kind, approval, issuer.

    A draft is marked as one on every page. The same figures give the same bytes.
    Raises: FontMissingError.
    """
    words = masthead.words
    parts = words(Text("关于%(cycle)s\n结果的通报", cycle=masthead.cycle)).split("\n")
    with FontFile(chinese_file()) as font:
        pages = Pages(font, words(Text("草案")) if masthead.draft else "")
        flow = Flow(pages, _MARGINS)
        _opening(flow, masthead, parts, [kind for kind, _ in results])
        for number, (kind, standings) in enumerate(results, start=1):
            follows = _closing_height(flow, masthead) if number == len(results) else 0
            place = number if len(results) > 1 else None
            _kind(flow, masthead, (kind, standings), place, follows)
        _closing(flow, masthead)
        number_pages(pages)
        return pages.finish(title="".join(parts), language=masthead.language)


def _opening(flow: Flow, masthead: Masthead, title: Sequence[str], kinds: Sequence[Kind]) -> None:
    words = masthead.words
    flow.title(title, _TITLE)
    if masthead.draft:
        flow.paragraph(words(Text("（%(state)s）", state=masthead.state)), _STATE)
    flow.gap(8)
    titles = words(Text("、")).join(kind.title for kind in kinds)
    flow.paragraph(words(Text("各%(kinds)s：", kinds=titles)), _ADDRESSED)
    if masthead.approval is None:
        message = Text(
            "根据《%(scheme)s》，%(cycle)s结果的草案如下，未经审定，不得作为依据。",
            scheme=masthead.scheme.title,
            cycle=masthead.cycle,
        )
    else:
        message = Text(
            "根据《%(scheme)s》，%(state)s，现将%(cycle)s结果通报如下。",
            scheme=masthead.scheme.title,
            state=masthead.state,
            cycle=masthead.cycle,
        )
    flow.paragraph(words(message), _BODY)


def _kind(
    flow: Flow,
    masthead: Masthead,
    result: Result,
    number: int | None,
    follows: float,
) -> None:
    """Set one kind: its heading, its first grade in a sentence, and its ranking."""
    words, (kind, standings) = masthead.words, result
    heading = kind.title
    if number is not None:
        place = _NUMBERS[number - 1] if number <= len(_NUMBERS) else str(number)
        heading = words(Text("%(number)s、%(title)s", number=place, title=kind.title))
    flow.heading(heading, _HEADING, follows=30)
    for sentence in _sentences(masthead, kind, standings):
        flow.paragraph(sentence, _BODY)
    flow.gap(2)
    _ranking(flow, masthead, result, follows)
    flow.gap(_AFTER_TABLE)


def _sentences(masthead: Masthead, kind: Kind, standings: Sequence[Standing]) -> list[str]:
    words = masthead.words
    count = Text("参加考核的共%(count)s个。", count=len(standings))
    if not has_grades(kind):
        return [words(count)]
    grades = by_grade(standings)
    first = kind.grades.first if kind.grades else ""
    named = words(Text("、")).join(grades.get(first, []))
    told = [words(count)]
    if named:
        told.append(
            words(
                Text(
                    "评为“%(grade)s”的%(count)s个：%(units)s。",
                    grade=first,
                    count=len(grades[first]),
                    units=named,
                )
            )
        )
    others = [
        words(Text("“%(grade)s”%(count)s个", grade=grade, count=len(units)))
        for grade, units in grades.items()
        if grade != first
    ]
    if others:
        told.append(words(Text("其余：%(grades)s。", grades=words(Text("，")).join(others))))
    return ["".join(told)] if masthead.language.startswith("zh") else [" ".join(told)]


def _ranking(flow: Flow, masthead: Masthead, result: Result, follows: float) -> None:
    words, (kind, standings) = masthead.words, result
    counted = [component for component in kind.components if component.counted]
    shown = counted if len(counted) <= _MOST_COMPONENTS else []
    noted = [remarks(standing, masthead) for standing in standings]
    columns = [Column(words(Text("分口")))] if kind.sectors else []
    columns += [Column(words(Text("名次"))), Column(words(Text("单位")), 4, Align.LEFT)]
    columns += [Column(component.title) for component in shown]
    columns += [Column(words(Text("加减分"))), Column(words(Text("总分")))]
    if has_grades(kind):
        columns.append(Column(words(Text("等次"))))
    if any(noted):
        columns.append(Column(words(Text("备注")), 3, Align.LEFT))
    rows = []
    for standing, note in zip(standings, noted, strict=True):
        row = [standing.sector] if kind.sectors else []
        row += [rank_of(standing), standing.unit]
        row += [points_of(standing.components[component.key]) for component in shown]
        row += [adjusted_of(standing), points_of(standing.total)]
        row += [grade_of(standing)] * has_grades(kind) + [note] * any(noted)
        rows.append(row)
    RuledTable(columns, size=10.5).fitted(flow, rows).draw(flow, rows, follows=follows)


def _closing_height(flow: Flow, masthead: Masthead) -> float:
    """Return how much paper the closing takes: no page may hold the signature alone."""
    review = len(flow.lines(masthead.review, _BODY)) * _BODY.step if masthead.review else 0
    return _AFTER_TABLE + review + _BEFORE_SIGNATURE + 2 * _SIGNED.step


def _closing(flow: Flow, masthead: Masthead) -> None:
    """Set how to ask for a review, and who issued this when."""
    if masthead.review:
        flow.paragraph(masthead.review, _BODY)
    flow.need(_BEFORE_SIGNATURE + 2 * _SIGNED.step)
    flow.gap(_BEFORE_SIGNATURE)
    for line in masthead.signature:
        flow.paragraph(line, _SIGNED)
