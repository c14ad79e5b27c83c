"""Recounting an archive: whether votes, account, receipts and event log tell the same story.

Each check says in a sentence what does not fit. Source: docs/archive.md, "What is checked".
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final

from ballot.domain import events as chain
from ballot.domain.account import Account, AccountLine, box_key
from ballot.domain.archive import Archive, ArchiveError, compare, events_about, read
from ballot.domain.codes import ALPHABET
from ballot.domain.definition import WhollyBlank
from ballot.domain.definition_json import rules_hash
from ballot.domain.events import Event
from ballot.domain.keys import RECEIPT_SYMBOLS
from ballot.domain.polls import Phase
from ballot.domain.tallies import POOLED, StoredVote
from ballot.domain.votes import BLANK, NOT_ASKED
from ballot.errors import BallotError
from ballot.language import Text

_UNREADABLE: Final = (ValueError, TypeError, KeyError, AttributeError)


def verify(data: bytes) -> Archive:
    """Return the archive that a file holds, once everything in it was found to fit.

    Raises: ArchiveError with the first thing that does not.
    """
    archive = read(data)
    check(archive)
    compare(archive, data)
    return archive


def check(archive: Archive) -> None:
    """Hold an archive's parts against each other.

    Raises: ArchiveError.
    """
    for part in _CHECKS:
        try:
            problem = next(part(archive), None)
        except _UNREADABLE as error:  # the log holds what no log ever held
            raise ArchiveError(problem=Text("事件日志不可读")) from error
        if problem is not None:
            raise ArchiveError(problem=problem)


def _votes(archive: Archive) -> Iterator[Text]:
    """Every vote answers this poll's questions."""
    groups = {group.key for group in archive.definition.groups}
    known = groups if archive.definition.weighted else {POOLED}
    levels = [slot.section.rule.scale.answers for slot in archive.definition.slots]
    for number, vote in enumerate(archive.votes, 1):
        if vote.group not in known or not _fits(vote, levels):
            yield Text("第 %(number)s 张投票不是这次测评的票", number=number)


def _fits(vote: StoredVote, levels: list[int]) -> bool:
    pairs = list(zip(vote.choices, levels, strict=False))
    if len(vote.choices) != len(levels):
        return False
    if not all(choice < most or choice in (BLANK, NOT_ASKED) for choice, most in pairs):
        return False
    if vote.valid:
        return True
    return all(choice in (BLANK, NOT_ASKED) for choice in vote.choices)


def _account(archive: Archive) -> Iterator[Text]:
    """The account names the poll's groups, balances, and has a vote for each returned ballot."""
    account, definition = archive.account, archive.definition
    groups = [(group.key, group.name, group.eligible) for group in definition.groups]
    boxes = [box_key(box) for box in account.boxes]
    known = {group.key for group in definition.groups}
    fit = all(box.group in known and box.eligible is None for box in account.boxes)
    if not fit or len(set(boxes)) < len(boxes):
        yield Text("票账的流动票箱与类别不符")
    if [(line.group, line.name, line.eligible) for line in account.lines] != groups:
        yield Text("票账的类别与规则不符")
    if not archive.phase.counted:
        yield Text("未结束或已作废的测评没有归档")
    if archive.phase is not Phase.CLOSED:
        try:
            account.check()
        except BallotError as error:
            yield error.texts()[0]
    counted = archive.tally
    for group, returned in counted.returned.items():
        expected = sum(line.returned for line in account.lines if group in (POOLED, line.group))
        if returned != expected:
            yield Text(
                "票账收回 %(returned)s 票，归档中有 %(votes)s 张投票",
                returned=expected,
                votes=returned,
            )
    if sum(counted.invalid.values()) != account.invalid:
        yield Text("票账的无效票数与投票不符")


def _recusals(archive: Archive) -> Iterator[Text]:
    """Who was not asked (回避) is who the rules say."""
    definition = archive.definition
    returned = {line.group: line.returned for line in archive.account.lines}
    refused = Counter(
        (vote.group, place)
        for vote in archive.votes
        if not vote.valid
        for place, choice in enumerate(vote.choices)
        if choice == NOT_ASKED
    )
    for slot in definition.slots:
        away = [group.key for group in definition.groups if not group.rates(slot.subject)]
        for key, counts in archive.tally.slots[slot.index].items():
            expected = sum(returned[group] for group in away if key in (POOLED, group))
            if counts.not_asked + refused[key, slot.index] != expected:
                yield Text("“%(subject)s”的回避票数与规则不符", subject=slot.subject.name)


def _receipts(archive: Archive) -> Iterator[Text]:
    """There is a receipt for each ballot returned by phone, and their list is sorted."""
    expected = archive.account.total.by_phone
    if len(archive.receipts) != expected:
        yield Text(
            "手机投票收回 %(returned)s 票，回执有 %(receipts)s 个",
            returned=expected,
            receipts=len(archive.receipts),
        )
    if any(first > second for first, second in pairwise(archive.receipts)):
        yield Text("回执没有按次序排列")
    if not all(len(r) == RECEIPT_SYMBOLS and set(r) <= set(ALPHABET) for r in archive.receipts):
        yield Text("有的回执不是回执的样子")


def _log(archive: Archive) -> Iterator[Text]:
    """The log is whole, from its start to the last entry about this poll."""
    try:
        chain.verify(archive.events)
    except BallotError as error:
        yield error.texts()[0]
    else:
        if not archive.events or archive.events[-1].details.get("poll") != archive.poll_id:
            yield Text("事件日志不止于这次测评的最后一条")


