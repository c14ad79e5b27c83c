"""Paper votes until they are taken over: the pile, its slips, and what the tellers entered.

No slip has a number here and no entry a digest. Both go when the papers become votes.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from ballot.domain.keys import Digest
from ballot.domain.paper_votes import Mode, Spot
from ballot.domain.polls import PollId
from ballot.domain.votes import Vote
from ballot.storage.tables import (
    State,
    ballots,
    batches,
    paper_entries,
    paper_piles,
    paper_slips,
    votes,
)

FIRST, SECOND, SETTLED = range(3)
"""Whose hand an entry is of: a teller's, or that of whoever settled a difference."""
_ID_BYTES: Final = 16


class Step(StrEnum):
    """How far the papers of a poll are."""

    REGISTERING = "registering"
    ENTERING = "entering"
    TAKEN = "taken"


@dataclass(frozen=True)
class Pile:
    """The papers of a poll. `tellers`: the accounts' names, in the order in which they began."""

    mode: Mode
    step: Step
    tellers: tuple[str | None, str | None] = (None, None)
    done: tuple[bool, bool] = (False, False)

    @property
    def compared(self) -> bool:
        """Tell whether both tellers have finished, so that their entries may be seen."""
        return all(self.done)


def declare(connection: Connection, poll_id: PollId, mode: Mode) -> None:
    """Begin a pile."""
    values = {"poll_id": poll_id, "mode": mode.value, "step": Step.REGISTERING.value}
    connection.execute(insert(paper_piles).values(**values, first_done=False, second_done=False))


def pile(connection: Connection, poll_id: PollId) -> Pile | None:
    """Return a poll's pile, None where it has none."""
    statement = select(paper_piles).where(paper_piles.c.poll_id == poll_id)
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    tellers = (row.first_teller, row.second_teller)
    return Pile(Mode(row.mode), Step(row.step), tellers, (row.first_done, row.second_done))


def pending(connection: Connection) -> list[PollId]:
    """Return the polls whose papers are not taken over yet."""
    statement = select(paper_piles.c.poll_id).where(paper_piles.c.step != Step.TAKEN.value)
    return [PollId(poll_id) for poll_id in connection.execute(statement).scalars()]


def set_step(connection: Connection, poll_id: PollId, step: Step) -> None:
    """Note how far a pile is."""
    _set(connection, poll_id, step=step.value)


def set_teller(connection: Connection, poll_id: PollId, hand: int, name: str) -> None:
    """Note who enters a pile as the first or second teller."""
    _set(connection, poll_id, **{("first_teller", "second_teller")[hand]: name})


def set_done(connection: Connection, poll_id: PollId, hand: int, done: bool) -> None:
    """Note that a teller has finished, or goes on."""
    _set(connection, poll_id, **{("first_done", "second_done")[hand]: done})


def _set(connection: Connection, poll_id: PollId, **values: Any) -> None:
    mine = paper_piles.c.poll_id == poll_id
    connection.execute(update(paper_piles).where(mine).values(**values))


