"""The archive of a closed poll: one text from which anyone can count again. Form: docs/archive.md.

A line is one JSON object with one key, the kind of record. What people decided and what voters
said is read from a file; everything that follows from it is made anew here and compared.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from ballot.domain import definition_json
from ballot.domain.account import Account
from ballot.domain.canonical import canonical
from ballot.domain.definition import Definition
from ballot.domain.events import START, Event
from ballot.domain.polls import Phase, PollId
from ballot.domain.results import RecordedDiscretion, SectionResult, results
from ballot.domain.symbols import choices, symbols, widths
from ballot.domain.tallies import StoredVote, Tally, tally
from ballot.errors import BallotError, MistakesError
from ballot.language import N_, Text

FORM: Final = 1
_ONCE: Final = ("archive", "rules", "account")
_READ: Final = frozenset({*_ONCE, "discretion", "vote", "receipt", "event"})
_MADE: Final = frozenset({"rules_hash", "tally", "result", "log_head", "sha256"})
_WORDS: Final = {
    "archive": N_("抬头"),
    "rules": N_("规则"),
    "rules_hash": N_("规则校验值"),
    "account": N_("票账"),
    "discretion": N_("酌情分"),
    "tally": N_("计票结果"),
    "result": N_("结果"),
    "vote": N_("投票"),
    "receipt": N_("回执"),
    "event": N_("事件日志"),
    "log_head": N_("日志校验值"),
    "sha256": N_("归档校验值"),
}


class ArchiveError(BallotError):
    """A file is no archive, or does not fit together; the sentence names the first place."""

    message = N_("归档不符：%(problem)s")


@dataclass(frozen=True)
class Archive:
    """What an archive rests on; tally, results and hashes follow from it.

    `votes`: every column of choices shuffled apart, so that no row is anyone's ballot.
    `events`: the log from its start to the last entry about this poll.
    `smallest_group`: the k under which the derivations were written.
    """

    poll_id: PollId
    phase: Phase
    smallest_group: int
    definition: Definition
    account: Account
    discretions: tuple[RecordedDiscretion, ...]
    votes: tuple[StoredVote, ...]
    receipts: tuple[str, ...]
    events: tuple[Event, ...]

    @cached_property
    def tally(self) -> Tally:
        """Count the votes."""
        return tally(self.definition, self.votes)

    @cached_property
    def results(self) -> tuple[SectionResult, ...]:
        """Convert what was counted."""
        return results(
            self.definition, self.tally, self.account, self.discretions, self.smallest_group
        )


def text_of(archive: Archive) -> str:
    """Return the whole file: the same archive gives the same bytes everywhere.

    Raises: BallotError where the account or a recorded value does not fit the votes.
    """
    body = "".join(f"{canonical({kind: value})}\n" for kind, value in _records(archive))
    digest = hashlib.sha256(body.encode("utf-8")).hexdigest()
    return f"{body}{canonical({'sha256': digest})}\n"


def _records(archive: Archive) -> Iterator[tuple[str, Any]]:
    yield "archive", _heading(archive)
    yield "rules", definition_json.to_json(archive.definition)
    yield "rules_hash", definition_json.rules_hash(archive.definition)
    yield "account", archive.account.to_json()
    for recorded in archive.discretions:
        yield "discretion", asdict(recorded)
    yield "tally", archive.tally.to_json()
    for place, section in enumerate(archive.results):
        for row in section.rows():
            yield "result", {"section": place, **row}
    width = widths(archive.definition)
    for vote in sorted(archive.votes):
        yield "vote", [vote.group, vote.valid, symbols(vote.choices, width)]
    for receipt in archive.receipts:
        yield "receipt", receipt
    for event in archive.events:
        yield "event", {**asdict(event), "at": event.at.isoformat(timespec="microseconds")}
    yield "log_head", archive.events[-1].hash if archive.events else START


def _heading(archive: Archive) -> dict[str, Any]:
    return {
        "form": FORM,
        "poll": archive.poll_id,
        "phase": archive.phase.value,
        "smallest_group": archive.smallest_group,
        "parted": True,  # sealed mode, or a rule that needs whole votes, will say otherwise
    }


def read(data: bytes) -> Archive:
    """Return what a file rests on. Whether the rest follows is for `compare` to say.

    Raises: ArchiveError.
    """
    found: dict[str, list[Any]] = {kind: [] for kind in _READ}
    for number, line in enumerate(_lines(data), 1):
        kind, value = _record(number, line)
        if kind == "vote":
            found[kind].append((number, value))  # what its symbols mean, the rules say
        elif kind in _READ:
            try:
                found[kind].append(_READERS[kind](value))
            except _NOT_A_RECORD as error:
                raise _unfit(number, kind) from error
    for kind in _ONCE:
        if len(found[kind]) != 1:
            raise ArchiveError(problem=Text("应有且只有一行“%(kind)s”", kind=Text(_WORDS[kind])))
    poll_id, phase, smallest_group = found["archive"][0]
    return Archive(
        poll_id=poll_id,
        phase=phase,
        smallest_group=smallest_group,
        definition=found["rules"][0],
        account=found["account"][0],
        discretions=tuple(found["discretion"]),
        votes=_votes(found["vote"], found["rules"][0]),
        receipts=tuple(found["receipt"]),
        events=tuple(found["event"]),
    )


def compare(archive: Archive, data: bytes) -> None:
    """Make a file anew from what it rests on and compare every byte.

    Raises: ArchiveError naming the first line that does not follow from the others.
    """
    try:
        made = text_of(archive).encode("utf-8")
    except (BallotError, *_NOT_A_RECORD) as error:
        problem = error.texts()[0] if isinstance(error, BallotError) else Text("结果算不出来")
        raise ArchiveError(problem=problem) from error
    if made == data:
        return
    ours, theirs = made.split(b"\n"), data.split(b"\n")
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=False), 1):
        if mine != other:
            kind = _kind_of(mine) or _kind_of(other)
            raise _unfit(number, kind) if kind else _strange(number)
    raise _strange(min(len(ours), len(theirs)) + 1)


def _lines(data: bytes) -> Sequence[str]:
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise ArchiveError(problem=Text("文件不是 UTF-8 文本")) from error
    if lines[-1] != "":
        raise ArchiveError(problem=Text("文件的结尾缺失"))
    return lines[:-1]


def _record(number: int, line: str) -> tuple[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _strange(number) from error
    if not isinstance(value, dict) or len(value) != 1:
        raise _strange(number)
    ((kind, content),) = value.items()
    if kind not in _READ | _MADE:
        raise _strange(number)
    return kind, content


def _kind_of(line: bytes) -> str | None:
    return next((kind for kind in _WORDS if line.startswith(b'{"%s":' % kind.encode())), None)


def _strange(number: int) -> ArchiveError:
    return ArchiveError(problem=Text("第 %(number)s 行不是归档的内容", number=number))


def _unfit(number: int, kind: str) -> ArchiveError:
    words = Text(_WORDS[kind])
    return ArchiveError(
        problem=Text("第 %(number)s 行（%(kind)s）与其余内容不符", number=number, kind=words)
    )


def _read_heading(value: Any) -> tuple[PollId, Phase, int]:
    if value["form"] != FORM:
        raise ValueError(value["form"])
    return PollId(_whole(value["poll"])), Phase(value["phase"]), _whole(value["smallest_group"])


def _votes(lines: Sequence[tuple[int, Any]], definition: Definition) -> tuple[StoredVote, ...]:
    width = widths(definition)
    read = []
    for number, value in lines:
        try:
            read.append(_read_vote(value, width))
        except _NOT_A_RECORD as error:
            raise _unfit(number, "vote") from error
    return tuple(read)


def _read_vote(value: Any, width: list[int]) -> StoredVote:
    group, valid, text = value
    if not (isinstance(group, str) and isinstance(valid, bool) and isinstance(text, str)):
        raise TypeError(value)
    return StoredVote(group, valid, choices(text, width))


def _read_receipt(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _read_event(value: Any) -> Event:
    at = datetime.fromisoformat(value["at"])
    if at.tzinfo is None or not isinstance(value["details"], dict):
        raise TypeError(value)
    return Event(**{**value, "at": at})


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(value)
    return value


_READERS: Final = {
    "archive": _read_heading,
    "rules": definition_json.from_json,
    "account": Account.from_json,
    "discretion": lambda value: RecordedDiscretion(**value),
    "receipt": _read_receipt,
    "event": _read_event,
}
_NOT_A_RECORD: Final = (
    BallotError,
    MistakesError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    ArithmeticError,
    RecursionError,
)


def events_about(archive: Archive) -> Iterable[Event]:
    """Return the log's entries about the archive's own poll."""
    return [event for event in archive.events if event.details.get("poll") == archive.poll_id]
