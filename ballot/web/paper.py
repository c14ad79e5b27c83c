"""The paper: a poll's ballot as one voter group sees it, with what was chosen so far."""

from dataclasses import dataclass
from functools import cache

from ballot.domain.comments import NOTHING, Written
from ballot.domain.definition import Blank, Definition, Group, Section, Slot, WhollyBlank
from ballot.domain.votes import NOT_ASKED, ChoicesError, MarksError, field_name
from ballot.errors import BallotError
from ballot.language import Text
from ballot.scoring import load_scheme


@dataclass(frozen=True)
class Card:
    """One subject and question. `number` counts what this group sees; no `choice` is blank.

    `typed`: what stands in the field of a mark, also where it is none.
    """

    slot: Slot
    number: int
    choice: int | None
    problem: Text | None
    typed: str = ""

    @property
    def field(self) -> str:
        """Return the name of the card's form field."""
        return field_name(self.slot)

    @property
    def on_marks(self) -> bool:
        """Tell whether a mark from 0 to 100 is asked for."""
        return self.slot.section.on_marks

    @property
    def answers(self) -> int:
        """Return how many answers there are, blank aside."""
        return self.slot.section.rule.scale.answers

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the words of the levels, in the paper's order; marks have none."""
        return () if self.on_marks else self.slot.section.rule.levels.labels

    @property
    def answer(self) -> str | None:
        """Return the word of the chosen level."""
        return None if self.choice is None else self.labels[self.choice]


@dataclass(frozen=True)
class Part:
    """A section with the cards this group sees; it has a heading if there are several."""

    section: Section
    heading: str
    cards: tuple[Card, ...]

    @property
    def limits(self) -> tuple[tuple[int, str, int], ...]:
        """Return each limit: the level's place, its word, and how often it may be chosen."""
        if not self.section.limits:
            return ()
        labels = self.section.rule.levels.labels
        return tuple((labels.index(x.level), x.level, x.at_most) for x in self.section.limits)

    @property
    def limited(self) -> frozenset[int]:
        """Return the places of the levels that have a limit."""
        return frozenset(place for place, _, _ in self.limits)


@dataclass(frozen=True)
class Paper:
    """All that a voter of a group reads: never anything of the single ballot."""

    definition: Definition
    group: Group
    parts: tuple[Part, ...]
    mistakes: tuple[Text, ...] = ()
    comment: Written = NOTHING

    @property
    def cards(self) -> tuple[Card, ...]:
        """Return the cards of all parts."""
        return tuple(card for part in self.parts for card in part.cards)

    @property
    def blanks(self) -> int:
        """Return how many cards are blank."""
        return sum(card.choice is None for card in self.cards)

    @property
    def asks(self) -> frozenset[bool]:
        """Return whether marks (True) or levels (False) are asked for, or both."""
        return frozenset(card.on_marks for card in self.cards)

    @property
    def required(self) -> bool:
        """Tell whether every card has to be answered."""
        return self.definition.blank is Blank.REQUIRED

    @property
    def void(self) -> bool:
        """Tell whether this vote, being wholly blank, would count as invalid."""
        wholly_blank = self.blanks == len(self.cards)
        return wholly_blank and self.definition.wholly_blank is WhollyBlank.INVALID


def paper(
    definition: Definition,
    group: Group,
    choices: bytes | None = None,
    problem: ChoicesError | None = None,
    comment: Written = NOTHING,
) -> Paper:
    """Return a group's ballot, bare or with what a form says and what is wrong there."""
    wrong = problem.slots if problem else frozenset()
    typed = problem.typed if isinstance(problem, MarksError) else {}
    asked = [slot for slot in definition.slots if group.rates(slot.subject)]
    cards = [
        _card(slot, number, choices, slot.index in wrong, typed.get(slot.index))
        for number, slot in enumerate(asked, 1)
    ]
    sections = [s for s in definition.sections if any(slot.section is s for slot in asked)]
    parts = tuple(
        Part(
            section,
            _heading(definition.scheme, section) if len(sections) > 1 else "",
            tuple(card for card in cards if card.slot.section is section),
        )
        for section in sections
    )
    mistakes = problem.texts() if problem else ()
    too_long = [comment.problem] if comment.problem else ()
    return Paper(definition, group, parts, (*mistakes, *too_long), comment)


def _card(slot: Slot, number: int, choices: bytes | None, wrong: bool, typed: str | None) -> Card:
    packed = NOT_ASKED if choices is None else choices[slot.index]
    choice = packed if packed < NOT_ASKED else None
    field = str(choice) if typed is None and choice is not None else typed or ""
    if not wrong:
        return Card(slot, number, choice, None, field)
    if typed is not None:
        problem = Text("这里填的不是 0 至 100 的整数。")
    elif choice is None:
        problem = Text("这一项还没有评价。")
    else:
        problem = Text("这个等次选得太多了。")
    return Card(slot, number, choice, problem, field)


@cache
def _heading(scheme: str, section: Section) -> str:
    """Return a section's heading; sections of two kinds may share their component's title."""
    try:
        kind = section.kind_title or load_scheme(scheme).kinds[section.kind].title
    except (BallotError, KeyError):  # the poll is older than this version's schemes
        return section.title
    return f"{kind}：{section.title}"
