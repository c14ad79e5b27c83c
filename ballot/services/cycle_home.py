"""A cycle at a glance: how far every component of every kind is, and what to do next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from ballot.domain.assessment import named
from ballot.domain.polls import Phase, Poll
from ballot.domain.voted import Voted, voted
from ballot.language import N_, Text
from ballot.scoring import Source
from ballot.scoring.publicity import Posts
from ballot.services import overview, progress, written_notices
from ballot.services.overview import PollOverview
from ballot.services.progress import CycleProgress, KindProgress
from ballot.storage import polls, publication
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection

_NAMED = 5
"""So many units are named where something is missing; of more, their number is told."""


@dataclass(frozen=True)
class KindHome:
    """One kind: its progress, and its votes item by item."""

    progress: KindProgress
    voted: Sequence[Voted]

    @property
    def ready(self) -> bool:
        """Tell whether everything is there that a standing needs."""
        votes = [each for each in self.voted if each.part.item.source is Source.BALLOT]
        instead = sum(each.final for each in self.voted if each.part.item.source is Source.ENTRY)
        entered = sum(each.entered for each in self.progress.offices) + instead
        return (
            bool(self.progress.units)
            and all(each.final == each.units for each in votes)
            and entered >= sum(each.wanted for each in self.progress.offices)
        )


class What(Enum):
    """What can be next, in the order of a year."""

    LIST = "list"
    MAKE = "make"
    PRINT = "print"
    OPEN = "open"
    CLOSE = "close"
    CERTIFY = "certify"
    ENTER = "enter"
    APPROVE = "approve"
    PUBLISH = "publish"
    TELL = "tell"


@dataclass(frozen=True)
class Step:
    """Something to do next. `kind`: the kind it is about; `poll`: the poll, if it is only one."""

    what: What
    text: Text
    kind: str = ""
    poll: Poll | None = None


@dataclass(frozen=True)
class CycleHome:
    """A cycle's kinds, its polls with rehearsals among them, and the next steps."""

    found: CycleProgress
    kinds: Sequence[KindHome]
    polls: Sequence[PollOverview]
    steps: Sequence[Step]

    @property
    def cycle(self) -> Cycle:
        """Return the cycle."""
        return self.found.cycle


def of_cycle(connection: Connection, cycle_id: int) -> CycleHome:
    """Return a cycle as its home page shows it.

    Raises: NoSuchCycleError.
    """
    found = progress.of_cycle(connection, cycle_id)
    every = [overview.of(connection, poll) for poll in polls.every(connection, cycle_id)]
    real = [each for each in every if not each.poll.rehearsal]
    names = {each.kind.key: [unit.name for unit in each.units] for each in found.kinds}
    votes = voted(found.scheme, names, [each.poll for each in every])
    homes = [
        KindHome(each, [on for on in votes if on.part.kind.key == each.kind.key])
        for each in found.kinds
    ]
    steps = [*_steps(homes, real), *_known(connection, cycle_id, homes)]
    return CycleHome(found, homes, every, steps)


def matching(
    every: Sequence[PollOverview], words: str, phase: Phase | None
) -> Sequence[PollOverview]:
    """Return the polls whose title or subjects hold all the words, in a phase if one is given."""
    wanted = words.split()
    return [
        each
        for each in every
        if (phase is None or each.poll.phase is phase)
        and all(any(word in told for told in _told(each.poll)) for word in wanted)
    ]


def _told(poll: Poll) -> list[str]:
    sections = poll.definition.sections
    return [poll.title, *(subject.name for each in sections for subject in each.subjects)]


def _steps(kinds: Sequence[KindHome], every: Sequence[PollOverview]) -> Iterable[Step]:
    """Yield what to do next, in the order of a year."""
    if not any(each.progress.units for each in kinds):
        first = next((each.progress.kind.key for each in kinds), "")
        yield Step(What.LIST, Text("录入参加考核的单位名单。"), kind=first)
    for each in (on for kind in kinds for on in kind.voted if on.without):
        title, names = each.part.item.title, named(each.without, _NAMED)
        words = Text("为“%(item)s”建立测评活动：%(units)s。", item=title, units=names)
        yield Step(What.MAKE, words, kind=each.part.kind.key)
    yield from _of_polls(every)
    for kind in kinds:
        missing = [each for each in kind.progress.offices if each.entered < each.wanted]
        if kind.progress.units and missing:
            yield Step(What.ENTER, _missing(kind.progress), kind=kind.progress.kind.key)
        if kind.ready and kind.progress.approved is None:
            title = kind.progress.kind.title
            words = Text("“%(kind)s”的分数已经齐全：核对总评，报党政会议审定。", kind=title)
            yield Step(What.APPROVE, words, kind=kind.progress.kind.key)


def _known(connection: Connection, cycle_id: int, every: Sequence[KindHome]) -> Iterable[Step]:
    """Yield how approved standings are still to be made known."""
    approved = [each.progress for each in every if each.progress.approved]
    posted = publication.notices_of(connection, cycle_id)
    allowed = [each for each in approved if each.kind.notice.posts is not Posts.NONE]
    if allowed and not any(each.recorded.stands for each in posted):
        titles = "、".join(each.kind.title for each in allowed)
        yield Step(What.PUBLISH, Text("公示：“%(kinds)s”的总评已审定，还没有公示。", kinds=titles))
    for each in approved:
        missing = written_notices.of_kind(connection, cycle_id, each.kind.key).missing
        if missing:
            words = Text(
                "书面通知“%(kind)s”：还有 %(count)s 个没有送达。",
                kind=each.kind.title,
                count=missing,
            )
            yield Step(What.TELL, words, kind=each.kind.key)


_OF_POLLS = (
    (What.PRINT, Phase.DRAFT, N_("印票：%(count)s 个测评活动还没有印票。")),
    (What.OPEN, Phase.DRAFT, N_("开始投票：%(count)s 个测评活动已印好票。")),
    (What.CLOSE, Phase.OPEN, N_("正在投票：%(count)s 个测评活动，投完后结束投票。")),
    (What.CERTIFY, Phase.CLOSED, N_("认定结果：%(count)s 个测评活动已结束投票。")),
)


def _of_polls(every: Sequence[PollOverview]) -> Iterable[Step]:
    for what, phase, message in _OF_POLLS:
        found = [
            each.poll
            for each in every
            if each.poll.phase is phase
            and (phase is not Phase.DRAFT or bool(each.printed) == (what is What.OPEN))
        ]
        if found:
            only = found[0] if len(found) == 1 else None
            yield Step(what, Text(message, count=len(found)), poll=only)


def _missing(found: KindProgress) -> Text:
    missing = [each for each in found.offices if each.entered < each.wanted]
    told = "、".join(f"{each.office}{each.wanted - each.entered}" for each in missing[:_NAMED])
    more = "…" if len(missing) > _NAMED else ""
    count = sum(each.wanted - each.entered for each in missing)
    return Text(
        "录入“%(kind)s”的分数：还差 %(count)s 项（%(offices)s）。",
        kind=found.kind.title,
        count=count,
        offices=told + more,
    )
