"""What a cycle has that a notice could hold, and why some of it may not be posted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ballot.domain import posting
from ballot.domain.assessment import in_force
from ballot.domain.moments import day
from ballot.domain.notices import PostedTable
from ballot.domain.polls import Poll
from ballot.errors import RefusedError
from ballot.language import N_, Text
from ballot.scoring import Kind, NoticeRule, Posts
from ballot.services import comments, results, standings
from ballot.services.cycles import scheme_of
from ballot.storage import cycles, ledger, polls, units
from ballot.storage.database import Connection

POLL: Final = "poll:"
KIND: Final = "kind:"


class NotPostableError(RefusedError):
    """Something in a notice may not be posted, or not any more."""

    message = N_("“%(title)s”不能公示：%(problem)s。")


@dataclass(frozen=True)
class Choice:
    """Something that a notice could hold. `why_not`: why it may not, None where it may.

    `kinds`: those that it is about, by key; `rules`: those of the kinds under which it is posted.
    """

    key: str
    title: str
    kinds: Mapping[str, Kind]
    rules: Sequence[NoticeRule]
    why_not: Text | None = None


def choices(connection: Connection, cycle_id: int, smallest_group: int) -> list[Choice]:
    """Return everything that a cycle's notice could hold: standings by kind, then polls.

    Raises: NoSuchCycleError.
    """
    every = scheme_of(cycles.get(connection, cycle_id)).kinds
    there = units.names(connection, cycle_id)
    return [
        *(_of_kind(connection, cycle_id, kind) for kind in every.values() if there[kind.key]),
        *(
            _of_poll(connection, poll, every, smallest_group)
            for poll in polls.standing(connection, cycle_id)
        ),
    ]


def _of_kind(connection: Connection, cycle: int, kind: Kind) -> Choice:
    why = None
    if not posting.may_post_standing(kind.notice):
        why = Text("方案只许公示：%(posts)s", posts=kind.notice.posts.text)
        if kind.notice.posts is Posts.NONE:
            why = Text("按方案，“%(kind)s”什么都不公示", kind=kind.title)
    elif in_force(ledger.approvals_of(connection, cycle, kind.key)) is None:
        why = Text("总评还没有审定")
    said = Text("%(kind)s总评", kind=kind.title)
    if kind.notice.posts is Posts.PROPOSED:
        said = Text("%(kind)s：拟定和拟表彰的名单", kind=kind.title)
    return Choice(f"{KIND}{kind.key}", str(said), {kind.key: kind}, (kind.notice,), why)


def _of_poll(
    connection: Connection, poll: Poll, every: Mapping[str, Kind], smallest_group: int
) -> Choice:
    named = dict.fromkeys(section.kind for section in poll.definition.sections)
    mine = {key: every[key] for key in named if key in every}
    rules = [kind.notice for kind in mine.values() if kind.notice.polls]
    why = None
    if not rules:
        why = Text("按方案，这类测评的结果不公示")
    elif not poll.phase.final:
        why = Text("结果还没有认定")
    elif results.account_of(connection, poll.id)[1].total.returned < smallest_group:
        why = Text("收回不足 %(least)s 票，公示会暴露个人意见", least=smallest_group)
    elif all(
        posting.is_person(subject)
        for section in poll.definition.sections
        for subject in section.subjects
    ):
        why = Text("测评对象都是个人，个人的结果不公示")
    return Choice(f"{POLL}{poll.id}", poll.title, mine, rules, why)


def tables(
    connection: Connection,
    cycle_id: int,
    keys: Iterable[str],
    known: Sequence[Choice],
    smallest_group: int,
) -> tuple[PostedTable, ...]:
    """Return the tables of what a notice holds, by the schemes' rules and nothing beyond.

    `known`: the cycle's `choices`.
    Raises: NotPostableError.
    """
    by_key = {each.key: each for each in known}
    found: list[PostedTable] = []
    for key in keys:
        choice = by_key.get(key)
        if choice is None or choice.why_not is not None:
            problem = choice.why_not if choice else Text("它已经作废或不存在")
            raise NotPostableError(title=choice.title if choice else key, problem=problem)
        if key.startswith(KIND):
            found.append(_standing(connection, cycle_id, key, smallest_group))
        else:
            found += _sections(connection, choice, smallest_group)
    return tuple(found)


def _standing(connection: Connection, cycle_id: int, key: str, smallest_group: int) -> PostedTable:
    kind = key.removeprefix(KIND)
    found = standings.of_kind(connection, cycle_id, kind, smallest_group=smallest_group)
    title, approval = found.assessed.kind.title, found.approved
    if approval is None or found.differs:
        raise NotPostableError(title=title, problem=Text("现在算出的数字与审定时不同"))
    table = posting.posted_standing(
        found.assessed.kind,
        found.standings,
        [unit.name for unit in found.units],
        source=key,
        approval=approval.recorded.id,
        approved=Text(
            "%(day)s%(meeting)s审定", day=day(approval.held_on), meeting=approval.meeting
        ),
    )
    if table is None or not table.rows:
        raise NotPostableError(title=title, problem=Text("没有可以公示的内容"))
    return table


def _sections(connection: Connection, choice: Choice, smallest_group: int) -> list[PostedTable]:
    number = int(choice.key.removeprefix(POLL))
    found = results.of_poll(connection, number, smallest_group=smallest_group)
    definition = found.poll.definition
    tables = [
        posting.posted_section(
            definition,
            section,
            choice.kinds[section.section.kind].notice,
            source=choice.key,
            kind_title=choice.kinds[section.section.kind].title,
            smallest_group=smallest_group,
        )
        for section in found.sections
        if section.section.kind in choice.kinds
    ]
    if all(tables):  # else some of it is not posted, and who knows what a comment is about
        said = comments.published(connection, number)
        tables.append(posting.posted_comments(definition, said, source=choice.key))
    return [table for table in tables if table is not None]


def stands(connection: Connection, cycle_id: int, table: PostedTable) -> bool:
    """Tell whether what a table shows still holds: its poll or its approval was not undone."""
    if table.source.startswith(POLL):
        poll = polls.get(connection, int(table.source.removeprefix(POLL)))
        return poll.phase.final
    kind = table.source.removeprefix(KIND)
    approval = in_force(ledger.approvals_of(connection, cycle_id, kind))
    return approval is not None and approval.recorded.id == table.approval
