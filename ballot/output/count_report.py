"""The count report (计票报告单) as a PDF: the sheet that is signed when a poll was counted."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from ballot.domain.account_words import account_table, account_told
from ballot.domain.bars import approval_of, stripe_of
from ballot.domain.count_report import CountReport, grouped
from ballot.domain.count_table import CountTable
from ballot.domain.moments import moment
from ballot.domain.results import SectionResult
from ballot.language import SOURCE, Text
from ballot.output.count_columns import NOTHING, Grid, called, groups_grid, subjects_grid
from ballot.output.flow import Align, Flow, Margins, Style, foot, put
from ballot.output.fonts import FontFile, chinese_file
from ballot.output.pages import GREY, LANDSCAPE, PORTRAIT, Ink, Pages
from ballot.output.report_charts import ChartLine, ReportCharts
from ballot.output.ruled_table import Column, RuledTable
from ballot.output.signatures import draw_signatures, signatures_height

_MARGINS: Final = Margins(top=12, right=15, bottom=16, left=15)
_TITLE: Final = Style(Ink(19, bold=True), Align.CENTRE, leading=1.3)
_POLL: Final = Style(Ink(13), Align.CENTRE, leading=1.4)
_STATE: Final = Style(Ink(15, bold=True), Align.CENTRE, leading=1.5)
_HEADING: Final = Style(Ink(11.5, bold=True), Align.LEFT, leading=1.6)
_BODY: Final = Style(Ink(10), Align.LEFT, leading=1.45)
_SMALL: Final = Style(Ink(7.5, GREY), Align.LEFT, leading=1.35)
_FOOT: Final = Ink(9, GREY)
_APART: Final = 2.5
"""Millimetres before each part of the report."""
_READABLE: Final = 9.0
"""Type in points that tables should have: else the paper is turned."""


def count_report_pdf(report: CountReport, *, language: str = SOURCE) -> bytes:
    """Return a closed poll's count report as a PDF, marked on every page until it is certified.

    That of a rehearsal is marked always. Pages are landscape where the widest table needs it. The
    same figures give the same bytes.
    Raises: FontMissingError.
    """
    with FontFile(chinese_file()) as font:
        return _Document(report, font, language).drawn()


class _Document:
    """The report while it is drawn."""

    def __init__(self, report: CountReport, font: FontFile, language: str) -> None:
        self.report = report
        self.language = language
        self.words = partial(Text.in_, language=language)
        mark = "" if report.state is None else self.words(report.state)
        self.tables = [(section, report.tables(section)) for section in report.sections]
        paper = LANDSCAPE if self._wide(font) else PORTRAIT
        self.pages = Pages(font, mark, paper)
        self.flow = Flow(self.pages, _MARGINS)

    def drawn(self) -> bytes:
        """Set everything and return the file."""
        self._head()
        self._account()
        for number, (section, tables) in enumerate(self.tables):
            self._section(section, tables, self.report.kinds[number])
        self._notes()
        self._end()
        self._feet()
        title = self.words(Text("%(title)s · 计票报告单", title=self.report.poll.title))
        return self.pages.finish(title=title, language=self.language)

    def _wide(self, font: FontFile) -> bool:
        """Tell whether some table would be too small to read on upright paper."""
        flow = Flow(Pages(font), _MARGINS)
        return any(
            _ruled(grid, _READABLE).crowded(flow, grid.rows)
            for section, tables in self.tables
            for table in tables
            for grid in self._grids(section, table)
        )

    def _grids(self, section: SectionResult, table: CountTable) -> list[Grid]:
        grids = [subjects_grid(section.section, table, self.words)]
        if table.groups:
            grids.append(groups_grid(section.section, table.groups, self.words))
        return grids

    def _head(self) -> None:
        """Set title, what was voted when under which rules, and the hashes that prove it."""
        report, words, flow = self.report, self.words, self.flow
        flow.paragraph(words(Text("计票报告单")), _TITLE)
        flow.title([report.poll.title], _POLL)
        if report.state is not None:
            flow.paragraph(words(report.state), _STATE)
        flow.gap(2)
        facts = [
            Text("考核周期：%(cycle)s", cycle=report.organisation),
            Text("考核方案：《%(scheme)s》", scheme=report.scheme),
        ]
        times = [
            words(Text("%(stage)s：%(at)s", stage=act.stage, at=moment(act.at)))
            for act in report.acts
            if not act.counting
        ]
        sealed = report.sealed_by
        log = Text("事件日志至第 %(number)s 条", number=sealed.number)
        with flow.beside(2) as column:
            column(0)
            for text in facts:
                self._told(text)
            flow.paragraph(words(Text("；")).join(times), _BODY)
            column(1)
            self._hash(Text("规则校验值"), report.rules_hash)
            self._hash(log, sealed.hash)

    def _told(self, text: Text, style: Style = _BODY) -> None:
        self.flow.paragraph(self.words(text), style)

    def _hash(self, name: Text, digest: str) -> None:
        """Set a hash: what is read aloud, then the whole of it."""
        self._told(Text("%(name)s：%(short)s", name=name, short=grouped(digest)))
        self._told(Text("全文 %(hash)s", hash=digest), _SMALL)

    def _account(self) -> None:
        self._headed(Text("票账"))
        self.flow.paragraph(" ".join(map(self.words, account_told(self.report.account))), _BODY)
        if self.report.assisted is not None:
            self._told(Text("收回的票中，代填 %(number)s 票。", number=self.report.assisted))
        quorum = self.report.quorum()
        if quorum is not None:
            self._told(quorum)
        elif self.report.reason:
            self._told(Text("认定时写明的理由：%(reason)s", reason=self.report.reason))
        self.flow.gap(1.5)
        table = account_table(self.report.account)
        columns = [Column(self.words(Text("参评人员类别")), 3, Align.LEFT)]
        columns += [Column(self.words(text), 1) for text in table.headings]
        rows = [
            [
                self.words(name) if isinstance(name, Text) else name,
                *(NOTHING if number is None else str(number) for number in numbers),
            ]
            for name, numbers in table.rows
        ]
        self._set(Grid(columns, rows))
        self._told(Text("单位：张。有效、无效不分类别统计。"), _SMALL)

    def _section(self, result: SectionResult, tables: Sequence[CountTable], kind: str) -> None:
        section = result.section
        self._headed(Text("%(kind)s · %(title)s", kind=kind, title=section.title), follows=30)
        for text in self._bases(result):
            self._told(text)
        for table in tables:
            self._table(result, table, len(tables) > 1)
        self.flow.gap(1)
        self._remarks(tables[-1])
        for counted, each in zip(result.counted, result.subjects, strict=True):
            if counted.discretion is not None:
                told = Text(
                    "酌情：%(name)s %(value)s 分，%(by)s决定，理由：%(reason)s",
                    name=each.subject.name,
                    value=counted.discretion.value,
                    by=counted.discretion.by,
                    reason=counted.discretion.reason,
                )
                self._told(told, _SMALL)

    def _remarks(self, table: CountTable) -> None:
        """Set what readers of the figures must know, subjects of the same remark together."""
        named: dict[str, list[str]] = {}
        for line in table.lines:
            if line.note is not None:
                named.setdefault(self.words(line.note), []).append(line.subject.name)
        comma, colon, then = (self.words(Text(mark)) for mark in ("、", "：", "；"))
        told = [f"{comma.join(names)}{colon}{note}" for note, names in named.items()]
        if told:
            self._told(Text("注：%(note)s", note=then.join(told)), _SMALL)

    def _bases(self, result: SectionResult) -> list[Text]:
        """Say what percentages are of, and what a full score is worth."""
        section = result.section
        rule = section.rule
        told = Text(
            "占比的基数：%(base)s。满分 %(marks)s 分。", base=rule.base.text, marks=rule.full_marks
        )
        if section.on_marks:
            told = Text(
                "打 0 至 100 分，平均分的基数：%(base)s。满分 %(marks)s 分。",
                base=rule.base.text,
                marks=rule.full_marks,
            )
        several = Text(
            "有 %(count)s 个测评项，票数按票次计：每张票每项计一次。",
            count=len(section.questions),
        )
        return [told, several] if len(section.questions) > 1 else [told]

    def _table(self, result: SectionResult, table: CountTable, several: bool) -> None:
        words, flow = self.words, self.flow
        if several:
            flow.gap(1.5)
            name = table.question if not table.whole else words(Text("各项合计"))
            flow.heading(name, replace(_BODY, ink=Ink(10, bold=True)), follows=28)
        flow.gap(1)
        grids = self._grids(result, table)
        self._set(grids[0])
        if len(grids) > 1:
            flow.gap(2.5)
            flow.heading(words(Text("按类别分列")), _BODY, follows=30)
            self._set(grids[1])
        if table.hidden:
            names = words(Text("、")).join(table.hidden)
            self._told(
                Text(
                    "%(names)s：有类别不足 %(least)s 票，各类别票数不单列。",
                    names=names,
                    least=self.report.smallest_group,
                ),
                _SMALL,
            )

    def _set(self, grid: Grid) -> None:
        _ruled(grid).fitted(self.flow, grid.rows).draw(self.flow, grid.rows)

    def _headed(self, text: Text, follows: float = 20) -> None:
        self.flow.gap(_APART)
        self.flow.heading(self.words(text), _HEADING, follows=follows)

    def _notes(self) -> None:
        self.flow.gap(1)
        self._told(
            Text(
                "名次按得分由高到低排列，得分相同的并列，其后的名次顺延（1、2、2、4）。"
                "百分比四舍五入到两位小数，照印不凑整；得分由精确分数四舍五入一次。"
            ),
            _SMALL,
        )

    def _end(self) -> None:
        """Set charts and signatures: no page holds the signatures alone.

        Signatures end the sheet, after the charts; where only the charts' length keeps them from
        the page of the last table, they stand there and the charts are annexed.
        """
        charts = [
            (section, ReportCharts(self.flow, self._chart_lines(section), self.language))
            for section in self.report.sections
        ]
        signing = signatures_height(self.report)
        drawn = sum(chart.height + _HEADING.step + _APART for _, chart in charts)
        annexed = drawn + signing > self.flow.room >= signing
        if annexed:
            draw_signatures(self.report, self.flow, self.words)
            self.flow.begin_page()
        for number, (section, chart) in enumerate(charts, start=1):
            title = Text("图：%(title)s", title=section.section.title)
            self._headed(title, follows=min(chart.height, 30))
            last = number == len(charts) and not annexed
            chart.draw(follows=signing if last else 0)
        if not annexed:
            draw_signatures(self.report, self.flow, self.words)

    def _chart_lines(self, section: SectionResult) -> list[ChartLine]:
        return [
            ChartLine(called(each.subject), stripe_of(section, each), approval_of(section, each))
            for each in section.subjects
        ]

    def _feet(self) -> None:
        """Number the pages, and name the poll and the log's head on each."""
        count = self.pages.count
        for page in range(count):
            with self.pages.again(page):
                left, baseline, width = foot(self.pages)
                told = Text("第 %(page)s 页，共 %(pages)s 页", page=page + 1, pages=count)
                text = self.pages.printable(self.words(told))
                put(self.pages, text, Style(_FOOT, Align.CENTRE), (left, baseline, width))
                text = f"{grouped(self.report.sealed_by.hash)}"
                place = (left, baseline, width - _MARGINS.right)
                put(self.pages, text, Style(_FOOT, Align.RIGHT), place)


def _ruled(grid: Grid, size: float = 10.0) -> RuledTable:
    return RuledTable(grid.columns, size=size, leading=1.25, sides=0.9, padding=0.8, shared=0.2)
