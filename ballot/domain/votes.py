"""Votes: reading what a phone sent, packing it in ballot order, and parting it again at closing.

A vote is packed as one byte per slot (`Definition.slots`): the level's place on its scale or the
mark from 0 to 100, or `BLANK`, or `NOT_ASKED` where the voter's group does not rate the subject.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Final, NamedTuple

from ballot.domain.definition import (
    BLANK,
    NOT_ASKED,
    Blank,
    Definition,
    Group,
    Slot,
    WhollyBlank,
)
from ballot.errors import MistakesError
from ballot.language import N_, Text
from ballot.scoring import MARKS

__all__ = [
    "BLANK",
    "LONGEST_MARK",
    "NOT_ASKED",
    "ChoicesError",
    "MarksError",
    "Vote",
    "accept",
    "field_name",
    "part",
    "read_carefully",
    "read_choices",
]

_NOTHING_SAID: Final = bytes([BLANK, NOT_ASKED])


class Vote(NamedTuple):
    """What was said. `valid` is False for a wholly blank vote where the poll's rule says so."""

    choices: bytes
    valid: bool = True


class ChoicesError(MistakesError):
    """What was sent is not a vote by this poll's rules; `slots` are the places to look at."""

    def __init__(self, mistakes: Sequence[Text], slots: frozenset[int]) -> None:
        super().__init__(mistakes)
        self.slots = slots


class MarksError(ChoicesError):
    """What was typed in some places is no mark: `typed`, by slot; `choices` are all others."""

    def __init__(self, choices: bytes, typed: Mapping[int, str]) -> None:
        text = Text("有 %(count)s 项分数不对：请填 0 至 100 的整数。", count=len(typed))
        super().__init__([text], frozenset(typed))
        self.choices = choices
        self.typed = typed


def field_name(slot: Slot) -> str:
    """Return the form field of a slot: `c0`, `c1`, …"""
    return slot.field


def read_choices(definition: Definition, group: Group, fields: Mapping[str, str]) -> bytes:
    """Return the packed choices that a form holds; a missing or empty field is blank.

    Marks are typed by people: full-width digits, spaces and 分 are forgiven.
    Raises: ChoicesError for a value that is no level of the slot's scale or an answer about a
        subject that this group does not rate; MarksError for what was typed and is no mark.
    """
    get = fields.get
    try:
        return bytes([told[get(field, "")] for field, told in definition.plain_answers[group.key]])
    except KeyError:  # one of them is not written plainly, or wrong
        return read_carefully(definition, group, fields)


def read_carefully(definition: Definition, group: Group, fields: Mapping[str, str]) -> bytes:
    """Return what `read_choices` does, whatever was typed."""
    choices = bytearray()
    wrong: dict[int, str] = {}
    for index, most in enumerate(definition.answers_asked[group.key]):
        typed = fields.get(f"c{index}", "")
        choice = _mark(typed) if most == MARKS.answers else _ANSWERS.get(typed, most)
        if choice is None:
            wrong[index] = "".join(filter(str.isprintable, typed[:LONGEST_MARK]))
            choice = BLANK
        elif choice == BLANK:
            choice = BLANK if most else NOT_ASKED
        elif choice >= most:
            raise ChoicesError([Text(_IMPOSSIBLE)], frozenset({index}))
        choices.append(choice)
    if wrong:
        raise MarksError(bytes(choices), wrong)
    return bytes(choices)


def _mark(typed: str) -> int | None:
    """Return the mark that was typed, `BLANK` for nothing, None for what is no mark."""
    if len(typed) > LONGEST_MARK:
        return None
    plain = unicodedata.normalize("NFKC", typed).strip().removesuffix("分").strip()
    if not plain:
        return BLANK
    if not _WHOLE.fullmatch(plain):
        return None
    mark = int(plain)
    return mark if mark <= MARKS.highest else None


LONGEST_MARK: Final = 12
"""In characters, as the field says in `maxlength`."""
_WHOLE: Final = re.compile(r"[0-9]{1,4}")
_ANSWERS: Final = {"": BLANK, **{str(level): level for level in range(10)}}
_IMPOSSIBLE = N_("收到的内容与测评表不符，请重新扫码填写。")


def accept(definition: Definition, choices: bytes) -> Vote:
    """Return the vote that choices make, checked against the poll's rules.

    Raises: ChoicesError if a required answer is missing or a limit is exceeded.
    """
    mistakes = [*_missing(definition, choices), *_beyond_limits(definition, choices)]
    if mistakes:
        slots = frozenset().union(*(slots for _, slots in mistakes))
        raise ChoicesError([text for text, _ in mistakes], slots)
    blank = not choices.strip(_NOTHING_SAID)
    return Vote(choices, valid=not (blank and definition.wholly_blank is WhollyBlank.INVALID))


def _missing(definition: Definition, choices: bytes) -> Iterator[tuple[Text, frozenset[int]]]:
    if definition.blank is not Blank.REQUIRED:
        return
    blanks = frozenset(index for index, choice in enumerate(choices) if choice == BLANK)
    if blanks:
        yield Text("还有 %(count)s 项没有评价，请补全后再提交。", count=len(blanks)), blanks


def _beyond_limits(definition: Definition, choices: bytes) -> Iterator[tuple[Text, frozenset[int]]]:
    for section, slots in definition.limited:
        for limit in section.limits:
            chosen = [
                slot.index
                for slot in slots
                if choices[slot.index] < NOT_ASKED
                and section.answer(choices[slot.index]) == limit.level
            ]
            if len(chosen) > limit.at_most:
                yield (
                    Text(
                        "“%(section)s”中“%(level)s”最多选 %(most)s 个，现在选了 %(count)s 个。",
                        section=section.title,
                        level=limit.level,
                        most=limit.at_most,
                        count=len(chosen),
                    ),
                    frozenset(chosen),
                )


def part(votes: Iterable[bytes], random: Random) -> list[bytes]:
    """Return as many packed rows with every column shuffled on its own.

    No returned row is anyone's vote, yet each column holds exactly the choices it held: counts
    stay, links between one voter's choices are gone. Practically linear in the number of choices.
    """
    rows = list(votes)
    if not rows:
        return []
    width = len(rows[0])
    packed = b"".join(rows)
    columns = []
    for place in range(width):
        columns.append(_shuffled(packed[place::width], random))
    return [bytes(row) for row in zip(*columns, strict=True)]


def _shuffled(column: bytes, random: Random) -> bytes:
    """Return the column in the order of random keys: 53 bits each, drawn all at once.

    A draw for each swap, as `random.shuffle` asks of the system's generator, takes two to three
    times as long. Of a million keys two are equal once in twenty thousand times; those two keep
    their order.
    """
    drawn = memoryview(random.randbytes(8 * len(column))).cast("Q")
    keys = iter([float(key >> 11) for key in drawn])  # exact; floats compare fastest
    return bytes(sorted(column, key=lambda _: next(keys)))
