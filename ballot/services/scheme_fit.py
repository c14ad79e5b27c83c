"""Whether a changed scheme is one, and has room for what its cycle holds; drafts follow it."""

from collections.abc import Iterator, Mapping
from typing import Any

from ballot.domain.polls import Phase, Poll
from ballot.domain.redefining import redefined
from ballot.domain.scheme_paths import words
from ballot.errors import BallotError, MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.scoring import Kind, Scheme, read_scheme
from ballot.scoring.toml_text import read_toml
from ballot.services.cycles import scheme_of
from ballot.services.kinds import Assessed
from ballot.storage import entries, ledger, polls, units
from ballot.storage.cycles import Cycle
from ballot.storage.database import Connection


class SchemeFixedError(RefusedError):
    """Votes are cast, or a standing is approved, under the scheme."""

    message = N_("方案不能再改：%(why)s")


def checked(text: str, name: str, settings: Mapping[str, str]) -> Scheme:
    """Return the scheme of a text; its mistakes name their places in the scheme's own words.

    Raises: MistakesError, SettingError.
    """
    try:
        return read_scheme(text, name, settings)
    except MistakesError as error:
        values = read_toml(text)
        raise MistakesError([in_words(values, mistake) for mistake in error.texts()]) from error


def in_words(values: Mapping[str, Any], mistake: Text) -> Text:
    """Return a mistake with its place told by titles instead of keys."""
    place = mistake.values.get("key")
    if mistake.id != "%(key)s：%(problem)s" or not isinstance(place, str):
        return mistake
    return Text("%(key)s：%(problem)s", key=words(values, place), problem=mistake.values["problem"])


def refuse_lost(connection: Connection, cycle: Cycle, scheme: Scheme) -> None:
    """Refuse a scheme that has no place for what the cycle holds already.

    Raises: MistakesError naming all of it.
    """
    mistakes: list[Text] = []
    for kind in scheme_of(cycle).kinds.values():
        new = scheme.kinds.get(kind.key)
        if new is not None:
            mistakes += [
                Text("“%(item)s”已有录入的数据或台账记录，不能去掉。", item=title)
                for title in dict.fromkeys(_lost(connection, cycle, kind, new))
            ]
        elif units.every(connection, cycle.id, kind.key):
            mistakes.append(Text("“%(kind)s”已有单位名单，不能去掉这个类别。", kind=kind.title))
    if mistakes:
        raise MistakesError(mistakes)


def _lost(connection: Connection, cycle: Cycle, old: Kind, new: Kind) -> Iterator[str]:
    """Yield the titles of what is recorded for a kind and has no place in it any more."""
    titles = {node.key: node.title for node in old.nodes()}
    there = {node.key for node in new.nodes()}
    for key in entries.keys(connection, cycle.id, old.key):
        if key in titles and key not in there:
            yield titles[key]
    for row in ledger.of_kind(connection, cycle.id, old.key):
        if row.said.rule in old.adjustments.keys() - new.adjustments.keys():
            yield old.adjustments[row.said.rule].title
    for row in ledger.vetoes_of(connection, cycle.id, old.key):
        if row.said.rule in old.vetoes.keys() - new.vetoes.keys():
            yield old.vetoes[row.said.rule].title


def remake(connection: Connection, cycle: Cycle, before: Scheme, after: Scheme) -> None:
    """Let every poll that never opened follow the scheme.

    Raises: MistakesError for drafts that rest on what is gone; SchemeFixedError.
    """
    mistakes: list[Text] = []
    for each in polls.every(connection, cycle.id):
        if each.opened_at is not None:
            continue
        poll = polls.get(connection, each.id, hold=True)
        if poll.opened_at is not None:  # it opened while this waited
            raise SchemeFixedError(why=Text("测评活动“%(title)s”已经开始投票。", title=poll.title))
        try:
            polls.redefine(connection, poll, redefined(poll.definition, before, after))
        except BallotError as error:
            mistakes += [] if _is_over(poll) else error.texts()
    if mistakes:
        raise MistakesError(mistakes)


def _is_over(poll: Poll) -> bool:
    return poll.phase is not Phase.DRAFT


def renamed_offices(cycle: Cycle, before: Scheme, after: Scheme) -> dict[str, str]:
    """Return the offices whose name changed, each with its new one.

    That is: one that the scheme no longer names, and everything it entered and that is still
    there is now entered by one and the same other office.
    """
    old, new = _offices(cycle, before), _offices(cycle, after)
    found: dict[str, set[str]] = {}
    for place, office in old.items():
        if place in new:
            found.setdefault(office, set()).add(new[place])
    named = set(new.values())
    return {
        office: next(iter(others))
        for office, others in found.items()
        if office and office not in named and len(others) == 1 and others != {""}
    }


def _offices(cycle: Cycle, scheme: Scheme) -> dict[tuple[str, str], str]:
    """Return which office enters what, by kind and key."""
    return {
        (kind.key, column.key): column.office
        for kind in scheme.kinds.values()
        for column in Assessed(cycle, scheme, kind).columns
        if not column.whole
    }
