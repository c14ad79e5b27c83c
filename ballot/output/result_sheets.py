"""The result sheets (结果通知单): for each unit a page with every figure and how it came about."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ballot.language import Text
from ballot.output.flow import Align, Flow, Margins, Style
from ballot.output.fonts import FontFile, chinese_file
from ballot.output.masthead import Masthead
from ballot.output.pages import GREY, Ink, Pages
from ballot.output.ruled_table import Column, RuledTable
from ballot.output.standing_words import (
    NOTHING,
    full_marks,
    grade_of,
    has_grades,
    points_of,
    rank_of,
    ranked_beside,
)
from ballot.scoring import AppliedAdjustment, ComponentWork, Kind, Standing
from ballot.scoring.figures import signed
from ballot.scoring.told import component_lines

Votes = Mapping[tuple[str, str], Sequence[Text]]
"""By unit and component, the lines that tell how ballots became its points."""

NO_VOTES: Final[Votes] = MappingProxyType({})
TITLE: Final = Style(Ink(20, bold=True), Align.CENTRE, leading=1.5)
CYCLE: Final = Style(Ink(13), Align.CENTRE, leading=1.5)
_SIZES: Final = (10.5, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5)
_MARGINS: Final = Margins(top=20, right=20, bottom=18, left=20)
_SIGNATURES: Final = 34.0


def result_sheets_pdf(
    masthead: Masthead,
    kind: Kind,
    standings: Sequence[Standing],
    *,
    only: Container[str] | None = None,
    votes: Votes = NO_VOTES,
) -> bytes:
    """Return the sheets of a kind's units as a PDF, each on a page of its own.

    A sheet is set smaller until it fits its page; only one that cannot goes on to a second.
    `only`: the units whose sheets are wanted, by default all.
    Raises: FontMissingError.
    """
    return sheets_pdf(
        masthead,
        Text("%(cycle)s结果通知单", cycle=masthead.cycle),
        [
            Sheet(masthead, kind, standing, ranked_beside(standing, standings), votes)
            for standing in standings
            if only is None or standing.unit in only
        ],
    )


def sheets_pdf(masthead: Masthead, title: Text, sheets: Sequence["Sheet"]) -> bytes:
    """Return sheets as a PDF, each on a page of its own; of none, an empty page.

    Raises: FontMissingError.
    """
    words = masthead.words
    with FontFile(chinese_file()) as font:
        pages = Pages(font, words(Text("草案")) if masthead.draft else "")
        for sheet in sheets:
            sheet.draw(pages)
        if not pages.count:
            pages.add()
        return pages.finish(title=words(title), language=masthead.language)


@dataclass(frozen=True)
class Sheet:
    """One unit's sheet. `units`: how many are ranked beside it, itself among them."""

    masthead: Masthead
    kind: Kind
    standing: Standing
    units: int
    votes: Votes

    def words(self, text: Text) -> str:
        """Return a text in the sheet's language."""
        return self.masthead.words(text)

    def draw(self, pages: Pages) -> None:
        """Set the sheet in the largest type in which it fits one page."""
        size = next((size for size in _SIZES if self._pages_in(pages, size) == 1), _SIZES[0])
        self._set(Flow(pages, _MARGINS), size)

    def _pages_in(self, pages: Pages, size: float) -> int:
        trial = Pages(pages.font)
        self._set(Flow(trial, _MARGINS), size)
        return trial.count

    def _set(self, flow: Flow, size: float) -> None:
        self.head(flow, size)
        self._figures(flow, size)
        self._result(flow, size)
        self.foot(flow, size)

    def kept(self, lines: Sequence[Text]) -> Sequence[Text]:
        """Return the lines of a derivation that are told: here all of them."""
        return lines

    def head(self, flow: Flow, size: float) -> None:
        """Set what stands above the table of figures."""
        words = self.words
        flow.paragraph(self.masthead.cycle, CYCLE)
        flow.paragraph(words(Text("结果通知单")), TITLE)
        flow.gap(3)
        plain = Style(Ink(max(size, 9.0)), leading=1.5)
        flow.paragraph(
            words(
                Text(
                    "方案：《%(scheme)s》。%(state)s。",
                    scheme=self.masthead.scheme.title,
                    state=self.masthead.state,
                )
            ),
            plain,
        )
        flow.gap(2)
        self.summary(flow)

    def summary(self, flow: Flow) -> None:
        """Set the unit's total, rank and grade in a table of one row."""
        words, standing = self.words, self.standing
        columns = [Column(words(Text("单位")), 5), Column(words(Text("类别")), 3)]
        columns += [Column(words(Text("总分")), 2), Column(words(Text("名次")), 2)]
        place = rank_of(standing)
        if standing.rank is not None:
            place = words(Text("%(rank)s／%(units)s", rank=place, units=self.units))
        row = [standing.unit, self.kind.title, points_of(standing.total), place]
        if has_grades(self.kind):
            columns.append(Column(words(Text("等次")), 2))
            row.append(grade_of(standing))
        RuledTable(columns, size=12).draw(flow, [row])
        flow.gap(3)

    def _figures(self, flow: Flow, size: float) -> None:
        """Set the table of what the total consists of, each with how it came about."""
        words, standing = self.words, self.standing
        columns = [
            Column(words(Text("考核项")), 3, Align.LEFT),
            Column(words(Text("满分"))),
            Column(words(Text("得分"))),
            Column(words(Text("计算过程")), 8, Align.LEFT),
        ]
        rows = [self._component(done) for done in standing.working]
        if standing.coefficient:
            rule, marks = standing.coefficient.rule, signed(standing.coefficient.marks)
            rows.append([rule.title, NOTHING, marks, words(standing.coefficient.line)])
        rows += [
            [each.rule.title, NOTHING, signed(each.marks), self._adjustment(each)]
            for each in standing.adjustments
        ]
        most = full_marks(self.kind.full_marks)
        rows.append([words(Text("总分")), most, points_of(standing.total), ""])
        RuledTable(columns, size=size, leading=1.25).draw(flow, rows)

    def _component(self, done: ComponentWork) -> list[str]:
        component = done.component
        votes = self.votes.get((self.standing.unit, component.key), ())
        told = [self.words(line) for line in self.kept([*component_lines(done), *votes])]
        points = points_of(done.points) if component.counted else self.words(Text("不计入"))
        return [component.title, full_marks(component.full_marks), points, "\n".join(told)]

    def _adjustment(self, each: AppliedAdjustment) -> str:
        told = [self.words(each.line), each.entry.item, each.entry.note]
        return self.words(Text("；")).join(filter(None, told))

    def _result(self, flow: Flow, size: float) -> None:
        """Tell vetoes, and how rank and grade came about."""
        words, standing = self.words, self.standing
        style = Style(Ink(size), leading=1.35)
        told = [
            words(
                Text(
                    "否决情形：%(title)s（%(clause)s） %(item)s %(note)s",
                    title=each.rule.title,
                    clause=each.rule.clause,
                    item=each.entry.item,
                    note=each.entry.note,
                )
            )
            for each in standing.vetoes
        ]
        above = {line for done in standing.working for line in component_lines(done)}
        above |= {each.line for each in standing.adjustments}
        if standing.coefficient:
            above.add(standing.coefficient.line)
        told += [words(line) for line in self.kept(standing.derivation) if line not in above]
        if standing.note is not None:
            told.append(words(standing.note))
        flow.gap(3)
        flow.heading(words(Text("总分、名次和等次")), Style(Ink(size, bold=True)), follows=8)
        for line in told:
            flow.paragraph(line, style)

    def foot(self, flow: Flow, size: float) -> None:
        """Set what stands below everything: how to ask for a review, and who issues this."""
        if self.masthead.review:
            flow.gap(2)
            flow.paragraph(self.masthead.review, Style(Ink(max(size, 8.0)), leading=1.5))
        self.signatures(flow)

    def signatures(self, flow: Flow) -> None:
        """Set who issues this and when, and a receipt, at the end of the page."""
        flow.need(_SIGNATURES)
        flow.y = max(flow.y, flow.y + flow.room - _SIGNATURES)
        right = Style(Ink(11), Align.RIGHT, leading=1.6)
        for line in self.masthead.signature:
            flow.paragraph(line, right)
        flow.gap(6)
        flow.paragraph(
            self.words(Text("签收人：________________ 签收日期：________________")),
            Style(Ink(11, GREY), Align.LEFT),
        )
