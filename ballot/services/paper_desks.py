"""What a person sees of a poll's papers: own entries, differences once both tellers finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from ballot.domain import paper_sheets, paper_votes
from ballot.domain.definition import Definition, Group
from ballot.domain.paper_sheets import Sheet
from ballot.domain.paper_votes import Difference, EntryError, Mode, Paper, Spot
from ballot.domain.people import User
from ballot.domain.polls import Poll
from ballot.domain.votes import Vote
from ballot.language import Text
from ballot.services.paper_piles import GroupPile, Piles, piles, require_entering
from ballot.storage import paper_votes as stored
from ballot.storage import people, polls
from ballot.storage.database import Connection
from ballot.storage.paper_votes import FIRST, SECOND, SETTLED, Pile, Step

Entry = Paper | Sheet
Fields = Mapping[str, str]


@dataclass(frozen=True)
class Spread:
    """Where a pile's entries may stand: its groups with papers, and the spots of each."""

    found: Piles
    pile: Pile

    @property
    def definition(self) -> Definition:
        """Return what the papers ask."""
        return self.found.poll.definition

    @property
    def groups(self) -> Sequence[GroupPile]:
        """Return the groups that have papers."""
        return [group for group in self.found.groups if group.papers]

    def group(self, spot: Spot) -> Group:
        """Return the voter group of a spot."""
        return self.definition.groups[spot.group_index]

    def papers(self, spot: Spot) -> int:
        """Return how many papers a spot's group has."""
        return next(g.papers for g in self.found.groups if g.index == spot.group_index)

    @property
    def spots(self) -> list[Spot]:
        """Return every spot that has to be entered, in order."""
        if self.pile.mode is Mode.COUNTS:
            return [Spot(group.index, 0) for group in self.groups]
        return [
            Spot(group.index, number)
            for group in self.groups
            for number in range(1, group.papers + 1)
        ]

    def require(self, spot: Spot) -> None:
        """Refuse a spot where no paper is.

        Raises: EntryError.
        """
        if spot not in set(self.spots):
            raise EntryError([Text("没有这个编号的纸质票。")])

    def read(self, spot: Spot, fields: Fields) -> Entry:
        """Return the entry that a form holds.

        Raises: EntryError.
        """
        if self.pile.mode is Mode.COUNTS:
            return paper_sheets.read_sheet(self.definition, self.group(spot), fields)
        return paper_votes.read_paper(self.definition, self.group(spot), fields)

    def kept(self, spot: Spot, said: str) -> Entry:
        """Return the entry that is stored for a spot."""
        if self.pile.mode is Mode.COUNTS:
            return paper_sheets.read_written(said)
        return paper_votes.read_written(self.definition, self.group(spot), said)

    def written(self, entry: Entry) -> str:
        """Return an entry as it is stored."""
        if isinstance(entry, Sheet):
            return paper_sheets.written(entry)
        return paper_votes.written(entry)

    def typed(self, spot: Spot, entry: Entry) -> dict[str, str]:
        """Return the fields of a form that would tell an entry."""
        group = self.group(spot)
        if isinstance(entry, Sheet):
            return paper_sheets.typed_of(self.definition, group, entry)
        return paper_votes.typed_of(self.definition, group, entry)

    def problems(self, spot: Spot, entry: Entry) -> list[Text]:
        """Return what a sheet lacks, or what so many papers cannot have given."""
        if isinstance(entry, Paper):
            return []
        return paper_sheets.problems(self.definition, self.group(spot), self.papers(spot), entry)

    def differences(self, spot: Spot, first: Entry, second: Entry) -> list[Difference]:
        """Return where two entries of a spot differ."""
        group = self.group(spot)
        if isinstance(first, Sheet) and isinstance(second, Sheet):
            found = paper_sheets.sheet_differences(self.definition, group, first, second)
        elif isinstance(first, Paper) and isinstance(second, Paper):
            found = paper_votes.paper_differences(self.definition, group, first, second)
        else:
            raise TypeError("a paper beside a sheet")
        return list(found)

    def votes(self, spot: Spot, entry: Entry, random: Random) -> list[Vote]:
        """Return the votes that an entry makes.

        Raises: EntryError.
        """
        if isinstance(entry, Paper):
            return [paper_votes.vote_of(self.definition, entry)]
        group = self.group(spot)
        return paper_sheets.votes_of(self.definition, group, self.papers(spot), entry, random)

    def name(self, spot: Spot) -> Text:
        """Return what a spot is called."""
        name = self.group(spot).name
        if not spot.number:
            return Text("%(group)s", group=name)
        return Text("%(group)s第 %(number)s 号", group=name, number=spot.number)


