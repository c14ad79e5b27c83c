"""The columns of a count report's tables, and what stands in them, as text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ballot.domain.count_table import CountTable, GroupLine, Line, SubjectLine
from ballot.domain.definition import Section, Subject
from ballot.language import Text
from ballot.output.flow import Align
from ballot.output.ruled_table import Column
from ballot.scoring import Base, MeanMark, Scale
from ballot.scoring.figures import exact, shown

NOTHING = "—"
Words = Callable[[Text], str]


@dataclass(frozen=True)
class Grid:
    """A table ready to be set: columns, and rows of cells."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


def subjects_grid(section: Section, table: CountTable, words: Words) -> Grid:
    """Return the table of subjects; points and ranks stand only where a table is the whole."""
    columns = [Column(words(Text("序号"))), Column(words(Text("对象")), 1, Align.LEFT)]
    columns += _account_columns(section, words)
    columns += _counted_columns(section, words)
    if table.whole:
        columns += [Column(words(text)) for text in _results(section)]
    rows = [
        [str(number), *_cells(section, line, whole=table.whole, words=words)]
        for number, line in enumerate(table.lines, start=1)
    ]
    return Grid(columns, rows)


def groups_grid(section: Section, lines: Sequence[GroupLine], words: Words) -> Grid:
    """Return the table of weighted groups, subject by subject."""
    columns = [
        Column(words(Text("对象")), 1, Align.LEFT),
        Column(words(Text("参评人员类别")), 1, Align.LEFT),
        Column(words(Text("权重"))),
    ]
    columns += _account_columns(section, words)
    columns += _counted_columns(section, words)
    rows = [
        [
            called(line.subject),
            line.group,
            exact(line.weight),
            *_counts(line),
            *_votes(section, line),
        ]
        for line in lines
    ]
    return Grid(columns, rows)


def called(subject: Subject) -> str:
    """Return a subject's name with its duty."""
    return f"{subject.name}（{subject.duty}）" if subject.duty else subject.name


def _account_columns(section: Section, words: Words) -> list[Column]:
    texts = [Text("发出"), Text("收回"), Text("有效"), Text("无效")]
    if section.rule.base is Base.ELIGIBLE:
        texts.insert(0, Text("应到"))
    return [Column(words(text)) for text in texts]


def _counted_columns(section: Section, words: Words) -> list[Column]:
    scale = section.rule.scale
    votes, share, abstained = words(Text("票数")), words(Text("占比")), words(Text("弃权"))
    if not isinstance(scale, Scale):
        return [Column(words(Text("打分票"))), Column(abstained)]
    columns = [
        column
        for label in scale.labels
        for column in (Column(votes, over=label), Column(share, over=label))
    ]
    over = words(scale.approval)
    return [
        *columns,
        Column(abstained),
        Column(words(Text("票")), over=over),
        Column(words(Text("率")), over=over),
    ]


def _results(section: Section) -> list[Text]:
    """Return the headings of what counts became."""
    texts = [Text("折算分"), Text("得分"), Text("名次")]
    if section.on_marks:
        texts[0] = Text("平均分")
        spread = [Text("最高分"), Text("最低分")]
        rule = section.rule.own
        if isinstance(rule, MeanMark) and rule.drops:
            spread += [Text("去掉最高"), Text("去掉最低")]
        texts = [*spread, *texts]
    return texts


def _cells(section: Section, line: SubjectLine, *, whole: bool, words: Words) -> list[str]:
    cells = [called(line.subject), *_account(section, line), *_votes(section, line)]
    if not whole:
        return cells
    if section.on_marks:
        cells += _marks(section, line)
    if line.points is None:
        return [*cells, NOTHING, words(Text("无结果")), NOTHING]
    score = NOTHING if line.score is None else shown(line.score)
    return [*cells, score, f"{line.points:f}", str(line.rank)]


def _account(section: Section, line: Line) -> list[str]:
    eligible = [str(line.counts.eligible)] if section.rule.base is Base.ELIGIBLE else []
    return [*eligible, *_counts(line)]


def _counts(line: Line) -> list[str]:
    counts = line.counts
    numbers = (counts.issued, counts.returned, counts.valid, counts.invalid)
    return [NOTHING if number is None else str(number) for number in numbers]


def _votes(section: Section, line: Line) -> list[str]:
    counts = line.counts
    if section.on_marks:
        return [str(counts.opinions), str(counts.abstain)]
    cells = []
    for level in line.shares:
        cells += [str(level.votes), NOTHING if level.percent is None else f"{level.percent}%"]
    share = f"{line.percent}%" if line.percent else NOTHING
    return [*cells, str(counts.abstain), str(line.approving), share]


def _marks(section: Section, line: SubjectLine) -> list[str]:
    given = [mark for mark, votes in enumerate(line.counts.marks) if votes]
    cells = [str(given[-1]), str(given[0])] if given else [NOTHING, NOTHING]
    rule = section.rule.own
    if isinstance(rule, MeanMark) and rule.drops:
        cells += [str(number) for number in line.dropped]
    return cells
