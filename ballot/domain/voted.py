"""How far the votes on the parts of a scheme are, unit by unit, and which units have no poll."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ballot.domain.definition import Place
from ballot.domain.occasions import Part, balloted
from ballot.domain.polls import Phase, Poll
from ballot.scoring import Scheme


@dataclass(frozen=True)
class Voted:
    """How far the votes on a part are, in units; each unit counts once.

    `final`: units with a certified result; `under_way`: those whose poll is open or closed;
    `drafts`: those that a draft names; `without`: names of units that no poll is about.
    """

    part: Part
    final: int
    under_way: int
    drafts: int
    without: Sequence[str]

    @property
    def units(self) -> int:
        """Return how many units there are."""
        return self.final + self.under_way + self.drafts + len(self.without)

    @property
    def begun(self) -> bool:
        """Tell whether any unit has a poll."""
        return len(self.without) < self.units


def voted(scheme: Scheme, known: Mapping[str, Sequence[str]], polls: Iterable[Poll]) -> list[Voted]:
    """Return how far the votes are, part by part in the scheme's order.

    A part whose usual way is another is one of them only where there is a poll about it.
    `known`: names of the cycle's units by kind; `polls`: the cycle's; rehearsals do not count.
    """
    phases = _phases(poll for poll in polls if not poll.rehearsal)
    there = {(kind, item) for kind, item, _ in phases}
    return [
        _on(part, known[part.kind.key], phases)
        for part in balloted(scheme)
        if not part.optional or (part.kind.key, part.item.key) in there
    ]


def _phases(polls: Iterable[Poll]) -> Mapping[Place, set[Phase]]:
    found: dict[Place, set[Phase]] = {}
    for poll in polls:
        for place in poll.definition.places:
            found.setdefault(place, set()).add(poll.phase)
    return found


def _on(part: Part, names: Sequence[str], phases: Mapping[Place, set[Phase]]) -> Voted:
    counts = {"final": 0, "under_way": 0, "drafts": 0}
    without = []
    for name in names:
        known = phases.get((part.kind.key, part.item.key, name), set())
        if any(phase.final for phase in known):
            counts["final"] += 1
        elif known & {Phase.OPEN, Phase.CLOSED}:
            counts["under_way"] += 1
        elif Phase.DRAFT in known:
            counts["drafts"] += 1
        else:
            without.append(name)
    return Voted(part, **counts, without=without)
