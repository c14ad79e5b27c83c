"""The host script's first stage: what is rated by whom and how, what is promised, who watches."""

from collections.abc import Iterator, Sequence
from typing import Final

from ballot.domain.definition import Blank, Definition, Section
from ballot.domain.host_facts import GAP, Facts, Line, cue, say
from ballot.language import N_, Text

_MOST_NAMED: Final = 12
"""Of a section's subjects: more are shown on the ballot, and not read out."""


def before_lines(facts: Facts) -> Iterator[Line]:
    """Return what is said before voting is opened."""
    yield from _welcome(facts)
    yield from _ballot(facts.poll.definition)
    yield from _order(facts)


def _welcome(facts: Facts) -> Iterator[Line]:
    """Say what is rated under which rules, and by whom."""
    definition = facts.poll.definition
    yield say(Text("各位代表、同志们：%(title)s现在开始。", title=definition.title))
    yield say(Text("本次测评按照《%(scheme)s》进行。", scheme=facts.scheme))
    for section in definition.sections:
        yield say(_subjects(section))
    groups = _listed(
        Text("%(group)s %(ballots)s 张", group=group.name, ballots=group.ballots)
        for group in definition.groups
    )
    total = sum(group.ballots for group in definition.groups)
    yield say(
        Text("参加测评的有：%(groups)s，共应发测评票 %(total)s 张。", groups=groups, total=total)
    )
    for group in definition.groups:
        if group.excludes:
            told = Text(
                "按照回避规定，%(group)s不评%(subjects)s。",
                group=group.name,
                subjects=_listed(Text("%(name)s", name=name) for name in sorted(group.excludes)),
            )
            yield say(told)


def _subjects(section: Section) -> Text:
    names = _listed(Text("%(name)s", name=subject.name) for subject in section.subjects)
    count = len(section.subjects)
    if count > _MOST_NAMED:
        return Text(
            "“%(section)s”的测评对象共 %(count)s 个，名单见测评票。",
            section=section.title,
            count=count,
        )
    return Text(
        "“%(section)s”的测评对象共 %(count)s 个：%(names)s。",
        section=section.title,
        count=count,
        names=names,
    )


def _ballot(definition: Definition) -> Iterator[Line]:
    """Say how to vote, and what is promised about it."""
    yield say(
        Text(
            "用手机扫票上的二维码，或者在浏览器里打开票上的网址、输入票码；"
            "逐项评价，核对后提交，看到“已计票”就完成了。不用注册，不用登录。"
        )
    )
    for section in definition.sections:
        if section.on_marks:
            yield say(Text("“%(section)s”：每一项打 0 至 100 分。", section=section.title))
        else:
            levels = _listed(Text("%(name)s", name=name) for name in section.rule.levels.labels)
            told = Text("“%(section)s”：每一项选一个等次：%(levels)s。", section=section.title,
                        levels=levels)  # fmt: skip
            yield say(told)
        for limit in section.limits:
            yield say(Text("“%(level)s”最多 %(most)s 个。", level=limit.level, most=limit.at_most))
    if definition.blank is Blank.REQUIRED:
        yield say(Text("每一项都要评，漏了不能提交。"))
    else:
        yield say(Text("哪一项不评，可以空着，按弃权计。"))
    if definition.comments:
        yield say(
            Text(
                "最后还可以写意见，不写也行。意见和评价分开存放，会后打乱次序、经审核才公布；"
                "请不要写姓名、职务、自己家的事这些能认出您的内容。"
            )
        )
    yield say(Text("每张票只能投一次，以第一次提交为准。票损坏或者遗失的，请找工作人员换领。"))
    yield say(
        Text(
            "测评不记名。票由各人自己抽取，系统不记录谁领了哪张票，也不记录谁在什么时候投了哪张票；"
            "计票以后，选票全部打乱，从保存下来的数据查不出哪一票是谁投的。"
        )
    )
    yield say(
        Text(
            "也要说清楚：技术不能代替现场的规矩。请各自填写，不看别人的屏幕，不拍照外传票码，"
            "不代别人投票；投票进行时，服务器由专人看管。"
        )
    )
    yield cue(Text("最后一句只在属实时读。匿名能做到什么、不能做到什么，见产品文档“匿名”一章。"))


def _order(facts: Facts) -> Iterator[Line]:
    """Say who watches and counts, and how many have to vote."""
    scrutineer = facts.scrutineer or GAP
    yield say(
        Text(
            "本次测评的监票人是%(scrutineer)s，计票人是%(teller)s。没有不同意见，请鼓掌通过。",
            scrutineer=scrutineer,
            teller=GAP,
        )
    )
    yield say(Text("请监票人、计票人就位，当众查验测评票和备用票。"))
    quorum = facts.poll.definition.quorum
    if quorum is not None:
        yield say(
            Text(
                "收回的票数，须%(rule)s%(base)s的 %(fraction)s，测评结果方可认定。",
                rule=Text("多于" if quorum.more else N_("不少于")),
                base=quorum.of.text,
                fraction=quorum.fraction,
            )
        )


def _listed(texts: Iterator[Text] | Sequence[Text]) -> Text:
    first, *others = texts
    for each in others:
        first = Text("%(first)s、%(second)s", first=first, second=each)
    return first
