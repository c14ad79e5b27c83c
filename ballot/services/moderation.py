"""Moderation (意见审核): deciding about comments, publishing them as a whole, taking that back.

One person decides; the log tells numbers and who, never a text.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from ballot.domain.moderation import Decision, Said
from ballot.domain.polls import Poll
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.services.comments import Comments, Moderated, of_poll
from ballot.storage import comments as stored
from ballot.storage import events, polls
from ballot.storage.database import Connection


class UndecidedError(RefusedError):
    """Some comments were not moderated yet."""

    message = N_("还有 %(count)s 条意见没有审核，全部审核以后才能发布。")


class PublishedError(RefusedError):
    """What is published does not change under its readers."""

    message = N_("意见已经发布，不能再改。要改，请先撤回发布。")


class NotPublishedError(RefusedError):
    """There is nothing to take back."""

    message = N_("意见还没有发布。")


def moderate(
    connection: Connection,
    poll_id: int,
    said: Mapping[str, tuple[str, Said]],
    *,
    smallest_group: int,
    by: str,
    now: datetime,
) -> int:
    """Keep what a form decides about comments, and return how many decisions it changed.

    `said`: by key, the mark that the form saw and what it says now. What the form did not change
    stays, also if somebody else changed it meanwhile. All is kept, or nothing.
    Raises: as `of_poll`; PublishedError; MistakesError naming each comment.
    """
    found = _changing(connection, poll_id, smallest_group)
    mistakes: list[Text] = []
    changed = [
        (each, decision)
        for each, wanted in _wanted(found.every, said, mistakes)
        for decision in _decided(each, wanted, mistakes)
    ]
    missing = said.keys() - {each.key for each in found.every}
    if missing:
        mistakes.append(Text("有意见不在了，可能刚合并了纸质票。请重新打开本页。"))
    if mistakes:
        raise MistakesError(mistakes)
    for each, decision in changed:
        stored.decide(connection, found.poll.id, each.comment.id, decision)
    if changed:
        _log(connection, found.poll, "comments moderated", by, now, decided=len(changed))
    return len(changed)


def _wanted(
    every: Iterable[Moderated], said: Mapping[str, tuple[str, Said]], mistakes: list[Text]
) -> list[tuple[Moderated, Said]]:
    """Return what a form changes; what others changed as well is a mistake."""
    wanted = []
    for each in every:
        seen, mine = said.get(each.key, ("", None))
        if mine is None or mine.mark in {seen, each.said.mark}:
            continue
        if each.said.mark != seen:
            told = Text("第 %(number)s 条刚由别人审核过，请看一看再定。", number=each.number)
            mistakes.append(told)
            continue
        wanted.append((each, mine))
    return wanted


def _decided(each: Moderated, said: Said, mistakes: list[Text]) -> list[Decision | None]:
    """Return the decision, or nothing with the reasons among the mistakes."""
    try:
        return [said.decision(each.text)]
    except MistakesError as error:
        mistakes += [
            Text("第 %(number)s 条：%(problem)s", number=each.number, problem=text)
            for text in error.texts()
        ]
        return []


def publish(
    connection: Connection, poll_id: int, *, smallest_group: int, by: str, now: datetime
) -> None:
    """Publish the comments that may be; each has to be moderated.

    Raises: as `of_poll`; PublishedError, UndecidedError.
    """
    found = _changing(connection, poll_id, smallest_group)
    if found.undecided:
        raise UndecidedError(count=found.undecided)
    stored.publish(connection, found.poll.id, by=by, now=now)
    numbers = {
        "shown": len(found.published),
        "masked": found.masked,
        "withheld": found.withheld,
    }
    _log(connection, found.poll, "comments published", by, now, **numbers)


def withdraw(
    connection: Connection,
    poll_id: int,
    *,
    reason: str,
    smallest_group: int,
    by: str,
    now: datetime,
) -> None:
    """Take the publication back; the decisions stay, and can be changed again.

    Raises: as `of_poll`; NotPublishedError, MistakesError for a missing reason.
    """
    poll = polls.get(connection, poll_id, hold=True)
    found = of_poll(connection, poll.id, smallest_group=smallest_group)
    if found.publication is None:
        raise NotPublishedError
    if not reason.strip():
        raise MistakesError([Text("请写明撤回的理由。")])
    stored.withdraw(connection, poll.id)
    _log(connection, poll, "comments withdrawn", by, now, reason=reason.strip())


def _changing(connection: Connection, poll_id: int, smallest_group: int) -> Comments:
    """Return the comments of a poll that is held against others.

    Raises: as `of_poll`; PublishedError.
    """
    poll = polls.get(connection, poll_id, hold=True)
    found = of_poll(connection, poll.id, smallest_group=smallest_group)
    if found.publication is not None:
        raise PublishedError
    return found


def _log(
    connection: Connection, poll: Poll, action: str, by: str, now: datetime, **details: object
) -> None:
    """Note numbers, never a text."""
    events.append(connection, now=now, actor=by, action=action, poll=poll.id, **details)
