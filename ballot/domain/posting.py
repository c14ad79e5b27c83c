"""What a notice may hold, and the tables that it posts: no person's figures, no small groups.

Source: docs/scoring-rules.md, rule 66. A subject with a duty (职务) is a person, whatever the kind.
"""

from collections.abc import Iterable, Sequence

from ballot.domain.definition import Definition, Subject
from ballot.domain.notices import PostedTable
from ballot.domain.results import SectionResult, SubjectResult
from ballot.language import Text
from ballot.scoring import PENDING, Kind, NoticeRule, Posts, Standing
from ballot.scoring.compared import may_tell_groups

_NONE = "–"


def may_post_standing(rule: NoticeRule) -> bool:
    """Tell whether an approved standing gives something to post: its figures or its proposals."""
    return rule.posts in {Posts.ALL, Posts.PROPOSED}


def is_person(subject: Subject) -> bool:
    """Tell whether a subject is a person, whose figures are never posted."""
    return bool(subject.duty.strip())


def postable(section: SectionResult, rule: NoticeRule) -> list[SubjectResult]:
    """Return the subjects of a section whose results may be posted, in paper order."""
    if not rule.polls:
        return []
    return [result for result in section.subjects if not is_person(result.subject)]


def posted_section(
    definition: Definition,
    section: SectionResult,
    rule: NoticeRule,
    *,
    source: str,
    kind_title: str,
    smallest_group: int,
) -> PostedTable | None:
    """Return the table of a section's results; None where nothing of it may be posted.

    In a poll by weighted groups the share of all and the share by weights together would tell a
    small group's figures; where one is small, neither is posted, only what the points are.
    """
    told = postable(section, rule)
    if not told:
        return None
    asked = section.section
    small = definition.weighted and not all(
        may_tell_groups(counted.questions, smallest_group) for counted in section.counted
    )
    columns = [Text("测评对象")]
    if not small:
        columns += [Text("平均分")] if asked.on_marks else _share_columns(section)
    columns.append(Text("得分"))
    rows = [(each.subject.name, *_shares(each, small=small), _points(each)) for each in told]
    remarks = [
        Text(
            "满分 %(full)s 分；占比的基数为%(base)s",
            full=f"{asked.rule.full_marks:f}",
            base=asked.rule.base.text,
        )
    ]
    if small:
        remarks.append(Text("有的参评类别人数很少，为不暴露个人意见，只公示得分"))
    if len(told) < len(section.subjects):
        remarks.append(Text("个人的结果不公示"))
    title = Text("%(poll)s · %(kind)s", poll=definition.title, kind=kind_title)
    return _table(source, title, columns, rows, remarks)


def posted_comments(
    definition: Definition, published: Iterable[str], *, source: str
) -> PostedTable | None:
    """Return the table of a poll's moderated comments; None for none, or where persons are rated.

    They are sorted by their letters, which tells nothing.
    """
    rows = [(text,) for text in sorted(published)]
    subjects = [subject for section in definition.sections for subject in section.subjects]
    if not rows or any(map(is_person, subjects)):
        return None
    title = Text("%(poll)s：意见（经审核）", poll=definition.title)
    return _table(source, title, [Text("意见")], rows, [])


def _share_columns(section: SectionResult) -> list[Text]:
    approval = section.section.rule.levels.approval
    return [Text("%(levels)s票／基数", levels=approval), Text("%(levels)s率", levels=approval)]


def _shares(result: SubjectResult, *, small: bool) -> tuple[str, ...]:
    converted = result.converted
    if small:
        return ()
    if converted.on_marks:
        score = converted.to_json()["score"]
        return (score or _NONE,)
    percent = f"{converted.percent}%" if converted.percent else _NONE
    return converted.ratio or _NONE, percent


def _points(result: SubjectResult) -> str:
    points = result.converted.points
    return _NONE if points is None else f"{points:f}"


def posted_standing(
    kind: Kind,
    standings: Sequence[Standing],
    order: Iterable[str],
    *,
    source: str,
    approval: int,
    approved: Text,
) -> PostedTable | None:
    """Return the table of an approved standing, as the kind's rule lets it be posted.

    `order`: all units in the order of the list, in which those proposed are told: rank would tell
    more than the list may. `approved`: by which meeting.
    """
    if kind.notice.posts is Posts.ALL:
        return _ranking(kind, standings, source, approval, approved)
    if kind.notice.posts is Posts.PROPOSED:
        return _proposed(kind, standings, list(order), source, approval)
    return None


def _ranking(
    kind: Kind, standings: Sequence[Standing], source: str, approval: int, approved: Text
) -> PostedTable:
    graded = kind.grades is not None
    columns = [Text("分口")] * kind.sectors + [Text("名次"), Text("单位"), Text("总分")]
    columns += [Text("等次")] * graded
    rows = [
        (
            *([each.sector] * kind.sectors),
            _NONE if each.rank is None else str(each.rank),
            each.unit,
            _NONE if each.total is None else f"{each.total:f}",
            *([each.grade or _NONE] * graded),
        )
        for each in standings
    ]
    title = Text("%(kind)s考核结果", kind=kind.title)
    return _table(source, title, columns, rows, [approved], approval)


def _proposed(
    kind: Kind, standings: Sequence[Standing], order: Sequence[str], source: str, approval: int
) -> PostedTable:
    """Return who is proposed for the first grade or a distinction: names, and no figure at all."""
    first = kind.grades.first if kind.grades else ""
    proposals = {
        each.unit: "、".join(
            word
            for word in (each.grade if each.grade == first else "", each.distinction or "")
            if word and word != PENDING
        )
        for each in standings
    }
    rows = [(unit, proposals[unit]) for unit in order if proposals.get(unit)]
    title = Text("%(kind)s：拟定为“%(grade)s”和拟表彰的名单", kind=kind.title, grade=first)
    remarks = [Text("按名单顺序排列，不分先后")]
    return _table(source, title, [Text("姓名"), Text("拟定")], rows, remarks, approval)


def _table(
    source: str,
    title: Text,
    columns: Sequence[Text],
    rows: Sequence[tuple[str, ...]],
    remarks: Sequence[Text],
    approval: int | None = None,
) -> PostedTable:
    """Return the table in the language of the record, in which it is published."""
    return PostedTable(
        source=source,
        title=str(title),
        columns=tuple(map(str, columns)),
        rows=tuple(rows),
        remarks=tuple(map(str, remarks)),
        approval=approval,
    )
