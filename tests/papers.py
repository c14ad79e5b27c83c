"""Paper votes, said with only what matters: piles, entries, and papers taken over."""

from random import Random

from ballot.domain.paper_votes import Mode, Spot
from ballot.domain.people import Role, User
from ballot.domain.polls import Poll
from ballot.services import closing, paper_piles, paper_slips, paper_votes
from tests.builders import Place, a_user


def teller(place: Place, name: str) -> User:
    return a_user(place, name, Role.TELLER)


def act(place: Place, action, *args, **options):
    with place.database.write() as connection:
        return action(connection, *args, **options)


def declare(place: Place, poll, mode: Mode = Mode.BALLOTS) -> None:
    act(place, paper_piles.declare, poll.id, mode, by="test", now=place.clock())


def scan(place: Place, poll, *codes: str) -> list[str]:
    return [str(act(place, paper_slips.register, place.keys, poll.id, code).text) for code in codes]


def count_pile(place: Place, poll, **counted: int) -> None:
    act(place, paper_slips.finish, poll.id, counted, by="test", now=place.clock())


def enter(place: Place, poll, who: User, spot: Spot, *said: str) -> None:
    """Enter a paper by its rows: a level's number, `-` or `x`; or `invalid` for the whole."""
    fields = (
        {"invalid": "yes"} if said == ("invalid",) else {f"c{i}": s for i, s in enumerate(said)}
    )
    act(place, paper_votes.enter, poll.id, who, spot, fields)


def a_sheet(invalid: int, *rows: tuple[int, ...]) -> dict[str, str]:
    cells = {f"n{i}-{j}": str(n) for i, row in enumerate(rows) for j, n in enumerate(row)}
    return {"invalid": str(invalid), **cells}


def begin(place: Place, poll, *users: User) -> None:
    for user in users:
        act(place, paper_votes.begin, poll.id, user, now=place.clock())


def finish(place: Place, poll, *users: User) -> None:
    for user in users:
        act(place, paper_votes.finish, poll.id, user, now=place.clock())


def take(place: Place, poll) -> None:
    act(place, paper_votes.take, poll.id, by="test", now=place.clock(), random=Random(3))


def count_on_paper(place: Place, poll: Poll, codes: list[str], *said: tuple[str, ...]) -> None:
    """Count papers of a closed poll: what each says, entered twice alike and taken over."""
    declare(place, poll)
    scan(place, poll, *codes)
    with place.database.read() as connection:
        groups = [
            group for group in paper_piles.of_poll(connection, poll.id).groups if group.papers
        ]
    count_pile(place, poll, **{group.key: group.papers for group in groups})
    spots = [Spot(group.index, n) for group in groups for n in range(1, group.papers + 1)]
    tellers = teller(place, f"王计票{poll.id}"), teller(place, f"李计票{poll.id}")
    begin(place, poll, *tellers)
    for who in tellers:
        for spot, rows in zip(spots, said, strict=True):
            enter(place, poll, who, spot, *rows)
    finish(place, poll, *tellers)
    take(place, poll)
    closing.go_on(place.database, place.clock(), Random(5))