@dataclass(frozen=True)
class Compared:
    """A spot where the tellers differ, and how it was settled, if it is."""

    spot: Spot
    first: Entry
    second: Entry
    differences: Sequence[Difference]
    settled: Entry | None


@dataclass(frozen=True)
class Desk:
    """What a pile looks like from a person's desk.

    `hand`: which teller the person is, None for nobody. `mine`: the person's own entries; nobody
    sees another's before both have finished. `entered`: how many spots each teller has entered.
    `tellers`: who they are, in words.
    `compared`: where they differ, once both have finished.
    """

    spread: Spread
    hand: int | None
    mine: Mapping[Spot, Entry]
    entered: tuple[int, int]
    tellers: tuple[str, ...]
    compared: Sequence[Compared]

    @property
    def unsettled(self) -> int:
        """Return how many differing spots still have to be settled."""
        return sum(each.settled is None for each in self.compared)

    @property
    def ready(self) -> bool:
        """Tell whether the papers may be taken over."""
        return self.spread.pile.compared and not self.unsettled

    @property
    def missing(self) -> list[Spot]:
        """Return the spots that this person has not entered."""
        return [spot for spot in self.spread.spots if spot not in self.mine]


def desk(connection: Connection, poll_id: int, user: User) -> Desk | None:
    """Return what a person sees of a pile, None where there is none or it is taken over.

    Raises: NoSuchPollError.
    """
    poll = polls.get(connection, poll_id)
    pile = stored.pile(connection, poll.id)
    if pile is None or pile.step is Step.TAKEN:
        return None
    return seen_by(connection, poll, pile, user.name)


def entered_desk(connection: Connection, poll_id: int, user: User) -> Desk:
    """Return what a person sees of a pile that is being entered.

    Raises: NoSuchPollError, WrongPhaseError, NotPartedYetError, NoPileError, PileTakenError,
        WrongStepError.
    """
    poll = polls.get(connection, poll_id)
    pile = require_entering(poll, stored.pile(connection, poll.id))
    return seen_by(connection, poll, pile, user.name)


def spread_of(connection: Connection, poll: Poll, pile: Pile) -> Spread:
    """Return where a pile's entries may stand."""
    return Spread(piles(connection, poll), pile)


def seen_by(connection: Connection, poll: Poll, pile: Pile, name: str) -> Desk:
    """Return what the account of a name sees of a pile."""
    spread = spread_of(connection, poll, pile)
    hand = pile.tellers.index(name) if name in pile.tellers else None
    mine = {} if hand is None else entries_of(connection, spread, hand)
    entered = [len(stored.entries(connection, poll.id, each)) for each in (FIRST, SECOND)]
    compared = _compared(connection, spread) if pile.compared else []
    tellers = teller_names(connection, pile)
    return Desk(spread, hand, mine, (entered[0], entered[1]), tellers, compared)


def teller_names(connection: Connection, pile: Pile) -> tuple[str, ...]:
    """Return who entered a pile: full names, with the accounts' where they differ."""
    found = [(name, people.user_named(connection, name)) for name in pile.tellers if name]
    return tuple(name if account is None else account[0].told for name, account in found)


def entries_of(connection: Connection, spread: Spread, hand: int) -> dict[Spot, Entry]:
    """Return what a hand entered."""
    said = stored.entries(connection, spread.found.poll.id, hand)
    return {spot: spread.kept(spot, text) for spot, text in said.items()}


def _compared(connection: Connection, spread: Spread) -> list[Compared]:
    first, second, settled = (
        entries_of(connection, spread, hand) for hand in (FIRST, SECOND, SETTLED)
    )
    return [
        Compared(spot, first[spot], second[spot], found, settled.get(spot))
        for spot in spread.spots
        if (found := spread.differences(spot, first[spot], second[spot]))
    ]
