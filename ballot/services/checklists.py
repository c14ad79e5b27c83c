"""Checklists (开始前检查): what a draft still lacks before its poll can open, or should not lack.

A point stands in the way exactly where opening would be refused; everything else is advice.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from ballot.domain.checklist import Checklist, Mend, Point, State
from ballot.domain.occasions import spelt_like
from ballot.domain.people import RatedPersonError, Role, User, refuse_rated
from ballot.domain.polls import Phase, Poll
from ballot.domain.voted import Voted, voted
from ballot.language import Text
from ballot.services import poll_drafts
from ballot.services.confirmable import OPEN
from ballot.services.cycles import scheme_of
from ballot.settings import Settings
from ballot.storage import ballots, cycles, events, people, polls, units
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection
from ballot.storage.events import Wanted


@dataclass(frozen=True)
class CycleChecklist:
    """A cycle's drafts, and the parts of its scheme with units that no poll is about yet."""

    cycle: Cycle
    drafts: Sequence[Checklist]
    missing: Sequence[Voted]

    @property
    def shared(self) -> Sequence[Point]:
        """Return what several drafts all lack alike: it is said once."""
        if len(self.drafts) < 2:
            return ()
        first, *others = self.drafts
        return [
            point for point in first.open_points if all(point in each.points for each in others)
        ]


@dataclass(frozen=True)
class _Around:
    """What a cycle's drafts are checked against.

    `standing`: its polls that count or will; `units`: names of its units by kind; `accounts`: all
    that can be used; `rehearsed`: numbers of polls.
    """

    standing: Sequence[Poll]
    units: Mapping[str, Sequence[str]]
    accounts: Sequence[User]
    rehearsed: Collection[int]
    settings: Settings


def of_poll(connection: Connection, poll_id: int, settings: Settings) -> Checklist | None:
    """Return a draft's checklist; a poll that was opened or annulled has none.

    Raises: NoSuchPollError.
    """
    poll = polls.get(connection, poll_id)
    if poll.phase is not Phase.DRAFT:
        return None
    every = polls.every(connection, poll.cycle_id)
    return _checklist(connection, poll, _around(connection, poll.cycle_id, every, settings))


def of_cycle(connection: Connection, cycle_id: int, settings: Settings) -> CycleChecklist:
    """Return the checklists of a cycle's drafts, and which units still have no poll.

    Raises: NoSuchCycleError.
    """
    cycle = cycles.get(connection, cycle_id)
    every = polls.every(connection, cycle.id)
    around = _around(connection, cycle.id, every, settings)
    return CycleChecklist(
        cycle,
        [_checklist(connection, poll, around) for poll in every if poll.phase is Phase.DRAFT],
        [
            each
            for each in voted(scheme_of(cycle), around.units, every)
            if each.without and not each.part.optional
        ],
    )


def _around(
    connection: Connection, cycle_id: int, every: Sequence[Poll], settings: Settings
) -> _Around:
    return _Around(
        [poll for poll in every if poll.stands],
        units.names(connection, cycle_id),
        [user for user in people.every_user(connection) if _usable(user)],
        _rehearsed(connection),
        settings,
    )


def _checklist(connection: Connection, poll: Poll, around: _Around) -> Checklist:
    return Checklist(
        poll,
        [
            *_units(poll, around.units),
            *_elsewhere(poll, around.standing),
            *_weights(poll),
            *_slips(connection, poll, around.settings.smallest_group),
            *_second_person(poll, around.accounts),
            *_address(around.settings),
            *_rehearsal(poll, around.rehearsed),
            *_end(),
        ],
    )


def _units(poll: Poll, known: Mapping[str, Sequence[str]]) -> Iterator[Point]:
    """Yield whether every subject is a unit of its kind, spelt as in the roster."""
    if poll.rehearsal:
        return
    found = False
    for section, strange in poll.definition.unlisted(known):
        found, listed = True, known[section.kind]
        if not listed:
            text = Text("“%(section)s”还没有单位名单，得分对不上单位。", section=section.title)
        else:
            text = Text(
                "“%(section)s”的对象不在单位名单里，得分对不上：%(units)s。",
                section=section.title,
                units="、".join(_with_likeness(name, listed) for name in strange),
            )
        yield Point(State.WARNING, text, Mend.UNITS, section.kind)
    if not found:
        yield Point(State.OK, Text("测评对象都在单位名单里，名称一致。"))


def _with_likeness(name: str, known: Sequence[str]) -> str:
    meant = spelt_like(name, known)
    return f"{name}（{meant}？）" if meant else name


def _elsewhere(poll: Poll, standing: Sequence[Poll]) -> Iterator[Point]:
    if poll.rehearsal:
        return
    others = [each for each in standing if each.id != poll.id]
    for text in poll_drafts.rated_elsewhere(others, poll.definition):
        yield Point(State.WARNING, text)


def _weights(poll: Poll) -> Iterator[Point]:
    if poll.definition.weighted:
        yield Point(State.OK, Text("各类别权重合计为 1。"))


