"""The result sheets (结果通知单): for each unit a page with every figure and how it came about."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from ballot.language import Text
from ballot.output.flow import Align, Flow, Margins, Style
from ballot.output.fonts import FontFile, chinese_file
from ballot.output.masthead import NO_DAY, Masthead
from ballot.output.pages import GREY, Ink, Pages
from ballot.output.ruled_table import Column, RuledTable
from ballot.output.standing_words import full_marks, grade_of, has_grades, rank_of, total_of
from ballot.scoring import Kind, Standing
from ballot.scoring.figures import signed

Votes = Mapping[tuple[str, str], Sequence[Text]]
"""By unit and component, the lines that tell how ballots became its points."""

NO_VOTES: Final[Votes] = MappingProxyType({})
_TITLE: Final = Style(Ink(20, bold=True), Align.CENTRE, leading=1.5)
_CYCLE: Final = Style(Ink(13), Align.CENTRE, leading=1.5)
_SIZES: Final = (10.5, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5)
_MARGINS: Final = Margins(top=20, right=20, bottom=18, left=20)
_SIGNATURES: Final = 34.0


def result_sheets_pdf(
    masthead: Masthead,
    kind: Kind,
    standings: Sequence[Standing],
    *,
    votes: Votes = NO_VOTES,
    of: int | None = None,
) -> bytes:
    """Return the sheets of these units as a PDF, each on a page of its own.

    A sheet is set smaller until it fits its page; only one that cannot goes on to a second.
    `of`: how many units were ranked, where `standings` are only some of them.
    Raises: FontMissingError.
    """
    words = masthead.words
    title = words(Text("%(cycle)s结果通知单", cycle=masthead.cycle))
    with FontFile(chinese_file()) as font:
        pages = Pages(font, words(Text("草案")) if masthead.draft else "")
        for standing in standings:
            sheet = _Sheet(masthead, kind, standing, votes, of or len(standings))
            sheet.draw(pages)
        if not standings:
            pages.add()
        return pages.finish(title=title, language=masthead.language)


class _Sheet:
    """One unit's sheet."""

    def __init__(
        self, masthead: Masthead, kind: Kind, standing: Standing, votes: Votes, units: int
    ) -> None:
        self.masthead = masthead
        self.words = masthead.words
        self.kind = kind
        self.standing = standing
        self.votes = votes
        self.units = units

    def draw(self, pages: Pages) -> None:
        """Set the sheet in the largest type in which it fits one page."""
        size = next((size for size in _SIZES if self._pages_in(pages, size) == 1), _SIZES[0])
        self._set(Flow(pages, _MARGINS), size)

    def _pages_in(self, pages: Pages, size: float) -> int:
        trial = Pages(pages.font)
        self._set(Flow(trial, _MARGINS), size)
        return trial.count

    def _set(self, flow: Flow, size: float) -> None:
        text = Style(Ink(size), leading=1.5)
        self._head(flow, size)
        self._figures(flow, size)
        for heading, rows in (
            (Text("加减分"), self._adjustments()),
            (Text("否决情形"), self._vetoes()),
        ):
            if rows:
                flow.gap(2)
                flow.heading(self.words(heading), Style(Ink(size, bold=True)), follows=10)
                for row in rows:
                    flow.paragraph(row, text)
        self._derivation(flow, size)
        self._foot(flow, size)

    def _head(self, flow: Flow, size: float) -> None:
        words, standing = self.words, self.standing
        flow.paragraph(self.masthead.cycle, _CYCLE)
        flow.paragraph(words(Text("结果通知单")), _TITLE)
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
        columns = [Column(words(Text("单位")), 5), Column(words(Text("类别")), 3)]
        columns += [Column(words(Text("总分")), 2), Column(words(Text("名次")), 2)]
        place = Text("%(rank)s／%(units)s", rank=rank_of(standing), units=self.units)
        row = [standing.unit, self.kind.title, total_of(standing), words(place)]
        if has_grades(self.kind):
            columns.append(Column(words(Text("等次")), 2))
            row.append(grade_of(standing))
        RuledTable(columns, size=12).draw(flow, [row])
        flow.gap(3)

    def _figures(self, flow: Flow, size: float) -> None:
        """Set the table of components: full marks, points, and the total as their sum."""
        words, standing = self.words, self.standing
        columns = [
            Column(words(Text("考核项")), 7, Align.LEFT),
            Column(words(Text("满分")), 2),
            Column(words(Text("得分")), 2),
        ]
        rows = [
            [
                component.title,
                full_marks(component.full_marks),
                f"{standing.components[component.key]:f}",
            ]
            for component in self.kind.components
        ]
        rows += [
            [each.rule.title, words(Text("加减分")), signed(each.marks)]
            for each in standing.adjustments
        ]
        rows.append([words(Text("总分")), full_marks(self.kind.full_marks), total_of(standing)])
        RuledTable(columns, size=size).draw(flow, rows)

    def _adjustments(self) -> list[str]:
        return [
            self.words(
                Text(
                    "%(title)s（%(item)s）%(note)s",
                    title=each.rule.title,
                    item=each.entry.item or "—",
                    note=each.entry.note,
                )
            )
            for each in self.standing.adjustments
            if each.entry.item or each.entry.note
        ]

    def _vetoes(self) -> list[str]:
        return [
            self.words(
                Text(
                    "%(title)s（%(clause)s）%(item)s %(note)s",
                    title=each.rule.title,
                    clause=each.rule.clause,
                    item=each.entry.item,
                    note=each.entry.note,
                )
            )
            for each in self.standing.vetoes
        ]

    def _derivation(self, flow: Flow, size: float) -> None:
        words = self.words
        flow.gap(3)
        flow.heading(words(Text("计算过程")), Style(Ink(size, bold=True)), follows=10)
        style = Style(Ink(size - 1), leading=1.4)
        for line in self.standing.derivation:
            flow.paragraph(words(line), style)
        for component in self.kind.components:
            lines = self.votes.get((self.standing.unit, component.key), ())
            if lines:
                told = words(Text("；")).join(words(line) for line in lines)
                message = Text("%(title)s的投票：%(told)s", title=component.title, told=told)
                flow.paragraph(words(message), style)
        if self.standing.note is not None:
            flow.paragraph(words(self.standing.note), style)

    def _foot(self, flow: Flow, size: float) -> None:
        words = self.words
        plain = Style(Ink(max(size, 8.0)), leading=1.5)
        if self.masthead.review:
            flow.gap(2)
            flow.paragraph(self.masthead.review, plain)
        flow.need(_SIGNATURES)
        flow.y = max(flow.y, flow.y + flow.room - _SIGNATURES)
        issuer = self.masthead.issuer or words(Text("（发文单位盖章）"))
        right = Style(Ink(11), Align.RIGHT, leading=1.6)
        flow.paragraph(issuer, right)
        flow.paragraph(self.masthead.day or words(NO_DAY), right)
        flow.gap(6)
        flow.paragraph(
            words(Text("签收人：________________ 签收日期：________________")),
            Style(Ink(11, GREY), Align.LEFT),
        )