def ballot_state(
    connection: Connection, poll_id: PollId, digest: Digest
) -> tuple[int, State] | None:
    """Return a ballot's group and state, None for one that is not of this poll."""
    statement = select(ballots.c.group_index, ballots.c.state).where(
        ballots.c.digest == digest, ballots.c.poll_id == poll_id
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else (row.group_index, State(row.state))


def knows(connection: Connection, digest: Digest) -> bool:
    """Tell whether a slip lies on its poll's pile already, counted or set aside."""
    statement = select(paper_slips.c.digest).where(paper_slips.c.digest == digest)
    return connection.execute(statement).first() is not None


def add_slip(
    connection: Connection, poll_id: PollId, digest: Digest, group_index: int, *, set_aside: bool
) -> None:
    """Put a slip on the pile, or aside."""
    values = {"digest": digest, "poll_id": poll_id, "group_index": group_index}
    connection.execute(insert(paper_slips).values(**values, set_aside=set_aside))


def remove_slip(connection: Connection, poll_id: PollId, digest: Digest) -> bool:
    """Take a slip back off the pile and say whether it lay there."""
    mine = (paper_slips.c.digest == digest) & (paper_slips.c.poll_id == poll_id)
    return connection.execute(delete(paper_slips).where(mine)).rowcount == 1


def slips(connection: Connection, poll_id: PollId, *, set_aside: bool) -> Mapping[int, int]:
    """Return how many slips lie on the pile (or aside), by group."""
    statement = (
        select(paper_slips.c.group_index, func.count().label("number"))
        .where(paper_slips.c.poll_id == poll_id, paper_slips.c.set_aside.is_(set_aside))
        .group_by(paper_slips.c.group_index)
    )
    return {row.group_index: row.number for row in connection.execute(statement)}


def slips_in_boxes(connection: Connection, poll_id: PollId) -> Mapping[tuple[str, str], int]:
    """Return how many slips on the pile came from mobile boxes, by group key and box."""
    statement = (
        select(batches.c.group_key, batches.c.box, func.count().label("number"))
        .select_from(paper_slips)
        .join(ballots, ballots.c.digest == paper_slips.c.digest)
        .join(batches, batches.c.id == ballots.c.batch_id)
        .where(
            paper_slips.c.poll_id == poll_id,
            paper_slips.c.set_aside.is_(False),
            batches.c.box.is_not(None),
        )
        .group_by(batches.c.group_key, batches.c.box)
    )
    return {(row.group_key, row.box): row.number for row in connection.execute(statement)}


def enter(connection: Connection, poll_id: PollId, hand: int, spot: Spot, said: str) -> None:
    """Keep an entry in the place of an earlier one of the same hand."""
    mine = _of_hand(poll_id, hand) & (
        (paper_entries.c.group_index == spot.group_index) & (paper_entries.c.number == spot.number)
    )
    connection.execute(delete(paper_entries).where(mine))
    values = {"poll_id": poll_id, "hand": hand, "said": said, **spot._asdict()}
    connection.execute(insert(paper_entries).values(**values))


def entries(connection: Connection, poll_id: PollId, hand: int) -> dict[Spot, str]:
    """Return what a hand entered, by group and number."""
    statement = (
        select(paper_entries.c.group_index, paper_entries.c.number, paper_entries.c.said)
        .where(_of_hand(poll_id, hand))
        .order_by(paper_entries.c.group_index, paper_entries.c.number)
    )
    return {Spot(row.group_index, row.number): row.said for row in connection.execute(statement)}


def forget_entries(connection: Connection, poll_id: PollId, hand: int) -> None:
    """Delete what a hand entered."""
    connection.execute(delete(paper_entries).where(_of_hand(poll_id, hand)))


def _of_hand(poll_id: PollId, hand: int) -> Any:
    return (paper_entries.c.poll_id == poll_id) & (paper_entries.c.hand == hand)


def discard(connection: Connection, poll_id: PollId) -> bool:
    """Delete slips, entries and the pile itself, and say whether there was one."""
    _clear(connection, poll_id)
    mine = paper_piles.c.poll_id == poll_id
    return connection.execute(delete(paper_piles).where(mine)).rowcount == 1


def take(connection: Connection, poll_id: PollId, taken: Iterable[tuple[int | None, Vote]]) -> int:
    """Keep papers as votes (with their group where the poll stores it), and mark their ballots.

    Returns how many ballots were marked: those that were unused until now.

    Slips and entries go. Where the new rows lie still tells what they are: parting and scrubbing
    have to follow (`storage/votes.py`).
    """
    rows = [
        {
            "poll_id": poll_id,
            "id": secrets.token_bytes(_ID_BYTES),
            "group_index": group,
            "valid": vote.valid,
            "choices": vote.choices,
        }
        for group, vote in taken
    ]
    if rows:
        connection.execute(insert(votes), rows)
    counted = select(paper_slips.c.digest).where(
        paper_slips.c.poll_id == poll_id, paper_slips.c.set_aside.is_(False)
    )
    statement = update(ballots).where(
        ballots.c.poll_id == poll_id,
        ballots.c.state == State.UNUSED,
        ballots.c.digest.in_(counted),
    )
    marked = connection.execute(statement.values(state=State.PAPER)).rowcount
    _clear(connection, poll_id)
    set_step(connection, poll_id, Step.TAKEN)
    return marked


def _clear(connection: Connection, poll_id: PollId) -> None:
    for table in (paper_slips, paper_entries):
        connection.execute(delete(table).where(table.c.poll_id == poll_id))
