"""The host script's last stage: results as they are read out, the best first."""

from collections.abc import Iterator
from typing import Final

from ballot.domain.bars import approval_of
from ballot.domain.count_table import SubjectLine, count_tables
from ballot.domain.host_facts import Line, say
from ballot.domain.results import SectionResult
from ballot.language import Text
from ballot.scoring.figures import shown

_MOST_IN_FULL: Final = 6
"""So many subjects are read with every level; more with their share, points and rank."""


def result_lines(result: SectionResult) -> Iterator[Line]:
    """Return what is read out about a certified section: by rank, then in paper order."""
    (*_, whole) = count_tables(result, {}, smallest_group=0)
    several = len(whole.lines) > 1
    if several:
        yield say(Text("“%(section)s”，由高到低：", section=result.section.title))
    ranked = sorted(whole.lines, key=lambda line: (line.rank is None, line.rank or 0))
    for line in ranked:
        name = line.subject.name
        if line.points is None:
            yield say(Text("%(name)s：没有结果。", name=name))
            continue
        told = _told(result, line, full=len(ranked) <= _MOST_IN_FULL)
        if several:
            yield say(
                Text("第 %(rank)s 名，%(name)s：%(told)s。", rank=line.rank, name=name, told=told)
            )
        else:
            yield say(Text("%(name)s：%(told)s。", name=name, told=told))
    if len({line.rank for line in ranked}) < len(ranked):
        yield say(Text("得分相同的，名次并列。"))


def _told(result: SectionResult, line: SubjectLine, *, full: bool) -> Text:
    points = f"{line.points:f}"
    if result.section.on_marks:
        score = shown(line.score) if line.score is not None else ""
        return Text("平均 %(score)s 分，得分 %(points)s 分", score=score, points=points)
    subject = result.subjects[[each.subject for each in result.subjects].index(line.subject)]
    approval = approval_of(result, subject)
    name = approval.name if approval else ""
    told = Text(
        "%(share)s %(percent)s%%，得分 %(points)s 分",
        share=name,
        percent=line.percent,
        points=points,
    )
    return Text("%(levels)s；%(told)s", levels=_levels(line), told=told) if full else told


def _levels(line: SubjectLine) -> Text:
    """Return every level with its votes, and who abstained, if anybody."""
    votes = [(Text("%(level)s", level=each.label), each.votes) for each in line.shares]
    if line.counts.abstain:
        votes.append((Text("弃权"), line.counts.abstain))
    told = [Text("%(level)s %(votes)s 票", level=level, votes=count) for level, count in votes]
    first, *others = told
    for each in others:
        first = Text("%(first)s，%(second)s", first=first, second=each)
    return first
