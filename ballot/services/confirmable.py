"""What needs a second person's confirmation: each action as a value, all of them in `ACTIONS`.

To add an action, write a function that says in words what will happen and one that does it, and
put an `Action` of them into `ACTIONS`. Its page asks with `confirmations.ask` (see there).
`details` are JSON values that the page checked and the two functions read. `run` is called twice:
when it is asked, in a transaction that is undone, so that whatever stands in the way is told at
once; and when it is confirmed. So it changes nothing outside the database, and raises its errors
itself. The word for each action's name stands in `domain/event_words.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ballot.clock import LOCAL
from ballot.domain.confirmations import Details
from ballot.domain.people import Role, User, refuse_rated
from ballot.domain.polls import Poll
from ballot.language import N_, Text
from ballot.services import closing, jobs, polls, voiding
from ballot.services.handing_out import part_name
from ballot.services.overview import of_poll
from ballot.storage.database import Connection

RUNNERS: Final = frozenset({Role.ADMIN, Role.ORGANISER})
"""Who runs a poll, and asks."""
CERTIFIERS: Final = RUNNERS | {Role.SCRUTINEER}
WITNESSES: Final = frozenset({Role.ADMIN, Role.ORGANISER, Role.SCRUTINEER})
"""Who may be the second person."""


@dataclass(frozen=True)
class Pair:
    """The two who act: the asker's account stands in the log, the witness is the scrutineer."""

    asker: User
    witness: User


@dataclass(frozen=True)
class Action:
    """An action that takes two people.

    `name`: kept with requests and in the log; `title`, `done`: message ids; `about`: what tells
    requests of one poll and action apart, of which only one each may wait (such as a batch).
    """

    name: str
    title: str
    done: str
    askers: frozenset[Role]
    witnesses: frozenset[Role]
    words: Callable[[Connection, Poll, Details], Sequence[Text]]
    run: Callable[[Connection, Poll, Details, Pair, datetime], None]
    about: Callable[[Details], object] = lambda _: None


def _opening_words(connection: Connection, poll: Poll, details: Details) -> Sequence[Text]:
    closes_at = _moment(details["closes_at"])
    files = len(jobs.unfetched(connection, poll.id))
    lost = Text(
        "还有 %(files)s 份印好的票文件没有下载，开始投票时即删除，其中的票就没有人能拿到；",
        files=files,
    )
    return [
        *([lost] if files else []),
        Text("印好的 %(printed)s 张票立即可以投；", printed=of_poll(connection, poll.id).printed),
        Text("测评对象、等次、类别和规则从此不能再改；"),
        Text("结束以前，任何人都只能看到投票进度，看不到结果。"),
        Text("投票由组织者手工结束。")
        if closes_at is None
        else Text("投票到 %(time)s（北京时间）自动结束。", time=_written(closes_at)),
    ]


def _open(connection: Connection, poll: Poll, details: Details, pair: Pair, now: datetime) -> None:
    polls.open_poll(
        connection,
        poll.id,
        scrutineer=pair.witness.full_name,
        closes_at=_moment(details["closes_at"]),
        grace_seconds=details["grace_seconds"],
        by=pair.asker.name,
        now=now,
    )


def _closing_words(connection: Connection, poll: Poll, _: Details) -> Sequence[Text]:
    found = of_poll(connection, poll.id)
    return [
        Text("现在已投 %(cast)s / 印制 %(printed)s；", cast=found.cast, printed=found.printed),
        Text("立即不再发出选票页面，扫码的人会看到“投票已经结束”；"),
        Text(
            "已经打开选票、正在提交的人，在 %(seconds)s 秒内仍可投出；",
            seconds=int(poll.grace.total_seconds()),
        ),
        Text("然后自动计票，并打乱、清除投票痕迹；"),
        Text("结束后不能重新开始。"),
    ]


