"""What a poll asks whom: sections, subjects, questions, voter groups and rules.

A `Definition` is everything that is frozen once the poll is open.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cache, cached_property
from typing import Final

from ballot.errors import RefusedError
from ballot.language import N_
from ballot.scoring import Base, MarksScale, Rule

REHEARSAL_MARK: Final = "【演练】"
"""Before the title of a rehearsal, so that it is read wherever a title is."""

BLANK: Final = 255
"""In a packed vote: nothing was said here."""
NOT_ASKED: Final = 254
"""In a packed vote: the voter's group does not rate this subject."""


class Mode(StrEnum):
    """How votes are stored; `sealed` (end to end) will be another."""

    PLAIN = "plain"


class Blank(StrEnum):
    """What leaving a question unanswered means."""

    ABSTAIN = "abstain"
    REQUIRED = "required"


class WhollyBlank(StrEnum):
    """What a vote without a single choice is: returned in any case."""

    ABSTAIN = "abstain"
    INVALID = "invalid"


@dataclass(frozen=True)
class Subject:
    """A unit as it stands in a section, with its duty."""

    unit: str
    name: str
    duty: str = ""


@dataclass(frozen=True)
class Question:
    """What is asked about each subject; the weight counts within the section's questions."""

    text: str = ""
    weight: Fraction = Fraction(1)


@dataclass(frozen=True)
class Limit:
    """At most so many subjects of the section may be given this level by one vote."""

    level: str
    at_most: int


@dataclass(frozen=True)
class Section:
    """The part of a ballot that belongs to one kind and component.

    `kind_title`: what the kind is called, where the scheme is a cycle's own and so stands in no
    program; "" where it is a preset.
    """

    kind: str
    component: str
    title: str
    subjects: tuple[Subject, ...]
    rule: Rule
    questions: tuple[Question, ...] = (Question(),)
    limits: tuple[Limit, ...] = ()
    kind_title: str = ""

    @property
    def on_marks(self) -> bool:
        """Tell whether voters give marks from 0 to 100 instead of levels."""
        return isinstance(self.rule.scale, MarksScale)

    def answer(self, choice: int) -> str:
        """Return the word of an answer: a level by its place on the scale, or a mark."""
        scale = self.rule.scale
        return str(choice) if isinstance(scale, MarksScale) else scale.levels[choice].label


@dataclass(frozen=True)
class Group:
    """A voter group: its number of ballots, weight, and the subjects it does not rate."""

    key: str
    name: str
    ballots: int
    weight: Fraction | None = None
    eligible: int | None = None
    excludes: frozenset[str] = frozenset()

    def rates(self, subject: Subject) -> bool:
        """Tell whether this group is asked about a subject (回避 if not)."""
        return not self.excludes & {subject.unit, subject.name}


@dataclass(frozen=True)
class Quorum:
    """A fraction of a base that must have voted; `more` means strictly more than it."""

    fraction: Fraction
    more: bool
    of: Base


@dataclass(frozen=True)
class Slot:
    """One place on the ballot: a question about a subject. `index` is its order on paper."""

    index: int
    section: Section
    subject: Subject
    question: Question

    @property
    def field(self) -> str:
        """Return the name of its form field: `c0`, `c1`, …"""
        return f"c{self.index}"


Place = tuple[str, str, str]
"""A kind, one of its components or items, and a unit: what one poll may decide."""


@dataclass(frozen=True)
class Definition:
    """All that is frozen once a poll is open.

    `rehearsal`: nothing of the poll ever counts. It stands here, under the rules hash, so that
    every page that is made from a definition can say so, and no later step can forget it.
    """

    title: str
    scheme: str
    sections: tuple[Section, ...]
    groups: tuple[Group, ...]
    blank: Blank = Blank.ABSTAIN
    wholly_blank: WhollyBlank = WhollyBlank.ABSTAIN
    quorum: Quorum | None = None
    comments: bool = False
    instructions: str = ""
    mode: Mode = Mode.PLAIN
    rehearsal: bool = False

    @cached_property
    def places(self) -> frozenset[Place]:
        """Return what the poll decides: kind, component and unit of each of its subjects."""
        return frozenset(
            (section.kind, section.component, subject.unit)
            for section in self.sections
            for subject in section.subjects
        )

    def unlisted(
        self, known: Mapping[str, Collection[str]]
    ) -> Iterator[tuple[Section, Sequence[str]]]:
        """Yield each section with subjects that are no units of its kind, and their units' names.

        `known`: names of units by kind, of every kind.
        """
        for section in self.sections:
            strange = [
                each.unit for each in section.subjects if each.unit not in known[section.kind]
            ]
            if strange:
                yield section, strange

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Return every place on the ballot in paper order: section, subject, question."""
        places = (
            (section, subject, question)
            for section in self.sections
            for subject in section.subjects
            for question in section.questions
        )
        return tuple(Slot(index, *place) for index, place in enumerate(places))

    @cached_property
    def limited(self) -> tuple[tuple[Section, tuple[Slot, ...]], ...]:
        """Return each section that limits how often a level is chosen, with its slots."""
        return tuple(
            (section, tuple(slot for slot in self.slots if slot.section is section))
            for section in self.sections
            if section.limits
        )

    @cached_property
    def answers_asked(self) -> Mapping[str, tuple[int, ...]]:
        """Return for each group's key how many answers each slot has for it, 0 where not asked."""
        return {
            group.key: tuple(
                slot.section.rule.scale.answers if group.rates(slot.subject) else 0
                for slot in self.slots
            )
            for group in self.groups
        }

    def as_rehearsal(self) -> "Definition":
        """Return the same rules for a rehearsal, whose title says that it is one."""
        return replace(self, title=f"{REHEARSAL_MARK}{self.title}", rehearsal=True)

    @cached_property
    def plain_answers(self) -> Mapping[str, tuple[tuple[str, Mapping[str, int]], ...]]:
        """Return for each group's key every slot's field and what its plainest values mean.

        Those are the values that a page's own fields send; people type marks in other ways too.
        """
        return {
            key: tuple(
                (slot.field, _plainly(most)) for slot, most in zip(self.slots, asked, strict=True)
            )
            for key, asked in self.answers_asked.items()
        }

    @cached_property
    def weighted(self) -> bool:
        """Tell whether groups are converted apart; only then is the group stored with a vote."""
        return any(group.weight is not None for group in self.groups)

    @property
    def weights(self) -> Mapping[str, Fraction]:
        """Return the groups' weights, or nothing if the groups are pooled."""
        return {group.key: group.weight for group in self.groups if group.weight is not None}

    def group(self, key: str) -> Group:
        """Return a voter group by its key.

        Raises: UnknownGroupError.
        """
        for group in self.groups:
            if group.key == key:
                return group
        raise UnknownGroupError(key=key, known="、".join(group.key for group in self.groups))


@cache
def _plainly(answers: int) -> Mapping[str, int]:
    """Return what a field of so many answers means, by its value; of none, it is not asked."""
    return {"": BLANK if answers else NOT_ASKED, **{str(each): each for each in range(answers)}}


class UnknownGroupError(RefusedError):
    """No voter group of that key."""

    message = N_("没有参评人员类别“%(key)s”。已有：%(known)s。")
