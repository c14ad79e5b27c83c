"""Paper votes: what a teller reads off one paper, and the vote that it makes.

A paper is packed like a vote (`domain/votes.py`), with one more answer: `TWO_TICKS`, a row with
two marks, which says nothing (弃权) but is told apart until both tellers agree.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from ballot.domain.definition import Definition, Group, Slot
from ballot.domain.votes import (
    BLANK,
    LONGEST_MARK,
    NOT_ASKED,
    ChoicesError,
    Vote,
    accept,
    field_name,
)
from ballot.errors import MistakesError
from ballot.language import N_, Text
from ballot.scoring import MARKS
from ballot.scoring.figures import whole_number

TWO_TICKS: Final = 253
BLANK_KEY: Final = "-"
TWO_TICKS_KEY: Final = "x"
INVALID_FIELD: Final = "invalid"
_NOT_ASKED_KEY: Final = "."
_KEYS: Final = {BLANK: BLANK_KEY, TWO_TICKS: TWO_TICKS_KEY, NOT_ASKED: _NOT_ASKED_KEY}
_CHOICES: Final = {key: choice for choice, key in _KEYS.items()}
_INVALID: Final = "invalid"


class Mode(StrEnum):
    """How the tellers of a poll enter its papers: one after another, or counts for each row."""

    BALLOTS = "ballots"
    COUNTS = "counts"

    @property
    def text(self) -> Text:
        """Return the mode in words."""
        return Text(_MODES[self])


_MODES: Final = {Mode.BALLOTS: N_("逐张录入"), Mode.COUNTS: N_("按票数汇总录入")}


class EntryError(MistakesError):
    """What a teller typed cannot be what the papers say."""


class Spot(NamedTuple):
    """Where an entry belongs: a group's paper by its number from 1; 0 is the group's sheet."""

    group_index: int
    number: int


@dataclass(frozen=True)
class Paper:
    """One paper as a teller read it; an invalid one (整票无效) says nothing else."""

    choices: bytes
    invalid: bool = False


class Difference(NamedTuple):
    """A place where two entries differ, and the words that each teller entered there."""

    place: Text
    first: Text
    second: Text


def invalid_paper(definition: Definition, group: Group) -> Paper:
    """Return a paper that is invalid as a whole."""
    return Paper(_all_blank(definition, group), invalid=True)


def _all_blank(definition: Definition, group: Group) -> bytes:
    asked = definition.answers_asked[group.key]
    return bytes(BLANK if answers else NOT_ASKED for answers in asked)


def asked_of(definition: Definition, group: Group) -> list[Slot]:
    """Return the places on a group's paper, in its order."""
    return [slot for slot in definition.slots if group.rates(slot.subject)]


def read_paper(definition: Definition, group: Group, fields: Mapping[str, str]) -> Paper:
    """Return the paper that a teller's form tells: every row has to be entered, blank ones too.

    Raises: EntryError with a text per row that is missing or no answer, or where the paper breaks
        a rule of the poll: then it is invalid as a whole, and has to be entered so.
    """
    if fields.get(INVALID_FIELD):
        return invalid_paper(definition, group)
    choices = bytearray(_all_blank(definition, group))
    mistakes = []
    for number, slot in enumerate(asked_of(definition, group), 1):
        typed = fields.get(field_name(slot), "").strip()
        choice = _choice(slot, typed)
        if choice is None:
            mistakes.append(_unread(number, slot, typed))
        else:
            choices[slot.index] = choice
    if mistakes:
        raise EntryError(mistakes)
    paper = Paper(bytes(choices))
    vote_of(definition, paper)
    return paper


def _choice(slot: Slot, typed: str) -> int | None:
    key = unicodedata.normalize("NFKC", typed).casefold()
    if key in (BLANK_KEY, TWO_TICKS_KEY):
        return _CHOICES[key]
    number = whole_number(key) if len(key) <= LONGEST_MARK else None
    if number is None or number >= slot.section.rule.scale.answers:
        return None
    return number