def _slips(connection: Connection, poll: Poll, smallest_group: int) -> Iterator[Point]:
    """Yield what there is to say about printed ballots, group by group."""
    groups = poll.definition.groups
    counts = ballots.counts(connection, poll.id, [group.key for group in groups])
    without = [g.name for g, count in zip(groups, counts, strict=True) if not count.printed]
    if without:
        names = "、".join(f"“{name}”" for name in without)
        yield Point(State.BLOCKING, Text("%(groups)s还没有印票。", groups=names), Mend.SLIPS)
    for group, count in zip(groups, counts, strict=True):
        usable = count.printed - count.spares - count.voided
        wanted = group.ballots if group.eligible is None else max(group.ballots, group.eligible)
        if count.printed and usable < wanted:
            text = Text(
                "“%(group)s”应印 %(wanted)s 张，除备用和作废外只有 %(usable)s 张。",
                group=group.name,
                wanted=wanted,
                usable=max(usable, 0),
            )
            yield Point(State.WARNING, text, Mend.SLIPS)
        elif not count.printed and group.eligible is not None and group.ballots < group.eligible:
            text = Text(
                "“%(group)s”应到 %(eligible)s 人，只准备印 %(ballots)s 张票。",
                group=group.name,
                eligible=group.eligible,
                ballots=group.ballots,
            )
            yield Point(State.WARNING, text, Mend.EDIT)
    if not without:
        yield Point(State.OK, Text("每个类别都印了票。"))
        if not any(count.spares for count in counts):
            text = Text("没有备用票：票损坏或遗失时换不了。")
            yield Point(State.TODO, text, Mend.SLIPS)
        else:
            spares = sum(count.spares for count in counts)
            yield Point(State.OK, Text("有 %(spares)s 张备用票。", spares=spares))
    yield from _small(poll, smallest_group)


def _small(poll: Poll, smallest_group: int) -> Iterator[Point]:
    """Yield where so few vote that the results would tell who said what."""
    total = sum(group.ballots for group in poll.definition.groups)
    if total < smallest_group:
        text = Text(
            "一共只有 %(total)s 张票，少于 %(least)s 张：从结果容易猜出是谁投的。",
            total=total,
            least=smallest_group,
        )
        yield Point(State.WARNING, text, Mend.EDIT)
        return
    small = [g.name for g in poll.definition.groups if g.ballots < smallest_group]
    if small and poll.definition.weighted:
        text = Text(
            "%(groups)s少于 %(least)s 张票，它的结果不会单独显示。",
            groups="、".join(f"“{name}”" for name in small),
            least=smallest_group,
        )
        yield Point(State.WARNING, text, Mend.EDIT)


def _second_person(poll: Poll, accounts: Sequence[User]) -> Iterator[Point]:
    """Yield whether two accounts can open the poll: one that asks, one that confirms."""
    pairs = (
        (asker, witness)
        for asker in accounts
        if asker.role in OPEN.askers
        for witness in accounts
        if witness.id != asker.id and witness.role in OPEN.witnesses and _unrated(poll, witness)
    )
    if next(pairs, None) is None:
        text = Text(
            "没有能确认开始的第二人：须另有一个监票人、组织者或管理员的账号，本人不是测评对象，"
            "也已换过临时密码。"
        )
        yield Point(State.BLOCKING, text, Mend.PEOPLE)
    elif not any(user.role is Role.SCRUTINEER and _unrated(poll, user) for user in accounts):
        text = Text("还没有监票人的账号。可由另一位组织者或管理员确认，最好请监票人来。")
        yield Point(State.TODO, text, Mend.PEOPLE)
    else:
        yield Point(State.OK, Text("有监票人的账号，可以确认开始和结束。"))


def _usable(user: User) -> bool:
    return not user.ended and not user.temporary


def _unrated(poll: Poll, user: User) -> bool:
    try:
        refuse_rated(poll.definition, user.name, user.full_name)
    except RatedPersonError:
        return False
    return True


def _address(settings: Settings) -> Iterator[Point]:
    host = urlsplit(settings.public_url).hostname or ""
    if _is_this_machine(host):
        text = Text(
            "公开网址是 %(url)s，只有这台电脑自己打得开，手机扫码打不开。印票以前，请设好 "
            "BALLOT_PUBLIC_URL，或用 ballot serve --lan 启动。",
            url=settings.public_url,
        )
        yield Point(State.WARNING, text)
    else:
        yield Point(State.OK, Text("手机打开的网址是 %(url)s。", url=settings.public_url))


def _is_this_machine(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _rehearsed(connection: Connection) -> set[int]:
    """Return the polls that were rehearsed; of wiped rehearsals the log still tells."""
    opened = {
        entry.details.get("poll") for entry in events.some(connection, Wanted(action="poll opened"))
    }
    made = events.some(connection, Wanted(action="rehearsal made"))
    return {entry.details["copy_of"] for entry in made if entry.details.get("poll") in opened}


def _rehearsal(poll: Poll, rehearsed: Collection[int]) -> Iterator[Point]:
    if poll.rehearsal:
        return
    if poll.id in rehearsed:
        yield Point(State.OK, Text("已经演练过。"))
    else:
        text = Text("还没有演练。演练一次，扫码、投票、结束都走一遍，会场上就不慌。")
        yield Point(State.TODO, text, Mend.REHEARSE)


def _end() -> Iterator[Point]:
    text = Text("结束时间在开始时填写；不填，就要有人到时手工结束。")
    yield Point(State.TODO, text, Mend.OPEN)
