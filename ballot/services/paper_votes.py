"""Paper votes: entered by two tellers apart, compared, settled by a third, taken over as votes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from random import Random

from ballot.domain.account import Account
from ballot.domain.paper_votes import EntryError, Spot
from ballot.domain.people import User, refuse_rated
from ballot.domain.polls import Poll
from ballot.domain.tallies import tally
from ballot.domain.votes import Vote
from ballot.errors import MistakesError, RefusedError
from ballot.language import N_, Text
from ballot.services.closing import TALLIED
from ballot.services.paper_desks import Desk, entries_of, seen_by, spread_of
from ballot.services.paper_piles import Piles, WrongStepError, require_entering
from ballot.storage import events, people, polls, tallies, votes
from ballot.storage import paper_votes as stored
from ballot.storage.database import Connection
from ballot.storage.paper_votes import FIRST, SETTLED, Pile

Fields = Mapping[str, str]


class SameTellerError(RefusedError):
    """One person cannot be both tellers."""

    message = N_("您用另一个账号已是这批票的计票人；另一遍要由另一个人录入。")


class TellersFullError(RefusedError):
    """Two others enter this pile."""

    message = N_("这批票由%(first)s和%(second)s录入，不再增加计票人。")


class NotTellerError(RefusedError):
    """Only a pile's own tellers enter it."""

    message = N_("请先点“开始录入”。")


class TellerSettlesError(RefusedError):
    """Whoever entered papers does not settle how they differ."""

    message = N_("您录入过这批票；差异要由另一人对照原票裁定，两名计票人在场。")


class SlipGoneError(RefusedError):
    """A slip on the pile was voided since."""

    message = N_("有登记过的票后来被作废了。请撤销纸质票，重新登记。")


class UnsettledError(MistakesError):
    """Papers that are not entered, or differences that are not settled."""


def begin(connection: Connection, poll_id: int, user: User, *, now: datetime) -> None:
    """Become a pile's first or second teller; doing so twice changes nothing.

    Raises: NoSuchPollError, WrongPhaseError, NotPartedYetError, NoPileError, PileTakenError,
        WrongStepError, RatedPersonError, SameTellerError, TellersFullError.
    """
    poll, pile = _entering(connection, poll_id)
    if user.name in pile.tellers:
        return
    refuse_rated(poll.definition, user.name, user.full_name)
    if _is_teller(connection, pile, user):
        raise SameTellerError
    if None not in pile.tellers:
        first, second = pile.tellers
        raise TellersFullError(first=first, second=second)
    hand = pile.tellers.index(None)
    stored.set_teller(connection, poll.id, hand, user.name)
    events.append(
        connection,
        now=now,
        actor=user.name,
        action="paper entry begun",
        poll=poll.id,
        hand=hand + 1,
    )


def _is_teller(connection: Connection, pile: Pile, user: User) -> bool:
    """Tell whether a person enters a pile, with this account or another one."""
    found = [people.user_named(connection, name) for name in pile.tellers if name]
    return any(each is not None and each[0].full_name == user.full_name for each in found)


def enter(connection: Connection, poll_id: int, user: User, spot: Spot, fields: Fields) -> None:
    """Keep what a teller read off a paper (or counted for a group), in place of what stood there.

    A sheet may be unfinished: nothing typed is lost.

    Raises: as `begin`; NotTellerError, EntryError.
    """
    poll, pile = _entering(connection, poll_id)
    hand = _open_hand(pile, user)
    spread = spread_of(connection, poll, pile)
    spread.require(spot)
    entry = spread.read(spot, fields)
    stored.enter(connection, poll.id, hand, spot, spread.written(entry))


def finish(connection: Connection, poll_id: int, user: User, *, now: datetime) -> None:
    """Say that a teller has entered everything; when both have, their entries are compared.

    Raises: as `enter`; UnsettledError naming what is missing or impossible.
    """
    poll, pile = _entering(connection, poll_id)
    hand = _open_hand(pile, user)
    mine = seen_by(connection, poll, pile, user.name)
    if mine.missing:
        named = [mine.spread.name(spot) for spot in mine.missing]
        raise UnsettledError([Text("还没有录入：%(what)s。", what=name) for name in named[:20]])
    wrong = [
        Text("%(what)s：%(problem)s", what=mine.spread.name(spot), problem=problem)
        for spot, entry in mine.mine.items()
        for problem in mine.spread.problems(spot, entry)
    ]
    if wrong:
        raise UnsettledError(wrong)
    stored.set_done(connection, poll.id, hand, done=True)
    events.append(
        connection,
        now=now,
        actor=user.name,
        action="paper entry finished",
        poll=poll.id,
        hand=hand + 1,
    )