def _unread(number: int, slot: Slot, typed: str) -> Text:
    if not typed:
        return Text(
            "第 %(number)s 行“%(subject)s”还没有录入；空白的请选“空白”。",
            number=number,
            subject=slot.subject.name,
        )
    if not slot.section.on_marks:
        return Text(
            "第 %(number)s 行“%(subject)s”：没有这个等次。",
            number=number,
            subject=slot.subject.name,
        )
    return Text(
        "第 %(number)s 行“%(subject)s”：应为 0 至 %(most)s 的整数，空白填 -，填了两个分数填 x。",
        number=number,
        subject=slot.subject.name,
        most=MARKS.highest,
    )


def vote_of(definition: Definition, paper: Paper) -> Vote:
    """Return the vote that a paper makes: a row with two ticks abstains, as a blank one does.

    What a phone would be asked to mend (a limit exceeded, a required answer missing) nobody can
    mend on paper: such a paper is invalid as a whole. Source: docs/operations.md, "Paper votes".

    Raises: EntryError for such a paper that was not entered as invalid.
    """
    choices = paper.choices.replace(bytes([TWO_TICKS]), bytes([BLANK]))
    if paper.invalid:
        return Vote(choices, valid=False)
    try:
        return accept(definition, choices)
    except ChoicesError as error:
        told = [
            Text("按规则这张票整票无效（%(why)s），请选“整票无效”。", why=text)
            for text in error.texts()
        ]
        raise EntryError(told) from error


def written(paper: Paper) -> str:
    """Return a paper as it is kept until both tellers agree."""
    if paper.invalid:
        return _INVALID
    return " ".join(_KEYS.get(choice, str(choice)) for choice in paper.choices)


def read_written(definition: Definition, group: Group, text: str) -> Paper:
    """Return what `written` wrote."""
    if text == _INVALID:
        return invalid_paper(definition, group)
    return Paper(bytes(_CHOICES[key] if key in _CHOICES else int(key) for key in text.split()))


def typed_of(definition: Definition, group: Group, paper: Paper) -> dict[str, str]:
    """Return the fields of a form that would tell this paper."""
    if paper.invalid:
        return {INVALID_FIELD: "yes"}
    return {
        field_name(slot): _KEYS.get(choice, str(choice))
        for slot in asked_of(definition, group)
        for choice in (paper.choices[slot.index],)
    }


def answer_text(slot: Slot, choice: int) -> Text:
    """Return what a row says, in words."""
    if choice in _WORDS:
        return Text(_WORDS[choice])
    return Text("%(answer)s", answer=slot.section.answer(choice))


_WORDS: Final = {BLANK: N_("空白"), TWO_TICKS: N_("两处打勾")}


def row_name(number: int, slot: Slot) -> Text:
    """Return what a row is called: its number on the paper, its subject, and its question."""
    if slot.question.text:
        return Text(
            "第 %(number)s 行“%(subject)s”（%(question)s）",
            number=number,
            subject=slot.subject.name,
            question=slot.question.text,
        )
    return Text("第 %(number)s 行“%(subject)s”", number=number, subject=slot.subject.name)


def paper_differences(
    definition: Definition, group: Group, first: Paper, second: Paper
) -> Iterator[Difference]:
    """Yield where two tellers read one paper differently."""
    if first.invalid != second.invalid:
        valid, invalid = Text("有效"), Text("整票无效")
        words = (invalid, valid) if first.invalid else (valid, invalid)
        yield Difference(Text("整张票"), *words)
        return
    for number, slot in enumerate(asked_of(definition, group), 1):
        mine, theirs = first.choices[slot.index], second.choices[slot.index]
        if mine != theirs:
            words = (answer_text(slot, mine), answer_text(slot, theirs))
            yield Difference(row_name(number, slot), *words)
