"""The host script (主持词): what is said at a meeting, stage by stage, with the figures known then.

A figure that is not known yet, or may not be told yet, is a gap to be filled in by hand. Before
closing there is nothing but turnout, and results only once they are certified.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ballot.domain.account import Account
from ballot.domain.account_words import mistakes_of
from ballot.domain.count_report import quorum_told
from ballot.domain.host_before import before_lines
from ballot.domain.host_facts import GAP, Facts, Line, Turnout, cue, say
from ballot.domain.host_results import result_lines
from ballot.domain.moments import moment
from ballot.domain.polls import Phase
from ballot.domain.quorum import is_met
from ballot.language import N_, Text


@dataclass(frozen=True)
class Stage:
    """One stage of the meeting. `present`: the meeting is here now; `past`: it was."""

    key: str
    title: Text
    lines: tuple[Line, ...]
    present: bool
    past: bool


_TITLES: Final = {
    "before": N_("一、开始之前"),
    "opening": N_("二、开始投票"),
    "voting": N_("三、投票之中"),
    "closing": N_("四、停止投票、清点票数"),
    "result": N_("五、宣布结果"),
}


def host_script(facts: Facts) -> list[Stage]:
    """Return the stages of the meeting in their order."""
    lines = {
        "before": tuple(before_lines(facts)),
        "opening": tuple(_opening(facts)),
        "voting": tuple(_voting(facts)),
        "closing": tuple(_closing(facts)),
        "result": tuple(_result(facts)),
    }
    keys = list(lines)
    here = keys.index(_present(facts))
    return [
        Stage(key, Text(_TITLES[key]), tuple(lines[key]), place == here, place < here)
        for place, key in enumerate(keys)
    ]


def _present(facts: Facts) -> str:
    poll = facts.poll
    if poll.phase is Phase.DRAFT:
        return "before"
    if poll.phase is Phase.OPEN:
        return "closing" if poll.is_closing(facts.now) else "voting"
    return "closing" if poll.phase is Phase.CLOSED else "result"


def _opening(facts: Facts) -> Iterator[Line]:
    yield cue(Text("监票人在场，组织者点“开始投票”。"))
    yield say(
        Text(
            "监票人、计票人查验完毕。本次测评共印制测评票 %(printed)s 张，发出 %(issued)s 张。",
            printed=_number(facts.turnout.printed),
            issued=_number(facts.turnout.issued),
        )
    )
    yield say(Text("现在开始投票。"))
    poll = facts.poll
    if poll.closes_at is not None and poll.phase is Phase.OPEN and not poll.closing:
        yield say(Text("投票到 %(at)s 结束。", at=moment(poll.closes_at)))
    else:
        yield say(Text("大家都投完以后，由我宣布停止投票。"))


def _voting(facts: Facts) -> Iterator[Line]:
    told = facts.turnout if facts.poll.phase is Phase.OPEN else Turnout(None, None, None)
    yield cue(Text("只读全场合计，不分类别，不点名催票。"))
    yield say(
        Text(
            "截至目前，发出 %(issued)s 张，已经投出 %(cast)s 张。还没有提交的，请抓紧时间；"
            "手机不便的，请举手，工作人员来协助。",
            issued=_number(told.issued),
            cast=_number(told.cast),
        )
    )


def _closing(facts: Facts) -> Iterator[Line]:
    """Say what came back and, if so, that the vote is valid."""
    yield say(Text("还有没有没投票的？没有了，现在停止投票。"))
    yield cue(Text("组织者点“结束投票”；在途的票收完以后自动计票。"))
    yield say(Text("请计票人清点票数，监票人监督。"))
    account = facts.account
    if account is None:
        gaps = {"issued": GAP, "returned": GAP, "valid": GAP, "invalid": GAP}
        yield say(Text(_COUNTED, **gaps))
        yield cue(Text("收回票数不多于发出票数、达到规定的参加比例，方可宣布有效。"))
        return
    yield from _counted(facts, account)


_COUNTED: Final = N_(
    "本次测评发出测评票 %(issued)s 张，收回 %(returned)s 张，其中有效票 %(valid)s 张，"
    "无效票 %(invalid)s 张。"
)


def _counted(facts: Facts, account: Account) -> Iterator[Line]:
    total = account.total
    numbers = {"issued": total.issued, "returned": total.returned}
    yield say(Text(_COUNTED, **numbers, valid=account.valid, invalid=account.invalid))
    mistakes = mistakes_of(account)
    if mistakes:
        for text in (Text("票账不符，先查明，不要宣布有效："), *mistakes):
            yield cue(text)
        return
    for text in account.remarks():
        yield say(text)
    quorum = facts.poll.definition.quorum
    told = quorum_told(facts.poll, account, facts.reason)
    if told is not None:
        yield say(told)
    if any(line.excess for line in account.lines):
        yield cue(Text("收回票数多于发出票数，须写明理由才能认定。"))
    elif quorum is not None and not is_met(quorum, account) and not facts.reason:
        yield cue(
            Text("未达到参加比例：不要宣布有效，由组织者决定补投、重新测评，或写明理由认定。")
        )
    else:
        yield say(Text("收回票数不多于发出票数，符合规定，本次测评有效。"))


def _result(facts: Facts) -> Iterator[Line]:
    if not facts.sections:
        yield cue(Text("结果认定以后，这里才有结果。"))
        return
    yield say(Text("经监票人、计票人核对，结果已经认定。现在宣布测评结果。"))
    for section in facts.sections:
        yield from result_lines(section)
    yield say(
        Text(
            "以上得分按《%(scheme)s》计入年度考核，年度结果以会议审定为准。"
            "计票报告单由监票人、计票人和组织者签字存档。",
            scheme=facts.scheme,
        )
    )
    yield say(Text("本次测评到此结束。谢谢大家。"))


def _number(number: int | None) -> Text | int:
    return GAP if number is None else number