def _printed(archive: Archive) -> Iterator[Text]:
    """The log tells of as many printed and voided ballots as the account."""
    told = list(events_about(archive))
    for line, mine in _parts(archive.account, told):
        found = [_sum(mine, "ballots printed", what) for what in ("printed", "spares")]
        if found != [line.printed, line.spares]:
            yield Text("事件日志记载的印票数与票账不符")
    singly = sum(event.action == "ballot voided" for event in told)
    whole = any(event.action == "batch voided" for event in told)  # it tells no number
    voided = archive.account.total.voided
    if voided < singly or (voided > singly and not whole):
        yield Text("事件日志记载的作废票数与票账不符")


def _handed_out(archive: Archive) -> Iterator[Text]:
    """The log tells of as many slips handed out and exchanged as the account."""
    told = list(events_about(archive))
    for line, mine in _parts(archive.account, told):
        exchanged = sum(
            e.action == "ballot voided" and e.details.get("replaced") is True for e in mine
        )
        found = [exchanged, _standing(mine, "lost"), _standing(mine, "issued")]
        if found != [line.damaged or 0, line.lost or 0, line.handed_out or 0]:
            yield Text("事件日志记载的发放、换发数与票账不符")


def _parts(account: Account, told: list[Event]) -> Iterator[tuple[AccountLine, list[Event]]]:
    """Yield each line with the entries about its slips: of a group, then of its mobile boxes."""
    for line in account.lines:
        mine = [event for event in told if event.details.get("group") == line.group]
        yield line, mine
        for box in account.boxes_of(line.group):
            yield box, [event for event in mine if event.details.get("box") == box.name]


def _standing(told: Iterable[Event], what: str) -> int:
    """Return how many slips were handed out so, less what was withdrawn."""
    mine = [event for event in told if event.details.get("what") == what]
    return _sum(mine, "slips handed out", "slips") - _sum(mine, "hand-out withdrawn", "slips")


def _history(archive: Archive) -> Iterator[Text]:
    """What the log says of opening, closing and certifying is what the archive says."""
    told = list(events_about(archive))
    account = archive.account
    if not _last(told, "poll opened", {"rules_hash": rules_hash(archive.definition)}):
        yield Text("开始投票时的规则与归档中的规则不符")
    papers = _papers(told)
    counted: dict[str, object] = {
        "returned": account.total.by_phone,
        "invalid": account.invalid - papers["invalid"],
    }
    if account.counts_replacements:
        counted |= {"voided": account.voided, "boxes": account.returned_by_box}
    closed = [event.details for event in told if event.action == "poll closed"]
    tells = bool(closed) and "voided" in closed[-1]
    if tells is not account.counts_replacements or not _last(told, "poll closed", counted):
        yield Text("结束投票时记载的票数与票账不符")
    found = {"papers": account.total.on_paper or 0, "set_aside": account.total.set_aside or 0}
    if found != {name: papers[name] for name in found}:
        yield Text("合并纸质票时记载的票数与票账不符")
    in_boxes = [e.details["boxes"] for e in told if e.action == "paper votes taken over"]
    if (in_boxes or [{}]) != [account.on_paper_by_box]:
        yield Text("合并纸质票时记载的票数与票账不符")
    if archive.definition.wholly_blank is WhollyBlank.ABSTAIN and counted["invalid"]:
        yield Text("手机投出的票没有无效的，票账却有")
    declared: dict[str, object] = {
        "issued": account.total.issued,
        "returned": account.total.returned,
    }
    if account.counts_replacements:
        declared["boxes"] = account.issued_by_box
    if archive.phase is not Phase.CLOSED and not _last(told, "result certified", declared):
        yield Text("认定结果时记载的票数与票账不符")


def _papers(told: Iterable[Event]) -> Mapping[str, int]:
    """Return what the log says of papers: taken over, invalid among them, and set aside."""
    taken = [event.details for event in told if event.action == "paper votes taken over"]
    return {name: sum(one[name] for one in taken) for name in ("papers", "invalid", "set_aside")}


def _discretions(archive: Archive) -> Iterator[Text]:
    """The values that scorers set are those of the log, with their reasons and who set them."""
    told = [event for event in events_about(archive) if event.action == "discretion recorded"]
    recorded = {_value_set(event) for event in told}
    last = {(e.details.get("section"), e.details["unit"]): _value_set(e) for e in told}
    archived = {(each.unit, each.value, each.reason, each.by) for each in archive.discretions}
    for unit, *_ in (archived - recorded) | (set(last.values()) - archived):
        yield Text("“%(unit)s”的酌情分与事件日志不符", unit=unit)


def _value_set(event: Event) -> tuple[str, str, str, str]:
    """Return what an entry says of a value that a scorer set: unit, value, reason, who."""
    details = event.details
    return details["unit"], details["value"], details["reason"], event.actor


def _sum(told: Iterable[Event], action: str, what: str) -> int:
    return sum(event.details[what] for event in told if event.action == action)


def _last(told: Iterable[Event], action: str, facts: Mapping[str, object]) -> bool:
    """Tell whether the last entry of an action says the same; older logs say less."""
    entries = [event.details for event in told if event.action == action]
    if not entries:
        return False
    return all(entries[-1].get(name, value) == value for name, value in facts.items())


_CHECKS: Final[tuple[Callable[[Archive], Iterator[Text]], ...]] = (
    _votes,
    _account,
    _recusals,
    _receipts,
    _log,
    _printed,
    _handed_out,
    _history,
    _discretions,
)