def _close(connection: Connection, poll: Poll, _: Details, pair: Pair, now: datetime) -> None:
    closing.order(
        connection, poll.id, scrutineer=pair.witness.full_name, by=pair.asker.name, now=now
    )


def _certifying_words(_: Connection, poll: Poll, details: Details) -> Sequence[Text]:
    names = {group.key: group.name for group in poll.definition.groups}
    issued = [
        Text("%(group)s：发出 %(issued)s 张；", group=names.get(key, key), issued=number)
        for key, number in details["issued"].items()
    ]
    reason = [Text("未达到比例仍要认定的理由：%(reason)s", reason=details["reason"])]
    return [
        *issued,
        *(reason if details["reason"].strip() else []),
        Text("认定以后，票账和结果不能再改，计分系统即可读取得分。"),
    ]


def _certify(
    connection: Connection, poll: Poll, details: Details, pair: Pair, now: datetime
) -> None:
    refuse_rated(poll.definition, pair.asker.name, pair.asker.full_name)
    closing.certify(
        connection,
        poll.id,
        issued=details["issued"],
        scrutineer=pair.witness.full_name,
        reason=details["reason"],
        by=pair.asker.name,
        now=now,
    )


def _annulling_words(_: Connection, __: Poll, details: Details) -> Sequence[Text]:
    return [
        Text("理由：%(reason)s", reason=details["reason"]),
        Text("作废以后，这次测评不计票、不出结果，也不能恢复；"),
        Text("记录保留，要重新测评须另建活动、另印新票。"),
    ]


def _annul(connection: Connection, poll: Poll, details: Details, pair: Pair, now: datetime) -> None:
    polls.annul(connection, poll.id, reason=details["reason"], by=pair.asker.name, now=now)


def _voiding_words(connection: Connection, poll: Poll, details: Details) -> Sequence[Text]:
    batch = voiding.batch_of(connection, poll, details["batch"])
    return [
        Text(
            "%(part)s的一批票：印制 %(printed)s 张，其中备用 %(spares)s 张；",
            part=part_name(poll.definition.group(batch.group), batch.box),
            printed=batch.printed,
            spares=batch.spares,
        ),
        Text("这批票中还没有投出的，从此全部不能再投，也不能恢复；"),
        Text("已经投出的照常计票，既查不到，也作废不了。"),
        Text("理由：%(reason)s", reason=details["reason"]),
    ]


def _void_batch(
    connection: Connection, poll: Poll, details: Details, pair: Pair, now: datetime
) -> None:
    voiding.void_batch(
        connection,
        poll.id,
        details["batch"],
        reason=details["reason"],
        by=pair.asker.name,
        now=now,
    )


def _written(moment: datetime) -> str:
    return moment.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


OPEN: Final = Action(
    "open", N_("开始投票"), N_("已开始投票。"), RUNNERS, WITNESSES, _opening_words, _open
)
CLOSE: Final = Action(
    "close",
    N_("提前结束投票"),
    N_("已停止投票，正在收取在途的票。"),
    RUNNERS,
    WITNESSES,
    _closing_words,
    _close,
)
CERTIFY: Final = Action(
    "certify",
    N_("认定结果"),
    N_("结果已认定。"),
    CERTIFIERS,
    WITNESSES | {Role.TELLER},  # tellers sign the count report beside scrutineers
    _certifying_words,
    _certify,
)
ANNUL: Final = Action(
    "annul",
    N_("作废测评活动"),
    N_("测评活动已作废。"),
    RUNNERS,
    WITNESSES,
    _annulling_words,
    _annul,
)
VOID_BATCH: Final = Action(
    "void batch",
    N_("整批作废"),
    N_("这批票已作废。"),
    CERTIFIERS,
    WITNESSES,
    _voiding_words,
    _void_batch,
    about=lambda details: details["batch"],
)

ACTIONS: Final[Mapping[str, Action]] = {
    action.name: action for action in (OPEN, CLOSE, CERTIFY, ANNUL, VOID_BATCH)
}
