"""Count reports for tests, of figures given by hand, and what stands on their pages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from ballot.domain.account import Account, AccountLine
from ballot.domain.count_report import CountReport, acts_of
from ballot.domain.definition import Definition, Group, Quorum, Section, Subject
from ballot.domain.events import START, Event, chained
from ballot.domain.host_facts import Facts, Turnout
from ballot.domain.polls import CycleId, Phase, Poll, PollId
from ballot.domain.results import SectionResult, results
from ballot.domain.tallies import POOLED, SlotTally, Tally
from ballot.scoring import MarksScale, Rule, load_scheme
from tests.builders import NOW

BANDED = load_scheme("street-2023").kind("village").component("village-peer-review").ballot_rule()
VOTERS = Group("voters", "村民", 30)


def a_section(
    names: Sequence[str] = ("白马村",), rule: Rule = BANDED, title: str = "村述村评", **more
) -> Section:
    subjects = tuple(Subject(name, name) for name in names)
    return Section("village", "village-peer-review", title, subjects, rule, **more)


def slot(*marks: int, blank: int = 0, invalid: int = 0) -> dict[str, SlotTally]:
    """Return what a pooled slot counted."""
    return {POOLED: SlotTally(marks, blank, 0, invalid)}


def mark_slot(*marks: int, blank: int = 0) -> dict[str, SlotTally]:
    """Return what a slot on marks counted, from the marks given."""
    counts = [0] * MarksScale().answers
    for mark in marks:
        counts[mark] += 1
    return {POOLED: SlotTally(tuple(counts), blank)}


def a_line(group: Group, returned: int, **more: int) -> AccountLine:
    told = {"printed": group.ballots + 2, "spares": 2, "voided": 0, "issued": group.ballots}
    told |= {"returned": returned, "damaged": 0, "lost": 0}
    return AccountLine(group.key, group.name, **(told | more), eligible=group.eligible)


def a_log(*acts: tuple[str, dict[str, object]], by: str = "wang") -> list[Event]:
    log: list[Event] = []
    for number, (action, details) in enumerate(acts):
        at = NOW + timedelta(hours=number)
        last = log[-1] if log else None
        log.append(chained(last, at=at, actor=by, action=action, details=details))
    return log


def a_report(
    *slots: dict[str, SlotTally],
    sections: Sequence[Section] = (),
    groups: Sequence[Group] = (VOTERS,),
    returned: Sequence[int] = (),
    quorum: Quorum | None = None,
    phase: Phase = Phase.CERTIFIED,
    reason: str = "",
    lines: Sequence[AccountLine] = (),
) -> CountReport:
    """Return the report of a poll in which each slot counted what is given, in paper order."""
    definition = Definition(
        "白马村2023年度村述村评", "street-2023", tuple(sections or [a_section()]), tuple(groups),
        quorum=quorum,
    )  # fmt: skip
    first = next(iter(slots[0].values()))
    total = sum(first.marks) + first.blank + first.invalid
    came = returned or [total] * len(groups)
    account = Account(
        tuple(lines) or tuple(map(a_line, groups, came)), max(s.invalid for s in slots[0].values())
    )
    tally = Tally(tuple(slots), {}, {})
    log = a_log(
        ("poll opened", {"scrutineer": "张监票"}),
        ("closing begun", {"scrutineer": "张监票"}),
        ("poll closed", {}),
        ("result certified", {"scrutineer": "李监票"}),
    )
    poll = Poll(
        id=PollId(1), definition=definition, phase=phase, cycle_id=CycleId(1), created_at=NOW,
        opened_at=NOW, closes_at=NOW + timedelta(hours=1),
    )  # fmt: skip
    done: tuple[SectionResult, ...] = results(definition, tally, account, (), 5)
    return CountReport(
        poll, "白马街道2023年度综合目标管理考核", "街道综合目标管理考核", account, done,
        tuple("村（社区）" for _ in done), log[-1], acts_of(log), reason, 5,
    )  # fmt: skip


def on_marks(**drops: int) -> Rule:
    from ballot.scoring import MARKS, Base, MeanMark

    dropped = {key: Fraction(value) for key, value in drops.items()}
    return Rule(MARKS, MeanMark(**dropped), Base.OPINIONS, Decimal(20))


def facts_of(report: CountReport) -> Facts:
    """Return what a host knows once the result of a report is certified."""
    total = report.account.total
    turnout = Turnout(total.printed, total.issued, total.returned)
    return Facts(
        report.poll, report.scheme, NOW, turnout, "张监票", report.account, report.sections
    )


def of_base(base) -> Rule:
    return replace(BANDED, base=base)


__all__ = [
    "BANDED", "START", "a_line", "a_log", "a_report", "a_section", "facts_of", "mark_slot",
    "of_base", "on_marks", "slot",
]  # fmt: skip
