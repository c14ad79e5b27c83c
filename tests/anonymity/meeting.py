"""A meeting of which the attacker knows everything but how the last voter voted.

He has the slips in printing order, who cast when, and what was said. Slips are printed in two
batches, the second while the poll is open; there are spares, unused slips and a voided one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Final

from ballot.domain.casting import Cast, Outcome
from ballot.domain.codes import Code
from ballot.domain.keys import Digest, NonceHash, new_nonce, nonce_hash
from ballot.domain.polls import Poll
from ballot.domain.votes import BLANK, Vote, accept
from ballot.services import polls
from ballot.storage.casting import cast_all
from tests.builders import Place, a_poll, open_poll, print_ballots

SUBJECTS: Final = 40
GROUPS: Final = ("committee", "villagers")
VOTES_IN_A_COMMIT: Final = 16  # of a large poll; in a small one each vote has its own
SPARES: Final = 2


@dataclass(frozen=True)
class Said:
    """One vote as it was cast: with which slip, when, of which group, and what it said."""

    digest: Digest
    moment: datetime
    group_index: int
    nonce: NonceHash
    vote: Vote


@dataclass
class Meeting:
    """What the attacker knows. `printed`: (slip, batch) in printing order; `said`: as cast."""

    place: Place
    poll: Poll
    printed: list[tuple[Digest, int]] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    voided: Digest | None = None

    @property
    def slips(self) -> list[Digest]:
        """Return every slip's digest in printing order."""
        return [digest for digest, _ in self.printed]

    @property
    def rows(self) -> list[bytes]:
        """Return what each voter said who chose anything, in the order of casting."""
        return [said.vote.choices for said in self.said if said.vote.valid]

    @property
    def together(self) -> dict[tuple[int | None, bool], list[bytes]]:
        """Return the rows that may be shuffled together: of a weighted group, valid or not."""
        rows: dict[tuple[int | None, bool], list[bytes]] = {}
        for said in self.said:
            group = said.group_index if self.poll.definition.weighted else None
            rows.setdefault((group, said.vote.valid), []).append(said.vote.choices)
        return rows


def poll_text(title: str, votes: int, *, weighted: bool) -> str:
    """Return a poll of two groups about 40 subjects: what one voter says is found nowhere else."""
    subjects = ", ".join(f'{{ unit = "单位{n}" }}' for n in range(SUBJECTS))
    weights = [', weight = "0.4"', ', weight = "0.6"'] if weighted else ["", ""]
    groups = ", ".join(
        f'{{ key = "{key}", name = "{key}", ballots = {votes}{weight} }}'
        for key, weight in zip(GROUPS, weights, strict=True)
    )
    return f"""
title = "{title}"
scheme = "street-2023"
kind = "village"
component = "village-peer-review"
wholly_blank = "invalid"
subjects = [{subjects}]
groups = [{groups}]
"""


def a_meeting(
    place: Place, votes: int, *, weighted: bool = False, title: str = "2023年度民主测评"
) -> Meeting:
    """Hold a meeting up to the moment before its poll is closed."""
    meeting = begun(place, votes, weighted=weighted, title=title)
    for _ in voting(meeting, votes):
        pass
    return meeting


def begun(place: Place, votes: int, *, weighted: bool = False, title: str = "测评") -> Meeting:
    """Return a meeting without slips whose poll is a draft."""
    return Meeting(place, a_poll(place, poll_text(title, votes, weighted=weighted)))


def voting(meeting: Meeting, votes: int) -> Iterator[int]:
    """Print, open, vote, print again, vote on; yield after each commit how many have voted."""
    random = Random(votes)
    half = votes // 2
    slips = _print(meeting, range(half), batch=0)
    _open(meeting)
    _void(meeting, slips[0].pop(0))
    yield from _cast(meeting, range(half), votes, slips, random)
    slips = _print(meeting, range(half, votes), batch=1)
    yield from _cast(meeting, range(half, votes), votes, slips, random)


def _print(meeting: Meeting, numbers: range, batch: int) -> list[list[Code]]:
    """Print two slips more than will be used, and spares; return the codes of each group."""
    slips = []
    for index, key in enumerate(GROUPS):
        count = len([n for n in numbers if n % 2 == index]) + 2
        codes = print_ballots(meeting.place, meeting.poll, count, key, SPARES)
        meeting.printed += [(meeting.place.keys.digest(code), batch) for code in codes]
        slips.append(codes)
    return slips


def _open(meeting: Meeting) -> None:
    open_poll(meeting.place, meeting.poll)
    meeting.poll = meeting.place.poll(meeting.poll.id)


def _void(meeting: Meeting, code: Code) -> None:
    place = meeting.place
    with place.database.write() as connection:
        polls.void_ballot(
            connection, place.keys, meeting.poll.id, code, by="test", now=place.clock()
        )
    meeting.voided = place.keys.digest(code)


def _cast(
    meeting: Meeting, numbers: range, votes: int, slips: list[list[Code]], random: Random
) -> Iterator[int]:
    """Let voters draw slips and cast; the clock goes on with each commit."""
    size = VOTES_IN_A_COMMIT if votes > 60 else 1
    for codes in slips:
        random.shuffle(codes)
    for start in range(numbers.start, numbers.stop, size):
        meeting.place.clock.go(seconds=7)
        said = [
            _say(meeting, n, votes, slips[n % 2].pop(), random)
            for n in range(start, min(start + size, numbers.stop))
        ]
        _commit(meeting, said)
        meeting.said += said
        yield len(meeting.said)
    meeting.place.clock.go(seconds=7)


def _say(meeting: Meeting, number: int, votes: int, code: Code, random: Random) -> Said:
    """Return a vote: the first subject's level tells the quarter of the meeting it was cast in."""
    choices = bytes(
        [4 * number // votes, *random.choices([0, 1, 2, 3, BLANK], [3, 3, 3, 3, 1], k=SUBJECTS - 1)]
    )
    if number % 30 == 7:
        choices = bytes([BLANK] * SUBJECTS)
    return Said(
        digest=meeting.place.keys.digest(code),
        moment=meeting.place.clock(),
        group_index=number % 2,
        nonce=nonce_hash(new_nonce()),
        vote=accept(meeting.poll.definition, choices),
    )


def _commit(meeting: Meeting, said: Sequence[Said]) -> None:
    weighted = meeting.poll.definition.weighted
    casts = [
        Cast(
            digest=each.digest,
            poll_id=meeting.poll.id,
            group_index=each.group_index if weighted else None,
            nonce=each.nonce,
            vote=each.vote,
        )
        for each in said
    ]
    with meeting.place.database.write() as connection:
        outcomes = cast_all(connection, casts, meeting.place.clock())
    assert set(outcomes.values()) == {Outcome.COUNTED}