def go_on(connection: Connection, poll_id: int, user: User) -> None:
    """Let a teller go on who said too early that all was entered.

    Raises: as `begin`; NotTellerError; WrongStepError once both have finished.
    """
    poll, pile = _entering(connection, poll_id)
    if pile.compared:
        raise WrongStepError(why=Text("两名计票人都已录完。"))
    stored.set_done(connection, poll.id, _hand(pile, user), done=False)


def settle(connection: Connection, poll_id: int, user: User, spot: Spot, fields: Fields) -> None:
    """Keep what a third person read off the paper where the tellers differ.

    Raises: as `begin`; TellerSettlesError; WrongStepError before both have finished; EntryError,
        also for a spot without a difference and for a sheet with problems.
    """
    poll, pile = _entering(connection, poll_id)
    if not pile.compared:
        raise WrongStepError(why=Text("两名计票人还没有都录完。"))
    if _is_teller(connection, pile, user):
        raise TellerSettlesError
    now_seen = seen_by(connection, poll, pile, user.name)
    if spot not in {each.spot for each in now_seen.compared}:
        raise EntryError([Text("这里没有需要裁定的差异。")])
    entry = now_seen.spread.read(spot, fields)
    problems = now_seen.spread.problems(spot, entry)
    if problems:
        raise EntryError(problems)
    stored.enter(connection, poll.id, SETTLED, spot, now_seen.spread.written(entry))


def take(connection: Connection, poll_id: int, *, by: str, now: datetime, random: Random) -> None:
    """Make the settled papers votes, count anew, and have the closing steps done once more.

    Votes and ballots are then written anew and scrubbed by the working process, after a crash
    too: entries, slips and where the new rows lie would tell which paper was whose.

    Raises: as `begin`; UnsettledError.
    """
    poll, pile = _entering(connection, poll_id)
    seen = seen_by(connection, poll, pile, by)
    if not seen.ready:
        raise UnsettledError([Text("纸质票还没有录完，或还有差异没有裁定。")])
    taken = _taken(connection, seen, random)
    random.shuffle(taken)
    weighted = poll.definition.weighted
    rows = [(spot.group_index if weighted else None, vote) for spot, vote in taken]
    account = _with_papers(
        tallies.stored(connection, poll.id)[1],
        seen.spread.found,
        stored.slips_in_boxes(connection, poll.id),
    )
    if stored.take(connection, poll.id, rows) != len(taken):
        raise SlipGoneError
    counted = tally(poll.definition, votes.every(connection, poll.id, poll.definition))
    account = replace(account, invalid=sum(counted.invalid.values()))
    tallies.replace(connection, poll.id, counted, account)
    polls.closing_step_done(connection, poll, TALLIED)
    events.append(
        connection,
        now=now,
        actor=by,
        action="paper votes taken over",
        poll=poll.id,
        mode=pile.mode.value,
        tellers=list(seen.tellers),
        papers=len(taken),
        invalid=sum(not vote.valid for _, vote in taken),
        set_aside=seen.spread.found.set_aside,
        boxes=account.on_paper_by_box,
        settled=sum(len(each.differences) for each in seen.compared),
    )


def _with_papers(
    account: Account, found: Piles, in_boxes: Mapping[tuple[str, str], int]
) -> Account:
    """Return the account of a poll with its papers, those of mobile boxes in their lines too."""
    groups = {group.key: group for group in found.groups}
    lines = tuple(
        replace(
            line,
            returned=line.returned + groups[line.group].papers,
            on_paper=groups[line.group].papers,
            set_aside=groups[line.group].set_aside,
        )
        for line in account.lines
    )
    boxes = tuple(
        replace(box, returned=box.returned + number, on_paper=number)
        if (number := in_boxes.get((box.group, box.name), 0))
        else box
        for box in account.boxes
    )
    return replace(account, lines=lines, boxes=boxes)


def _taken(connection: Connection, seen: Desk, random: Random) -> list[tuple[Spot, Vote]]:
    agreed = entries_of(connection, seen.spread, FIRST)
    agreed |= {each.spot: each.settled for each in seen.compared if each.settled is not None}
    return [
        (spot, vote)
        for spot in seen.spread.spots
        for vote in seen.spread.votes(spot, agreed[spot], random)
    ]


def _entering(connection: Connection, poll_id: int) -> tuple[Poll, Pile]:
    poll = polls.get(connection, poll_id, hold=True)
    return poll, require_entering(poll, stored.pile(connection, poll.id))


def _hand(pile: Pile, user: User) -> int:
    if user.name not in pile.tellers:
        raise NotTellerError
    return pile.tellers.index(user.name)


def _open_hand(pile: Pile, user: User) -> int:
    hand = _hand(pile, user)
    if pile.done[hand]:
        raise WrongStepError(why=Text("您已经报告录完。要修改，请先点“继续修改”。"))
    return hand
